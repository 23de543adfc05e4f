"""The files of kept prompts: read as they are, written so that they read back, never outside their folder."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_router.domain.problem import AppError
from tui_router.domain.prompt_template import Template
from tui_router.storage.prompts import Prompts, parse_prompt, prompt_text

HEAD = """---
description: "Review a change"
Model: openai/gpt-5
# a remark
system: |
  You are strict.

  And kind.
---

Review {{input}}
"""


def test_a_head_says_what_goes_with_the_text() -> None:
    found = parse_prompt("review", HEAD)
    assert found == Template(
        name="review",
        text="Review {{input}}",
        system="You are strict.\n\nAnd kind.",
        model="openai/gpt-5",
        description="Review a change",
    )


@pytest.mark.parametrize(
    "text",
    ["", "plain", "---\nnot a head", "---\nnot a field\n---\ntext", "----\na: b\n---", "--- \n\nrule\n---\nmore"],
)
def test_a_head_that_is_none_is_text(text: str) -> None:
    assert parse_prompt("x", text).text == text.strip("\n")


def test_what_could_drive_a_terminal_is_shown_and_windows_lines_are_read() -> None:
    found = parse_prompt("x\x1b[31m", "---\r\nsystem: a\x07b\r\n---\r\nText\u202e\r\n")
    assert (found.name, found.system, found.text) == ("x␛[31m", "a␇b", "Text\ufffd")


lines = st.lists(st.text(alphabet="ab:{}-# |", max_size=8), max_size=4).map("\n".join)


@given(lines, st.sampled_from(["", "one", "two\n\nlines", "a: b\n- c"]), st.sampled_from(["", "openai/gpt-5"]))
def test_what_is_written_reads_back(text: str, system: str, model: str) -> None:
    template = Template(name="x", text=text.strip("\n"), system=system, model=model)
    assert parse_prompt("x", prompt_text(template)) == template


def test_prompts_are_listed_loaded_and_saved(tmp_path: Path) -> None:
    prompts = Prompts(tmp_path / "prompts")
    assert prompts.names() == ()
    assert prompts.save(Template(name="Über ../ review.md", text="Text")) == "Über .. review"
    assert prompts.save(Template(name="alpha", text="Text")) == "alpha"
    (prompts.folder / "notes.txt").write_text("no prompt")
    (prompts.folder / ".hidden.md").write_text("no prompt")
    (prompts.folder / "Loud.MD").write_bytes(b"\xef\xbb\xbfLoud \xff")
    assert prompts.names() == ("alpha", "Loud", "Über .. review")
    assert prompts.load("Loud").text == "Loud \ufffd"
    assert stat.S_IMODE((prompts.folder / "alpha.md").stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["prompts"]


@pytest.mark.parametrize("name", ["nothing", "../secret", "/etc/passwd", "", "secret.md", "."])
def test_a_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.md").write_text("secret")
    prompts = Prompts(tmp_path / "prompts")
    prompts.save(Template(name="a", text="x"))
    with pytest.raises(AppError) as caught:
        prompts.load(name)
    assert caught.value.problem.title.startswith("No prompt is called")


def test_a_file_that_is_too_large_and_a_folder_that_is_a_file_are_said(tmp_path: Path) -> None:
    prompts = Prompts(tmp_path / "prompts")
    prompts.folder.mkdir()
    (prompts.folder / "big.md").write_text("x" * 1_000_001)
    with pytest.raises(AppError, match="too large"):
        prompts.load("big")
    (tmp_path / "file").write_text("")
    with pytest.raises(AppError):
        Prompts(tmp_path / "file").names()
