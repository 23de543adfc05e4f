"""Opens and settles the charges of one turn: one row in the ledger for each request that is sent.

A charge is opened before its request is sent, so a crash at any later moment leaves a row in the ledger.
Sources of its cost, best first: the cost that the server reported; the service's generation record (fetched
later, see ``cost_lookups``); an estimate from the tokens that the server counted, or from the received text.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from tui_router.domain.charge import RETRIED, Cap, Charge, ChargeState, OpenCharge, Settlement, Shortfall, plausible
from tui_router.domain.message import Timing, new_id
from tui_router.domain.model import Model
from tui_router.domain.problem import Problem
from tui_router.domain.token_estimate import estimate_tokens
from tui_router.domain.usage import Pricing, Usage, cost_of
from tui_router.services.rate_limiter import Stoppable
from tui_router.services.reservation import Reservation, may_be_charged, not_again, unreserved, unwritable, was_refused

_log = logging.getLogger(__name__)

FIRST_LOOK = timedelta(seconds=0.5)
"""The service writes the generation record a moment after the answer has ended."""


class ChargeStore(Protocol):
    """The ledger on disk. Every call raises ``AppError`` on a write failure."""

    def open(self, charge: Charge, caps: Sequence[Cap] = ()) -> Shortfall | None:
        """Write a charge, or return the budget cap that it would exceed."""
        ...

    def note_generation(self, charge_id: str, generation_id: str) -> None:
        """Save the generation id, with which the cost can be looked up."""
        ...

    def settle(self, charge_id: str, settlement: Settlement) -> None:
        """Record the cost of a charge."""
        ...


class Allowance(Protocol):
    """A limit on what one run may cost, over all its requests and their attempts."""

    def reserve(self, name: str, most: Decimal, *, instead_of: str = "") -> bool:
        """Reserve the maximum cost of an attempt; ``False`` if too little is left."""
        ...

    def settle(self, name: str, cost: Decimal, doubt: Decimal = Decimal(0), *, is_guess: bool = False) -> None:
        """Replace the reservation by the actual cost; ``doubt`` dollars stay reserved."""
        ...

    def release(self, name: str) -> None:
        """Release the reservation of an attempt that was not sent."""
        ...

    def refusal(self, most: Decimal) -> Problem:
        """Return why this amount cannot be reserved."""
        ...


class WriteQueue(Protocol):
    """Queue of disk writes, executed in order on a separate thread."""

    @property
    def problem(self) -> Problem | None:
        """Why writes fail at the moment; ``None`` if they succeed."""
        ...

    def put(self, write: Callable[[], object]) -> None:
        """Queue a write; does not block."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingContext:
    """Dependencies shared by the bills of all turns."""

    store: ChargeStore
    writes: WriteQueue
    caps: Callable[[str | None], Sequence[Cap]]
    """Returns the caps that apply to a conversation id."""
    explain: Callable[[Shortfall, Decimal], Problem]
    """Describes a cap that a request of so many dollars would exceed."""
    find: Callable[[str], Model | None]
    """Returns the catalogue entry of a model id."""
    fingerprint: Callable[[], str]
    """Returns the fingerprint of the key that pays."""
    look_up: Callable[[OpenCharge], None]
    """Schedules a lookup of a charge's cost."""
    spare: Callable[[Charge, Settlement | None], bool]
    """Saves a charge or its settlement elsewhere while the store fails; ``False`` if that fails too."""
    now: Callable[[], datetime]


