"""The external editor: which one, and what comes back."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest

from tui_router.domain.problem import AppError
from tui_router.ui.editor import edit_text, editor_command


def no_tool(_: str) -> None:
    return None


def test_the_setting_wins_over_visual_and_visual_over_editor() -> None:
    environ = {"VISUAL": "vis", "EDITOR": "ed -x"}
    assert editor_command("mine --flag 'a b'", environ) == ("mine", "--flag", "a b")
    assert editor_command("", environ) == ("vis",)
    assert editor_command("", {"EDITOR": "ed -x"}) == ("ed", "-x")


def test_what_is_installed_is_the_last_resort() -> None:
    assert editor_command("", {}, lambda name: f"/usr/bin/{name}" if name == "vi" else None) == ("vi",)
    with pytest.raises(AppError, match="No editor"):
        editor_command("", {}, no_tool)


def test_an_editor_with_its_own_window_is_told_to_wait() -> None:
    assert editor_command("code", {}) == ("code", "--wait")
    assert editor_command("/usr/bin/code -w", {}) == ("/usr/bin/code", "-w")


def test_a_broken_command_is_refused() -> None:
    with pytest.raises(AppError, match="cannot be read"):
        editor_command("'open", {})


def test_the_edited_text_comes_back_safe_and_without_the_last_line_feed() -> None:
    seen: list[str] = []

    def run(command: Sequence[str]) -> int:
        path = Path(command[-1])
        seen.append(path.read_text())
        assert path.stat().st_mode & 0o077 == 0
        path.write_bytes(b"new\r\n\x1b[31mtext\n")
        return 0

    assert edit_text("old é", ["ed"], nullcontext, run) == "new\n␛[31mtext"
    assert seen == ["old é"]


def test_an_editor_that_fails_changes_nothing_and_leaves_no_file() -> None:
    before = set(Path(tempfile.gettempdir()).glob("tui-router-*.md"))
    with pytest.raises(AppError, match="ended with code 3"):
        edit_text("x", ["ed"], nullcontext, lambda _: 3)
    assert set(Path(tempfile.gettempdir()).glob("tui-router-*.md")) <= before


def test_an_editor_that_is_not_there_is_named() -> None:
    with pytest.raises(AppError, match="no-such-editor"):
        edit_text("x", ["no-such-editor"], nullcontext)
