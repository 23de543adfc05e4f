"""Classifies every error a server reports: HTTP errors, errors inside a stream, errors in a 200 response.

The first known field decides: availability code, limit source, error type, status, then the message text. Server
text is shown as one sanitized line of at most 300 characters, without HTML, keys or user ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tui_router.domain import untrusted
from tui_router.domain.message import RouteAttempt
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.safe import clean, clean_line
from tui_router.domain.secret import redact
from tui_router.openrouter import error_rules
from tui_router.openrouter.answer_parts import failed_attempts
from tui_router.openrouter.error_rules import ErrorRule
from tui_router.openrouter.retry import requested_delay, utc_now

MAX_DETAIL_LENGTH = 300
_USER_ID = re.compile(r"\buser_[A-Za-z0-9_-]{4,}")
_HTML = re.compile(r"<\s*(?:!doctype|html|head|body|center|title|h1|div|p\b)", re.IGNORECASE)
_AFFORDABLE = re.compile(r"(?:can|could)(?: only)? afford(?: only| up to| at most| about)? (\d[\d,_ ]*)", re.IGNORECASE)
_TOO_LONG_PATTERN = (
    r"(?i)context (?:length|window|size|limit)|maximum context|maximum (?:prompt|input) length"
    r"|too many (?:input )?tokens"
    r"|(?:prompt|input|request|message|conversation) (?:is |was )?too (?:long|large)|reduce the length"
    r"|(?:input|prompt) (?:token count|tokens?|length)[^.]{0,60}exceed|exceeds? (?:the )?(?:model'?s? )?(?:maximum )?"
    r"(?:context|number of (?:input )?tokens|input (?:length|tokens?)|token limit)|string too long"
)
"""Compiled on first use, as compiling takes 1.3 ms of start-up time."""
_REASONING_ERROR = re.compile(r"signature|thinking|thought|reasoning_details|reasoning item", re.I)
_NO_MODEL = re.compile(r"not a valid model|no such model|model.{0,80}(?:not found|does not exist)|unknown model", re.I)
_MENTIONS_MODEL = re.compile(r"(?<![/\w])models?\b(?!/)", re.I)
_UPSTREAM = re.compile(r"\bupstream\b|\bprovider returned\b|\bprovider'?s? (?:account|balance|credit|error)", re.I)
_GENERIC_MESSAGE = re.compile(r"provider returned error|internal server error|an error occurred|error", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFailure:
    """A classified failure and whether the request may be retried."""

    problem: Problem
    retries: int = 0
    """Maximum number of retries before the first token. The delay is ``problem.retry_after``."""
    attempts: tuple[RouteAttempt, ...] = ()
    """OpenRouter's own failed attempts, if it reported them."""
    rejected_reasoning: bool = False
    """Whether the server rejected replayed reasoning; the request may succeed without it."""


def classify_response(
    status: int, headers: Mapping[str, str], body: bytes | str, *, now: float | None = None
) -> RequestFailure:
    """Classify an HTTP error by its status, headers (lower-case names) and body."""
    try:
        parsed: object = untrusted.parse_json(body)
    except ValueError:
        parsed = None
    if isinstance(parsed, dict):
        error = error_of(parsed)
        failure = classify_error(parsed if error is None else error, status=status, headers=headers, now=now)
        return replace(failure, attempts=failed_attempts(parsed))
    plain = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    return classify_error(plain, status=status, headers=headers, now=now)


def error_of(payload: Mapping[str, Any]) -> object | None:
    """Return the error value of a JSON object, or ``None``."""
    if payload.get("error"):
        return payload if payload["error"] is True else payload["error"]
    return payload if payload.get("type") == "error" else None


def classify_error(
    error: object,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    provider: str = "",
    now: float | None = None,
) -> RequestFailure:
    """Classify an ``error`` value of any shape.

    Args:
        error: The error as an object, string or any other value.
        status: The HTTP status, if any; takes precedence over a code in the body.
        headers: Response headers with lower-case names.
        provider: The serving provider, if the error does not name it.
        now: Unix seconds, for tests.
    """
    headers = headers or {}
    error_object = _unwrap(error)
    metadata = untrusted.mapping(error_object.get("metadata"))
    availability = untrusted.mapping(error_object.get("availability"))
    message = _message(error)
    code = _code(error_object, status)
    rule = _select_rule(error_object, code, message)
    retry_after = requested_delay(headers, error_object, utc_now() if now is None else now)
    retryable = availability.get("retryable")
    retries = rule.retries
    if isinstance(retryable, bool):
        retries = (rule.retries or error_rules.UNLIMITED) if retryable else 0
    elif availability.get("excluded_by"):
        retries = 0
    problem = Problem(
        kind=rule.kind,
        title=rule.title,
        detail=_truncate(_detail(rule, error_object, message, code) + _retry_phrase(rule, retry_after)),
        hint=_hint(rule, message),
        retry_after=retry_after,
        suggestions=untrusted.lines(availability.get("fallback_models")),
        affordable_tokens=affordable_tokens(message) if rule.kind is ErrorKind.NO_CREDIT else None,
        status=code,
        provider=untrusted.line(metadata.get("provider_name"), 60) or provider,
        request_id=request_id(headers),
    )
    return RequestFailure(
        problem=_with_provider(problem),
        retries=retries,
        rejected_reasoning=code == 400 and bool(_REASONING_ERROR.search(message)),
    )


