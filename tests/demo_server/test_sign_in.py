"""Browser sign-in (PKCE) at the demo server."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.demo_server.raw_client import Client
from tui_router.demo_server.payloads import CannedResponse
from tui_router.demo_server.state import SignInCodes

VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "http://127.0.0.1:3999/back?part=secret"


def _code(codes: SignInCodes, now: float = 0.0) -> str:
    sent = codes.issue_code({"callback_url": CALLBACK, "code_challenge": CHALLENGE}, now)
    return parse_qs(urlsplit(str(sent.headers["Location"])).query)["code"][0]


def _exchange(codes: SignInCodes, code: str, verifier: str = VERIFIER, now: float = 1.0) -> object:
    result = codes.exchange_code({"code": code, "code_verifier": verifier, "code_challenge_method": "S256"}, now)
    return result.status if isinstance(result, CannedResponse) else result["key"]


def test_a_code_is_exchanged_for_a_key_once(client: Client) -> None:
    client.key = ""
    path = f"/auth?callback_url={quote(CALLBACK)}&code_challenge={CHALLENGE}&code_challenge_method=S256"
    target = urlsplit(client.call("GET", path).headers["location"])
    query = parse_qs(target.query)
    assert (target.port, query["part"]) == (3999, ["secret"])
    body = {"code": query["code"][0], "code_verifier": VERIFIER, "code_challenge_method": "S256"}
    key = client.call("POST", "/api/v1/auth/keys", body).json["key"]
    assert client.call("POST", "/api/v1/auth/keys", body).status == 403
    client.key = key
    assert client.get("/key").status == 200


def test_without_a_callback_the_code_is_shown(client: Client) -> None:
    response = client.call("GET", f"/auth?code_challenge={CHALLENGE}")
    assert response.status == 200
    assert b"Your code" in response.raw


def test_a_wrong_verifier_invalidates_the_code() -> None:
    codes = SignInCodes()
    code = _code(codes)
    assert _exchange(codes, code, "w" * 43) == 403
    assert _exchange(codes, code) == 403


def test_a_code_expires_after_ten_minutes() -> None:
    codes = SignInCodes()
    assert _exchange(codes, _code(codes), now=601) == 403
    assert str(_exchange(codes, _code(codes), now=599)).startswith("sk-or-v1-")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"callback_url": CALLBACK},
        {"code_challenge": CHALLENGE, "code_challenge_method": "MD5"},
        {"code_challenge": CHALLENGE, "callback_url": "http://example.org/"},
    ],
)
def test_an_unsafe_sign_in_is_refused(query: dict[str, str]) -> None:
    assert SignInCodes().issue_code(query, 0).status == 400


@pytest.mark.parametrize("body", [[], {}, {"code": 3}, {"code": "x", "code_challenge_method": "MD5"}])
def test_an_invalid_exchange_is_refused(body: object) -> None:
    result = SignInCodes().exchange_code(body, 0)
    assert isinstance(result, CannedResponse)
    assert result.status == 400


def test_the_plain_challenge_method_works() -> None:
    codes = SignInCodes()
    sent = codes.issue_code({"callback_url": CALLBACK, "code_challenge": "abc", "code_challenge_method": "plain"}, 0)
    code = parse_qs(urlsplit(str(sent.headers["Location"])).query)["code"][0]
    result = codes.exchange_code({"code": code, "code_verifier": "abc", "code_challenge_method": "plain"}, 1)
    assert not isinstance(result, CannedResponse)
