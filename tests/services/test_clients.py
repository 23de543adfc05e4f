"""The clients in use: open connections are kept, whoever else asks something meanwhile."""

from __future__ import annotations

from tests.openrouter.scripted_server import Keep, ScriptedServer, chunk, chunked, events, plain
from tui_router.domain.secret import Secret
from tui_router.domain.settings import Settings
from tui_router.services.clients import Clients

KEY = Secret("sk-or-v1-aaaaaaaaaaaa0001")


def test_checking_a_key_takes_no_connection_from_those_who_ask() -> None:
    answer = chunked(events(chunk("Hello", finish="stop"), "[DONE]"))
    with ScriptedServer([answer, Keep()], [plain(200, "{}")], [answer, Keep()], [answer, Keep()]) as server:
        clients = Clients(Settings)
        client = clients.get(KEY, server.url)
        client.complete("one")
        check = clients.apart(KEY, server.url)
        check.key_info()
        check.close()
        client.complete("two")
        client.complete("three")
        clients.close()
    assert [r.connection for r in server.requests] == [1, 2, 1, 1]
