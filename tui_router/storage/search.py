"""Full-text search: all words must match, the last one also as a prefix; best hits first."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from tui_router.domain.conversation import Conversation
from tui_router.domain.library import Hit, Query, Summary
from tui_router.domain.message import Message
from tui_router.domain.safe import clean
from tui_router.storage.bootstrap import open_in_memory
from tui_router.storage.conversations import Conversations, read_summaries
from tui_router.storage.database import Database
from tui_router.storage.fulltext import spaced
from tui_router.storage.json_columns import storable
from tui_router.storage.messages import Messages
from tui_router.storage.rows import to_micros

_WORD = re.compile(r"\w+")
_BEFORE, _AFTER = 40, 120
"""Characters of a snippet on each side of its first hit."""
_RANKED = 5_000
"""Most hits that are ranked by relevance; of more frequent words only the newest hits are."""


class Condition(NamedTuple):
    """An SQL fragment and its values."""

    sql: str
    values: list[Any]


class ConversationSearch:
    """Searches messages and titles."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, query: Query, limit: int = 50) -> tuple[Hit, ...]:
        """Return hits: titles first, then messages by relevance. Without words, matching conversations.

        A hit of a title has an empty ``message_id``.
        """
        terms = _terms(query)
        if not terms and replace(query, words=(), phrases=()).is_empty and not query.is_empty:
            return ()
        with self._database.read() as connection:
            titles = self._titles(connection, query, terms, limit)
            if not terms:
                return titles
            return (*titles, *self._messages(connection, query, terms, limit - len(titles)))

    def find_prefix(self, beginning: str, limit: int = 8) -> tuple[Summary, ...]:
        """Return conversations whose title has words with this prefix, newest first; for completion."""
        match = _match(_words(beginning), is_prefix=True)
        if not match:
            return ()
        where = (
            "c.seq IN (SELECT rowid FROM titles_fts WHERE titles_fts MATCH ?) AND c.deleted_at IS NULL "
            "ORDER BY c.updated DESC LIMIT ?"
        )
        with self._database.read() as connection:
            return read_summaries(connection, where, [match, limit])

    def _titles(self, connection: sqlite3.Connection, query: Query, terms: list[str], limit: int) -> tuple[Hit, ...]:
        where = _conversation_filter(query)
        sql, values = f"c.deleted_at IS NULL{where.sql}", list(where.values)
        if terms:
            sql += " AND c.seq IN (SELECT rowid FROM titles_fts WHERE titles_fts MATCH ?)"
            values.append(_match(terms, is_prefix=bool(query.words)))
        message = _message_filter(query)
        if message.sql:
            sql += f" AND EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id{message.sql})"
            values += message.values
        found = read_summaries(connection, f"{sql} ORDER BY c.updated DESC, c.seq DESC LIMIT ?", [*values, limit])
        pattern = _pattern_of(query)
        hits = []
        for summary in found:
            title = clean(summary.title)
            hits.append(Hit(conversation=summary, message_id="", snippet=title, marks=_marks(title, pattern)))
        return tuple(hits)

    def _messages(self, connection: sqlite3.Connection, query: Query, terms: list[str], limit: int) -> tuple[Hit, ...]:
        match = _match(terms, is_prefix=bool(query.words))
        # Ranking reads every hit, so for frequent words only the newest are ranked.
        newest = connection.execute(
            "SELECT rowid FROM messages_fts WHERE messages_fts MATCH ? ORDER BY rowid DESC LIMIT 1 OFFSET ?",
            (match, _RANKED),
        ).fetchone()
        conversation, message = _conversation_filter(query), _message_filter(query)
        bound, order = (newest[0] if newest else -1), "f.rank, f.rowid DESC"
        if newest and (conversation.sql or message.sql):
            # Hits that pass a filter may all be old: take the newest ones, unranked.
            bound, order = -1, "f.rowid DESC"
        rows = connection.execute(
            "SELECT m.id, m.conversation_id, m.text FROM messages_fts f CROSS JOIN messages m ON m.seq = f.rowid "
            "CROSS JOIN conversations c ON c.id = m.conversation_id "
            "WHERE f.messages_fts MATCH ? AND f.rowid > ? AND m.deleted_at IS NULL AND c.deleted_at IS NULL"
            f"{conversation.sql}{message.sql} ORDER BY {order} LIMIT ?",
            (match, bound, *conversation.values, *message.values, max(0, limit)),
        ).fetchall()
        ids = list(dict.fromkeys(row[1] for row in rows))
        found = read_summaries(connection, f"c.id IN ({', '.join('?' * len(ids))})", ids)
        summaries, pattern = {s.id: s for s in found}, _pattern_of(query)
        return tuple(_hit(summaries[c], m, str(text), pattern) for m, c, text in rows if c in summaries)


