"""The ledger: one row per paid request, written before the request is sent, kept when its conversation is deleted.

Budgets are checked and the reservation is written in one transaction, so that lanes, instances and
processes cannot spend the same dollar twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from tui_router.domain.charge import RETRIED, Cap, Charge, ChargeState, OpenCharge, Settlement, Shortfall
from tui_router.domain.library import Spend
from tui_router.domain.model import ModelRef
from tui_router.domain.usage import Usage
from tui_router.storage.database import Database
from tui_router.storage.json_columns import storable
from tui_router.storage.rows import as_count, as_seconds, as_text, from_micros, from_pico, to_micros, to_pico

_GROUPS = {
    "day": ("s.day", "s.day DESC"),
    "model": ("s.model", "2 DESC, 1"),
    "conversation": ("coalesce(c.title, s.conversation_id, '')", "2 DESC, 1"),
    "provider": ("s.provider", "2 DESC, 1"),
    "key": ("s.key", "2 DESC, 1"),
}
_COUNTED = "state IN ('settled', 'estimated')"
_HELD = (
    "CASE state WHEN 'open' THEN reserved WHEN 'estimated' THEN max(0, reserved - coalesce(cost, 0)) "
    "WHEN 'void' THEN CASE WHEN look_up_at IS NULL THEN 0 ELSE reserved END ELSE 0 END"
)
"""What caps count besides the cost: an unconfirmed charge may still cost as much as was reserved.

