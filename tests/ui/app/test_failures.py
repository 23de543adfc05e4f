"""Failures in the transcript: title, cause and a remedy, never inside the message."""

from __future__ import annotations

import socket

import pytest

from tests.ui.app.driver import Home
from tests.valve import Valve
from tui_router.domain.message import EndingKind
from tui_router.ui.screens.settings import SettingsScreen

_AT_ONCE = "max_retries = 0\n"
_FAILURES = {
    "error-400": ("The request was not accepted", "temperature: must be 2 or less", "pick another model"),
    "error-400-model": ("No such model", "not a valid model ID", "Pick a model"),
    "error-400-context": ("Too long for this model", "8192 tokens", "larger window"),
    "error-401": ("The key was not accepted", "Missing Authentication", "sign in again"),
    "error-402": ("Out of credit", "Insufficient credits", "Add credit"),
    "error-402-afford": ("This request is too expensive for the remaining balance", "1201", "Lower max_tokens"),
    "error-402-key-limit": ("This key's limit is reached", "Key limit exceeded", "Raise the limit"),
    "error-403-moderation": ("Blocked by moderation", "harassment", "Reword"),
    "error-404": ("", "", ""),
    "error-429-free-daily": ("Rate limited", "00:00 UTC", "paid model"),
    "error-429-upstream": ("Rate limited", "Demo: The provider's shared capacity", "Pick another model"),
    "error-500": ("The provider failed", "Internal Server Error", "Try again"),
    "error-502": ("The provider failed", "Provider returned error", "Try again"),
    "error-502-html": ("The provider failed", "502", "Try again"),
    "error-200": ("The provider failed", "overloaded", "Try again"),
    "error-200-not-json": ("The answer could not be read", "", "Try again"),
    "error-connection": ("No network", "", ""),
    "error-stream-early": ("The provider failed", "No instances", "Try again"),
}


@pytest.mark.parametrize("name", _FAILURES)
async def test_a_failure_says_its_name_its_cause_and_what_to_do(home: Home, name: str) -> None:
    home.settings(_AT_ONCE, model=f"demo/{name}")
    async with home.talking() as chat:
        await chat.send("hello")
        await chat.sees_ending("Failed")
        await chat.sees(*(text for text in _FAILURES[name] if text), "[r Retry]")
        answer = chat.saved[-1]
        assert answer.text == ""
        assert answer.ending is not None
        assert answer.ending.kind is EndingKind.FAILED
        assert answer.ending.problem is not None
        assert answer.ending.problem.title


@pytest.mark.parametrize("name", ["error-cut", "error-cut-event", "error-reset", "error-eof", "error-stream-2"])
async def test_an_answer_that_breaks_off_keeps_its_words_and_says_so(home: Home, name: str) -> None:
    async with home.talking(f"demo/{name}") as chat:
        await chat.send("hello")
        await chat.until(lambda: "■" in chat.screen, "the mark of an ending")
        await chat.sees("[u Continue]", "[r Retry]")
        answer = chat.saved[-1]
        assert answer.text
        assert answer.ending is not None
        assert answer.ending.kind is not EndingKind.COMPLETE
        assert "stream" in name or answer.ending.kind is EndingKind.INTERRUPTED


async def test_the_length_limit_and_the_filter_have_words_of_their_own(home: Home) -> None:
    async with home.talking("demo/error-length") as chat:
        await chat.send("hello")
        await chat.sees_ending("Cut at the length limit")
        await chat.send("/model demo/error-filter")
        await chat.send("hello")
        await chat.sees_ending("Filtered")


async def test_a_failed_answer_is_never_sent_back(home: Home) -> None:
    home.settings(_AT_ONCE, model="demo/error-500")
    async with home.talking() as chat:
        await chat.send("hello")
        await chat.sees_ending("Failed")
        await chat.uses("demo/echo")
        await chat.ask("again")
    sent = home.asked()[-1]["messages"]
    assert "Internal Server Error" not in str(sent)
    assert all(m["content"] for m in sent)


async def test_a_retry_is_seen_and_escape_ends_it(home: Home) -> None:
    async with home.talking("demo/error-429") as chat:
        await chat.send("hello")
        await chat.sees("rate limited, again in", "of 5, Esc to stop")
        await chat.stop()
        await chat.sees_ending("Stopped")


