"""Pins and bans: by the slug of an endpoint, matched by it or by its provider's, and never both at once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_router.domain.account import Endpoint
from tui_router.domain.options import ChatOptions
from tui_router.domain.routing import EndpointSort, Routing, Standing, covers, in_order, slug_for, slug_of
from tui_router.domain.usage import Pricing

FP8 = Endpoint(provider="DeepInfra", tag="deepinfra/fp8", latency=0.9, throughput=80)
BF16 = Endpoint(provider="DeepInfra", tag="deepinfra/bf16", latency=0.3)
FAST = Endpoint(provider="OpenAI", tag="openai/priority", throughput=200)
OPENAI = Endpoint(provider="OpenAI", tag="openai")
GOOGLE = Endpoint(provider="Google", tag="google-vertex/us-east5")
ENDPOINTS = (FP8, BF16, FAST, OPENAI, GOOGLE)


@pytest.mark.parametrize(
    ("slug", "covered"),
    [
        ("deepinfra/fp8", (FP8,)),
        ("deepinfra", (FP8, BF16)),
        ("DeepInfra", (FP8, BF16)),
        ("openai", (OPENAI,)),
        ("openai/priority", (FAST,)),
        ("google-vertex", (GOOGLE,)),
        ("google", (GOOGLE,)),
        ("deep", ()),
    ],
)
def test_a_slug_covers_its_endpoint_or_all_of_its_provider_but_tiers(slug: str, covered: tuple[Endpoint, ...]) -> None:
    assert tuple(e for e in ENDPOINTS if covers(slug, e)) == covered


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("Google", "google-vertex"),
        ("deepinfra/FP8", "deepinfra/fp8"),
        (" DeepInfra ", "deepinfra"),
        ("Amazon Bedrock", "amazon-bedrock"),
    ],
)
def test_what_a_person_names_becomes_a_slug(typed: str, slug: str) -> None:
    assert slug_for(typed, ENDPOINTS) == slug


def test_an_endpoint_without_a_tag_goes_by_its_name() -> None:
    assert slug_of(Endpoint(provider="Amazon Bedrock")) == "amazon-bedrock"


def test_a_pin_shuts_the_others_out_and_a_second_press_takes_it_back() -> None:
    routing = Routing().pinned(FP8)
    assert routing.only == ("deepinfra/fp8",)
    assert [routing.standing(e) for e in (FP8, BF16, OPENAI)] == [
        Standing.PINNED, Standing.SHUT_OUT, Standing.SHUT_OUT,
    ]  # fmt: skip
    assert routing.pinned(OPENAI).only == ("deepinfra/fp8", "openai")
    assert routing.pinned(FP8) == Routing()
    assert Routing(only=("deepinfra",)).pinned(FP8) == Routing()


def test_a_ban_leaves_the_others_and_says_when_nobody_is_left() -> None:
    routing = Routing().banned(OPENAI)
    assert [routing.standing(e) for e in (OPENAI, FAST, FP8)] == [Standing.BANNED, Standing.OPEN, Standing.OPEN]
    assert routing.allows_any(ENDPOINTS)
    assert not routing.allows_any([OPENAI])
    assert not Routing(only=("nobody",)).allows_any(ENDPOINTS)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(ENDPOINTS)), max_size=12))
def test_no_endpoint_is_ever_pinned_and_banned(presses: list[tuple[bool, Endpoint]]) -> None:
    routing = Routing(order=("openai",))
    for is_pin, endpoint in presses:
        routing = routing.pinned(endpoint) if is_pin else routing.banned(endpoint)
        for e in ENDPOINTS:
            pinned = any(covers(s, e) for s in routing.only)
            assert not (pinned and any(covers(s, e) for s in routing.ignore))
    assert routing.order == ("openai",)


def test_it_is_said_in_a_few_words() -> None:
    names = {"deepinfra/fp8": "DeepInfra fp8", "openai": "OpenAI"}.get
    routing = Routing(only=("deepinfra/fp8", "openai"), ignore=("azure",), order=("openai",))
    assert routing.words(lambda s: names(s) or s) == "only DeepInfra fp8 or OpenAI, not azure"
    assert Routing(order=("openai", "azure")).words() == "first openai or azure"
    assert Routing().words() == ""


def test_options_carry_it_both_ways() -> None:
    routing = Routing(only=("a",), ignore=("b",), order=("c",))
    options = routing.laid_over(ChatOptions(temperature=0.5, provider_only=("x",)))
    assert (options.temperature, Routing.of(options)) == (0.5, routing)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (EndpointSort.LISTED, ("dear", "quick", "cheap")),
        (EndpointSort.PRICE, ("cheap", "dear", "quick")),
        (EndpointSort.LATENCY, ("quick", "dear", "cheap")),
        (EndpointSort.THROUGHPUT, ("dear", "cheap", "quick")),
    ],
)
def test_what_is_not_known_comes_last(sort: EndpointSort, expected: tuple[str, ...]) -> None:
    rows = (
        Endpoint(provider="dear", pricing=Pricing(prompt=Decimal(2), completion=Decimal(9)), latency=2, throughput=90),
        Endpoint(provider="quick", latency=0.1),
        Endpoint(provider="cheap", pricing=Pricing(prompt=Decimal(3), completion=Decimal(1)), throughput=50),
    )
    assert tuple(e.provider for e in in_order(rows, sort)) == expected
