"""Words in spare files: taken in once, in order, and never over what is newer."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.memory_store import memory_store
from tests.storage.test_overflow import crash
from tests.values import NOON, a_conversation, a_message, an_answer
from tui_router.domain.draft import Attachment, Draft, Unsent
from tui_router.domain.library import Query
from tui_router.domain.message import EndingKind, Image, Message, Text
from tui_router.services.conversation_journal import Piece
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database
from tui_router.storage.drafts import Drafts
from tui_router.storage.messages import Messages
from tui_router.storage.overflow import OverflowFile
from tui_router.storage.overflow_log import (
    OverflowEntry,
    OverflowLog,
    conversation_deletion_entry,
    conversation_entry,
    ending_entry,
    history_entry,
    message_deletion_entry,
    messages_entry,
    pieces_entry,
)
from tui_router.storage.overflow_replay import replay_overflow
from tui_router.storage.search import ConversationSearch
from tui_router.storage.state import PromptHistory

TALK = a_conversation("c1", title="Said", tags=("red",))
QUESTION = a_message("q1", text="a question \ud800 with half a pair")
GROWING = an_answer("a1", "q1", parts=(), ending=None)
ANSWER = an_answer("a1", "q1", "the whole answer")
IMAGE = Attachment("cat", Image("image/png", "QUFB" * 5_000, name="cat.png"))


class Crashed:
    """A process that was killed: what it kept, as often as it is wanted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = memory_store()
        self.drafts = Drafts(self.database)  # it had the store before it was locked out

    def keep(self, *entries: OverflowEntry) -> None:
        """Keep lines as a process does that is killed at once."""
        words = OverflowLog(OverflowFile("words", self.folder), "dead-window")
        for entry in entries:
            assert words.keep([entry])
        crash(words.file)

    def replay_overflow(self) -> int:
        """Start the next process."""
        return replay_overflow(self.database, OverflowFile("words", self.folder))

    def keep_and_take_in_twice(self, *entries: OverflowEntry) -> None:
        """Take the same lines in twice, as after a crash between the two steps."""
        for _ in range(2):
            self.keep(*entries)
            assert self.replay_overflow() == 0
        assert list(self.folder.iterdir()) == []

    @property
    def messages(self) -> tuple[Message, ...]:
        return Messages(self.database).load_messages("c1")


@pytest.fixture
def crashed(tmp_path: Path) -> Crashed:
    return Crashed(tmp_path)


def piece(text: str, before: int, message_id: str = "a1") -> OverflowEntry:
    return pieces_entry([Piece(message_id, text, f"t{text}", before, before and before + 1)])


def begun(database: Database) -> None:
    Conversations(database).save(TALK)
    Messages(database).add_messages("c1", [QUESTION, GROWING])


def test_a_question_and_the_answer_so_far_come_back_once(crashed: Crashed) -> None:
    crashed.keep_and_take_in_twice(
        conversation_entry(TALK),
        messages_entry("c1", [QUESTION]),
        messages_entry("c1", [GROWING]),
        piece("the ", 0),
        piece("whole", 4),
    )
    assert Conversations(crashed.database).find("c1") == replace(TALK, updated=max(TALK.updated, GROWING.created))
    assert Conversations(crashed.database).list_summaries()[0].message_count == 2
    assert Messages(crashed.database).recover_unfinished() == ("c1",)
    question, answer = crashed.messages
    assert question.text == QUESTION.text
    assert (answer.text, answer.reasoning) == ("the whole", "tthe twhole")
    assert answer.ending is not None
    assert answer.ending.kind is EndingKind.INTERRUPTED
    hits = ConversationSearch(crashed.database).find(Query(words=("question",)))
    assert [h.message_id for h in hits] == ["q1"]
    assert [h.conversation.id for h in ConversationSearch(crashed.database).find(Query(words=("said",)))] == ["c1"]


def test_an_answer_that_ended_is_whole_and_later_pieces_add_nothing(crashed: Crashed) -> None:
    entries = (conversation_entry(TALK), messages_entry("c1", [QUESTION, GROWING]), piece("the", 0))
    crashed.keep_and_take_in_twice(*entries, ending_entry(ANSWER), piece(" more", 3))
    assert crashed.messages[1] == ANSWER
    assert [h.message_id for h in ConversationSearch(crashed.database).find(Query(words=("whole",)))] == ["a1"]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_what_the_process_wrote_itself_is_not_added_again(crashed: Crashed, count: int) -> None:
    pieces = [Piece("a1", t, f"t{t}", n, 2 * n) for t, n in (("a", 0), ("b", 1), ("c", 2))]
    begun(crashed.database)
    Messages(crashed.database).append_pieces(pieces[:count])
    crashed.keep_and_take_in_twice(messages_entry("c1", [QUESTION, GROWING]), *(pieces_entry([p]) for p in pieces))
    assert (crashed.messages[1].text, crashed.messages[1].reasoning) == ("abc", "tatbtc")
    assert len(crashed.messages) == 2


