"""Every byte form in which a terminal can say "new line, do not send".

A plain terminal sends Alt+Enter as ESC CR (or ESC LF); one with the kitty protocol sends ``ESC[13;2u``; one
with xterm's modifyOtherKeys sends ``ESC[27;2;13~``, which Textual reads as keys with a raw CR in their names.
"""

from __future__ import annotations

from typing import Final

NEWLINE_KEYS: Final = "ctrl+j,shift+enter,alt+enter,ctrl+enter"
"""Names under which Textual reports a new line, for a binding."""

MODIFIERS: Final = (2, 3, 4, 5, 6, 7, 8)
"""Shift, Alt, Ctrl and what they make together, as terminals number them."""

LEGACY_SEQUENCES: Final = ("\x1b\r", "\x1b\n")
"""Alt+Enter of a plain terminal. Textual 8.2 takes the first for Enter, so that it would send."""

ENCODED_SEQUENCES: Final = (
    *(f"\x1b[13;{m}u" for m in MODIFIERS),
    *(f"\x1b[27;{m};13~" for m in MODIFIERS),
)
"""The same with an encoding of its own; registered for when ``TEXTUAL_DISABLE_KITTY_KEY`` is set."""


def is_newline_key(key: str, character: str | None) -> bool:
    """Whether a key that no binding names is Enter with a modifier, as modifyOtherKeys gives it."""
    return character == "\r" and key != "enter"
