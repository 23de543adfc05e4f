"""The catalogue: at once from the cache, refreshed behind, never silent about a lost model."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tui_router.domain.account import Endpoint
from tui_router.domain.catalog_diff import Changes
from tui_router.domain.model import Model
from tui_router.domain.problem import ABOUT_MODELS, AppError, ErrorKind, Problem
from tui_router.domain.usage import Pricing
from tui_router.services.catalog import Catalog
from tui_router.services.model_resolution import answered_by, with_suggestions
from tui_router.storage.caches import CachedCatalogue, ModelCache
from tui_router.storage.paths import find_paths

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OFFLINE = Problem(kind=ErrorKind.NETWORK, title="No network")


def row(model_id: str, price: str = "1", **more: str) -> Model:
    per_token = Decimal(price) / 1_000_000
    return Model(
        id=model_id,
        name=model_id,
        created=NOW.date(),
        pricing=Pricing(prompt=per_token, completion=per_token),
        alias_of=more.get("alias_of", ""),
    )


class Wire:
    """A service with a list, or without a network."""

    def __init__(self, *models: Model, offline: bool = False) -> None:
        self.rows = models
        self.offline = offline
        self.asked: list[str] = []

    def models(self) -> tuple[Model, ...]:
        self.asked.append("models")
        if self.offline:
            raise AppError(OFFLINE)
        return self.rows

    def endpoints(self, model_id: str) -> tuple[Endpoint, ...]:
        self.asked.append(model_id)
        return (Endpoint(provider="Somebody"),)

    def zero_retention(self) -> frozenset[tuple[str, str]]:
        return frozenset()


class Shelf:
    """A cache in memory."""

    def __init__(self, *models: Model, age: timedelta = timedelta(0)) -> None:
        self.kept = CachedCatalogue(models=models, fetched_at=NOW - age) if models else None
        self.is_full = False

    def load(self) -> CachedCatalogue | None:
        return self.kept

    def save(self, models: Sequence[Model], fetched_at: datetime | None = None) -> None:
        if self.is_full:
            raise AppError(Problem(kind=ErrorKind.STORAGE, title="The disk is full"))
        self.kept = CachedCatalogue(models=tuple(models), fetched_at=fetched_at or NOW)


class Notes:
    """Facts in memory."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        return self.facts.get(name)

    def change(self, name: str, how: Callable[[Any], Any]) -> Any:
        self.facts[name] = how(self.facts.get(name))
        return self.facts[name]


def catalog(wire: Wire, shelf: Shelf | None = None, notes: Notes | None = None) -> Catalog:
    return Catalog(source=lambda: wire, cache=shelf or Shelf(), app_state=notes or Notes(), now=lambda: NOW)


def test_the_cached_list_is_there_without_asking_anybody() -> None:
    wire = Wire()
    found = catalog(wire, Shelf(row("a/b"), row("a/b:batch")))
    assert [m.id for m in found.models] == ["a/b", "a/b:batch"]
    assert [m.id for m in found.chat_models] == ["a/b"]
    assert wire.asked == []


@pytest.mark.parametrize(
    ("age", "fresh"),
    [(timedelta(minutes=59), True), (timedelta(hours=1), False), (timedelta(hours=-5), False)],
)
def test_a_list_is_fresh_for_an_hour(age: timedelta, fresh: bool) -> None:
    assert catalog(Wire(), Shelf(row("a/b"), age=age)).is_fresh is fresh


def test_without_a_cache_there_is_nothing_and_it_is_not_fresh() -> None:
    found = catalog(Wire())
    assert found.models == ()
    assert found.fetched_at is None
    assert not found.is_fresh


def test_a_refresh_replaces_keeps_and_compares() -> None:
    shelf = Shelf(row("a/old"), row("a/same", "2"), age=timedelta(days=1))
    found = catalog(Wire(row("a/same", "1"), row("a/new")), shelf)
    news = found.refresh()
    assert news.new == ("a/new",)
    assert news.gone == ("a/old",)
    assert [m.id for m in found.models] == ["a/same", "a/new"]
    assert shelf.kept is not None
    assert shelf.kept.fetched_at == NOW
    assert found.changes.sentence({"a/same"}) == "a/same is cheaper: 2 → 1 $/M · 1 new model · 1 gone"
    assert found.is_fresh