def test_an_answer_that_was_cut_meanwhile_takes_its_true_end(crashed: Crashed) -> None:
    begun(crashed.database)
    crashed.database.instance.token = "another"
    assert Messages(crashed.database).recover_unfinished() == ("c1",)
    crashed.keep_and_take_in_twice(ending_entry(ANSWER))
    assert crashed.messages[1] == ANSWER
    assert not Conversations(crashed.database).list_summaries()[0].is_unfinished


def test_an_end_that_is_there_is_kept(crashed: Crashed) -> None:
    begun(crashed.database)
    Messages(crashed.database).finish_message(replace(ANSWER, parts=(Text("newer"),)))
    crashed.keep_and_take_in_twice(ending_entry(ANSWER))
    assert crashed.messages[1].text == "newer"


def test_what_another_window_changed_of_a_conversation_stays(crashed: Crashed) -> None:
    conversations = Conversations(crashed.database)
    later = NOON + timedelta(hours=1)
    conversations.save(replace(TALK, title="By another", is_pinned=True, system="other", updated=later))
    renamed = replace(TALK, title="Mine", is_archived=True, tags=("blue",))
    crashed.keep_and_take_in_twice(conversation_entry(replace(TALK, system="mine")), conversation_entry(renamed, TALK))
    found = conversations.find("c1")
    assert found is not None
    assert (found.title, found.system, found.is_pinned, found.is_archived) == ("By another", "other", True, True)
    assert found.tags == ("blue",)


def test_changes_of_one_conversation_follow_each_other(crashed: Crashed) -> None:
    Conversations(crashed.database).save(TALK)
    second, third = replace(TALK, title="Two"), replace(TALK, title="Three", is_pinned=True)
    crashed.keep_and_take_in_twice(conversation_entry(second, TALK), conversation_entry(third, second))
    assert Conversations(crashed.database).find("c1") == third
    later = replace(third, head="q1", updated=NOON + timedelta(hours=2))
    crashed.keep_and_take_in_twice(conversation_entry(later))
    assert Conversations(crashed.database).find("c1") == later


def test_what_was_deleted_is_gone_and_what_was_brought_back_is_there(crashed: Crashed) -> None:
    begun(crashed.database)
    Messages(crashed.database).finish_message(ANSWER)
    crashed.keep_and_take_in_twice(
        message_deletion_entry(["q1", "a1"], is_deleted=True),
        message_deletion_entry(["q1"], is_deleted=False),
        conversation_deletion_entry("c1", is_deleted=True),
    )
    assert [m.id for m in crashed.messages] == ["q1"]
    assert Conversations(crashed.database).find("c1") is None
    crashed.keep_and_take_in_twice(conversation_deletion_entry("c1", is_deleted=False))
    assert [(s.id, s.message_count) for s in Conversations(crashed.database).list_summaries()] == [("c1", 1)]


def test_a_draft_and_its_queue_come_back_with_all_that_is_attached(crashed: Crashed) -> None:
    kept = Unsent(
        draft=Draft(text="half [1]", chips={"[1]": "paste " * 1_000}, attachments=(IMAGE,)),
        queue=(Draft(text="long " * 1_000, edits="q1"), Draft(text="second", attachments=(IMAGE,))),
    )
    crashed.keep_and_take_in_twice(crashed.drafts.entry({"c1": kept, None: Unsent(draft=Draft(text="blank"))}))
    assert Drafts(crashed.database).load("c1") == kept
    drafts = Drafts(crashed.database)
    drafts.adopt()
    assert drafts.load(None).draft.text == "blank"


def test_an_emptied_draft_is_forgotten_and_a_newer_one_stays(crashed: Crashed) -> None:
    drafts = Drafts(crashed.database)
    drafts.save("c1", Draft(text="older"))
    crashed.keep_and_take_in_twice(crashed.drafts.entry({"c1": Unsent()}))
    assert drafts.load("c1").is_empty
    entry = crashed.drafts.entry({"c1": Unsent(draft=Draft(text="kept"))})
    drafts.save("c1", Draft(text="newer", attachments=(IMAGE,)))
    crashed.keep_and_take_in_twice(entry)
    assert drafts.load("c1") == Unsent(draft=Draft(text="newer", attachments=(IMAGE,)))


def test_words_of_another_window_are_kept_beside_those_of_a_crashed_one(crashed: Crashed) -> None:
    others = Drafts(crashed.database)
    others.save("c1", Draft(text="of another window"))
    stranger = Drafts(memory_store())
    crashed.keep_and_take_in_twice(stranger.entry({"c1": Unsent(draft=Draft(text="of the crashed one"))}))
    kept = others.load("c1")
    assert [kept.draft.text, *(q.text for q in kept.queue)] == ["of the crashed one", "of another window"]


def test_what_a_crashed_window_had_taken_over_and_sent_does_not_come_back(crashed: Crashed) -> None:
    with crashed.database.write() as connection:
        for key, owner in (("c1", "0-ended"), ("c1@0-gone", "0-gone")):
            draft = json.dumps({"text": f"of {owner}", "chips": {}, "attachments": [], "owner": owner})
            connection.execute("INSERT INTO drafts VALUES (?, ?, '[]', 0)", (key, draft))
    heir = Drafts(crashed.database)
    assert not heir.load("c1").is_empty
    crashed.keep_and_take_in_twice(heir.entry({"c1": Unsent()}))
    assert Drafts(crashed.database).load("c1").is_empty


