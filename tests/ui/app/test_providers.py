"""Choosing who serves: from the picker and by slash word, seen in the status line, in the request and at the answer."""

from __future__ import annotations

from tests.ui.app.driver import Home

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
