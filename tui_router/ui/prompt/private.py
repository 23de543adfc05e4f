"""The one place that touches what Textual keeps to itself, each with a guard: without it the program still runs.

* ``register_newline_keys``: ESC CR and its kin become ``ctrl+j``. Otherwise Alt+Enter sends.
* ``reduce_kitty_flags``: only "disambiguate" is asked for. "Report all keys" loses what an input method
  composes in iTerm2, WezTerm and older Ghostty.
* ``install_fast_paste``: Textual's parser walks a paste character by character (0.7 s of CPU a megabyte,
  against the UI thread for the interpreter lock); here it is cut out of the input whole.
* ``adopt_terminal_modes``: what the terminal goes back to on exit is what was before the splash.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual import _ansi_sequences as sequences
from textual import _xterm_parser as parsing
from textual import events
from textual.keys import Keys
from textual.message import Message

from tui_router.ui.prompt.newline_keys import ENCODED_SEQUENCES, LEGACY_SEQUENCES

PASTE_START = "\x1b[200~"
PASTE_END = "\x1b[201~"


def install() -> tuple[str, ...]:
    """Do all of it, before the app runs; returns the names of what this Textual did not allow."""
    steps = (register_newline_keys, reduce_kitty_flags, install_fast_paste)
    return tuple(step.__name__ for step in steps if not step())


def register_newline_keys() -> bool:
    """Teach the key parser the byte forms of a modified Enter; returns whether it could be done."""
    table: Any = getattr(sequences, "ANSI_SEQUENCES_KEYS", None)
    if not isinstance(table, dict):
        return False
    table.update(dict.fromkeys((*LEGACY_SEQUENCES, *ENCODED_SEQUENCES), (Keys.ControlJ,)))
    return True


def reduce_kitty_flags() -> bool:
    """Ask a terminal for kitty flag 1 only; returns whether it could be done."""
    try:
        from textual.drivers import linux_driver  # POSIX only
    except ImportError:
        return False
    names = ("KITTY_REPORT_ALL_KEYS", "KITTY_REPORT_ASSOCIATED_TEXT")
    if not all(hasattr(linux_driver, name) for name in names):
        return False
    for name in names:
        setattr(linux_driver, name, 0)
    return True


class PasteCutter(parsing.XTermParser):
    """Textual's parser, which never sees the inside of a bracketed paste."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._paste: list[str] | None = None

    def feed(self, data: str) -> Iterable[Message]:
        """Yield the messages of a piece of input. Empty input is the end of it."""
        if not data:
            self._paste = None
            yield from super().feed("")
            return
        while data:
            if self._paste is None:
                before, start, data = data.partition(PASTE_START)
                if before:
                    yield from super().feed(before)
                if start:
                    self._paste = []
                continue
            # The end mark may be cut by the edge of a read: look for it over the seam.
            if self._paste and len(self._paste[-1]) < len(PASTE_END):
                data = self._paste.pop() + data
            tail = self._paste[-1][-len(PASTE_END) :] if self._paste else ""
            at = (tail + data).find(PASTE_END)
            if at < 0:
                self._paste.append(data)
                return
            pasted = "".join(self._paste) + data
            end = len(pasted) - len(data) - len(tail) + at
            self._paste, data = None, pasted[end + len(PASTE_END) :]
            yield events.Paste(pasted[:end].replace("\x00", ""))


def install_fast_paste() -> bool:
    """Make the driver read its input through ``PasteCutter``; returns whether it could be done."""
    try:
        from textual.drivers import linux_driver  # POSIX only
    except ImportError:
        return False
    if not hasattr(linux_driver, "XTermParser"):
        return False
    linux_driver.XTermParser = PasteCutter
    return True


def adopt_terminal_modes(driver: object, attributes: list[Any]) -> bool:
    """Make a running driver restore these termios attributes when it suspends or stops.

    The splash has changed the modes before Textual saved them; without this an external editor and the
    shell would be handed the splash's modes. Returns whether it could be done.
    """
    if getattr(driver, "attrs_before", None) is None:
        return False
    driver.attrs_before = attributes  # type: ignore[attr-defined]
    return True
