"""One classification for every failure that a server tells: HTTP errors, errors inside a stream, 200 with an error.

The first thing that is known decides: availability code, limit source, error type, status, then
words in the message. Text of the server is shown as one safe line of at most 300 characters,
without HTML, keys or user ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tui_router.domain import untrusted
from tui_router.domain.message import RouteAttempt
from tui_router.domain.problem import Kind, Problem
from tui_router.domain.safe import clean, clean_line
from tui_router.domain.secret import redact
from tui_router.openrouter import sentences
from tui_router.openrouter.retry import asked_wait, utc_now
from tui_router.openrouter.routing import failed_attempts
from tui_router.openrouter.sentences import Row

LONGEST_DETAIL = 300
_USER_ID = re.compile(r"\buser_[A-Za-z0-9_-]{4,}")
_MARKUP = re.compile(r"<\s*(?:!doctype|html|head|body|center|title|h1|div|p\b)", re.IGNORECASE)
_AFFORD = re.compile(r"(?:can|could)(?: only)? afford(?: only| up to| at most| about)? (\d[\d,_ ]*)", re.IGNORECASE)
_LONG = (
    r"(?i)context (?:length|window|size|limit)|maximum context|maximum (?:prompt|input) length"
    r"|too many (?:input )?tokens"
    r"|(?:prompt|input|request|message|conversation) (?:is |was )?too (?:long|large)|reduce the length"
    r"|(?:input|prompt) (?:token count|tokens?|length)[^.]{0,60}exceed|exceeds? (?:the )?(?:model'?s? )?(?:maximum )?"
    r"(?:context|number of (?:input )?tokens|input (?:length|tokens?)|token limit)|string too long"
)
"""Compiled at the first failure: every start would pay 1.3 ms for it."""
_STALE = re.compile(r"signature|thinking|thought|reasoning_details|reasoning item", re.I)
_NO_MODEL = re.compile(r"not a valid model|no such model|model.{0,80}(?:not found|does not exist)|unknown model", re.I)
_A_MODEL = re.compile(r"(?<![/\w])models?\b(?!/)", re.I)
_UPSTREAM = re.compile(r"\bupstream\b|\bprovider returned\b|\bprovider'?s? (?:account|balance|credit|error)", re.I)
_GENERIC = re.compile(r"provider returned error|internal server error|an error occurred|error", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A failure and what a machine may do about it."""

    problem: Problem
    retries: int = 0
    """How many retries make sense at most, before the first token. The wait is ``problem.retry_after``."""
    attempts: tuple[RouteAttempt, ...] = ()
    """The service's own tries that failed, where it told them."""
    blames_reasoning: bool = False
    """True when the replayed thinking was refused: once more without it may help."""


def verdict_of_response(
    status: int, headers: Mapping[str, str], body: bytes | str, *, now: float | None = None
) -> Verdict:
    """Classify an HTTP error by its status, its headers (lower-case names) and its body."""
    try:
        parsed: object = untrusted.parse_json(body)
    except ValueError:
        parsed = None
    if isinstance(parsed, dict):
        found = error_in(parsed)
        verdict = verdict_of_error(parsed if found is None else found, status=status, headers=headers, now=now)
        return replace(verdict, attempts=failed_attempts(parsed))
    plain = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    return verdict_of_error(plain, status=status, headers=headers, now=now)


def error_in(payload: Mapping[str, Any]) -> object | None:
    """Return what stands for the error in a JSON object, or ``None`` when there is none."""
    if payload.get("error"):
        return payload if payload["error"] is True else payload["error"]
    return payload if payload.get("type") == "error" else None