def affordable_tokens(message: str) -> int | None:
    """Return the affordable output tokens from a message such as "you can only afford 1,234", or ``None``."""
    match = _AFFORDABLE.search(message)
    digits = re.sub(r"\D", "", match[1]) if match else ""
    return int(digits) if 0 < len(digits) < 10 else None


def request_id(headers: Mapping[str, str]) -> str:
    """Return the best id for support requests: generation, request or CDN ray."""
    ids = (headers.get(name, "") for name in ("x-generation-id", "x-request-id", "cf-ray"))
    return clean_line(next((value for value in ids if value), ""), 128)


def failure_from_rule(rule: ErrorRule, detail: str = "", **fields: Any) -> RequestFailure:
    """Return the failure for a problem detected by the client; ``fields`` are further fields of ``Problem``."""
    problem = Problem(kind=rule.kind, title=rule.title, detail=detail or rule.cause, hint=rule.hint, **fields)
    return RequestFailure(problem=problem, retries=rule.retries)


def sanitize_detail(text: str) -> str:
    """Return text of a server or library as one sanitized line without HTML, keys or user ids."""
    start = text.lstrip()[:500]
    if start.startswith("<") or _HTML.search(start):
        return ""
    return _truncate(" ".join(_USER_ID.sub("user_…", redact(clean(text[:4000]))).split()))


def _truncate(text: str) -> str:
    return clean_line(text, MAX_DETAIL_LENGTH)


def _unwrap(error: object) -> Mapping[str, Any]:
    """Return the innermost error object, also of Anthropic's ``{"type": "error", "error": {…}}``."""
    error_object = untrusted.mapping(error)
    for _ in range(3):
        inner = error_object.get("error")
        if not isinstance(inner, dict):
            break
        error_object = inner
    return error_object


def _message(error: object, depth: int = 8) -> str:
    """Return the most specific message of an error, searching nested objects, arrays and JSON strings."""
    if isinstance(error, str):
        if depth and error.lstrip()[:1] in ("{", "["):
            try:
                return _message(untrusted.parse_json(error), depth - 1)
            except ValueError:
                pass
        return sanitize_detail(error)
    if not depth or not isinstance(error, dict | list):
        return ""
    if isinstance(error, list):
        return next((m for item in error[:5] if (m := _message(item, depth - 1))), "")
    error_object = _unwrap(error)
    outer = next((m for key in ("message", "detail", "error") if (m := _message(error_object.get(key), depth - 1))), "")
    inner = _message(untrusted.mapping(error_object.get("metadata")).get("raw"), depth - 1)
    if inner and (not outer or _GENERIC_MESSAGE.fullmatch(outer.rstrip("."))):
        return inner
    return outer


def _code(error_object: Mapping[str, Any], status: int | None) -> int:
    if status is not None and status >= 400:
        return status
    for value in (error_object.get("code"), error_object.get("http_status"), error_object.get("status")):
        number = untrusted.integer(value)
        if number is not None and 400 <= number < 600:
            return number
    error_type = untrusted.mapping(error_object.get("metadata")).get("error_type")
    for word in (error_object.get("code"), error_object.get("error_type"), error_type, error_object.get("type")):
        if isinstance(word, str) and word in error_rules.STATUS_BY_NAME:
            return error_rules.STATUS_BY_NAME[word]
    return 502


