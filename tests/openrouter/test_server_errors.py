"""Classification of server errors, and their messages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_router.domain.problem import ErrorKind
from tui_router.openrouter.server_errors import classify_error, classify_response

NOW = 1_800_000_000.0


def told(status: int, error: Any, **headers: str) -> Any:
    """The verdict of an HTTP error with this ``error`` in its body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return classify_response(status, named, json.dumps({"error": error, "user_id": "user_2abcDEF"}), now=NOW)


@pytest.mark.parametrize(
    ("status", "error", "kind", "title", "is_retried"),
    [
        (400, {"message": "foo/bar is not a valid model ID"}, ErrorKind.UNKNOWN_MODEL, "No such model", False),
        (400, {"message": "maximum context length is 8192"}, ErrorKind.TOO_LONG, "Too long for this model", False),
        (400, {"message": "temperature is bad"}, ErrorKind.BAD_REQUEST, "The request was not accepted", False),
        (401, {"message": "User not found."}, ErrorKind.BAD_KEY, "The key was not accepted", False),
        (402, {"message": "Insufficient credits"}, ErrorKind.NO_CREDIT, "Out of credit", False),
        (402, {"message": "You requested up to 65536 tokens, but can only afford 4000."}, ErrorKind.NO_CREDIT,
         "This request is too expensive for the remaining balance", False),
        (402, {"metadata": {"limit_source": "openrouter_credits", "reason": "weight_exceeds_budget"}},
         ErrorKind.NO_CREDIT,
         "This request is too expensive for the remaining balance", False),
        (402, {"metadata": {"limit_source": "openrouter_key_limit"}}, ErrorKind.BUDGET,
         "This key's limit is reached", False),
        (403, {"message": "Key limit exceeded (total limit)"}, ErrorKind.BUDGET, "This key's limit is reached", False),
        (402, {"metadata": {"limit_source": "openrouter_in_flight_budget"}}, ErrorKind.NO_CREDIT,
         "Too many requests are running for the remaining balance", True),
        (402, {"metadata": {"reason": "in_flight_budget_exhausted"}}, ErrorKind.NO_CREDIT,
         "Too many requests are running for the remaining balance", True),
        (403, {"metadata": {"reasons": ["violence"], "flagged_input": "…"}}, ErrorKind.BLOCKED,
         "Blocked by moderation", False),
        (403, {"message": "Input was flagged"}, ErrorKind.BLOCKED, "Blocked by moderation", False),
        (403, {"message": "Forbidden"}, ErrorKind.BLOCKED, "The service refused this request", False),
        (403, {"metadata": {"limit_source": "openrouter_workspace_budget", "resets_at": "2026-12-01"}},
         ErrorKind.BUDGET,
         "The workspace's budget is reached", False),
        (404, {"message": "No endpoints found for x/y."},
         ErrorKind.NO_ENDPOINT, "No provider can serve this request", False),
        (404, {"message": "The model x does not exist"}, ErrorKind.UNKNOWN_MODEL, "No such model", False),
        (404, {"message": "There is no model called x"}, ErrorKind.UNKNOWN_MODEL, "No such model", False),
        (404, {"message": "No route /v1/models/chat"}, ErrorKind.SETTINGS, "The server has no such endpoint", False),
        (402, {"message": "Insufficient balance", "metadata": {"provider_name": "Acme"}}, ErrorKind.PROVIDER,
         "The provider requires payment", False),
        (402, {"message": "Upstream error: payment required", "metadata": {"error_type": "payment_required"}},
         ErrorKind.PROVIDER, "The provider requires payment", False),
        (404, {"message": "Not Found"}, ErrorKind.SETTINGS, "The server has no such endpoint", False),
        (429, {"metadata": {"limit_source": "openrouter_free_tier_daily"}},
         ErrorKind.RATE_LIMIT, "Rate limited", False),
        (429, {"message": "Rate limit exceeded: free-models-per-day"}, ErrorKind.RATE_LIMIT, "Rate limited", False),
        (429, {"message": "Rate limit exceeded: free-models-per-min"}, ErrorKind.RATE_LIMIT, "Rate limited", True),
        (429, {"message": "Rate limit exceeded: new-account-rpm/x"}, ErrorKind.RATE_LIMIT, "Rate limited", True),
        (429, {"metadata": {"limit_source": "upstream_provider_shared_pool"}},
         ErrorKind.RATE_LIMIT, "Rate limited", True),
        (429, {"message": "huh"}, ErrorKind.RATE_LIMIT, "Rate limited", True),
        (500, {"message": "Internal Server Error"}, ErrorKind.PROVIDER, "The provider failed", True),
        (501, {"message": "never"}, ErrorKind.PROVIDER, "The provider failed", False),
        (503, {"message": "busy", "metadata": {"error_type": "provider_overloaded"}}, ErrorKind.PROVIDER,
         "The provider failed", True),
        (529, "Overloaded", ErrorKind.PROVIDER, "The provider failed", True),
        (404, {"availability": {"code": "model_not_found"}}, ErrorKind.UNKNOWN_MODEL, "No such model", False),
        (404, {"availability": {"code": "no_endpoints", "retryable": True}}, ErrorKind.NO_ENDPOINT,
         "No provider can serve this request", True),
        (503, {"availability": {"code": "temporarily_unavailable", "retryable": False}}, ErrorKind.PROVIDER,
         "The provider failed", False),
        (503, {"availability": {"excluded_by": ["geo"]}}, ErrorKind.PROVIDER, "The provider failed", False),
        (409, {"message": "conflict"}, ErrorKind.BAD_REQUEST, "The request was not accepted", False),
    ],
)  # fmt: skip
def test_each_error_has_its_kind_title_and_retries(
    status: int, error: Any, kind: ErrorKind, title: str, is_retried: bool
) -> None:
    failure = told(status, error)
    assert (failure.problem.kind, failure.problem.title, failure.retries > 0) == (kind, title, is_retried)
    assert failure.problem.status == status
    assert failure.problem.hint


