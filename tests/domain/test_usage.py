"""Money: never off by a digit, never a guess that looks like a fact."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_router.domain.usage import PriceStep, Pricing, Usage, cost_of, money, per_million

_PRICE = Pricing(prompt=Decimal("0.000003"), completion=Decimal("0.000015"), input_cache_read=Decimal("0.0000003"))
_prices = st.decimals(min_value=0, max_value=1, places=9)
_counts = st.integers(min_value=0, max_value=10**7)


def test_every_kind_of_token_is_charged_once_at_its_own_price() -> None:
    usage = Usage(
        prompt_tokens=1000, completion_tokens=500, reasoning_tokens=200, cached_tokens=400, cache_write_tokens=100,
        web_searches=2,
    )  # fmt: skip
    price = Pricing(
        prompt=Decimal(1), completion=Decimal(10), input_cache_read=Decimal("0.1"), input_cache_write=Decimal("1.25"),
        internal_reasoning=Decimal(5), web_search=Decimal(7), request=Decimal(3),
    )  # fmt: skip
    assert cost_of(usage, price) == 500 * 1 + 400 * Decimal("0.1") + 125 + 300 * 10 + 200 * 5 + 14 + 3


def test_prices_that_are_not_named_fall_back_to_prompt_and_completion() -> None:
    usage = Usage(prompt_tokens=10, completion_tokens=10, reasoning_tokens=4, cached_tokens=5, cache_write_tokens=5)
    assert cost_of(usage, Pricing(prompt=Decimal(1), completion=Decimal(2))) == 30


@pytest.mark.parametrize("price", [Pricing(), Pricing(prompt=Decimal(1)), Pricing(prompt=Decimal(0), varies=True)])
def test_an_unknown_price_gives_no_cost(price: Pricing) -> None:
    assert cost_of(Usage(prompt_tokens=1), price) is None
    assert not price.is_known
    assert not price.is_free


@given(_prices, _prices, _counts, _counts)
def test_cost_is_exact_and_never_negative(prompt: Decimal, completion: Decimal, asked: int, said: int) -> None:
    cost = cost_of(Usage(prompt_tokens=asked, completion_tokens=said), Pricing(prompt=prompt, completion=completion))
    assert cost == prompt * asked + completion * said
    assert cost >= 0


def test_cached_tokens_beyond_the_prompt_do_not_lower_the_cost_below_theirs() -> None:
    assert cost_of(Usage(prompt_tokens=10, cached_tokens=50), _PRICE) == 50 * Decimal("0.0000003")


def test_long_prompts_are_charged_whole_at_the_step_above() -> None:
    step = PriceStep(above_prompt_tokens=200_000, prices=(("prompt", Decimal(2)),))
    price = Pricing(prompt=Decimal(1), completion=Decimal(1), steps=(step,))
    assert cost_of(Usage(prompt_tokens=200_000), price) == 200_000
    assert cost_of(Usage(prompt_tokens=200_001), price) == 400_002
    assert price.at(200_001).completion == 1


@pytest.mark.parametrize(
    ("start", "end", "at", "holds"),
    [
        (time(9), time(17), time(9), True),
        (time(9), time(17), time(17), False),
        (time(22), time(6), time(23), True),
        (time(22), time(6), time(5, 59), True),
        (time(22), time(6), time(6), False),
        (time(9), time(17), None, False),
    ],
)
def test_a_step_of_the_day_holds_from_its_start_to_before_its_end(
    start: time, end: time, at: time | None, holds: bool
) -> None:
    assert PriceStep(utc_start=start, utc_end=end).applies(0, at) is holds


def test_a_later_step_wins() -> None:
    steps = tuple(PriceStep(above_prompt_tokens=n, prices=(("prompt", Decimal(n)),)) for n in (1, 2))
    assert Pricing(prompt=Decimal(9), completion=Decimal(0), steps=steps).at(5).prompt == 2


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (None, "?"),
        ("0", "$0"),
        ("0.0000123456", "$0.000012"),
        ("0.00021", "$0.00021"),
        ("0.0099", "$0.0099"),
        ("0.0999", "$0.100"),
        ("0.031", "$0.031"),
        ("0.99999", "$1.00"),
        ("1", "$1.00"),
        ("1234.5", "$1,234.50"),
        ("-0.5", "-$0.500"),
        ("-0.0002", "-$0.0002"),
        ("1E-12", "<$0.0000000001"),
    ],
)
def test_money_is_read_as_people_read_it(amount: str | None, shown: str) -> None:
    assert money(Decimal(amount) if amount is not None else None) == shown


def test_a_guess_is_marked() -> None:
    assert money(Decimal("0.004"), approximate=True) == "~$0.004"
    assert money(Decimal(0), approximate=True) == "~$0"


@given(st.decimals(min_value=Decimal("1e-9"), max_value=10_000, places=9))
def test_money_shown_is_within_five_percent_of_the_truth(amount: Decimal) -> None:
    shown = Decimal(money(amount).replace("$", "").replace(",", ""))
    assert abs(shown - amount) <= amount * Decimal("0.05")


@pytest.mark.parametrize(
    ("price", "shown"),
    [(None, "?"), ("0", "free"), ("0.000002", "2"), ("0.00000025", "0.25"), ("0.00015", "150"), ("0.00001", "10")],
)
def test_a_price_is_shown_per_million(price: str | None, shown: str) -> None:
    assert per_million(Decimal(price) if price is not None else None) == shown


def test_a_price_too_small_to_show_is_not_shown_as_free_or_nothing() -> None:
    assert per_million(Decimal("0.0000000001")) == "<0.001"
