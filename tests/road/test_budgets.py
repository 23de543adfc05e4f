"""Limits on spending hold: over lanes, windows and processes, whatever the settings file looks like."""

from __future__ import annotations

import json
import re
import shutil
from decimal import Decimal

import pytest

from tests.road.purse import FAST, SHORT, Purse, finish
from tui_router.domain.problem import Kind, exit_code

BUDGET = Decimal("0.05")
MOST = Decimal("0.0032")
"""What one of the questions here may cost at most."""
REFUSED = exit_code(Kind.BUDGET)
_USED_UP = "[money]\ndaily_budget = 0.0001\n"


@pytest.fixture(autouse=True)
def _prices_are_known(purse: Purse) -> None:
    purse.call("models")


def _budget(purse: Purse, name: str, dollars: Decimal) -> None:
    purse.settings(f"{FAST}{SHORT}[money]\n{name} = {dollars}\n")


@pytest.mark.parametrize("name", ["daily_budget", "monthly_budget"])
def test_batches_of_several_processes_keep_a_budget(purse: Purse, name: str) -> None:
    _budget(purse, name, BUDGET)
    purse.questions(*(f"question {n}" for n in range(20)))
    done = finish(
        *(purse.start("batch", "in.jsonl", "-o", f"out{n}.jsonl", "-j", "8", "-m", "test/ok") for n in range(4))
    )
    assert purse.server.book.total <= BUDGET
    # What is free again is used: at the end there was no room for one more question.
    assert purse.server.book.total > BUDGET - MOST
    assert {code for code, _ in done} <= {0, REFUSED}
    assert any("budget" in errors for _, errors in done)
    purse.assert_every_cent_is_booked()


def test_questions_of_many_processes_keep_a_budget(purse: Purse) -> None:
    budget = Decimal("0.008")
    _budget(purse, "daily_budget", budget)
    processes = [purse.start("ask", "-m", "test/gated", f"question {n}") for n in range(8)]
    book = purse.server.book

    # Wait until each has either been refused or sent its question.
    book.wait_for(
        lambda b: len(b.running) + sum(p.poll() is not None for p in processes) == len(processes),
        "a decision of every process",
    )
    purse.server.gate.set()
    codes = [code for code, _ in finish(*processes)]
    assert book.total <= budget
    assert (codes.count(0), codes.count(REFUSED)) == (2, 6)
    purse.assert_every_cent_is_booked()


def test_a_prompt_that_counts_more_tokens_than_guessed_keeps_a_budget(purse: Purse) -> None:
    _budget(purse, "daily_budget", Decimal("0.01"))
    # A token for each character: $0.012 for the question alone, where four characters a token would be $0.003.
    for number in range(3):
        purse.ask("test/dense", f"{number}" + "x" * 4000)
    assert purse.server.book.total <= Decimal("0.01")


@pytest.mark.parametrize("name", ["daily_budget", "monthly_budget"])
def test_the_first_question_of_all_is_asked_below_a_budget(purse: Purse, name: str) -> None:
    # The catalogue is not there, and without prices nothing can be reserved.
    shutil.rmtree(purse.config)
    _budget(purse, name, BUDGET)
    assert purse.ask("test/ok").code == 0
    assert purse.rows[0].reserved > 0
    purse.assert_every_cent_is_booked()


@pytest.mark.parametrize("words", [("ask",), ("ask", "--no-save")])
def test_a_used_up_budget_refuses_paid_models_and_lets_free_ones_pass(purse: Purse, words: tuple[str, ...]) -> None:
    purse.ask("test/costly")
    purse.settings(FAST + SHORT + _USED_UP)
    asked = len(purse.server.book.visits)
    done = purse.call(*words, "-m", "test/ok", "hello")
    assert (done.code, len(purse.server.book.visits)) == (REFUSED, asked)
    assert "budget" in done.err
    assert purse.call(*words, "-m", "test/free:free", "hello").code == 0


@pytest.mark.parametrize("broken", ["[money\n", "[look]\nwidth = 'wide'\n", "[nonsense]\nx = 1\n", "daily_budget ==\n"])
def test_the_last_limits_hold_while_the_settings_file_cannot_be_read(purse: Purse, broken: str) -> None:
    purse.ask("test/costly")
    purse.settings(FAST + SHORT + _USED_UP)
    assert purse.ask("test/ok").code == REFUSED
    asked = len(purse.server.book.visits)
    purse.settings(FAST + SHORT + _USED_UP + broken)
    done = purse.ask("test/ok")
    assert (done.code != 0, len(purse.server.book.visits)) == (True, asked)


def test_a_limit_that_cannot_be_read_lifts_no_limit(purse: Purse) -> None:
    purse.settings(FAST + SHORT + "[money]\ndaily_budget = 'a lot'\n")
    done = purse.ask("test/ok")
    assert (done.code != 0, purse.server.book.visits) == (True, [])
    assert "settings.toml" in done.err
    purse.settings(FAST + "\n[money\ndaily_budget = 5\n")
    assert purse.ask("test/ok").code != 0
    assert purse.server.book.visits == []


def test_the_most_that_a_question_may_cost_counts_its_fallbacks(purse: Purse) -> None:
    purse.settings(f"{FAST}{SHORT}[options]\nfallback_models = ['test/costly']\n")
    done = purse.call("ask", "--max-cost", "0.02", "-m", "test/fallback", "hello")
    assert (done.code, purse.server.book.visits) == (REFUSED, [])
    purse.settings(FAST + SHORT)
    assert purse.call("ask", "--max-cost", "0.02", "-m", "test/ok", "hello").code == 0