def verdict_of_error(
    error: object,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    provider: str = "",
    now: float | None = None,
) -> Verdict:
    """Classify an ``error`` value of any shape.

    Args:
        error: The object, string or anything else that stood for the error.
        status: The HTTP status when it was one; it rules over a code in the body.
        headers: Response headers with lower-case names.
        provider: Who was serving, where the error itself does not say.
        now: Epoch seconds, for tests.
    """
    headers = headers or {}
    about = _unwrapped(error)
    metadata = untrusted.mapping(about.get("metadata"))
    availability = untrusted.mapping(about.get("availability"))
    message = _message(error)
    code = _code(about, status)
    row = _row(about, code, message)
    retry_after = asked_wait(headers, about, utc_now() if now is None else now)
    retryable = availability.get("retryable")
    retries = row.retries
    if isinstance(retryable, bool):
        retries = (row.retries or sentences.MANY) if retryable else 0
    elif availability.get("excluded_by"):
        retries = 0
    problem = Problem(
        kind=row.kind,
        title=row.title,
        detail=_cut(_detail(row, about, message, code) + _until(row, retry_after)),
        hint=_hint(row, message),
        retry_after=retry_after,
        suggestions=untrusted.lines(availability.get("fallback_models")),
        affordable_tokens=affordable_tokens(message) if row.kind is Kind.NO_CREDIT else None,
        status=code,
        provider=untrusted.line(metadata.get("provider_name"), 60) or provider,
        request_id=request_id(headers),
    )
    return Verdict(
        problem=_named(problem), retries=retries, blames_reasoning=code == 400 and bool(_STALE.search(message))
    )


def affordable_tokens(message: str) -> int | None:
    """Return how many tokens of answer the balance bears, from "you can only afford 1,234"; ``None`` if not said."""
    found = _AFFORD.search(message)
    digits = re.sub(r"\D", "", found[1]) if found else ""
    return int(digits) if 0 < len(digits) < 10 else None


def request_id(headers: Mapping[str, str]) -> str:
    """Return the best id for a support request: generation, request or CDN ray."""
    found = (headers.get(name, "") for name in ("x-generation-id", "x-request-id", "cf-ray"))
    return clean_line(next((value for value in found if value), ""), 128)


def plain_verdict(row: Row, detail: str = "", **about: Any) -> Verdict:
    """Return the verdict of a failure that we noticed ourselves."""
    problem = Problem(kind=row.kind, title=row.title, detail=detail or row.cause, hint=row.hint, **about)
    return Verdict(problem=problem, retries=row.retries)


def safe_detail(text: str) -> str:
    """Return a server's or a library's words as one safe line: no HTML, no key, no user id."""
    start = text.lstrip()[:500]
    if start.startswith("<") or _MARKUP.search(start):
        return ""
    return _cut(" ".join(_USER_ID.sub("user_…", redact(clean(text[:4000]))).split()))


def _cut(text: str) -> str:
    return clean_line(text, LONGEST_DETAIL)


def _unwrapped(error: object) -> Mapping[str, Any]:
    """The object that describes the error; Anthropic's ``{"type": "error", "error": {…}}`` opened up."""
    about = untrusted.mapping(error)
    for _ in range(3):
        inner = about.get("error")
        if not isinstance(inner, dict):
            break
        about = inner
    return about


def _message(error: object, depth: int = 8) -> str:
    """The most telling words of an error; objects, arrays and JSON in strings are opened up, not too deep."""
    if isinstance(error, str):
        if depth and error.lstrip()[:1] in ("{", "["):
            try:
                return _message(untrusted.parse_json(error), depth - 1)
            except ValueError:
                pass
        return safe_detail(error)
    if not depth or not isinstance(error, dict | list):
        return ""
    if isinstance(error, list):
        return next((found for item in error[:5] if (found := _message(item, depth - 1))), "")
    about = _unwrapped(error)
    outer = next((m for key in ("message", "detail", "error") if (m := _message(about.get(key), depth - 1))), "")
    inner = _message(untrusted.mapping(about.get("metadata")).get("raw"), depth - 1)
    if inner and (not outer or _GENERIC.fullmatch(outer.rstrip("."))):
        return inner
    return outer


def _code(about: Mapping[str, Any], status: int | None) -> int:
    if status is not None and status >= 400:
        return status
    for value in (about.get("code"), about.get("http_status"), about.get("status")):
        number = untrusted.integer(value)
        if number is not None and 400 <= number < 600:
            return number
    error_type = untrusted.mapping(about.get("metadata")).get("error_type")
    for word in (about.get("code"), about.get("error_type"), error_type, about.get("type")):
        if isinstance(word, str) and word in sentences.STATUS_OF_WORD:
            return sentences.STATUS_OF_WORD[word]
    return 502


