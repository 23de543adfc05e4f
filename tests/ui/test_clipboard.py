"""Copying reports what it did; pasting reads what a native tool gives."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from tui_router.domain.message import Image
from tui_router.domain.problem import AppError
from tui_router.ui.clipboard import Route, copy, osc52, plan_copy, read_clipboard, run_copy_tool, run_paste_tool

XTERM = {"TERM": "xterm-256color"}


def everything(_: str) -> bool:
    return True


def nothing(_: str) -> bool:
    return False


def runner(*, ok: bool, ran: list[str]) -> Callable[[Sequence[str], bytes], bool]:
    def run(command: Sequence[str], data: bytes) -> bool:
        ran.append(command[0])
        return ok

    return run


@pytest.mark.parametrize(
    ("environ", "tools"),
    [
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, ["wl-copy", "xclip", "xsel", "pbcopy", "clip.exe"]),
        ({"DISPLAY": ":0"}, ["xclip", "xsel", "pbcopy", "clip.exe"]),
        ({}, ["pbcopy", "clip.exe"]),
        ({"SSH_CONNECTION": "a", "WAYLAND_DISPLAY": "wayland-0"}, []),
        ({"SSH_TTY": "/dev/pts/1", "DISPLAY": "localhost:10"}, ["xclip", "xsel"]),
    ],
)
def test_tools_are_tried_where_they_reach_the_readers_clipboard(environ: Mapping[str, str], tools: list[str]) -> None:
    assert [tool[0] for tool in plan_copy(5, environ, everything).tools] == tools


def test_a_tool_that_succeeds_is_named_and_verified() -> None:
    ran: list[str] = []
    done = copy("x", environ={**XTERM, "DISPLAY": ":0"}, write=None, run=runner(ok=True, ran=ran), has_tool=everything)
    assert (done.sentence, done.is_verified, ran) == ("Copied with xclip", True, ["xclip"])


def test_a_tool_that_fails_is_not_believed() -> None:
    ran: list[str] = []
    written: list[str] = []
    environ = {**XTERM, "DISPLAY": ":0"}
    done = copy("x", environ=environ, write=written.append, run=runner(ok=False, ran=ran), has_tool=everything)
    assert ran == ["xclip", "xsel", "pbcopy", "clip.exe"]
    assert (done.route, done.is_verified) == (Route.TERMINAL, False)
    assert done.sentence == "Sent to the terminal (OSC 52); it cannot be verified"
    assert written == ["\x1b]52;c;eA==\x07"]


def test_tmux_and_screen_get_their_wrapping() -> None:
    assert osc52("x", "tmux") == "\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\"
    wrapped = osc52("x" * 2000, "screen")
    pieces = wrapped.split("\x1bP")[1:]
    assert all(len(piece) <= 768 and piece.endswith("\x1b\\") for piece in pieces)
    request = "".join(piece.removesuffix("\x1b\\") for piece in pieces)
    assert base64.b64decode(request.removeprefix("\x1b]52;c;").removesuffix("\x07")) == b"x" * 2000


def test_what_stands_between_is_named() -> None:
    done = copy("x", environ={**XTERM, "TMUX": "/tmp/x"}, write=lambda _: None, has_tool=nothing)
    assert "through tmux" in done.sentence


def test_what_is_too_big_for_the_terminal_is_saved_and_said(tmp_path: Path) -> None:
    written: list[str] = []
    done = copy("x" * 60_000, environ=XTERM, write=written.append, folder=str(tmp_path), has_tool=nothing)
    (saved,) = tmp_path.iterdir()
    assert saved.read_text() == "x" * 60_000
    assert done.sentence == f"Saved to {saved}: too big for the terminal"
    assert saved.stat().st_mode & 0o077 == 0
    assert written == []


def test_a_linux_console_has_no_clipboard(tmp_path: Path) -> None:
    done = copy("x", environ={"TERM": "linux"}, write=lambda _: None, folder=str(tmp_path), has_tool=nothing)
    assert done.route is Route.FILE
    assert done.sentence.endswith("no clipboard here")


def test_nothing_copied_is_said_too() -> None:
    with pytest.raises(AppError, match="Nothing was copied"):
        copy("x", environ={}, write=None, folder="/no/such/folder", has_tool=nothing)


def test_a_lone_surrogate_does_not_stop_copying() -> None:
    written: list[str] = []
    copy("a\ud800", environ=XTERM, write=written.append, has_tool=nothing)
    assert written


def test_a_tool_that_is_not_there_or_fails_is_a_no() -> None:
    assert not run_copy_tool(["/no/such/tool"], b"x")
    assert not run_copy_tool(["false"], b"x")
    assert run_copy_tool(["cat"], b"x")


def test_a_picture_is_preferred_to_text_and_text_is_made_safe() -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"rest"
    found = read_clipboard({}, lambda command: png if "image/png" in command else b"text")
    assert isinstance(found, Image)
    assert base64.b64decode(found.data) == png
    assert read_clipboard({}, lambda command: b"a\x1b[31m" if command[0] == "xsel" else None) == "a␛[31m"
    assert read_clipboard({}, lambda command: b"not a PNG" if command[0] == "xclip" else None) == "not a PNG"


@pytest.mark.parametrize(("environ", "why"), [({}, "it is empty"), ({"SSH_CONNECTION": "1"}, "over SSH")])
def test_a_clipboard_that_no_tool_can_read_is_reported_with_the_reason(environ: dict[str, str], why: str) -> None:
    with pytest.raises(AppError) as caught:
        read_clipboard(environ, lambda command: None)
    assert why in caught.value.problem.detail


def test_a_pasting_tool_that_is_missing_or_fails_gives_nothing() -> None:
    assert run_paste_tool(["no-such-tool-here"]) is None
    assert run_paste_tool(["false"]) is None
    assert run_paste_tool(["echo", "words"]) == b"words\n"
