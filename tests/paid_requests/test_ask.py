"""``ask``: what the server charged is booked, at the next start at the latest, however an answer ended."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.charging_server import ChargingServer
from tests.paid_requests.charged_shell import FAST, SHORT, ChargedShell


@pytest.mark.parametrize("model", ["test/cut", "test/error-in-stream", "test/no-usage", "test/no-id-cut"])
def test_answers_without_a_cost_are_booked_by_the_next_start(shell: ChargedShell, model: str) -> None:
    for number in range(3):
        shell.ask(model, f"question {number}")
    assert len(shell.server.book.charges) == 3
    shell.assert_every_cent_is_booked()


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
def test_every_attempt_that_was_charged_is_booked(shell: ChargedShell, model: str, requests: int, charged: str) -> None:
    shell.ask(model)
    book = shell.server.book
    assert len(book.visits) == requests
    assert book.total >= Decimal(charged)
    shell.assert_every_cent_is_booked()
    assert len({r.attempt for r in shell.rows}) == requests


def test_the_cost_that_is_printed_counts_the_attempts_before_the_answer(shell: ChargedShell) -> None:
    told = shell.call("ask", "-m", "test/500-charged-then-ok", "hello", "--json").json
    total = shell.start_again()
    assert len(shell.server.book.visits) == 2
    # The first attempt failed without an answer: what it cost is known to the ledger once it was looked up.
    assert told["cost"] == pytest.approx(told["usage"]["cost"] + sum(a["cost"] or 0 for a in told["attempts"]))
    assert total >= Decimal(str(told["cost"]))


@pytest.mark.parametrize("model", ["test/error-first-charged", "test/empty-charged-always"])
def test_what_was_charged_and_said_nothing_ends_as_a_failure(shell: ChargedShell, model: str) -> None:
    asked = shell.ask(model)
    assert (asked.code, len(shell.server.book.visits)) == (8, 1)
    assert "The provider failed" in asked.err
    shell.server.lookups = "broken"
    shell.assert_every_cent_is_booked()


@pytest.mark.parametrize("model", ["test/429-then-ok", "test/500-then-ok", "test/402", "test/404", "test/429"])
def test_a_refusal_costs_nothing(shell: ChargedShell, model: str) -> None:
    shell.ask(model)
    shell.assert_every_cent_is_booked()


@pytest.mark.parametrize(
    "model", ["test/ok", "test/thinking", "test/free:free", "test/fallback", "test/fee", "test/usage-then-empty-usage"]
)
def test_an_answer_that_ends_well_is_booked_at_once(shell: ChargedShell, model: str) -> None:
    assert shell.ask(model).code == 0
    shell.server.lookups = "broken"
    shell.assert_every_cent_is_booked()


def test_the_model_that_served_is_booked(shell: ChargedShell) -> None:
    shell.ask("test/fallback")
    (row,) = shell.rows
    assert (row.model, row.served_model) == ("test/fallback", "test/costly")


def test_several_models_are_booked_each(shell: ChargedShell) -> None:
    shell.ask("test/ok,test/cut,test/no-usage,test/error-in-stream,test/thinking")
    assert len(shell.server.book.charges) == 5
    shell.assert_every_cent_is_booked()


def test_nothing_saved_is_booked_all_the_same(shell: ChargedShell) -> None:
    for model in ("test/ok", "test/cut"):
        shell.ask(model, "--no-save", "a secret")
    shell.assert_every_cent_is_booked()


@pytest.mark.parametrize("model", ["test/negative-cost", "test/nan-cost", "test/absurd-cost"])
def test_a_cost_that_nobody_can_believe_is_not_booked(shell: ChargedShell, model: str) -> None:
    shell.server.lookups = "never"
    assert shell.ask(model).code == 0
    (row,) = shell.rows
    # The tokens were told, so the guess from the catalogue's prices is right.
    assert (row.state, row.cost) == ("estimated", shell.server.book.total)
    shell.server.lookups = "told"
    shell.assert_every_cent_is_booked()


@pytest.mark.parametrize("lookups", ["never", "broken"])
def test_an_unknown_cost_is_marked_and_never_nothing(shell: ChargedShell, lookups: str) -> None:
    shell.server.lookups = lookups
    for model in ("test/cut", "test/no-usage"):
        shell.ask(model, "hello")
    for by in ("day", "model", "conversation"):
        shown = shell.call("usage", "--by", by).out.splitlines()
        for line in shown[1:]:
            assert "~" in line or "?" in line, line
            assert " $0 " not in line, line
    shell.server.lookups = "told"
    shell.assert_every_cent_is_booked()


def test_a_record_that_comes_late_is_found(shell: ChargedShell, server: ChargingServer) -> None:
    server.delay = 0.3
    shell.ask("test/cut")
    server.delay = 0
    shell.assert_every_cent_is_booked()


def test_what_was_looked_up_is_not_looked_up_again(shell: ChargedShell) -> None:
    shell.ask("test/cut")
    shell.start_again()
    asked = len(shell.server.book.looked_up)
    assert asked >= 1
    shell.start_again()
    assert len(shell.server.book.looked_up) == asked


@pytest.mark.parametrize("models", ["test/500-fair", "test/500-fair,test/500-fair"])
def test_a_limit_on_cost_counts_attempts_that_failed_and_may_have_been_charged(
    shell: ChargedShell, models: str
) -> None:
    shell.settings(FAST + SHORT)
    shell.server.lookups = "never"
    done = shell.call("ask", "--max-cost", "0.009", "-m", models, "hello")
    assert (done.code, len(shell.server.book.visits)) == (4, 2)
    assert shell.server.book.total <= Decimal("0.009")
    assert "Not tried again: this may cost more than allowed" in done.err
    assert "The provider failed (Internal Server Error)" in done.err
    shell.server.lookups = "told"
    shell.assert_every_cent_is_booked()


def test_without_a_limit_a_failure_is_tried_as_often_as_ever(shell: ChargedShell) -> None:
    shell.settings(FAST + SHORT)
    assert shell.ask("test/500").code == 8
    assert len(shell.server.book.visits) == 6
