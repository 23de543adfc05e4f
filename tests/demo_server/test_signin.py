"""Signing in with a browser, as the demo server plays it."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.demo_server.raw_client import Client
from tui_router.demo_server.refusal import Refusal
from tui_router.demo_server.signin import SignIns

VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "http://127.0.0.1:3999/back?part=secret"


def _code(signins: SignIns, now: float = 0.0) -> str:
    sent = signins.begin({"callback_url": CALLBACK, "code_challenge": CHALLENGE}, now)
    return parse_qs(urlsplit(str(sent.headers["Location"])).query)["code"][0]


def _redeem(signins: SignIns, code: str, verifier: str = VERIFIER, now: float = 1.0) -> object:
    done = signins.redeem({"code": code, "code_verifier": verifier, "code_challenge_method": "S256"}, now)
    return done.status if isinstance(done, Refusal) else done["key"]


def test_a_code_buys_a_key_once(client: Client) -> None:
    client.key = ""
    path = f"/auth?callback_url={quote(CALLBACK)}&code_challenge={CHALLENGE}&code_challenge_method=S256"
    target = urlsplit(client.call("GET", path).headers["location"])
    query = parse_qs(target.query)
    assert (target.port, query["part"]) == (3999, ["secret"])
    wanted = {"code": query["code"][0], "code_verifier": VERIFIER, "code_challenge_method": "S256"}
    key = client.call("POST", "/api/v1/auth/keys", wanted).json["key"]
    assert client.call("POST", "/api/v1/auth/keys", wanted).status == 403
    client.key = key
    assert client.get("/key").status == 200


def test_without_a_callback_the_code_is_shown(client: Client) -> None:
    heard = client.call("GET", f"/auth?code_challenge={CHALLENGE}")
    assert heard.status == 200
    assert b"Your code" in heard.raw


def test_a_wrong_verifier_spends_the_code() -> None:
    signins = SignIns()
    code = _code(signins)
    assert _redeem(signins, code, "w" * 43) == 403
    assert _redeem(signins, code) == 403


def test_a_code_lives_for_ten_minutes() -> None:
    signins = SignIns()
    assert _redeem(signins, _code(signins), now=601) == 403
    assert str(_redeem(signins, _code(signins), now=599)).startswith("sk-or-v1-")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"callback_url": CALLBACK},
        {"code_challenge": CHALLENGE, "code_challenge_method": "MD5"},
        {"code_challenge": CHALLENGE, "callback_url": "http://example.org/"},
    ],
)
def test_a_sign_in_that_is_not_safe_is_refused(query: dict[str, str]) -> None:
    assert SignIns().begin(query, 0).status == 400


@pytest.mark.parametrize("body", [[], {}, {"code": 3}, {"code": "x", "code_challenge_method": "MD5"}])
def test_a_redeeming_request_that_makes_no_sense_is_refused(body: object) -> None:
    done = SignIns().redeem(body, 0)
    assert isinstance(done, Refusal)
    assert done.status == 400


def test_the_plain_method_works_too() -> None:
    signins = SignIns()
    sent = signins.begin({"callback_url": CALLBACK, "code_challenge": "abc", "code_challenge_method": "plain"}, 0)
    code = parse_qs(urlsplit(str(sent.headers["Location"])).query)["code"][0]
    done = signins.redeem({"code": code, "code_verifier": "abc", "code_challenge_method": "plain"}, 1)
    assert not isinstance(done, Refusal)