def find_in(
    conversations: Sequence[tuple[Conversation, Sequence[Message]]], query: Query, limit: int
) -> tuple[Hit, ...]:
    """Return hits in conversations that are not saved yet, with the same matching as the database."""
    with open_in_memory() as database:
        for conversation, messages in conversations:
            Conversations(database).save(conversation)
            Messages(database).add_messages(conversation.id, messages)
        return ConversationSearch(database).find(query, limit)


def _terms(query: Query) -> list[str]:
    """Return the FTS terms of a query: phrases first, so that the last term is the last word typed.

    A word such as ``e-mail`` or a run of Chinese is a phrase for the index.
    """
    return [" ".join(words) for text in (*query.phrases, *query.words) if (words := _words(text))]


def _words(text: str) -> list[str]:
    """Split a text into words as the index does, without punctuation."""
    return _WORD.findall(_unmarked(spaced(unicodedata.normalize("NFC", storable(text)))))


def _match(terms: Sequence[str], *, is_prefix: bool) -> str:
    quoted = [f'"{t}"' for t in terms]
    if quoted and is_prefix:
        quoted[-1] += " *"
    return " AND ".join(quoted)


def _conversation_filter(query: Query) -> Condition:
    sql, values = "", list[Any]()
    for tag in query.tags:
        sql += " AND EXISTS (SELECT 1 FROM tags t WHERE t.conversation_id = c.id AND lower(t.tag) = lower(?))"
        values.append(storable(tag))
    for column, wanted in (("pinned", query.pinned), ("archived", query.archived)):
        if wanted is not None:
            sql += f" AND c.{column} = ?"
            values.append(int(wanted))
    return Condition(sql, values)


def _message_filter(query: Query) -> Condition:
    sql, values = "", list[Any]()
    for model in query.models:
        sql += " AND (instr(lower(m.model), lower(?)) OR instr(lower(m.served_model), lower(?)))"
        values += [storable(model)] * 2
    if query.before:
        sql += " AND m.created < ?"
        values.append(_midnight(query.before))
    if query.after:
        sql += " AND m.created >= ?"
        values.append(_midnight(query.after))
    return Condition(f" AND m.deleted_at IS NULL{sql}" if sql else "", values)


def _midnight(day: date) -> int:
    """Return the start of a day in the local time zone, in microseconds."""
    try:
        return to_micros(datetime.combine(day, time()).astimezone())
    except (OverflowError, OSError, ValueError):
        return to_micros(datetime.combine(day, time(), UTC))


def _pattern_of(query: Query) -> re.Pattern[str] | None:
    # The words of a phrase may be separated by punctuation or, in unspaced scripts, by nothing.
    terms = [r"[\W_]*".join(map(re.escape, term.split())) for term in _terms(query)]
    if not terms:
        return None
    return re.compile("|".join(rf"(?<![^\W_]){p}" if p.isascii() else p for p in terms), re.IGNORECASE)


def _marks(text: str, pattern: re.Pattern[str] | None) -> tuple[tuple[int, int], ...]:
    if pattern is None:
        return ()
    return tuple((m.start(), m.end()) for m in pattern.finditer(_unmarked(text)) if m.end() > m.start())


def _hit(conversation: Summary, message_id: str, text: str, pattern: re.Pattern[str] | None) -> Hit:
    first = pattern.search(_unmarked(text)) if pattern else None
    at = first.start() if first else 0
    start, end = max(0, at - _BEFORE), min(len(text), at + _AFTER)
    if start and (space := text.find(" ", start, at)) >= 0:
        start = space + 1
    middle = " ".join(clean(text[start:end]).split())
    snippet = ("…" if start else "") + middle + ("…" if end < len(text) else "")
    return Hit(conversation=conversation, message_id=message_id, snippet=snippet, marks=_marks(snippet, pattern))


def _unmarked(text: str) -> str:
    """Remove accents as the index does; one character stays one, so that offsets stay valid."""
    if text.isascii():
        return text
    return "".join(_base(c) for c in text)


def _base(character: str) -> str:
    if character < "\u00c0" or character > "\u1eff":
        return character
    return unicodedata.normalize("NFD", character)[0]
