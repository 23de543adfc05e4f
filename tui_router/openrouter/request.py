"""Builds the body of ``POST /chat/completions``.

Only options that are set and supported by the model are sent, nothing is null, and the key order is fixed, as prompt
caches hash the bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tui_router.domain import untrusted
from tui_router.domain.message import File, Message
from tui_router.domain.model import Model, normal_id
from tui_router.domain.options import EFFORTS, ChatOptions
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.request import ChatRequest
from tui_router.domain.spec import set_fields
from tui_router.domain.token_count import count
from tui_router.openrouter.messages import messages_json

_SERVICE_FIELDS = frozenset({"models", "preset", "service_tier"})
"""Fields handled by OpenRouter itself, which no model lists."""
_MAX_FALLBACKS = 3
_MIN_OUTPUT_TOKENS = 16
_MIN_CLAUDE_REASONING_TOKENS = 1024


def to_body(request: ChatRequest, *, with_reasoning_details: bool = True) -> dict[str, Any]:
    """Build the request body, with a fixed key order. Raises ``AppError`` if the extra JSON is not an object.

    Args:
        request: The chat request.
        with_reasoning_details: Whether to replay the reasoning details of earlier answers.
    """
    model, options = normal_id(request.model), request.options
    body: dict[str, Any] = {"model": model}
    routing, sampling = _option_fields(options, request.about)
    limit = _answer_limit(request)
    body.update(routing)
    body["messages"] = messages_json(request, with_reasoning_details=with_reasoning_details)
    body["stream"] = True
    if request.session_id:
        body["session_id"] = request.session_id[:256]
    if reasoning := _reasoning(options, request.about, model, limit):
        body["reasoning"] = reasoning
    if limit is not None:
        body[_limit_name(request.about)] = limit
    body.update(sampling)
    if options.web_search:
        body["tools"] = [{"type": "openrouter:web_search", "parameters": {"engine": "auto", "max_results": 5}}]
    body["plugins"] = _plugins(request)
    if _is_claude(model):
        body["cache_control"] = {"type": "ephemeral"}
    return _deep_merge(body, extra_fields(options))


def encode(body: Mapping[str, Any]) -> bytes:
    """Encode a body as UTF-8 JSON; lone surrogates become question marks."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def has_reasoning_details(body: Mapping[str, Any]) -> bool:
    """Return whether a body replays reasoning details."""
    return any("reasoning_details" in message for message in body["messages"])


def _option_fields(options: ChatOptions, about: Model | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the routing fields (for OpenRouter) and the sampling fields (for the model) that are set and supported."""
    routing: dict[str, Any] = {}
    sampling: dict[str, Any] = {}
    for spec, value in set_fields(options):
        top, *below = spec.wire.split(".")
        if not top or top in ("reasoning", "max_tokens"):
            continue
        if top == "provider" or top in _SERVICE_FIELDS:
            _set_path(routing, (top, *below), _json_value(spec.name, value))
        elif about is None or about.supports(top):
            _set_path(sampling, (top, *below), _json_value(spec.name, value))
    return routing, sampling


def _json_value(name: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if name == "fallback_models":
        return [normal_id(model) for model in value[:_MAX_FALLBACKS]]
    return list(value) if isinstance(value, tuple) else value


def _set_path(target: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        target = target.setdefault(name, {})
    target[path[-1]] = value


def _limit_name(about: Model | None) -> str:
    listed = about.parameters if about else frozenset()
    return "max_completion_tokens" if "max_completion_tokens" in listed and "max_tokens" not in listed else "max_tokens"


def _answer_limit(request: ChatRequest) -> int | None:
    """Limit ``max_tokens`` to the model's maximum output and the remaining context window."""
    limit, about = request.options.max_tokens, request.about
    if limit is None or about is None:
        return limit
    if about.max_output:
        limit = min(limit, about.max_output)
    if about.context:
        remaining = about.context - count(request).tokens - about.context // 50
        if remaining > 0:
            limit = min(limit, max(remaining, _MIN_OUTPUT_TOKENS))
    return limit


def _reasoning(options: ChatOptions, about: Model | None, model: str, limit: int | None) -> dict[str, Any]:
    if about is not None and not about.thinks:
        return {}
    reasoning: dict[str, Any] = {}
    budget = _budget(options, about, model, limit)
    if budget is not None:
        reasoning["max_tokens"] = budget
    elif options.reasoning_effort:
        reasoning.update(_effort(options.reasoning_effort, about))
    if options.hide_reasoning is not None:
        reasoning["exclude"] = options.hide_reasoning
    return reasoning


def _budget(options: ChatOptions, about: Model | None, model: str, limit: int | None) -> int | None:
    budget = options.reasoning_tokens
    ability = about.reasoning if about else None
    if budget is None or (ability is not None and not ability.takes_budget):
        return None
    if not _is_claude(model):
        return budget
    budget = max(budget, _MIN_CLAUDE_REASONING_TOKENS)
    if limit is not None:
        budget = min(budget, limit - 1)  # Claude requires output tokens beyond the reasoning budget
    return budget if budget >= _MIN_CLAUDE_REASONING_TOKENS else None


def _effort(effort: str, about: Model | None) -> dict[str, Any]:
    """Map the effort to the nearest one the model supports; never "none" if reasoning is mandatory."""
    ability = about.reasoning if about else None
    if ability is None:
        return {"effort": effort}
    if effort == "none":
        return {} if ability.mandatory else {"effort": "none"}
    supported = [e for e in ability.efforts if e in EFFORTS and e != "none"]
    if not supported:
        return {} if ability.mandatory else {"enabled": True}
    rank = EFFORTS.index(effort) if effort in EFFORTS else EFFORTS.index("medium")
    return {"effort": min(supported, key=lambda e: abs(EFFORTS.index(e) - rank))}


def _plugins(request: ChatRequest) -> list[dict[str, Any]]:
    """Disable silent context compression; parse PDFs with the free engine unless the model reads files itself."""
    plugins: list[dict[str, Any]] = [{"id": "context-compression", "enabled": False}]
    if any(_holds_pdf(message) for message in request.messages):
        engine = "native" if request.about is not None and request.about.takes_files else "cloudflare-ai"
        plugins.append({"id": "file-parser", "pdf": {"engine": engine}})
    return plugins


def _holds_pdf(message: Message) -> bool:
    return any(isinstance(p, File) and p.media_type == "application/pdf" for p in message.parts)


def _is_claude(model: str) -> bool:
    return model.startswith(("anthropic/", "~anthropic/"))


def extra_fields(options: ChatOptions) -> Mapping[str, Any]:
    """Parse the user's additional JSON fields. Raises ``AppError`` if they are not an object."""
    if not options.extra or not options.extra.strip():
        return {}
    try:
        reasoning = untrusted.parse_json(options.extra)
    except ValueError as error:
        raise _extra_error(str(error)) from None
    if not isinstance(reasoning, dict):
        raise _extra_error("it is not an object")
    return reasoning


def _extra_error(reason: str) -> AppError:
    hint = 'Expected something like {"logit_bias": {"50256": -100}}'
    return AppError(
        Problem(kind=ErrorKind.SETTINGS, title="The extra request fields are not JSON", detail=reason, hint=hint)
    )


def _deep_merge(base: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Merge ``extra`` into ``base``: objects merge, null removes, anything else replaces."""
    for name, value in extra.items():
        old = base.get(name)
        if value is None:
            base.pop(name, None)
        elif isinstance(value, dict) and isinstance(old, dict):
            base[name] = _deep_merge(old, value)
        else:
            base[name] = value
    return base
