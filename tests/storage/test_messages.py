"""Messages: added, grown, finished, recovered."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.values import a_conversation, a_message, an_answer
from tui_router.domain.library import parse_query
from tui_router.domain.message import COMPLETE, Ending, EndingKind, Reasoning, RouteAttempt, Text, Timing
from tui_router.domain.problem import AppError
from tui_router.domain.usage import Usage
from tui_router.storage.bootstrap import open_database
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database
from tui_router.storage.messages import Messages
from tui_router.storage.paths import AppPaths
from tui_router.storage.search import ConversationSearch


class Piece(NamedTuple):
    """More of an answer."""

    message_id: str
    text: str
    reasoning: str = ""


@pytest.fixture
def messages(database: Database) -> Messages:
    """Messages of a database that has the conversation c1."""
    Conversations(database).save(a_conversation())
    return Messages(database)


def test_an_answer_grows_by_pieces_and_is_whole_at_every_moment(messages: Messages) -> None:
    messages.add_messages("c1", [a_message("q"), an_answer("a", "q", ending=None, parts=())], head="a")
    messages.append_pieces([Piece("a", "", "hm"), Piece("a", "Hel")])
    messages.append_pieces([Piece("a", "lo"), Piece("a", "", ""), Piece("unknown", "x"), Piece("q", "never")])
    question, answer = messages.load_messages("c1")
    assert question.text == "q"
    assert answer.ending is None
    assert answer.parts == (Reasoning("hm"), Text("Hello"))


def test_a_checkpoint_takes_the_place_of_the_pieces(messages: Messages, database: Database) -> None:
    messages.add_messages("c1", [an_answer("a", None, ending=None, parts=())])
    messages.append_pieces([Piece("a", "lost")])
    messages.checkpoint(an_answer("a", None, "whole", ending=None, provider="P", generation_id="g"))
    messages.append_pieces([Piece("a", " and more")])
    (answer,) = messages.load_messages("c1")
    assert (answer.text, answer.provider, answer.generation_id) == ("whole and more", "P", "g")
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM pieces").fetchone() == (1,)


def test_a_finished_answer_is_final_and_can_be_found(messages: Messages, database: Database) -> None:
    messages.add_messages("c1", [an_answer("a", None, ending=None, parts=())])
    messages.append_pieces([Piece("a", "lantern")])
    assert ConversationSearch(database).find(parse_query("lantern")) == ()
    done = an_answer("a", None, "lantern light", usage=Usage(prompt_tokens=3), timing=Timing(total=1.5))
    messages.finish_message(done)
    messages.append_pieces([Piece("a", "late")])
    messages.checkpoint(an_answer("a", None, "late", ending=None))
    assert messages.load_messages("c1") == (done,)
    assert len(ConversationSearch(database).find(parse_query("lantern"))) == 1
    messages.finish_message(an_answer("a", None, "candle"))
    assert ConversationSearch(database).find(parse_query("lantern")) == ()
    assert len(ConversationSearch(database).find(parse_query("candle"))) == 1
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM pieces").fetchone() == (0,)


def test_the_tries_before_an_answer_survive(messages: Messages, database: Database) -> None:
    attempts = (RouteAttempt(model="a/b", provider="P", status=502, reason="Down", wait=1.5), RouteAttempt())
    messages.add_messages("c1", [an_answer("a", None, "x", attempts=attempts), an_answer("b", None, "y")])
    assert [m.attempts for m in messages.load_messages("c1")] == [attempts, ()]
    with database.write() as connection:
        connection.execute("UPDATE messages SET attempts = '[7, {\"provider\": \"Q\"}]' WHERE id = 'b'")
        connection.execute("UPDATE messages SET attempts = 'no json' WHERE id = 'a'")
    assert [m.attempts for m in messages.load_messages("c1")] == [(), (RouteAttempt(provider="Q"),)]


def test_an_answer_that_never_got_a_row_says_so(messages: Messages) -> None:
    with pytest.raises(AppError) as caught:
        messages.finish_message(an_answer("a", None, "x"))
    assert "Copy it now" in caught.value.problem.hint


def test_the_order_is_that_of_writing_whatever_the_clock_says(messages: Messages) -> None:
    messages.add_messages("c1", [a_message("one", after=10)])
    messages.add_messages("c1", [a_message("two", "one", after=-5)])
    messages.add_messages("c1", [])
    assert [m.id for m in messages.load_messages("c1")] == ["one", "two"]


def test_messages_of_an_unknown_conversation_are_refused_in_words(messages: Messages) -> None:
    with pytest.raises(AppError):
        messages.add_messages("nowhere", [a_message("m")])
    messages.add_messages("c1", [a_message("m")])
    with pytest.raises(AppError):
        messages.add_messages("c1", [a_message("n"), a_message("m")])
    assert [m.id for m in messages.load_messages("c1")] == ["m"]


def test_deleted_messages_come_back_in_their_place(messages: Messages, database: Database) -> None:
    messages.add_messages("c1", [a_message("one"), a_message("two", "one"), a_message("three", "two")])
    messages.delete_messages(["two", "three", "unknown"])
    assert [m.id for m in messages.load_messages("c1")] == ["one"]
    assert Conversations(database).list_summaries()[0].message_count == 1
    assert ConversationSearch(database).find(parse_query("two")) == ()
    messages.restore_messages(["two", "three"])
    assert [m.id for m in messages.load_messages("c1")] == ["one", "two", "three"]
    assert Conversations(database).list_summaries()[0].message_count == 3


def test_the_tail_of_a_path_leaves_the_siblings_out(messages: Messages) -> None:
    messages.add_messages("c1", [a_message("a"), a_message("b", "a"), a_message("x", "a"), a_message("c", "b")])
    messages.add_messages("c1", [a_message("loop", "loop")])
    assert [m.id for m in messages.load_tail("c1", "c", 2)] == ["b", "c"]
    assert [m.id for m in messages.load_tail("c1", "c", 50)] == ["a", "b", "c"]
    assert [m.id for m in messages.load_tail("c1", "loop", 3)] == ["loop", "loop", "loop"]
    assert messages.load_tail("c1", None, 3) == ()
    assert messages.load_tail("other", "c", 3) == ()


def test_a_message_is_found_with_its_conversation(messages: Messages) -> None:
    messages.add_messages("c1", [a_message("m")])
    found = messages.find_message("m")
    assert found is not None
    assert found[0] == "c1"
    assert messages.find_message("n") is None


def test_what_this_window_streams_is_not_recovered(messages: Messages) -> None:
    messages.add_messages("c1", [an_answer("a", None, ending=None)])
    assert messages.recover_unfinished() == ()
    assert messages.load_messages("c1")[0].ending is None


def test_what_another_running_window_streams_is_left_alone(messages: Messages, paths: AppPaths) -> None:
    messages.add_messages("c1", [an_answer("a", None, ending=None, parts=())])
    with open_database(paths) as other:
        assert Messages(other).recover_unfinished() == ()
        messages.append_pieces([Piece("a", "still here")])
        messages.finish_message(an_answer("a", None, "done"))
        assert Messages(other).load_messages("c1")[0].ending == COMPLETE


def test_what_a_closed_window_left_open_becomes_interrupted(paths: AppPaths) -> None:
    with open_database(paths) as first:
        Conversations(first).save(a_conversation())
        Messages(first).add_messages("c1", [a_message("q"), an_answer("a", "q", ending=None, parts=())])
        Messages(first).append_pieces([Piece("a", "as far as ", "thinking"), Piece("a", "it came")])
    with open_database(paths) as second:
        messages = Messages(second)
        assert messages.recover_unfinished() == ("c1",)
        assert messages.recover_unfinished() == ()
        answer = messages.load_messages("c1")[1]
        assert answer.parts == (Reasoning("thinking"), Text("as far as it came"))
        assert answer.ending is not None
        assert answer.ending.kind is EndingKind.INTERRUPTED
        assert answer.ending.problem is not None
        assert Conversations(second).list_summaries()[0].is_unfinished
        assert len(ConversationSearch(second).find(parse_query('"it came"'))) == 1
        messages.add_messages("c1", [a_message("next", "a")])
        assert not Conversations(second).list_summaries()[0].is_unfinished


def test_rows_without_an_owner_are_recovered_too(messages: Messages, database: Database) -> None:
    messages.add_messages("c1", [an_answer("a", None, "text", ending=None)])
    with database.write() as connection:
        connection.execute("UPDATE messages SET owner = NULL")
    assert messages.recover_unfinished() == ("c1",)
    assert messages.load_messages("c1")[0].text == "text"


def test_an_ending_keeps_its_problem(messages: Messages) -> None:
    failed = an_answer("a", None, "part", ending=Ending(EndingKind.FAILED, None))
    messages.add_messages("c1", [failed])
    assert messages.load_messages("c1") == (failed,)