def test_a_budget_counts_fallbacks(purse: Purse) -> None:
    purse.settings(f"{FAST}{SHORT}[options]\nfallback_models = ['test/costly']\n[money]\ndaily_budget = 0.02\n")
    assert purse.ask("test/fallback").code == REFUSED
    assert purse.server.book.visits == []


def test_a_batch_waits_for_what_is_reserved_instead_of_stopping(purse: Purse) -> None:
    purse.questions(*(f"question {n}" for n in range(60)))
    done = purse.call("batch", "in.jsonl", "-o", "out.jsonl", "-m", "test/ok", "--max-cost", "0.3")
    assert (done.code, len(purse.answers())) == (0, 60), done.err
    assert Decimal("0.05") < purse.server.book.total <= Decimal("0.3")
    purse.assert_every_cent_is_booked()


def test_a_batch_never_costs_more_than_it_may(purse: Purse) -> None:
    purse.settings(FAST + SHORT)
    models = ("test/ok", "test/no-usage", "test/cut", "test/error-in-stream")
    purse.questions(*({"prompt": f"question {n}", "model": models[n % 4]} for n in range(40)))
    purse.call("batch", "in.jsonl", "-o", "out.jsonl", "--max-cost", "0.02")
    assert Decimal("0.01") < purse.server.book.total <= Decimal("0.02")
    purse.assert_every_cent_is_booked()


def test_a_failed_attempt_that_was_charged_counts_in_a_budget(purse: Purse) -> None:
    _budget(purse, "daily_budget", Decimal("0.2"))
    purse.ask("test/error-first-charged")
    # It cost $0.25, far more than its prices promise.
    assert purse.server.book.total == Decimal("0.25")
    assert purse.ask("test/ok").code == REFUSED
    assert len(purse.server.book.visits) == 1


def test_a_budget_counts_attempts_that_failed_and_may_have_been_charged(purse: Purse) -> None:
    _budget(purse, "daily_budget", Decimal("0.009"))
    purse.server.lookups = "never"
    done = purse.ask("test/500-fair")
    assert (done.code, len(purse.server.book.visits)) == (REFUSED, 2)
    assert "Not tried again: today's budget leaves too little" in done.err
    assert "The provider failed" in done.err
    # Until the records tell, what may have been charged is reserved, for another question too.
    assert purse.ask("test/ok").code == REFUSED
    purse.server.lookups = "told"
    purse.assert_every_cent_is_booked()


def test_an_outage_that_leaves_no_id_uses_up_no_budget(purse: Purse) -> None:
    _budget(purse, "daily_budget", Decimal("0.009"))
    done = purse.ask("test/500")
    assert (done.code, len(purse.server.book.visits)) == (REFUSED, 2)
    assert purse.ask("test/ok").code == 0
    purse.assert_every_cent_is_booked()


def test_a_batch_counts_attempts_that_failed_and_may_have_been_charged(purse: Purse) -> None:
    purse.settings(FAST + SHORT)
    purse.server.lookups = "never"
    purse.questions("one", "two", "three")
    done = purse.call("batch", "in.jsonl", "-o", "out.jsonl", "-m", "test/500-fair", "-j", "1", "--max-cost", "0.009")
    assert (done.code, len(purse.server.book.visits)) == (REFUSED, 2)
    assert "line 1, test/500-fair: Not tried again" in done.err
    purse.server.lookups = "told"
    purse.assert_every_cent_is_booked()


def test_a_batch_goes_on_after_a_question_that_had_no_money_left_for_another_attempt(purse: Purse) -> None:
    _budget(purse, "daily_budget", Decimal("0.005"))
    purse.questions({"prompt": "one", "model": "test/500"}, {"prompt": "two", "model": "test/ok"})
    done = purse.call("batch", "in.jsonl", "-o", "out.jsonl", "-j", "1")
    assert [a["prompt"] for a in purse.answers()] == ["two"], done.err
    assert (done.code, len(purse.server.book.visits)) == (REFUSED, 2)


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("test/fee", ""),
        ("test/long", "extra = '{\"max_tokens\": 5000}'\n"),
        ("test/fallback", 'extra = \'{"models": ["test/costly"]}\'\n'),
        ("test/long", "max_tokens = 5000\n"),
    ],
)
def test_whatever_makes_a_request_more_expensive_is_reserved(purse: Purse, model: str, options: str) -> None:
    # By its prices and by the length that is set for all, each would cost $0.0032 at most.
    purse.settings(f"{FAST}{SHORT}[options]\n{options}[money]\ndaily_budget = 0.005\n")
    done = purse.ask(model)
    assert purse.server.book.total <= Decimal("0.005")
    assert done.code == REFUSED


@pytest.mark.parametrize("words", [("ask", "hello"), ("batch", "in.jsonl", "-o", "out.jsonl")])
@pytest.mark.parametrize("guard", ["budget", "--max-cost"])
def test_no_limit_is_held_against_old_prices(purse: Purse, words: tuple[str, ...], guard: str) -> None:
    purse.questions("hello")
    (cache,) = purse.folder.rglob("models.json")
    kept = json.loads(cache.read_text())
    kept["fetched_at"] = "2020-01-01T00:00:00+00:00"
    text = re.sub(r'"(prompt|completion|request)": "?[\d.e-]+"?', r'"\1": "0.0000000001"', json.dumps(kept))
    assert text != json.dumps(kept)
    cache.write_text(text)
    if guard == "budget":
        _budget(purse, "daily_budget", Decimal("0.0005"))
    limit = [guard, "0.0005"] if guard != "budget" else []
    assert purse.call(*words, "-m", "test/costly", "--max-tokens", "60", *limit).code == REFUSED
    assert purse.server.book.total == 0
