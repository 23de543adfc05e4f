"""Scenarios that fail before an answer begins: every status, ``limit_source`` and retry hint."""

from __future__ import annotations

from collections.abc import Mapping

from tui_router.demo_server.payloads import CannedResponse, RelativeTime, TimeFormat
from tui_router.demo_server.script import CloseConnection, NeverRespond, ReturnError, Scenario

_HTML = (
    "<!DOCTYPE html><html><head><title>{status} | demo edge</title><script>alert(1)</script></head>"
    "<body><h1>{what}</h1><p>Ray ID: 8f00demo0000ray</p></body></html>"
)
_RAW = '{"error":{"message":"demo-model is temporarily rate-limited upstream. Please retry shortly.","code":429}}'


def _row(name: str, description: str, status: int, message: str, *, listed: bool = True, failures: int = 0,
         metadata: Mapping[str, object] | None = None, extra: Mapping[str, object] | None = None,
         headers: Mapping[str, str | RelativeTime] | None = None) -> Scenario:  # fmt: skip
    response = CannedResponse(
        status=status, message=message, metadata=metadata or {}, extra=extra or {}, headers=headers or {}
    )
    return Scenario(
        name=f"error-{name}",
        description=description,
        effect=ReturnError(response=response, failures=failures),
        listed=listed,
    )


def _raw_page(
    name: str, description: str, status: int, page: str, *, kind: str = "text/html", listed: bool = True
) -> Scenario:
    headers = {"cf-ray": "8f00demo0000ray-OSL"} if kind == "text/html" else {}
    response = CannedResponse(status=status, page=page, content_type=kind, headers=headers)
    return Scenario(name=f"error-{name}", description=description, effect=ReturnError(response=response), listed=listed)


def _html(name: str, description: str, status: int, what: str, *, listed: bool = True) -> Scenario:
    return _raw_page(name, description, status, _HTML.format(status=status, what=what), listed=listed)


def _limit(name: str, description: str, status: int, source: str, message: str, *,
           headers: Mapping[str, str | RelativeTime] | None = None, **more: object) -> Scenario:  # fmt: skip
    metadata = {"limit_source": source, **more}
    return _row(name, description, status, message, metadata=metadata, headers=headers)


def _unroutable(name: str, description: str, status: int, code: str, message: str, *, retryable: bool = False,
          **more: object) -> Scenario:  # fmt: skip
    availability = {
        "code": code,
        "retryable": retryable,
        "retry_after": None,
        "requested_models": [f"demo/error-{name}"],
        "fallback_models": ["demo/quick"],
        **more,
    }
    extra = {"availability": availability, "error_type": "not_found", "http_status": status}
    return _row(name, description, status, message, extra=extra)


def _typed(name: str, description: str, status: int, error_type: str, message: str) -> Scenario:
    return _row(name, description, status, message, metadata={"error_type": error_type})


_UPSTREAM = "Provider returned error"

