"""The first frame in a real pseudo-terminal: seen at once, typed into at once, gone without a trace."""

from __future__ import annotations

import os
import sys
import termios
from pathlib import Path

import pytest

from tests.pty_harness import Child
from tui_router.cli.first_frame import frame, paint

TOY = [sys.executable, "-m", "tests.prompt_toy", "--splash"]
LIVE = "ready"
"""What the toy's status line says when Textual has painted."""


def box_line(screen: str) -> str:
    return next(line for line in screen.splitlines() if line.startswith("│"))


def test_the_frame_is_there_with_the_cursor_in_the_prompt(tmp_path: Path) -> None:
    with Child(TOY, environ={"TOY_GATE": str(tmp_path / "gate")}) as child:
        child.wait_until(lambda s: "│ Ask anything" in s and "demo/quick" in s)
        assert child.cursor() == (2, child.rows - 3)


def test_what_is_typed_early_is_seen_early_and_arrives_exactly_once(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with Child(TOY, environ={"TOY_GATE": str(gate)}) as child:
        child.wait_until(lambda s: "Ask anything" in s)
        child.send("héllo")
        child.wait_until(lambda s: "│ héllo" in s)
        gate.touch()
        screen = child.wait_until(lambda s: LIVE in s and "│ héllo " in s)
        assert screen.count("héllo") == 1
        child.send(" wörld\r")
        child.wait_until(lambda s: "sent 'héllo wörld' 11" in s)


def test_enter_typed_early_sends_and_ctrl_j_breaks_the_line(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with Child(TOY, environ={"TOY_GATE": str(gate)}) as child:
        child.wait_until(lambda s: "Ask anything" in s)
        child.send("one\ntwo\r")
        gate.touch()
        child.wait_until(lambda s: "sent 'one\\ntwo'" in s)


def test_a_paste_before_the_app_is_up_is_one_paste(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with Child(TOY, environ={"TOY_GATE": str(gate)}) as child:
        child.wait_for("\x1b[?2004h")
        child.send("\x1b[200~" + "row\r" * 20 + "\x1b[201~")
        gate.touch()
        child.wait_until(lambda s: "[pasted 20 lines]" in s)
        assert "sent" not in child.screen()


def test_the_terminal_is_given_back_as_it_was_after_a_failure(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with Child([*TOY, "--crash"], environ={"TOY_GATE": str(gate)}) as child:
        child.wait_for("Ask anything")
        gate.touch()
        child.wait_exit()
        assert child.status == 3
        assert child.modes_now() == child.modes
        assert child.output.endswith(b"\x1b[?25h\x1b[?1049l")


def test_ctrl_c_before_the_app_is_up_ends_it_and_gives_the_terminal_back(tmp_path: Path) -> None:
    with Child(TOY, environ={"TOY_GATE": str(tmp_path / "gate")}) as child:
        child.wait_for("Ask anything")
        child.send("\x03")
        child.wait_exit()
        assert child.modes_now() == child.modes


def test_the_terminal_is_given_back_as_it_was_after_the_app() -> None:
    with Child(TOY) as child:
        child.wait_until(lambda s: LIVE in s)
        child.send("\x11")
        child.wait_exit()
        assert child.modes_now() == child.modes
        assert child.output.count(b"\x1b[?1049l") == 1


def test_nothing_is_painted_where_there_is_no_screen(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    try:
        assert paint(input_fd=reader, output_fd=writer) is None
    finally:
        os.close(reader)
        os.close(writer)
    code = "import sys; from tui_router.cli.first_frame import paint; sys.exit(paint() is None)"
    for environ, columns, rows in (({"TERM": "dumb"}, 80, 24), ({}, 19, 24), ({}, 80, 4)):
        with Child([sys.executable, "-c", code], environ=environ, columns=columns, rows=rows) as child:
            child.wait_exit()
            assert child.status == 1
            assert not child.output


def test_restoring_twice_writes_once() -> None:
    main, other = os.openpty()
    before = termios.tcgetattr(other)
    os.environ["TERM"], kept = "xterm", os.environ.get("TERM", "xterm")
    try:
        splash = paint(input_fd=other, output_fd=other)
        assert splash is None or splash.attributes == before
        if splash:
            splash.restore()
            os.read(main, 65536)
            splash.restore()
            assert termios.tcgetattr(other) == before
    finally:
        os.environ["TERM"] = kept
        os.close(main)
        os.close(other)


@pytest.mark.parametrize(("columns", "rows"), [(20, 5), (80, 24), (300, 80)])
def test_the_frame_fits_every_size(columns: int, rows: int) -> None:
    import pyte

    screen = pyte.Screen(columns, rows)
    pyte.Stream(screen).feed(frame(columns, rows, "a" * 400))
    assert screen.display[rows - 4].rstrip() == "╭" + "─" * (columns - 2) + "╮"
    assert screen.display[rows - 3].startswith("│ Ask anything")
    assert screen.display[rows - 3].rstrip().endswith("│")
    assert (screen.cursor.x, screen.cursor.y) == (2, rows - 3)


def test_the_splash_needs_nothing_but_the_standard_library() -> None:
    code = "import sys; before = set(sys.modules); import tui_router.cli.first_frame; "
    code += "print(sorted(set(sys.modules) - before))"
    with Child([sys.executable, "-c", code]) as child:
        child.wait_exit()
        child.wait_for("]")
        loaded = child.output.decode()
        assert "asyncio" not in loaded
        assert "textual" not in loaded
        assert "'typing'" not in loaded
