"""The ring of sent texts."""

from __future__ import annotations

from tui_router.ui.prompt.history import History


def test_walking_down_past_the_newest_brings_the_draft_back() -> None:
    history = History(["one", "two"])
    assert [history.older("draft"), history.older("two"), history.older("one")] == ["two", "one", None]
    assert [history.newer(), history.newer(), history.newer()] == ["two", "draft", None]


def test_only_entries_with_the_prefix_are_walked() -> None:
    history = History(["/model a", "hello", "/model b"])
    assert history.older("/m", "/m") == "/model b"
    assert history.older("/model b", "/m") == "/model a"
    assert history.newer("/m") == "/model b"


def test_blank_text_and_repeats_are_not_kept() -> None:
    history = History()
    for text in ("a", "a", "  ", "b", "a"):
        history.add(text)
    assert history.entries == ("a", "b", "a")


def test_the_ring_forgets_the_oldest() -> None:
    assert History(["a", "b", "c"], limit=2).entries == ("b", "c")


def test_search_finds_every_word_newest_first_and_each_text_once() -> None:
    history = History(["Fix the bug", "write a poem", "fix THE other bug", "Fix the bug"])
    assert history.search("bug fix") == ("Fix the bug", "fix THE other bug")
    assert history.search("") == ("Fix the bug", "fix THE other bug", "write a poem")


def test_adding_ends_the_walk() -> None:
    history = History(["a"])
    history.older("draft")
    history.add("b")
    assert not history.is_walking
    assert history.newer() is None
