"""The answer cache and the model cache: entries load whole, and neither fills the disk."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from tests.values import NOON, a_conversation, an_answer
from tui_router.domain.answer_cache import CachedAnswer
from tui_router.domain.message import Citation, Image, Message, Part, Reasoning, Text
from tui_router.domain.model import Model, ModelRef, ReasoningAbility
from tui_router.domain.usage import PriceStep, Pricing
from tui_router.storage import caches as storage
from tui_router.storage.caches import Answers, ModelCache
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database
from tui_router.storage.messages import Messages
from tui_router.storage.paths import AppPaths

PARTS: tuple[Part, ...] = (
    Reasoning("hm\0", ('{"type":"reasoning.text"}',)),
    Text("words \ud800 ünd"),
    Image("image/png", data="AAAA"),
    Citation("https://a.example", "A"),
)


def an_entry(text: str = "hello", minutes: int = 0) -> CachedAnswer:
    return CachedAnswer(parts=(Text(text),), at=NOON + timedelta(minutes=minutes))


def test_an_answer_comes_back_whole(database: Database) -> None:
    answers = Answers(database)
    whole = CachedAnswer(parts=PARTS, served_model="a/one-2026", provider="Prov", at=NOON)
    answers.keep("k", whole, "a/one")
    assert answers.find("k") == whole
    assert answers.find("other") is None


def test_a_newer_answer_takes_the_place_of_an_older_one(database: Database) -> None:
    answers = Answers(database)
    answers.keep("k", an_entry("old"), "a/one")
    answers.keep("k", an_entry("new", 1), "a/one")
    assert answers.find("k") == an_entry("new", 1)
    assert answers.held().count == 1


def test_the_oldest_make_room_by_number_and_by_size(database: Database) -> None:
    answers = Answers(database, most=3)
    for number in range(5):
        answers.keep(f"k{number}", an_entry(), "a/one")
    assert [n for n in range(5) if answers.find(f"k{n}")] == [2, 3, 4]
    small = Answers(database, most_bytes=1500)
    for number in range(5):
        small.keep(f"s{number}", an_entry("x" * 600), "a/one")
    assert [n for n in range(5) if small.find(f"s{n}")] == [3, 4]


def test_what_is_too_large_is_not_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "LARGEST", 100)
    answers = Answers(database)
    answers.keep("k", an_entry("x" * 200), "a/one")
    assert answers.held().count == 0


def test_an_answer_that_cannot_be_read_whole_is_none(database: Database) -> None:
    answers = Answers(database)
    for bad in ("", "[]", '{"parts": []}', '{"parts": [{"t": "text", "s": "a"}, {"t": "unheard"}]}'):
        with database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO answers (key, created, model, size, answer) VALUES ('k', 1, 'm', 1, ?)", (bad,)
            )
        assert answers.find("k") is None


def test_clearing_forgets_all(database: Database) -> None:
    answers = Answers(database)
    answers.keep("k", an_entry(), "a/one")
    answers.clear()
    assert answers.find("k") is None


def test_a_message_remembers_that_it_came_from_the_cache(database: Database) -> None:
    Conversations(database).save(a_conversation())
    cached: Message = an_answer("m", None, "hi", model=ModelRef("a/one"), cached_at=NOON - timedelta(hours=2))
    Messages(database).add_messages("c1", [cached, an_answer("n", "m", "ho")])
    first, second = Messages(database).load_messages("c1")
    assert (first.cached_at, first.cached_age) == (NOON - timedelta(hours=2), timedelta(hours=2))
    assert second.cached_age is None


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