So may one that failed at the service's end, until its record was looked up: then it has a cost, or nothing to ask.
"""
_LONG_AGO = -(2**62)
_STATES = frozenset(s.value for s in ChargeState)


class Speed(NamedTuple):
    """Speed and cost of one answer, for medians and the leaderboard."""

    model: str
    first_token: float | None
    seconds: float | None
    completion_tokens: int
    cost: Decimal | None


class Charges:
    """The charges of one database. Days are in the local time zone at the time of the request."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, charge: Charge, caps: Sequence[Cap] = ()) -> Shortfall | None:
        """Reserve the most that a request may cost, or return the cap it would exceed.

        A request that can cost nothing passes every cap. Raises ``AppError`` when the disk refuses.
        """
        with self._database.write() as connection:
            for cap in caps if charge.reserved > 0 else ():
                short = _shortfall(connection, cap, charge.reserved)
                if short is not None:
                    return short
            connection.execute(
                "INSERT INTO charges (id, at, day, purpose, conversation_id, message_id, lane, attempt, key, model, "
                "connection, state, owner, reserved, prompt_tokens) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    charge.id,
                    to_micros(charge.at),
                    charge.at.astimezone().date().isoformat(),
                    charge.purpose.value,
                    charge.conversation_id,
                    charge.message_id,
                    charge.lane,
                    charge.attempt,
                    charge.key,
                    storable(charge.model.id),
                    storable(charge.model.connection),
                    ChargeState.OPEN.value,
                    self._database.instance.token,
                    to_pico(charge.reserved) or 0,
                    charge.prompt_tokens,
                ),
            )
        return None

    def take(self, charge: Charge, settlement: Settlement | None) -> None:
        """Replay a charge that an earlier process could not write; without a settlement it stays open. Idempotent."""
        with self._database.write() as connection:
            is_here = connection.execute("SELECT 1 FROM charges WHERE id = ?", (charge.id,)).fetchone()
        if not is_here:
            self.open(charge)
        with self._database.write() as connection:
            token = self._database.instance.token
            connection.execute("UPDATE charges SET owner = NULL WHERE id = ? AND owner = ?", (charge.id, token))
        if settlement is not None:
            self.settle(charge.id, settlement)

    def shortfall(self, caps: Sequence[Cap], wanted: Decimal) -> Shortfall | None:
        """Return the cap that ``wanted`` more dollars would exceed, ``None`` if there is none. Reserves nothing."""
        if wanted <= 0 or not caps:
            return None
        with self._database.read() as connection:
            found = (_shortfall(connection, cap, wanted) for cap in caps)
            return next((short for short in found if short is not None), None)

    def note_generation(self, charge_id: str, generation_id: str) -> None:
        """Save the generation id, which is used to look up the cost."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE charges SET generation_id = ? WHERE id = ? AND state = 'open'",
                (storable(generation_id), charge_id),
            )

    def settle(self, charge_id: str, settlement: Settlement) -> None:
        """Record the cost of a request. Better figures may follow, but an estimate never replaces a settled cost."""
        usage = settlement.usage or Usage()
        cost = to_pico(usage.cost)
        with self._database.write() as connection:
            row = connection.execute(
                "SELECT state, cost, conversation_id FROM charges WHERE id = ?", (charge_id,)
            ).fetchone()
            if row is None or (row[0] == ChargeState.SETTLED and settlement.state is not ChargeState.SETTLED):
                return
            connection.execute(
                "UPDATE charges SET state = ?, owner = NULL, cost = ?, prompt_tokens = ?, completion_tokens = ?, "
                "cached_tokens = ?, cache_write_tokens = ?, reasoning_tokens = ?, web_searches = ?, "
                "served_model = coalesce(nullif(?, ''), served_model), provider = coalesce(nullif(?, ''), provider), "
                "prices = coalesce(nullif(?, ''), prices), "
                "generation_id = coalesce(nullif(?, ''), generation_id), ending = coalesce(nullif(?, ''), ending), "
                "first_token = coalesce(?, first_token), seconds = coalesce(?, seconds), look_up_at = ?, "
                "reserved = CASE WHEN ? THEN 0 ELSE reserved END WHERE id = ?",
                (
                    settlement.state.value,
                    cost,
                    usage.prompt_tokens,
                    usage.completion_tokens,
                    usage.cached_tokens,
                    usage.cache_write_tokens,
                    usage.reasoning_tokens,
                    usage.web_searches,
                    storable(settlement.served_model),
                    storable(settlement.provider),
                    settlement.prices,
                    storable(settlement.generation_id),
                    settlement.ending,
                    settlement.timing.first_token,
                    settlement.timing.total,
                    to_micros(settlement.look_up_at) if settlement.look_up_at else None,
                    settlement.is_counted and settlement.state is not ChargeState.SETTLED,
                    charge_id,
                ),
            )
            connection.execute(
                "UPDATE conversations SET cost = cost + ? WHERE id = ?", ((cost or 0) - (row[1] or 0), row[2])
            )

    def missed(self, charge_id: str, again_at: datetime | None) -> None:
        """Count a look-up that found nothing, and schedule the next one.

        ``None`` is never: the service has no record, so the estimate stands, and caps count no more than that.
        """
        with self._database.write() as connection:
            connection.execute(
                "UPDATE charges SET look_ups = look_ups + 1, look_up_at = ?1, "
                "reserved = CASE WHEN ?1 IS NULL THEN 0 ELSE reserved END WHERE id = ?2",
                (to_micros(again_at) if again_at else None, charge_id),
            )

    def fallen(self) -> tuple[OpenCharge, ...]:
        """Return the open charges of instances that have ended."""
        found = self._open("state = 'open'", ())
        instance = self._database.instance
        return tuple(c for c, owner in found if not instance.is_running(owner))

    def pending(self) -> tuple[OpenCharge, ...]:
        """Return the estimated charges that the service may still have a record of, oldest first."""
        return tuple(c for c, _ in self._open("look_up_at IS NOT NULL AND state <> 'settled'", ()))

    def spent_between(self, start: datetime, end: datetime) -> Decimal:
        """Return the dollars spent from ``start`` to before ``end``, without open charges."""
        return self._sum(f"sum(cost) FROM charges WHERE {_COUNTED} AND at >= ? AND at < ?", start, end)

    def held_since(self, start: datetime) -> Decimal:
        """Return the dollars reserved since ``start`` for unsettled charges."""
        return self._sum(f"sum({_HELD}) FROM charges WHERE at >= ?", start)

    def spent_in(self, conversation_id: str) -> Decimal:
        """Return the dollars spent in a conversation, deleted answers included."""
        return self._sum(f"sum(cost) FROM charges WHERE {_COUNTED} AND conversation_id = ?", conversation_id)

    def held_in(self, conversation_id: str) -> Decimal:
        """Return the dollars reserved for unsettled charges of a conversation."""
        return self._sum(f"sum({_HELD}) FROM charges WHERE conversation_id = ?", conversation_id)

    def unknown_since(self, start: datetime) -> int:
        """Return the number of open or estimated charges since ``start``."""
        query = "SELECT count(*) FROM charges WHERE state IN ('open', 'estimated') AND at >= ?"
        return int(self._rows(query, [to_micros(start)])[0][0])

    def spend_by(self, group: str, since: datetime | None = None) -> tuple[Spend, ...]:
        """Return the sums by ``day`` (newest first), or most expensive first by ``model``, ``conversation``,
        ``provider`` or ``key`` (its fingerprint).
        """
        label, order = _GROUPS[group]
        grouped = "s.conversation_id" if group == "conversation" else label
        rows = self._rows(
            f"SELECT {label}, coalesce(sum(s.cost), 0), count(*), sum(s.prompt_tokens), sum(s.completion_tokens), "
            "coalesce(sum(CASE WHEN s.state = 'estimated' THEN s.cost END), 0), "
            "sum(s.state = 'open' OR s.cost IS NULL) "
            "FROM charges s LEFT JOIN conversations c ON c.id = s.conversation_id "
            f"WHERE s.state <> 'void' AND s.at >= ? GROUP BY {grouped} ORDER BY {order}",
            [to_micros(since) if since else _LONG_AGO],
        )
        return tuple(
            Spend(
                label=str(name),
                cost=from_pico(cost),
                requests=requests,
                prompt_tokens=as_count(prompt),
                completion_tokens=as_count(completion),
                day=_day(name) if group == "day" else None,
                estimated=from_pico(estimated),
                unknown=as_count(unknown),
            )
            for name, cost, requests, prompt, completion, estimated, unknown in rows
        )

    def speeds(self, since: datetime | None = None) -> tuple[Speed, ...]:
        """Return the speed and cost of each answer, oldest first."""
        rows = self._rows(
            "SELECT model, first_token, seconds, completion_tokens, cost FROM charges "
            f"WHERE {_COUNTED} AND at >= ? ORDER BY seq",
            [to_micros(since) if since else _LONG_AGO],
        )
        return tuple(
            Speed(as_text(m), as_seconds(f), as_seconds(s), as_count(t), from_pico(c) if c is not None else None)
            for m, f, s, t, c in rows
        )

    def _open(self, where: str, values: Sequence[Any]) -> list[tuple[OpenCharge, str]]:
        rows = self._rows(
            f"SELECT id, at, model, connection, CASE WHEN ending IS NOT '{RETRIED}' THEN message_id END, "
            "generation_id, key, state, look_ups, prompt_tokens, completion_tokens, cost, owner "
            f"FROM charges WHERE {where} ORDER BY seq",
            values,
        )
        return [
            (
                OpenCharge(
                    id=as_text(identity),
                    at=from_micros(at),
                    model=ModelRef(as_text(model), as_text(connection)),
                    message_id=as_text(message_id) or None,
                    generation_id=as_text(generation),
                    key=as_text(key),
                    state=ChargeState(state),
                    look_ups=as_count(look_ups),
                    usage=Usage(
                        prompt_tokens=as_count(prompt),
                        completion_tokens=as_count(completion),
                        cost=from_pico(cost) if cost is not None else None,
                        is_estimate=True,
                    ),
                ),
                as_text(owner),
            )
            for identity, at, model, connection, message_id, generation, key, state, look_ups, prompt, completion,
            cost, owner in rows
            if state in _STATES
        ]  # fmt: skip

    def _sum(self, query: str, *values: datetime | str) -> Decimal:
        bound = [to_micros(v) if isinstance(v, datetime) else v for v in values]
        return from_pico(self._rows(f"SELECT {query}", bound)[0][0])

    def _rows(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._database.read() as connection:
            return connection.execute(query, values).fetchall()


def _shortfall(connection: sqlite3.Connection, cap: Cap, wanted: Decimal) -> Shortfall | None:
    where, values = ("at >= ?", [to_micros(cap.since)]) if cap.since else ("conversation_id = ?", [cap.conversation_id])
    row = connection.execute(
        f"SELECT coalesce(sum(CASE WHEN {_COUNTED} THEN cost END), 0), "
        f"coalesce(sum({_HELD}), 0) FROM charges WHERE {where}",
        values,
    ).fetchone()
    spent, held = from_pico(row[0]), from_pico(row[1])
    return Shortfall(cap=cap, spent=spent, held=held) if spent + held + wanted > cap.limit else None


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
