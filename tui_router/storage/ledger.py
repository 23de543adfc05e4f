"""What was spent: one row for each answer, which outlives the conversation it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from tui_router.domain.library import Spend
from tui_router.domain.message import Timing
from tui_router.domain.model import ModelRef
from tui_router.domain.usage import Usage
from tui_router.storage.codec import storable
from tui_router.storage.database import Database
from tui_router.storage.rows import from_pico, to_micros, to_pico

_GROUPS = {
    "day": ("s.day", "s.day DESC"),
    "model": ("s.model", "2 DESC, 1"),
    "conversation": ("coalesce(c.title, s.conversation_id, '')", "2 DESC, 1"),
}


class Speed(NamedTuple):
    """How fast one answer was, and what it cost; for medians and the leaderboard."""

    model: str
    first_token: float | None
    seconds: float | None
    completion_tokens: int
    cost: Decimal | None


class Ledger:
    """The book. Days are those of the clock on the wall where the answer was made."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self,
        usage: Usage,
        *,
        at: datetime,
        model: ModelRef,
        conversation_id: str | None = None,
        message_id: str | None = None,
        timing: Timing | None = None,
    ) -> None:
        """Write down an answer. The same message twice counts once: the later figures replace the earlier."""
        cost = to_pico(usage.cost)
        spent = timing or Timing()
        with self._database.write() as connection:
            before = connection.execute("SELECT cost FROM spend WHERE message_id = ?", (message_id,)).fetchone()
            connection.execute(
                "INSERT OR REPLACE INTO spend (at, day, model, connection, conversation_id, message_id, cost, "
                "is_estimate, prompt_tokens, completion_tokens, first_token, seconds) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    to_micros(at),
                    at.astimezone().date().isoformat(),
                    storable(model.id),
                    storable(model.connection),
                    conversation_id,
                    message_id,
                    cost,
                    int(usage.is_estimate),
                    usage.prompt_tokens,
                    usage.completion_tokens,
                    spent.first_token,
                    spent.total,
                ),
            )
            connection.execute(
                "UPDATE conversations SET cost = cost + ? WHERE id = ?",
                ((cost or 0) - ((before[0] or 0) if before else 0), conversation_id),
            )

    def spend_by(self, group: str, since: datetime | None = None) -> tuple[Spend, ...]:
        """Return the sums by ``day`` (newest first), ``model`` or ``conversation`` (dearest first)."""
        label, order = _GROUPS[group]
        grouped = "s.conversation_id" if group == "conversation" else label
        rows = self._rows(
            f"SELECT {label}, coalesce(sum(s.cost), 0), count(*), sum(s.prompt_tokens), sum(s.completion_tokens) "
            "FROM spend s LEFT JOIN conversations c ON c.id = s.conversation_id "
            f"WHERE s.at >= ? GROUP BY {grouped} ORDER BY {order}",
            [to_micros(since) if since else -(2**62)],
        )
        return tuple(
            Spend(
                label=str(name),
                cost=from_pico(cost),
                requests=requests,
                prompt_tokens=prompt,
                completion_tokens=completion,
                day=_day(name) if group == "day" else None,
            )
            for name, cost, requests, prompt, completion in rows
        )

    def spent_between(self, start: datetime, end: datetime) -> Decimal:
        """Return the dollars spent from ``start`` until before ``end``."""
        rows = self._rows(
            "SELECT coalesce(sum(cost), 0) FROM spend WHERE at >= ? AND at < ?", [to_micros(start), to_micros(end)]
        )
        return from_pico(rows[0][0])

    def speeds(self, since: datetime | None = None) -> tuple[Speed, ...]:
        """Return how fast and dear each answer was, oldest first."""
        rows = self._rows(
            "SELECT model, first_token, seconds, completion_tokens, cost FROM spend WHERE at >= ? ORDER BY seq",
            [to_micros(since) if since else -(2**62)],
        )
        return tuple(Speed(m, f, s, t, from_pico(c) if c is not None else None) for m, f, s, t, c in rows)

    def _rows(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._database.read() as connection:
            return connection.execute(query, values).fetchall()


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
