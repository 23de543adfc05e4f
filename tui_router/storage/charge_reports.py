"""Reports on the ledger: every request with the fate of its answer, and spending by period, conversation and key.

An answer is *kept* when it is on its conversation's path (from the head up), or when nothing else was chosen
instead of it. Beside the path are the other answers of a comparison, and answers that were asked for again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from tui_router.domain.charge import RETRIED, ChargeState, Purpose
from tui_router.domain.message import EndingKind
from tui_router.domain.model import DEFAULT_CONNECTION
from tui_router.domain.spending import Fate, Spent, Work
from tui_router.domain.usage import Pricing, Usage
from tui_router.storage.database import Database
from tui_router.storage.json_columns import from_text
from tui_router.storage.rows import as_count, as_text, from_micros, from_pico, to_micros

_FAR = 2**62
_NO_PRICES = Pricing()
_PRICE_NAMES = frozenset(f.name for f in fields(Pricing)) - {"varies", "steps"}
_BY_ENDING = {
    RETRIED: Fate.RETRIED,
    EndingKind.CANCELLED: Fate.STOPPED,
    EndingKind.LENGTH: Fate.CUT,
    EndingKind.INTERRUPTED: Fate.BROKEN,
    EndingKind.FAILED: Fate.BROKEN,
    EndingKind.FILTERED: Fate.BROKEN,
}
_WORK = """
    WITH RECURSIVE touched (head) AS (
        SELECT head FROM conversations
        WHERE head IS NOT NULL AND id IN (SELECT conversation_id FROM charges WHERE at >= ?1)
    ),
    path (id, parent) AS (
        SELECT m.id, m.parent_id FROM touched t JOIN messages m ON m.id = t.head
        UNION
        SELECT m.id, m.parent_id FROM path p JOIN messages m ON m.id = p.parent
    ),
    answered (parent) AS (
        SELECT p.parent FROM path p
        WHERE EXISTS (SELECT 1 FROM charges c WHERE c.message_id = p.id)
    ),
    chosen (batch) AS (
        SELECT m.batch FROM path p JOIN messages m ON m.id = p.id WHERE m.batch <> '' AND m.role = 'assistant'
    )
    SELECT s.at, s.model, s.served_model, s.message_id, s.purpose, s.state, s.cost, s.prompt_tokens,
        s.completion_tokens, s.cached_tokens, s.cache_write_tokens, s.reasoning_tokens, s.web_searches, s.prices,
        coalesce(nullif(s.ending, ''), m.ending, ''), m.parent_id,
        m.id IS NULL OR m.id IN (SELECT id FROM path), coalesce(m.batch, ''),
        m.batch IN (SELECT batch FROM chosen), m.parent_id IN (SELECT parent FROM answered),
        m.deleted_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM conversations c WHERE c.id = m.conversation_id AND c.deleted_at IS NOT NULL
        )
    FROM charges s LEFT JOIN messages m ON m.id = s.message_id
    WHERE s.state <> 'void' AND s.at >= ?1 ORDER BY s.seq
