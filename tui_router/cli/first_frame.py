"""The first frame, painted before Textual is imported: an empty transcript, the prompt, a status line.

The kernel echoes what is typed meanwhile: the cursor stands inside the prompt's box and the terminal is in a
mode where every byte is echoed at once and stays in the input queue. Textual later takes the same bytes from
the queue, so that each key arrives exactly once. Standard library only; importing this costs nothing.
"""

from __future__ import annotations

import atexit
import os
import termios

# Importing typing for a name in annotations would cost as much as the rest of the start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PLACEHOLDER = "Ask anything"
SMALLEST = (20, 5)
"""Columns and rows below which nothing is painted."""

_ENTER = "\x1b[?1049h\x1b[?7l\x1b[?2004h\x1b[2J"
_LEAVE = "\x1b[?2004l\x1b[?7h\x1b[0m\x1b[?25h\x1b[?1049l"
# After Textual has left the alternate screen, 1049 would move the cursor once more; 1047 does nothing then.
_LEAVE_AGAIN = "\x1b[?2004l\x1b[?7h\x1b[0m\x1b[?25h\x1b[?1047l"


class Splash:
    """A painted first frame, and what is needed to take it back."""

    def __init__(self, input_fd: int, output_fd: int, attributes: list[Any]) -> None:
        self.attributes = attributes
        """The terminal's modes from before, as ``termios`` gives them: for the driver to restore."""
        self._input = input_fd
        self._output = output_fd
        self._is_handed_over = False
        self._is_restored = False

    def hand_over(self) -> None:
        """Say that the app starts to run: from now on it owns the screen, ``restore`` only sets the modes back."""
        self._is_handed_over = True

    def restore(self) -> None:
        """Give the terminal back as it was. May be called twice, and after the app has ended."""
        if self._is_restored:
            return
        self._is_restored = True
        atexit.unregister(self.restore)
        try:
            os.write(self._output, (_LEAVE_AGAIN if self._is_handed_over else _LEAVE).encode())
            termios.tcsetattr(self._input, termios.TCSANOW, self.attributes)
        except (OSError, termios.error):
            # The terminal is gone: nothing is left to restore.
            return


def paint(model_hint: str = "", input_fd: int = 0, output_fd: int = 2) -> Splash | None:
    """Paint the first frame and let the kernel echo what is typed into it.

    Args:
        model_hint: The model's name for the status line, where it is known without reading much.
        input_fd: The keyboard.
        output_fd: Where Textual draws, too: standard error.

    Returns:
        What takes it back; ``None`` when nothing was painted: no terminal, a dumb one, or too small a one.
    """
    if os.environ.get("TERM", "dumb") == "dumb":
        return None
    try:
        if not (os.isatty(input_fd) and os.isatty(output_fd)):
            return None
        columns, rows = os.get_terminal_size(output_fd)
        attributes = termios.tcgetattr(input_fd)
    except (OSError, termios.error):
        return None
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        return None
    splash = Splash(input_fd, output_fd, attributes)
    # Ctrl+C may come before the caller has the splash in its hands.
    atexit.register(splash.restore)
    try:
        termios.tcsetattr(input_fd, termios.TCSANOW, _echoing(attributes))
        os.write(output_fd, frame(columns, rows, model_hint).encode("utf-8", "replace"))
    except (OSError, termios.error):
        splash.restore()
        return None
    return splash


def frame(columns: int, rows: int, model_hint: str = "") -> str:
    """Return the skeleton of the chat screen, with the cursor left inside the prompt."""
    top = rows - 3
    hint = "".join(c for c in model_hint if c.isprintable())[: columns - 2]
    inner = columns - 2
    return "".join(
        (
            _ENTER,
            "\x1b[2m",
            f"\x1b[{top};1H╭{'─' * inner}╮",
            f"\x1b[{top + 1};1H│ {PLACEHOLDER[: inner - 2]:<{inner - 2}} │",
            f"\x1b[{top + 2};1H╰{'─' * inner}╯",
            f"\x1b[{rows};2H{hint}",
            "\x1b[0m",
            f"\x1b[{top + 1};3H",
        )
    )


def _echoing(attributes: list[Any]) -> list[Any]:
    """Return modes in which bytes are echoed and queued, each as it is.

    ICRNL off: Enter must stay CR, or it would reach the app as Ctrl+J. ECHOCTL off: no ``^M`` in the box.
    IXON and IEXTEN off: Ctrl+S must not stop the output. ISIG stays, so that Ctrl+C ends a slow start.
    """
    changed = [*attributes[:6], list(attributes[6])]
    changed[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.IXON | termios.IXOFF)
    changed[3] &= ~(termios.ICANON | termios.IEXTEN | termios.ECHOCTL)
    changed[3] |= termios.ECHO
    changed[6][termios.VMIN] = 1
    changed[6][termios.VTIME] = 0
    # Ctrl+Z in a half built screen: leave it to the app.
    changed[6][termios.VSUSP] = b"\x00"
    return changed
