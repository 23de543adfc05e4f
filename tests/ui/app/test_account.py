"""Budgets, the money screen and the answer cache in the app."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.ui.app.driver import PATIENCE, Home, Talking
from tui_router.domain.model import Model
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.openrouter.client import OpenRouter
from tui_router.services.catalog import Catalog


async def test_each_budget_is_shown_with_what_is_spent_and_left(home: Home) -> None:
    async with home.talking("demo/quick") as chat:
        await chat.ask("hello")
        for words, told in (
            ("5/day", "The daily budget is $5.00"),
            ("50/month", "The monthly budget is $50.00"),
            ("2/conversation", "The budget for each conversation is $2.00"),
        ):
            await chat.send(f"/budget {words}")
            await chat.is_told(told)
        await chat.send("/budget")
        await chat.is_told("today: $0.0")
        for limit in ("of $5.00 spent", "of $50.00 spent", "of $2.00 spent"):
            await chat.is_told(limit)
        await chat.send("/budget off")
        await chat.is_told("No budget")
        assert chat.services.core.money.current().daily == 0


async def test_a_file_that_breaks_while_the_app_runs_lifts_nothing(home: Home) -> None:
    home.settings("[money]\ndaily_budget = 0.00000001\n")
    file = home.folder / "settings.toml"
    async with home.talking() as chat:
        good = file.read_text()
        file.write_text(f"{good}[look]\ntheme = fjord\n")
        await chat.send("hello")
        await chat.is_told("budget")
        await chat.sees_prompt("hello")
        await chat.press("ctrl+c")
        await chat.send("/budget")
        await chat.is_told("the last good limits apply")
        file.write_text(good.replace("0.00000001", "7"))
        await chat.send("/budget")
        await chat.is_told("of $7.00 spent")
        await chat.ask("hello")
    async with home.talking() as chat:
        assert chat.services.core.money.current().daily == Decimal(7)


async def test_a_setting_changed_in_a_broken_file_keeps_the_budget(home: Home) -> None:
    home.settings("[money]\ndaily_budget = 5\n")
    file = home.folder / "settings.toml"
    async with home.talking() as chat:
        file.write_text(file.read_text() + "[look]\ntheme = fjord\n")
        await chat.send("/set look.density compact")
        await chat.is_told("money.daily_budget = 5")
        assert chat.services.core.money.current().daily == Decimal(5)


async def test_a_refusal_says_what_makes_it_so_dear_and_the_way_out_works(home: Home) -> None:
    home.settings("[money]\ndaily_budget = 0.01\n", model="demo/slow")
    async with home.talking() as chat:
        await chat.send("hello")
        await chat.is_told(
            ": your words and 8,192 answer tokens at $10 per million "
            "Raise it with /budget AMOUNT/day, lower max_tokens with /set options.max_tokens N, or pick a free model"
        )
        await chat.sees_prompt("hello")
        await chat.press("ctrl+c")
        await chat.send("/set options.max_tokens 20")
        options = chat.services.preferences
        await chat.until(lambda: options.current.options.max_tokens == 20, "the setting, which a thread writes")
        await chat.send("hello")
        await chat.until(lambda: home.asked(), "the request")
    assert home.asked()[-1]["max_tokens"] == 20


def make_old(chat: Talking) -> Catalog:
    """Let the prices be of the day before yesterday, as after a start without a network."""
    catalog = chat.services.core.catalog
    catalog._fetched_at = datetime.now(UTC) - timedelta(days=2)
    return catalog


@pytest.fixture
def valve(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Holds the list of models back while it is not set."""
    valve, real = threading.Event(), OpenRouter.models

    def models(client: OpenRouter) -> tuple[Model, ...]:
        assert valve.wait(PATIENCE)
        return real(client)

    monkeypatch.setattr(OpenRouter, "models", models)
    valve.set()
    return valve


async def test_under_a_budget_a_question_waits_for_prices_of_today(home: Home, valve: threading.Event) -> None:
    home.settings("[money]\ndaily_budget = 5\n")
    async with home.talking("demo/quick") as chat:
        make_old(chat)
        valve.clear()
        await chat.send("hello")
        await chat.is_told("Fetching today's prices")
        assert home.asked() == []
        valve.set()
        await chat.until(lambda: len(home.asked()) == 1, "the question leaves")
        await chat.until(lambda: not chat.is_streaming, "the end")