def test_a_prompt_comes_into_the_history_once(crashed: Crashed) -> None:
    at = datetime.now(UTC)
    PromptHistory(crashed.database).add("one", at)
    PromptHistory(crashed.database).add("two", at)
    crashed.keep_and_take_in_twice(history_entry("one", at), history_entry("two", at), history_entry("three", at))
    assert PromptHistory(crashed.database).entries() == ("one", "two", "three")


def _cut(data: bytes) -> bytes:
    return data[:-20]


def _spoil(**changes: Any) -> Callable[[bytes], bytes]:
    def spoil(data: bytes) -> bytes:
        return data + json.dumps(changes).encode() + b"\n"

    return spoil


_GOOD = {"id": "y", "role": "user", "created": 1, "state": "done"}


@pytest.mark.parametrize(
    "spoil",
    [
        _cut,
        lambda data: data + b"{\n",
        lambda data: data + b"7\n",
        lambda data: data + b"\x00\xff\n",
        lambda data: data + b"[" * 100_000 + b"\n",
        _spoil(**{"is": "nothing"}),
        _spoil(**{"is": "messages", "of": "nowhere", "rows": [{"id": "x", "created": 1, "state": "done"}]}),
        _spoil(**{"is": "messages", "of": "c1", "rows": [{"id": ["x"], "created": 1, "state": "done"}]}),
        _spoil(**{"is": "messages", "of": "c1", "rows": [{"id": "x"}]}),
        _spoil(**{"is": "messages", "of": "c1", "rows": [_GOOD, {"id": "x"}]}),
        _spoil(**{"is": "pieces", "pieces": [["a1", "0", 7, 0, None]]}),
        _spoil(**{"is": "ending", "row": {"id": "nowhere"}}),
        _spoil(**{"is": "deletion", "of": "charges", "ids": ["a"], "gone": True, "at": 1}),
        _spoil(**{"is": "drafts", "drafts": [{"key": "c1", "draft": {}, "queue": []}], "at": 1}),
        _spoil(**{"is": "history", "text": "x", "at": 2**80}),
    ],
)
def test_a_damaged_line_is_counted_and_costs_no_other(crashed: Crashed, spoil: Callable[[bytes], bytes]) -> None:
    crashed.keep(conversation_entry(TALK), messages_entry("c1", [QUESTION]), history_entry("last", NOON))
    (path,) = crashed.folder.iterdir()
    path.write_bytes(spoil(path.read_bytes()))
    assert crashed.replay_overflow() == 1
    assert [m.id for m in crashed.messages] == ["q1"]
    assert list(crashed.folder.iterdir()) == []


def test_a_store_that_refuses_leaves_the_file(crashed: Crashed, tmp_path: Path) -> None:
    crashed.keep(conversation_entry(TALK))
    crashed.database.close()
    with pytest.raises(Exception, match="closed"):
        crashed.replay_overflow()
    assert len(list(crashed.folder.iterdir())) == 1


def test_what_is_large_is_written_once_a_file(tmp_path: Path) -> None:
    drafts, words = Drafts(memory_store()), OverflowLog(OverflowFile("words", tmp_path), "w")
    unsent = Unsent(draft=Draft(text="[1]", chips={"[1]": "paste " * 2_000}, attachments=(IMAGE,)))
    assert words.keep([drafts.entry({"c1": unsent})])
    (path,) = tmp_path.iterdir()
    first = path.stat().st_size
    assert first > 30_000
    for n in range(10):
        typed = replace(unsent, draft=replace(unsent.draft, text=f"[1] {n}"))
        assert words.keep([drafts.entry({"c1": typed})])
    assert path.stat().st_size - first < 10_000


def test_a_file_is_read_without_the_one_before_it_that_took_no_more(crashed: Crashed) -> None:
    """The first folder is full: what goes on in the next one stands alone, and comes in after it."""
    other = crashed.folder / "other"
    other.mkdir()
    file = OverflowFile("words", crashed.folder, [other])
    words = OverflowLog(file, "dead-window")
    unsent = Unsent(draft=Draft(text="first", attachments=(IMAGE,)))
    assert words.keep([crashed.drafts.entry({"c1": unsent})])
    (first,) = crashed.folder.glob("*.jsonl")
    os.close(file._open[0].handle)
    with first.open("rb") as read_only:
        file._open[0] = file._open[0]._replace(handle=read_only.fileno())
        assert words.keep([crashed.drafts.entry({"c1": replace(unsent, draft=replace(unsent.draft, text="second"))})])
    files = [*crashed.folder.glob("*.jsonl"), *other.glob("*.jsonl")]
    assert len(files) == 2
    os.close(file._open[1].handle)
    assert replay_overflow(crashed.database, OverflowFile("words", crashed.folder, [other])) == 0
    assert Drafts(crashed.database).load("c1") == Unsent(draft=Draft(text="second", attachments=(IMAGE,)))
