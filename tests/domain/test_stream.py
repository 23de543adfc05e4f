"""The fold: the same events give the same answer, however they were grouped."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import parts, problems, safe_text, seconds, usages
from tui_router.domain.events import (
    Cancelled,
    Cited,
    Connecting,
    Ended,
    Event,
    Failed,
    Finished,
    FirstToken,
    ImageDelta,
    Queued,
    ReasoningDelta,
    ReasoningDetail,
    Retrying,
    Started,
    TextDelta,
    ToolCallDelta,
    UsageReport,
    Working,
)
from tui_router.domain.message import COMPLETE, Citation, EndingKind, Image, Reasoning, Text, ToolCall
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.stream import Phase, StreamState, coalesce
from tui_router.domain.usage import Usage

_PROBLEM = Problem(kind=ErrorKind.PROVIDER, title="The provider failed")
_CUT = Problem(kind=ErrorKind.INTERRUPTED, title="The answer was cut off")
_events: st.SearchStrategy[Event] = st.one_of(
    st.builds(TextDelta, safe_text),
    st.builds(ReasoningDelta, safe_text),
    st.builds(ReasoningDetail, safe_text),
    st.builds(ToolCallDelta, st.integers(0, 2), safe_text, safe_text, safe_text),
    st.builds(Started, safe_text, safe_text, safe_text),
    st.builds(Queued, st.integers(1, 9)),
    st.builds(Connecting),
    st.builds(Retrying, st.integers(1, 5), st.just(5), st.just(1.0), problems),
    st.just(Working()),
    st.builds(FirstToken, st.floats(0, 10)),
    st.builds(Cited, parts.filter(lambda p: isinstance(p, Citation))),
    st.builds(UsageReport, usages),
    st.builds(Finished, st.sampled_from(EndingKind), seconds),
    st.builds(Failed, problems, seconds),
    st.builds(Cancelled, seconds),
)  # fmt: skip


def _folded(events: Iterable[Event]) -> StreamState:
    state = StreamState()
    for event in events:
        state.apply(event)
    return state


def _seen(state: StreamState) -> tuple[object, ...]:
    return (
        state.phase, state.generation_id, state.model, state.provider, state.queued, state.retrying, state.timing,
        state.usage, state.ending, state.parts(), state.text, state.reasoning, state.tool_calls,
    )  # fmt: skip


@given(st.lists(_events, max_size=25), st.lists(st.integers(0, 25)))
def test_any_grouping_of_events_gives_the_same_state(events: list[Event], cuts: list[int]) -> None:
    bounds = [0, *sorted(min(c, len(events)) for c in cuts), len(events)]
    groups = [coalesce(events[a:b]) for a, b in pairwise(bounds)]
    assert _seen(_folded(e for group in groups for e in group)) == _seen(_folded(events))
    assert len(coalesce(events)) <= len(events)
    assert coalesce(coalesce(events)) == coalesce(events)


@given(st.lists(_events, max_size=25))
def test_reading_the_state_in_between_changes_nothing(events: list[Event]) -> None:
    state = StreamState()
    for event in events:
        state.apply(event)
        _seen(state)
    assert _seen(state) == _seen(_folded(events))


@given(st.lists(_events, max_size=10), st.lists(_events, max_size=10))
def test_nothing_changes_after_the_ending(before: list[Event], after: list[Event]) -> None:
    state = _folded([*before, Cancelled(1.0)])
    seen = _seen(state)
    for event in after:
        state.apply(event)
    assert _seen(state) == seen
    assert state.ending is not None


def test_an_answer_goes_through_its_phases() -> None:
    steps: list[tuple[Event, Phase]] = [
        (Queued(2), Phase.QUEUED),
        (Connecting(), Phase.CONNECTING),
        (Retrying(1, 5, 2.0, _PROBLEM), Phase.RETRYING),
        (Connecting(2), Phase.CONNECTING),
        (Working(), Phase.WAITING),
        (Started("gen-1", "m/x", "Acme"), Phase.WAITING),
        (FirstToken(0.5), Phase.WAITING),
        (ReasoningDelta("hm"), Phase.THINKING),
        (Working(), Phase.THINKING),
        (TextDelta("Hello"), Phase.ANSWERING),
        (Started(provider="Other"), Phase.ANSWERING),
        (UsageReport(Usage(cost=Decimal(1))), Phase.ANSWERING),
        (Finished(seconds=2.0), Phase.DONE),
    ]
    state = StreamState()
    for event, phase in steps:
        state.apply(event)
        assert state.phase is phase, event
    assert (state.generation_id, state.model, state.provider) == ("gen-1", "m/x", "Other")
    assert (state.timing.first_token, state.timing.total) == (0.5, 2.0)
    assert state.ending == COMPLETE
    assert state.queued is None
    assert state.parts() == (Reasoning("hm"), Text("Hello"))


@pytest.mark.parametrize(
    ("ended", "phase", "kind"),
    [
        (Finished(EndingKind.LENGTH), Phase.DONE, EndingKind.LENGTH),
        (Failed(_PROBLEM), Phase.FAILED, EndingKind.FAILED),
        (Failed(_CUT), Phase.FAILED, EndingKind.INTERRUPTED),
        (Cancelled(), Phase.STOPPED, EndingKind.CANCELLED),
    ],
)
def test_an_ending_keeps_what_came(ended: Ended, phase: Phase, kind: EndingKind) -> None:
    state = _folded([TextDelta("half"), ended])
    assert (state.phase, state.text) == (phase, "half")
    assert state.ending is not None
    assert state.ending.kind is kind
    assert state.problem == (ended.problem if isinstance(ended, Failed) else None)


def test_pieces_of_tool_calls_are_put_together_by_their_index() -> None:
    state = _folded(
        [
            ToolCallDelta(1, "b", "second", "{}"),
            ToolCallDelta(0, "a", "first", '{"x"'),
            ToolCallDelta(0, arguments=": 1}"),
            ToolCallDelta(2, name="third"),
            Finished(),
        ]
    )
    assert state.tool_calls == (
        ToolCall("a", "first", '{"x": 1}'),
        ToolCall("b", "second", "{}"),
        ToolCall("call_2", "third"),
    )
    assert state.ending is not None
    assert state.ending.kind is EndingKind.TOOL_CALLS


def test_pictures_sources_and_details_are_kept_in_order() -> None:
    image, source = Image("image/png", "AAAA"), Citation("https://x.example")
    state = _folded([ReasoningDetail("{}"), ImageDelta(image), Cited(source), TextDelta("see")])
    assert state.parts() == (Reasoning("", ("{}",)), Text("see"), image, source)
    assert state.problem is None


def test_neighbouring_pieces_become_one_and_others_keep_their_place() -> None:
    events: list[Event] = [
        Working(), Working(), TextDelta("a"), TextDelta("b"), ReasoningDelta("c"), ReasoningDelta("d"),
        FirstToken(1.0), TextDelta("e"), Working(), TextDelta("f"),
    ]  # fmt: skip
    assert coalesce(events) == [
        Working(), TextDelta("ab"), ReasoningDelta("cd"), FirstToken(1.0), TextDelta("e"), Working(), TextDelta("f"),
    ]  # fmt: skip
    assert coalesce([]) == []
