"""What is not sent yet: one outbox a conversation, on disk at once or within a moment, in the order it came."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.memory_store import memory_store
from tests.services.offline_dependencies import offline_dependencies
from tests.values import a_conversation, a_message
from tui_router.domain.draft import Attachment, Draft, Unsent, to_type
from tui_router.domain.message import File, Text
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.services.chat import Chat
from tui_router.services.notices import Notices
from tui_router.services.outbox import Outbox, Outboxes
from tui_router.services.writer import StoreWriter
from tui_router.storage.drafts import Drafts

FILE = Attachment("a.txt", File("a.txt", text="body"))


def begun(conversation_id: str = "c1") -> Chat:
    return Chat(offline_dependencies(), a_conversation(conversation_id), [a_message(f"{conversation_id}-m1")])


def blank(conversation_id: str = "c1", **changes: bool) -> Chat:
    return Chat(offline_dependencies(), a_conversation(conversation_id, **changes))


def at_once(write: Callable[[], object], done: object = None, entry: object = None) -> None:
    write()


@pytest.fixture
def drafts() -> Drafts:
    return Drafts(memory_store())


@pytest.fixture
def outboxes(drafts: Drafts) -> Outboxes:
    return Outboxes(drafts, at_once, interval=3600)


def test_a_question_that_waits_is_on_disk_at_once_and_a_draft_after_a_moment(
    outboxes: Outboxes, drafts: Drafts
) -> None:
    outbox = outboxes.of(begun())
    outbox.write(Draft(text="half a"))
    assert drafts.load("c1").is_empty
    outbox.add(Draft(text="first"))
    outbox.add(Draft(text="second", attachments=(FILE,)))
    kept = drafts.load("c1")
    assert kept.draft.text == "half a"
    assert [q.text for q in kept.queue] == ["first", "second"]
    assert kept.queue[1].attachments == (FILE,)


def test_typing_alone_is_written_after_the_interval(drafts: Drafts) -> None:
    written = threading.Event()

    def put(write: Callable[[], object], done: object = None, entry: object = None) -> None:
        write()
        written.set()

    outbox = Outboxes(drafts, put, interval=0.01).of(begun())
    outbox.write(Draft(text="a thought"))
    assert written.wait(10)
    assert drafts.load("c1").draft.text == "a thought"


def test_what_is_on_its_way_is_kept_as_the_first_of_the_queue(outboxes: Outboxes, drafts: Drafts) -> None:
    outbox = outboxes.of(begun())
    outbox.add(Draft(text="later"))
    outbox.begin(Draft(text="now"))
    assert [q.text for q in drafts.load("c1").queue] == ["now", "later"]
    assert outbox.take_next() is None
    outbox.end()
    assert [q.text for q in drafts.load("c1").queue] == ["later"]


def test_what_cannot_go_waits_in_front_and_for_the_person(outboxes: Outboxes) -> None:
    outbox = outboxes.of(begun())
    outbox.add(Draft(text="one"))
    outbox.add(Draft(text="two"))
    taken = outbox.take_next()
    assert taken is not None
    assert taken.text == "one"
    outbox.hold_back()
    assert [q.text for q in outbox.queue] == ["one", "two"]
    assert outbox.is_held
    assert outbox.going is None


def test_only_what_fits_is_taken_and_the_rest_keeps_its_order(outboxes: Outboxes) -> None:
    outbox = outboxes.of(begun())
    for question in (Draft(text="other words", edits="m1"), Draft(text="new"), Draft(text="newer")):
        outbox.add(question)
    taken = outbox.take_next(lambda q: not q.edits)
    assert taken is not None
    assert taken.text == "new"
    assert [q.text for q in outbox.queue] == ["other words", "newer"]
    assert not outbox.drop(2)
    assert outbox.drop(0)
    assert [q.text for q in outbox.queue] == ["newer"]


def test_one_conversation_has_one_outbox(outboxes: Outboxes) -> None:
    chat = begun()
    assert outboxes.of(chat) is outboxes.of(chat)
    assert outboxes.of(begun("c2")) is not outboxes.of(chat)


def test_a_restored_queue_waits_for_the_person(drafts: Drafts) -> None:
    drafts.save("c1", Draft(), [Draft(text="of yesterday", edits="c1-m1")])
    outbox = Outboxes(drafts, at_once).of(begun())
    assert outbox.is_held
    assert outbox.queue == (Draft(text="of yesterday", edits="c1-m1"),)


def test_the_draft_of_no_conversation_moves_into_the_one_that_begins(outboxes: Outboxes, drafts: Drafts) -> None:
    chat = blank()
    outbox = outboxes.of(chat)
    outbox.write(Draft(text="hello"))
    outbox.begin(Draft(text="hello"))
    assert drafts.load(None).queue == (Draft(text="hello"),)
    chat.tree.add(a_message("m1"))
    outbox.write(Draft(text="and then"))
    outbox.end()
    assert drafts.load(None).is_empty
    assert drafts.load("c1").draft.text == "and then"


def test_a_conversation_to_come_takes_the_draft_over_that_had_none_yet(outboxes: Outboxes) -> None:
    outboxes.of(blank("c1")).write(Draft(text="for the next"))
    assert outboxes.of(blank("c2")).draft.text == "for the next"


def test_after_a_conversation_began_the_next_one_is_empty_also_on_disk(outboxes: Outboxes, drafts: Drafts) -> None:
    chat = blank("c1")
    outboxes.of(chat).add(Draft(text="x"))
    chat.tree.add(a_message("m1"))
    assert outboxes.of(blank("c2")).unsent == Unsent()
    assert drafts.load(None).is_empty
    assert drafts.load("c1").queue == (Draft(text="x"),)


def test_a_temporary_conversation_is_never_written(outboxes: Outboxes, drafts: Drafts) -> None:
    outbox = outboxes.of(blank("t", is_temporary=True))
    outbox.write(Draft(text="secret"))
    outbox.add(Draft(text="secret"))
    outboxes.flush()
    assert drafts.load(None).is_empty
    assert drafts.load("t").is_empty


def test_the_latest_state_is_written_though_writes_wait(drafts: Drafts) -> None:
    waiting: list[Callable[[], object]] = []
    outbox = Outboxes(drafts, lambda write, done=None, entry=None: waiting.append(write)).of(begun())
    outbox.add(Draft(text="one"))
    outbox.add(Draft(text="two"))
    waiting[0]()
    assert len(drafts.load("c1").queue) == 2
    waiting[1]()
    assert len(drafts.load("c1").queue) == 2


def test_a_refused_write_is_told_and_goes_through_when_the_disk_allows(drafts: Drafts) -> None:
    told: list[Problem] = []

    class Full(Drafts):
        is_full = True

        def save(self, *args: object, **more: object) -> None:
            if self.is_full:
                raise AppError(Problem(kind=ErrorKind.STORAGE, title="The disk is full"))
            super().save(*args, **more)  # type: ignore[arg-type]

    store = Full(memory_store())
    notices = Notices()
    notices.subscribe(told.append)
    writer = StoreWriter(notices, pause=0.01)
    outbox = Outboxes(store, writer.put).of(begun())
    outbox.add(Draft(text="one"))
    assert not writer.wait(0.05)
    assert [p.title for p in told] == ["Not saved yet: the disk is full"]
    store.is_full = False
    assert writer.retry(10)
    assert [q.text for q in store.load("c1").queue] == ["one"]
    assert [p.title for p in told][1:] == ["Saved"]


@given(st.text())
def test_words_that_are_put_back_are_said_as_they_were(words: str) -> None:
    assert Draft(text=to_type(words)).words.strip() == words.strip()


def test_pastes_are_said_in_full_and_never_opened_twice() -> None:
    draft = Draft(text="see [p1] [p2]", chips={"[p1]": "one [p2]", "[p2]": "two"}, attachments=(FILE,))
    assert draft.words == "see one [p2] two"
    assert draft.parts == [Text("see one [p2] two"), FILE.part]


def test_the_draft_of_a_window_that_ended_is_taken_over_and_that_of_a_running_one_is_not(tmp_path: Path) -> None:
    from tui_router.storage.bootstrap import open_database
    from tui_router.storage.paths import find_paths

    paths = find_paths(str(tmp_path), {})
    with open_database(paths) as one, open_database(paths) as other:
        Drafts(one).save(None, Draft(text="of one", attachments=(FILE,)))
        Drafts(other).adopt()
        assert Drafts(other).load(None).is_empty
        Drafts(other).save(None, Draft(text="of the other"))
        Drafts(one).adopt()
        assert Drafts(one).load(None).draft.text == "of one"
    with open_database(paths) as third:
        Drafts(third).adopt()
        assert Drafts(third).load(None).draft.text == "of the other"
        Drafts(third).save(None, Draft())
        Drafts(third).adopt()
        assert Drafts(third).load(None).draft == Draft(text="of one", attachments=(FILE,))


def test_an_outbox_says_what_waits() -> None:
    outbox = Outbox(Unsent(queue=(Draft(text="second"),)), lambda *_: None)
    assert "second" in repr(outbox)
