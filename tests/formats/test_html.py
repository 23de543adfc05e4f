"""HTML export: complete and safe pages."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings

from tests.strategies import conversations, message_lists
from tests.values import a_conversation, a_message, an_answer
from tui_router.domain.conversation import Conversation
from tui_router.domain.message import (
    Citation,
    Ending,
    EndingKind,
    File,
    Image,
    Message,
    Reasoning,
    ToolCall,
    ToolResult,
)
from tui_router.domain.model import ModelRef
from tui_router.domain.safe import clean
from tui_router.formats.document import build_document
from tui_router.formats.html import SafeMarkdownRenderer, write_html

_VOID = {"meta", "br", "img", "hr"}
_SAFE_TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "p", "div", "section", "article"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ol", "ul", "li", "a", "span", "br", "img", "pre", "code", "hr", "small"),
    *("details", "summary", "figure", "table", "thead", "tbody", "tr", "th", "td", "blockquote", "em", "strong", "s"),
}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _SAFE_TAGS, tag
        assert not [name for name, _ in attrs if name.startswith("on")]
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _page(*messages: Message, **about: Any) -> tuple[str, _Reader]:
    page = write_html(build_document(a_conversation(**about), messages))
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open
    return page, reader


@settings(max_examples=30)
@given(conversations(), message_lists())
def test_every_conversation_becomes_a_safe_complete_page(about: Conversation, messages: tuple[Message, ...]) -> None:
    page = write_html(build_document(about, messages))
    reader = _Reader()
    reader.feed(page)
    assert not reader.open
    assert clean(page) == page
    assert all(link.startswith(("https://", "http://", "mailto:", "data:image/")) for link in reader.links)


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,AAAA)",
        "![x](file:///etc/passwd)",
        "</div></article><h1>fooled</h1>",
        "&#x202e;gnp.exe &#xE0041;",
        '[a](https://x.example/"onmouseover="alert(1))',
        '```"><script>\nx\n```',
        "> " * 5000 + "deep",
    ],
)
def test_hostile_markdown_stays_text(attack: str) -> None:
    page, reader = _page(a_message("q", text=attack), title=attack, tags=(attack,))
    assert "<script" not in page
    assert "<h1>fooled" not in page
    assert clean(page) == page
    assert all(link.startswith(("https://", "http://", "mailto:")) for link in reader.links)


def test_comparisons_are_side_by_side_with_the_kept_answer_marked() -> None:
    lanes = [an_answer(f"a{n}", "q", model=ModelRef(f"m/{n}"), batch="b", lane=n) for n in range(3)]
    page, reader = _page(a_message("q"), *lanes, a_message("q2", "a1"), head="q2")
    assert page.count('<section class="lanes"') == 1
    assert page.count('<article class="assistant') == 3
    assert '<article class="assistant kept">' in page
    assert [t for t in reader.text if t.startswith("m/")] == ["m/0", "m/1 ", "m/2"]


def test_the_page_loads_nothing_and_supports_light_and_dark() -> None:
    page, reader = _page(
        an_answer("a", None, "```python\nfor x in y: pass\n```\n\n![far](https://x.example/pixel.png)")
    )
    assert "default-src 'none'" in page.replace("&#x27;", "'")
    assert "prefers-color-scheme: dark" in page
    assert '<span class="k">for</span>' in page
    assert "<img" not in page
    assert reader.links == ["https://x.example/pixel.png"]


def test_images_are_embedded_and_other_parts_are_text() -> None:
    page, reader = _page(
        an_answer(
            "a", None,
            parts=(
                Image("image/png", "iVBORw0KGgo=", name="cat"), Image("image/svg+xml", "PHN2Zz4=", name="drawing"),
                Image("image/png", "not base64!", name="broken"), Image("image/png", url="https://x.example/a.png"),
                Reasoning("thinking", seconds=2), File("a.txt", text="<b>"), ToolCall("1", "run", "{}"),
                ToolResult("1", "<i>"), Citation("https://x.example", "Source", "words"),
                Citation("javascript:alert(1)", "Trap"),
            ),
            ending=Ending(EndingKind.LENGTH),
        )
    )  # fmt: skip
    assert reader.links == ["data:image/png;base64,iVBORw0KGgo=", "https://x.example/a.png", "https://x.example"]
    for shown in ("Thought for 2 s", "drawing, 5 bytes", "&lt;b&gt;", "&lt;i&gt;", "Cut at the length limit"):
        assert shown in page


def test_a_huge_text_is_not_parsed() -> None:
    assert SafeMarkdownRenderer()("[" * 2_000_001).startswith("<pre>[[[")