def test_a_fresh_list_will_do_where_one_is_needed() -> None:
    wire = Wire(row("a/b"))
    found = catalog(wire, Shelf(row("a/b"), age=timedelta(days=1)))
    for _ in range(3):
        found.refresh(unless_fresh=True)
    assert wire.asked == ["models"]
    found.refresh()
    assert wire.asked == ["models", "models"]


def test_a_failed_refresh_keeps_the_old_list() -> None:
    found = catalog(Wire(offline=True), Shelf(row("a/b"), age=timedelta(days=9)))
    with pytest.raises(AppError):
        found.refresh()
    assert [m.id for m in found.models] == ["a/b"]
    assert found.problem == OFFLINE


def test_an_empty_answer_does_not_wipe_the_list() -> None:
    found = catalog(Wire(), Shelf(row("a/b"), age=timedelta(days=9)))
    assert found.refresh() == Changes()
    assert found.models
    assert not found.is_fresh


def test_a_full_disk_does_not_lose_the_fresh_list() -> None:
    shelf = Shelf()
    shelf.is_full = True
    found = catalog(Wire(row("a/b")), shelf)
    found.refresh()
    assert [m.id for m in found.models] == ["a/b"]


def refreshed_behind(found: Catalog, *, force: bool = False) -> Changes | Problem | None:
    told: list[Changes | Problem] = []
    done = threading.Event()

    def note(news: Changes | Problem) -> None:
        told.append(news)
        done.set()

    if not found.refresh_behind(note, force=force):
        return None
    assert done.wait(10)
    return told[0]


def test_a_refresh_behind_tells_when_it_is_done() -> None:
    found = catalog(Wire(row("a/b")), Shelf(row("a/a"), age=timedelta(days=1)))
    news = refreshed_behind(found)
    assert isinstance(news, Changes)
    assert news.new == ("a/b",)
    assert refreshed_behind(found) is None
    assert refreshed_behind(found, force=True) == Changes()


def test_a_refresh_behind_without_a_network_tells_the_problem() -> None:
    assert refreshed_behind(catalog(Wire(offline=True))) == OFFLINE


def test_an_id_is_found_through_suffixes() -> None:
    found = catalog(Wire(), Shelf(row("a/bee")))
    row_found = found.get("a/bee:nitro")
    assert row_found is not None
    assert row_found.id == "a/bee:nitro"
    assert found.get("") is None
    assert found.get("bee") is None
    assert found.resolve("bee").id == "a/bee"


def test_while_nothing_is_known_a_full_id_is_taken_as_it_is() -> None:
    found = catalog(Wire())
    assert found.resolve("openrouter/a/b").id == "a/b"
    with pytest.raises(AppError):
        found.resolve("opus")


def test_stars_come_and_go() -> None:
    found = catalog(Wire())
    assert found.toggle_favourite("a/b")
    assert found.toggle_favourite("a/c")
    assert list(found.favourites) == ["a/b", "a/c"]
    assert not found.toggle_favourite("a/b")
    assert list(found.favourites) == ["a/c"]


def test_the_last_used_comes_first_and_the_list_is_short() -> None:
    found = catalog(Wire())
    for number in range(20):
        found.used(f"a/{number}")
    found.used("a/19")
    found.used("a/18")
    assert found.recents[:2] == ("a/18", "a/19")
    assert len(found.recents) == 12


def test_a_damaged_fact_is_no_list() -> None:
    notes = Notes()
    notes.facts = {"recents": "oops", "favourites": [1, "a/b"]}
    found = catalog(Wire(), notes=notes)
    assert found.recents == ()
    assert found.favourites == ("a/b",)


def test_stepping_goes_round_the_recent_models_that_exist() -> None:
    found = catalog(Wire(), Shelf(row("a/1"), row("a/2"), row("a/3")))
    assert found.step("a/1", 1) is None
    for name in ("a/3", "gone/x", "a/2", "a/1"):
        found.used(name)
    assert found.step("a/1", 1) == "a/2"
    assert found.step("a/2", 1) == "a/3"
    assert found.step("a/3", 1) == "a/1"
    assert found.step("a/1", -1) == "a/3"
    assert found.step("other/model", 1) == "a/1"
    assert found.step("other/model", -1) == "a/3"