_STATUSES = (
    _typed("400", "Answers 400: a parameter is wrong.", 400, "invalid_request", "temperature: must be 2 or less"),
    _unroutable("400-model", "Answers 400: the id is not a valid model ID.", 400, "model_not_found",
          "demo/error-400-model is not a valid model ID"),
    _typed("400-context", "Answers 400: the prompt is longer than the window.", 400, "context_length_exceeded",
           "This endpoint's maximum context length is 8192 tokens. However, you requested about 9000 tokens "
           "(8000 of text input, 1000 in the output). Please reduce the length of either one."),
    _row("400-signature", "Answers 400: a thinking block of an earlier turn has a stale signature.", 400, _UPSTREAM,
         metadata={"raw": '{"type":"error","error":{"type":"invalid_request_error",'
                          '"message":"messages.1.content.0: Invalid `signature` in `thinking` block"}}',
                   "provider_name": "Anthropic"}),
    _row("400-prefill", "Answers 400: the model does not support assistant prefill.", 400,
         "This model does not support assistant message prefill."),
    _row("401", "Answers 401: no key was sent.", 401, "Missing Authentication header"),
    _row("401-user", "Answers 401: the key is no longer valid.", 401, "User not found."),
    _limit("402", "Answers 402: the account is out of credit.", 402, "openrouter_credits",
           "Insufficient credits. Add more using https://openrouter.ai/settings/credits"),
    _limit("402-afford", "Answers 402: this request is too expensive for the remaining balance.", 402,
           "openrouter_credits",
           "This request requires more credits, or fewer max_tokens. You requested up to 8192 tokens, but can only "
           "afford 1201. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account",
           reason="weight_exceeds_budget"),
    _limit("402-key-limit", "Answers 402: this key has reached its own limit.", 402, "openrouter_key_limit",
           "Key limit exceeded (monthly limit). Manage it using https://openrouter.ai/settings/keys"),
    _limit("402-in-flight", "Answers 402 temporarily: too many concurrent requests for the balance.", 402,
           "openrouter_in_flight_budget", "In-flight budget exhausted. Retry when running requests have finished.",
           reason="in_flight_budget_exhausted", headers={"Retry-After": RelativeTime(5)}),
    _row("403", "Answers 403: the key lacks permission.", 403, "Permission denied",
         metadata={"error_type": "permission_denied"}),
    _row("403-moderation", "Answers 403: blocked by moderation, with reasons.", 403,
         "demo/error-403-moderation requires moderation on Demo. Your input was flagged for \"harassment\".",
         metadata={"reasons": ["harassment", "violence"], "flagged_input": "the first words of it ... and the last",
                   "provider_name": "Demo", "model_slug": "demo/error-403-moderation"}),
    _row("403-guardrail", "Answers 403: blocked by a guardrail of the organisation.", 403,
         "Request blocked by guardrail", metadata={"patterns": ["credit-card", "e-mail"]}),
    _limit("403-key-limit", "Answers 403: this key has reached its own limit, in the newer form.", 403,
           "openrouter_key_limit", "Key limit exceeded (daily limit).", scope="key", limit_usd=5, spend_usd=5.01,
           resets_at=RelativeTime(0, TimeFormat.ISO_MIDNIGHT)),
    _limit("403-guardrail-budget", "Answers 403: a guardrail's budget is used up.", 403,
           "openrouter_guardrail_budget", "Guardrail budget exceeded.", scope="guardrail", limit_usd=10,
           spend_usd=10.2, resets_at=RelativeTime(0, TimeFormat.ISO_MIDNIGHT)),
    _limit("403-workspace-budget", "Answers 403: the workspace's budget is used up.", 403,
           "openrouter_workspace_budget", "Workspace budget exceeded.", scope="workspace", limit_usd=100,
           spend_usd=100.4, resets_at=RelativeTime(0, TimeFormat.ISO_MIDNIGHT)),
    _unroutable("403-region", "Answers 403: not available in this region.", 403, "region_restricted",
          "This model is not available in your region.", excluded_by=["geo"]),
    _html("403-cdn", "Answers 403 with an HTML page from the CDN.", 403, "You have been blocked"),
    _row("404", "Answers 404: no endpoint serves this model.", 404, "No endpoints found for demo/error-404."),
    _row("404-tools", "Answers 404: no endpoint supports tools.", 404,
         "No endpoints found that support tool use. To learn more about provider routing, visit the documentation."),
    _row("404-image", "Answers 404: no endpoint supports images.", 404,
         "No endpoints found that support image input"),
    _unroutable("404-privacy", "Answers 404: your data policy excludes everything.", 404, "privacy_restricted",
          "No endpoints available matching your guardrail restrictions and data policy.",
          excluded_by=["data_policy:zdr", "data_policy:training"]),
    _unroutable("404-free-ended", "Answers 404: the free variant has ended.", 404, "free_variant_ended",
          "The free variant of this model has ended."),
    _unroutable("404-deprecated", "Answers 404: the model was retired.", 404, "model_deprecated",
          "This model has been deprecated."),
    _unroutable("404-upstream", "Answers 404: the provider has removed the model.", 404,
          "model_unavailable_upstream", "The model is not available upstream.", affected_providers=["Demo"]),
    _unroutable("404-constraint", "Answers 404: a constraint of the request excludes everything.", 404,
          "constraint_filtered", "No endpoint satisfies the constraints.", excluded_by=["max_price"],
          constraint={"field": "max_price", "detail": "cheapest endpoint costs 2 per million"}),
    _row("405", "Answers 405: wrong method.", 405, "Method not allowed"),
    _row("408", "Answers 408: the request timed out.", 408, "Request timed out"),
    _row("409", "Answers 409: a conflict.", 409, "Conflict", listed=False),
    _row("410", "Answers 410: gone.", 410, "Gone", listed=False),
    _typed("412", "Answers 412: a precondition failed.", 412, "precondition_failed", "Precondition failed"),
    _typed("413", "Answers 413: the request is too large.", 413, "payload_too_large", "Request body too large"),
    _row("415", "Answers 415: unsupported media type.", 415, "Unsupported media type", listed=False),
    _typed("422", "Answers 422: the request cannot be processed.", 422, "unprocessable", "Unprocessable content"),
    _row("499", "Answers 499: client closed request.", 499, "Client closed request", listed=False),
    _typed("500", "Answers 500: an internal error.", 500, "server", "Internal Server Error"),
    _typed("502", "Answers 502: the provider is down.", 502, "provider_unavailable", _UPSTREAM),
    _html("502-html", "Answers 502 with an HTML page from the CDN.", 502, "Bad gateway"),
    _typed("503", "Answers 503: the provider is overloaded.", 503, "provider_overloaded", "Provider overloaded"),
    _row("503-retry-after", "Answers 503 with Retry-After.", 503, "Overloaded",
         headers={"Retry-After": RelativeTime(2)}),
    _unroutable("503-unavailable", "Answers 503: temporarily no endpoint is available.", 503, "temporarily_unavailable",
          "Temporarily unavailable.", retryable=True, retry_after=3),
    _typed("504", "Answers 504: the provider took too long.", 504, "timeout", "Upstream timed out"),
    _html("524", "Answers 524: the edge timed out, as an HTML page.", 524, "A timeout occurred"),
    _row("529", "Answers 529: the provider is overloaded.", 529, "Overloaded",
         metadata={"raw": '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
                   "provider_name": "Anthropic"}),
    *(_html(str(s), f"Answers {s} with an HTML page from the CDN.", s, f"Error {s}", listed=False)
      for s in (520, 521, 522, 523, 525, 526, 527, 530)),
)  # fmt: skip

