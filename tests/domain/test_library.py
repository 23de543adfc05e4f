"""Searches and balances."""

from __future__ import annotations

from decimal import Decimal

from tui_router.domain.account import Credits
from tui_router.domain.library import Query


def test_a_search_without_anything_restricts_nothing() -> None:
    assert Query().is_empty
    assert not Query(words=("a",)).is_empty
    assert not Query(pinned=False).is_empty


def test_what_is_left_is_what_was_bought_less_what_was_used() -> None:
    assert Credits(total=Decimal("10.00"), used=Decimal("9.99")).left == Decimal("0.01")
