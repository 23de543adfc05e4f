"""When no free request is left today, no door sends one; paid models pass."""

from __future__ import annotations

import json

import pytest

from tests.charging_server import ChargingServer
from tests.paid_requests.charged_shell import ChargedShell
from tests.paid_requests.homes import ChargedHome
from tui_router.domain.problem import ErrorKind, exit_code

FREE = "test/free:free"
REFUSED = exit_code(ErrorKind.RATE_LIMIT)


@pytest.fixture(autouse=True)
def _used_up(server: ChargingServer) -> None:
    server.key_info = {"free_model_daily_requests": {"used": 1000, "limit": 1000, "remaining": 0}}


def test_ask_and_batch_refuse_a_free_model_and_send_a_paid_one(shell: ChargedShell) -> None:
    shell.call("models")
    assert shell.call("keys", "check").code == 0
    done = shell.ask(FREE)
    assert done.code == REFUSED
    assert "00:00 UTC" in done.err
    shell.questions("one", {"prompt": "two", "model": "test/ok"})
    batch = shell.call("batch", "in.jsonl", "-o", "out.jsonl", "-m", FREE)
    assert "No free request is left today" in batch.err
    assert [v.model for v in shell.server.book.visits] == ["test/ok"], json.dumps(batch.err)
    shell.assert_every_cent_is_booked()


def test_without_word_of_the_service_a_free_model_is_asked(shell: ChargedShell) -> None:
    assert shell.ask(FREE).code == 0


async def test_the_app_refuses_a_free_model_and_keeps_the_words(charged_home: ChargedHome) -> None:
    async with charged_home.talking(FREE) as chat:
        await chat.send("hello")
        await chat.is_told("No free request is left today")
        await chat.sees_prompt("hello")
        assert charged_home.asked() == []
        await chat.press("ctrl+c")
        await chat.uses("test/ok")
        await chat.ask("hello")
        assert [body["model"] for body in charged_home.asked()] == ["test/ok"]
