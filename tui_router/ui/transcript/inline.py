"""Inline Markdown as styled parts: emphasis, code, numbered links, images and formulas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tui_router.ui.transcript.blocks import Env, inline
from tui_router.ui.transcript.maths import to_unicode
from tui_router.ui.transcript.parts import Part, safe, safe_rows

if TYPE_CHECKING:
    from markdown_it.token import Token

_LONGEST = 50_000
_URL = re.compile(r"https?://[^\s<>\"'`|\\]+")
_TRAILING = ".,;:!?*_"
_STYLES = {"strong_open": "strong", "em_open": "emphasis", "s_open": "strike"}
_SPECIAL = re.compile(r"[\\`*_\[\]<&$!~:\n]")


class Link(NamedTuple):
    """A URL and its label; the label is empty where the text shows the URL itself."""

    url: str
    label: str = ""


class Links:
    """Numbers the distinct URLs of one text from 1. Links of an unfinished tail can be rolled back.

    Styled lines refer to links by number, so hostile URLs never reach a style key.
    """

    __slots__ = ("_frozen", "_numbers", "_table")

    def __init__(self) -> None:
        self._table: list[Link] = []
        self._numbers: dict[str, int] = {}
        self._frozen = 0

    def number(self, url: str, label: str = "") -> int:
        """Return the number of ``url``, adding it to the table if it is new."""
        number = self._numbers.get(url)
        if number is None:
            self._table.append(Link(url, label))
            number = self._numbers[url] = len(self._table)
        elif label and not self._table[number - 1].label:
            self._table[number - 1] = Link(url, label)
        return number

    def freeze(self) -> None:
        """Make all current links permanent."""
        self._frozen = len(self._table)

    def rollback(self) -> None:
        """Remove the links added since the last ``freeze``."""
        for link in self._table[self._frozen :]:
            del self._numbers[link.url]
        del self._table[self._frozen :]

    def clear(self) -> None:
        """Remove all links."""
        self._frozen = 0
        self.rollback()

    @property
    def table(self) -> tuple[Link, ...]:
        """All links; link number n is at index n - 1."""
        return tuple(self._table)


class InlineRenderer:
    """Renders the inline Markdown of paragraphs, headings and table cells."""

    __slots__ = ("env", "keep_breaks", "links")

    def __init__(self, links: Links, env: Env, *, keep_breaks: bool = False) -> None:
        self.links = links
        self.env = env
        self.keep_breaks = keep_breaks

    def parts(self, content: str, base: str) -> list[Part]:
        """Return ``content`` as styled parts on top of style ``base``; very long text is not parsed."""
        if not _SPECIAL.search(content):
            return [(safe(content), base)] if content else []
        if len(content) > _LONGEST:
            return [(safe_rows(content), base)]
        return self._styled(inline(content, self.env), base)

    def _styled(self, tokens: list[Token], base: str) -> list[Part]:
        parts: list[Part] = []
        names = [base]
        link: list[tuple[str, int]] = []
        for token in tokens:
            kind = token.type
            if kind in _STYLES:
                names.append(_STYLES[kind])
            elif kind == "link_open":
                link.append((safe(str(token.attrs.get("href", ""))), len(parts)))
                names.append("link")
            elif kind == "link_close":
                names.pop()
                self._close(parts, *link.pop())
            elif token.nesting < 0:
                names.pop()
            else:
                self._add(parts, token, names, bool(link))
        return _merged(parts)

    def _add(self, parts: list[Part], token: Token, names: list[str], in_link: bool) -> None:
        key = _key(names)
        match token.type:
            case "text":
                self._text(parts, safe_rows(token.content), key, in_link)
            case "softbreak":
                parts.append(("\n" if self.keep_breaks else " ", key))
            case "hardbreak":
                parts.append(("\n", key))
            case "code_inline":
                parts.append((safe(token.content), _key([*names, "code"])))
            case "formula_inline":
                parts.append((safe_rows(to_unicode(token.content)), _key([*names, "emphasis"])))
            case "image":
                url = safe(str(token.attrs.get("src", "")))
                label = safe(token.content) or "image"
                number = self.links.number(url, label)
                parts.append((f"[▣ {label}]", f"{_key([*names, 'link'])}@link:{number}"))
            case "html_inline" if token.content.lower().replace(" ", "") in ("<br>", "<br/>"):
                parts.append(("\n", key))
            case _:
                parts.append((safe_rows(token.content), key))

    def _text(self, parts: list[Part], text: str, key: str, in_link: bool) -> None:
        if in_link or "://" not in text:
            if text:
                parts.append((text, key))
            return
        at = 0
        for found in _URL.finditer(text):
            url = found[0].rstrip(_TRAILING)
            while url.endswith(")") and url.count(")") > url.count("("):
                url = url[:-1].rstrip(_TRAILING)
            if len(url) <= 8:
                continue
            if found.start() > at:
                parts.append((text[at : found.start()], key))
            parts.append((url, f"{_key([key, 'link'])}@link:{self.links.number(url)}"))
            at = found.start() + len(url)
        if at < len(text):
            parts.append((text[at:], key))

    def _close(self, parts: list[Part], url: str, first: int) -> None:
        label = "".join(text for text, _ in parts[first:]).strip()
        shown = label in (url, url.removeprefix("mailto:"))
        number = self.links.number(url, "" if shown else label)
        for index in range(first, len(parts)):
            text, key = parts[index]
            parts[index] = (text, f"{key.partition('@')[0]}@link:{number}")
        if not shown:
            parts.append((f"[{number}]", f"note_ref+muted@link:{number}"))


def _key(names: list[str]) -> str:
    kept = [name for name in dict.fromkeys(names) if name != "text"]
    return "+".join(kept) or "text"


def _merged(parts: list[Part]) -> list[Part]:
    merged: list[Part] = []
    for text, key in parts:
        if merged and merged[-1][1] == key:
            merged[-1] = (merged[-1][0] + text, key)
        elif text:
            merged.append((text, key))
    return merged
