"""The shipped catalog, and provider routing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.demo_server.raw_client import Client
from tui_router.demo_server.catalog import DemoCatalog, endpoints_of
from tui_router.demo_server.models import SCENARIOS, load_recorded_rows
from tui_router.demo_server.payloads import JsonObject

RECORDED_IDS = {row["id"] for row in load_recorded_rows()}


@pytest.fixture(scope="module")
def catalog() -> DemoCatalog:
    """The catalogue; it never changes."""
    return DemoCatalog()


def test_size_and_mix_match_the_real_catalog(catalog: DemoCatalog) -> None:
    ids = [row["id"] for row in catalog.rows]
    assert len(ids) == len(set(ids))
    assert 440 < len(ids) < 500
    assert sum(i.endswith(":free") for i in ids) >= 20
    assert sum(i.endswith(":batch") for i in ids) >= 30
    assert sum(i.startswith("~") for i in ids) == 19
    assert 20 <= sum(row["expiration_date"] is not None for row in catalog.rows) <= 40


def test_generated_rows_are_marked_as_demo(catalog: DemoCatalog) -> None:
    assert len(RECORDED_IDS) == 32
    generated: list[JsonObject] = [row for row in catalog.rows if row["id"] not in RECORDED_IDS]
    assert all(row["description"].startswith("Demo row.") for row in generated)
    assert all(row["name"].startswith("Demo: ") for row in generated if row["id"].startswith("demo/"))


def test_prices_are_decimal_strings(catalog: DemoCatalog) -> None:
    for row in catalog.rows:
        prices = [v for v in row["pricing"].values() if isinstance(v, str)]
        assert all(Decimal(price) >= -1 and "E" not in price for price in prices)


def test_rows_are_deterministic(catalog: DemoCatalog) -> None:
    assert DemoCatalog().rows == catalog.rows


def test_listed_scenarios_are_rows_and_unlisted_ones_are_found(catalog: DemoCatalog) -> None:
    ids = {row["id"] for row in catalog.rows}
    for row in SCENARIOS.values():
        assert (f"demo/{row.name}" in ids) == row.listed
        found = catalog.find(f"demo/{row.name}")
        assert found is not None
        assert row.description in found["description"]


def test_aliases_and_routers_resolve_to_a_concrete_row(catalog: DemoCatalog) -> None:
    for row in catalog.rows:
        served = catalog.resolve(row)
        assert "alias_target" not in served
        assert Decimal(served["pricing"]["prompt"]) >= 0


def test_presets_are_accepted(catalog: DemoCatalog) -> None:
    for body in ("@preset/mine", "openai/gpt-4o@preset/mine", "openai/gpt-4o:nitro"):
        assert catalog.find(body) is not None
    assert catalog.find("openai/gpt-4o:huge") is None


def test_the_first_endpoint_has_the_price_of_the_row(catalog: DemoCatalog) -> None:
    for row in catalog.rows:
        first = endpoints_of(row, with_speed=False)["endpoints"][0]
        assert Decimal(first["pricing"]["prompt"]) == Decimal(row["pricing"]["prompt"])


CHAT_PATH = "/api/v1/chat/completions"


def answered(client: Client, **body: Any) -> Any:
    body = {"model": "demo/quick", "messages": client.messages, **body}
    return client.call("POST", CHAT_PATH, body, {"X-OpenRouter-Metadata": "enabled"})


@pytest.mark.parametrize(
    ("provider", "served"),
    [
        ({}, "Demo"),
        ({"only": ["demo-spare"]}, "Demo Spare"),
        ({"only": ["Demo-Spare", "demo"]}, "Demo"),
        ({"ignore": ["demo"]}, "Demo Spare"),
        ({"order": ["demo-spare"]}, "Demo Spare"),
        ({"order": ["nobody"]}, "Demo"),
    ],
)
def test_provider_preferences_select_the_endpoint(client: Client, provider: Any, served: str) -> None:
    assert answered(client, provider=provider).json["provider"] == served


@pytest.mark.parametrize("provider", [{"only": ["nobody"]}, {"ignore": ["demo", "demo-spare"]}])
def test_unsatisfiable_preferences_return_404(client: Client, provider: Any) -> None:
    response = answered(client, provider=provider)
    assert response.status == 404
    assert "providers" in response.json["error"]["message"]


@pytest.mark.parametrize("stream", [True, False])
def test_routing_metadata_lists_the_attempts(client: Client, stream: bool) -> None:
    response = answered(client, model="demo/error-404", models=["demo/quick"], stream=stream)
    found = response.events[-1] if stream else response.json
    metadata = found["openrouter_metadata"]
    assert [(a["model"].partition("-2")[0], a["status"]) for a in metadata["attempts"]] == [
        ("demo/error-404", 404),
        (metadata["endpoints"]["available"][0]["model"].partition("-2")[0], 200),
    ]


def test_routing_metadata_is_sent_on_request_only(client: Client) -> None:
    response = client.call("POST", CHAT_PATH, {"model": "demo/quick", "messages": client.messages})
    assert "openrouter_metadata" not in response.json


def test_zdr_endpoints_have_the_names_of_the_endpoint_table(client: Client) -> None:
    listed = {(e["model_id"], e["tag"]) for e in client.get("/endpoints/zdr").json["data"]}
    table = client.get("/models/meta-llama/llama-3.3-70b-instruct/endpoints").json["data"]["endpoints"]
    assert 0 < sum((e["model_id"], e["tag"]) in listed for e in table) <= len(table)