def _select_rule(error_object: Mapping[str, Any], code: int, message: str) -> ErrorRule:
    metadata = untrusted.mapping(error_object.get("metadata"))
    reason = untrusted.text(metadata.get("reason"))
    if reason == "weight_exceeds_budget" or _AFFORDABLE.search(message):
        return error_rules.UNAFFORDABLE
    if metadata.get("reasons"):
        return error_rules.MODERATED
    availability = untrusted.text(untrusted.mapping(error_object.get("availability")).get("code"))
    limit = untrusted.text(metadata.get("limit_source"))
    error_type = untrusted.text(metadata.get("error_type")) or untrusted.text(error_object.get("error_type"))
    if untrusted.lines(untrusted.mapping(error_object.get("availability")).get("excluded_by")) == ("context_length",):
        return error_rules.TOO_LONG
    if availability in error_rules.BY_AVAILABILITY:
        return error_rules.BY_AVAILABILITY[availability]
    if limit in error_rules.BY_LIMIT:
        return error_rules.BY_LIMIT[limit]
    if reason == "in_flight_budget_exhausted":
        return error_rules.BY_LIMIT["openrouter_in_flight_budget"]
    if code == 402 and not limit and (untrusted.line(metadata.get("provider_name")) or _UPSTREAM.search(message)):
        return error_rules.PROVIDER_UNPAID
    if error_type in error_rules.BY_TYPE:
        return error_rules.BY_TYPE[error_type]
    for word in (error_object.get("code"), error_object.get("type")):
        if isinstance(word, str) and error_rules.BY_TYPE.get(word) is error_rules.TOO_LONG:
            return error_rules.TOO_LONG
    return _rule_by_message(code, message) or error_rules.rule_of_status(code)


def _rule_by_message(code: int, message: str) -> ErrorRule | None:
    """Select a rule by message text, for servers that send no error codes."""
    low = message.lower()
    if code in (400, 404, 413, 422, 500, 502) and re.search(_TOO_LONG_PATTERN, message):
        return error_rules.TOO_LONG
    if code in (400, 404) and _NO_MODEL.search(message):
        return error_rules.UNKNOWN_MODEL
    if code == 404 and _MENTIONS_MODEL.search(message) and "endpoint" not in low and "provider" not in low:
        return error_rules.UNKNOWN_MODEL
    if code == 404 and "endpoint" not in low and "provider" not in low:
        return error_rules.WRONG_ADDRESS
    if code in (402, 403) and "key limit" in low:
        return error_rules.KEY_LIMIT
    if code == 403 and ("moderation" in low or "flagged" in low):
        return error_rules.MODERATED
    if code == 429 and "free-models-per-day" in low:
        return error_rules.FREE_DAILY
    if code == 429 and "free-models-per-min" in low:
        return error_rules.FREE_MINUTE
    if code == 429 and "new-account-rpm" in low:
        return error_rules.BY_LIMIT["openrouter_new_account"]
    return None


def _detail(rule: ErrorRule, error_object: Mapping[str, Any], message: str, code: int) -> str:
    metadata = untrusted.mapping(error_object.get("metadata"))
    availability = untrusted.mapping(error_object.get("availability"))
    if reasons := untrusted.lines(metadata.get("reasons")):
        return f"Flagged for {', '.join(reasons)}"
    sentences = [rule.cause or message or f"The service answered {code}"]
    if excluded := untrusted.lines(availability.get("excluded_by")):
        sentences.append("Excluded by " + ", ".join(error_rules.EXCLUSION_NAMES.get(e, e) for e in excluded))
    if detail := untrusted.line(untrusted.mapping(availability.get("constraint")).get("detail")):
        sentences.append(detail)
    if resets := untrusted.line(metadata.get("resets_at"), 40):
        sentences.append(f"Resets at {resets}")
    return ". ".join(w.rstrip(".") for w in sentences)


def _retry_phrase(rule: ErrorRule, seconds: float | None) -> str:
    if rule.kind is not ErrorKind.RATE_LIMIT or seconds is None or rule is error_rules.FREE_DAILY:
        return ""
    if seconds < 120:
        return f". Retry after {max(1, round(seconds))} s"
    return f". Retry after {round(seconds / 60)} min" if seconds < 7200 else f". Retry after {seconds / 3600:.0f} h"


def _hint(rule: ErrorRule, message: str) -> str:
    if rule is error_rules.UNAFFORDABLE and (tokens := affordable_tokens(message)):
        return f"Lower max_tokens to {tokens}, add credit, or pick a cheaper or free model"
    return rule.hint


def _with_provider(problem: Problem) -> Problem:
    """Prefix the detail with the provider's name if it caused the problem and is not named yet."""
    is_provider_fault = problem.kind in (ErrorKind.PROVIDER, ErrorKind.RATE_LIMIT, ErrorKind.BLOCKED)
    name = problem.provider
    if not is_provider_fault or not name or name.lower() in problem.detail.lower():
        return problem
    return replace(problem, detail=_truncate(f"{name}: {problem.detail}"))
