"""The colours of a theme, before any screen library has seen them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

DEFAULT_THEME = "midnight"
"""The theme of a fresh installation."""

COLOR_KEYS = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "boost",
    "warning",
    "error",
    "success",
)
"""The named colours of the interface, as a theme file's ``[colors]`` spells them."""

REQUIRED_COLORS = ("primary", "foreground", "background")
"""Without these there is no theme; every other colour can be derived."""

TEXT_KEYS = (
    *("text", "muted", "heading1", "heading2", "heading3", "strong", "emphasis", "code", "codeblock"),
    *("codeblock_frame", "link", "bullet", "quote", "quote_bar", "rule", "table_head"),
    *("user", "user_bar", "assistant", "reasoning", "notice", "warning", "error", "success"),
    *("cursor", "selection", "find", "find_current"),
    *("syntax_keyword", "syntax_name", "syntax_string", "syntax_number", "syntax_comment"),
    *("syntax_operator", "syntax_type", "diff_add", "diff_remove"),
    *(f"lane{n}" for n in range(1, 9)),
)
"""The styles of the transcript, as a theme file's ``[text]`` spells them."""

ANSI_NAMES = (
    "default",
    *("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"),
    *("bright_black", "bright_red", "bright_green", "bright_yellow"),
    *("bright_blue", "bright_magenta", "bright_cyan", "bright_white"),
)
"""The terminal's own colours; ``ansi_`` stands before them among the colours of the interface."""


class Palette(NamedTuple):
    """A theme as its file says it. Colours are ``#rrggbb`` or, in a theme for ANSI terminals, ``ansi_…`` names."""

    name: str
    title: str = ""
    dark: bool = True
    ansi: bool = False
    """Use the terminal's own sixteen colours and its background."""
    colors: Mapping[str, str] = MappingProxyType({})
    """The named colours of the interface: primary, secondary, accent, foreground, background, surface, panel, …"""
    text: Mapping[str, str] = MappingProxyType({})
    """Styles of the transcript by name (heading, code, link, …), e.g. ``bold #89b4fa``."""


PLAIN = Palette(
    name="plain",
    title="Plain",
    ansi=True,
    colors={
        **dict.fromkeys(("foreground", "background", "surface", "panel", "boost"), "ansi_default"),
        "primary": "ansi_blue",
        "secondary": "ansi_cyan",
        "accent": "ansi_magenta",
        "warning": "ansi_yellow",
        "error": "ansi_red",
        "success": "ansi_green",
    },
)
"""What remains when no theme file can be read: the terminal's own colours."""
