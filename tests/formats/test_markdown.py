"""Markdown export: headings per turn, figures, lanes, alternatives, endings, sources."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given

from tests.strategies import conversations, message_lists
from tests.values import a_conversation, a_message, an_answer
from tui_router.domain.conversation import Conversation
from tui_router.domain.message import (
    Citation,
    Ending,
    EndingKind,
    File,
    Image,
    Message,
    Reasoning,
    Role,
    Text,
    Timing,
    ToolCall,
    ToolResult,
)
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import Kind, Problem
from tui_router.domain.safe import clean
from tui_router.domain.usage import Usage
from tui_router.formats.document import document_of
from tui_router.formats.markdown import write_markdown, write_markdown_tree


def _written(*messages: Message, siblings: bool = False, **about: Any) -> str:
    return write_markdown(document_of(a_conversation(**about), messages), siblings=siblings)


def test_a_turn_has_a_heading_with_its_model_and_a_line_with_time_and_cost() -> None:
    answer = an_answer(
        "a", "q", "Hello!",
        model=ModelRef("acme/one"), provider="Acme", timing=Timing(first_token=0.42, total=2.0),
        usage=Usage(prompt_tokens=10, completion_tokens=100, cost=Decimal("0.0012")),
    )  # fmt: skip
    text = _written(a_message("q", text="Hi?"), answer, tags=("work",), system="Be kind.")
    assert text.startswith("# Test\n\nStarted 2026-11-22 12:00 UTC · cost $0.0012 · tags work\n\n## System\n\nBe kind.")
    assert "## You\n\n*2026-11-22 12:00 UTC*\n\nHi?" in text
    assert "## acme/one\n\n*Acme · first token 0.4 s · 50 tokens/s · 110 tokens · $0.0012 · 2026-11-22" in text
    assert text.endswith("Hello!\n")


def test_lanes_stand_under_their_question_in_order_and_the_kept_one_is_marked() -> None:
    lanes = [an_answer(f"a{n}", "q", model=ModelRef(f"m/{n}"), batch="b", lane=n) for n in (1, 0)]
    text = _written(a_message("q"), *lanes, a_message("q2", "a1"), head="q2")
    assert "## Comparison of 2 answers" in text
    assert text.index("### 1. m/0\n") < text.index("### 2. m/1 · kept\n") < text.index("q2")


def test_alternatives_are_written_only_when_asked_for() -> None:
    messages = (a_message("q"), an_answer("old", "q", "first try"), an_answer("new", "q", "second try"))
    assert "first try" not in _written(*messages, head="new")
    assert "### Assistant (alternative 1)" in _written(*messages, head="new", siblings=True)
    assert "first try" in write_markdown_tree(document_of(a_conversation(head="new"), messages))


def test_an_answer_that_did_not_end_by_itself_says_so() -> None:
    problem = Problem(kind=Kind.NETWORK, title="No network", hint="Check the cable")
    text = _written(an_answer("a", None, "half", ending=Ending(EndingKind.INTERRUPTED, problem)))
    assert "> **Interrupted. No network. Check the cable.**" in text
    assert "Still streaming" in _written(an_answer("a", None, "half", ending=None))


def test_every_kind_of_part_is_written() -> None:
    text = _written(
        an_answer(
            "a", None,
            parts=(
                Reasoning("step\nnext", seconds=3.2), Text("See [1]."), Image("image/png", "AAAA", name="cat"),
                Image("image/png", url="https://x.example/cat.png"), File("a.py", text="x = '```'\n"),
                File("b.pdf", "application/pdf", data="AAAA"), ToolCall("1", "look_up", '{"a": 1}'),
                Citation("https://x.example/a b", "The [source]"), Citation("https://x.example/a b", "again"),
            ),
        ),
        a_message("t", "a", role=Role.TOOL, parts=(ToolResult("1", "found"), ToolResult("2", "lost", failed=True))),
    )  # fmt: skip
    for expected in (
        "> **Thinking (3 s)**\n>\n> step\n> next",
        "*[cat, 3 bytes]*",
        "[image](<https://x.example/cat.png>)",
        "**a.py**\n\n````py\nx = '```'\n````",
        "*[b.pdf, application/pdf]*",
        "**Tool call: look\\_up**\n\n```json\n",
        "Sources:\n\n1. [The \\[source\\]](<https://x.example/a%20b>)\n",
        "**Tool failure**\n\n```\nlost\n```",
    ):
        assert expected in text
    assert "again" not in text


def test_a_code_block_that_was_cut_off_does_not_swallow_the_next_turn() -> None:
    text = _written(an_answer("a", None, "```py\nx = 1"), a_message("q", "a", "next"))
    assert "```py\nx = 1\n```\n\n## You" in text


@given(conversations(), message_lists())
def test_anything_can_be_written_and_is_safe_to_show(about: Conversation, messages: tuple[Message, ...]) -> None:
    text = write_markdown_tree(document_of(about, messages))
    assert clean(text) == text


def test_a_summary_is_headed_as_one() -> None:
    summary = a_message(
        "s", "a", role=Role.SYSTEM, text="They said hello.", model=ModelRef("acme/one"), sources=("q", "a")
    )
    text = _written(a_message("q", text="Hi?"), an_answer("a", "q", "Hello!"), summary)
    assert "## Summary" in text
    assert "## System" not in text
