"""Limits on spending hold: over lanes, windows and processes, whatever the settings file looks like."""

from __future__ import annotations

import json
import re
import shutil
from decimal import Decimal

import pytest

from tests.paid_requests.charged_shell import FAST, SHORT, ChargedShell, finish
from tui_router.domain.problem import ErrorKind, exit_code

BUDGET = Decimal("0.05")
MOST = Decimal("0.0032")
"""What one of the questions here may cost at most."""
REFUSED = exit_code(ErrorKind.BUDGET)
_USED_UP = "[money]\ndaily_budget = 0.0001\n"


@pytest.fixture(autouse=True)
def _prices_are_known(shell: ChargedShell) -> None:
    shell.call("models")


def _budget(shell: ChargedShell, name: str, dollars: Decimal) -> None:
    shell.settings(f"{FAST}{SHORT}[money]\n{name} = {dollars}\n")


@pytest.mark.parametrize("name", ["daily_budget", "monthly_budget"])
def test_batches_of_several_processes_keep_a_budget(shell: ChargedShell, name: str) -> None:
    _budget(shell, name, BUDGET)
    shell.questions(*(f"question {n}" for n in range(20)))
    done = finish(
        *(shell.start("batch", "in.jsonl", "-o", f"out{n}.jsonl", "-j", "8", "-m", "test/ok") for n in range(4))
    )
    assert shell.server.book.total <= BUDGET
    # What is free again is used: at the end there was no room for one more question.
    assert shell.server.book.total > BUDGET - MOST
    assert {code for code, _ in done} <= {0, REFUSED}
    assert any("budget" in errors for _, errors in done)
    shell.assert_every_cent_is_booked()


def test_questions_of_many_processes_keep_a_budget(shell: ChargedShell) -> None:
    budget = Decimal("0.008")
    _budget(shell, "daily_budget", budget)
    processes = [shell.start("ask", "-m", "test/gated", f"question {n}") for n in range(8)]
    book = shell.server.book

    # Wait until each has either been refused or sent its question.
    book.wait_for(
        lambda b: len(b.running) + sum(p.poll() is not None for p in processes) == len(processes),
        "a decision of every process",
    )
    shell.server.gate.set()
    codes = [code for code, _ in finish(*processes)]
    assert book.total <= budget
    assert (codes.count(0), codes.count(REFUSED)) == (2, 6)
    shell.assert_every_cent_is_booked()


def test_a_prompt_that_counts_more_tokens_than_guessed_keeps_a_budget(shell: ChargedShell) -> None:
    _budget(shell, "daily_budget", Decimal("0.01"))
    # A token for each character: $0.012 for the question alone, where four characters a token would be $0.003.
    for number in range(3):
        shell.ask("test/dense", f"{number}" + "x" * 4000)
    assert shell.server.book.total <= Decimal("0.01")


@pytest.mark.parametrize("name", ["daily_budget", "monthly_budget"])
def test_the_first_question_of_all_is_asked_below_a_budget(shell: ChargedShell, name: str) -> None:
    # The catalogue is not there, and without prices nothing can be reserved.
    shutil.rmtree(shell.config)
    _budget(shell, name, BUDGET)
    assert shell.ask("test/ok").code == 0
    assert shell.rows[0].reserved > 0
    shell.assert_every_cent_is_booked()


@pytest.mark.parametrize("words", [("ask",), ("ask", "--no-save")])
def test_a_used_up_budget_refuses_paid_models_and_lets_free_ones_pass(
    shell: ChargedShell, words: tuple[str, ...]
) -> None:
    shell.ask("test/costly")
    shell.settings(FAST + SHORT + _USED_UP)
    asked = len(shell.server.book.visits)
    done = shell.call(*words, "-m", "test/ok", "hello")
    assert (done.code, len(shell.server.book.visits)) == (REFUSED, asked)
    assert "budget" in done.err
    assert shell.call(*words, "-m", "test/free:free", "hello").code == 0


@pytest.mark.parametrize("broken", ["[money\n", "[look]\nwidth = 'wide'\n", "[nonsense]\nx = 1\n", "daily_budget ==\n"])
def test_the_last_limits_hold_while_the_settings_file_cannot_be_read(shell: ChargedShell, broken: str) -> None:
    shell.ask("test/costly")
    shell.settings(FAST + SHORT + _USED_UP)
    assert shell.ask("test/ok").code == REFUSED
    asked = len(shell.server.book.visits)
    shell.settings(FAST + SHORT + _USED_UP + broken)
    done = shell.ask("test/ok")
    assert (done.code != 0, len(shell.server.book.visits)) == (True, asked)


def test_a_limit_that_cannot_be_read_lifts_no_limit(shell: ChargedShell) -> None:
    shell.settings(FAST + SHORT + "[money]\ndaily_budget = 'a lot'\n")
    done = shell.ask("test/ok")
    assert (done.code != 0, shell.server.book.visits) == (True, [])
    assert "settings.toml" in done.err
    shell.settings(FAST + "\n[money\ndaily_budget = 5\n")
    assert shell.ask("test/ok").code != 0
    assert shell.server.book.visits == []


def test_the_most_that_a_question_may_cost_counts_its_fallbacks(shell: ChargedShell) -> None:
    shell.settings(f"{FAST}{SHORT}[options]\nfallback_models = ['test/costly']\n")
    done = shell.call("ask", "--max-cost", "0.02", "-m", "test/fallback", "hello")
    assert (done.code, shell.server.book.visits) == (REFUSED, [])
    shell.settings(FAST + SHORT)
    assert shell.call("ask", "--max-cost", "0.02", "-m", "test/ok", "hello").code == 0


