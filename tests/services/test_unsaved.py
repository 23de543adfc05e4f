"""Conversations while the disk refuses: they are as they were left, in lists and when they are opened again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.memory_store import memory_store
from tests.values import NOON, a_conversation, a_message, an_answer
from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message
from tui_router.domain.problem import AppError
from tui_router.domain.rating import Outcome
from tui_router.services.app_state import AppState
from tui_router.services.conversation_journal import ConversationJournal, JournalWriter
from tui_router.services.leaderboard import Leaderboard
from tui_router.services.library import Library
from tui_router.storage.comparisons import Votes
from tui_router.storage.overflow_log import OverflowEntry
from tui_router.storage.state import KeyValueStore


class Held:
    """A disk that is busy, until it is told to go."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[], object], Callable[[], object] | None]] = []

    def put(
        self, write: Callable[[], object], done: Callable[[], object] | None = None, entry: OverflowEntry | None = None
    ) -> None:
        self.waiting.append((write, done))

    def wait(self, patience: float) -> bool:
        return not self.waiting

    def go(self) -> None:
        """Write everything that waits."""
        waiting, self.waiting = self.waiting, []
        for write, done in waiting:
            write()
            if done is not None:
                done()


@pytest.fixture
def disk() -> Held:
    return Held()


@pytest.fixture
def library(disk: Held) -> Library:
    return Library(memory_store(), lambda: NOON, disk)


def conversation_journal(library: Library, conversation: Conversation) -> ConversationJournal:
    return ConversationJournal(
        conversation, library=library, journal_writer=JournalWriter(library.messages, library.writes.put)
    )


def begin(library: Library, conversation: Conversation) -> tuple[Message, Message]:
    """Say one question and have it answered, as a turn does."""
    question = a_message(f"{conversation.id}q")
    answer = an_answer(f"{conversation.id}a", question.id, "the words")
    keep = conversation_journal(library, conversation)
    keep.save(conversation)
    keep.add(conversation.id, [question])
    keep.begin(replace(answer, ending=None, parts=()))
    keep.note(answer.id, text="the")
    keep.finish(answer)
    return question, answer


def test_a_conversation_that_never_reached_the_disk_opens_with_all_its_words(library: Library, disk: Held) -> None:
    conversation = a_conversation("new", title="Never written")
    said = begin(library, conversation)
    assert library.conversations.find("new") is None
    for named in ("new", "last"):
        assert library.open(named) == (conversation, said)
    assert [(r.id, r.title, r.message_count) for r in library.recent()] == [("new", "Never written", 2)]
    disk.go()
    assert library.unsaved.ids == ()
    opened, messages = library.open("new")
    assert (opened, messages) == (conversation, said)
    assert library.conversations.load("new") == (opened, messages)


def test_what_came_after_the_last_write_is_laid_over_what_is_on_disk(library: Library, disk: Held) -> None:
    conversation = a_conversation("c1", title="Before")
    begin(library, conversation)
    disk.go()
    begun = conversation_journal(library, conversation)
    begun.save(replace(conversation, title="After"))
    begun.add("c1", [a_message("c1q2", "c1a")])
    begun.delete(["c1a"])
    assert [m.id for m in library.open("c1")[1]] == ["c1q", "c1q2"]
    assert library.find("c1") == replace(conversation, title="After")
    assert [r.title for r in library.recent()] == ["After"]
    disk.go()
    assert [m.id for m in library.open("c1")[1]] == ["c1q", "c1q2"]


def test_a_search_finds_what_is_not_written_yet_and_not_what_was_deleted(library: Library, disk: Held) -> None:
    begin(library, a_conversation("c1", title="Some words"))
    disk.go()
    begin(library, a_conversation("c2", title="Some more"))
    conversation_journal(library, a_conversation("c1")).delete(["c1a"])
    hits = library.search("words")
    assert [(h.conversation.id, h.message_id) for h in hits] == [("c1", ""), ("c2", "c2a")]
    assert [h.conversation.id for h in library.search("some")] == ["c1", "c2"]
    assert len(library.search("some", limit=1)) == 1
    disk.go()
    assert [(h.conversation.id, h.message_id) for h in library.search("words")] == [("c1", ""), ("c2", "c2a")]