class Bill:
    """Opens, updates and settles the charges of one turn. Use only on the thread that runs the turn."""

    def __init__(self, context: BillingContext, template: Charge) -> None:
        """Make the bill of a turn; ``template`` is the charge of each attempt, but for id, time, key and number."""
        self._context = context
        self._template = template
        self._run_budget: Allowance | None = None
        self._place = ""
        self._charge: Charge | None = None
        self._caps: tuple[Cap, ...] = ()
        self._reservation: Reservation | None = None
        self._failure: Problem | None = None
        self._held_back: list[tuple[str, Settlement]] = []
        """Attempts whose rows stay open, and thus reserved, until the turn has ended."""
        self._usage: Usage | None = None
        self._generation_id = self._served_model = self._provider = ""
        self._has_begun = False

    @property
    def is_open(self) -> bool:
        """True while a request is in flight."""
        return self._charge is not None

    @property
    def most(self) -> Decimal:
        """Dollars reserved for each attempt."""
        return self._template.reserved

    def charge_to(self, run_budget: Allowance, place: str) -> None:
        """Charge every attempt to a run budget, in which ``place`` names the reservation of the first one."""
        self._run_budget, self._place = run_budget, place

    def open(self, attempt: int, cancel: Stoppable) -> Problem | None:
        """Record that a request is about to be sent; returns why it must not be.

        Waits for the disk. Without caps it waits only briefly: then the row goes to the overflow file, and to the
        ledger when the disk recovers.
        """
        if self._charge is not None:
            self.close(RETRIED)
        charge = replace(
            self._template, id=new_id(), at=self._context.now(), attempt=attempt, key=self._context.fingerprint()
        )
        if self._run_budget is not None:
            if not self._run_budget.reserve(charge.id, charge.reserved, instead_of=self._place):
                return not_again(self._run_budget.refusal(charge.reserved), self._failure)
            self._place = charge.id
        caps = tuple(self._context.caps(charge.conversation_id)) if charge.reserved > 0 else ()
        reservation = Reservation(self._context.store, charge, caps)
        self._context.writes.put(reservation.write)
        is_written = reservation.wait(cancel, lambda: not caps and self._context.writes.problem is not None)
        if reservation.shortfall is not None:
            return not_again(self._context.explain(reservation.shortfall, charge.reserved), self._failure)
        if not is_written and (caps or cancel.is_set) and not reservation.give_up():
            return None if cancel.is_set else unreserved()
        if not is_written and not self._context.spare(charge, None) and charge.reserved > 0:
            reservation.give_up()
            return unwritable()
        self._reservation, self._caps = reservation, caps
        self._charge, self._usage, self._has_begun = charge, None, False
        self._generation_id = self._served_model = self._provider = ""
        _log.debug("charge %s opened: %s, at most $%s", charge.id, charge.model, charge.reserved)
        return None

    def void(self) -> None:
        """Void the charge: the request was not sent after all."""
        charge, self._charge = self._charge, None
        if charge is not None:
            self._end_turn("void")
            void = Settlement(state=ChargeState.VOID)
            self._context.writes.put(lambda: self._context.store.settle(charge.id, void))

    def began(self, generation_id: str, model: str, provider: str) -> None:
        """Record that the server accepted the request; from now on its cost can be looked up."""
        self._has_begun = True
        if self._charge is not None and generation_id and generation_id != self._generation_id:
            identity = self._charge.id
            self._context.writes.put(lambda: self._context.store.note_generation(identity, generation_id))
        self._generation_id = generation_id or self._generation_id
        self._served_model = model or self._served_model
        self._provider = provider or self._provider

    def used(self, usage: Usage) -> Usage:
        """Take the reported usage; returns it with a computed cost if none was reported and prices are known.

        An implausible cost counts as not reported. A later report without a cost does not replace an earlier cost.
        """
        if usage.cost is not None and not plausible(usage):
            _log.warning("a cost of %s was reported and is not believed", usage.cost)
            usage = replace(usage, cost=None)
        known = self._usage
        if known is not None and known.cost is not None and (usage.cost is None or usage.total_tokens == 0):
            usage = known
        self._usage = usage
        return self._priced(usage)

    def close(
        self, ending: str, *, words: str = "", timing: Timing | None = None, problem: Problem | None = None
    ) -> Usage | None:
        """Settle the request in flight; returns what is known about its tokens and cost.

        Args:
            ending: An ``EndingKind``, or ``RETRIED``.
            words: The received text, reasoning included; used to estimate tokens if none were reported.
            timing: How long it took.
            problem: Why it failed.
        """
        charge, self._charge = self._charge, None
        if charge is None:
            self._end_turn(ending)
            return None
        self._failure = problem or self._failure
        settlement = self._settlement(ending, words, problem)
        settlement = replace(settlement, timing=timing or Timing())
        self._book(charge, settlement, is_last=ending != RETRIED)
        cost = settlement.usage.cost if settlement.usage else None
        if self._run_budget is not None:
            doubt = Decimal(0) if settlement.is_counted else max(Decimal(0), charge.reserved - (cost or 0))
            is_guess = settlement.state is ChargeState.ESTIMATED and (doubt > 0 or bool(cost))
            self._run_budget.settle(charge.id, cost or Decimal(0), doubt, is_guess=is_guess)
        self._end_turn(ending)
        _log.debug(
            "charge %s %s: %s, %s", charge.id, settlement.state, "cost unknown" if cost is None else f"${cost}", ending
        )
        if settlement.look_up_at is not None:
            self._context.look_up(
                OpenCharge(
                    id=charge.id,
                    at=charge.at,
                    model=charge.model,
                    message_id=charge.message_id if ending != RETRIED else None,
                    generation_id=settlement.generation_id,
                    key=charge.key,
                    state=settlement.state,
                    look_ups=0,
                    usage=settlement.usage or Usage(),
                )
            )
        return settlement.usage

    def _book(self, charge: Charge, settlement: Settlement, *, is_last: bool) -> None:
        """Record the result of a request.

        An attempt that failed on the far side of the wire may have been charged all the same. With an id it is
        looked up, and budgets count its reservation until then. Without an id the cost can never be known:
        under a budget its row stays open, so that all attempts of a turn together stay below the budget, and is
        voided when the turn has ended. Counting it for the rest of the day would let an outage, which as a rule
        charges nothing, use up a budget.
        """
        is_unknown = settlement.state is ChargeState.VOID and not settlement.is_counted
        if is_unknown and settlement.look_up_at is None and self._caps and not is_last:
            self._held_back.append((charge.id, settlement))
            return
        self._context.writes.put(lambda: self._context.store.settle(charge.id, settlement))
        if self._reservation is not None and not self._reservation.is_written:
            self._context.spare(charge, settlement)

    def _end_turn(self, ending: str) -> None:
        """End the turn: void the charges that were held back, and release the unused reservation."""
        if ending == RETRIED:
            return
        for charge_id, settlement in self._held_back:
            self._context.writes.put(lambda i=charge_id, s=settlement: self._context.store.settle(i, s))  # type: ignore[misc]
        self._held_back.clear()
        if self._run_budget is not None:
            self._run_budget.release(self._place)

    def _settlement(self, ending: str, words: str, problem: Problem | None) -> Settlement:
        on_record = self._generation_id.startswith("gen-")
        look_up_at = self._context.now() + FIRST_LOOK if on_record else None
        priced = self._priced(self._usage) if self._usage is not None else None
        is_counted = self._usage is not None
        if priced is not None and priced.cost is not None and not priced.is_estimate:
            state, look_up_at = ChargeState.SETTLED, None
        elif not self._has_begun and problem is not None and was_refused(problem):
            state, priced = ChargeState.VOID, None
            if problem.request_id.startswith("gen-"):
                look_up_at = self._context.now() + FIRST_LOOK
            is_counted = not may_be_charged(problem)
        else:
            state = ChargeState.ESTIMATED
            priced = priced or self._priced(self._counted(words))
            if priced.cost == 0 and self._template.reserved == 0:
                state, look_up_at = ChargeState.SETTLED, None  # a free model: there is nothing to find out
        model = self._model()
        return Settlement(
            state=state,
            usage=priced,
            served_model=self._served_model,
            provider=self._provider,
            prices=_prices(model.pricing, priced) if model is not None and priced is not None else "",
            generation_id=self._generation_id or (problem.request_id if problem is not None and look_up_at else ""),
            ending=ending,
            look_up_at=look_up_at,
            is_counted=is_counted or state is ChargeState.SETTLED,
        )

    def _counted(self, words: str) -> Usage:
        return Usage(
            prompt_tokens=self._template.prompt_tokens,
            completion_tokens=estimate_tokens(words) if words else 0,
            is_estimate=True,
        )

    def _priced(self, usage: Usage) -> Usage:
        model = self._model()
        if usage.cost is not None or model is None:
            return usage
        cost = cost_of(usage, model.pricing, self._context.now().time())
        return usage if cost is None else replace(usage, cost=cost, is_estimate=True)

    def _model(self) -> Model | None:
        served = self._context.find(self._served_model) if self._served_model else None
        return served or self._context.find(self._template.model.id)


def _prices(pricing: Pricing, usage: Usage) -> str:
    """Return the prices for a prompt of this size as JSON, in dollars per unit."""
    applied = pricing.at(usage.prompt_tokens)
    found = {f.name: getattr(applied, f.name) for f in fields(applied) if f.name not in ("varies", "steps")}
    return json.dumps({name: format(value, "f") for name, value in found.items() if value is not None})