def test_moderation_has_reasons_and_provider() -> None:
    problem = told(403, {"metadata": {"reasons": ["violence", "self-harm"], "provider_name": "Acme"}}).problem
    assert problem.detail == "Acme: Flagged for violence, self-harm"


def test_a_missing_model_has_the_suggested_alternatives() -> None:
    availability = {"code": "free_variant_ended", "fallback_models": ["a/b", 7, "c/d"]}
    problem = told(404, {"message": "x", "error_type": "not_found", "availability": availability}).problem
    assert problem.suggestions == ("a/b", "c/d")
    assert problem.detail == "Its free variant has ended"


def test_exclusions_are_explained() -> None:
    availability = {"code": "constraint_filtered", "excluded_by": ["data_policy:zdr", "max_price", "new_thing"],
                    "constraint": {"field": "max_price", "detail": "below $1"}}  # fmt: skip
    problem = told(404, {"message": "Filtered.", "availability": availability}).problem
    assert problem.detail == "Filtered. Excluded by zero data retention, the price limit, new_thing. below $1"


@pytest.mark.parametrize(("asked", "words"), [("7", "7 s"), ("0.2", "1 s"), ("600", "10 min"), ("86400", "24 h")])
def test_a_rate_limit_has_its_duration(asked: str, words: str) -> None:
    problem = told(429, {"message": "Slow down."}, retry_after=asked).problem
    assert problem.detail == f"Slow down. Retry after {words}"


def test_an_unaffordable_request_has_the_affordable_tokens() -> None:
    assert "Lower max_tokens to 4000" in told(402, {"message": "can only afford 4000"}).problem.hint


