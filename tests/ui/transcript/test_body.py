"""A text that arrives in pieces looks, in the end, like the same text at once."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tui_router.ui.transcript.body import CAP, Body, Section, estimate
from tui_router.ui.transcript.inline import Link
from tui_router.ui.transcript.parts import Line

TOUR = (
    "# Title *x*\n\nHello **bold _both_** `code` [a link](https://x.y/z), $x^2$ for $4 and $5.\n\n"
    "- one\n- [x] task\n  1. nested\n  2. two\n\n     para\n- three\n* other\n\n> quote\n> > nested\n>\n> end\nlazy\n\n"
    "| a | b |\n|---|--:|\n| 1 | two<br>x |\n\n```python\ndef f(x):\n    return 'é'\n\n\nclass A: pass\n```\n"
    "text:\n\\[\na = \\frac{1}{2}\n\\]\n![img](http://a/b.png)\n\n<div>html</div>\n\n---\nSetext\n===\n    indented\n"
    "1. a\n1. b\n\n1. c\n~~~\nopen\n\n"
)
PIECES = st.sampled_from(
    [
        "word ",
        "two words\n",
        "\n",
        "\n\n",
        "- item\n",
        "  - deep\n",
        "* star\n",
        "1. one\n",
        "3) three\n",
        "> quote\n",
        "```py\n",
        "```\n",
        "~~~\n",
        "    code\n",
        "# head\n",
        "===\n",
        "---\n",
        "| a | b |\n",
        "|---|---|\n",
        "$$\n",
        "\\[ x\n",
        "\\]\n",
        "$x$ ",
        "**b** ",
        "*",
        "_",
        "`",
        "[l](http://u) ",
        "https://x.y/z ",
        "<b>",
        "<!-- ",
        "-->\n",
        "[r]: http://r\n",
        "[r] ",
        "![i](j)\n",
        "日本語の文章",
        "👩‍👩‍👧 ",
        "\t",
        "\\",
        "x=1\n\n\ny=2\n",
        "- [ ] task\n",
        "&amp;",
    ]
)


def rows(body: Body) -> list[Line]:
    """Return all lines of a text."""
    for section in list(body.visible()):
        body.build(section)
    return [line for section in body.visible() for line in section.lines or []]


def streamed(text: str, cuts: list[int], width: int) -> Body:
    """Return a text that came in pieces."""
    body = Body(live=True)
    body.set_width(width)
    at = 0
    for cut in [*sorted({c % (len(text) + 1) for c in cuts}), len(text)]:
        if cut > at:
            body.grow(text[at:cut])
            at = cut
    body.finish()
    return body


def whole(text: str, width: int) -> Body:
    """Return a text that was there at once."""
    body = Body(text)
    body.set_width(width)
    return body


def test_token_by_token_equals_the_whole() -> None:
    for width in (8, 40, 100):
        pieces = streamed(TOUR, list(range(len(TOUR))), width)
        full = whole(TOUR, width)
        assert rows(pieces) == rows(full)
        assert pieces.links.table == full.links.table


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join), st.lists(st.integers(0, 400), max_size=40), st.integers(1, 60))
@example("- a\n**bold**\n", [4, 5, 6, 7], 20)
@example("text\n| a |\n|-x\n", [9, 11, 12, 13], 20)
@example("```py\n```\nx", [5, 6, 8, 9], 20)
@example("$$\na\n- b\n$$\n", list(range(12)), 20)
def test_any_cutting_of_a_stream_gives_the_same_lines(text: str, cuts: list[int], width: int) -> None:
    assert rows(streamed(text, cuts, width)) == rows(whole(text, width))


@pytest.mark.parametrize("kind", ["list", "ordered", "loose", "code", "table", "paragraphs", "line"])
def test_long_blocks_are_the_same_in_pieces(kind: str) -> None:
    text = {
        "list": "".join(f"- item **{n}** with some words\n" for n in range(300)),
        "ordered": "intro\n\n" + "".join(f"1. item {n}\n   - child\n" for n in range(300)) + "\nafter\n",
        "loose": "".join(f"{n}. item [l](http://u/{n})\n\n" for n in range(5, 200)),
        "code": "```python\n" + "".join(f"def f{n}(x):\n    return '''{n}'''\n\n\n" for n in range(400)) + "```\nend",
        "table": "| a | b |\n|---|---|\n" + "".join(f"| {n} | value {n} |\n" for n in range(600)),
        "paragraphs": "".join(f"Paragraph {n} says things.\n\n" for n in range(2000)),
        "line": "word " * 6000,
    }[kind]
    chance = random.Random(7)
    cuts = [chance.randrange(len(text)) for _ in range(150)]
    pieces, full = streamed(text, cuts, 60), whole(text, 60)
    assert rows(pieces) == rows(full)


def test_a_resize_in_mid_stream_gives_the_new_width_everywhere() -> None:
    body = Body(live=True)
    body.set_width(80)
    half = len(TOUR) // 2
    body.grow(TOUR[:half])
    body.set_width(30)
    body.grow(TOUR[half:])
    body.set_width(50)
    body.finish()
    assert rows(body) == rows(whole(TOUR, 50))


def test_text_before_the_first_width_is_kept() -> None:
    body = Body(live=True)
    body.grow("# a\n\nb")
    body.set_width(20)
    assert [line.plain for line in rows(body)] == ["a", "", "b"]


def test_a_definition_that_comes_later_makes_earlier_links() -> None:
    text = "see [here][r]\n\nmore\n\n[r]: https://there.example\n"
    body = streamed(text, list(range(len(text))), 40)
    assert rows(body)
    assert body.links.table == (Link("https://there.example", "here"),)


def test_very_many_rows_show_the_last_ones_until_asked() -> None:
    text = "".join(f"{n}\n\n" for n in range(15_000))
    body = whole(text, 40)
    shown = rows(body)
    assert body.capped
    assert len(shown) <= CAP + 20_000
    assert shown[-1].plain == "14999"
    body.unfold()
    assert rows(body)[0].plain == "0"


def test_one_huge_block_is_capped_too() -> None:
    body = whole("```\n" + "x\n" * 30_000 + "```\n", 40)
    assert len(rows(body)) == CAP


def test_a_long_line_of_a_megabyte_is_shown() -> None:
    assert len(rows(whole("x" * 1_000_000, 100))) == 10_000


def test_an_estimate_is_cheap_and_near() -> None:
    text = "some words in a row " * 400
    assert 60 <= estimate(text, 100) <= 120


def test_a_fixed_section_has_its_lines_height() -> None:
    assert Section.fixed([Line(()), Line(())]).height == 2
