"""Fenced code blocks, found without a parser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tui_router.formats.code_blocks import close_fence, code_blocks

_LINES = st.sampled_from(
    ["", "word", "```", "```py", "~~~", "~~~~ js", "````", " ```", "  x", "# head", "a ``` b", "```a`b"]
)


@given(st.lists(_LINES, max_size=12))
def test_plain_fences_are_found_as_commonmark_finds_them(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    expected = [(t.content, t.info.strip()) for t in MarkdownIt().parse(text) if t.type == "fence"]
    assert [(b.code, b.language) for b in code_blocks(text)] == expected


@given(st.lists(_LINES, max_size=12))
def test_after_closing_nothing_that_follows_is_swallowed(lines: list[str]) -> None:
    text = close_fence("\n".join(lines))
    assert all(block.is_closed for block in code_blocks(text))


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
def test_fences_in_lists_and_quotes_are_found_too(text: str, code: str, language: str) -> None:
    (block,) = code_blocks(text)
    assert (block.code, block.language) == (code, language)


def test_an_open_block_says_so_and_knows_its_line() -> None:
    block = code_blocks("words\n\n```py\nx = 1")[0]
    assert (block.code, block.line, block.is_closed) == ("x = 1\n", 2, False)
    assert close_fence("> ```\n> x") == "> ```\n> x\n> ```"
