"""The shipped catalogue."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tui_router.demo_server.catalogue import Catalogue, endpoints_of
from tui_router.demo_server.families import load_records
from tui_router.demo_server.scenarios import SCENARIOS
from tui_router.demo_server.wire import Wire

FACTS = {row["id"] for row in load_records()}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The catalogue; it never changes."""
    return Catalogue()


def test_it_has_the_size_and_the_mixture_of_the_real_one(catalogue: Catalogue) -> None:
    ids = [row["id"] for row in catalogue.rows]
    assert len(ids) == len(set(ids))
    assert 440 < len(ids) < 500
    assert sum(i.endswith(":free") for i in ids) >= 20
    assert sum(i.endswith(":batch") for i in ids) >= 30
    assert sum(i.startswith("~") for i in ids) == 19
    assert 20 <= sum(row["expiration_date"] is not None for row in catalogue.rows) <= 40


def test_rows_that_are_not_facts_say_so(catalogue: Catalogue) -> None:
    assert len(FACTS) == 32
    grown: list[Wire] = [row for row in catalogue.rows if row["id"] not in FACTS]
    assert all(row["description"].startswith("Demo row.") for row in grown)
    assert all(row["name"].startswith("Demo: ") for row in grown if row["id"].startswith("demo/"))


def test_prices_are_decimal_strings(catalogue: Catalogue) -> None:
    for row in catalogue.rows:
        prices = [v for v in row["pricing"].values() if isinstance(v, str)]
        assert all(Decimal(price) >= -1 and "E" not in price for price in prices)


def test_it_is_the_same_every_time(catalogue: Catalogue) -> None:
    assert Catalogue().rows == catalogue.rows


def test_every_listed_scenario_is_a_row_and_every_other_is_found(catalogue: Catalogue) -> None:
    ids = {row["id"] for row in catalogue.rows}
    for row in SCENARIOS.values():
        assert (f"demo/{row.name}" in ids) == row.listed
        found = catalogue.find(f"demo/{row.name}")
        assert found is not None
        assert row.about in found["description"]


def test_aliases_and_routers_are_answered_by_a_concrete_row(catalogue: Catalogue) -> None:
    for row in catalogue.rows:
        served = catalogue.served_by(row)
        assert "alias_target" not in served
        assert Decimal(served["pricing"]["prompt"]) >= 0


def test_presets_are_accepted(catalogue: Catalogue) -> None:
    for asked in ("@preset/mine", "openai/gpt-4o@preset/mine", "openai/gpt-4o:nitro"):
        assert catalogue.find(asked) is not None
    assert catalogue.find("openai/gpt-4o:huge") is None


def test_every_row_has_an_endpoint_at_its_own_price(catalogue: Catalogue) -> None:
    for row in catalogue.rows:
        first = endpoints_of(row, with_speed=False)["endpoints"][0]
        assert Decimal(first["pricing"]["prompt"]) == Decimal(row["pricing"]["prompt"])
