"""Where the money went, in the shell."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.cli.shell import Shell
from tui_router.cli.output import cells
from tui_router.domain.charge import Charge, ChargeState, Settlement
from tui_router.domain.message import new_id
from tui_router.domain.model import ModelRef
from tui_router.domain.usage import Usage
from tui_router.storage.bootstrap import open_database
from tui_router.storage.charges import Charges
from tui_router.storage.paths import find_paths


def pay(shell: Shell, cost: str | None, ending: str = "complete", *, estimated: bool = False, **more: Any) -> None:
    """Book a request of this moment; without a cost it stays open."""
    with closing(open_database(find_paths(str(shell.folder / "config"), {}))) as database:
        charge = Charge(id=new_id(), at=datetime.now(UTC), model=ModelRef(more.pop("model", "demo/slow")))
        Charges(database).open(charge)
        if cost is not None:
            usage = Usage(prompt_tokens=1_000_000, completion_tokens=100_000, cached_tokens=400_000, cost=Decimal(cost))
            state = ChargeState.ESTIMATED if estimated else ChargeState.SETTLED
            prices = '{"prompt": "0.000002", "input_cache_read": "0.0000005"}'
            Charges(database).settle(
                charge.id, Settlement(state=state, usage=usage, ending=ending, prices=prices, **more)
            )


def test_sums_say_what_is_estimated_and_what_is_not_known(shell: Shell) -> None:
    pay(shell, "1", provider="Alpha")
    pay(shell, "0.5", estimated=True, provider="Beta")
    pay(shell, None, model="demo/open")
    told = shell.call("usage", "--by", "model", "--json").json
    assert (told["total"], told["estimated"], told["unknown"]) == (1.5, 0.5, 1)
    assert [(r["label"], r["unknown"]) for r in told["rows"]] == [("demo/slow", 0), ("demo/open", 1)]
    shown = shell.call("usage", "--by", "model")
    assert "~$1.50" in shown.out
    assert [line.split()[1] for line in shown.out.splitlines() if line.startswith("demo/open")] == ["?"]
    assert "~$1.50 + 1 not known yet in all, 3 requests" in shown.err
    by_provider = shell.call("usage", "--by", "provider").out
    assert [line.split()[0] for line in by_provider.splitlines()[1:]] == ["Alpha", "Beta", "(not"]


def test_what_another_model_would_have_cost(shell: Shell) -> None:
    assert "Nothing was spent in this time" in shell.call("usage", "--what-if", "demo/quick").err
    pay(shell, "3")
    pay(shell, "1", model="demo/other")
    pay(shell, None, model="demo/other")
    shown = shell.call("usage", "--what-if", "quick")
    assert (shown.code, "-$2.8" in shown.out, "in all" in shown.out) == (0, True, True)
    assert "demo/quick: $0.1 in, $0.5 out per million tokens, prices of" in shown.err
    assert "Other models count tokens differently" in shown.err
    assert "1 request of unknown cost left out" in shown.err
    told = shell.call("usage", "--what-if", "demo/quick", "--json").json["what_if"]
    assert told["other"] == pytest.approx(sum(r["other"] for r in told["rows"]))
    assert told["difference"] == pytest.approx(told["other"] - 4)
    assert (told["cost"], told["unknown"], told["requests"]) == (4, 1, 3)
    assert told["rows"][0] | {"other": 0, "difference": 0} == {
        "model": "demo/slow", "cost": 3, "estimated": 0, "unknown": 0, "requests": 1,
        "prompt_tokens": 1_000_000, "completion_tokens": 100_000, "other": 0, "difference": 0,
    }  # fmt: skip


def test_a_model_that_is_not_known_is_code_6_with_the_nearest(shell: Shell) -> None:
    done = shell.call("usage", "--what-if", "demo/qick")
    assert (done.code, done.out) == (6, "")
    assert "demo/quick" in done.err
    assert shell.call("usage", "--what-if", "demo/qick", "--json").json["error"]["kind"] == "unknown_model"


def test_waste_with_its_share(shell: Shell) -> None:
    assert shell.call("usage", "--waste").err == "Nothing was spent in this time\n"
    pay(shell, "3")
    pay(shell, "1", "cancelled")
    pay(shell, "0.5", served_model="demo/quick")
    shown = shell.call("usage", "--waste")
    assert "stopped answers  $1.00         1" in shown.out
    assert "demo/slow  $4.50     2          $2.25" in shown.out
    assert "$1.00 bought nothing that was kept, 22% of $4.50" in shown.err
    assert "Prompt caches saved $1.80 on 1,200,000 tokens" in shown.err
    assert "demo/quick served 1 request to demo/slow for $0.500" in shown.err
    told = shell.call("usage", "--waste", "--json").json["waste"]
    assert told["kinds"] == [{"kind": "stopped", "cost": 1, "estimated": 0, "unknown": 0, "requests": 1}]
    assert told["per_kept_answer"][0]["each"] == 2.25
    assert told["cache"]["saved"] == pytest.approx(1.8)
    assert told["fallbacks"][0]["served"] == "demo/quick"
    assert "Nothing was spent" in shell.call("usage", "--waste", "--since", "2999-01-01").err


def test_the_key_and_the_library_agree_on_what_was_asked_here(shell: Shell) -> None:
    before = shell.call("usage", "--reconcile", "--json").json["reconcile"]["sums"]
    shell.call("ask", "-m", "demo/quick", "hi")
    after = shell.call("usage", "--reconcile", "--json").json["reconcile"]
    for old, new in zip(before, after["sums"], strict=True):
        assert new["ours"]["cost"] > 0
        assert new["theirs"] - old["theirs"] == pytest.approx(new["ours"]["cost"])
        assert new["difference"] == pytest.approx(old["theirs"])
    assert [s["span"] for s in after["sums"]] == ["day", "month", "always"]
    shown = shell.call("usage", "--reconcile")
    assert "the key says" in shown.out
    assert "today" in shown.err


def test_without_a_key_there_is_nothing_to_compare_with(shell: Shell) -> None:
    assert shell.call("usage", "--reconcile", environ={"OPENROUTER_API_KEY": ""}).code == 3


def test_reports_come_together(shell: Shell) -> None:
    pay(shell, "1")
    told = shell.call("usage", "--waste", "--reconcile", "--what-if", "demo/quick", "--json").json
    assert set(told) == {"since", "what_if", "waste", "reconcile"}


@pytest.mark.parametrize("width", [40, 80, 200])
def test_reports_stay_within_the_terminal(shell: Shell, width: int) -> None:
    for ending in ("complete", "cancelled", "interrupted"):
        pay(shell, "1.23", ending, model="an-author-of-models/with-a-very-long-name-20260101")
    words = ("usage", "--waste", "--what-if", "demo/quick")
    lines = shell.call(*words, environ={"COLUMNS": str(width)}).out.splitlines()
    assert width < 80 or "difference" in lines[0]  # the name is cut, no figure is
    assert max(map(cells, lines)) <= width
    assert any("█" in line for line in lines) or width < 80


@pytest.mark.parametrize("report", [("--waste",), ("--what-if", "demo/quick"), ("--reconcile",)])
@pytest.mark.parametrize("by", ["day", "model"])
def test_a_report_cannot_be_grouped_and_says_so(shell: Shell, report: tuple[str, ...], by: str) -> None:
    done = shell.call("usage", "--by", by, *report)
    assert (done.code, done.out) == (2, "")
    assert f"--by {by} does not go with {report[0]}" in done.err
