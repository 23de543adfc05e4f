"""What is said at the start: what waits, what changed since it was last told, and each hint once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.values import NOON
from tui_router.domain.library import Summary
from tui_router.domain.model import Model
from tui_router.domain.usage import Pricing
from tui_router.services.library import Returning
from tui_router.services.welcome import HINTS, CatalogueNews, Hint, Hints, Offer, Welcome, welcome


class Notes:
    """A notebook in memory."""

    def __init__(self, **facts: Any) -> None:
        self.facts: dict[str, Any] = facts

    def get(self, name: str, default: Any = None) -> Any:
        return self.facts.get(name)

    def change(self, name: str, how: Callable[[Any], Any]) -> Any:
        self.facts[name] = how(self.facts.get(name))
        return self.facts[name]


def a_summary(name: str, title: str = "") -> Summary:
    return Summary(id=name, title=title, updated=NOON, created=NOON)


def a_model(name: str, price: str = "1", **known: Any) -> Model:
    dollars = Decimal(price) / 1_000_000
    return Model(id=f"demo/{name}", name=name, pricing=Pricing(prompt=dollars, completion=dollars), **known)


def test_a_hint_is_said_once_ever_over_all_windows() -> None:
    notes = Notes()
    first, second = Hints(notes, lambda: True), Hints(notes, lambda: True)
    assert first.once(Hint.STOPPED) == HINTS[Hint.STOPPED]
    assert first.once(Hint.STOPPED) == ""
    assert second.once(Hint.STOPPED) == ""
    assert second.once(Hint.COMPARED) == HINTS[Hint.COMPARED]
    assert first.once(Hint.COMPARED) == ""
    assert notes.facts["hints"] == ["stopped", "compared"]


def test_hints_that_are_not_wanted_stay_unsaid_and_are_not_used_up() -> None:
    notes = Notes(hints="damaged")
    assert Hints(notes, lambda: False).once(Hint.DEAR) == ""
    assert Hints(notes, lambda: True).once(Hint.DEAR)
    assert set(HINTS) == set(Hint)


def test_what_was_cut_is_offered_before_drafts_and_each_conversation_once() -> None:
    cut = (a_summary("c1", "Dates\x1b[31m"), a_summary("c2"))
    drafts = (a_summary("c2"), a_summary("c3", "Dinner"), a_summary("c4"), a_summary("c5"))
    found = welcome(Returning(unfinished=cut, drafts=drafts), key="Key from x", model_notice="demo/a is gone")
    assert found.lines[:2] == ("Key from x", "demo/a is gone")
    assert found.lines[2].startswith("An answer was interrupted in “Dates")
    assert found.offers == (
        Offer("c1", "Continue “Dates␛[31m”: its answer was interrupted"),
        Offer("c2", "Continue “Untitled”: its answer was interrupted"),
        Offer("c3", "Go on writing in “Dinner”"),
    )
    assert welcome(Returning()) == Welcome()


def test_news_is_told_once_whoever_fetched_it_and_the_first_time_there_is_none() -> None:
    notes = Notes()
    quick, slow, other = a_model("quick"), a_model("slow", "5"), a_model("other")
    news = CatalogueNews(notes, lambda: NOON)
    mine = {"demo/quick", "demo/slow"}
    assert news.tell((), mine) == ""
    assert news.tell((quick, slow, other), mine) == ""
    dearer = replace(quick, pricing=a_model("x", "2").pricing)
    assert news.tell((dearer, other, a_model("new")), mine) == (
        "demo/slow is gone from the catalogue · demo/quick is dearer: 1 → 2 $/M · 1 new model"
    )
    assert CatalogueNews(notes, lambda: NOON).tell((dearer, other, a_model("new")), mine) == ""


def test_the_end_of_a_model_is_announced_once() -> None:
    notes = Notes()
    news = CatalogueNews(notes, lambda: NOON)
    quick = a_model("quick")
    news.tell([quick], {quick.id})
    ending = replace(quick, expires=NOON.date() + timedelta(days=9))
    assert news.tell([ending], {quick.id}) == "demo/quick ends on 1 Dec"
    assert news.tell([ending], {quick.id}) == ""
    assert news.tell([replace(ending, expires=NOON.date() + timedelta(days=2))], {quick.id}) != ""


@pytest.mark.parametrize("kept", [None, 3, [1], {"demo/quick": "x"}, {"demo/quick": ["a", "b", "c"]}, {"x": [1, 2, 3]}])
def test_damaged_memory_is_never_told_as_news_of_mine(kept: object) -> None:
    notes = Notes(seen_models=kept)
    assert "quick" not in CatalogueNews(notes, lambda: NOON).tell([a_model("quick")], {"demo/quick"})
