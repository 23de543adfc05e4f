"""``ask``: what the server charged is booked, at the next start at the latest, however an answer ended."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.charging_server import ChargingServer
from tests.road.purse import FAST, SHORT, Purse


@pytest.mark.parametrize("model", ["test/cut", "test/error-in-stream", "test/no-usage", "test/no-id-cut"])
def test_answers_without_a_cost_are_booked_by_the_next_start(purse: Purse, model: str) -> None:
    for number in range(3):
        purse.ask(model, f"question {number}")
    assert len(purse.server.book.charges) == 3
    purse.assert_every_cent_is_booked()


@pytest.mark.parametrize(
    ("model", "requests", "charged"),
    [
        ("test/error-first-charged", 1, "0.25"),
        ("test/error-first-charged-then-ok", 1, "0.25"),
        ("test/empty-charged", 1, "0.25"),
        ("test/500-charged-then-ok", 2, "0.0123"),
        ("test/cut-before-token-then-ok", 2, "0"),
    ],
)
def test_every_attempt_that_was_charged_is_booked(purse: Purse, model: str, requests: int, charged: str) -> None:
    purse.ask(model)
    book = purse.server.book
    assert len(book.visits) == requests
    assert book.total >= Decimal(charged)
    purse.assert_every_cent_is_booked()
    assert len({r.attempt for r in purse.rows}) == requests


@pytest.mark.parametrize("model", ["test/error-first-charged", "test/empty-charged-always"])
def test_what_was_charged_and_said_nothing_ends_as_a_failure(purse: Purse, model: str) -> None:
    asked = purse.ask(model)
    assert (asked.code, len(purse.server.book.visits)) == (8, 1)
    assert "The provider failed" in asked.err
    purse.server.lookups = "broken"
    purse.assert_every_cent_is_booked()


@pytest.mark.parametrize("model", ["test/429-then-ok", "test/500-then-ok", "test/402", "test/404", "test/429"])
def test_a_refusal_costs_nothing(purse: Purse, model: str) -> None:
    purse.ask(model)
    purse.assert_every_cent_is_booked()


@pytest.mark.parametrize(
    "model", ["test/ok", "test/thinking", "test/free:free", "test/fallback", "test/fee", "test/usage-then-empty-usage"]
)
def test_an_answer_that_ends_well_is_booked_at_once(purse: Purse, model: str) -> None:
    assert purse.ask(model).code == 0
    purse.server.lookups = "broken"
    purse.assert_every_cent_is_booked()


def test_the_model_that_served_is_booked(purse: Purse) -> None:
    purse.ask("test/fallback")
    (row,) = purse.rows
    assert (row.model, row.served_model) == ("test/fallback", "test/costly")


def test_several_models_are_booked_each(purse: Purse) -> None:
    purse.ask("test/ok,test/cut,test/no-usage,test/error-in-stream,test/thinking")
    assert len(purse.server.book.charges) == 5
    purse.assert_every_cent_is_booked()


def test_nothing_saved_is_booked_all_the_same(purse: Purse) -> None:
    for model in ("test/ok", "test/cut"):
        purse.ask(model, "--no-save", "a secret")
    purse.assert_every_cent_is_booked()


@pytest.mark.parametrize("model", ["test/negative-cost", "test/nan-cost", "test/absurd-cost"])
def test_a_cost_that_nobody_can_believe_is_not_booked(purse: Purse, model: str) -> None:
    purse.server.lookups = "never"
    assert purse.ask(model).code == 0
    (row,) = purse.rows
    # The tokens were told, so the guess from the catalogue's prices is right.
    assert (row.state, row.cost) == ("estimated", purse.server.book.total)
    purse.server.lookups = "told"
    purse.assert_every_cent_is_booked()


@pytest.mark.parametrize("lookups", ["never", "broken"])
def test_an_unknown_cost_is_marked_and_never_nothing(purse: Purse, lookups: str) -> None:
    purse.server.lookups = lookups
    for model in ("test/cut", "test/no-usage"):
        purse.ask(model, "hello")
    for by in ("day", "model", "conversation"):
        shown = purse.call("usage", "--by", by).out.splitlines()
        for line in shown[1:]:
            assert "~" in line or "?" in line, line
            assert " $0 " not in line, line
    purse.server.lookups = "told"
    purse.assert_every_cent_is_booked()


def test_a_record_that_comes_late_is_found(purse: Purse, server: ChargingServer) -> None:
    server.delay = 0.3
    purse.ask("test/cut")
    server.delay = 0
    purse.assert_every_cent_is_booked()


def test_what_was_looked_up_is_not_looked_up_again(purse: Purse) -> None:
    purse.ask("test/cut")
    purse.start_again()
    asked = len(purse.server.book.looked_up)
    assert asked >= 1
    purse.start_again()
    assert len(purse.server.book.looked_up) == asked


@pytest.mark.parametrize("models", ["test/500-fair", "test/500-fair,test/500-fair"])
def test_a_limit_on_cost_counts_attempts_that_failed_and_may_have_been_charged(purse: Purse, models: str) -> None:
    purse.settings(FAST + SHORT)
    purse.server.lookups = "never"
    done = purse.call("ask", "--max-cost", "0.009", "-m", models, "hello")
    assert (done.code, len(purse.server.book.visits)) == (4, 2)
    assert purse.server.book.total <= Decimal("0.009")
    assert "Not tried again: this may cost more than allowed" in done.err
    assert "The provider failed (Internal Server Error)" in done.err
    purse.server.lookups = "told"
    purse.assert_every_cent_is_booked()


def test_without_a_limit_a_failure_is_tried_as_often_as_ever(purse: Purse) -> None:
    purse.settings(FAST + SHORT)
    assert purse.ask("test/500").code == 8
    assert len(purse.server.book.visits) == 6
