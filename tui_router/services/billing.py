"""The charges of one turn: a row in the ledger for each request that leaves, settled by the best figures there are.

A charge is opened before its request leaves, so that a crash at any later moment leaves a row behind.
How it is settled, best first: the cost that the server reported; what the service has on record (asked
for later, see ``cost_lookups``); an estimate from the tokens that the server counted, or else from the words.
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
from tui_router.domain.tokens import estimate_tokens
from tui_router.domain.usage import Pricing, Usage, cost_of
from tui_router.services.rate_limiter import Stoppable
from tui_router.services.reservation import Reservation, may_be_charged, not_again, unreserved, unwritable, was_refused

_log = logging.getLogger(__name__)

FIRST_LOOK = timedelta(seconds=0.5)
"""The record of a generation is written a moment after the answer ended."""


class ChargeStore(Protocol):
    """The ledger on disk. Every call raises ``Trouble`` when the disk refuses."""

    def open(self, charge: Charge, caps: Sequence[Cap] = ()) -> Shortfall | None:
        """Write a charge, or return the cap that it would break."""
        ...

    def note_generation(self, charge_id: str, generation_id: str) -> None:
        """Keep the id under which the service can be asked."""
        ...

    def settle(self, charge_id: str, settlement: Settlement) -> None:
        """Write down what a charge cost."""
        ...


class Allowance(Protocol):
    """A limit on what one run may cost, over all its requests and their attempts."""

    def reserve(self, name: str, most: Decimal, *, instead_of: str = "") -> bool:
        """Reserve the most that an attempt may cost; ``False`` when too little is left."""
        ...

    def settle(self, name: str, cost: Decimal, doubt: Decimal = Decimal(0), *, is_guess: bool = False) -> None:
        """Take out what an attempt did cost; ``doubt`` stays reserved."""
        ...

    def release(self, name: str) -> None:
        """Give back what was reserved for an attempt that did not leave."""
        ...

    def refusal(self, most: Decimal) -> Problem:
        """Say why so much cannot be reserved."""
        ...


class WriteQueue(Protocol):
    """The queue of writes: in order, on a thread of its own."""

    @property
    def problem(self) -> Problem | None:
        """Why the disk refuses; ``None`` while it does not."""
        ...

    def put(self, write: Callable[[], object]) -> None:
        """Write soon; returns at once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingContext:
    """What the bills of all turns share."""

    store: ChargeStore
    writes: WriteQueue
    caps: Callable[[str | None], Sequence[Cap]]
    """The limits in force for a conversation (its id)."""
    explain: Callable[[Shortfall, Decimal], Problem]
    """Words for a cap that would be broken by so many dollars."""
    find: Callable[[str], Model | None]
    """The catalogue row of an id."""
    fingerprint: Callable[[], str]
    """Which key pays."""
    look_up: Callable[[OpenCharge], None]
    """Asks later what a charge cost."""
    spare: Callable[[Charge, Settlement | None], bool]
    """Keeps a charge, or what became of it, where the store does not take it; ``False`` when that fails too."""
    now: Callable[[], datetime]


class Bill:
    """Opens, follows and settles the charges of one turn. Used from the thread that runs the turn."""

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
        """Attempts whose rows stay open, and so reserved, until the turn has ended."""
        self._usage: Usage | None = None
        self._generation_id = self._served_model = self._provider = ""
        self._has_begun = False

    @property
    def is_open(self) -> bool:
        """True while a request is out whose cost is not known."""
        return self._charge is not None

    @property
    def most(self) -> Decimal:
        """Dollars that are reserved for each attempt."""
        return self._template.reserved

    def pay_from(self, run_budget: Allowance, place: str) -> None:
        """Take what every attempt may cost out of a purse; the first has its reservation under ``place`` there."""
        self._run_budget, self._place = run_budget, place

    def open(self, attempt: int, cancel: Stoppable) -> Problem | None:
        """Write down that a request is about to leave; returns why it must not.

        Waits for the disk. Without caps only for a moment: then the row goes into the spare file, and follows when
        the disk lets it.
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
        """The request did not leave after all."""
        charge, self._charge = self._charge, None
        if charge is not None:
            self._end_turn("void")
            void = Settlement(state=ChargeState.VOID)
            self._context.writes.put(lambda: self._context.store.settle(charge.id, void))

    def began(self, generation_id: str, model: str, provider: str) -> None:
        """The server took the request: from now on it can be asked what it cost."""
        self._has_begun = True
        if self._charge is not None and generation_id and generation_id != self._generation_id:
            identity = self._charge.id
            self._context.writes.put(lambda: self._context.store.note_generation(identity, generation_id))
        self._generation_id = generation_id or self._generation_id
        self._served_model = model or self._served_model
        self._provider = provider or self._provider

    def used(self, usage: Usage) -> Usage:
        """Take what the server reported; returns it with a cost where one can be computed.

        A cost that cannot be true counts as not reported, and a later report without one wipes nothing.
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
        """Settle the request that is out; returns what is known of its tokens and cost.

        Args:
            ending: An ``EndingKind``, or ``RETRIED``.
            words: What came, thinking included; counted where nobody said how many tokens it was.
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
        """Write down what became of a request.

        An attempt that failed on the far side of the wire may have been charged all the same. With an id it is
        looked up, and budgets count its reservation until the record has told. Without one nobody will ever know:
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
        """Nothing more is asked: void what was held back, and give back what no request has used."""
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
    """Return the prices in force for a request of this size, as JSON: dollars per unit."""
    applied = pricing.at(usage.prompt_tokens)
    found = {f.name: getattr(applied, f.name) for f in fields(applied) if f.name not in ("varies", "steps")}
    return json.dumps({name: format(value, "f") for name, value in found.items() if value is not None})
