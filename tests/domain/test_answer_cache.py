"""Ages as people type and read them, and an earlier answer as a stream."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tui_router.domain.answer_cache import CachedAnswer, CacheRule, age_words, read_age, replay
from tui_router.domain.events import Finished
from tui_router.domain.message import Citation, Image, Part, Reasoning, Text
from tui_router.domain.settings import DEFAULT_AGE, find_setting
from tui_router.domain.stream import StreamState


@pytest.mark.parametrize(
    ("typed", "hours"), [("7d", 168), ("12h", 12), ("90m", 1.5), (" 2 W ", 336), ("3600s", 1), ("30d", 720)]
)
def test_an_age_is_read_as_it_is_typed(typed: str, hours: float) -> None:
    assert read_age(typed) == timedelta(hours=hours)


@pytest.mark.parametrize("typed", ["", "7", "d", "0d", "-1d", "1.5d", "7x", "7 d d", "999999d", "²d"])
def test_what_is_no_age_is_refused(typed: str) -> None:
    assert read_age(typed) is None


def test_the_setting_takes_what_can_be_read() -> None:
    spec = find_setting("cache.max_age").spec
    for typed in ("7d", "90m", "2 w", DEFAULT_AGE):
        assert read_age(spec.check(typed)) is not None
    assert CacheRule().max_age == read_age(DEFAULT_AGE)


@pytest.mark.parametrize(
    ("seconds", "words"), [(-5, "0 s"), (59.9, "59 s"), (60, "1 min"), (7300, "2 h"), (86_399, "23 h"), (9e5, "10 d")]
)
def test_an_age_is_said_in_a_word(seconds: float, words: str) -> None:
    assert age_words(timedelta(seconds=seconds)) == words


def test_a_replay_folds_to_the_same_answer_and_costs_nothing() -> None:
    parts: tuple[Part, ...] = (
        Reasoning("thought", ('{"a":1}',)),
        Text("words"),
        Image("image/png", data="AAAA"),
        Citation("https://a.example"),
    )
    state = StreamState()
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for event in (*replay(CachedAnswer(parts=parts, served_model="m", provider="p", at=at)), Finished()):
        state.apply(event)
    assert state.parts() == parts
    assert (state.model, state.provider) == ("m", "p")
    assert state.usage is not None
    assert (state.usage.cost, state.usage.total_tokens) == (Decimal(0), 0)
