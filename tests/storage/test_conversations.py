"""Conversations: listed, saved, deleted, brought back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.values import NOON, a_conversation, a_message, an_answer, book
from tui_router.domain.draft import Draft
from tui_router.domain.library import parse_query
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import AppError
from tui_router.domain.usage import Usage
from tui_router.storage.bootstrap import open_in_memory
from tui_router.storage.charges import Charges
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database
from tui_router.storage.drafts import Drafts
from tui_router.storage.messages import Messages
from tui_router.storage.search import ConversationSearch


def test_a_summary_says_all_that_a_list_shows(database: Database) -> None:
    conversations = Conversations(database)
    conversations.save(a_conversation(model=ModelRef("a/b"), tags=("b", "two words 🙂", "a"), is_pinned=True))
    Messages(database).add_messages("c1", [a_message("q"), an_answer("a", "q", after=3)], head="a")
    book(Charges(database), Usage(cost=Decimal("0.02")), conversation_id="c1")
    Drafts(database).save("c1", Draft(text="half"))
    (summary,) = conversations.list_summaries()
    assert summary.title == "Test"
    assert summary.model == "a/b"
    assert summary.message_count == 2
    assert summary.cost == Decimal("0.02")
    assert summary.tags == ("b", "two words 🙂", "a")
    assert summary.is_pinned
    assert summary.has_draft
    assert not summary.is_unfinished
    assert summary.updated == NOON + timedelta(minutes=3)
    found = conversations.find("c1")
    assert found is not None
    assert found.head == "a"


def test_pinned_come_first_then_the_newest_and_archived_are_left_out(database: Database) -> None:
    conversations = Conversations(database)
    for number in range(5):
        conversations.save(a_conversation(f"c{number}", updated=NOON + timedelta(minutes=number)))
    conversations.save(a_conversation("old", updated=NOON - timedelta(days=1), is_pinned=True))
    conversations.save(a_conversation("away", is_archived=True))
    assert [s.id for s in conversations.list_summaries()] == ["old", "c4", "c3", "c2", "c1", "c0"]
    assert [s.id for s in conversations.list_summaries(limit=2, offset=1)] == ["c4", "c3"]
    assert [s.id for s in conversations.list_summaries(archived=True)] == ["away"]
    assert len(conversations.list_summaries(archived=None)) == conversations.count() == 7
    assert conversations.last() == "c4"


def test_many_conversations_keep_their_tags(database: Database) -> None:
    conversations = Conversations(database)
    for number in range(201):
        conversations.save(a_conversation(f"c{number}", tags=(f"t{number}",)))
    assert all(s.tags == (f"t{s.id[1:]}",) for s in conversations.list_summaries(limit=500))


def test_a_save_replaces_what_changed(database: Database) -> None:
    conversations = Conversations(database)
    first = a_conversation(tags=("x",))
    conversations.save(first)
    conversations.save(replace(first, title="New name", tags=("y", "z"), is_archived=True))
    found = conversations.find("c1")
    assert found is not None
    assert (found.title, found.tags, found.is_archived) == ("New name", ("y", "z"), True)
    assert conversations.all_tags() == (("y", 1), ("z", 1))
    conversations.save(found)
    assert conversations.find("c1") == found


def test_with_the_state_before_only_the_difference_is_written(database: Database) -> None:
    conversations = Conversations(database)
    mine = a_conversation(tags=("x",))
    conversations.save(mine)
    conversations.save(replace(mine, title="Renamed in another window", tags=("theirs",)))
    conversations.save(replace(mine, is_pinned=True), before=mine)
    conversations.save(mine, before=mine)
    found = conversations.find("c1")
    assert found is not None
    assert found.title == "Renamed in another window"
    assert found.tags == ("theirs",)
    assert found.is_pinned


def test_time_never_runs_backwards_in_a_list(database: Database) -> None:
    conversations = Conversations(database)
    conversations.save(a_conversation())
    conversations.save(a_conversation(updated=NOON - timedelta(days=3)))
    found = conversations.find("c1")
    assert found is not None
    assert found.updated == NOON


def test_a_temporary_conversation_never_reaches_the_disk(database: Database) -> None:
    with pytest.raises(AppError):
        Conversations(database).save(a_conversation(is_temporary=True))
    assert Conversations(database).count() == 0
    with open_in_memory() as memory:
        Conversations(memory).save(a_conversation(is_temporary=True))
        assert Conversations(memory).count() == 1
        assert memory.is_temporary


def test_a_deleted_conversation_is_hidden_everywhere_and_comes_back(database: Database) -> None:
    conversations, search = Conversations(database), ConversationSearch(database)
    conversations.save(a_conversation(title="Lighthouse", tags=("t",)))
    Messages(database).add_messages("c1", [a_message("q", text="keeper of the light")])
    conversations.delete("c1")
    assert conversations.list_summaries() == ()
    assert conversations.load("c1") is None
    assert conversations.find("c1") is None
    assert conversations.last() is None
    assert conversations.all_tags() == ()
    assert search.find(parse_query("keeper")) == ()
    assert search.find(parse_query("lighthouse")) == ()
    assert search.find_prefix("light") == ()
    conversations.restore("c1")
    loaded = conversations.load("c1")
    assert loaded is not None
    assert loaded[1][0].text == "keeper of the light"
    assert len(search.find(parse_query("light"))) == 2


def test_what_was_deleted_long_ago_is_purged_with_its_words(database: Database) -> None:
    conversations, messages, search = Conversations(database), Messages(database), ConversationSearch(database)
    conversations.save(a_conversation("gone", title="Lighthouse"))
    conversations.save(a_conversation("here", title="Harbour"))
    messages.add_messages("gone", [a_message("g", text="wave")])
    messages.add_messages("here", [a_message("h", text="wave"), a_message("i", text="wave")])
    Drafts(database).save("gone", Draft(text="half"))
    conversations.delete("gone")
    messages.delete_messages(["i"])
    assert conversations.purge() == 0
    assert conversations.purge(before=NOON + timedelta(days=100_000)) == 3
    conversations.restore("gone")
    messages.restore_messages(["i"])
    assert [s.id for s in conversations.list_summaries()] == ["here"]
    assert [h.message_id for h in search.find(parse_query("wave"))] == ["h"]
    assert Drafts(database).load("gone").is_empty
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM messages").fetchone() == (1,)


def test_ids_are_found_by_their_beginning(database: Database) -> None:
    conversations = Conversations(database)
    conversations.save(a_conversation("abc1"))
    conversations.save(a_conversation("abd2", updated=NOON + timedelta(minutes=1)))
    assert conversations.matching_ids("ab") == ("abd2", "abc1")
    assert conversations.matching_ids("abc") == ("abc1",)
    assert conversations.matching_ids("%") == ()


def test_what_is_not_there_is_none(database: Database) -> None:
    assert Conversations(database).load("nothing") is None
    assert Conversations(database).load("\ud800") is None