def test_a_deletion_that_was_taken_back_before_it_was_written_leaves_the_message(library: Library, disk: Held) -> None:
    conversation = a_conversation("c1")
    _, answer = begin(library, conversation)
    begun = conversation_journal(library, conversation)
    begun.delete([answer.id])
    begun.restore([answer])
    assert answer in library.open("c1")[1]
    disk.go()
    assert answer in library.open("c1")[1]


@pytest.mark.parametrize("is_written", [True, False], ids=["on disk", "not written yet"])
def test_names_pins_tags_and_deletion_hold_before_they_are_written(
    library: Library, disk: Held, is_written: bool
) -> None:
    for name in ("c1", "c2"):
        begin(library, a_conversation(name))
    if is_written:
        disk.go()
    library.rename("c1", "Another name")
    library.pin("c1")
    library.tag("c1", ["red"])
    first = library.recent()[0]
    assert (first.id, first.title, first.is_pinned, first.tags) == ("c1", "Another name", True, ("red",))
    library.pin("c1")
    assert not library.recent()[0].is_pinned
    library.archive("c2")
    assert [r.id for r in library.recent()] == ["c1"]
    assert [r.id for r in library.recent(archived=True)] == ["c2"]
    library.delete("c1")
    assert library.recent() == ()
    assert library.find("c1") is None
    with pytest.raises(AppError):
        library.open("c1")
    before = library.undo_delete()
    assert before is not None
    assert [r.id for r in library.recent()] == ["c1"]
    disk.go()
    assert library.find("c1") == before
    assert {r.id: (r.title, r.tags) for r in library.recent()} == {"c1": ("Another name", ("red",))}


def test_a_change_that_was_refused_for_good_stays_in_view(library: Library, disk: Held) -> None:
    """Its write was dropped: then it is on no disk, and still there for a file."""
    begin(library, a_conversation("c1"))
    for write, _ in disk.waiting:
        write()
    disk.waiting.clear()
    assert library.unsaved.ids == ("c1",)


def test_facts_are_read_as_they_were_put_and_changed_again_on_the_disk(disk: Held) -> None:
    store = KeyValueStore(memory_store())
    store.put("stars", ["a"])
    app_state = AppState(store, disk)
    app_state.change("stars", lambda stars: [*stars, "b"])
    app_state.put("seen", True)
    store.put("stars", ["a", "other window"])
    assert app_state.texts("stars") == ("a", "b")
    assert app_state.get("seen") is True
    assert store.get("seen") is None
    app_state.put("seen", None)
    assert app_state.get("seen", "nothing") == "nothing"
    disk.go()
    assert app_state.texts("stars") == ("a", "other window", "b")
    assert app_state.get("seen", "nothing") == "nothing"


def test_a_vote_counts_before_it_is_written(disk: Held) -> None:
    ballots = Votes(memory_store())
    leaderboard = Leaderboard(ballots=ballots, speeds=lambda: (), now=lambda: NOON, writes=disk)
    lanes: Any = [an_answer(f"a{n}", "q", batch="b1", lane=n) for n in range(2)]
    leaderboard.vote(lanes, 0)
    assert leaderboard.vote_on("b1") is not None
    assert ballots.find("b1") is None
    leaderboard.vote(lanes, None)
    found = leaderboard.vote_on("b1")
    assert found is not None
    assert found.outcome is Outcome.TIE
    disk.go()
    assert leaderboard.vote_on("b1") == ballots.find("b1") == found
    assert leaderboard.take_back("b1")
    assert leaderboard.vote_on("b1") is None
    assert not leaderboard.take_back("b1")
    disk.go()
    assert ballots.find("b1") is None
