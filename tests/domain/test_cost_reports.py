"""What money bought, and what it would have bought elsewhere."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.values import NOON
from tui_router.domain.cost_reports import CacheEffect, is_same_model, review, what_if
from tui_router.domain.library import Spend
from tui_router.domain.model import Model
from tui_router.domain.spending import WASTES, Fate, Spent, Work, signed, spent_of
from tui_router.domain.usage import PriceStep, Pricing, Usage

CENT = Decimal("0.01")
CHEAP = Model(id="a/cheap", name="Cheap", pricing=Pricing(prompt=CENT, completion=CENT * 2))
STEEP = replace(
    CHEAP,
    id="a/steep",
    pricing=replace(CHEAP.pricing, steps=(PriceStep(above_prompt_tokens=5, prices=(("prompt", CENT * 10),)),)),
)
ROUTER = Model(id="openrouter/auto", name="Auto", pricing=Pricing(varies=True))
DATED = Model(id="b/dated", name="Dated", canonical="b/dated-v2", alias_of="b/real", pricing=CHEAP.pricing)
KNOWN = {m.id: m for m in (CHEAP, STEEP, ROUTER, DATED)}


def work(cost: str | None = "1", model: str = "a/b", served: str = "", fate: Fate = Fate.KEPT, **more: Any) -> Work:
    """A request of ten tokens in and five out."""
    about = {n: more.pop(n) for n in ("prices", "message_id", "is_answer") if n in more}
    amount = None if cost is None else Decimal(cost)
    usage = Usage(**{"prompt_tokens": 10, "completion_tokens": 5, "cost": amount, **more})
    return Work(at=NOON, model=model, served_model=served, usage=usage, fate=fate, **about)


def test_a_sum_never_shows_the_unknown_as_nothing() -> None:
    assert Spent(known=CENT).label == "$0.010"
    assert Spent(known=CENT, estimated=CENT).label == "~$0.020"
    assert Spent(known=CENT, unknown=2).label == "$0.010 + ?"
    assert Spent(unknown=2).label == "?"
    assert Spent(requests=3).label == "$0"
    assert Spent(estimated=CENT, unknown=2).sentence == "~$0.010 + 2 not known yet"
    assert Spent(unknown=1).sentence == "1 not known yet"
    assert [signed(Decimal(n)) for n in (1, -1, 0)] == ["+$1.00", "-$1.00", "$0"]
    row = Spend(label="x", cost=CENT * 3, requests=2, prompt_tokens=0, completion_tokens=0, estimated=CENT, unknown=1)
    assert spent_of(row) == Spent(known=CENT * 2, estimated=CENT, unknown=1, requests=2)


def test_the_same_tokens_at_other_prices() -> None:
    found = what_if([work("0.5"), work("0.1", "c/d"), work("2", "c/d", is_estimate=True)], CHEAP, NOON)
    assert [(r.model, r.spent.label, r.other, r.difference) for r in found.rows] == [
        ("c/d", "~$2.10", CENT * 40, CENT * 40 - Decimal("2.1")),
        ("a/b", "$0.500", CENT * 20, CENT * 20 - Decimal("0.5")),
    ]
    assert (found.spent.total, found.other, found.difference) == (Decimal("2.6"), CENT * 60, Decimal("-2"))
    assert found.about == "a/cheap: $10000 in, $20000 out per million tokens, prices of 2026-11-22 12:00 UTC"


def test_price_steps_hold_for_each_request_and_not_for_their_sum() -> None:
    small = work(prompt_tokens=4, completion_tokens=0)
    assert what_if([small, small], STEEP).other == CENT * 8
    assert what_if([work(prompt_tokens=8, completion_tokens=0)], STEEP).other == CENT * 80


def test_what_is_not_known_is_on_neither_side() -> None:
    found = what_if([work(None), work("1")], CHEAP)
    assert (found.other, found.spent.unknown, found.rows[0].other_label) == (CENT * 20, 1, "~$0.200")
    lost = what_if([work(None)], CHEAP).rows[0]
    assert (lost.spent.label, lost.other_label, lost.difference_label) == ("?", "?", "?")


def test_waste_by_kind_with_its_share() -> None:
    found = review(
        [work("6"), work("1", fate=Fate.STOPPED), work("3", fate=Fate.LANE), work(None, fate=Fate.STOPPED)], KNOWN.get
    )
    assert [(w.fate, w.spent.label) for w in found.wasted] == [(Fate.LANE, "$3.00"), (Fate.STOPPED, "$1.00 + ?")]
    assert found.share == 0.4
    assert found.sentence == "$4.00 + 1 not known yet bought nothing that was kept, 40% of $10.00 + 1 not known yet"
    assert review([work()], KNOWN.get).sentence == "Nothing was wasted"
    assert review([work(None, fate=Fate.CUT)], KNOWN.get).share is None


def test_a_kept_answer_pays_for_those_that_were_not() -> None:
    found = review(
        [
            work("1", message_id="m1"),
            work("1", message_id="m1", fate=Fate.RETRIED),
            work("2", message_id="m2"),
            work("9", message_id="m3", is_answer=False),
            work(None, message_id="m4"),
            work("1", "c/d", fate=Fate.CUT),
        ],
        KNOWN.get,
    ).per_kept
    assert [(p.model, p.spent.total, p.kept, p.each) for p in found] == [
        ("a/b", Decimal(4), 2, Decimal(2)),
        ("c/d", Decimal(1), 0, None),
    ]


def test_caches_are_counted_at_the_prices_that_were_applied() -> None:
    prices = Pricing(prompt=CENT, input_cache_read=CENT / 10, input_cache_write=CENT * 2)
    cached = work(cached_tokens=5, cache_write_tokens=2, prices=prices)
    cache = review([cached, work(cached_tokens=1), work(prices=prices)], KNOWN.get).cache
    assert cache == CacheEffect(read_tokens=6, written_tokens=2, saved=CENT * 9 / 2, paid=CENT * 2, unpriced=1)
    assert "saved $0.045 on 6 tokens" in cache.sentence
    assert "writing 2 tokens into them cost $0.020 more; 1 request without" in cache.sentence
    assert CacheEffect().sentence == ""


def test_a_fallback_is_held_against_what_was_asked_for() -> None:
    dear = review([work("0.5", "a/cheap", "x/y"), work(None, "a/cheap", "x/y")], KNOWN.get).fallbacks
    assert [(f.asked, f.served, f.would_have, f.difference) for f in dear] == [("a/cheap", "x/y", CENT * 20, CENT * 30)]
    assert dear[0].sentence == "x/y served 1 request to a/cheap for $0.500, ~$0.300 more"
    cheap = review([work("0.1", "a/cheap", "x/y")], KNOWN.get).fallbacks[0]
    assert cheap.sentence.endswith("~$0.100 less")
    assert review([work("0.2", "a/cheap", "x/y")], KNOWN.get).fallbacks[0].sentence.endswith("the same price")
    unknown = review([work("1", "gone/model", "x/y")], KNOWN.get).fallbacks[0]
    assert unknown.sentence.endswith("what gone/model would have cost is not known")
    assert review([work("1", "openrouter/auto", "x/y")], KNOWN.get).fallbacks == ()


def test_ids_of_one_model_are_no_fallback() -> None:
    same = [("a/b", "a/b"), ("a/b:nitro", "a/b"), ("a/b", "a/b:free"), ("a/b", "a/b-2026-01-01"), ("b/dated", "b/real")]
    assert all(is_same_model(asked, served, KNOWN.get) for asked, served in [*same, ("b/dated", "b/dated-v2")])
    assert not any(is_same_model(a, s, KNOWN.get) for a, s in [("a/b", "a/b-mini"), ("a/b", "a/c"), ("b/dated", "x/y")])


@given(st.lists(st.tuples(st.sampled_from(list(Fate)), st.none() | st.integers(0, 10_000)), max_size=30))
def test_what_is_wasted_and_what_is_not_add_up(rows: list[tuple[Fate, int | None]]) -> None:
    done = [work(None if cost is None else f"{cost}E-4", fate=fate) for fate, cost in rows]
    found = review(done, KNOWN.get)
    rest = sum((w.spent for w in done if w.fate not in WASTES), Spent())
    assert found.waste + rest == found.spent
    assert sum((p.spent for p in found.per_kept), Spent()) == found.spent
    assert what_if(done, CHEAP).spent == found.spent