_WAIT = "Rate limit exceeded"
_RATE_LIMITS = (
    _row("429", "Answers 429 without a limit source or a delay.", 429, _WAIT),
    _row("429-seconds", "Answers 429 with Retry-After in seconds.", 429, _WAIT,
         headers={"Retry-After": RelativeTime(2)}),
    _row("429-date", "Answers 429 with Retry-After as a date.", 429, _WAIT,
         headers={"Retry-After": RelativeTime(3, TimeFormat.HTTP_DATE)}),
    _row("429-ms", "Answers 429 with Retry-After-Ms.", 429, _WAIT,
         headers={"Retry-After-Ms": RelativeTime(1.5, TimeFormat.MILLISECONDS)}),
    _row("429-body", "Answers 429 with the delay only in the body.", 429, _WAIT,
         metadata={"headers": {"Retry-After": RelativeTime(2)}}),
    _row("429-reset", "Answers 429 with only the reset time.", 429, _WAIT,
         headers={"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0",
                  "X-RateLimit-Reset": RelativeTime(4, TimeFormat.EPOCH_MS)}),
    _row("429-long", "Answers 429 with a delay of ten minutes.", 429, _WAIT,
         headers={"Retry-After": RelativeTime(600)}),
    _limit("429-free-minute", "Answers 429: too many free requests this minute.", 429,
           "openrouter_free_tier_per_minute", "Rate limit exceeded: free-models-per-min. ",
           headers={"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0",
                    "X-RateLimit-Reset": RelativeTime(5, TimeFormat.EPOCH_MS)}),
    _limit("429-free-minute-old", "Answers 429: the same limit under its other name.", 429,
           "openrouter_free_tier_minute", "Rate limit exceeded: free-models-per-min. ",
           headers={"Retry-After": RelativeTime(5)}),
    _limit("429-free-daily", "Answers 429: today's free requests are used up.", 429, "openrouter_free_tier_daily",
           "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day",
           headers={"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0",
                    "X-RateLimit-Reset": RelativeTime(0, TimeFormat.EPOCH_MS_MIDNIGHT)}),
    _limit("429-new-account", "Answers 429: the limit of a new account for one model.", 429, "openrouter_new_account",
           "Rate limit exceeded: new-account-rpm/demo/error-429-new-account",
           headers={"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0",
                    "X-RateLimit-Reset": RelativeTime(3, TimeFormat.EPOCH_MS)}),
    _limit("429-admission", "Answers 429: the credit check timed out.", 429, "openrouter_admission_control",
           "Credit check timed out. You were not charged.", headers={"Retry-After": RelativeTime(10)}),
    _limit("429-upstream", "Answers 429: the provider's shared capacity is full.", 429,
           "upstream_provider_shared_pool", _UPSTREAM, raw=_RAW, provider_name="Demo", is_byok=False,
           remedy_hint="Retry shortly, or add your own key", headers={"Retry-After": RelativeTime(3)}),
    _unroutable("429-capacity", "Answers 429: capacity is exhausted, with a delay in the body.", 429,
          "capacity_exhausted", "Capacity exhausted.", retryable=True, retry_after=2),
    _row("flaky-429", "Fails twice with 429, then answers.", 429, _WAIT, failures=2,
         headers={"Retry-After": RelativeTime(1)}),
    _row("flaky-503", "Fails twice with 503, then answers.", 503, "Overloaded", failures=2),
    Scenario(name="error-flaky-connection", description="Closes the connection twice, then answers.",
             effect=CloseConnection(failures=2)),
    Scenario(name="error-connection", description="Closes every connection without a response.",
             effect=CloseConnection()),
    Scenario(name="error-silent", description="Accepts the request and never sends a byte.", effect=NeverRespond()),
)  # fmt: skip

