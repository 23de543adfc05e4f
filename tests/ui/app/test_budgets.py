"""Budgets in the app: set, shown, and not lost with a settings file that cannot be read."""

from __future__ import annotations

from decimal import Decimal

from tests.ui.app.driver import Home


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
        await chat.is_told("the last good limits count")
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
