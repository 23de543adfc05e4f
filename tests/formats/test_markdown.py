"""Markdown export and fenced code blocks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

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
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.safe import clean
from tui_router.domain.usage import Usage
from tui_router.formats.document import build_document
from tui_router.formats.markdown import close_fence, fenced_blocks, write_markdown, write_markdown_tree


def _written(*messages: Message, siblings: bool = False, **about: Any) -> str:
    return write_markdown(build_document(a_conversation(**about), messages), siblings=siblings)


def test_a_message_has_a_heading_with_its_model_and_a_line_with_time_and_cost() -> None:
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


def test_comparisons_are_in_lane_order_with_the_kept_answer_marked() -> None:
    lanes = [an_answer(f"a{n}", "q", model=ModelRef(f"m/{n}"), batch="b", lane=n) for n in (1, 0)]
    text = _written(a_message("q"), *lanes, a_message("q2", "a1"), head="q2")
    assert "## Comparison of 2 answers" in text
    assert text.index("### 1. m/0\n") < text.index("### 2. m/1 · kept\n") < text.index("q2")


def test_alternatives_are_optional() -> None:
    messages = (a_message("q"), an_answer("old", "q", "first try"), an_answer("new", "q", "second try"))
    assert "first try" not in _written(*messages, head="new")
    assert "### Assistant (alternative 1)" in _written(*messages, head="new", siblings=True)
    assert "first try" in write_markdown_tree(build_document(a_conversation(head="new"), messages))


def test_abnormal_endings_are_noted() -> None:
    problem = Problem(kind=ErrorKind.NETWORK, title="No network", hint="Check the cable")
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


def test_an_unclosed_code_block_does_not_swallow_the_next_message() -> None:
    text = _written(an_answer("a", None, "```py\nx = 1"), a_message("q", "a", "next"))
    assert "```py\nx = 1\n```\n\n## You" in text


@given(conversations(), message_lists())
def test_every_conversation_is_written_safely(about: Conversation, messages: tuple[Message, ...]) -> None:
    text = write_markdown_tree(build_document(about, messages))
    assert clean(text) == text


def test_a_summary_has_its_own_heading() -> None:
    summary = a_message(
        "s", "a", role=Role.SYSTEM, text="They said hello.", model=ModelRef("acme/one"), sources=("q", "a")
    )
    text = _written(a_message("q", text="Hi?"), an_answer("a", "q", "Hello!"), summary)
    assert "## Summary" in text
    assert "## System" not in text


_LINES = st.sampled_from(
    ["", "word", "```", "```py", "~~~", "~~~~ js", "````", " ```", "  x", "# head", "a ``` b", "```a`b"]
)


@given(st.lists(_LINES, max_size=12))
def test_plain_fences_match_commonmark(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    expected = [(t.content, t.info.strip()) for t in MarkdownIt().parse(text) if t.type == "fence"]
    assert [(b.code, b.language) for b in fenced_blocks(text)] == expected


@given(st.lists(_LINES, max_size=12))
def test_close_fence_closes_every_block(lines: list[str]) -> None:
    text = close_fence("\n".join(lines))
    assert all(block.is_closed for block in fenced_blocks(text))


@pytest.mark.parametrize(
    ("text", "code", "language"),
    [
        ("1. Do\n\n       ```sh\n       ls\n         -l\n       ```\n", "ls\n  -l\n", "sh"),
        ("- ```py\n  x = 1\n  ```\n", "x = 1\n", "py"),
        ("> ```py\n> x = 1\n>\n> y\n> ```\n", "x = 1\n\ny\n", "py"),
        ("> ```py\n> x\nafter\n", "x\n", "py"),
        ("```{.rust}\nfn\n", "fn\n", "rust"),
        ("```\n```", "", ""),
    ],
)
def test_fences_in_lists_and_quotes(text: str, code: str, language: str) -> None:
    (block,) = fenced_blocks(text)
    assert (block.code, block.language) == (code, language)


def test_an_unclosed_block_has_its_line() -> None:
    block = fenced_blocks("words\n\n```py\nx = 1")[0]
    assert (block.code, block.line, block.is_closed) == ("x = 1\n", 2, False)
    assert close_fence("> ```\n> x") == "> ```\n> x\n> ```"
