"""A limit on what one run may cost."""

from __future__ import annotations

from decimal import Decimal

from tui_router.services.run_budget import RunBudget

ONE = Decimal(1)


def test_what_is_reserved_comes_back_but_for_what_it_did_cost() -> None:
    run_budget = RunBudget(ONE)
    assert run_budget.reserve("a", Decimal("0.6"))
    assert not run_budget.reserve("b", Decimal("0.6"))
    assert run_budget.could_hold(Decimal("0.6"))
    run_budget.settle("a", Decimal("0.1"))
    assert run_budget.reserve("b", Decimal("0.6"))
    assert (run_budget.spent, run_budget.left) == (Decimal("0.1"), Decimal("0.3"))


def test_what_is_in_doubt_stays_reserved_until_its_cost_is_known() -> None:
    run_budget = RunBudget(ONE)
    run_budget.reserve("a", Decimal("0.6"))
    run_budget.settle("a", Decimal("0.1"), Decimal("0.5"))
    assert run_budget.left == Decimal("0.4")
    run_budget.confirm("a", Decimal("0.2"))
    assert (run_budget.spent, run_budget.left) == (Decimal("0.2"), Decimal("0.8"))


def test_giving_up_on_a_doubt_counts_it_as_spent_and_touches_nothing_that_runs() -> None:
    run_budget = RunBudget(ONE)
    run_budget.reserve("a", Decimal("0.3"))
    run_budget.settle("a", Decimal("0.1"), Decimal("0.2"))
    run_budget.reserve("b", Decimal("0.4"))
    run_budget.give_up()
    assert (run_budget.spent, run_budget.left) == (Decimal("0.3"), Decimal("0.3"))
    run_budget.settle("b", Decimal("0.1"))
    assert run_budget.left == Decimal("0.6")


def test_without_a_limit_it_only_sums() -> None:
    run_budget = RunBudget(None)
    assert run_budget.reserve("a", Decimal(10**6))
    run_budget.settle("a", ONE)
    assert (run_budget.spent, run_budget.left, run_budget.could_hold(Decimal(10**9))) == (ONE, None, True)


def test_a_reservation_is_handed_on_in_one_step() -> None:
    run_budget = RunBudget(ONE)
    assert run_budget.reserve("question", ONE)
    assert run_budget.reserve("attempt", ONE, instead_of="question")
    assert not run_budget.reserve("again", ONE)
    run_budget.release("attempt")
    assert run_budget.left == ONE


def test_every_attempt_of_a_request_counts_by_itself() -> None:
    run_budget = RunBudget(ONE)
    run_budget.settle("one", Decimal("0.2"))
    run_budget.settle("two", Decimal("0.3"), Decimal("0.1"), is_guess=True)
    assert (run_budget.spent, run_budget.left, run_budget.is_guessed) == (Decimal("0.5"), Decimal("0.4"), True)
    run_budget.confirm("two", Decimal("0.25"))
    run_budget.confirm("of somebody else", ONE)
    assert (run_budget.spent, run_budget.left, run_budget.is_guessed) == (Decimal("0.45"), Decimal("0.55"), False)
