"""Typed and pasted input: a message, a slash command, or a dragged file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_router.domain.draft import Draft
from tui_router.ui.prompt.input_parsing import PlainText, SlashCommand, dragged_file, parse_input

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("hello", PlainText("hello")),
        ("/model gpt 5", SlashCommand("model", "gpt 5")),
        ("/new", SlashCommand("new", "")),
        ("  /new  ", SlashCommand("new", "")),
        ("/system line\nanother", SlashCommand("system", "line\nanother")),
        ("/nonsense", SlashCommand("nonsense", "")),
        ("/etc/hosts explain", SlashCommand("etc/hosts", "explain")),
        ("//etc/hosts explain", PlainText("/etc/hosts explain")),
        ("/", SlashCommand("", "")),
        ("/ a slash", PlainText("/ a slash")),
        ("a /model b", PlainText("a /model b")),
    ],
)
def test_a_leading_word_with_a_slash_is_never_words_for_a_model(text: str, parsed: PlainText | SlashCommand) -> None:
    assert parse_input(text) == parsed


def test_blank_text_is_an_empty_draft() -> None:
    assert Draft(text=" \n").is_empty
    assert not Draft(text="x").is_empty


@pytest.mark.parametrize("form", ["{}", "'{}'", '"{}"', "file://{}", "{}\n"])
def test_a_dragged_path_is_read_in_every_quoting(tmp_path: Path, form: str) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(PNG)
    assert dragged_file(form.format(picture)) == str(picture)


@pytest.mark.parametrize("text", ["", "hello", "/etc/passwd", "/no/such.png", "a.png b.png", "x\ny.png", "'broken.png"])
def test_other_pastes_are_words(text: str) -> None:
    assert dragged_file(text) is None
