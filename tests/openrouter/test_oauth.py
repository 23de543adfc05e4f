"""PKCE values, and the callback listener."""

from __future__ import annotations

import socket
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from tui_router.domain.problem import AppError
from tui_router.openrouter.cancel import Cancel
from tui_router.openrouter.oauth import CallbackListener, challenge, new_verifier, sign_in_url


def visit(url: str, method: str = "GET") -> str:
    """Send one request and return the whole answer."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.sendall(f"{method} {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        answer = b""
        while piece := connection.recv(4096):
            answer += piece
    return answer.decode()


def test_the_challenge_matches_rfc_7636() -> None:
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_verifiers_are_long_and_unique() -> None:
    assert 43 <= len(new_verifier()) <= 128
    assert new_verifier() != new_verifier()


def test_the_sign_in_url_has_challenge_and_callback() -> None:
    query = parse_qs(urlsplit(sign_in_url("https://openrouter.ai", "abc", "http://127.0.0.1:1/callback/x")).query)
    assert query == {
        "callback_url": ["http://127.0.0.1:1/callback/x"], "code_challenge": ["abc"], "code_challenge_method": ["S256"],
    }  # fmt: skip
    assert "callback_url" not in sign_in_url("https://openrouter.ai/", "abc")


def test_the_code_is_accepted_on_its_own_path_only() -> None:
    answers: list[str] = []
    with CallbackListener() as listener:
        url = listener.url

        def browse() -> None:
            base = url.rpartition("/")[0]
            answers.append(visit(f"{base}/wrong?code=evil"))
            answers.append(visit(f"{url}?code=evil", "POST"))
            answers.append(visit(f"{url}?code=good"))

        browser = threading.Thread(target=browse)
        browser.start()
        assert listener.wait(timeout=30) == "good"
        browser.join()
    assert [a.split(" ")[1] for a in answers] == ["404", "404", "200"]
    assert "good" not in answers[2]
    assert "<script" not in answers[2]


def test_a_callback_without_a_code_raises() -> None:
    with CallbackListener() as listener:
        browser = threading.Thread(target=visit, args=(listener.url + "?error=denied",))
        browser.start()
        with pytest.raises(AppError):
            listener.wait(timeout=30)
        browser.join()


def test_a_missing_callback_raises() -> None:
    with CallbackListener() as listener, pytest.raises(AppError) as caught:
        listener.wait(timeout=0.01)
    assert "in time" in caught.value.problem.detail


def test_a_cancel_ends_the_wait() -> None:
    cancel = Cancel()
    thread = threading.Thread(target=cancel.cancel)
    with CallbackListener() as listener:
        thread.start()
        assert listener.wait(cancel, timeout=30) is None
    thread.join()


def test_every_listener_has_its_own_path() -> None:
    with CallbackListener() as one, CallbackListener() as two:
        assert urlsplit(one.url).path != urlsplit(two.url).path
