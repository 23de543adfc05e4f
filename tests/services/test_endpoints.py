"""Who serves a model: asked with the key where there is one, publicly otherwise, and not at every look."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tui_router.domain.account import DataPolicy, Endpoint
from tui_router.domain.model import Model
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.services.endpoints import Serving

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ACME = Endpoint(provider="Acme", tag="acme/fp8", model="a/b-0601", latency=0.5)
OTHER = Endpoint(provider="Other", tag="other", model="a/b-0601")
REFUSED = Problem(kind=ErrorKind.BAD_KEY, title="The key was not accepted")


class Source:
    """A client."""

    def __init__(self, *endpoints: Endpoint, problem: Problem | None = None) -> None:
        self.rows = endpoints
        self.problem = problem
        self.asked: list[str] = []
        self.keeps_nothing = frozenset({("a/b-0601", "acme/fp8")})

    def endpoints(self, model_id: str) -> tuple[Endpoint, ...]:
        self.asked.append(model_id)
        if self.problem is not None:
            raise AppError(self.problem)
        return self.rows

    def zero_retention(self) -> frozenset[tuple[str, str]]:
        self.asked.append("zdr")
        return self.keeps_nothing


class World:
    """A service with its two clients, and a clock."""

    def __init__(self, keyed: Source | None = None) -> None:
        self.public = Source(replace(ACME, latency=None), OTHER)
        self.keyed = keyed
        self.now = NOON
        self.rows = {"~a/latest": Model(id="~a/latest", name="Latest", alias_of="a/b")}
        self.serving = Serving(lambda: self.public, lambda: self.keyed, lambda: self.now, self.rows.get)


def test_the_key_is_used_where_there_is_one() -> None:
    world = World(Source(ACME))
    assert world.serving.endpoints("a/b") == (ACME,)
    assert world.public.asked == []
    world.keyed = None
    assert world.serving.endpoints("a/b")[0].latency is None
    assert world.public.asked == ["a/b"]


def test_a_refused_key_does_not_hide_what_is_public() -> None:
    world = World(Source(problem=REFUSED))
    assert [e.provider for e in world.serving.endpoints("a/b")] == ["Acme", "Other"]


def test_other_failures_are_told() -> None:
    world = World(Source(problem=Problem(kind=ErrorKind.NETWORK, title="No network")))
    with pytest.raises(AppError, match="No network"):
        world.serving.endpoints("a/b")
    assert world.public.asked == []


def test_figures_are_asked_for_again_after_ten_minutes_or_with_another_key() -> None:
    first = Source(ACME)
    world = World(first)
    for _ in range(2):
        world.serving.endpoints("~a/latest")
    assert first.asked == ["a/b"]
    world.now += timedelta(minutes=11)
    world.serving.endpoints("~a/latest")
    assert first.asked == ["a/b", "a/b"]
    world.keyed = Source(OTHER)
    assert world.serving.endpoints("~a/latest") == (OTHER,)


def test_who_keeps_nothing_is_asked_once_and_what_an_endpoint_says_itself_stays() -> None:
    outspoken = replace(OTHER, provider="Outspoken", tag="outspoken", policy=DataPolicy(retains=False, trains=True))
    world = World(Source(ACME, OTHER, outspoken))
    found = world.serving.with_policies("a/b")
    assert [e.policy.label for e in found] == ["not kept", "may keep", "trains"]
    assert world.serving.with_policies("a/b") == world.serving.known("a/b") == found
    assert world.public.asked == ["zdr"]


def test_an_empty_list_of_those_that_keep_nothing_says_nothing() -> None:
    world = World(Source(ACME))
    world.public.keeps_nothing = frozenset()
    assert [e.policy.label for e in world.serving.with_policies("a/b")] == [""]


def test_a_slug_is_called_by_the_name_that_a_table_told() -> None:
    world = World(Source(ACME))
    assert world.serving.name_of("acme") == "acme"
    world.serving.endpoints("a/b")
    assert [world.serving.name_of(s) for s in ("acme", "acme/fp8", "nobody")] == ["Acme", "Acme fp8", "nobody"]
