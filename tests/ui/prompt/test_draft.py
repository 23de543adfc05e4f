"""What a line means: words or a command."""

from __future__ import annotations

import pytest

from tui_router.domain.draft import Draft
from tui_router.ui.prompt.draft import Say, Slash, read_line


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("hello", Say("hello")),
        ("/model gpt 5", Slash("model", "gpt 5")),
        ("/new", Slash("new", "")),
        ("  /new  ", Slash("new", "")),
        ("/system line\nanother", Slash("system", "line\nanother")),
        ("/nonsense", Slash("nonsense", "")),
        ("/etc/hosts explain", Slash("etc/hosts", "explain")),
        ("//etc/hosts explain", Say("/etc/hosts explain")),
        ("/", Slash("", "")),
        ("/ a slash", Say("/ a slash")),
        ("a /model b", Say("a /model b")),
    ],
)
def test_a_leading_word_with_a_slash_is_never_words_for_a_model(text: str, meaning: Say | Slash) -> None:
    assert read_line(text) == meaning


def test_blank_text_is_an_empty_draft() -> None:
    assert Draft(text=" \n").is_empty
    assert not Draft(text="x").is_empty