def test_who_serves_an_alias_is_asked_of_the_model_behind_it() -> None:
    wire = Wire()
    found = catalog(wire, Shelf(row("~a/latest", alias_of="a/b")))
    assert found.serving.endpoints("~a/latest") == (Endpoint(provider="Somebody"),)
    assert wire.asked == ["a/b"]


def test_an_answer_of_another_model_says_which_one_was_asked() -> None:
    found = catalog(
        Wire(), Shelf(replace(row("a/big"), name="Big", canonical="a/big-0601"), replace(row("c/small"), name="Small"))
    )
    assert answered_by(found, "a/big", "") == answered_by(found, "a/big", "a/big-0601") == "Big"
    assert answered_by(found, "a/big", "c/small") == "Small (asked: Big)"
    assert answered_by(found, "a/big", "x/unlisted") == "x/unlisted (asked: Big)"


def test_a_problem_of_an_unknown_model_gets_the_nearest_ids() -> None:
    found = catalog(Wire(), Shelf(row("openai/gpt-6"), row("openai/gpt-6-mini")))
    unknown = Problem(kind=ErrorKind.UNKNOWN_MODEL, title="No such model")
    better = with_suggestions(unknown, "openai/gpt-66", found)
    assert "openai/gpt-6" in better.suggestions
    assert better.hint.startswith("Did you mean openai/gpt-6")
    told = replace(unknown, suggestions=("x/y",))
    assert with_suggestions(told, "openai/gpt-66", found) is told
    offline = Problem(kind=ErrorKind.NETWORK, title="No network")
    assert with_suggestions(offline, "openai/gpt-66", found) is offline
    assert with_suggestions(unknown, "openai/gpt-66", catalog(Wire())) is unknown


@pytest.mark.parametrize("kind", ABOUT_MODELS)
def test_a_problem_of_a_listed_model_gets_the_others_of_its_maker_first(kind: ErrorKind) -> None:
    rows = ("openai/gpt-6", "x/gpt-6", "openai/o9", "openai/gpt-6-mini", "openai/gpt-6:free", "openai/gpt-guard-6")
    found = catalog(Wire(), Shelf(*map(row, rows)))
    problem = Problem(kind=kind, title="No endpoints", hint="Loosen the provider options")
    for asked in ("openai/gpt-6", "openai/gpt-6:nitro", "openai/gpt-6@preset/mine"):
        better = with_suggestions(problem, asked, found)
        assert better == replace(problem, suggestions=("openai/gpt-6:free", "openai/gpt-6-mini", "openai/o9"))
    assert with_suggestions(problem, "x/gpt-6", found).suggestions[0] == "openai/gpt-6"
    alone = catalog(Wire(), Shelf(row("openai/gpt-6")))
    assert with_suggestions(problem, "openai/gpt-6", alone) is problem


def test_an_id_like_no_other_still_gets_models_of_its_maker() -> None:
    found = catalog(Wire(), Shelf(row("openai/gpt-6"), row("x/y")))
    problem = Problem(kind=ErrorKind.NO_ENDPOINT, title="No endpoints")
    assert with_suggestions(problem, "openai/zzzzzzzzzzzzzzzzzzzzzzzzz", found).suggestions == ("openai/gpt-6",)


def test_sections_and_cards_come_from_the_list() -> None:
    found = catalog(Wire(), Shelf(row("openai/cheap", "1")))
    assert [s.title for s in found.sections()] == ["Good and cheap", "Strongest"]
    assert [s.title for s in found.cards()] == ["Good and cheap", "Strongest"]


def test_the_real_cache_fits(tmp_path: Path) -> None:
    cache = ModelCache(find_paths(str(tmp_path), {}))
    Catalog(source=lambda: Wire(row("a/b")), cache=cache, app_state=Notes(), now=lambda: NOW).refresh()
    assert [m.id for m in catalog(Wire(), Shelf()).models] == []
    again = Catalog(source=lambda: Wire(), cache=cache, app_state=Notes(), now=lambda: NOW)
    assert [m.id for m in again.models] == ["a/b"]
