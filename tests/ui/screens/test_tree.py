"""The tree screen: layout and results, at every size."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.ui.still_host import Holding, screen_text
from tests.values import NOON, a_message, an_answer
from tui_router.domain.conversation import Tree
from tui_router.domain.message import Ending, EndingKind, Message
from tui_router.domain.model import ModelRef
from tui_router.domain.usage import Usage
from tui_router.ui.screens.tree import TreeScreen, branch_lines, tree_rows

LONG = 5_000


def a_tree() -> Tree:
    """Two answers to a question, one of them cut, and an edit of the second question."""
    quick, slow = ModelRef("demo/quick"), ModelRef("demo/slow")
    usage = Usage(completion_tokens=1_234, cost=Decimal("0.0123"))
    return Tree(
        [
            a_message("q1", None, "How do I\x1b[31m parse [bold]dates?"),
            an_answer("a1", "q1", "Cut sh", model=quick, ending=Ending(EndingKind.INTERRUPTED)),
            an_answer("a2", "q1", "With chrono.", model=slow, usage=usage),
            a_message("q2", "a2", "And times?"),
            an_answer("b2", "q2", "The same.", model=slow),
            a_message("q3", "a2", "And zones?"),
            an_answer("b3", "q3", "With chrono-tz.", model=slow),
        ]
    )


def shape(tree: Tree, head: str | None) -> list[str]:
    return [f"{branch_lines(t, 40)}{'*' if t.on_path else ''}{t.message.id}" for t in tree_rows(tree, head)]


def test_side_branches_are_above_the_main_line() -> None:
    assert shape(a_tree(), "b3") == ["*q1", "├─a1", "*a2", "├─q2", "│ b2", "*q3", "*b3"]
    assert shape(a_tree(), "b2") == ["*q1", "├─a1", "*a2", "├─q3", "│ b3", "*q2", "*b2"]
    assert shape(a_tree(), "a1") == ["*q1", "├─a2", "│ ├─q2", "│ │ b2", "│ q3", "│ b3", "*a1"]
    assert shape(Tree(), None) == []


def test_a_long_conversation_without_branches_is_not_set_in() -> None:
    tree = Tree(a_message(f"m{i}", f"m{i - 1}" if i else None) for i in range(LONG))
    rows = tree_rows(tree, f"m{LONG - 1}")
    assert [t.message.id for t in rows] == [f"m{i}" for i in range(LONG)]
    assert {t.depth for t in rows} == {0}


def test_the_newest_answer_goes_straight_down_where_every_question_was_asked_again() -> None:
    messages: list[Message] = []
    parent: str | None = None
    for i in range(300):
        messages += [a_message(f"q{i}", parent), an_answer(f"x{i}", f"q{i}"), an_answer(f"a{i}", f"q{i}")]
        parent = f"a{i}"
    assert max(t.depth for t in tree_rows(Tree(messages), parent)) == 1
    # Even when the path in view went the other way at the very beginning.
    assert max(t.depth for t in tree_rows(Tree(messages), "x0")) == 2


def test_deep_branches_are_counted_where_there_is_no_room_for_their_lines() -> None:
    messages = [a_message("r", None)]
    for i in range(50):
        above = messages[-1].id
        messages += [a_message(f"d{i}", above), a_message(f"z{i}", above)]
        messages[-1], messages[-2] = messages[-2], messages[-1]
        messages.append(messages.pop(-2)) if i % 2 else None
    for twig in tree_rows(Tree(messages), "r"):
        assert len(branch_lines(twig, 10)) <= 10


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_tree_shows_speakers_words_endings_costs_and_the_path(size: tuple[int, int]) -> None:
    app = Holding(lambda host: TreeScreen(a_tree(), "b3", name_of=lambda i: i.partition("/")[2], now=NOON))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        text = screen_text(app)
        for words in (
            "● You  How do I␛[31m parse [bold]dates?",
            "├─○ quick  Cut sh",
            "Interrupted",
            "● slow  With chrono.",
            "$0.012",
            "│ ○ slow  The same.",
            "◉ slow  With chrono-tz.",
            "7 messages, 3 paths",
        ):
            assert words in text
        assert "\x1b" not in text
        await pilot.press("up", "up")
        await pilot.pause()
        assert "1,234 tokens" not in screen_text(app)
        await pilot.press("g", "j", "j")
        await pilot.pause()
        assert "‹2/2› · demo/slow · 1,234 tokens · $0.012 · 4 below" in screen_text(app)


async def test_enter_gives_the_message_under_the_cursor_which_starts_at_the_end_of_the_path() -> None:
    app = Holding(lambda host: TreeScreen(a_tree(), "b3"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("k", "k", "enter")
        await pilot.pause()
        assert app.result == "b2"


async def test_brackets_jump_between_forks_and_a_full_stop_returns() -> None:
    app = Holding(lambda host: TreeScreen(a_tree(), "b3", at="q1"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("right_square_bracket", "right_square_bracket", "right_square_bracket", "left_square_bracket")
        await pilot.press("full_stop", "k", "enter")
        await pilot.pause()
        assert app.result == "q3"


async def test_an_empty_tree_says_so() -> None:
    app = Holding(lambda host: TreeScreen(Tree(), None))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "right_square_bracket", "full_stop")
        await pilot.pause()
        assert "No message yet" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.result is None


@pytest.mark.parametrize("size", [(20, 5), (3, 2), (1, 1), (200, 60)])
async def test_the_tree_survives_every_size(size: tuple[int, int]) -> None:
    app = Holding(lambda host: TreeScreen(a_tree(), "a1"))
    async with app.run_test(size=size) as pilot:
        await pilot.press("down", "pagedown", "G", "up", "enter")
        await pilot.pause()
        assert app.result != "open"
