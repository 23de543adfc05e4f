"""Signing in with a browser (PKCE): codes are given out at ``/auth`` and changed for a key at ``/api/v1/auth/keys``."""

from __future__ import annotations

import hashlib
import html
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tui_router.demo_server.refusal import Refusal
from tui_router.demo_server.wire import Wire

_CODE_LIFE = 600
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class _Code:
    challenge: str
    method: str
    born: float


def _mint_key() -> str:
    # a key that contains "bad" is one that the demo server rejects
    return "sk-or-v1-" + secrets.token_hex(32).replace("bad", "b4d")


def _answers(verifier: str, code: _Code) -> bool:
    if code.method == "plain":
        return verifier == code.challenge
    digest = urlsafe_b64encode(hashlib.sha256(verifier.encode("utf-8", "replace")).digest()).rstrip(b"=").decode()
    return secrets.compare_digest(digest, code.challenge)


class SignIns:
    """Codes that were given out and not used yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: dict[str, _Code] = {}

    def begin(self, query: Mapping[str, str], now: float) -> Refusal:
        """Answer ``GET /auth``: send the browser back with a code, or show the code to be copied."""
        callback, challenge = query.get("callback_url", ""), query.get("code_challenge", "")
        method = query.get("code_challenge_method", "S256" if challenge else "plain")
        if method not in {"S256", "plain"}:
            return Refusal(status=400, message="Invalid code_challenge_method")
        if not challenge:
            return Refusal(status=400, message="code_challenge is required")
        parts = urlsplit(callback)
        if callback and parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            return Refusal(status=400, message="callback_url must be https, or http on localhost")
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = _Code(challenge, method, now)
        if not callback:
            page = f"<!DOCTYPE html><title>Demo</title><p>Your code: <code>{html.escape(code)}</code></p>"
            return Refusal(status=200, page=page, content_type="text/html; charset=utf-8")
        target = urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), ("code", code)])))
        return Refusal(status=302, page="", content_type="text/html", headers={"Location": target})

    def redeem(self, body: object, now: float) -> Wire | Refusal:
        """Answer ``POST /auth/keys``: a code works once, for ten minutes, with the verifier of its challenge."""
        if not isinstance(body, dict) or not isinstance(body.get("code"), str):
            return Refusal(status=400, message="code is required")
        if body.get("code_challenge_method", "S256") not in {"S256", "plain"}:
            return Refusal(status=400, message="Invalid code_challenge_method")
        with self._lock:
            code = self._codes.pop(body["code"], None)
        verifier = body.get("code_verifier", "")
        fits = code is not None and isinstance(verifier, str) and _answers(verifier, code)
        if code is None or not fits or body.get("code_challenge_method", code.method) != code.method:
            return Refusal(status=403, message="Invalid code or code_verifier")
        if now - code.born > _CODE_LIFE:
            return Refusal(status=403, message="Code expired")
        return {"key": _mint_key(), "user_id": "user_demo"}
