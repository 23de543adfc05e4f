"""The catalogue cache."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from tui_router.domain.model import Model, ReasoningAbility
from tui_router.domain.usage import PriceStep, Pricing
from tui_router.storage.models import ModelCache
from tui_router.storage.paths import AppPaths

FULL = Model(
    id="a/b",
    name="A: B",
    canonical="a/b-1",
    description="Words",
    created=date(2026, 1, 2),
    context=128_000,
    max_output=4096,
    inputs=frozenset({"text", "image"}),
    outputs=frozenset({"text"}),
    parameters=frozenset({"tools", "seed"}),
    pricing=Pricing(
        prompt=Decimal("0.0000025"),
        completion=Decimal(0),
        steps=(
            PriceStep(above_prompt_tokens=200_000, prices=(("prompt", Decimal("0.000005")),)),
            PriceStep(utc_start=time(16, 30), utc_end=time(0, 30), prices=(("completion", Decimal("1E-7")),)),
        ),
    ),
    reasoning=ReasoningAbility(mandatory=True, efforts=("high", "low"), default_effort="low", takes_budget=True),
    is_moderated=True,
    expires=date(2027, 1, 1),
    alias_of="a/b-1",
    tokenizer="GPT",
    is_demo=True,
)


def test_what_is_saved_is_loaded(paths: AppPaths) -> None:
    models = (FULL, Model(id="c/d", name="D", pricing=Pricing(varies=True)))
    at = datetime(2026, 11, 22, tzinfo=UTC)
    ModelCache(paths).save(models, at)
    cached = ModelCache(paths).load()
    assert cached is not None
    assert cached.models == models
    assert cached.fetched_at == at


def test_a_list_of_another_address_is_not_taken(paths: AppPaths) -> None:
    ModelCache(paths, "http://127.0.0.1:1/v1").save([FULL])
    assert ModelCache(paths).load() is None
    assert ModelCache(paths, "http://127.0.0.1:1/v1").load() is not None


@pytest.mark.parametrize(
    "change",
    [
        {"version": 99},
        {"models": None},
        {"models": [{"name": "no id"}]},
        {"models": [3]},
        {"models": [{"id": 3, "name": "x"}]},
        {"fetched_at": "yesterday"},
        {"fetched_at": 3},
    ],
)
def test_a_damaged_cache_is_no_cache(paths: AppPaths, change: dict[str, object]) -> None:
    ModelCache(paths).save([FULL])
    document = json.loads(paths.catalogue.read_text())
    paths.catalogue.write_text(json.dumps(document | change))
    assert ModelCache(paths).load() is None


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00", '"x"'])
def test_a_file_that_is_no_cache_is_none(paths: AppPaths, text: str) -> None:
    assert ModelCache(paths).load() is None
    paths.cache.mkdir()
    paths.catalogue.write_text(text)
    assert ModelCache(paths).load() is None


def test_a_field_of_another_version_is_passed_over(paths: AppPaths) -> None:
    ModelCache(paths).save([FULL])
    document = json.loads(paths.catalogue.read_text())
    document["models"][0] |= {"new_field": 1, "context": "many", "pricing": 3}
    paths.catalogue.write_text(json.dumps(document))
    cached = ModelCache(paths).load()
    assert cached is not None
    assert cached.models[0].name == "A: B"
    assert cached.models[0].context == 0
