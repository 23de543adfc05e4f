"""Whom the shell asks: the model that was named or chosen, or nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import pytest

from tests.cli.shell import Shell
from tui_router.demo_server.server import DemoServer

OFFLINE = {"OPENROUTER_BASE_URL": "http://127.0.0.1:9/api/v1"}
IMPATIENT = "[network]\nmax_retries = 0\n"


@pytest.fixture
def asked(demo_server: DemoServer) -> Callable[[], list[Any]]:
    """The models that the service was asked for since the test began."""
    before = len(demo_server.requests)
    return lambda: [
        cast(Any, r.body)["model"] for r in demo_server.requests[before:] if r.path.endswith("/chat/completions")
    ]


def test_nobody_named_and_nobody_chosen_sends_nothing_and_names_three(shell: Shell, asked: Callable[[], Any]) -> None:
    done = shell.call("ask", "hello", "--json")
    assert done.code == 2
    error = done.json["error"]
    assert error["title"] == "No model was chosen yet"
    for heading in ("Free to try: ", "Good and cheap: ", "Strongest: "):
        assert heading in error["detail"]
    assert "-m" in error["hint"]
    assert len(error["suggestions"]) == 3
    assert asked() == []


def test_the_demo_answers_at_once(shell: Shell) -> None:
    done = shell.call("--demo", "ask", "hello", "--json")
    assert (done.code, done.json["model"]) == (0, "demo/quick")


@pytest.mark.parametrize("typed", ["opinion-c", "demo/opinion-c", "openrouter/demo/opinion-c"])
def test_at_the_first_start_a_name_is_looked_up_before_anything_is_sent(
    shell: Shell, asked: Callable[[], Any], typed: str
) -> None:
    assert shell.call("ask", "-m", typed, "hello").code == 0
    assert asked() == ["demo/opinion-c"]


def test_a_name_in_the_settings_or_the_environment_likewise(shell: Shell, asked: Callable[[], Any]) -> None:
    assert shell.call("ask", "hello", environ={"OPENROUTER_DEFAULT_MODEL": "opinion-c"}).code == 0
    shell.settings('[chat]\nmodel = "opinion-b"\n')
    assert shell.call("ask", "hello").code == 0
    assert asked() == ["demo/opinion-c", "demo/opinion-b"]


@pytest.mark.parametrize("where", ["flag", "settings"])
def test_a_name_that_fits_several_is_refused_with_all_of_them(
    shell: Shell, asked: Callable[[], Any], where: str
) -> None:
    shell.call("ask", "-m", "demo/echo", "somebody was asked before")
    if where == "settings":
        shell.settings('[chat]\nmodel = "opinion"\n')
    done = shell.call("ask", *(["-m", "opinion"] if where == "flag" else []), "hello", "--json")
    assert done.code == 6
    assert set(done.json["error"]["suggestions"]) == {"demo/opinion-a", "demo/opinion-b", "demo/opinion-c"}
    assert asked() == ["demo/echo"]


def test_a_wanted_model_that_is_gone_is_not_replaced(shell: Shell, asked: Callable[[], Any]) -> None:
    shell.call("ask", "-m", "demo/echo", "somebody was asked before")
    shell.settings('[chat]\nmodel = "demo/opinion-z"\n')
    done = shell.call("ask", "hello")
    assert done.code == 6
    assert "demo/opinion-a" in done.err
    assert asked() == ["demo/echo", "demo/opinion-z"]


def test_without_a_list_a_short_name_is_refused_and_a_whole_id_goes_as_it_is(shell: Shell) -> None:
    shell.settings(IMPATIENT)
    done = shell.call("ask", "-m", "opinion-c", "hello", environ=OFFLINE)
    assert done.code == 6
    assert "catalogue is not here yet" in done.err
    assert "author/model" in done.err
    assert "tui-router models --refresh" in done.err
    assert shell.call("ask", "-m", "demo/echo", "hello", environ=OFFLINE).code == 8


def test_lines_of_a_batch_are_resolved_and_one_that_is_not_stops_no_other(
    shell: Shell, asked: Callable[[], Any]
) -> None:
    lines = [{"prompt": "one", "model": "opinion-c"}, {"prompt": "two", "model": "opinion"}, {"prompt": "three"}]
    (shell.folder / "q.jsonl").write_text("\n".join(map(json.dumps, lines)))
    done = shell.call("batch", "q.jsonl", "-o", "a.jsonl", "-m", "opinion-b")
    assert done.code == 6
    assert "line 2, opinion" in done.err
    assert "demo/opinion-a" in done.err
    assert sorted(asked()) == ["demo/opinion-b", "demo/opinion-c"]
    again = shell.call("batch", "q.jsonl", "-o", "a.jsonl", "-m", "opinion-b")
    assert "2 were there already" in again.err
    assert len(asked()) == 2


def test_after_a_comparison_somebody_must_be_named(shell: Shell, asked: Callable[[], Any]) -> None:
    shell.call("ask", "-m", "demo/echo", "somebody was asked before")
    shell.call("ask", "-m", "opinion-a", "-m", "opinion-b", "hello")
    done = shell.call("ask", "-c", "and then?")
    assert (done.code, done.out) == (6, "")
    assert "demo/opinion-a and demo/opinion-b were asked" in done.err
    assert "Name one with -m" in done.err
    assert len(asked()) == 3


def test_whoever_is_named_goes_on_below_its_own_answer(shell: Shell, demo_server: DemoServer) -> None:
    shell.call("ask", "-m", "demo/opinion-a", "-m", "demo/echo", "only an echo says this")
    assert shell.call("ask", "-c", "-m", "echo", "and then?").code == 0
    sent: Any = [r.body for r in demo_server.requests if r.path.endswith("/chat/completions")][-1]
    assert sent["model"] == "demo/echo"
    assert [m["content"] for m in sent["messages"]][-3:] == ["only an echo says this"] * 2 + ["and then?"]
    assert shell.call("ask", "-c", "and now?").out == "and now?\n"


def test_a_limit_is_refused_while_the_prices_of_today_cannot_be_fetched(shell: Shell) -> None:
    shell.environ.update(OFFLINE)
    shell.settings(IMPATIENT)
    done = shell.call("ask", "-m", "demo/echo", "--max-cost", "1", "hello", "--json")
    assert done.code == 4
    assert done.json["error"]["title"] == "Today's prices could not be fetched"
    assert "--max-cost" in done.json["error"]["detail"]