def test_a_budget_counts_fallbacks(shell: ChargedShell) -> None:
    shell.settings(f"{FAST}{SHORT}[options]\nfallback_models = ['test/costly']\n[money]\ndaily_budget = 0.02\n")
    assert shell.ask("test/fallback").code == REFUSED
    assert shell.server.book.visits == []


def test_a_batch_waits_for_what_is_reserved_instead_of_stopping(shell: ChargedShell) -> None:
    shell.questions(*(f"question {n}" for n in range(60)))
    done = shell.call("batch", "in.jsonl", "-o", "out.jsonl", "-m", "test/ok", "--max-cost", "0.3")
    assert (done.code, len(shell.answers())) == (0, 60), done.err
    assert Decimal("0.05") < shell.server.book.total <= Decimal("0.3")
    shell.assert_every_cent_is_booked()


def test_a_batch_never_costs_more_than_it_may(shell: ChargedShell) -> None:
    shell.settings(FAST + SHORT)
    models = ("test/ok", "test/no-usage", "test/cut", "test/error-in-stream")
    shell.questions(*({"prompt": f"question {n}", "model": models[n % 4]} for n in range(40)))
    shell.call("batch", "in.jsonl", "-o", "out.jsonl", "--max-cost", "0.02")
    assert Decimal("0.01") < shell.server.book.total <= Decimal("0.02")
    shell.assert_every_cent_is_booked()


def test_a_failed_attempt_that_was_charged_counts_in_a_budget(shell: ChargedShell) -> None:
    _budget(shell, "daily_budget", Decimal("0.2"))
    shell.ask("test/error-first-charged")
    # It cost $0.25, far more than its prices promise.
    assert shell.server.book.total == Decimal("0.25")
    assert shell.ask("test/ok").code == REFUSED
    assert len(shell.server.book.visits) == 1


def test_a_budget_counts_attempts_that_failed_and_may_have_been_charged(shell: ChargedShell) -> None:
    _budget(shell, "daily_budget", Decimal("0.009"))
    shell.server.lookups = "never"
    done = shell.ask("test/500-fair")
    assert (done.code, len(shell.server.book.visits)) == (REFUSED, 2)
    assert "Not tried again: today's budget leaves too little" in done.err
    assert "The provider failed" in done.err
    # Until the records tell, what may have been charged is reserved, for another question too.
    assert shell.ask("test/ok").code == REFUSED
    shell.server.lookups = "told"
    shell.assert_every_cent_is_booked()


def test_an_outage_that_leaves_no_id_uses_up_no_budget(shell: ChargedShell) -> None:
    _budget(shell, "daily_budget", Decimal("0.009"))
    done = shell.ask("test/500")
    assert (done.code, len(shell.server.book.visits)) == (REFUSED, 2)
    assert shell.ask("test/ok").code == 0
    shell.assert_every_cent_is_booked()


def test_a_batch_counts_attempts_that_failed_and_may_have_been_charged(shell: ChargedShell) -> None:
    shell.settings(FAST + SHORT)
    shell.server.lookups = "never"
    shell.questions("one", "two", "three")
    done = shell.call("batch", "in.jsonl", "-o", "out.jsonl", "-m", "test/500-fair", "-j", "1", "--max-cost", "0.009")
    assert (done.code, len(shell.server.book.visits)) == (REFUSED, 2)
    assert "line 1, test/500-fair: Not tried again" in done.err
    shell.server.lookups = "told"
    shell.assert_every_cent_is_booked()


def test_a_batch_goes_on_after_a_question_that_had_no_money_left_for_another_attempt(shell: ChargedShell) -> None:
    _budget(shell, "daily_budget", Decimal("0.005"))
    shell.questions({"prompt": "one", "model": "test/500"}, {"prompt": "two", "model": "test/ok"})
    done = shell.call("batch", "in.jsonl", "-o", "out.jsonl", "-j", "1")
    assert [a["prompt"] for a in shell.answers()] == ["two"], done.err
    assert (done.code, len(shell.server.book.visits)) == (REFUSED, 2)


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("test/fee", ""),
        ("test/long", "extra = '{\"max_tokens\": 5000}'\n"),
        ("test/fallback", 'extra = \'{"models": ["test/costly"]}\'\n'),
        ("test/long", "max_tokens = 5000\n"),
    ],
)
def test_whatever_makes_a_request_more_expensive_is_reserved(shell: ChargedShell, model: str, options: str) -> None:
    # By its prices and by the length that is set for all, each would cost $0.0032 at most.
    shell.settings(f"{FAST}{SHORT}[options]\n{options}[money]\ndaily_budget = 0.005\n")
    done = shell.ask(model)
    assert shell.server.book.total <= Decimal("0.005")
    assert done.code == REFUSED


@pytest.mark.parametrize("words", [("ask", "hello"), ("batch", "in.jsonl", "-o", "out.jsonl")])
@pytest.mark.parametrize("guard", ["budget", "--max-cost"])
def test_no_limit_is_held_against_old_prices(shell: ChargedShell, words: tuple[str, ...], guard: str) -> None:
    shell.questions("hello")
    (cache,) = shell.folder.rglob("models.json")
    kept = json.loads(cache.read_text())
    kept["fetched_at"] = "2020-01-01T00:00:00+00:00"
    text = re.sub(r'"(prompt|completion|request)": "?[\d.e-]+"?', r'"\1": "0.0000000001"', json.dumps(kept))
    assert text != json.dumps(kept)
    cache.write_text(text)
    if guard == "budget":
        _budget(shell, "daily_budget", Decimal("0.0005"))
    limit = [guard, "0.0005"] if guard != "budget" else []
    assert shell.call(*words, "-m", "test/costly", "--max-tokens", "60", *limit).code == REFUSED
    assert shell.server.book.total == 0
