"""What is left is told truthfully, or called unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from tui_router.domain.account import Credits, KeyInfo, key_sentence, spendable

LIMITED = KeyInfo(limit=Decimal(10), limit_remaining=Decimal("8.05"), usage=Decimal("1.95"))
OPEN = KeyInfo(usage=Decimal("1.95"))
CREDITS = Credits(total=Decimal(5), used=Decimal("2.50"))


def test_the_smaller_of_key_limit_and_balance_can_be_spent() -> None:
    assert spendable(LIMITED, CREDITS).amount == Decimal("2.50")
    assert spendable(LIMITED, None).amount == Decimal("8.05")
    assert spendable(LIMITED, None).sentence == "spendable $8.05 (key limit leaves $8.05, account balance unknown)"
    assert spendable(None, CREDITS).label == "$2.50 left"


def test_what_was_spent_since_is_taken_off() -> None:
    assert spendable(LIMITED, None, Decimal("0.05")).amount == Decimal("8.00")
    assert spendable(LIMITED, None, Decimal(100)).amount == 0


def test_without_any_bound_nothing_is_claimed() -> None:
    assert spendable(OPEN, None).amount is None
    assert spendable(OPEN, None).label == ""
    assert spendable(OPEN, None).sentence == "no key limit, account balance unknown"
    assert "not checked" in spendable(None, None).sentence


def test_a_limited_key_of_a_new_account_reads_as_promised() -> None:
    key = KeyInfo(
        limit=Decimal(10), limit_remaining=Decimal("8.05"), usage=Decimal("1.95"), free_limit=50, is_free_tier=True
    )
    assert key_sentence(key) == (
        "limit $10.00, used $1.95, left $8.05 · no credit was ever bought · free models: 50 requests a day"
    )


def test_free_requests_already_used_are_taken_off() -> None:
    key = KeyInfo(free_limit=1000, free_used=60)
    assert key_sentence(key).endswith("free models: 940 of 1,000 requests left today")
    assert "0 of 50 requests left" in key_sentence(KeyInfo(free_limit=50, free_used=70))


def test_an_open_key_says_what_is_known() -> None:
    assert key_sentence(OPEN, CREDITS) == (
        "no limit on this key, used $1.95 · account balance $2.50 · "
        "free models: 50 requests a day, 1,000 once $10 of credit were bought"
    )
    assert key_sentence(KeyInfo(is_free_tier=True)).endswith("free models: 50 requests a day")


def test_a_monthly_limit_counts_what_this_month_used() -> None:
    key = KeyInfo(limit=Decimal(10), limit_remaining=Decimal(9), limit_reset="monthly", usage=Decimal(300))
    assert key_sentence(key).startswith("limit $10.00 a month, used $1.00, left $9.00")


def test_a_limit_without_a_rest_is_counted_from_use() -> None:
    assert "left $6.00" in key_sentence(KeyInfo(limit=Decimal(10), usage=Decimal(4)))


def test_an_end_is_said_and_a_management_key_cannot_chat() -> None:
    assert "ends on 1 Feb 2027" in key_sentence(KeyInfo(expires=datetime(2027, 2, 1, tzinfo=UTC)))
    assert "cannot chat" in key_sentence(KeyInfo(is_management=True))
