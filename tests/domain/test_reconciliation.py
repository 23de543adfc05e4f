"""The service's figures beside ours, in words."""

from __future__ import annotations

from datetime import timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from tests.values import NOON
from tui_router.domain.spending import AccountPeriod, Reconciled, Reconciliation, Spent


def reconciled(theirs: str, ours: Spent, **more: Any) -> Reconciled:
    return Reconciled(**{"span": AccountPeriod.DAY, "start": NOON, "theirs": Decimal(theirs), "ours": ours, **more})


def known(amount: str, **more: Any) -> Spent:
    return Spent(known=Decimal(amount), **more)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            reconciled("4.11", known("3.98")),
            "Your key says $4.11 today, this library $3.98: $0.130 was spent elsewhere or is not booked yet",
        ),
        (
            reconciled("4.11", known("3", estimated=Decimal("0.5"), unknown=2)),
            "Your key says $4.11 today, this library ~$3.50 + 2 not known yet: "
            "~$0.610 was spent elsewhere or is not booked yet",
        ),
        (
            reconciled("1", known("1.0000001"), span=AccountPeriod.MONTH),
            "Your key and this library agree: $1.00 this month",
        ),
        (
            reconciled("1", known("1", unknown=1)),
            "Your key says $1.00 today, this library $1.00 + 1 not known yet: the rest agrees",
        ),
        (
            reconciled("1", known("3"), span=AccountPeriod.ALWAYS),
            "Your key says $1.00 in all, this library $3.00: $2.00 more than the service; "
            "the service books late, or estimates here are too high",
        ),
    ],
)  # fmt: skip
def test_a_difference_is_said_with_what_it_may_be(found: Reconciled, sentence: str) -> None:
    assert found.sentence == sentence


def test_rows_without_a_key_are_owned_up_to() -> None:
    found = reconciled("1", known("3"), old_rows=Decimal(2))
    assert found.sentence.endswith("or old rows belong to another key")
    east = timezone(timedelta(hours=2))
    told = Reconciliation(key="…", at=NOON, begins=NOON, spans=(found,), local_start=NOON.astimezone(east))
    assert told.notes == (
        "The service's day is that of UTC: it began at 14:00 here",
        f"This library begins on {NOON.astimezone():%Y-%m-%d}; earlier use of the key is not in it",
        "$2.00 of it are rows of an earlier version, which did not note the key",
    )
    assert Reconciliation(key="…", at=NOON, begins=None, spans=(), local_start=NOON).notes == ()
