"""The ring of sent texts."""

from __future__ import annotations

from tui_router.domain.draft import Attachment
from tui_router.domain.message import File
from tui_router.ui.prompt.history import InputHistory


def test_walking_down_past_the_newest_brings_the_draft_back() -> None:
    history = InputHistory(["one", "two"])
    assert [history.older("draft"), history.older("two"), history.older("one")] == ["two", "one", None]
    assert [history.newer("one"), history.newer("two"), history.newer("draft")] == ["two", "draft", None]


def test_only_entries_with_the_prefix_are_walked() -> None:
    history = InputHistory(["/model a", "hello", "/model b"])
    assert history.older("/m", "/m") == "/model b"
    assert history.older("/model b", "/m") == "/model a"
    assert history.newer("/model a", "/m") == "/model b"


def test_blank_text_and_repeats_are_not_kept() -> None:
    history = InputHistory()
    for text in ("a", "a", "  ", "b", "a"):
        history.add(text)
    assert history.entries == ("a", "b", "a")


def test_the_ring_forgets_the_oldest() -> None:
    assert InputHistory(["a", "b", "c"], limit=2).entries == ("b", "c")


def test_search_finds_every_word_newest_first_and_each_text_once() -> None:
    history = InputHistory(["Fix the bug", "write a poem", "fix THE other bug", "Fix the bug"])
    assert history.search("bug fix") == ("Fix the bug", "fix THE other bug")
    assert history.search("") == ("Fix the bug", "fix THE other bug", "write a poem")


def test_adding_ends_the_walk() -> None:
    history = InputHistory(["a"])
    history.older("draft")
    history.add("b")
    assert not history.is_walking
    assert history.newer("b") is None
    assert history.entries == ("a", "draft", "b")


def test_a_draft_that_is_left_behind_by_a_walk_is_kept_whole() -> None:
    history = InputHistory(["one", "two"])
    told: list[str] = []
    history.on_add = told.append
    assert history.older("see [pasted]", whole="see all of it") == "two"
    assert history.draft_behind("two") == "see [pasted]"
    history.add("two")
    assert history.entries == ("one", "two", "see all of it", "two")
    assert told == ["see all of it", "two"]


def test_an_entry_that_was_changed_is_the_draft_and_the_one_before_it_is_kept() -> None:
    history = InputHistory(["one", "two"])
    assert history.older("first words") == "two"
    assert history.draft_behind("two, changed") is None
    assert history.older("two, changed") == "one"
    assert history.newer("one") == "two"
    assert history.newer("two") == "first words"
    assert history.newer("first words") == "two, changed"
    assert not history.is_walking


def test_a_draft_that_is_kept_elsewhere_is_no_entry() -> None:
    history = InputHistory(["one"])
    history.older("draft")
    history.forget_draft()
    assert history.entries == ("one",)


def test_attachments_come_back_with_the_words_they_were_cleared_with() -> None:
    history = InputHistory(limit=2)
    file = Attachment("a.py", File("a.py", text="x"))
    history.add("look at this", (file,))
    history.add(" ", (file,))
    assert history.attachments_of("look at this") == (file,)
    assert history.attachments_of(" ") == ()
    history.add("look at this")
    assert history.attachments_of("look at this") == (), "this time it was sent"


def test_the_attachments_of_few_entries_are_held() -> None:
    history = InputHistory()
    file = Attachment("a.py", File("a.py", text="x"))
    for number in range(30):
        history.add(f"{number}", (file,))
    assert [bool(history.attachments_of(f"{n}")) for n in range(30)] == [False] * 10 + [True] * 20
