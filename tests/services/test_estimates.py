"""What a request may cost: the typical cost is near, the most is never passed, and both learn from answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from tests.benchmarks.bench_estimate import Notes
from tests.benchmarks.token_corpus import O200K, corpus
from tests.memory_store import memory_store
from tests.values import a_message, an_answer
from tui_router.domain.account import Endpoint
from tui_router.domain.message import Image, Message, Text
from tui_router.domain.model import Model, ReasoningAbility
from tui_router.domain.options import ChatOptions
from tui_router.domain.request import ChatRequest
from tui_router.domain.usage import PriceStep, Pricing, Usage, cost_of
from tui_router.services.estimates import Estimates
from tui_router.services.token_calibration import family_of
from tui_router.storage.state import KeyValueStore

NOW = datetime(2026, 6, 15, 23, 30, tzinfo=UTC)
DOLLAR_A_TOKEN = Pricing(prompt=Decimal(1), completion=Decimal(2))
MOST = 14 * 1.5 + 50
"""The most tokens that the usual question may have while nothing was learned."""


def model(name: str = "a/b", pricing: Pricing = DOLLAR_A_TOKEN, context: int = 1000, thinks: bool = False) -> Model:
    ability = ReasoningAbility() if thinks else None
    return Model(id=name, name=name, context=context, pricing=pricing, reasoning=ability)


def question(text: str = "four " * 10, *images: Image) -> Message:
    return a_message("q", parts=(Text(text), *images))


def ask(about: Model | None = None, message: Message | None = None, **options: object) -> ChatRequest:
    about = about or model()
    chosen = ChatOptions(**{"max_tokens": 1000, **options})  # type: ignore[arg-type]
    return ChatRequest(model=about.id, messages=(message or question(),), options=chosen, about=about)


def books(notes: Notes | None = None, *rows: Model) -> Estimates:
    return Estimates(notes or Notes(), lambda: NOW, {m.id: m for m in rows}.get)


def test_an_estimate_has_a_low_a_usual_and_a_highest_cost() -> None:
    found = books().of([ask()])
    assert found.tokens == 14
    assert [found.low, found.typical] == [14, 14 + 2 * 400]
    assert found.most == round(MOST) + 2 * 1000
    assert found.share == pytest.approx(0.014)
    assert found.label == "~$814.00"


def test_the_worst_case_is_said_in_words() -> None:
    pricing = Pricing(prompt=Decimal("0.000003"), completion=Decimal("0.000015"))
    about = model(pricing=pricing, context=200_000)
    dear = ask(about, max_tokens=8192)
    assert books().worst([dear]) == "your words and 8,192 answer tokens at $15 per million"
    cheap = replace(pricing, completion=Decimal("0.000001"))
    lanes = [ask(model("c/d", cheap, 200_000), max_tokens=9000), dear]
    assert books().worst(lanes) == "your words and 2 answers, the most expensive with 8,192 tokens at $15 per million"
    assert books().worst([ask(model(pricing=Pricing(completion=Decimal(0))))]) == ""
    assert books().worst([ChatRequest(model="no/where", messages=())]) == ""


def test_a_thinking_model_is_expected_to_say_more() -> None:
    assert books().of([ask(model(thinks=True), max_tokens=8192)]).typical == 14 + 2 * 1000  # the window of this model


def test_the_answer_is_no_longer_than_the_model_can_write() -> None:
    found = books().of([ask(replace(model(), max_output=100))])
    assert [found.typical, found.most] == [14 + 200, round(MOST) + 200]


def test_without_any_limit_the_longest_answer_is_what_the_window_takes() -> None:
    assert books().of([ask(max_tokens=None)]).most == round(MOST) + 2 * 1000


def test_pictures_and_searches_cost_too() -> None:
    pricing = Pricing(prompt=Decimal(0), completion=Decimal(0), image=Decimal(3), web_search=Decimal(5))
    found = books().of([ask(model(pricing=pricing), question("hi", Image("image/png")), web_search=True)])
    assert [found.low, found.typical, found.most] == [3, 8, 3 + 5 * 5]


@pytest.mark.parametrize("name", ["a/b:online", "a/b@preset/mine"])
def test_a_variant_that_may_search_is_reserved_for(name: str) -> None:
    pricing = Pricing(prompt=Decimal(0), completion=Decimal(0), web_search=Decimal(5))
    assert books().of([ask(model(name, pricing))]).most == 25


def test_the_most_expensive_fallback_is_what_is_reserved() -> None:
    heavy = model("c/d", Pricing(prompt=Decimal(10), completion=Decimal(20)))
    found = books(None, heavy).of([ask(fallback_models=("c/d",))])
    assert found.typical == 14 + 2 * 400
    assert found.most == 10 * round(MOST) + 20 * 1000
    assert found.unpriced == 0


def test_fallbacks_in_the_extra_fields_count_too() -> None:
    heavy = model("c/d", Pricing(prompt=Decimal(10), completion=Decimal(20)))
    found = books(None, heavy).of([ask(extra='{"models": ["c/d"], "max_tokens": 500}')])
    assert found.most == 10 * round(MOST) + 20 * 500


def test_a_fallback_without_a_price_is_said_and_does_not_hide_what_is_known() -> None:
    found = books().of([ask(fallback_models=("nobody/knows",))])
    assert [found.unpriced, found.typical] == [1, 814]
    assert found.label == "~$814.00 + 1 without a price"


def test_a_free_model_with_a_paid_fallback_is_not_free() -> None:
    free = model("f/f:free", Pricing(prompt=Decimal(0), completion=Decimal(0)))
    found = books(None, model()).of([ask(free, fallback_models=("a/b",))])
    assert found.typical == 0
    assert found.most == round(MOST) + 2000
    assert found.label != "free"


def test_thinking_and_cache_writes_are_reserved_at_their_own_price() -> None:
    pricing = replace(DOLLAR_A_TOKEN, internal_reasoning=Decimal(4), input_cache_write=Decimal(3))
    assert books().of([ask(model(pricing=pricing))]).most == 3 * round(MOST) + 4 * 1000


@pytest.mark.parametrize(
    "step",
    [
        PriceStep(above_prompt_tokens=60, prices=(("prompt", Decimal(5)),)),
        PriceStep(utc_start=time(0, 0), utc_end=time(8, 0), prices=(("prompt", Decimal(5)),)),
    ],
)
def test_a_price_step_that_may_hold_is_reserved_for(step: PriceStep) -> None:
    found = books().of([ask(model(pricing=replace(DOLLAR_A_TOKEN, steps=(step,))))])
    assert found.typical == 814
    assert found.most == 5 * round(MOST) + 2000


def test_a_prompt_never_costs_more_than_a_full_window() -> None:
    found = books().of([ask(message=question("four " * 900))])
    assert found.most == 1000 + 2 * 1000


def test_the_tier_that_costs_more_is_reserved_for() -> None:
    assert books().of([ask(service_tier="priority")]).most == 2 * (round(MOST) + 2000)


@pytest.mark.parametrize(
    ("options", "dollars_a_token"), [({}, 9), ({"provider_ignore": ("pricey",)}, 1), ({"provider_only": ("cheap",)}, 1)]
)
def test_a_provider_that_takes_more_than_the_catalogue_says_is_reserved_for(
    options: dict[str, object], dollars_a_token: int
) -> None:
    prices = {"cheap": Decimal(1), "pricey": Decimal(9)}
    table = [
        Endpoint(provider=name, tag=name, pricing=Pricing(prompt=price, completion=Decimal(2)))
        for name, price in prices.items()
    ]
    learning = Estimates(Notes(), lambda: NOW, lambda _: None, {"a/b": table}.__getitem__)
    assert learning.of([ask(model("a/b:nitro"), None, **options)]).most == dollars_a_token * round(MOST) + 2000


def test_several_models_add_up_and_the_unpriced_are_counted() -> None:
    router = model("openrouter/auto", Pricing(varies=True), context=0)
    found = books().of([ask(), ask(model("c/d")), ask(router)])
    assert found.typical == 2 * 814
    assert found.label == "with 3 models ~$1,628.00 + 1 without a price"
    assert books().of([ask(router)]).label == "price varies"
    assert books().of([ask(router)]).share is None


@pytest.mark.parametrize("name", ["x/y:free", "openrouter/free"])
def test_free_is_called_free(name: str) -> None:
    pricing = Pricing(varies=True) if "router" in name else Pricing(prompt=Decimal(0), completion=Decimal(0))
    found = books().of([ask(model(name, pricing))])
    assert [found.label, found.most, found.unpriced] == ["free", 0, 0]
    assert books().of([]).label == ""


def test_a_model_that_the_catalogue_does_not_hold_has_no_price() -> None:
    found = books().of([replace(ask(), about=None)])
    assert (found.unpriced, found.most) == (1, None)


# Learning


def turn(text: str = "four " * 1000, name: str = "a/b") -> ChatRequest:
    return ask(model(name), question(text))


def test_guesses_learn_from_answers() -> None:
    notes = Notes()
    learning = books(notes)
    for _ in range(5):
        learning.learn(turn(), Usage(prompt_tokens=2008, completion_tokens=50))
    assert learning.scale("a/b") == pytest.approx(2, rel=0.05)
    assert learning.usual_answer(model()) == 50
    again = books(notes)
    assert again.tokens(turn()) == pytest.approx(2008, rel=0.05)
    assert again.scale("a/b") == learning.scale("a/b")


def test_a_family_learns_together_and_others_learn_less() -> None:
    learning = books()
    for _ in range(20):
        learning.learn(turn(name="openai/gpt-4o"), Usage(prompt_tokens=2008, completion_tokens=50))
    own, variant = learning.scale("openai/gpt-4o"), learning.scale("openai/gpt-4o-mini:online")
    assert own == variant == pytest.approx(2, rel=0.02)
    assert 1 < learning.scale("openai/o3") <= own  # the author, until this family has spoken
    learning.learn(turn(name="openai/o3"), Usage(prompt_tokens=1004, completion_tokens=50))
    assert learning.scale("openai/o3") < 1.3


def test_what_comes_with_each_request_is_not_taken_for_longer_words() -> None:
    learning = books()
    for _ in range(12):
        learning.learn(turn("four " * 20), Usage(prompt_tokens=24 + 70, completion_tokens=50))
    assert learning.scale("a/b") == 1
    assert learning.tokens(turn("four " * 20)) == pytest.approx(94, abs=8)
    assert learning.tokens(turn()) == pytest.approx(1074, abs=8)


@pytest.mark.parametrize(("text", "used"), [("hi", 100_000), ("four " * 1000, 10_000_000), ("four " * 1000, 1)])
def test_one_absurd_answer_does_not_spoil_the_guesses(text: str, used: int) -> None:
    learning = books()
    for _ in range(10):
        learning.learn(turn(), Usage(prompt_tokens=1004, completion_tokens=9))
    learning.learn(turn(text), Usage(prompt_tokens=used, completion_tokens=9))
    assert learning.scale("a/b") == pytest.approx(1, abs=0.15)
    assert learning.tokens(turn()) < 1004 * 1.7


@pytest.mark.parametrize("usage", [Usage(), Usage(prompt_tokens=5), Usage(completion_tokens=5)])
def test_nothing_is_learned_of_nothing(usage: Usage) -> None:
    notes = Notes()
    books(notes).learn(ask(), usage)
    assert notes.facts == {}


def test_what_a_picture_took_says_nothing_about_words() -> None:
    learning = books()
    seen = ask(message=question("four " * 1000, Image("image/png")))
    learning.learn(seen, Usage(prompt_tokens=9000, completion_tokens=30))
    assert learning.scale("a/b") == 1
    assert learning.usual_answer(model()) == 30


def test_only_so_many_models_are_remembered() -> None:
    notes = Notes()
    learning = books(notes)
    for number in range(205):
        learning.learn(turn(name=f"a{number}/m"), Usage(prompt_tokens=1004, completion_tokens=9))
    assert all(len(kept) == 200 for kept in notes.facts.values())
    assert "a0/m" not in notes.facts["tokens.sizes"]
    assert "*" in notes.facts["tokens.sizes"]


@pytest.mark.parametrize("kept", [7, {"a/b": "oops"}, {"a/b": [float("nan"), 1, 1, 1, 1]}, {"a/b": [-1, 1, 1, 1, 1]}])
def test_damaged_memories_are_forgotten(kept: object) -> None:
    notes = Notes()
    notes.facts["tokens.sizes"] = notes.facts["tokens.answers"] = kept
    assert books(notes).scale("a/b") == 1
    books(notes).learn(turn(), Usage(prompt_tokens=1004, completion_tokens=9))
    assert books(notes).usual_answer(model()) == 9


def test_the_more_was_learned_the_less_is_reserved() -> None:
    learning = books()
    first = learning.of([turn()]).most
    for _ in range(12):
        learning.learn(turn(), Usage(prompt_tokens=1004, completion_tokens=9))
    later = learning.of([ask(model(context=0), question("four " * 1000))]).most
    assert first is not None
    assert later == round(1004 * 1.3 + 50) + 2000


def test_what_is_reserved_was_never_passed_on_any_kind_of_text() -> None:
    learning = books()
    about = model(pricing=Pricing(prompt=Decimal("0.000003"), completion=Decimal("0.000015")), context=0)
    for (_, text), real in zip(corpus(), O200K, strict=True):
        request = ask(about, question(text))
        usage = Usage(prompt_tokens=real + 7, completion_tokens=1000)
        most, charged = learning.of([request]).most, cost_of(usage, about.pricing)
        assert most is not None
        assert charged is not None
        assert charged <= most < charged * 2
        learning.learn(request, usage)


def test_the_notebook_is_not_read_at_every_key() -> None:
    notes, clock = Notes(), [NOW]
    reads: list[str] = []

    class Counted(Notes):
        def get(self, name: str, default: object = None) -> object:
            reads.append(name)
            return notes.get(name)

    learning = Estimates(Counted(), lambda: clock[0], lambda _: None)
    for _ in range(50):
        learning.of([ask()])
    assert len(reads) == 2
    clock[0] += timedelta(minutes=1)
    learning.of([ask()])
    assert len(reads) == 4


def test_the_real_notebook_fits() -> None:
    state = KeyValueStore(memory_store())
    learning = Estimates(state, lambda: NOW, lambda _: None)
    learning.learn(turn(), Usage(prompt_tokens=2008, completion_tokens=7))
    assert Estimates(state, lambda: NOW, lambda _: None).usual_answer(model()) == 7
    assert Estimates(state, lambda: NOW, lambda _: None).scale("a/b") > 1.5


@pytest.mark.parametrize(
    ("model_id", "family"),
    [
        ("openai/gpt-4o-mini", "openai/gpt-4o"),
        ("openai/gpt-4.1", "openai/gpt-4"),
        ("anthropic/claude-3.5-sonnet:beta", "anthropic/claude-3"),
        ("~anthropic/claude-opus-latest", "anthropic/claude"),
        ("meta-llama/llama-3.3-70b-instruct:free", "meta-llama/llama-3"),
        ("qwen/qwen3-235b-a22b", "qwen/qwen3"),
        ("openrouter/google/gemini-2.5-pro@preset/x", "google/gemini-2"),
        ("@preset/mine", "/"),
    ],
)
def test_families_are_told_from_ids(model_id: str, family: str) -> None:
    assert family_of(model_id) == family


def test_the_thread_counts_with_the_question() -> None:
    thread = (a_message("one", text="four " * 100), an_answer("two", "one", "four " * 50), question())
    request = replace(ask(), messages=thread, system="four " * 20)
    assert books().tokens(request) == 104 + 54 + 14 + 24
