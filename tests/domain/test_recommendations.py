"""What to look at first, and what changed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tui_router.domain.catalog_diff import Changes, changes
from tui_router.domain.model import Model, ReasoningAbility
from tui_router.domain.recommendations import cards, completion_price, sections
from tui_router.domain.usage import Pricing

TODAY = date(2026, 6, 1)


def row(
    model_id: str,
    price: str | None = "1",
    *,
    days: int = 30,
    context: int = 128_000,
    expires: date | None = None,
    thinks: bool = False,
) -> Model:
    per_token = None if price is None else Decimal(price) / 1_000_000
    return Model(
        id=model_id,
        name=model_id,
        created=TODAY - timedelta(days=days),
        context=context,
        parameters=frozenset({"tools"}),
        pricing=Pricing(prompt=per_token, completion=per_token),
        expires=expires,
        reasoning=ReasoningAbility() if thinks else None,
    )


ROWS = [
    row("nobody/tiny", "0.1", days=1),
    row("openai/good-mini", "1"),
    row("openai/older-mini", "1", days=200),
    row("anthropic/giant", "60", thinks=True),
    row("anthropic/absurd", "900", thinks=True),
    row("google/long", "5", context=2_000_000),
    row("qwen/coder", "1.5", days=10),
    row("meta-llama/gift:free", "0"),
    row("openai/vanishing", "0.5", expires=TODAY + timedelta(days=3)),
    row("~openai/latest", "1"),
    row("openai/unknown", None),
    Model(id="openrouter/auto", name="Auto", pricing=Pricing(varies=True)),
]


def ids(title: str) -> list[str]:
    return next(([m.id for m in s.models] for s in sections(ROWS, TODAY) if s.title == title), [])


def test_each_section_is_told_from_the_catalogue() -> None:
    assert ids("Free to try") == ["meta-llama/gift:free"]
    assert ids("Good and cheap") == ["qwen/coder", "openai/good-mini", "openai/older-mini", "nobody/tiny"]
    assert ids("Strongest")[0] == "anthropic/giant"
    assert "anthropic/absurd" not in ids("Strongest")
    assert ids("Coding") == ["qwen/coder"]
    assert ids("Long context") == ["google/long"]
    assert ids("Fast") == ["openai/good-mini", "openai/older-mini"]


def test_the_first_run_shows_three_cards() -> None:
    assert [(s.title, len(s.models)) for s in cards(ROWS, TODAY)] == [
        ("Free to try", 1),
        ("Good and cheap", 1),
        ("Strongest", 1),
    ]


def test_new_gone_and_changed_models_are_found() -> None:
    before = [row("a/stays"), row("a/gone"), row("a/dear", "2"), row("b/gone")]
    after = [row("a/stays"), row("a/dear", "3"), row("a/new"), row("a/ends", expires=TODAY + timedelta(days=5))]
    found = changes(before, after, TODAY)
    assert found.new == ("a/new", "a/ends")
    assert found.gone == ("a/gone", "b/gone")
    assert [(p.id, p.is_cheaper) for p in found.prices] == [("a/dear", False)]
    assert found.expiring == (("a/ends", TODAY + timedelta(days=5)),)
    assert found.sentence({"a/gone", "a/dear", "a/ends"}) == (
        "a/gone is gone from the catalogue · a/ends ends on 6 Jun · a/dear is dearer: 2 → 3 $/M · "
        "2 new models · 1 other gone"
    )
    assert found.sentence() == "2 new models · 2 gone"


def test_a_cheaper_prompt_counts_too() -> None:
    before = Model(id="a/b", name="B", pricing=Pricing(prompt=Decimal(2), completion=Decimal(1)))
    after = Model(id="a/b", name="B", pricing=Pricing(prompt=Decimal(1), completion=Decimal(1)))
    found = changes([before], [after], TODAY)
    assert "cheaper" in found.sentence({"a/b"})
    assert found.sentence() == ""


def test_the_first_catalogue_ever_brings_no_news() -> None:
    assert changes([], [row("a/b")], TODAY) == Changes()
    assert changes([row("a/b")], [], TODAY).is_empty


def test_routers_have_no_price_to_change() -> None:
    router = Model(id="openrouter/auto", name="Auto", pricing=Pricing(varies=True))
    assert changes([router], [router], TODAY).is_empty


def test_an_unknown_price_is_not_cheap() -> None:
    assert completion_price(row("a/b", None)) > completion_price(row("a/c", "900"))
