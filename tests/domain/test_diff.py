"""Word diffs join to both texts again."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tui_router.domain.diff import Change, Run, same_share, word_diff


def left_of(runs: tuple[Run, ...]) -> str:
    return "".join(r.text for r in runs if r.change is not Change.ADDED)


def right_of(runs: tuple[Run, ...]) -> str:
    return "".join(r.text for r in runs if r.change is not Change.REMOVED)


def test_a_changed_word_is_removed_and_added() -> None:
    assert word_diff("the red car", "the blue car") == (
        Run(Change.SAME, "the "),
        Run(Change.REMOVED, "red"),
        Run(Change.ADDED, "blue"),
        Run(Change.SAME, " car"),
    )


def test_a_lone_space_between_changes_is_no_common_ground() -> None:
    assert word_diff("one two", "three four") == (Run(Change.REMOVED, "one two"), Run(Change.ADDED, "three four"))


def test_the_same_text_is_one_run() -> None:
    runs = word_diff("same words", "same words")
    assert runs == (Run(Change.SAME, "same words"),)
    assert same_share(runs) == 1.0


def test_nothing_in_common_shares_nothing() -> None:
    assert same_share(word_diff("abc", "xyz")) == 0.0
    assert same_share(word_diff("", "")) == 1.0


def test_long_texts_join_again() -> None:
    left = " ".join(f"word{i % 50} the" for i in range(3000))
    right = " ".join(f"word{i % 37} the" for i in range(3000))
    runs = word_diff(left, right)
    assert (left_of(runs), right_of(runs)) == (left, right)


texts = st.text(alphabet="ab .\n", max_size=40)


@given(texts, texts)
def test_the_runs_join_to_both_texts(left: str, right: str) -> None:
    runs = word_diff(left, right)
    assert (left_of(runs), right_of(runs)) == (left, right)
    assert all(a.change is not b.change for a, b in pairwise(runs))