async def test_what_fails_twice_and_then_works_is_answered(home: Home) -> None:
    async with home.talking("demo/error-flaky-503") as chat:
        await chat.send("hello")
        await chat.sees("try 1 of 5")
        await chat.sees("try 2 of 5")
        await chat.until(lambda: chat.answers and not chat.is_streaming, "the answer")
        assert "■" not in chat.screen
    assert len(home.asked()) == 3


async def test_a_wait_of_ten_minutes_is_offered_and_not_taken(home: Home) -> None:
    async with home.talking("demo/error-429-long") as chat:
        await chat.send("hello")
        await chat.sees_ending("Failed")
        await chat.sees("Rate limited", "10 min")
    assert len(home.asked()) == 1


async def test_silence_can_be_left_with_escape(home: Home) -> None:
    async with home.talking("demo/error-silent") as chat:
        await chat.send("hello")
        await chat.until(lambda: home.asked(), "the request")
        await chat.stop()
        await chat.sees_ending("Stopped")


async def test_a_read_timeout_is_reported(home: Home) -> None:
    home.settings("max_retries = 0\nread_timeout = 0.2\n", model="demo/error-hang")
    async with home.talking() as chat:
        await chat.send("hello")
        await chat.sees_ending("Failed: No answer for 0.2 s")
        await chat.sees("[u Continue]")


async def test_without_a_network_the_app_opens_and_says_so(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    home.environ["OPENROUTER_BASE_URL"] = f"http://127.0.0.1:{port}/api/v1"
    home.settings(_AT_ONCE)
    async with home.talking(is_online=False) as chat:
        await chat.send("hello")
        await chat.sees_ending("Failed")
        await chat.sees("No network")
        assert chat.saved[0].text == "hello"


@pytest.mark.parametrize("url", ["http://example.org/api/v1", "not a url", "ftp://127.0.0.1/"])
async def test_an_address_that_must_not_be_used_is_refused(home: Home, url: str) -> None:
    home.environ["OPENROUTER_BASE_URL"] = url
    async with home.talking(is_online=False) as chat:
        await chat.send("hello")
        await chat.until(lambda: "cannot be used" in chat.screen, "what is wrong with the address")
        await chat.until(lambda: not chat.is_streaming, "the end")
    assert home.demo_server.requests == ()


async def test_retry_asks_again_as_a_version(home: Home) -> None:
    home.settings(_AT_ONCE, model="demo/error-500")
    async with home.talking() as chat:
        await chat.send("hello")
        await chat.sees_ending("Failed")
        await chat.read()
        await chat.press("r")
        await chat.sees("‹2/2›")
        await chat.sees_ending("Failed")
    assert len(home.asked()) == 2


async def test_a_listed_model_that_nobody_serves_offers_the_nearest_others(home: Home) -> None:
    home.settings(_AT_ONCE, model="demo/error-404")
    async with home.talking() as chat:
        await chat.send("hello")
        await chat.sees_ending("Failed")
        await chat.sees("[1 Use demo/", "[2 Use demo/", "[3 Use demo/")
        problem = chat.saved[-1].ending.problem  # type: ignore[union-attr]
        assert problem is not None
        assert "demo/error-404" not in problem.suggestions
        await chat.read()
        await chat.press("2")
        await chat.until(lambda: len(home.asked()) == 2, "the other model to be asked")
        assert home.asked()[-1]["model"] == problem.suggestions[1]


async def test_the_settings_under_a_refused_key_have_a_key(home: Home) -> None:
    home.settings(_AT_ONCE, model="demo/error-401")
    async with home.talking() as chat:
        await chat.send("hello")
        await chat.sees("[L Sign in]", "[P Settings]")
        await chat.read()
        await chat.press("P")
        await chat.until(lambda: isinstance(chat.app.screen, SettingsScreen), "the settings")


async def test_a_failure_holds_a_queue_for_the_person_to_decide(slow_home: tuple[Home, Valve]) -> None:
    home, valve = slow_home
    home.settings(_AT_ONCE, model="demo/error-500")
    valve.shut()
    async with home.talking() as chat:
        await chat.ask_behind("first", "second")
        valve.open()
        await chat.sees_ending("Failed")
        await chat.sees("1 queued")
    assert len(home.asked()) == 1
