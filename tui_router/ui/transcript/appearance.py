"""How a transcript looks: display options, and Rich styles resolved from the theme's style keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.color import Color, ColorType
from rich.errors import StyleSyntaxError
from rich.style import Style

_PLAIN = Style()
_BUILT_IN = {"strike": "strike", "bar": "", "pad": "", "note_ref": "", "indent": ""}
_FALLBACKS = {
    "table_rule": "rule",
    "find_current": "find",
    "heading2": "heading1",
    "heading3": "heading2",
    "table_head": "strong",
    "syntax_type": "syntax_name",
}
_UNTHEMED = {
    "strong": "bold",
    "emphasis": "italic",
    "heading1": "bold underline",
    "heading2": "bold",
    "heading3": "bold",
    "table_head": "bold",
    "link": "underline",
    "assistant": "bold",
    "user": "bold",
    "selection": "reverse",
    "find": "reverse",
    "find_current": "reverse bold",
    "reasoning": "italic",
}
"""Attributes only, so that text is readable before a theme is applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """Display options of a transcript."""

    width: int = 80
    """Cells available for text."""
    density: str = "comfortable"
    """``comfortable`` puts a blank row between entries, ``compact`` does not."""
    timestamps: bool = False
    reasoning: str = "folded"
    """Initial state of reasoning: ``folded``, ``open`` or ``hidden``."""
    motion: bool = True
    """Whether spinners are animated."""


class Styles:
    """Resolves style keys on top of one base style, with a cache."""

    __slots__ = ("_ansi", "_base", "_known", "_names")

    def __init__(self, names: Mapping[str, str] | None = None, base: Style = _PLAIN, *, ansi: bool = False) -> None:
        self._names = dict(names) if names else _UNTHEMED
        self._base = base
        self._ansi = ansi
        self._known: dict[str, Style] = {}

    def __call__(self, key: str) -> Style:
        """Return the style of ``key``. Its ``@target`` is ignored."""
        style = self._known.get(key)
        if style is None:
            style = self._base
            for name in key.partition("@")[0].split("+"):
                style = style + self.named(name)
            self._known[key] = style
        return style

    def named(self, name: str) -> Style:
        """Return the theme's style for one name, without the base style."""
        text = self._names.get(name, _BUILT_IN.get(name))
        if text is None:
            other = _FALLBACKS.get(name)
            return self.named(other) if other else _PLAIN
        try:
            style = Style.parse(" ".join(_word(word) for word in text.split()))
        except StyleSyntaxError:
            return _PLAIN
        return style if self._ansi else _true(style)


def _word(word: str) -> str:
    return word.removeprefix("ansi_")


def _true(style: Style) -> Style:
    if not any(c is not None and c.type is ColorType.STANDARD for c in (style.color, style.bgcolor)):
        return style
    return style + Style(color=_true_colour(style.color), bgcolor=_true_colour(style.bgcolor))


def _true_colour(colour: Color | None) -> Color | None:
    if colour is None or colour.is_default:
        return colour
    return Color.from_triplet(colour.get_truecolor())
