"""Choosing a model and its providers: by name, in the picker, and by slash command."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.ui.app.driver import Home, Talking
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.openrouter.client import OpenRouter
from tui_router.ui.screens.compare.screen import CompareScreen
from tui_router.ui.screens.dialogs import ChoiceDialog
from tui_router.ui.screens.models import ModelsScreen

WIDE = (130, 36)


class Held:
    """The catalogue, on its way until it is let through, or refused."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.fails = False


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """A service whose catalogue comes when a test says so."""
    gate, fetch = Held(), OpenRouter.models

    def models(self: OpenRouter) -> Any:
        assert gate.go.wait(20)
        if gate.fails:
            raise AppError(Problem(kind=ErrorKind.NETWORK, title="No network"))
        return fetch(self)

    monkeypatch.setattr(OpenRouter, "models", models)
    yield gate
    gate.go.set()


def models_asked(home: Home) -> list[str]:
    return [body["model"] for body in home.asked()]


async def chooses(chat: Talking, name: str) -> None:
    """Take a row of the choice by its words."""
    await chat.until(lambda: isinstance(chat.app.screen, ChoiceDialog), "a choice")
    await chat.sees(name)
    rows = [c.text for c in chat.app.screen._choices]  # type: ignore[attr-defined]
    await chat.press(*["down"] * rows.index(name), "enter")
    await chat.until(lambda: not isinstance(chat.app.screen, ChoiceDialog), "the end of it")


@pytest.mark.parametrize("where", ["flag", "settings", "environment"])
async def test_at_the_first_start_a_short_name_waits_for_the_catalogue(home: Home, held: Held, where: str) -> None:
    home.settings(model="opinion-c" if where == "settings" else "")
    if where == "environment":
        home.environ["OPENROUTER_DEFAULT_MODEL"] = "opinion-c"
    async with home.talking(wanted="opinion-c" if where == "flag" else "", is_online=False) as chat:
        await chat.sees("opinion-c?")
        await chat.send("hello")
        await chat.is_told("The catalogue is not here yet")
        await chat.sees_prompt("hello")
        assert home.asked() == []
        held.go.set()
        await chat.is_told("Opinion C answers from now on")
        await chat.ask("")
    assert models_asked(home) == ["demo/opinion-c"]


async def test_a_catalogue_that_does_not_come_asks_nobody(home: Home, held: Held) -> None:
    home.settings(model="")
    held.fails = True
    held.go.set()
    async with home.talking(wanted="opinion-c", is_online=False) as chat:
        await chat.is_told("The catalogue is not here yet")
        await chat.send("hello")
        await chat.is_told("Name the whole id")
        await chat.sees_prompt("hello")
        await chat.send("/model opinion-c")
        assert home.asked() == []


async def test_a_name_for_this_run_is_not_answered_by_the_model_of_before(home: Home, held: Held) -> None:
    held.go.set()
    async with home.talking("demo/echo") as chat:
        await chat.ask("hello")
    held.go.clear()
    (home.folder / "cache" / "models.json").unlink(missing_ok=True)
    async with home.talking(resume="last", wanted="opinion", is_online=False) as chat:
        await chat.sees("opinion?")
        await chat.send("and then?")
        await chat.sees_prompt("and then?")
        assert models_asked(home) == ["demo/echo"]


async def test_a_new_conversation_waits_for_the_same_name(home: Home, held: Held) -> None:
    held.go.set()
    async with home.talking("demo/echo") as chat:
        await chat.ask("hello")
    held.go.clear()
    (home.folder / "cache" / "models.json").unlink(missing_ok=True)
    async with home.talking(wanted="opinion-c", is_online=False) as chat:
        await chat.send("/new")
        await chat.send("hello again")
        await chat.sees_prompt("hello again")
        held.go.set()
        await chat.is_told("Opinion C answers from now on")
        await chat.ask("")
    assert models_asked(home) == ["demo/echo", "demo/opinion-c"]


async def test_a_name_that_fits_several_asks_which(home: Home) -> None:
    async with home.talking(wanted="opinion") as chat:
        await chooses(chat, "Opinion B")
        await chat.is_told("Opinion B answers from now on")
        await chat.ask("hello")
        await chat.send("/model opinion")
        await chooses(chat, "Opinion A")
        await chat.ask("hello again")
    assert models_asked(home) == ["demo/opinion-b", "demo/opinion-a"]


async def test_no_choice_between_several_sends_nothing(home: Home) -> None:
    async with home.talking(wanted="opinion") as chat:
        await chat.until(lambda: isinstance(chat.app.screen, ChoiceDialog), "a choice")
        await chat.press("escape")
        await chat.send("hello")
        await chooses(chat, "Opinion A")
        await chat.sees_prompt("hello")
        assert home.asked() == []
        await chat.ask("")
    assert models_asked(home) == ["demo/opinion-a"]


async def test_where_nobody_was_chosen_the_picker_opens_and_the_question_stays(home: Home) -> None:
    home.settings(model="")
    async with home.talking() as chat:
        await chat.sees("no model yet")
        await chat.send("hello")
        await chat.until(lambda: isinstance(chat.app.screen, ModelsScreen), "the picker")
        assert home.asked() == []
        await chat.type("echo")
        await chat.press("enter")
        await chat.is_told("answers from now on")
        await chat.sees_prompt("hello")
        await chat.ask("", "hello")
    async with home.talking() as chat:
        await chat.ask("hello again", "hello again")
    assert models_asked(home) == ["demo/echo", "demo/echo"]


