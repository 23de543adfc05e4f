"""A question to the body of ``POST /chat/completions``.

Only what somebody set and the model supports is sent, nothing is null, and the order of keys is
always the same: prompt caches hash the bytes.
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
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.request import ChatRequest
from tui_router.domain.spec import set_fields
from tui_router.domain.token_count import count
from tui_router.openrouter.thread import thread_to_wire

_ALWAYS = frozenset({"models", "preset", "service_tier"})
"""Fields of the service itself, which no model lists."""
_MOST_FALLBACKS = 3
_SMALLEST_ANSWER = 16
_SMALLEST_CLAUDE_BUDGET = 1024


def to_body(request: ChatRequest, *, with_details: bool = True) -> dict[str, Any]:
    """Return the request body, keys in a fixed order. Raises ``Trouble`` when the extra JSON is not an object.

    Args:
        request: What is asked.
        with_details: False leaves the structured thinking of earlier answers out.
    """
    model, options = normal_id(request.model), request.options
    body: dict[str, Any] = {"model": model}
    routing, sampling = _wire_fields(options, request.about)
    limit = _answer_limit(request)
    body.update(routing)
    body["messages"] = thread_to_wire(request, with_details=with_details)
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
    return _merged(body, extra_fields(options))


def encode(body: Mapping[str, Any]) -> bytes:
    """Return a body as UTF-8 JSON; lone surrogates become question marks."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def has_details(body: Mapping[str, Any]) -> bool:
    """Say whether a body replays structured thinking."""
    return any("reasoning_details" in message for message in body["messages"])


def _wire_fields(options: ChatOptions, about: Model | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of the service (routing) and those of the model (sampling) that are set and supported."""
    routing: dict[str, Any] = {}
    sampling: dict[str, Any] = {}
    for spec, value in set_fields(options):
        top, *below = spec.wire.split(".")
        if not top or top in ("reasoning", "max_tokens"):
            continue
        if top == "provider" or top in _ALWAYS:
            _put(routing, (top, *below), _plain(spec.name, value))
        elif about is None or about.supports(top):
            _put(sampling, (top, *below), _plain(spec.name, value))
    return routing, sampling


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if name == "fallback_models":
        return [normal_id(model) for model in value[:_MOST_FALLBACKS]]
    return list(value) if isinstance(value, tuple) else value


def _put(target: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        target = target.setdefault(name, {})
    target[path[-1]] = value


def _limit_name(about: Model | None) -> str:
    listed = about.parameters if about else frozenset()
    return "max_completion_tokens" if "max_completion_tokens" in listed and "max_tokens" not in listed else "max_tokens"


def _answer_limit(request: ChatRequest) -> int | None:
    """The longest answer that is both wanted and possible: what the model can write, what its window has left."""
    limit, about = request.options.max_tokens, request.about
    if limit is None or about is None:
        return limit
    if about.max_output:
        limit = min(limit, about.max_output)
    if about.context:
        room = about.context - count(request).tokens - about.context // 50
        if room > 0:
            limit = min(limit, max(room, _SMALLEST_ANSWER))
    return limit


def _reasoning(options: ChatOptions, about: Model | None, model: str, limit: int | None) -> dict[str, Any]:
    if about is not None and not about.thinks:
        return {}
    found: dict[str, Any] = {}
    budget = _budget(options, about, model, limit)
    if budget is not None:
        found["max_tokens"] = budget
    elif options.reasoning_effort:
        found.update(_effort(options.reasoning_effort, about))
    if options.hide_reasoning is not None:
        found["exclude"] = options.hide_reasoning
    return found


def _budget(options: ChatOptions, about: Model | None, model: str, limit: int | None) -> int | None:
    budget = options.reasoning_tokens
    ability = about.reasoning if about else None
    if budget is None or (ability is not None and not ability.takes_budget):
        return None
    if not _is_claude(model):
        return budget
    budget = max(budget, _SMALLEST_CLAUDE_BUDGET)
    if limit is not None:
        budget = min(budget, limit - 1)  # Claude wants room for an answer after the thinking
    return budget if budget >= _SMALLEST_CLAUDE_BUDGET else None


def _effort(effort: str, about: Model | None) -> dict[str, Any]:
    """The effort as this model takes it: "none" never where thinking is mandatory, others to the nearest."""
    ability = about.reasoning if about else None
    if ability is None:
        return {"effort": effort}
    if effort == "none":
        return {} if ability.mandatory else {"effort": "none"}
    offered = [e for e in ability.efforts if e in EFFORTS and e != "none"]
    if not offered:
        return {} if ability.mandatory else {"enabled": True}
    wanted = EFFORTS.index(effort) if effort in EFFORTS else EFFORTS.index("medium")
    return {"effort": min(offered, key=lambda e: abs(EFFORTS.index(e) - wanted))}


def _plugins(request: ChatRequest) -> list[dict[str, Any]]:
    """Nothing is left out of a conversation silently, and a PDF costs nothing unless the model reads it itself."""
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
    """Return the fields that a person adds to the body as JSON. Raises ``Trouble`` when they are not an object."""
    if not options.extra or not options.extra.strip():
        return {}
    try:
        found = untrusted.parse_json(options.extra)
    except ValueError as error:
        raise _bad_extra(str(error)) from None
    if not isinstance(found, dict):
        raise _bad_extra("it is not an object")
    return found


def _bad_extra(why: str) -> Trouble:
    hint = 'Expected something like {"logit_bias": {"50256": -100}}'
    return Trouble(Problem(kind=Kind.SETTINGS, title="The extra request fields are not JSON", detail=why, hint=hint))


def _merged(base: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with ``extra`` laid over it: objects merge, null removes, anything else replaces."""
    for name, value in extra.items():
        old = base.get(name)
        if value is None:
            base.pop(name, None)
        elif isinstance(value, dict) and isinstance(old, dict):
            base[name] = _merged(old, value)
        else:
            base[name] = value
    return base
