"""In-memory state of a demo server: account, sign-in codes and request log. Safe to use from any thread."""

from __future__ import annotations

import hashlib
import html
import secrets
import threading
from base64 import urlsafe_b64encode
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tui_router.demo_server.catalog import DemoCatalog
from tui_router.demo_server.payloads import CannedResponse, JsonObject
from tui_router.domain.secret import Secret, redact

START_CREDITS = Decimal(25)
"""Initial balance in US dollars."""
KEY_LIMIT = Decimal(100)
"""Monthly spending limit of each key, in US dollars."""
FREE_REQUESTS_A_DAY = 1000
_GENERATION_DELAY = 0.5
"""Seconds until a generation record can be read, as OpenRouter writes them asynchronously."""


@dataclass(slots=True)
class _StoredGeneration:
    body: JsonObject
    visible_at: float
    reads: int = 0


class DemoAccount:
    """Balance, usage per key and generation records."""

    def __init__(self, credits: Decimal = START_CREDITS) -> None:
        self.credits = credits
        self._lock = threading.Lock()
        self._spent: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._free_used = 0
        self._records: dict[str, _StoredGeneration] = {}
        self._failed_attempts: Counter[str] = Counter()

    @property
    def spent(self) -> Decimal:
        """US dollars spent by all keys."""
        with self._lock:
            return sum(self._spent.values(), Decimal(0))

    @property
    def balance(self) -> Decimal:
        """US dollars left."""
        return self.credits - self.spent

    def charge(self, key: str, cost: Decimal, *, is_free: bool) -> None:
        """Charge ``cost`` US dollars to a key."""
        with self._lock:
            self._spent[key] += cost
            self._free_used += is_free

    def should_fail(self, scenario: str, failures: int) -> bool:
        """Count an attempt at a flaky scenario: true for ``failures`` attempts, then false once. 0 always fails."""
        if failures == 0:
            return True
        with self._lock:
            self._failed_attempts[scenario] += 1
            if self._failed_attempts[scenario] <= failures:
                return True
            del self._failed_attempts[scenario]
            return False

    def add_generation(self, record: JsonObject, *, now: float, speed: float) -> None:
        """Store a generation record, readable after half a second, or on the second read if ``speed`` is 0."""
        visible_at = now + _GENERATION_DELAY / speed if speed > 0 else float("inf")
        with self._lock:
            self._records[record["id"]] = _StoredGeneration(record, visible_at)

    def generation(self, generation_id: str, now: float) -> JsonObject | None:
        """Return a generation record, or ``None`` if it is unknown or not readable yet."""
        with self._lock:
            record = self._records.get(generation_id)
            if record is None:
                return None
            record.reads += 1
            is_visible = now >= record.visible_at or (record.visible_at == float("inf") and record.reads > 1)
            return record.body if is_visible else None

    def key_info(self, key: str) -> JsonObject:
        """Return the ``data`` object of ``GET /key``."""
        with self._lock:
            used, free = float(self._spent[key]), self._free_used
        left = float(KEY_LIMIT) - used
        byok = dict.fromkeys(("byok_usage", "byok_usage_daily", "byok_usage_weekly", "byok_usage_monthly"), 0)
        usage = dict.fromkeys(("usage", "usage_daily", "usage_weekly", "usage_monthly"), used)
        return {
            "label": f"{key[:12]}...{key[-3:]}",
            "limit": float(KEY_LIMIT),
            "limit_remaining": left,
            "limit_reset": "monthly",
            "include_byok_in_limit": False,
            **usage,
            **byok,
            "is_free_tier": False,
            "is_management_key": False,
            "is_provisioning_key": False,
            "creator_user_id": "user_demo",
            "expires_at": None,
            "rate_limit": {
                "requests": -1,
                "interval": "10s",
                "note": "This field is deprecated and safe to ignore.",
            },
            "free_model_daily_requests": {
                "used": free,
                "limit": FREE_REQUESTS_A_DAY,
                "remaining": max(0, FREE_REQUESTS_A_DAY - free),
            },
            "workspace_id": None,
            "organization_id": None,
            "allowed_data_regions": ["global"],
            "effective_budget": None,
            "budgets": [],
        }


_CODE_LIFETIME = 600
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class _IssuedCode:
    challenge: str
    method: str
    issued_at: float