"""


class _Row(NamedTuple):
    at: int
    model: str
    served_model: str
    message_id: str | None
    purpose: str
    state: str
    cost: int | None
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    web_searches: int
    prices: str
    ending: str
    parent_id: str | None
    is_on_path: int
    batch: str
    is_other_lane_kept: int | None
    is_question_answered: int | None
    is_deleted: int

    @property
    def fate(self) -> Fate:
        """The fate of the answer as far as this row shows."""
        if found := _BY_ENDING.get(self.ending):
            return found
        if self.purpose != Purpose.ANSWER:
            return Fate.KEPT
        if self.is_deleted:
            return Fate.DELETED
        if self.is_on_path:
            return Fate.KEPT
        if self.batch:
            return Fate.LANE if self.is_other_lane_kept else Fate.KEPT
        return Fate.REPLACED if self.is_question_answered else Fate.KEPT


class ChargeReports:
    """Read-only reports on the ledger of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def work(self, since: datetime | None = None) -> tuple[Work, ...]:
        """Return every request since ``since`` with the fate of its answer, oldest first."""
        rows = [_Row(*row) for row in self._rows(_WORK, [to_micros(since) if since else -_FAR])]
        replaced = _replaced(rows)
        return tuple(_work(row, Fate.REPLACED if row.message_id in replaced else row.fate) for row in rows)

    def spent(self, start: datetime | None = None, end: datetime | None = None) -> Spent:
        """Return what was spent from ``start`` to before ``end``."""
        return self._spent("at >= ? AND at < ?", _between(start, end))

    def spent_in(self, conversation_id: str) -> Spent:
        """Return what a conversation cost, deleted answers included."""
        return self._spent("conversation_id = ?", [conversation_id])

    def spent_with(self, key: str, start: datetime | None = None, end: datetime | None = None) -> tuple[Spent, Decimal]:
        """Return what a key spent, by its fingerprint, and the dollars of included rows that have no fingerprint."""
        where = "connection = ? AND key IN (?, '') AND at >= ? AND at < ?"
        values = [DEFAULT_CONNECTION, key, *_between(start, end)]
        old = self._rows(f"SELECT sum(cost) FROM charges WHERE state <> 'void' AND key = '' AND {where}", values)
        return self._spent(where, values), from_pico(old[0][0])

    def begins(self, key: str) -> datetime | None:
        """Return the time of the first request of a key; rows without a fingerprint count."""
        found = self._rows("SELECT min(at) FROM charges WHERE state <> 'void' AND key IN (?, '')", [key])[0][0]
        return None if found is None else from_micros(found)

    def _spent(self, where: str, values: Sequence[Any]) -> Spent:
        known, estimated, unknown, requests = self._rows(
            "SELECT sum(CASE WHEN state = 'settled' THEN cost END), sum(CASE WHEN state = 'estimated' THEN cost END), "
            f"sum(state = 'open' OR cost IS NULL), count(*) FROM charges WHERE state <> 'void' AND {where}",
            values,
        )[0]
        return Spent(
            known=from_pico(known), estimated=from_pico(estimated), unknown=as_count(unknown), requests=requests
        )

    def _rows(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._database.read() as connection:
            return connection.execute(query, values).fetchall()


def _between(start: datetime | None, end: datetime | None) -> list[int]:
    return [to_micros(start) if start else -_FAR, to_micros(end) if end else _FAR]


def _replaced(rows: Iterable[_Row]) -> set[str]:
    """Return the ids of answers off every path that a newer answer to the same question replaced."""
    answers: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        is_beside = not row.is_on_path and not row.batch and not row.is_question_answered
        if is_beside and row.fate is Fate.KEPT and row.purpose == Purpose.ANSWER and row.parent_id and row.message_id:
            answers[row.parent_id][row.message_id] = None
    return {message_id for siblings in answers.values() for message_id in list(siblings)[:-1]}


def _work(row: _Row, fate: Fate) -> Work:
    is_known = row.state != ChargeState.OPEN and row.cost is not None
    cached, written = as_count(row.cached_tokens), as_count(row.cache_write_tokens)
    return Work(
        at=from_micros(row.at),
        model=as_text(row.model),
        served_model=as_text(row.served_model),
        message_id=as_text(row.message_id),
        is_answer=row.purpose == Purpose.ANSWER,
        usage=Usage(
            prompt_tokens=as_count(row.prompt_tokens),
            completion_tokens=as_count(row.completion_tokens),
            reasoning_tokens=as_count(row.reasoning_tokens),
            cached_tokens=cached,
            cache_write_tokens=written,
            web_searches=as_count(row.web_searches),
            cost=from_pico(row.cost) if is_known else None,
            is_estimate=row.state == ChargeState.ESTIMATED,
        ),
        prices=_pricing(row.prices) if cached or written else _NO_PRICES,
        fate=fate,
    )


def _pricing(text: str) -> Pricing:
    """Return the prices recorded with a charge; unreadable ones are unknown."""
    found: dict[str, Any] = {}
    noted = from_text(text, {}) if text else {}
    for name, value in noted.items() if isinstance(noted, dict) else ():
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            continue
        if name in _PRICE_NAMES and amount.is_finite():
            found[name] = amount
    return Pricing(**found)
