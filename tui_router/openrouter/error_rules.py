"""How each failure is presented and whether it is retried: tables keyed by the server's error codes.

``server_errors`` selects the rule. To handle another error, add a row.
"""

from __future__ import annotations

from typing import NamedTuple

from tui_router.domain.problem import ErrorKind

UNLIMITED = 1000
"""As many retries as the retry policy allows."""


class ErrorRule(NamedTuple):
    """Title, hint and cause of a failure, and how often the request may be retried before the first token."""

    kind: ErrorKind
    title: str
    hint: str = ""
    retries: int = 0
    cause: str = ""
    """Our description of the cause; the server's message is used if empty."""


_NO_MODEL = "No such model"
_NOTHING = "No provider can serve this request"
_RATE = "Rate limited"
_FAILED = "The provider failed"
_TOO_LONG = "Too long for this model"
_REFUSED = "The request was not accepted"

ADD_CREDIT = "Add credit at openrouter.ai/settings/credits, lower max_tokens, or pick a cheaper or free model"
_CHECK_KEY = "Check the key, or sign in again"
_SHORTEN = "Leave out older turns or files, or pick a model with a larger window"
_TRY_AGAIN = "Try again, or pick another model"
_LOOSEN = "Loosen the provider options, or pick another model"
_PICK = "Pick another model"

BAD_KEY = ErrorRule(ErrorKind.BAD_KEY, "The key was not accepted", _CHECK_KEY)
NO_CREDIT = ErrorRule(ErrorKind.NO_CREDIT, "Out of credit", ADD_CREDIT)
UNAFFORDABLE = ErrorRule(ErrorKind.NO_CREDIT, "This request is too expensive for the remaining balance", ADD_CREDIT)
KEY_LIMIT = ErrorRule(
    ErrorKind.BUDGET,
    "This key's limit is reached",
    "Raise the limit at openrouter.ai/keys, wait for its reset, or use another key",
)
MODERATED = ErrorRule(ErrorKind.BLOCKED, "Blocked by moderation", "Reword the question, or pick another model")
FORBIDDEN = ErrorRule(ErrorKind.BLOCKED, "The service refused this request", _PICK)
UNKNOWN_MODEL = ErrorRule(ErrorKind.UNKNOWN_MODEL, _NO_MODEL, "Pick a model from the list")
NO_ENDPOINT = ErrorRule(ErrorKind.NO_ENDPOINT, _NOTHING, _LOOSEN)
TOO_LONG = ErrorRule(ErrorKind.TOO_LONG, _TOO_LONG, _SHORTEN)
BAD_REQUEST = ErrorRule(ErrorKind.BAD_REQUEST, _REFUSED, "Change the options, or pick another model")
RATE_LIMIT = ErrorRule(ErrorKind.RATE_LIMIT, _RATE, _TRY_AGAIN, UNLIMITED)
FREE_DAILY = ErrorRule(
    ErrorKind.RATE_LIMIT, _RATE, "Pick a paid model; buying 10 credits once raises the limit to 1000 a day", 0,
    "OpenRouter's limit of free requests a day is used up until 00:00 UTC",
)  # fmt: skip
FREE_MINUTE = ErrorRule(ErrorKind.RATE_LIMIT, _RATE, "Wait a moment, or pick a paid model", UNLIMITED,
                  "OpenRouter allows 20 free requests a minute")  # fmt: skip
PROVIDER = ErrorRule(ErrorKind.PROVIDER, _FAILED, _TRY_AGAIN, UNLIMITED)
PROVIDER_FINAL = ErrorRule(ErrorKind.PROVIDER, _FAILED, _TRY_AGAIN)
PROVIDER_UNPAID = ErrorRule(
    ErrorKind.PROVIDER,
    "The provider requires payment",
    "Pick another provider or model; your own key there may be out of credit",
)
WRONG_ADDRESS = ErrorRule(
    ErrorKind.SETTINGS,
    "The server has no such endpoint",
    "Check the base URL in the settings (it usually ends in /api/v1)",
)
UNREADABLE = ErrorRule(
    ErrorKind.UNREADABLE, "The answer could not be read", "Try again; check the base URL if it happens again", 1
)
INTERRUPTED = ErrorRule(ErrorKind.INTERRUPTED, "The answer was cut off", "Continue the answer, or try again")

