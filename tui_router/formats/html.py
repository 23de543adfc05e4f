"""HTML export: a self-contained page without scripts or requests, with light and dark colours.

All content is escaped, raw HTML in Markdown is shown as text, images are embedded or become links, and a content
security policy forbids the page to load anything. markdown-it and pygments are imported on first use.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, assert_never

from tui_router.domain.message import (
    Citation,
    File,
    Image,
    Message,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
)
from tui_router.domain.safe import clean, clean_line
from tui_router.domain.usage import money
from tui_router.formats.document import ConversationDocument, ThreadEntry, format_time, thread_entries
from tui_router.formats.html_style import style_sheet
from tui_router.formats.markdown import answer_figures, ending_line, speaker

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


_EMBEDDED_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


def write_html(document: ConversationDocument) -> str:
    """Write the visible thread as an HTML page, with the answers of a comparison side by side."""
    title = escape(clean_line(document.conversation.title, 200) or "Untitled conversation")
    render = SafeMarkdownRenderer()
    body = "\n".join(_entry(entry, render) for entry in thread_entries(document))
    system = document.conversation.system
    if system:
        body = _block("system", "System", "", render(system)) + "\n" + body
    page = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="tui-router">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="{escape(_CONTENT_SECURITY_POLICY)}">
<title>{title}</title>
<style>
{style_sheet()}
</style>
</head>
<body>
<header><h1>{title}</h1><p>{_facts(document)}</p></header>
<main>
{body}
</main>
<footer>Written by tui-router</footer>
</body>
</html>
"""
    return clean(page)


def _facts(document: ConversationDocument) -> str:
    conversation = document.conversation
    facts = [format_time(conversation.created), f"{len(document.thread)} turns"]
    if document.cost is not None:
        facts.append(money(document.cost))
    tags = "".join(f' <span class="tag">{escape(clean_line(t, 60))}</span>' for t in conversation.tags)
    return escape(" · ".join(facts)) + tags


def _entry(entry: ThreadEntry, render: SafeMarkdownRenderer) -> str:
    if not entry.lanes:
        return _message(entry.message, render)
    lanes = "\n".join(_message(lane, render, is_kept=lane.id == entry.message.id) for lane in entry.lanes)
    return f'<section class="lanes" aria-label="{len(entry.lanes)} answers compared">\n{lanes}\n</section>'


def _message(message: Message, render: SafeMarkdownRenderer, *, is_kept: bool = False) -> str:
    body = "\n".join(_part(part, render) for part in message.parts)
    body += _sources(message.citations)
    if line := ending_line(message):
        body += f'<p class="ending">{escape(line)}</p>'
    kept = ' <span class="tag">kept</span>' if is_kept else ""
    facts = escape(" · ".join((*answer_figures(message), format_time(message.created))))
    kind = f"{message.role.value} kept" if is_kept else message.role.value
    return _block(kind, escape(speaker(message)) + kept, facts, body)


def _block(kind: str, name: str, facts: str, body: str) -> str:
    conversation = f'<p class="facts">{facts}</p>' if facts else ""
    return f'<article class="{kind}">\n<header><h2>{name}</h2>{conversation}</header>\n{body}\n</article>'


def _part(part: Part, render: SafeMarkdownRenderer) -> str:
    match part:
        case Text(text):
            return f'<div class="text" dir="auto">{render(text)}</div>'
        case Reasoning(text, _, seconds):
            spent = f" for {seconds:.0f} s" if seconds is not None else ""
            return _details(f"Thought{spent}", render(text)) if text else ""
        case Image():
            return _image_figure(part)
        case File(name, media_type, text, data):
            shown = f"{clean_line(name, 200)} ({clean_line(media_type, 80)})"
            return _details(shown, _preformatted(text)) if text or not data else f'<p class="label">{escape(shown)}</p>'
        case ToolCall(_, name, arguments):
            return _details(f"Tool call: {clean_line(name, 200)}", _preformatted(arguments))
        case ToolResult(_, text, failed):
            return _details("Tool failure" if failed else "Tool result", _preformatted(text))
        case Citation():
            return ""
        case _:
            assert_never(part)


def _details(summary: str, body: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>\n{body}\n</details>"


def _preformatted(text: str) -> str:
    return f"<pre><code>{escape(text)}</code></pre>"


def _image_figure(image: Image) -> str:
    name = escape(clean_line(image.name, 200) or "picture")
    if image.data and image.media_type in _EMBEDDED_IMAGES and _is_base64(image.data):
        return f'<figure><img alt="{name}" src="data:{image.media_type};base64,{image.data}"></figure>'
    if image.url:
        return f'<p class="label">{_link(image.url, image.name or image.url)}</p>'
    return f'<p class="label">{name}, {image.size:,} bytes</p>'


def _is_base64(data: str) -> bool:
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _sources(citations: tuple[Citation, ...]) -> str:
    if not citations:
        return ""
    return f'<ol class="sources">{"".join(_source(c) for c in citations)}</ol>'


def _source(citation: Citation) -> str:
    excerpt = f"<br><small>{escape(clean_line(citation.excerpt, 300))}</small>" if citation.excerpt else ""
    return f"<li>{_link(citation.url, citation.title or citation.url)}{excerpt}</li>"


def _link(url: str, label: str) -> str:
    address, shown = clean_line(url), escape(clean_line(label, 200))
    if not is_safe_link(address):
        return f"{shown} ({escape(address[:200])})"
    return f'<a rel="noreferrer noopener" href="{escape(address)}">{shown}</a>'


_MAX_MARKDOWN = 2_000_000
"""Characters; longer text is not parsed, so that hostile input cannot stall the export."""
_MAX_HIGHLIGHTED = 200_000
"""Characters; longer code blocks are not highlighted."""
_LINK_SCHEMES = ("https://", "http://", "mailto:")


class SafeMarkdownRenderer:
    """Renders Markdown to HTML that is safe to embed in a page."""

    def __init__(self) -> None:
        self._parser: MarkdownIt | None = None

    def __call__(self, text: str) -> str:
        """Render a Markdown text."""
        if len(text) > _MAX_MARKDOWN:
            return f"<pre>{escape(text)}</pre>"
        if self._parser is None:
            self._parser = _parser()
        return clean(str(self._parser.render(clean(text))))


def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "highlight": _highlight}).enable(["table", "strikethrough"])
    parser.validateLink = is_safe_link  # type: ignore[method-assign]
    parser.add_render_rule("image", _image)
    parser.add_render_rule("link_open", _link_open)
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    return parser


def is_safe_link(url: str) -> bool:
    """Return whether a URL may become a link: web and mail only."""
    return url.lower().startswith(_LINK_SCHEMES)


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
    if not language or len(code) > _MAX_HIGHLIGHTED:
        return ""  # markdown-it then escapes the code itself
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return ""
    return str(highlight(code, lexer, HtmlFormatter(nowrap=True)))