def _mint_key() -> str:
    # the demo server rejects keys that contain "bad"
    return "sk-or-v1-" + secrets.token_hex(32).replace("bad", "b4d")


def _verifier_matches(verifier: str, code: _IssuedCode) -> bool:
    if code.method == "plain":
        return verifier == code.challenge
    digest = urlsafe_b64encode(hashlib.sha256(verifier.encode("utf-8", "replace")).digest()).rstrip(b"=").decode()
    return secrets.compare_digest(digest, code.challenge)


class SignInCodes:
    """PKCE sign-in: issues codes at ``/auth`` and exchanges them for keys at ``/api/v1/auth/keys``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: dict[str, _IssuedCode] = {}

    def issue_code(self, query: Mapping[str, str], now: float) -> CannedResponse:
        """Handle ``GET /auth``: redirect to the callback with a code, or show the code for copying."""
        callback, challenge = query.get("callback_url", ""), query.get("code_challenge", "")
        method = query.get("code_challenge_method", "S256" if challenge else "plain")
        if method not in {"S256", "plain"}:
            return CannedResponse(status=400, message="Invalid code_challenge_method")
        if not challenge:
            return CannedResponse(status=400, message="code_challenge is required")
        parts = urlsplit(callback)
        if callback and parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            return CannedResponse(status=400, message="callback_url must be https, or http on localhost")
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = _IssuedCode(challenge, method, now)
        if not callback:
            page = f"<!DOCTYPE html><title>Demo</title><p>Your code: <code>{html.escape(code)}</code></p>"
            return CannedResponse(status=200, page=page, content_type="text/html; charset=utf-8")
        target = urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), ("code", code)])))
        return CannedResponse(status=302, page="", content_type="text/html", headers={"Location": target})

    def exchange_code(self, body: object, now: float) -> JsonObject | CannedResponse:
        """Handle ``POST /auth/keys``: a code is valid once, for ten minutes, with the matching verifier."""
        if not isinstance(body, dict) or not isinstance(body.get("code"), str):
            return CannedResponse(status=400, message="code is required")
        if body.get("code_challenge_method", "S256") not in {"S256", "plain"}:
            return CannedResponse(status=400, message="Invalid code_challenge_method")
        with self._lock:
            code = self._codes.pop(body["code"], None)
        verifier = body.get("code_verifier", "")
        fits = code is not None and isinstance(verifier, str) and _verifier_matches(verifier, code)
        if code is None or not fits or body.get("code_challenge_method", code.method) != code.method:
            return CannedResponse(status=403, message="Invalid code or code_verifier")
        if now - code.issued_at > _CODE_LIFETIME:
            return CannedResponse(status=403, message="Code expired")
        return {"key": _mint_key(), "user_id": "user_demo"}


_MAX_REQUESTS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRequest:
    """A received request. ``headers`` hold the key masked; only ``key`` has its value."""

    method: str
    path: str
    """Without the query string."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Lower-case names."""
    raw: bytes
    body: object
    """Parsed JSON; ``None`` if absent or invalid."""
    key: Secret | None = None

    def as_json(self) -> JsonObject:
        """Return the request for ``/debug/requests``, secrets redacted."""
        return {
            "method": self.method,
            "path": self.path,
            "query": dict(self.query),
            "headers": {name: redact(value) for name, value in self.headers.items()},
            "body": self.body,
        }


class RequestLog:
    """The most recent requests, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: deque[RecordedRequest] = deque(maxlen=_MAX_REQUESTS)

    def add(self, request: RecordedRequest) -> None:
        """Append a request, dropping the oldest if full."""
        with self._lock:
            self._requests.append(request)

    def all(self) -> tuple[RecordedRequest, ...]:
        """Return all kept requests."""
        with self._lock:
            return tuple(self._requests)


@dataclass(slots=True, kw_only=True)
class ServerState:
    """Everything that the requests of one demo server share."""

    catalog: DemoCatalog
    clock: Callable[[], float]
    """Returns Unix seconds."""
    speed: float
    """Divides every delay; 0 disables delays."""
    account: DemoAccount = field(default_factory=DemoAccount)
    sign_in_codes: SignInCodes = field(default_factory=SignInCodes)
    log: RequestLog = field(default_factory=RequestLog)
    closing: threading.Event = field(default_factory=threading.Event)