BY_AVAILABILITY = {
    "model_not_found": UNKNOWN_MODEL,
    "model_deprecated": ErrorRule(ErrorKind.UNKNOWN_MODEL, _NO_MODEL, _PICK, 0, "This model has been withdrawn"),
    "free_variant_ended": ErrorRule(
        ErrorKind.UNKNOWN_MODEL,
        _NO_MODEL,
        "Drop :free to use the paid one",
        0,
        "Its free variant has ended",
    ),
    "wrong_endpoint": ErrorRule(ErrorKind.NO_ENDPOINT, _NOTHING, _PICK, 0, "This model does not support chat"),
    "no_endpoints": NO_ENDPOINT,
    "model_unavailable_upstream": NO_ENDPOINT,
    "privacy_restricted": NO_ENDPOINT,
    "constraint_filtered": NO_ENDPOINT,
    "region_restricted": ErrorRule(ErrorKind.BLOCKED, "Not available in your region", _PICK),
    "capacity_exhausted": RATE_LIMIT,
    "temporarily_unavailable": PROVIDER,
}
"""``error.availability.code``."""

BY_LIMIT = {
    "openrouter_credits": NO_CREDIT,
    "openrouter_key_limit": KEY_LIMIT,
    "openrouter_in_flight_budget": ErrorRule(
        ErrorKind.NO_CREDIT, "Too many requests are running for the remaining balance",
        "Wait for running answers, or add credit", UNLIMITED,
    ),
    "openrouter_guardrail_budget": ErrorRule(ErrorKind.BUDGET, "A spending limit is reached", "Wait for its reset"),
    "openrouter_workspace_budget": ErrorRule(
        ErrorKind.BUDGET, "The workspace's budget is reached", "Wait for its reset"
    ),
    "openrouter_free_tier_per_minute": FREE_MINUTE,
    "openrouter_free_tier_minute": FREE_MINUTE,
    "openrouter_free_tier_daily": FREE_DAILY,
    "openrouter_new_account": ErrorRule(
        ErrorKind.RATE_LIMIT, _RATE, "Wait a moment, or use another model", UNLIMITED,
        "OpenRouter lets new accounts send few requests a minute to one model",
    ),
    "openrouter_admission_control": ErrorRule(
        ErrorKind.RATE_LIMIT, _RATE, "Wait a moment", UNLIMITED, "OpenRouter could not check the credit in time"
    ),
    "upstream_provider_shared_pool": ErrorRule(
        ErrorKind.RATE_LIMIT, _RATE, "Pick another model or provider, or add your own key", 2,
        "The provider's shared capacity is full",
    ),
}  # fmt: skip
"""``error.metadata.limit_source``."""

BY_TYPE = {
    "context_length_exceeded": TOO_LONG,
    "token_limit_exceeded": TOO_LONG,
    "string_too_long": TOO_LONG,
    "payload_too_large": TOO_LONG,
    "max_tokens_exceeded": ErrorRule(ErrorKind.BAD_REQUEST, _REFUSED, "Lower max_tokens"),
    "content_policy_violation": MODERATED,
    "refusal": ErrorRule(ErrorKind.BLOCKED, "The model refused", "Reword the question, or pick another model"),
    "authentication": BAD_KEY,
    "payment_required": NO_CREDIT,
    "permission_denied": FORBIDDEN,
    "rate_limit_exceeded": RATE_LIMIT,
    "server": PROVIDER,
    "unmapped": PROVIDER,
    "provider_unavailable": PROVIDER,
    "provider_overloaded": PROVIDER,
    "timeout": PROVIDER,
}
"""``error.metadata.error_type``; other types add nothing to the status."""

STATUS_BY_NAME = {
    "invalid_request_error": 400,
    "invalid_request": 400,
    "invalid_prompt": 400,
    "authentication_error": 401,
    "insufficient_quota": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "not_found": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "server_error": 500,
    "api_error": 500,
    "provider_error": 502,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""Names used in ``code`` or ``type`` instead of a numeric status."""

BY_STATUS = {
    400: BAD_REQUEST,
    401: BAD_KEY,
    402: NO_CREDIT,
    403: FORBIDDEN,
    404: NO_ENDPOINT,
    405: WRONG_ADDRESS,
    408: PROVIDER,
    413: TOO_LONG,
    429: RATE_LIMIT,
}
_RETRIED_STATUSES = frozenset({500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530})


def rule_of_status(status: int) -> ErrorRule:
    """Return the rule for an HTTP status."""
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status in _RETRIED_STATUSES:
        return PROVIDER
    return BAD_REQUEST if status < 500 else PROVIDER_FINAL


EXCLUSION_NAMES = {
    "geo": "your region",
    "data_region": "the data region",
    "data_policy:zdr": "zero data retention",
    "data_policy:training": "the data policy",
    "max_price": "the price limit",
    "context_length": "the length of the conversation",
    "require_parameters": "required options",
    "quantization": "the quantisation",
    "allowed_providers": "the list of providers",
}
"""``availability.excluded_by`` in plain words."""
