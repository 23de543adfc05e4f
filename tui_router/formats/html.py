"""A conversation as one web page that needs nothing else: no script, no request, light and dark.

Everything from outside is escaped, raw HTML in Markdown is shown as text, pictures are embedded or
become links, and the page forbids itself to load anything.
"""

from __future__ import annotations

import base64
import binascii
from html import escape
from typing import assert_never

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
from tui_router.formats.document import Document, Turn, moment, turns
from tui_router.formats.markdown import ending_line, figures, speaker
from tui_router.formats.page_markdown import PageMarkdown, is_link
from tui_router.formats.page_style import page_style

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def write_html(document: Document) -> str:
    """Return the thread in view as one HTML page; answers that were asked together stand side by side."""
    title = escape(clean_line(document.conversation.title, 200) or "Untitled conversation")
    render = PageMarkdown()
    body = "\n".join(_turn(turn, render) for turn in turns(document))
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
<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">
<title>{title}</title>
<style>
{page_style()}
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


def _facts(document: Document) -> str:
    about = document.conversation
    facts = [moment(about.created), f"{len(document.thread)} turns"]
    if document.cost is not None:
        facts.append(money(document.cost))
    tags = "".join(f' <span class="tag">{escape(clean_line(t, 60))}</span>' for t in about.tags)
    return escape(" · ".join(facts)) + tags


def _turn(turn: Turn, render: PageMarkdown) -> str:
    if not turn.lanes:
        return _message(turn.message, render)
    lanes = "\n".join(_message(lane, render, is_kept=lane.id == turn.message.id) for lane in turn.lanes)
    return f'<section class="lanes" aria-label="{len(turn.lanes)} answers compared">\n{lanes}\n</section>'


def _message(message: Message, render: PageMarkdown, *, is_kept: bool = False) -> str:
    body = "\n".join(_part(part, render) for part in message.parts)
    body += _sources(message.citations)
    if line := ending_line(message):
        body += f'<p class="ending">{escape(line)}</p>'
    kept = ' <span class="tag">kept</span>' if is_kept else ""
    facts = escape(" · ".join((*figures(message), moment(message.created))))
    kind = f"{message.role.value} kept" if is_kept else message.role.value
    return _block(kind, escape(speaker(message)) + kept, facts, body)


def _block(kind: str, name: str, facts: str, body: str) -> str:
    about = f'<p class="facts">{facts}</p>' if facts else ""
    return f'<article class="{kind}">\n<header><h2>{name}</h2>{about}</header>\n{body}\n</article>'


def _part(part: Part, render: PageMarkdown) -> str:
    match part:
        case Text(text):
            return f'<div class="text" dir="auto">{render(text)}</div>'
        case Reasoning(text, _, seconds):
            spent = f" for {seconds:.0f} s" if seconds is not None else ""
            return _folded(f"Thought{spent}", render(text)) if text else ""
        case Image():
            return _picture(part)
        case File(name, media_type, text, data):
            shown = f"{clean_line(name, 200)} ({clean_line(media_type, 80)})"
            return _folded(shown, _plain(text)) if text or not data else f'<p class="label">{escape(shown)}</p>'
        case ToolCall(_, name, arguments):
            return _folded(f"Tool call: {clean_line(name, 200)}", _plain(arguments))
        case ToolResult(_, text, failed):
            return _folded("Tool failure" if failed else "Tool result", _plain(text))
        case Citation():
            return ""
        case _:
            assert_never(part)


def _folded(summary: str, body: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>\n{body}\n</details>"


def _plain(text: str) -> str:
    return f"<pre><code>{escape(text)}</code></pre>"


def _picture(image: Image) -> str:
    name = escape(clean_line(image.name, 200) or "picture")
    if image.data and image.media_type in _PICTURES and _is_base64(image.data):
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
    if not is_link(address):
        return f"{shown} ({escape(address[:200])})"
    return f'<a rel="noreferrer noopener" href="{escape(address)}">{shown}</a>'