async def test_a_model_gone_from_the_catalogue_is_reported_and_not_replaced(home: Home) -> None:
    async with home.talking("demo/opinion-z") as chat:
        await chat.send("hello")
        await chat.is_told("demo/opinion-z is not in the catalogue")
        await chat.until(home.asked, "the question")
    assert models_asked(home) == ["demo/opinion-z"]


async def test_a_comparison_waits_for_the_catalogue_and_asks_which(home: Home, held: Held) -> None:
    async with home.talking("demo/echo", size=WIDE, compare=("opinion", "echo"), is_online=False) as chat:
        await chat.is_told("The catalogue is not here yet")
        held.go.set()
        await chooses(chat, "Opinion C")
        await chat.until(lambda: isinstance(chat.app.screen, CompareScreen), "the lanes")
        screen = chat.app.screen
        assert isinstance(screen, CompareScreen)
        assert screen.lanes.comparison.models == ("demo/opinion-c", "demo/echo")


async def test_a_comparison_without_a_kept_answer_chooses_no_model(home: Home) -> None:
    async with home.talking("demo/quick", size=WIDE) as chat:
        await chat.ask("before")
        await chat.send("/compare demo/opinion-a, demo/echo")
        await chat.sees("Enter ask all")
        await chat.send("only an echo says this")
        screen = chat.app.screen
        assert isinstance(screen, CompareScreen)
        await chat.until(lambda: all(t.answer for t in screen.lanes) and not screen.lanes.running, "answers")
        await chat.press("escape")
        await chat.sees("no model yet")
        await chat.send("and then?")
        await chat.sees("demo/opinion-a and demo/echo were asked: who goes on?")
        assert len(home.asked()) == 3
        await chooses(chat, "Echo")
        await chat.sees_prompt("and then?")
        await chat.ask("", "and then?")
    assert models_asked(home)[-1] == "demo/echo"
    assert [m["content"] for m in home.asked()[-1]["messages"]][-3:-1] == ["only an echo says this"] * 2


MODEL = "demo/quick"


async def test_a_provider_is_pinned_in_the_table_and_serves_the_next_answer(home: Home) -> None:
    async with home.talking(MODEL, size=(110, 30)) as chat:
        await chat.send("/provider")
        await chat.sees("Providers of", "Demo Spare")
        await chat.press("down", "p")
        await chat.sees("✓ Demo Spare", "only Demo Spare, in this conversation")
        await chat.press("escape")
        await chat.sees("only Demo Spare")
        await chat.ask("hello")
        await chat.sees("· Demo Spare")
        assert home.asked()[-1]["provider"] == {"only": ["demo-spare"]}
        assert chat.saved[-1].provider == "Demo Spare"
        table = [r for r in home.demo_server.requests if r.path.endswith(f"{MODEL}/endpoints")]
        assert table
        assert all(r.key is not None for r in table)


async def test_the_slash_word_takes_names_and_shows_and_clears(home: Home) -> None:
    async with home.talking(MODEL) as chat:
        for words, told, sent in (
            ("only Demo Spare", "only Demo Spare", {"only": ["demo-spare"]}),
            ("not Demo", "only Demo Spare, not Demo", {"only": ["demo-spare"], "ignore": ["demo"]}),
            ("only none", "not Demo", {"ignore": ["demo"]}),
            ("none", "the service chooses", None),
            ("demo-spare, demo", "first Demo Spare or Demo", {"order": ["demo-spare", "demo"]}),
        ):
            await chat.send(f"/provider {words}")
            await chat.is_told(told)
            await chat.ask("hello")
            assert home.asked()[-1].get("provider") == sent
        await chat.send("/provider only")
        await chat.is_told("No provider was named")


async def test_f4_in_the_picker_shows_the_providers_of_the_highlighted_model(home: Home) -> None:
    async with home.talking(MODEL, size=(120, 36)) as chat:
        await chat.press("ctrl+l")
        await chat.type("llama 3.3 70b")
        await chat.sees("Served by", "3 of 4 keep no prompts")
        await chat.press("f4")
        await chat.sees("Providers of")
        await chat.press("b", "escape")
        await chat.sees("✗")
        await chat.press("escape")
        await chat.sees("not ")


async def test_an_answer_of_a_fallback_says_so_and_how_it_came_to_that_also_after_a_restart(home: Home) -> None:
    home.settings('[options]\nfallback_models = ["demo/quick"]\n', model="demo/error-404")
    async with home.talking() as chat:
        await chat.ask("hello")
        await chat.sees("(asked: ")
        await chat.read()
        await chat.press("i")
        await chat.sees("model asked", "attempt 1", "404", "model that ran", "provider")
    async with home.talking(resume="last") as chat:
        await chat.sees("(asked: ")
        (attempt,) = chat.saved[-1].attempts
        assert (attempt.model, attempt.status) == ("demo/error-404", 404)


async def test_our_own_retries_are_in_the_details(home: Home) -> None:
    async with home.talking("demo/error-flaky-503") as chat:
        await chat.ask("hello")
        attempts = chat.saved[-1].attempts
        assert [a.status for a in attempts] == [503, 503]
        assert all(a.wait is not None for a in attempts)
