"""Answers side by side: no column is ever wider than it may be, and no word is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.values import an_answer
from tui_router.cli.columns import NARROWEST, side_by_side, wrapped
from tui_router.cli.output import cells
from tui_router.domain.message import Message
from tui_router.domain.model import ModelRef


def answer(text: str, model: str = "demo/a") -> Message:
    return an_answer("a", None, text, model=ModelRef(model))


def test_two_answers_stand_beside_each_other() -> None:
    lines = side_by_side([answer("one two"), answer("three", "demo/b")], 83).split("\n")
    assert lines[0] == "demo/a" + " " * 34 + " │ demo/b"
    assert lines[2] == "one two" + " " * 33 + " │ three"


@pytest.mark.parametrize(("width", "count"), [(82, 2), (79, 2), (125, 3), (60, 8)])
def test_too_little_room_puts_them_below_each_other(width: int, count: int) -> None:
    text = side_by_side([answer(f"text {n}") for n in range(count)], width)
    assert "│" not in text
    assert text.count("## demo/a") == count


def test_three_columns_need_forty_cells_each() -> None:
    text = side_by_side([answer("x")] * 3, 3 * NARROWEST + 6)
    assert text.split("\n")[0].count("│") == 2


def test_wide_characters_take_two_cells() -> None:
    text = side_by_side([answer("日本語" * 30), answer("b")], 83)
    for line in text.split("\n"):
        assert cells(line.partition("│")[0].rstrip()) <= 40
    assert text.count("日") == 30


def test_an_indent_and_an_empty_line_stay() -> None:
    assert list(wrapped("    def f(): return 1 + 2 + 3", 16)) == ["    def f():", "    return 1 + 2", "    + 3"]
    assert list(wrapped("", 10)) == [""]
    assert list(wrapped("\tx", 10)) == ["    x"]


def test_a_word_longer_than_the_column_is_cut() -> None:
    assert list(wrapped("a" * 25, 10)) == ["a" * 10, "a" * 10, "a" * 5]


@given(st.text(alphabet=st.sampled_from("ab 日é\t-🎉"), max_size=120), st.integers(min_value=4, max_value=50))
def test_wrapping_loses_nothing_but_blanks(line: str, width: int) -> None:
    pieces = list(wrapped(line, width))
    assert all(cells(piece) <= width for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(line.split())


def test_an_answer_without_text_says_so() -> None:
    assert "(no text)" in side_by_side([an_answer("a", None, parts=()), answer("b")], 100)
