"""What is checked before anything is sent, in one place: key, model, abilities, fit, cost and limits.

Chat, comparison, shell, batch, summaries, titles and merges all come through ``prepare``; a plan that
is ready is begun, and its turns run through the one turn runner. What could change between the check
and the request (another window spends the rest of a budget) is checked again there, in the store.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.request import ChatRequest
from tui_router.services.account import Account
from tui_router.services.answer_cache import CacheScope
from tui_router.services.catalog import Catalog
from tui_router.services.context_window import fit
from tui_router.services.estimates import Estimate, Estimates
from tui_router.services.ledger import Ledger
from tui_router.services.turn import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """All is well: ``plan.begin()`` makes the turns."""

    plan: Plan
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsConsent:
    """It may cost so much that the person is asked first; a yes makes it ready."""

    plan: Plan
    estimate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It must not be sent like this. The kind of the problem says what may be done about it."""

    problem: Problem
    request: ChatRequest | None = None
    """Which of the requests is to blame, where it is one."""
    needs_prices: bool = False
    """True when nothing else is wrong than old prices: ``fetch_prices`` mends that."""


Prepared = Ready | NeedsConsent | Refused

PRICES_HOLD = timedelta(days=1)
"""Older prices are fetched again before a limit on cost is held against them."""


class Submission:
    """The checks. ``prepare`` asks nobody and writes nothing; safe from any thread."""

    def __init__(
        self, *, account: Account, catalog: Catalog, estimates: Estimates, ledger: Ledger, connect: Callable[[], object]
    ) -> None:
        """Take the services; ``connect`` raises ``Trouble`` where the address in force cannot be used."""
        self._account = account
        self._catalog = catalog
        self._estimates = estimates
        self._ledger = ledger
        self._connect = connect

    def prepare(self, plan: Plan, *, max_cost: Decimal | None = None) -> Prepared:
        """Check a plan. Never raises.

        Args:
            plan: What is to be asked.
            max_cost: Dollars that all of it may cost at most.
        """
        requests = plan.to_send
        if plan.requests and not requests:
            return Ready(plan=plan, estimate=self._estimates.of(()))
        try:
            self._account.need()
            self._connect()
        except Trouble as trouble:
            return Refused(problem=trouble.problem)
        for request in requests:
            if (problem := self._unfit(request)) is not None:
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
        """Have prices of today where a limit on cost is to be held against them; raises ``Trouble`` without them.

        Blocking: waits for a list that is on its way already, else asks for one.
        """
        guard = self._lacks_prices(plan, max_cost)
        if not guard:
            return
        try:
            self._catalog.refresh(unless_fresh=True)
        except Trouble as trouble:
            cause = trouble.problem
            raise Trouble(_old_prices(guard, f"{cause.title}: {cause.detail}")) from trouble
        if self._lacks_prices(plan, max_cost):
            raise Trouble(_old_prices(guard, "The list that came is empty"))

    def bound(self, plan: Plan) -> Decimal | None:
        """Return dollars that a plan cannot cost more than; ``None`` when nobody knows."""
        return self._estimates.bound(plan.to_send)

    def estimate(self, plan: Plan) -> Estimate:
        """Return what a plan may cost."""
        return self._estimates.of(plan.to_send)

    def _lacks_prices(self, plan: Plan, max_cost: Decimal | None) -> str:
        """Return the limit that old prices cannot keep, as it is called; what was free yesterday may cost today."""
        if all(request.asks_free_model for request in plan.to_send) or self._catalog.has_prices_of(PRICES_HOLD):
            return ""
        return self._ledger.guard(plan.conversation_id, max_cost)

    def _unfit(self, request: ChatRequest) -> Problem | None:
        if not request.model:
            return Problem(
                kind=Kind.UNKNOWN_MODEL, title="No model chosen", hint="Press Ctrl+L to choose one, or name one with -m"
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
        kind=Kind.BUDGET,
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
    """Puts questions and answers into the tree and returns the turns to run. Call it once, when it is ready."""
    conversation_id: str | None = None
    """Whose budget it counts for; ``None`` for what belongs to no saved conversation."""
    reuse: CacheScope = field(default_factory=CacheScope)
    """Answers some of the requests from the store."""

    @property
    def to_send(self) -> tuple[ChatRequest, ...]:
        """The requests that nobody has answered before: the others cost nothing."""
        return tuple(r for r in self.requests if self.reuse.find(r) is None)
