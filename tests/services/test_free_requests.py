"""A free model is not asked when the service has said that no free request is left today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tui_router.domain.account import KeyInfo
from tui_router.domain.problem import ErrorKind
from tui_router.domain.secret import Secret
from tui_router.services.free_requests import FreeRequests

KEY, OTHER = Secret("sk-or-v1-aaaaaaaaaaaa0001"), Secret("sk-or-v1-bbbbbbbbbbbb0002")
MODEL = "some/model:free"


class Notes(dict[str, Any]):
    """Remembers, as long as a test."""

    def change(self, name: str, how: Callable[[Any], Any]) -> Any:
        self[name] = how(self.get(name))
        return self[name]


class Bench:
    """A day and what is remembered of it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 20, 30, 30, tzinfo=UTC)
        self.notes = Notes()
        self.free = FreeRequests(self.notes, lambda: self.now)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_refusal_says_when_the_count_begins_anew_and_what_can_be_done(bench: Bench) -> None:
    bench.free.learn(KEY, KeyInfo(free_left=0))
    problem = bench.free.refusal(KEY, MODEL)
    assert problem is not None
    assert problem.kind is ErrorKind.RATE_LIMIT
    assert "00:00 UTC, in 3 h 30 min" in problem.detail
    assert "paid model" in problem.hint
    assert bench.free.refusal(OTHER, MODEL) is None


def test_the_refusal_ends_with_the_day(bench: Bench) -> None:
    bench.free.learn(KEY, KeyInfo(free_left=0))
    bench.now += timedelta(hours=3, minutes=30)
    assert bench.free.refusal(KEY, MODEL) is None


def test_a_later_check_takes_it_back_and_one_that_does_not_know_leaves_it(bench: Bench) -> None:
    bench.free.learn(KEY, KeyInfo(free_left=0))
    bench.free.learn(KEY, KeyInfo())
    assert bench.free.refusal(KEY, MODEL) is not None
    bench.free.learn(KEY, KeyInfo(free_left=950))
    assert bench.free.refusal(KEY, MODEL) is None


def test_another_process_knows_it_too(bench: Bench) -> None:
    bench.free.learn(KEY, KeyInfo(free_left=0))
    assert FreeRequests(bench.notes, lambda: bench.now).refusal(KEY, MODEL) is not None


@pytest.mark.parametrize("notes", [None, [], "x", {"a": "b"}])
def test_a_note_that_means_nothing_refuses_nothing(bench: Bench, notes: object) -> None:
    bench.notes["free_used_up"] = notes
    assert bench.free.refusal(KEY, MODEL) is None
