"""Says what is wrong with the body of a chat request. Stricter than the service, so that a sloppy client shows here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tui_router.demo_server.check_messages import wrong_in_messages

_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NUMBER = (int, float)
_FIELDS: dict[str, tuple[type, ...]] = {
    "model": (str,), "models": (list,), "messages": (list,), "preset": (str,), "provider": (dict,),
    "plugins": (list,), "stream": (bool,), "stream_options": (dict,), "usage": (dict,), "max_tokens": (int,),
    "max_completion_tokens": (int,), "temperature": _NUMBER, "top_p": _NUMBER, "top_k": (int,), "min_p": _NUMBER,
    "top_a": _NUMBER, "frequency_penalty": _NUMBER, "presence_penalty": _NUMBER, "repetition_penalty": _NUMBER,
    "seed": (int,), "stop": (str, list), "logit_bias": (dict,), "logprobs": (bool,), "top_logprobs": (int,),
    "response_format": (dict,), "structured_outputs": (bool,), "tools": (list,), "tool_choice": (str, dict),
    "parallel_tool_calls": (bool,), "max_tool_calls": (int,), "stop_server_tools_when": (list,),
    "deferred_tools": (dict,), "reasoning": (dict,), "reasoning_effort": (str,), "include_reasoning": (bool,),
    "verbosity": (str,), "modalities": (list,), "image_config": (dict,), "audio": (dict,),
    "web_search_options": (dict,), "x_search_filter": (dict,), "service_tier": (str,), "cache_control": (dict,),
    "prompt_cache_key": (str,), "prompt_cache_options": (dict,), "prediction": (dict,), "user": (str,),
    "session_id": (str,), "metadata": (dict,), "trace": (dict,), "debug": (dict,), "transforms": (list,),
}  # fmt: skip
_RANGES: dict[str, tuple[float, float]] = {
    "temperature": (0, 2), "top_p": (0, 1), "min_p": (0, 1), "top_a": (0, 1), "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2), "repetition_penalty": (0, 2), "max_tokens": (1, 10**9), "top_k": (0, 10**6),
    "max_completion_tokens": (1, 10**9), "top_logprobs": (0, 20),
}  # fmt: skip
_EFFORTS = frozenset({"max", "xhigh", "high", "medium", "low", "minimal", "none"})
_PROVIDER = frozenset(
    [
        "order",
        "allow_fallbacks",
        "only",
        "ignore",
        "require_parameters",
        "data_collection",
        "zdr",
        "enforce_distillable_text",
        "quantizations",
        "sort",
        "max_price",
        "preferred_min_throughput",
        "preferred_max_latency",
        "options",
    ]
)
_REASONING = frozenset(["effort", "max_tokens", "exclude", "enabled", "summary", "context", "mode"])
# Values that the client only hands on may hold nulls: what a server sent comes back as it was, and schemas say null.
_HANDED_ON = frozenset({"reasoning_details", "annotations", "parameters", "schema", "arguments", "refusal"})


def _nulls(value: object, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if inner is None and not (key == "content" and "tool_calls" in value):
                yield f"{path}.{key}" if path else key
            elif key not in _HANDED_ON:
                yield from _nulls(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            if inner is None:
                yield f"{path}[{index}]"
            else:
                yield from _nulls(inner, f"{path}[{index}]")


def _wrong_tools(body: dict[str, Any]) -> str:
    for index, tool in enumerate(body.get("tools", [])):
        if not isinstance(tool, dict) or not isinstance(tool.get("type"), str):
            return f"tools[{index}]: Expected an object with a type"
        if tool["type"] == "function":
            name = tool.get("function", {}).get("name")
            if not isinstance(name, str) or not _TOOL_NAME.fullmatch(name):
                return f"tools[{index}].function.name: Expected 1 to 64 of A-Z a-z 0-9 _ -"
        elif not tool["type"].startswith("openrouter:"):
            return f"tools[{index}].type: Invalid value {tool['type']!r}"
    return ""


def _wrong_options(body: dict[str, Any]) -> str:
    if extra := set(body.get("provider", {})) - _PROVIDER:
        return f"provider: Unrecognized key {sorted(extra)[0]!r}"
    reasoning = body.get("reasoning", {})
    if extra := set(reasoning) - _REASONING:
        return f"reasoning: Unrecognized key {sorted(extra)[0]!r}"
    for effort in (reasoning.get("effort"), body.get("reasoning_effort")):
        if effort is not None and effort not in _EFFORTS:
            return f"reasoning.effort: Invalid value {effort!r}"
    if "effort" in reasoning and "max_tokens" in reasoning:
        return "Only one of reasoning.effort and reasoning.max_tokens may be given"
    if isinstance(body.get("stop"), list) and len(body["stop"]) > 4:
        return "stop: At most 4 sequences"
    if len(body.get("session_id", "")) > 256:
        return "session_id: At most 256 characters"
    if len(body.get("metadata", {})) > 16:
        return "metadata: At most 16 pairs"
    if any(not isinstance(m, str) for m in body.get("models", [])):
        return "models: Expected strings"
    if len(body.get("models", [])) > 3:
        return "models: At most 3"
    if body.get("tool_choice") == "required" and not body.get("tools"):
        return "tool_choice: required without tools"
    return ""


def _wrong_value(name: str, value: Any) -> str:
    kinds = _FIELDS.get(name)
    if kinds is None:
        return f"Unrecognized key {name!r}"
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        return f"{name}: Expected {' or '.join(k.__name__ for k in kinds)}, received {type(value).__name__}"
    least, most = _RANGES.get(name, (0.0, 0.0))
    if name in _RANGES and isinstance(value, _NUMBER) and not least <= value <= most:
        return f"{name}: Expected {least} to {most}"
    return ""


def what_is_wrong(body: object) -> str:
    """Return one sentence about the first fault of a chat request, or an empty string when it is in order."""
    if not isinstance(body, dict):
        return "Expected a JSON object"
    for path in _nulls(body, ""):
        return f"{path}: Expected a value, received null"
    for name, value in body.items():
        if wrong := _wrong_value(name, value):
            return wrong
    if "messages" not in body:
        return "messages: Required"
    return _wrong_tools(body) or _wrong_options(body) or wrong_in_messages(body["messages"])
