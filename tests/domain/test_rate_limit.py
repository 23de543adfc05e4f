"""The numbers of the tiers."""

from __future__ import annotations

import pytest

from tui_router.domain.account import KeyInfo
from tui_router.domain.rate_limit import Limit, limit_of


@pytest.mark.parametrize(
    ("tier", "limit"),
    [
        ("free", Limit(20, 5)),
        ("standard", Limit(200, 50)),
        ("pro", Limit(1000, 100)),
        ("unlimited", Limit(None, None)),
        ("auto", Limit(200, 50)),
        ("30/3", Limit(30, 3)),
    ],
)
def test_a_tier_has_the_numbers_of_the_guide(tier: str, limit: Limit) -> None:
    assert limit_of(tier) == limit


def test_auto_is_free_for_an_account_that_never_bought_credit() -> None:
    assert limit_of("auto", KeyInfo(is_free_tier=True)) == Limit(20, 5)
    assert limit_of("auto", KeyInfo()) == Limit(200, 50)
