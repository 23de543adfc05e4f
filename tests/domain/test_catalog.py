"""Sorting, filtering, hand-typed ids and the cost of a line-up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tui_router.domain.catalog import (
    LineUpCost,
    ModelFilter,
    Sort,
    find_model,
    in_order,
    line_up_cost,
    typed_filter,
    typed_id,
)
from tui_router.domain.model import Model
from tui_router.domain.usage import Pricing


def model(id: str, prompt: str = "1", completion: str = "5", context: int = 100_000, **rest: object) -> Model:
    price = Pricing(prompt=Decimal(prompt) / 1_000_000, completion=Decimal(completion) / 1_000_000)
    return Model(id=id, name=id.title(), context=context, pricing=price, **rest)  # type: ignore[arg-type]


CHEAP = model("a/cheap", "0.1", "0.4", created=date(2026, 1, 1), parameters=frozenset({"tools"}))
DEAR = model("b/dear", "10", "40", 1_000_000, created=date(2026, 9, 1), inputs=frozenset({"text", "image"}))
FREE = model("c/free:free", "0", "0", 32_000, parameters=frozenset({"reasoning"}))
ROUTER = Model(id="openrouter/auto", name="Auto", pricing=Pricing(varies=True))
ALL = (CHEAP, DEAR, FREE, ROUTER)
KNOWN = {m.id: m for m in ALL}


@pytest.mark.parametrize(
    ("sort", "first", "last"),
    [
        (Sort.PRICE, FREE, ROUTER),
        (Sort.CONTEXT, DEAR, ROUTER),
        (Sort.NEW, DEAR, ROUTER),
        (Sort.BEST, DEAR, ROUTER),
        (Sort.NAME, CHEAP, ROUTER),
    ],
)
def test_each_order_puts_the_unknown_last(sort: Sort, first: Model, last: Model) -> None:
    ordered = in_order(ALL, sort)
    if sort is not Sort.NAME:
        assert ordered[-1] == last
    else:
        assert [m.name for m in ordered] == sorted(m.name for m in ALL)
    assert first in ordered[:2]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (ModelFilter(), {*ALL}),
        (ModelFilter(free=True), {FREE}),
        (ModelFilter(tools=True), {CHEAP}),
        (ModelFilter(vision=True), {DEAR}),
        (ModelFilter(reasoning=True), {FREE}),
        (ModelFilter(min_context=100_000), {CHEAP, DEAR}),
        (ModelFilter(max_price=Decimal("0.4")), {CHEAP, FREE}),
        (ModelFilter(free=True, tools=True), set()),
    ],
)
def test_filters_hold_together_and_an_unknown_price_is_never_low(chosen: ModelFilter, expected: set[Model]) -> None:
    assert {m.id for m in ALL if chosen.accepts(m)} == {m.id for m in expected}


def test_conditions_are_typed_among_the_words() -> None:
    words, chosen = typed_filter("claude >128k <$5 son", ModelFilter(tools=True))
    assert words == "claude son"
    assert chosen == ModelFilter(tools=True, min_context=128_000, max_price=Decimal(5))
    assert typed_filter("≥1.5m ≤0.25", ModelFilter())[1] == ModelFilter(
        min_context=1_500_000, max_price=Decimal("0.25")
    )
    assert typed_filter("a > b <", ModelFilter()) == ("a > b <", ModelFilter())


@pytest.mark.parametrize(
    ("text", "id", "is_known"),
    [
        ("@preset/work", "@preset/work", True),
        ("a/cheap:floor", "a/cheap:floor", True),
        ("openrouter/a/cheap:nitro", "a/cheap:nitro", True),
        ("a/cheap:weird", "a/cheap:weird", False),
        ("who/knows", "who/knows", False),
        (" ~who/latest ", "~who/latest", False),
    ],
)
def test_an_id_typed_by_hand_is_taken_with_a_note(text: str, id: str, is_known: bool) -> None:
    typed = typed_id(text, KNOWN)
    assert typed is not None
    assert (typed.id, typed.is_known) == (id, is_known)
    assert typed.note


@pytest.mark.parametrize("text", ["", "claude", "a/cheap", "openrouter/auto", "two words/x y", "a/b/c/d", "/", "a/"])
def test_words_and_catalogue_rows_are_no_typed_ids(text: str) -> None:
    assert typed_id(text, KNOWN) is None


def test_a_variant_has_the_row_of_its_base() -> None:
    assert find_model("a/cheap:floor", KNOWN) is CHEAP
    assert find_model("c/free:free", KNOWN) is FREE
    assert find_model("who/knows", KNOWN) is None


def test_the_cost_of_a_line_up_counts_a_model_twice_and_says_how_many_are_unknown() -> None:
    cost = line_up_cost([CHEAP, CHEAP, ROUTER, None], 1_000, 1_000)
    assert cost == LineUpCost(Decimal("0.001"), 2)
    assert line_up_cost([], 10, 10) == LineUpCost(Decimal(0), 0)
