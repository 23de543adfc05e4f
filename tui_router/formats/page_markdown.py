"""Markdown to HTML for the exported page: no raw HTML, no picture from afar, code in colours.

markdown-it and pygments are imported when the first page is written, never at start-up.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from tui_router.domain.safe import clean

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_MAX_MARKDOWN = 2_000_000
"""Characters; a longer text is shown as it is, so that a hostile one cannot stall the export."""
_MAX_CODE = 200_000
"""Characters of a code block that is still coloured."""
_LINKS = ("https://", "http://", "mailto:")


class PageMarkdown:
    """Call it with Markdown to get HTML that is safe to put into a page."""

    def __init__(self) -> None:
        self._parser: MarkdownIt | None = None

    def __call__(self, text: str) -> str:
        """Return the HTML of a Markdown text."""
        if len(text) > _MAX_MARKDOWN:
            return f"<pre>{escape(text)}</pre>"
        if self._parser is None:
            self._parser = _parser()
        return clean(str(self._parser.render(clean(text))))


def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "highlight": _highlight}).enable(["table", "strikethrough"])
    parser.validateLink = is_link  # type: ignore[method-assign]
    parser.add_render_rule("image", _image)
    parser.add_render_rule("link_open", _link_open)
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    return parser


def is_link(url: str) -> bool:
    """Say whether an address may be a link: web and mail only."""
    return url.lower().startswith(_LINKS)


def _image(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    name = escape(clean(token.content) or "picture")
    return f'<a rel="noreferrer noopener" href="{escape(str(token.attrs.get("src", "")))}">🖼 {name}</a>'


def _link_open(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    title = f' title="{escape(str(token.attrs["title"]))}"' if "title" in token.attrs else ""
    return f'<a rel="noreferrer noopener" href="{escape(str(token.attrs.get("href", "")))}"{title}>'


def _table_open(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return '<div class="table"><table>'


def _table_close(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return "</table></div>"


def _highlight(code: str, language: str, attributes: str) -> str:
    if not language or len(code) > _MAX_CODE:
        return ""  # the parser escapes it itself
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return ""
    return str(highlight(code, lexer, HtmlFormatter(nowrap=True)))