_DISGUISED = (
    _row("200", "Answers 200 with an error in the body.", 200,
         "Upstream error from Demo: Service temporarily overloaded",
         extra={"code": 503}, metadata={"error_type": "provider_overloaded"}),
    _raw_page("200-string", "Answers 200 with an error that is only a string.", 200, '{"error":"model is loading"}',
          kind="application/json"),
    _html("200-html", "Answers 200 with an HTML page.", 200, "Sign in to the hotel network"),
    _raw_page("200-blank", "Answers 200 with only white space, as when a provider dies.", 200, "\n \n \n",
          kind="application/json"),
    _raw_page("200-not-json", "Answers 200 with a body that is not JSON.", 200, "upstream connect error",
          kind="application/json"),
    *(Scenario(name=f"error-{status}-redirect", description=f"Answers {status}: moved to another host.",
               effect=ReturnError(response=CannedResponse(status=status, page="", content_type="text/html",
                                            headers={"Location": "https://elsewhere.invalid/api/v1/"})),
               listed=status == 301)
      for status in (301, 302, 307, 308)),
)  # fmt: skip

_TYPES = {
    400: "context_length_exceeded max_tokens_exceeded token_limit_exceeded string_too_long invalid_request "
    "invalid_prompt content_policy_violation refusal invalid_image image_too_large image_too_small "
    "unsupported_image_format image_download_failed",
    401: "authentication", 402: "payment_required", 403: "permission_denied", 404: "not_found image_not_found",
    412: "precondition_failed", 413: "payload_too_large", 422: "unprocessable", 429: "rate_limit_exceeded",
    500: "server unmapped", 502: "provider_unavailable", 503: "provider_overloaded", 504: "timeout",
}  # fmt: skip
_BY_TYPE = tuple(
    _row(f"type-{word.replace('_', '-')}", f"Answers {status} with the error type {word}.", status,
         word.replace("_", " ").capitalize(), metadata={"error_type": word}, listed=False)
    for status, words in _TYPES.items()
    for word in words.split()
)  # fmt: skip

ERROR_SCENARIOS: tuple[Scenario, ...] = (*_STATUSES, *_RATE_LIMITS, *_DISGUISED, *_BY_TYPE)
"""Scenarios that fail before a stream begins."""
