"""Adapts Textual's private keyboard and paste handling. Where a patch does not apply, the program runs without it.

* ``register_newline_keys``: maps ESC CR and other forms of a modified Enter to ``ctrl+j``; otherwise Alt+Enter sends.
* ``reduce_kitty_flags``: requests only "disambiguate". "Report all keys" loses the text that input methods compose
  in iTerm2, WezTerm and older Ghostty.
* ``install_fast_paste``: Textual's parser reads a paste character by character (0.7 s of CPU per megabyte, competing
  with the UI thread for the interpreter lock); ``FastPasteParser`` cuts it out of the input in one piece.
* ``adopt_terminal_modes``: restores the modes from before the splash screen when the app suspends or exits.

A plain terminal sends Alt+Enter as ESC CR or ESC LF; one with the kitty protocol sends ``ESC[13;2u``; one with
xterm's modifyOtherKeys sends ``ESC[27;2;13~``, which Textual reports as a key whose name contains a raw CR.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from textual import _ansi_sequences as sequences
from textual import _xterm_parser as parsing
from textual import events
from textual.keys import Keys
from textual.message import Message

NEWLINE_KEYS: Final = "ctrl+j,shift+enter,alt+enter,ctrl+enter"
"""The keys that insert a line break, as Textual names them in a binding."""

MODIFIERS: Final = (2, 3, 4, 5, 6, 7, 8)
"""Modifier numbers in terminal sequences: the combinations of Shift, Alt and Ctrl."""

LEGACY_SEQUENCES: Final = ("\x1b\r", "\x1b\n")
"""Alt+Enter in a plain terminal. Textual 8.2 reads the first as Enter, which would send."""

ENCODED_SEQUENCES: Final = (
    *(f"\x1b[13;{m}u" for m in MODIFIERS),
    *(f"\x1b[27;{m};13~" for m in MODIFIERS),
)
"""Modified Enter in the kitty and xterm encodings; Textual ignores these if ``TEXTUAL_DISABLE_KITTY_KEY`` is set."""

PASTE_START = "\x1b[200~"
PASTE_END = "\x1b[201~"


def install() -> tuple[str, ...]:
    """Apply all patches before the app runs; return the names of those that this Textual does not allow."""
    steps = (register_newline_keys, reduce_kitty_flags, install_fast_paste)
    return tuple(step.__name__ for step in steps if not step())


def register_newline_keys() -> bool:
    """Map the byte forms of a modified Enter to ``ctrl+j``; return whether the patch applied."""
    table: Any = getattr(sequences, "ANSI_SEQUENCES_KEYS", None)
    if not isinstance(table, dict):
        return False
    table.update(dict.fromkeys((*LEGACY_SEQUENCES, *ENCODED_SEQUENCES), (Keys.ControlJ,)))
    return True


def reduce_kitty_flags() -> bool:
    """Request only kitty flag 1 from the terminal; return whether the patch applied."""
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


class FastPasteParser(parsing.XTermParser):
    """Textual's parser, with bracketed pastes taken out of its input in one piece."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._paste: list[str] | None = None

    def feed(self, data: str) -> Iterable[Message]:
        """Yield the messages for a chunk of input; an empty chunk marks the end of input."""
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
            # Two reads may split the end marker: search across the boundary.
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
    """Make the driver use ``FastPasteParser``; return whether the patch applied."""
    try:
        from textual.drivers import linux_driver  # POSIX only
    except ImportError:
        return False
    if not hasattr(linux_driver, "XTermParser"):
        return False
    linux_driver.XTermParser = FastPasteParser
    return True


def adopt_terminal_modes(driver: object, attributes: list[Any]) -> bool:
    """Make a running driver restore these termios attributes when it suspends or stops.

    The splash screen changes the modes before Textual saves them; without this, an external editor and the shell
    would inherit the splash screen's modes. Returns whether the patch applied.
    """
    if getattr(driver, "attrs_before", None) is None:
        return False
    driver.attrs_before = attributes  # type: ignore[attr-defined]
    return True


def is_newline_key(key: str, character: str | None) -> bool:
    """Return whether a key without a binding is a modified Enter, as modifyOtherKeys reports it."""
    return character == "\r" and key != "enter"
