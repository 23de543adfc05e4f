"""Markdown becomes lines that read well, at every width, whatever the text."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_router.ui.transcript import code
from tui_router.ui.transcript.block_layout import fit_columns, table
from tui_router.ui.transcript.body import Body
from tui_router.ui.transcript.maths import is_inline_formula, to_unicode
from tui_router.ui.transcript.parts import Line, cut, row, width_of
from tui_router.ui.transcript.selection import Point, SelectedRange, clean_text, paragraph_at, word_at
from tui_router.ui.transcript.wrap import breaks, hard_wrap, wrap


def lines(text: str, width: int = 40) -> list[Line]:
    """Return the lines of a text."""
    body = Body(text)
    body.set_width(width)
    for section in body.sections:
        body.build(section)
    return [line for section in body.sections for line in section.lines or []]


def plain(text: str, width: int = 40) -> list[str]:
    """Return the rows of a text."""
    return [line.plain.rstrip() for line in lines(text, width)]


def keys(text: str) -> dict[str, str]:
    """Return the style key of each part."""
    return {words: key for line in lines(text) for words, key in line.parts}


def test_emphasis_nests() -> None:
    assert keys("a **b _c_** `d` ~~e~~") == {
        "a ": "text", "b ": "strong", "c": "strong+emphasis", " ": "text", "d": "code", "e": "strike",
    }  # fmt: skip


def test_nested_lists_and_tasks_keep_their_blank_lines() -> None:
    assert plain("- a\n- [x] b\n  1. c\n\n     d\n- [ ] e") == ["• a", "☑ b", "  1. c", "", "     d", "☐ e"]


def test_nested_quotes_have_nested_bars() -> None:
    assert plain("> a\n> > b") == ["▌ a", "▌", "▌ ▌ b"]


def test_html_is_shown_as_written() -> None:
    assert plain("<b>x</b> <script>\n\n<div>\ny\n</div>") == ["<b>x</b> <script>", "", "<div>", "y", "</div>"]


def test_links_are_numbers_into_a_table() -> None:
    body = Body("[a](http://x) <http://y> http://z/(b). [c](http://x)")
    body.set_width(80)
    body.build(body.sections[0])
    assert [tuple(link) for link in body.links.table] == [("http://x", "a"), ("http://y", ""), ("http://z/(b)", "")]
    assert all("http" not in key for line in body.sections[0].lines or [] for _, key in line.parts)


def test_an_image_alone_is_a_box() -> None:
    assert plain("![cat](http://x/y.png)") == ["╭─ image ─╮", "│ cat     │", "╰─────────╯"]


def test_thousands_of_quote_marks_lose_no_word() -> None:
    assert any("deep" in text for text in plain(">" * 500 + " deep"))


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        (r"\frac{a+b}{2}", "(a+b)/2"),
        (r"x^2 + y_{i} \leq \sqrt{n}", "x² + yᵢ ≤ √n"),
        (r"\sum_{i=1}^{n} i", "∑ᵢ₌₁ⁿ i"),
        (r"e^{i\pi}+1=0", "e^(iπ)+1=0"),
        (r"\mathbb{R}^n", "ℝⁿ"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "( a b )\n( c d )"),
        (r"{{{", ""),
        (r"\nosuch{x}", r"\nosuchx"),
    ],
)
def test_formulas_become_unicode(formula: str, shown: str) -> None:
    assert to_unicode(formula) == shown


@pytest.mark.parametrize("text", ["$4 and $5", "from $4-$5", "US$ 5 and 6 $", "$HOME and $PATH", "costs $5, or 10$."])
def test_prices_and_variables_are_no_formulas(text: str) -> None:
    assert plain(text) == [text]


def test_formulas_in_each_notation_are_read() -> None:
    assert plain("$x^2$, \\(y^2\\)\n\n\\[\nz^2\n\\]\n\n$$a^2$$") == ["x², y²", "", "  z²", "", "  a²"]
    assert not is_inline_formula("4 and ", "5")


def test_code_has_language_and_count() -> None:
    rows = plain("```python\nx = 1\ny = 2\n```", 30)
    assert rows[0].startswith("╭─ python ─")
    assert rows[1:3] == [" x = 1", " y = 2"]
    assert rows[3].startswith("╰─ 2 lines ─")
    assert "codeblock+syntax_number" in keys("```python\nx = 1\n```").values()


def test_an_unlabelled_or_unknown_language_is_never_guessed() -> None:
    for info in ("", "nosuchlanguage"):
        assert {key for parts in code.highlight("def f(): pass", info) for _, key in parts} == {"codeblock"}


def test_long_code_lines_wrap_and_copy_whole() -> None:
    shown = lines("```\n" + "abcdefgh" * 10 + "\n```", 22)
    assert clean_text((line, 0, 999) for line in shown) == "abcdefgh" * 10


def test_chunks_cover_the_code() -> None:
    content = "".join(f"def f{n}():\n    return {n}\n\n\n" for n in range(300))
    pieces = code.chunks(content)
    assert len(pieces) > 3
    assert "".join(pieces) == content


def test_a_table_that_fits_is_aligned() -> None:
    assert plain("| a | b |\n|---|--:|\n| one | 2 |") == ["a   │ b", "────┼──", "one │ 2"]


def test_a_table_too_wide_wraps_its_cells_and_then_goes_wide() -> None:
    cell = [("many words stand in here", "text")]
    narrow = table([[cell, cell], [cell, cell]], [], 24)
    assert all(width_of(line.parts) <= 24 for line in narrow)
    wide = table([[cell] * 12, [cell] * 12], [], 24)
    assert all(line.wide for line in wide)


@given(st.lists(st.integers(1, 80), min_size=1, max_size=8), st.integers(1, 200))
def test_columns_fit_when_they_can(natural: list[int], room: int) -> None:
    least = [min(n, 3) for n in natural]
    widths = fit_columns(natural, least, room)
    assert all(a <= w <= b for a, w, b in zip(least, widths, natural, strict=True))
    assert sum(widths) <= max(room, sum(least))


@given(st.text(st.characters(exclude_characters="\n"), max_size=200), st.integers(2, 30))
@example("000000⺀ ", 8)
@example("a" * 8 + "   ", 8)
def test_wrapped_rows_fit_and_lose_nothing_but_spaces(text: str, width: int) -> None:
    rows = wrap(row((text, "text")).parts, width)
    assert all(width_of(line.parts) <= width for line in rows)
    assert "".join(r.plain for r in rows).replace(" ", "") == row((text, "text")).plain.replace(" ", "")


@given(st.text("ab é日本👩", max_size=120), st.integers(2, 20))
def test_code_rows_fit_and_join_to_the_whole(text: str, width: int) -> None:
    rows = hard_wrap([(text, "codeblock")], width)
    assert all(cell_len(line.plain) <= width for line in rows)
    assert "".join(line.plain for line in rows) == text


def test_words_break_at_spaces_and_cjk_anywhere() -> None:
    assert breaks("hello world foo", 8) == [6, 12]
    assert breaks("hello world foo", 9) == [6]
    assert breaks("你好世界", 4) == [2]
    assert breaks("你好，世界", 4)[0] in (1, 2)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.integers(1, 60))
def test_no_control_character_ever_stands_in_a_line(text: str, width: int) -> None:
    for line in lines(text, width):
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) <= 0x202E for c in line.plain)


@pytest.mark.parametrize("width", [1, 2, 3, 8, 300])
def test_every_width_works(width: int) -> None:
    assert lines("# a\n\n> - b\n>   ```\n>   c\n>   ```\n\n| d | e |\n|---|---|\n| f | g |\n\n![h](i)\n\n---", width)


@pytest.mark.parametrize("text", ["[" * 20_000, "*" * 20_000, "`" * 20_001, "- " * 2_000, "|" * 20_000, "$" * 9_999])
def test_text_made_to_be_slow_is_shown(text: str) -> None:
    assert lines(text, 80)


def test_cut_keeps_to_the_cells() -> None:
    assert cut("日本語", 4) in ("日…", "日 …")
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 1) == "…"


def test_copied_paragraphs_are_joined_and_bars_left_out() -> None:
    shown = lines("> " + "word " * 20 + "\n\n- item one two three four five six seven eight\n  - child", 24)
    assert clean_text((line, 0, 999) for line in shown) == (
        ("word " * 20).strip() + "\n\n• item one two three four five six seven eight\n  ◦ child"
    )


def test_spans_words_and_paragraphs() -> None:
    span = SelectedRange.between(Point(1, 2, 3), Point(0, 5, 1))
    assert span.on(0, 5, 10) == (1, 10)
    assert span.on(0, 9, 4) == (0, 4)
    assert span.on(1, 2, 10) == (0, 3)
    assert span.on(1, 3, 10) is None
    assert word_at(row(("see a-b now", "text")), 5) == (4, 7)
    rows = lines("word " * 30, 20)
    assert paragraph_at(lambda n: rows[n] if 0 <= n < len(rows) else None, 2) == (0, len(rows) - 1)
