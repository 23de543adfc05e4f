"""Looks up the cost of requests that ended without reporting it: cancelled, interrupted, or without usage.

The service writes a record of each generation a moment after it has ended. It is queried a few times, with
increasing delays; lookups that are pending at exit continue at the next start.
"""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from tui_router.domain.account import GenerationRecord
from tui_router.domain.charge import ChargeState, OpenCharge, Settlement, plausible
from tui_router.domain.problem import AppError
from tui_router.domain.usage import Usage

_log = logging.getLogger(__name__)

DELAYS = (1.0, 2.0, 4.0, 8.0, 30.0, 120.0, 600.0, 3600.0)
"""Seconds between failed lookups; after the last, the estimate becomes final."""
_SOON = 10.0
"""Seconds within which a lookup is worth waiting for."""
_AT_ONCE = 4
"""Concurrent lookups: after a crash there may be hundreds."""

Found = Callable[[str, Usage], None]
"""Receives the message id and usage of a found cost, on a lookup thread."""


class OpenCharges(Protocol):
    """The part of the ledger on disk that lookups need."""

    def settle(self, charge_id: str, settlement: Settlement) -> None:
        """Record the cost of a charge."""
        ...

    def missed(self, charge_id: str, again_at: datetime | None) -> None:
        """Count a failed lookup."""
        ...

    def fallen(self) -> tuple[OpenCharge, ...]:
        """Return the open charges of instances that ended without settling them."""
        ...

    def pending(self) -> tuple[OpenCharge, ...]:
        """Return the estimated charges that the service may have a record of."""
        ...


@dataclass(order=True, slots=True)
class _Appointment:
    at: datetime
    number: int
    charge: OpenCharge = field(compare=False)


class CostLookups:
    """Looks up costs in the background. Thread-safe; its threads end when there is no work.

    Args:
        ledger: The ledger on disk.
        put: Queues a write to the store.
        find: Fetches a generation record; ``None`` while there is none. Raises ``AppError``.
        estimate: Estimates the usage of a charge without any report.
        fingerprint: The active key: only its own generations can be looked up.
        found: Receives found costs.
        booked: Receives charge id and cost in dollars, also for charges without a message.
        now: The clock, UTC.
    """

    def __init__(
        self,
        *,
        ledger: OpenCharges,
        put: Callable[[Callable[[], object]], None],
        find: Callable[[str], GenerationRecord | None],
        estimate: Callable[[OpenCharge], Usage],
        fingerprint: Callable[[], str],
        found: Found,
        booked: Callable[[str, Decimal], None] = lambda charge_id, cost: None,
        now: Callable[[], datetime],
        delays: Sequence[float] = DELAYS,
    ) -> None:
        self._ledger = ledger
        self._put = put
        self._find = find
        self._estimate = estimate
        self._fingerprint = fingerprint
        self._found = found
        self._booked = booked
        self._now = now
        self._delays = tuple(delays)
        self._changed = threading.Condition()
        self._queue: list[_Appointment] = []
        self._known: set[str] = set()
        self._count = self._busy = self._workers = 0
        self._is_closed = False

    def watch(self, charge: OpenCharge, after: float = 0.5) -> None:
        """Schedule a lookup after some seconds."""
        with self._changed:
            if self._is_closed or charge.id in self._known:
                return
            self._known.add(charge.id)
            self._schedule(charge, after)

    def adopt(self) -> None:
        """Adopt open charges and pending lookups of earlier runs, including crashed ones."""
        try:
            fallen, pending = self._ledger.fallen(), self._ledger.pending()
        except AppError as trouble:
            _log.warning("the ledger could not be read: %s", trouble)
            return
        mine = {"", self._fingerprint()}
        for charge in fallen:
            usage = replace(self._estimate(charge), is_estimate=True)
            on_record = charge.generation_id.startswith("gen-")
            settlement = Settlement(
                state=ChargeState.ESTIMATED,
                usage=usage,
                ending="interrupted",
                look_up_at=self._now() if on_record else None,
                is_counted=False,
            )
            self._put(lambda i=charge.id, s=settlement: self._ledger.settle(i, s))  # type: ignore[misc]
            if on_record and charge.key in mine:
                self.watch(replace(charge, usage=usage), after=0)
        for charge in pending:
            if charge.key in mine:
                self.watch(charge, after=0)

    @property
    def is_idle(self) -> bool:
        """True if no lookup is running and none is due within seconds."""
        with self._changed:
            soon = self._now() + timedelta(seconds=_SOON)
            return not self._busy and not (self._queue and self._queue[0].at <= soon)

    def wait(self, patience: float) -> bool:
        """Wait until no lookups are left; ``False`` if some remain after ``patience`` seconds."""
        deadline = self._now() + timedelta(seconds=patience)
        with self._changed:
            while self._busy or self._queue:
                is_later = not self._busy and self._queue[0].at > deadline
                if is_later or self._now() >= deadline:
                    return False
                self._changed.wait(0.05)
        return True

    def close(self) -> None:
        """Stop lookups; pending ones continue at the next start."""
        with self._changed:
            self._is_closed = True
            self._queue.clear()
            self._changed.notify_all()

    def _schedule(self, charge: OpenCharge, after: float) -> None:
        self._count += 1
        heapq.heappush(self._queue, _Appointment(self._now() + timedelta(seconds=after), self._count, charge))
        if self._workers < min(_AT_ONCE, len(self._queue) + self._busy):
            self._workers += 1
            threading.Thread(target=self._work, name="settling", daemon=True).start()
        self._changed.notify_all()

    def _work(self) -> None:
        while (charge := self._next()) is not None:
            try:
                self._look_up(charge)
            finally:
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()

    def _next(self) -> OpenCharge | None:
        with self._changed:
            while self._queue and not self._is_closed:
                wait = (self._queue[0].at - self._now()).total_seconds()
                if wait <= 0:
                    self._busy += 1
                    return heapq.heappop(self._queue).charge
                self._changed.wait(min(wait, 60.0))
            self._workers -= 1
            return None

    def _look_up(self, charge: OpenCharge) -> None:
        try:
            record = self._find(charge.generation_id)
        except AppError as trouble:
            _log.info("the cost of %s could not be asked for: %s", charge.generation_id, trouble)
            record = None
        cost = record.cost if record is not None else None
        usage = _usage_of(record, charge.usage, cost) if record is not None else None
        if record is None or usage is None or not plausible(usage):
            self._again(charge)
            return
        settlement = Settlement(state=ChargeState.SETTLED, usage=usage, provider=record.provider)
        self._put(lambda: self._ledger.settle(charge.id, settlement))
        _log.debug("charge %s settled by look-up: $%s", charge.id, usage.cost)
        self._booked(charge.id, usage.cost or Decimal(0))
        if charge.message_id:
            self._found(charge.message_id, usage)

    def _again(self, charge: OpenCharge) -> None:
        missed = charge.look_ups
        delay = self._delays[missed] if missed < len(self._delays) else None
        at = None if delay is None else self._now() + timedelta(seconds=delay)
        self._put(lambda: self._ledger.missed(charge.id, at))
        if delay is None:
            return
        with self._changed:
            if not self._is_closed:
                self._schedule(replace(charge, look_ups=missed + 1), delay)


def _usage_of(record: GenerationRecord, known: Usage, cost: Decimal | None) -> Usage:
    return Usage(
        prompt_tokens=record.prompt_tokens or known.prompt_tokens,
        completion_tokens=record.completion_tokens,
        reasoning_tokens=record.reasoning_tokens,
        cached_tokens=record.cached_tokens,
        cost=cost,
    )
