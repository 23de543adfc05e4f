"""The terminal outside Textual: suitability checks, keyboard, window title, signals, and restoring its modes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.safe import clean, clean_line

SMALLEST = (20, 5)
"""Columns and rows below which the screen shows only a notice."""
PIPED_LIMIT = 10_000_000
"""Maximum characters to read from a pipe as a draft."""

_SAVE_TITLE, _RESTORE_TITLE = "\x1b[22;2t", "\x1b[23;2t"
# Mouse reporting, focus, bracketed paste and kitty keys off; wrapping and cursor on; main screen; plain colours.
_RESET = (
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?1004l\x1b[?2004l\x1b[?2048l\x1b[?2026l"
    "\x1b[<u\x1b[?7h\x1b[?25h\x1b[0m\x1b[?1047l"
)


def check_terminal(*, stdin_is_tty: bool, stderr_is_tty: bool, term: str) -> Problem | None:
    """Return why the app cannot run here, or ``None``.

    Textual reads standard input and draws on standard error; without a terminal there it would hang silently.
    """
    hint = "Use tui-router ask for an answer without a screen."
    if not stdin_is_tty or not stderr_is_tty:
        where = "Standard input" if not stdin_is_tty else "Standard error"
        return Problem(kind=ErrorKind.USAGE, title="No terminal", detail=f"{where} is not a terminal.", hint=hint)
    if term in ("", "dumb"):
        return Problem(
            kind=ErrorKind.USAGE, title="This terminal cannot show a screen", detail="TERM is dumb.", hint=hint
        )
    return None


def check_this_terminal() -> Problem | None:
    """Call ``check_terminal`` for this process."""
    return check_terminal(stdin_is_tty=_is_tty(0), stderr_is_tty=_is_tty(2), term=os.environ.get("TERM", "") or "dumb")


def is_too_small(columns: int, rows: int) -> bool:
    """Return whether a screen of this size can show only a notice."""
    return columns < SMALLEST[0] or rows < SMALLEST[1]


def read_piped(stream: TextIO, limit: int = PIPED_LIMIT) -> str:
    """Return piped text without control characters, truncated to ``limit`` characters."""
    return clean(stream.read(limit))


def reopen_keyboard(path: str = "/dev/tty", descriptor: int = 0) -> None:
    """Replace a piped standard input with the controlling terminal.

    Raises:
        AppError: There is no controlling terminal.
    """
    try:
        keyboard = os.open(path, os.O_RDWR | os.O_NOCTTY)
    except OSError as error:
        raise AppError(
            Problem(
                kind=ErrorKind.USAGE,
                title="No keyboard",
                detail=f"Standard input is a pipe and {path} cannot be opened: {error.strerror}.",
                hint="Use tui-router ask in a pipe.",
            )
        ) from error
    os.dup2(keyboard, descriptor)
    if keyboard != descriptor:
        os.close(keyboard)


def title_sequence(text: str) -> str:
    """Return the sequence that sets the window title; control characters in ``text`` are removed."""
    return f"\x1b]2;{clean_line(text, 120)}\x07"


@contextmanager
def window_title(write: Callable[[str], object], text: str) -> Iterator[Callable[[str], None]]:
    """Set the window title and restore the old one on exit; yields a function that changes it."""
    write(_SAVE_TITLE + title_sequence(text))
    try:
        yield lambda changed: _ignore(write(title_sequence(changed)))
    finally:
        write(_RESTORE_TITLE)


def watch_signals(loop: asyncio.AbstractEventLoop, on_signal: Callable[[signal.Signals], None]) -> Callable[[], None]:
    """Call ``on_signal`` in the loop on TERM, HUP and INT, so that the app can save before it exits.

    Returns:
        A function that removes the handlers.
    """
    watched = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    for number in watched:
        loop.add_signal_handler(number, on_signal, number)

    def stop() -> None:
        for number in watched:
            loop.remove_signal_handler(number)

    return stop


class TerminalModes:
    """The saved modes of the terminal, to be restored after a crash."""

    def __init__(self, attributes: list[Any] | None, input_fd: int, output_fd: int) -> None:
        self._attributes = attributes
        self._input = input_fd
        self._output = output_fd

    def restore(self) -> None:
        """Reset every mode that the app may have set. Safe to call if it already has; never raises."""
        import termios  # POSIX only

        try:
            if _is_tty(self._output):
                os.write(self._output, _RESET.encode())
            if self._attributes is not None:
                termios.tcsetattr(self._input, termios.TCSANOW, self._attributes)
        except (OSError, termios.error):
            return


def save_modes(input_fd: int = 0, output_fd: int = 2) -> TerminalModes:
    """Return the current modes of the terminal."""
    import termios  # POSIX only

    try:
        attributes = termios.tcgetattr(input_fd)
    except (OSError, termios.error):
        attributes = None
    return TerminalModes(attributes, input_fd, output_fd)


def write_to_terminal(text: str) -> None:
    """Write control sequences to the terminal that the app draws on."""
    stream = sys.__stderr__
    if stream is not None:
        stream.write(text)
        stream.flush()


def _is_tty(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def _ignore(_: object) -> None:
    return None
