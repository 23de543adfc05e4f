"""The terminal around the app."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import signal

import pytest

from tui_router.domain.problem import AppError, exit_code
from tui_router.ui.terminal import (
    check_terminal,
    is_too_small,
    read_piped,
    reopen_keyboard,
    save_modes,
    title_sequence,
    watch_signals,
    window_title,
)


def test_a_pipe_or_a_dumb_terminal_is_refused_with_wrong_usage() -> None:
    for problem in (
        check_terminal(stdin_is_tty=False, stderr_is_tty=True, term="xterm"),
        check_terminal(stdin_is_tty=True, stderr_is_tty=False, term="xterm"),
        check_terminal(stdin_is_tty=True, stderr_is_tty=True, term="dumb"),
    ):
        assert problem is not None
        assert exit_code(problem.kind) == 2
        assert "tui-router ask" in problem.hint
    assert check_terminal(stdin_is_tty=True, stderr_is_tty=True, term="xterm-256color") is None


def test_twenty_by_five_is_the_smallest() -> None:
    assert not is_too_small(20, 5)
    assert is_too_small(19, 5)
    assert is_too_small(20, 4)


def test_piped_text_is_bounded_and_safe() -> None:
    assert read_piped(io.StringIO("a\x1b[0m\r\nb")) == "a␛[0m\nb"
    assert read_piped(io.StringIO("abcdef"), limit=3) == "abc"


def test_the_keyboard_takes_the_place_of_a_pipe() -> None:
    reader, writer = os.pipe()
    main, other = pty.openpty()
    try:
        reopen_keyboard(os.ttyname(other), reader)
        assert os.isatty(reader)
    finally:
        for descriptor in (reader, writer, main, other):
            os.close(descriptor)


def test_no_controlling_terminal_is_said() -> None:
    with pytest.raises(AppError, match="No keyboard"):
        reopen_keyboard("/no/such/tty")


def test_a_title_cannot_break_out() -> None:
    assert title_sequence("a\x07\x1b]52;c;x\x07\nb") == "\x1b]2;a␇␛]52;c;x␇ b\x07"


def test_the_old_title_comes_back_even_after_a_crash() -> None:
    written: list[str] = []

    def crash() -> None:
        with window_title(written.append, "one") as change:
            change("two")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()
    assert written == ["\x1b[22;2t\x1b]2;one\x07", "\x1b]2;two\x07", "\x1b[23;2t"]


async def test_a_signal_is_a_call_in_the_loop() -> None:
    heard: asyncio.Queue[signal.Signals] = asyncio.Queue()
    stop = watch_signals(asyncio.get_running_loop(), heard.put_nowait)
    try:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            os.kill(os.getpid(), number)
            assert await asyncio.wait_for(heard.get(), 10) is number
    finally:
        stop()
        # asyncio leaves INT at Python's default handler, as it was.
        signal.signal(signal.SIGINT, signal.default_int_handler)


def test_modes_come_back_after_a_crash() -> None:
    import termios
    import tty

    main, other = pty.openpty()
    try:
        before = termios.tcgetattr(other)
        saved = save_modes(other, other)
        tty.setraw(other)
        saved.restore()
        assert termios.tcgetattr(other) == before
        written = os.read(main, 4096)
        for sequence in (b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[<u", b"\x1b[?25h"):
            assert sequence in written
    finally:
        os.close(main)
        os.close(other)
