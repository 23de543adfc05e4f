"""Heights, styles and the words of headings, without a screen."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorType
from textual.color import Color
from textual.filter import Monochrome

from tui_router.domain.events import Connecting, Event, Queued, ReasoningDelta, Retrying, Started, Working
from tui_router.domain.message import Ending, EndingKind, Image, Message, Role, Text, Timing, ToolCall, ToolResult
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.stream import StreamState
from tui_router.domain.usage import Usage
from tui_router.ui.transcript.appearance import Appearance, Styles
from tui_router.ui.transcript.entry import CodeBlock, Entry
from tui_router.ui.transcript.entry_list import Heights
from tui_router.ui.transcript.header import figures, header, phase_words, seconds
from tui_router.ui.transcript.painter import Painter
from tui_router.ui.transcript.parts import row

PROBLEM = Problem(kind=ErrorKind.RATE_LIMIT, title="Rate limited")
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def answer(*parts: object, ending: Ending | None = None, results: dict[str, ToolResult] | None = None) -> list[str]:
    """Return the rows of a saved answer."""
    message = Message(
        id="m", parent_id=None, role=Role.ASSISTANT, parts=parts, created=WHEN,  # type: ignore[arg-type]
        ending=ending or Ending(EndingKind.COMPLETE),
    )  # fmt: skip
    entry = Entry.of(message, name="Quick", sibling=(2, 3), results=results)
    entry.layout.set_appearance(Appearance(width=60))
    entry.layout.build(0, 1000, 0.0)
    return [line.plain.rstrip() for line in entry.layout.rows(0, entry.layout.height) if line is not None]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.data())
def test_heights_are_prefix_sums_after_any_change(heights: list[int], data: st.DataObject) -> None:
    made = Heights(heights)
    for _ in range(5):
        index = data.draw(st.integers(0, len(heights) - 1))
        match data.draw(st.integers(0, 2)):
            case 0:
                heights[index] = 4
                made.put(index, 4)
            case 1:
                heights.insert(index, 7)
                made.insert(index, 7)
            case _ if len(heights) > 1:
                del heights[index]
                made.remove(index)
        assert [made.top(n) for n in range(len(heights) + 1)] == [sum(heights[:n]) for n in range(len(heights) + 1)]
    for index, height in enumerate(heights):
        if height:
            assert made.at(made.top(index)) == index


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Queued(2), "queued · 2nd"),
        (Queued(3, 11.2), "queued · 3rd · ~12 s"),
        (Connecting(), "connecting…"),
        (Working(), "waiting for provider…"),
        (Started(provider="Acme"), "waiting for Acme…"),
        (Retrying(2, 5, 4.0, PROBLEM), "rate limited, again in 3 s, try 2 of 5, Esc to stop"),
        (ReasoningDelta("x"), "thinking…"),
    ],
)
def test_phases_are_told_in_words(event: Event, words: str) -> None:
    state = StreamState()
    state.apply(event)
    assert phase_words(state, 1.5) == words


def test_what_has_not_left_after_half_a_second_waits_for_the_disk() -> None:
    state = StreamState()
    assert phase_words(state, 0.4) == "connecting…"
    assert phase_words(state, 0.5) == "waiting for the disk…"
    state.apply(Connecting())
    assert phase_words(state, 60) == "connecting…"


def test_figures_come_from_timing_and_usage() -> None:
    usage = Usage(completion_tokens=184, cost=Decimal("0.0031"))
    assert figures(Timing(first_token=0.8, total=2.8), usage) == ("0.8 s", "92 tok/s", "$0.0031")
    assert figures(Timing(), None) == ()
    assert [seconds(s) for s in (0.84, 12.4, 125)] == ["0.8 s", "12 s", "2 min 5 s"]


def test_a_narrow_heading_drops_figures_before_the_name() -> None:
    assert header([("Model", "assistant")], ["0.8 s", "$1"], 12).plain == "Model     $1"
    assert header([("A very long model name", "assistant")], ["$1"], 10).plain == "A very lo…"


def test_an_answer_shows_sibling_picture_call_and_ending() -> None:
    rows = answer(
        Text("words"),
        Image("image/png", data="AAAA", name="cat.png"),
        ToolCall("c1", "lookup", '{"q": 1}'),
        ending=Ending(EndingKind.LENGTH),
        results={"c1": ToolResult("c1", "found")},
    )
    shown = "\n".join(rows)
    for words in ("Quick", "‹2/3›", "words", "cat.png 3 B", "▸ lookup  done", "Cut at the length limit", "Continue"):
        assert words in shown


def test_code_blocks_are_given_as_written() -> None:
    message = Message(
        id="m", parent_id=None, role=Role.ASSISTANT, parts=(Text("a\n```py x\n\tb\n```\n~~~\nc\n~~~"),), created=WHEN
    )
    assert Entry.of(message).code_blocks() == [CodeBlock("py", "\tb\n"), CodeBlock("", "c\n")]


def test_keys_combine_and_targets_have_no_style() -> None:
    styles = Styles({"text": "#111111", "strong": "bold", "link": "underline #0000ff"})
    made = styles("strong+link@link:3")
    assert made.bold
    assert made.underline
    assert styles("nonsense") == styles("pad")
    assert not made.meta


def test_named_colours_become_true_ones_but_for_ansi_themes() -> None:
    true = Styles({"error": "bold red"})("error").color
    ansi = Styles({"error": "bold ansi_red"}, ansi=True)("error").color
    assert true is not None
    assert true.type is ColorType.TRUECOLOR
    assert ansi is not None
    assert ansi.type is ColorType.STANDARD


def test_no_color_is_applied_to_painted_strips() -> None:
    styles = Styles({"error": "#ff0000"})
    strip = Painter(20, styles, [Monochrome()], Color.parse("#000000")).strip(row(("x", "error")), ("  ", "text"))
    colours = [s.style.color.get_truecolor() for s in strip if s.style and s.style.color]
    assert all(c.red == c.green == c.blue for c in colours)
    assert strip.cell_length == 20
