"""A limit on what one run may cost."""

from __future__ import annotations

from decimal import Decimal

from tui_router.services.purse import Purse

ONE = Decimal(1)


def test_what_is_reserved_comes_back_but_for_what_it_did_cost() -> None:
    purse = Purse(ONE)
    assert purse.reserve("a", Decimal("0.6"))
    assert not purse.reserve("b", Decimal("0.6"))
    assert purse.could_hold(Decimal("0.6"))
    purse.settle("a", Decimal("0.1"))
    assert purse.reserve("b", Decimal("0.6"))
    assert (purse.spent, purse.left) == (Decimal("0.1"), Decimal("0.3"))


def test_what_is_in_doubt_stays_reserved_until_its_cost_is_known() -> None:
    purse = Purse(ONE)
    purse.reserve("a", Decimal("0.6"))
    purse.settle("a", Decimal("0.1"), Decimal("0.5"))
    assert purse.left == Decimal("0.4")
    purse.confirm("a", Decimal("0.2"))
    assert (purse.spent, purse.left) == (Decimal("0.2"), Decimal("0.8"))


def test_giving_up_on_a_doubt_counts_it_as_spent_and_touches_nothing_that_runs() -> None:
    purse = Purse(ONE)
    purse.reserve("a", Decimal("0.3"))
    purse.settle("a", Decimal("0.1"), Decimal("0.2"))
    purse.reserve("b", Decimal("0.4"))
    purse.give_up()
    assert (purse.spent, purse.left) == (Decimal("0.3"), Decimal("0.3"))
    purse.settle("b", Decimal("0.1"))
    assert purse.left == Decimal("0.6")


def test_without_a_limit_it_only_sums() -> None:
    purse = Purse(None)
    assert purse.reserve("a", Decimal(10**6))
    purse.settle("a", ONE)
    assert (purse.spent, purse.left, purse.could_hold(Decimal(10**9))) == (ONE, None, True)


def test_a_reservation_is_handed_on_in_one_step() -> None:
    purse = Purse(ONE)
    assert purse.reserve("question", ONE)
    assert purse.reserve("attempt", ONE, instead_of="question")
    assert not purse.reserve("again", ONE)
    purse.release("attempt")
    assert purse.left == ONE


def test_every_attempt_of_a_request_counts_by_itself() -> None:
    purse = Purse(ONE)
    purse.settle("one", Decimal("0.2"))
    purse.settle("two", Decimal("0.3"), Decimal("0.1"), is_guess=True)
    assert (purse.spent, purse.left, purse.is_guessed) == (Decimal("0.5"), Decimal("0.4"), True)
    purse.confirm("two", Decimal("0.25"))
    purse.confirm("of somebody else", ONE)
    assert (purse.spent, purse.left, purse.is_guessed) == (Decimal("0.45"), Decimal("0.55"), False)
