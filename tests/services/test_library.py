"""Conversations: named, found, put away, brought back, carried in and out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.memory_store import memory_store
from tui_router.domain.conversation import Conversation
from tui_router.domain.draft import Draft
from tui_router.domain.message import Message, Role, Text
from tui_router.domain.problem import AppError
from tui_router.services.library import Library, ReadingPosition
from tui_router.services.titles import title_of_answer, title_request
from tui_router.services.transfer import export_file, export_text, import_file
from tui_router.storage.bootstrap import open_database
from tui_router.storage.paths import find_paths
from tui_router.storage.state import KeyValueStore

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def library() -> Library:
    return Library(memory_store(), lambda: NOW)


def said(name: str, text: str, parent: str | None = None, role: Role = Role.USER) -> Message:
    return Message(id=name, parent_id=parent, role=role, parts=(Text(text),), created=NOW)


def begun(library: Library, question: str = "What is a monad?") -> Conversation:
    conversation = library.new(title=question)
    library.conversations.save(conversation)
    library.messages.add_messages(
        conversation.id,
        [
            said(f"{conversation.id}q", question),
            said(f"{conversation.id}a", "A burrito, they say.", f"{conversation.id}q", Role.ASSISTANT),
        ],
        head=f"{conversation.id}a",
    )
    return conversation


def test_a_new_conversation_is_nowhere_until_it_is_saved(library: Library) -> None:
    fresh = library.new(system="Be kind", temporary=True)
    assert (fresh.system, fresh.is_temporary, fresh.created) == ("Be kind", True, NOW)
    assert library.recent() == ()


def test_a_conversation_opens_by_id_by_its_beginning_or_as_the_last(library: Library) -> None:
    conversation = begun(library)
    for name in (conversation.id, conversation.id[:6], "last", ""):
        opened, messages = library.open(name)
        assert opened.id == conversation.id
        assert len(messages) == 2


def test_what_is_not_one_conversation_is_refused(library: Library) -> None:
    with pytest.raises(AppError):
        library.open("last")
    for name in ("abc1", "abc2"):
        library.conversations.save(Conversation(id=name, created=NOW, updated=NOW))
    with pytest.raises(AppError) as caught:
        library.open("abc")
    assert "abc1" in caught.value.problem.hint
    with pytest.raises(AppError):
        library.open("zzz")
    with pytest.raises(AppError):
        library.rename("zzz", "x")
    library.delete("abc1")
    with pytest.raises(AppError):
        library.open("abc1")


def test_a_title_is_one_safe_line(library: Library) -> None:
    conversation = begun(library)
    assert library.rename(conversation.id, " Evil\x1b[31m\ntitle ").title == "Evil␛[31m title"
    assert len(library.rename(conversation.id, "x" * 500).title) == 80
    assert library.rename(conversation.id, "  ").title == "What is a monad?"


def test_pins_and_archives_turn_round(library: Library) -> None:
    conversation = begun(library)
    assert library.pin(conversation.id).is_pinned
    assert not library.pin(conversation.id).is_pinned
    assert library.pin(conversation.id, True).is_pinned
    assert library.archive(conversation.id).is_archived
    assert library.recent() == ()
    assert len(library.recent(archived=None)) == 1
    assert not library.archive(conversation.id, False).is_archived


def test_tags_may_hold_spaces_and_emoji(library: Library) -> None:
    conversation = begun(library)
    library.tag(conversation.id, ["#work", "my tag 🎉", "work", " "])
    assert library.conversations.find(conversation.id) == library.open(conversation.id)[0]
    assert library.open(conversation.id)[0].tags == ("work", "my tag 🎉")
    assert dict(library.conversations.all_tags()) == {"work": 1, "my tag 🎉": 1}


def test_a_deleted_conversation_comes_back(library: Library) -> None:
    first, second = begun(library), begun(library, "Another")
    assert library.undo_delete() is None
    library.delete(first.id)
    library.delete(second.id)
    assert library.recent() == ()
    back = library.undo_delete()
    assert back is not None
    assert back.id == second.id
    assert library.undo_delete() is not None
    assert len(library.recent()) == 2


def test_every_word_is_found(library: Library) -> None:
    begun(library)
    hits = library.search("burrito")
    assert len(hits) == 1
    assert "burrito" in hits[0].snippet
    assert library.search("  ") == ()


def test_the_reader_comes_back_to_the_place(library: Library) -> None:
    assert library.place("c") is None
    library.keep_place("c", None)
    library.keep_place("c", ReadingPosition(message_id="m", line=7))
    assert library.place("c") == ReadingPosition(message_id="m", line=7)
    library.keep_place("c", None)
    assert library.place("c") is None


def test_only_so_many_places_are_kept_and_damaged_ones_are_none() -> None:
    database = memory_store()
    library = Library(database, lambda: NOW)
    KeyValueStore(database).put("places", {str(n): ["m", n] for n in range(600)} | {"odd": "x"})
    assert library.place("odd") is None
    library.keep_place("new", ReadingPosition(message_id="m"))
    assert library.place("0") is None
    assert library.place("new") is not None
    KeyValueStore(database).put("places", 3)
    assert library.place("new") is None


def test_drafts_and_queues_are_kept_for_each_conversation(library: Library) -> None:
    conversation = begun(library)
    library.drafts.save(conversation.id, Draft(text="half a"), [Draft(text="queued")])
    library.drafts.save(None, Draft(text="for the next"))
    saved = library.drafts.load(conversation.id)
    assert (saved.draft.text, saved.queue[0].text) == ("half a", "queued")
    assert library.drafts.load(None).draft.text == "for the next"
    assert library.returning().sentence == "1 draft waits"


def test_somebody_who_comes_back_is_told_what_waits(tmp_path: Path) -> None:
    paths = find_paths(str(tmp_path), {})
    with open_database(paths) as database:
        library = Library(database, lambda: NOW)
        assert library.returning().sentence == ""
        for number in range(2):
            conversation = begun(library, f"Question {number}")
            library.messages.add_messages(
                conversation.id,
                [
                    Message(
                        id=f"cut{number}",
                        parent_id=f"{conversation.id}q",
                        role=Role.ASSISTANT,
                        parts=(),
                        created=NOW,
                        ending=None,
                    )
                ],
            )
            library.drafts.save(conversation.id, Draft(text="typed"))
        with database.write() as connection:
            connection.execute("UPDATE messages SET owner = 'a window that fell' WHERE state <> 'done'")
        library.tidy()
        waiting = library.returning()
        assert len(waiting.unfinished) == 2
        assert waiting.sentence.startswith("An answer was interrupted in “Question ")
        assert waiting.sentence.endswith("and 1 more · 2 drafts wait")
        assert isinstance(library.data_version(), int)


def test_a_title_is_asked_of_a_short_excerpt() -> None:
    request = title_request([said("q", "x" * 9000), said("a", "y", role=Role.ASSISTANT), said("z", "no")], "a/b", NOW)
    assert request is not None
    assert len(request.messages[0].text) < 1600
    assert "no" not in request.messages[0].text
    assert request.options.max_tokens == 512
    assert title_request([said("q", " ")], "a/b", NOW) is None


@pytest.mark.parametrize(
    ("reply", "title"),
    [
        ('"Monads explained."', "Monads explained"),
        ("\n# Title: **Cats**\nmore", "Title: **Cats"),
        ("Title: Cats", "Cats"),
        ("", ""),
    ],
)
def test_a_title_is_taken_out_of_the_reply(reply: str, title: str) -> None:
    assert title_of_answer(reply) == title


@pytest.mark.parametrize("name", ["md", "md-all", "json", "html"])
def test_a_conversation_is_exported_in_every_format(library: Library, name: str) -> None:
    conversation = begun(library)
    assert "burrito" in export_text(library, conversation.id, name)


def test_an_export_never_overwrites_and_has_a_safe_name(library: Library, tmp_path: Path) -> None:
    conversation = begun(library, "../../etc/passwd")
    first = export_file(library, conversation.id, "md", tmp_path)
    second = export_file(library, conversation.id, "md", tmp_path)
    assert first != second
    assert first.parent == second.parent == tmp_path
    assert first.stat().st_mode & 0o077 == 0
    with pytest.raises(AppError):
        export_file(library, conversation.id, "docx", tmp_path)


def test_what_was_exported_comes_in_again_elsewhere(library: Library, tmp_path: Path) -> None:
    conversation = begun(library)
    path = export_file(library, conversation.id, "json", tmp_path)
    other = Library(memory_store(), lambda: NOW)
    arrived = import_file(other, path)
    assert arrived.sentence == "Imported 1 conversation with 2 messages"
    assert arrived.ids == (conversation.id,)
    assert other.search("burrito")
    again = import_file(other, path)
    assert again.skipped == 1
    assert again.sentence == "Imported 0 conversations with 0 messages, 1 were here already"


def test_an_import_never_touches_what_is_here(library: Library, tmp_path: Path) -> None:
    conversation = begun(library)
    path = export_file(library, conversation.id, "json", tmp_path)
    library.delete(conversation.id)
    arrived = import_file(library, path)
    assert arrived.ids != (conversation.id,)
    opened, messages = library.open(arrived.ids[0])
    assert opened.head == messages[-1].id
    assert messages[1].parent_id == messages[0].id


def test_a_file_that_is_not_there_or_not_a_conversation_is_refused(library: Library, tmp_path: Path) -> None:
    with pytest.raises(AppError):
        import_file(library, tmp_path / "nothing.json")
    (tmp_path / "odd.json").write_bytes(b"\xff\x00 not json")
    with pytest.raises(AppError):
        import_file(library, tmp_path / "odd.json")