def _row(about: Mapping[str, Any], code: int, message: str) -> Row:
    metadata = untrusted.mapping(about.get("metadata"))
    reason = untrusted.text(metadata.get("reason"))
    if reason == "weight_exceeds_budget" or _AFFORD.search(message):
        return sentences.TOO_DEAR
    if metadata.get("reasons"):
        return sentences.MODERATED
    availability = untrusted.text(untrusted.mapping(about.get("availability")).get("code"))
    limit = untrusted.text(metadata.get("limit_source"))
    error_type = untrusted.text(metadata.get("error_type")) or untrusted.text(about.get("error_type"))
    if untrusted.lines(untrusted.mapping(about.get("availability")).get("excluded_by")) == ("context_length",):
        return sentences.TOO_LONG
    if availability in sentences.BY_AVAILABILITY:
        return sentences.BY_AVAILABILITY[availability]
    if limit in sentences.BY_LIMIT:
        return sentences.BY_LIMIT[limit]
    if reason == "in_flight_budget_exhausted":
        return sentences.BY_LIMIT["openrouter_in_flight_budget"]
    if code == 402 and not limit and (untrusted.line(metadata.get("provider_name")) or _UPSTREAM.search(message)):
        return sentences.PROVIDER_UNPAID
    if error_type in sentences.BY_TYPE:
        return sentences.BY_TYPE[error_type]
    for word in (about.get("code"), about.get("type")):
        if isinstance(word, str) and sentences.BY_TYPE.get(word) is sentences.TOO_LONG:
            return sentences.TOO_LONG
    return _row_by_words(code, message) or sentences.row_of_status(code)


def _row_by_words(code: int, message: str) -> Row | None:
    """What only the text tells apart, for servers that send no code of their own."""
    low = message.lower()
    if code in (400, 404, 413, 422, 500, 502) and re.search(_LONG, message):
        return sentences.TOO_LONG
    if code in (400, 404) and _NO_MODEL.search(message):
        return sentences.UNKNOWN_MODEL
    if code == 404 and _A_MODEL.search(message) and "endpoint" not in low and "provider" not in low:
        return sentences.UNKNOWN_MODEL
    if code == 404 and "endpoint" not in low and "provider" not in low:
        return sentences.WRONG_ADDRESS
    if code in (402, 403) and "key limit" in low:
        return sentences.KEY_LIMIT
    if code == 403 and ("moderation" in low or "flagged" in low):
        return sentences.MODERATED
    if code == 429 and "free-models-per-day" in low:
        return sentences.FREE_DAILY
    if code == 429 and "free-models-per-min" in low:
        return sentences.FREE_MINUTE
    if code == 429 and "new-account-rpm" in low:
        return sentences.BY_LIMIT["openrouter_new_account"]
    return None


def _detail(row: Row, about: Mapping[str, Any], message: str, code: int) -> str:
    metadata = untrusted.mapping(about.get("metadata"))
    availability = untrusted.mapping(about.get("availability"))
    if reasons := untrusted.lines(metadata.get("reasons")):
        return f"Flagged for {', '.join(reasons)}"
    words = [row.cause or message or f"The service answered {code}"]
    if excluded := untrusted.lines(availability.get("excluded_by")):
        words.append("Excluded by " + ", ".join(sentences.EXCLUSIONS.get(e, e) for e in excluded))
    if detail := untrusted.line(untrusted.mapping(availability.get("constraint")).get("detail")):
        words.append(detail)
    if resets := untrusted.line(metadata.get("resets_at"), 40):
        words.append(f"Resets at {resets}")
    return ". ".join(w.rstrip(".") for w in words)


def _until(row: Row, seconds: float | None) -> str:
    if row.kind is not Kind.RATE_LIMIT or seconds is None or row is sentences.FREE_DAILY:
        return ""
    if seconds < 120:
        return f". It asks to wait {max(1, round(seconds))} s"
    return (
        f". It asks to wait {round(seconds / 60)} min"
        if seconds < 7200
        else f". It asks to wait {seconds / 3600:.0f} h"
    )


def _hint(row: Row, message: str) -> str:
    if row is sentences.TOO_DEAR and (tokens := affordable_tokens(message)):
        return f"Lower max_tokens to {tokens}, add credit, or pick a cheaper or free model"
    return row.hint


def _named(problem: Problem) -> Problem:
    """The same problem with the provider's name in the cause, where it is to blame and not yet named."""
    blamed = problem.kind in (Kind.PROVIDER, Kind.RATE_LIMIT, Kind.BLOCKED)
    name = problem.provider
    if not blamed or not name or name.lower() in problem.detail.lower():
        return problem
    return replace(problem, detail=_cut(f"{name}: {problem.detail}"))
