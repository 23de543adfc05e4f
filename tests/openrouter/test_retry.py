"""Retry delays: our own, and those that servers request."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_router.openrouter.retry import RetryPolicy, requested_delay

NOW = 1_800_000_000.0
DATE = {"date": "Fri, 15 Jan 2027 08:00:00 GMT"}


def test_delays_double_up_to_the_maximum() -> None:
    assert [RetryPolicy().delay(n) for n in (1, 2, 3, 4, 5, 6, 7, 10_000)] == [2, 4, 8, 16, 32, 60, 60, 60]


@settings(deadline=None)
@given(st.integers(1, 20), st.floats(0, 1))
def test_jitter_shortens_delays_by_at_most_a_quarter(retry: int, drawn: float) -> None:
    policy = RetryPolicy()
    wait = policy.wait(retry, None, lambda: drawn)
    assert wait is not None
    assert policy.delay(retry) * 0.75 <= wait <= policy.delay(retry)


@settings(deadline=None)
@given(st.floats(0.01, 120), st.floats(0, 1))
def test_a_requested_delay_is_never_shortened(asked: float, drawn: float) -> None:
    wait = RetryPolicy().wait(1, asked, lambda: drawn)
    assert wait is not None
    assert asked <= wait <= asked + 1


def test_delays_over_two_minutes_are_not_waited_for() -> None:
    assert RetryPolicy().wait(1, 120, lambda: 0) == 120
    assert RetryPolicy().wait(1, 121, lambda: 0) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "20"}, 20.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9.0),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:20 GMT"}, 20.0),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:20 GMT", **DATE}, 20.0),
        ({"retry-after": "Fri, 15 Jan 2027 09:00:20 GMT", "date": "Fri, 15 Jan 2027 09:00:00 GMT"}, 20.0),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:20"}, 20.0),
        ({"retry-after": "0"}, None),
        ({"retry-after": "-10"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "99999999999999999999999999999999999"}, None),
        ({"retry-after": "Zun, 29 Sep 2024"}, None),
        ({"retry-after": "Fri, 15 Jan 100000 08:00:20 GMT"}, None),
        ({"retry-after": "Fri, 15 Jan 2021 08:00:20 GMT"}, None),
        ({"retry-after": ""}, None),
        ({"x-ratelimit-reset": str(int((NOW + 30) * 1000))}, 30.0),
        ({"x-ratelimit-reset": str(int(NOW + 30))}, 30.0),
        ({"x-ratelimit-reset": "30"}, 30.0),
        ({"x-ratelimit-reset": "soon"}, None),
        ({"x-ratelimit-reset": str(int((NOW - 30) * 1000))}, None),
        ({"retry-after": "5", "x-ratelimit-reset": "30"}, 5.0),
        ({}, None),
    ],
)
def test_requested_delay_in_headers(headers: dict[str, str], seconds: float | None) -> None:
    assert requested_delay(headers, {}, NOW) == seconds


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        ({"metadata": {"headers": {"Retry-After": "120"}}}, 120.0),
        ({"metadata": {"headers": {"Retry-After": 12}}}, 12.0),
        ({"metadata": {"headers": {"X-RateLimit-Reset": str(int((NOW + 9) * 1000))}}}, 9.0),
        ({"availability": {"retry_after": 4}}, 4.0),
        ({"availability": {"retry_after": None}}, None),
        ({"metadata": None, "availability": []}, None),
    ],
)
def test_requested_delay_in_the_body(error: dict[str, Any], seconds: float | None) -> None:
    assert requested_delay({}, error, NOW) == seconds


def test_headers_take_precedence_over_the_body() -> None:
    assert requested_delay({"retry-after": "3"}, {"metadata": {"headers": {"Retry-After": "9"}}}, NOW) == 3.0
