"""Checks every plan before it is sent: key, model, abilities, context window, cost and limits.

Chat, comparison, shell, batch, summaries, titles and merges all call ``prepare``; a plan that
is ready is begun, and its turns run. What could change between the check
and the request (another instance uses up the budget) is checked again when the charge is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.request import ChatRequest
from tui_router.services.account import Account
from tui_router.services.answer_cache import CacheScope
from tui_router.services.catalog import Catalog
from tui_router.services.context_window import fit
from tui_router.services.estimates import Estimate, Estimates
from tui_router.services.free_requests import FreeRequests
from tui_router.services.ledger import Ledger
from tui_router.services.turn import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The plan may be sent: ``plan.begin()`` returns its turns."""

    plan: Plan
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsConsent:
    """The plan may cost so much that the user must confirm it first."""

    plan: Plan
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The plan must not be sent. The kind of the problem determines the remedies."""

    problem: Problem
    request: ChatRequest | None = None
    """The request that caused it, if it is a single one."""
    needs_prices: bool = False
    """True if only outdated prices are the problem: ``fetch_prices`` fixes that."""


Prepared = Ready | NeedsConsent | Refused

PRICES_HOLD = timedelta(days=1)
"""Older prices are refreshed before a cost limit is checked."""


class Submission:
    """The checks. ``prepare`` makes no request and writes nothing; thread-safe."""

    def __init__(
        self,
        *,
        account: Account,
        free: FreeRequests,
        catalog: Catalog,
        estimates: Estimates,
        ledger: Ledger,
        connect: Callable[[], object],
    ) -> None:
        """Take the services; ``connect`` raises ``AppError`` if the active address cannot be used."""
        self._account = account
        self._free = free
        self._catalog = catalog
        self._estimates = estimates
        self._ledger = ledger
        self._connect = connect

    def prepare(self, plan: Plan, *, max_cost: Decimal | None = None) -> Prepared:
        """Check a plan. Does not raise.

        Args:
            plan: The plan.
            max_cost: Cost limit of the whole plan, in dollars.
        """
        requests = plan.to_send
        if plan.requests and not requests:
            return Ready(plan=plan, estimate=self._estimates.of(()))
        try:
            key = self._account.need()
            self._connect()
        except AppError as trouble:
            return Refused(problem=trouble.problem)
        for request in requests:
            problem = self._unfit(request)
            if problem is None and request.asks_free_model:
                problem = self._free.refusal(key.secret, request.model)
            if problem is not None:
                return Refused(problem=problem, request=request)
        if guard := self._lacks_prices(plan, max_cost):
            problem = _old_prices(guard, "The list of models is older than a day")
            return Refused(problem=problem, needs_prices=True)
        estimate = self._estimates.of(requests)
        bound = self._estimates.bound(requests)
        refusal = self._ledger.refusal(
            estimate,
            bound,
            conversation_id=plan.conversation_id,
            max_cost=max_cost,
            worst=self._estimates.worst(requests),
        )
        if refusal is not None:
            return Refused(problem=refusal)
        if self._ledger.asks_first(estimate):
            return NeedsConsent(plan=plan, estimate=estimate)
        return Ready(plan=plan, estimate=estimate)

    def fetch_prices(self, plan: Plan, *, max_cost: Decimal | None = None) -> None:
        """Refresh outdated prices if a cost limit applies; raises ``AppError`` if that fails.

        Blocks: waits for a running refresh, or starts one.
        """
        guard = self._lacks_prices(plan, max_cost)
        if not guard:
            return
        try:
            self._catalog.refresh(unless_fresh=True)
        except AppError as trouble:
            cause = trouble.problem
            raise AppError(_old_prices(guard, f"{cause.title}: {cause.detail}")) from trouble
        if self._lacks_prices(plan, max_cost):
            raise AppError(_old_prices(guard, "The list that came is empty"))

    def bound(self, plan: Plan) -> Decimal | None:
        """Return an upper bound of a plan's cost in dollars; ``None`` if unknown."""
        return self._estimates.bound(plan.to_send)

    def estimate(self, plan: Plan) -> Estimate:
        """Return the cost estimate of a plan."""
        return self._estimates.of(plan.to_send)

    def _lacks_prices(self, plan: Plan, max_cost: Decimal | None) -> str:
        """Return the name of the limit that needs newer prices, or an empty string."""
        if all(request.asks_free_model for request in plan.to_send) or self._catalog.has_prices_of(PRICES_HOLD):
            return ""
        return self._ledger.guard(plan.conversation_id, max_cost)

    def _unfit(self, request: ChatRequest) -> Problem | None:
        if not request.model:
            return Problem(
                kind=ErrorKind.UNKNOWN_MODEL,
                title="No model chosen",
                hint="Press Ctrl+L to choose one, or name one with -m",
            )
        model = request.about or self._catalog.get(request.model)
        if model is None:
            return None
        limit = request.options.max_tokens or 0
        scale = self._estimates.scale(model.id)
        found = fit(request.messages, model, max_tokens=limit, system=request.system, scale=scale)
        return found.problem(model)


def _old_prices(guard: str, cause: str) -> Problem:
    return Problem(
        kind=ErrorKind.BUDGET,
        title="Today's prices could not be fetched",
        detail=f"{guard[:1].upper()}{guard[1:]} cannot be kept without them. {cause}",
        hint="Try again once the list of models can be fetched with /refresh",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Requests that belong together. Nothing is in the tree and nothing is written before ``begin``."""

    requests: tuple[ChatRequest, ...]
    """One a model, as they will be sent."""
    begin: Callable[[], list[Turn]]
    """Adds questions and answers to the tree and returns the turns to run. Call it once, when the plan is ready."""
    conversation_id: str | None = None
    """The conversation whose budget applies; ``None`` if it is not saved."""
    reuse: CacheScope = field(default_factory=CacheScope)
    """Answers some requests from the answer cache."""

    @property
    def to_send(self) -> tuple[ChatRequest, ...]:
        """The requests that are not in the answer cache; the others cost nothing."""
        return tuple(r for r in self.requests if self.reuse.find(r) is None)
