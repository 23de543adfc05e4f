"""Style keys to Rich styles, by the names of the theme."""

from __future__ import annotations

from collections.abc import Mapping

from rich.color import Color, ColorType
from rich.errors import StyleSyntaxError
from rich.style import Style

_PLAIN = Style()
_BUILT_IN = {"strike": "strike", "bar": "", "pad": "", "note_ref": "", "indent": ""}
_STANDS_IN = {
    "table_rule": "rule",
    "find_current": "find",
    "heading2": "heading1",
    "heading3": "heading2",
    "table_head": "strong",
    "syntax_type": "syntax_name",
}
_WITHOUT_THEME = {
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
"""Attributes only: what remains readable before a theme arrives."""


class Styles:
    """Resolves style keys over one base style and remembers them."""

    __slots__ = ("_ansi", "_base", "_known", "_names")

    def __init__(self, names: Mapping[str, str] | None = None, base: Style = _PLAIN, *, ansi: bool = False) -> None:
        self._names = dict(names) if names else _WITHOUT_THEME
        self._base = base
        self._ansi = ansi
        self._known: dict[str, Style] = {}

    def __call__(self, key: str) -> Style:
        """Return the style of ``key``; what a click on it does is not part of it."""
        style = self._known.get(key)
        if style is None:
            style = self._base
            for name in key.partition("@")[0].split("+"):
                style = style + self.named(name)
            self._known[key] = style
        return style

    def named(self, name: str) -> Style:
        """Return what the theme says for one name, without the base."""
        text = self._names.get(name, _BUILT_IN.get(name))
        if text is None:
            other = _STANDS_IN.get(name)
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