async def test_escape_takes_a_question_back_that_waits_for_prices(home: Home, valve: threading.Event) -> None:
    home.settings("[money]\ndaily_budget = 5\n")
    async with home.talking("demo/quick") as chat:
        catalog = make_old(chat)
        valve.clear()
        await chat.send("hello")
        await chat.is_told("Fetching today's prices")
        await chat.press("escape")
        await chat.sees_prompt("hello")
        valve.set()
        await chat.until(lambda: catalog.is_fresh, "the prices")
        assert home.asked() == []
        await chat.sees_prompt("hello")


async def test_prices_that_do_not_come_refuse_and_say_what_to_do(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.settings("[money]\ndaily_budget = 5\n")
    async with home.talking("demo/quick") as chat:
        make_old(chat)
        problem = Problem(kind=ErrorKind.NETWORK, title="No network", detail="the cable is out")

        def models(client: OpenRouter) -> tuple[Model, ...]:
            raise AppError(problem)

        monkeypatch.setattr(OpenRouter, "models", models)
        await chat.send("hello")
        await chat.is_told("Today's prices could not be fetched")
        await chat.is_told("/refresh")
        await chat.sees_prompt("hello")
        assert home.asked() == []


async def test_without_a_budget_old_prices_keep_nobody_waiting(home: Home) -> None:
    async with home.talking("demo/quick") as chat:
        make_old(chat)
        await chat.ask("hello")


async def test_cost_opens_the_money_of_what_was_asked(home: Home) -> None:
    async with home.talking("demo/quick") as chat:
        await chat.ask("Hello there")
        await chat.send("/budget 2/conversation")
        await chat.is_told("The budget for each conversation is $2.00")
        await chat.send("/cost")
        await chat.sees(
            "of $2.00", "Overview", "Today", "1 request", "This conversation", "Your key and this library agree"
        )
        await chat.press("m")
        await chat.type("demo slow")
        await chat.press("enter")
        await chat.sees("demo/slow: $2 in, $10 out", "Other models count tokens differently")
        await chat.press("escape")
        await chat.sees_no_more("Overview")
        for words, seen in (("today", "in all"), ("by-model", "everything"), ("waste", "Nothing was wasted")):
            await chat.send(f"/cost {words}")
            await chat.sees(seen)
            await chat.press("escape")
            await chat.sees_no_more("Overview")


async def test_a_temporary_conversation_has_no_sum_of_its_own(home: Home) -> None:
    async with home.talking("demo/quick") as chat:
        await chat.send("/temp")
        await chat.send("/cost")
        await chat.sees("Overview", "In all")
        assert "This conversation" not in chat.screen


async def test_the_sum_of_a_conversation_does_not_fall_with_its_answers(home: Home) -> None:
    async with home.talking("demo/quick") as chat:
        await chat.ask("Hello there")
        spending, conversation = chat.services.core.spending, chat.services.core.library.conversations.last()
        assert conversation
        before = spending.of_conversation(conversation)
        assert before.total > 0
        await chat.read()
        await chat.press("d")
        await chat.until(lambda: len(chat.saved) < 2, "the answer to be deleted")
        assert spending.of_conversation(conversation) == before
        assert spending.review().waste == before


_ON = '[cache]\nanswers = "all"\n'


async def test_the_same_question_is_answered_from_the_cache_and_says_so(home: Home) -> None:
    home.settings(_ON)
    async with home.talking() as chat:
        await chat.ask("What is this?", "Quick · Demo")
        await chat.send("/new")
        await chat.ask("What is this?", "from the cache", "$0")
        assert len(home.asked()) == 1
        assert chat.saved[-1].cached_at is not None
        await chat.read()
        await chat.press("r")
        await chat.until(lambda: len(home.asked()) == 2, "the answer to be asked for again")
        await chat.until(lambda: not chat.is_streaming, "its end")
    async with home.talking(resume="last") as chat:
        assert [m.cached_at is None for m in chat.saved[1:]] == [False, True]


async def test_the_cache_is_reported_and_cleared(home: Home) -> None:
    home.settings(_ON)
    async with home.talking() as chat:
        await chat.ask("What is this?", "Quick · Demo")
        await chat.send("/cache")
        await chat.is_told("The cache holds 1 answer. It is on")
        await chat.send("/cache clear")
        await chat.is_told("The answer cache is empty")
        await chat.send("/new")
        await chat.ask("What is this?", "Quick · Demo")
        assert len(home.asked()) == 2


async def test_it_is_off_unless_somebody_turns_it_on(home: Home) -> None:
    async with home.talking() as chat:
        for _ in range(2):
            await chat.ask("What is this?", "Quick · Demo")
            await chat.send("/new")
        assert len(home.asked()) == 2
