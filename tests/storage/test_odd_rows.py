"""Whatever stands in a row, by a bug, a bad disk or another program's hand: what reads it goes on."""

from __future__ import annotations

import sqlite3
import traceback
import typing
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest

from tests.values import NOON, a_conversation, a_message, an_answer, book
from tui_router.domain.answer_cache import CachedAnswer
from tui_router.domain.charge import Charge
from tui_router.domain.draft import Attachment, Draft
from tui_router.domain.library import parse_query
from tui_router.domain.message import File, Text
from tui_router.domain.model import ModelRef
from tui_router.domain.rating import Outcome, Vote
from tui_router.domain.usage import Usage
from tui_router.storage.bootstrap import open_database
from tui_router.storage.caches import Answers
from tui_router.storage.charge_reports import ChargeReports
from tui_router.storage.charges import Charges
from tui_router.storage.comparisons import Lineups, Votes
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database
from tui_router.storage.drafts import Drafts
from tui_router.storage.messages import Messages
from tui_router.storage.paths import AppPaths
from tui_router.storage.search import ConversationSearch
from tui_router.storage.state import KeyValueStore, PromptHistory

ODD: tuple[Any, ...] = ("a\0b", b"\xff\xfe\0", "", -1, 2**40, 1.5, float("inf"), None, "[1]", '{"x": [null]}')
TABLES = (
    "conversations", "tags", "messages", "pieces", "drafts", "draft_parts", "prompt_history", "votes", "lineups",
    "state", "charges", "answers",
)  # fmt: skip


def fill(database: Database) -> None:
    """Make a row of every kind."""
    Conversations(database).save(a_conversation("c1", tags=("red",)))
    Messages(database).add_messages(
        "c1", [a_message("q1", text="lantern"), an_answer("a1", "q1", "light", model=ModelRef("a/b"), batch="b1")]
    )
    Messages(database).add_messages("c1", [an_answer("a2", "q1", "", ending=None)])
    with database.write() as connection:
        connection.execute("INSERT INTO pieces (message_id, text, reasoning) VALUES ('a2', 'some', 'thought')")
    attached = Draft(text="half", attachments=(Attachment("a.txt", File("a.txt", text="body")),))
    Drafts(database).save("c1", attached, [Draft(text="next")])
    PromptHistory(database).add("sent before")
    Votes(database).add(
        Vote(
            batch="b1",
            outcome=Outcome.WIN,
            models=("a/b", "a/c"),
            winner=0,
            tags=("code",),
            is_blind=False,
            created=NOON,
        )
    )
    Lineups(database).save(["a/b", "a/c"], "mine")
    answer = CachedAnswer(parts=(Text("light"),), served_model="a/b", provider="P", at=NOON)
    Answers(database).keep("key", answer, "a/b")
    KeyValueStore(database).put("places", {"c1": ["q1", 2]})
    book(Charges(database), Usage(prompt_tokens=3, completion_tokens=4, cost=Decimal("0.01")), conversation_id="c1")
    Charges(database).open(Charge(id="open", at=NOON, model=ModelRef("a/b"), reserved=Decimal("0.5")))


def read_everything(database: Database) -> Iterable[Callable[[], Any]]:
    """Yield every reading call."""
    conversations, messages, charges, reports = (
        Conversations(database), Messages(database), Charges(database), ChargeReports(database),
    )  # fmt: skip
    early = datetime(1990, 1, 1, tzinfo=UTC)
    yield from (
        lambda: conversations.list_summaries(archived=None),
        lambda: conversations.load("c1"),
        lambda: conversations.find("c1"),
        conversations.last,
        conversations.all_tags,
        lambda: conversations.matching_ids("c"),
        lambda: messages.load_messages("c1"),
        lambda: messages.load_tail("c1", "a1", 4),
        lambda: messages.find_message("a1"),
        lambda: ConversationSearch(database).find(parse_query("lantern", NOON.date())),
        lambda: ConversationSearch(database).find(parse_query("tag:red", NOON.date())),
        lambda: ConversationSearch(database).find_prefix("T"),
        lambda: Drafts(database).load("c1"),
        lambda: Drafts(database).load(None),
        Drafts(database).with_drafts,
        PromptHistory(database).entries,
        lambda: Votes(database).find("b1"),
        Votes(database).all,
        lambda: Votes(database).all("code"),
        Votes(database).all_tags,
        Lineups(database).last,
        Lineups(database).named,
        lambda: KeyValueStore(database).get("places"),
        charges.fallen,
        charges.pending,
        lambda: charges.spent_between(early, NOON),
        lambda: charges.held_since(early),
        lambda: charges.spent_in("c1"),
        lambda: charges.held_in("c1"),
        lambda: charges.unknown_since(early),
        *(lambda group=group: charges.spend_by(group) for group in ("day", "model", "conversation")),  # type: ignore[misc]
        charges.speeds,
        reports.work,
        reports.spent,
        lambda: reports.spent_in("c1"),
        lambda: reports.spent_with("key"),
        lambda: reports.begins("key"),
        lambda: Answers(database).find("key"),
        Answers(database).held,
        messages.recover_unfinished,
        Drafts(database).adopt,
        lambda: conversations.purge(NOON),
    )


def _faults(read: Callable[[], Any]) -> list[str]:
    try:
        return misfits(read())
    except Exception as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "tui_router" in f.filename]
        return [f"{type(error).__name__}: {error} in {frames[-1].name}"]


def misfits(value: Any, where: str = "") -> list[str]:
    """Return the fields that hold another type than they declare."""
    if isinstance(value, tuple | list):
        return [fault for n, one in enumerate(value) for fault in misfits(one, f"{where}[{n}]")]
    if not is_dataclass(value) or isinstance(value, type):
        return []
    hints, found = typing.get_type_hints(type(value)), []
    for field in fields(value):
        held, hint = getattr(value, field.name), hints[field.name]
        is_plain = hint in (str, int, bool, Decimal, datetime) or (isinstance(hint, type) and issubclass(hint, Enum))
        if is_plain and not isinstance(held, hint):
            found.append(f"{where}.{field.name} = {held!r}")
        found += misfits(held, f"{where}.{field.name}")
    return found


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> AppPaths:
    folder = tmp_path_factory.mktemp("odd")
    paths = AppPaths(config=folder, cache=folder, log=folder)
    with open_database(paths) as database:
        fill(database)
    with closing(sqlite3.connect(paths.database)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return paths


@pytest.mark.parametrize("table", TABLES)
def test_an_odd_value_in_any_column_stops_nothing(filled: AppPaths, table: str) -> None:
    faults, tried, pristine = [], 0, filled.database.read_bytes()
    with closing(sqlite3.connect(filled.database)) as connection:
        columns = [str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")]
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0], "an empty table tells nothing"
    for column in columns:
        for odd in ODD:
            filled.database.write_bytes(pristine)
            with closing(sqlite3.connect(filled.database, isolation_level=None)) as connection:
                try:
                    connection.execute(f"UPDATE {table} SET {column} = ?", (odd,))
                except sqlite3.Error:
                    continue  # the schema does not let it in
            tried += 1
            with Database(filled.database) as database:
                for read in read_everything(database):
                    faults += [f"{column} = {odd!r}: {fault}" for fault in _faults(read)]
    filled.database.write_bytes(pristine)
    assert tried > 10
    assert not faults, "\n".join(dict.fromkeys(faults))
