"""The colours of a theme, before any screen library has seen them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

DEFAULT_THEME = "midnight"
"""The theme of a fresh installation."""

COLOR_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "primary": "names, focus, links and the cursor of lists",
        "secondary": "third-level headings and quieter marks",
        "accent": "code, bullets and the mark beside your questions",
        "foreground": "text",
        "background": "what everything stands on",
        "surface": "dialogs, menus and code blocks",
        "panel": "the status line and title bars",
        "boost": "a row under the mouse",
        "warning": "prices that deserve a look, retries",
        "error": "failures",
        "success": "what went well",
    }
)
"""The named colours of the interface, as a theme file's ``[colors]`` spells them, and what each is used for."""

REQUIRED_COLORS = ("primary", "foreground", "background")
"""Without these there is no theme; every other colour can be derived."""

TEXT_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "text": "plain text",
        "muted": "figures, times and other small print",
        "heading1": "a heading of the first level",
        "heading2": "a heading of the second level",
        "heading3": "deeper headings",
        "strong": "bold text",
        "emphasis": "emphasised text",
        "code": "code within a line",
        "codeblock": "a block of code",
        "codeblock_frame": "the frame of a block of code",
        "link": "a link",
        "bullet": "the bullet or number of a list item",
        "quote": "a quotation",
        "quote_bar": "the bar beside a quotation",
        "rule": "a horizontal rule",
        "table_head": "the head of a table",
        "user": "your words",
        "user_bar": "the bar beside your words",
        "assistant": "the name of the model that answers",
        "reasoning": "what a model thinks before it answers",
        "notice": "notes of the program between the turns",
        "warning": "a warning in the conversation",
        "error": "a failure in the conversation",
        "success": "a success in the conversation",
        "cursor": "the selected message",
        "selection": "selected text",
        "find": "a match of the search",
        "find_current": "the current match of the search",
        "syntax_keyword": "code: keywords",
        "syntax_name": "code: names of functions and classes",
        "syntax_string": "code: strings",
        "syntax_number": "code: numbers and constants",
        "syntax_comment": "code: comments",
        "syntax_operator": "code: operators",
        "syntax_type": "code: types",
        "diff_add": "what was added",
        "diff_remove": "what was removed",
        **{f"lane{n}": f"lane {n} of a comparison" for n in range(1, 9)},
    }
)
"""The styles of the transcript, as a theme file's ``[text]`` spells them, and what each is used for."""

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