@pytest.mark.parametrize(
    ("message", "tokens"),
    [
        ("You requested up to 65536 tokens, but can only afford 4000. To increase, visit …", 4000),
        ("You requested up to 65,536 tokens, but can only afford 1,234.", 1234),
        ("Insufficient credits: your balance can afford only 512 tokens", 512),
        ("You can afford up to 2 048 tokens", 2048),
        ("You could only afford 77", 77),
        ("This is more than you can afford", None),
        ("Prompt tokens limit exceeded: 9000 > 8000", None),
        ("can only afford 99999999999999", None),
    ],
)
def test_affordable_tokens_are_parsed_from_the_message(message: str, tokens: int | None) -> None:
    problem = told(402, {"message": message}).problem
    assert (problem.kind, problem.affordable_tokens) == (ErrorKind.NO_CREDIT, tokens)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, {"message": "This endpoint's maximum context length is 8192 tokens. However, you requested about 9000"}),
        (400, {"message": "prompt is too long: 210000 tokens > 200000 maximum"}),
        (400, {"message": "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576)."}),
        (400, {"message": "Input is too long for requested model."}),
        (400, {"message": "This model's maximum prompt length is 131072 but the request contains 140000 tokens."}),
        (413, {"message": "Request too large for model"}),
        (422, {"message": "Please reduce the length of the messages"}),
        (400, {"message": "x", "code": "context_length_exceeded"}),
        (400, {"message": "x", "type": "string_too_long"}),
        (400, {"message": "x", "metadata": {"error_type": "token_limit_exceeded"}}),
        (404, {"message": "x", "availability": {"code": "constraint_filtered", "excluded_by": ["context_length"]}}),
        (
            502,
            {"message": "Provider returned error", "metadata": {"raw": '{"error":"maximum context is 8192"}'}},
        ),
    ],
)
def test_too_long_is_recognised_by_code_and_message(status: int, error: dict[str, Any]) -> None:
    failure = told(status, error)
    assert (failure.problem.kind, failure.retries) == (ErrorKind.TOO_LONG, 0)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (429, "Rate limit reached: too many tokens per minute"),
        (400, "max_tokens is too large"),
        (400, "messages.0.content: Input should be a valid string"),
        (502, "Upstream connect error"),
    ],
)
def test_other_errors_are_not_too_long(status: int, message: str) -> None:
    assert told(status, {"message": message}).problem.kind is not ErrorKind.TOO_LONG


def test_nested_json_strings_are_unwrapped() -> None:
    raw = json.dumps({"error": json.dumps({"error": {"message": "Quota of the region is used up"}})})
    error = {"message": "Provider returned error", "metadata": {"raw": raw, "provider_name": "Deep"}}
    assert told(429, error).problem.detail == "Deep: Quota of the region is used up"


def test_keys_user_ids_pages_and_escapes_are_never_shown() -> None:
    leaky = "bad key sk-or-v1-0123456789abcdef for user_2abcDEF \x1b[31m"
    problem = told(401, {"message": leaky}).problem
    assert "0123456789ab" not in problem.detail
    assert "user_2" not in problem.detail
    assert "\x1b" not in problem.detail
    page = classify_response(502, {"cf-ray": "r1"}, b"<!DOCTYPE html><html>sorry</html>")
    assert page.problem.detail == "The service answered 502"
    assert page.problem.request_id == "r1"


def test_long_details_are_truncated() -> None:
    assert len(told(500, {"message": "word " * 500}).problem.detail) <= 300


def test_plain_text_is_shown_unchanged() -> None:
    assert classify_response(500, {}, "out of order").problem.detail == "out of order"
    assert classify_response(500, {}, b'{"message": "flat"}').problem.detail == "flat"
    assert classify_response(500, {}, "{broken").problem.detail == "{broken"


def test_rejected_reasoning_is_recognised() -> None:
    assert told(400, {"message": "Invalid signature in thinking block"}).rejected_reasoning
    assert not told(500, {"message": "Invalid signature in thinking block"}).rejected_reasoning


def test_the_http_status_takes_precedence_over_the_code_in_the_body() -> None:
    assert told(401, {"code": 500, "message": "x"}).problem.kind is ErrorKind.BAD_KEY


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["message", "error", "metadata", "raw", "code", "headers"]), inner)
        ),
    )
)
def test_any_error_value_is_classified(error: Any) -> None:
    problem = classify_error(error, now=NOW).problem
    assert problem.title
    assert len(problem.detail) <= 300
    assert "\n" not in problem.detail
