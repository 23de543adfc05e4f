"""Validates chat requests, more strictly than OpenRouter, so that mistakes of the client show up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_KEYS_BY_ROLE: dict[str, frozenset[str]] = {
    "system": frozenset({"role", "content", "name"}),
    "developer": frozenset({"role", "content", "name"}),
    "user": frozenset({"role", "content", "name"}),
    "assistant": frozenset(
        [
            "role",
            "content",
            "name",
            "tool_calls",
            "reasoning",
            "reasoning_content",
            "reasoning_details",
            "refusal",
            "images",
            "audio",
            "model",
            "annotations",
        ]
    ),
    "tool": frozenset({"role", "content", "tool_call_id", "name"}),
}
_REQUIRED_KEYS_BY_PART: dict[str, tuple[str, ...]] = {
    "image_url": ("url",),
    "input_audio": ("data", "format"),
    "file": (),
    "video_url": ("url",),
}
_URL_STARTS = ("https://", "http://", "data:")


def _part_error(part: object) -> str:
    if not isinstance(part, dict):
        return "Expected an object"
    kind = part.get("type")
    if kind == "text":
        return "" if isinstance(part.get("text"), str) and part["text"] else "text: Expected words"
    if kind not in _REQUIRED_KEYS_BY_PART:
        return f"type: Invalid value {kind!r}"
    inner = part.get(kind)
    if not isinstance(inner, dict):
        return f"{kind}: Expected an object"
    for name in _REQUIRED_KEYS_BY_PART[kind]:
        if not isinstance(inner.get(name), str) or not inner[name]:
            return f"{kind}.{name}: Required"
    address = inner.get("url", inner.get("file_data"))
    if address is not None and not str(address).startswith(_URL_STARTS):
        return f"{kind}: Expected an https or a data URL"
    if kind == "input_audio" and inner["data"].startswith("data:"):
        return "input_audio.data: Expected bare base64"
    return ""


def _content_error(message: dict[str, Any]) -> str:
    content, role = message.get("content"), message["role"]
    if isinstance(content, str):
        return "" if content or role in {"assistant", "tool"} else "content: Expected words"
    if content is None:
        return "" if role == "assistant" and message.get("tool_calls") else "content: Required"
    if not isinstance(content, list) or not content:
        return "content: Expected text or a list of parts"
    for index, part in enumerate(content):
        if error := _part_error(part):
            return f"content[{index}].{error}"
        if role in {"system", "developer"} and part["type"] != "text":
            return f"content[{index}].type: A {role} message takes text only"
    return ""


def _tool_calls_error(calls: object) -> str:
    if not isinstance(calls, list) or not calls:
        return "tool_calls: Expected a list with calls"
    for index, call in enumerate(calls):
        if not isinstance(call, dict) or not isinstance(call.get("id"), str) or not call["id"]:
            return f"tool_calls[{index}].id: Required"
        function = call.get("function")
        if call.get("type") != "function" or not isinstance(function, dict):
            return f"tool_calls[{index}]: Expected a function call"
        if not isinstance(function.get("name"), str) or not isinstance(function.get("arguments"), str):
            return f"tool_calls[{index}].function: Expected name and arguments as text"
    return ""


def messages_error(messages: list[Any]) -> str:
    """Return the first error in the messages, or an empty string."""
    if not messages:
        return "messages: Expected at least 1"
    open_ids: set[str] = set()
    for index, message in enumerate(messages):
        at = f"messages[{index}]"
        if not isinstance(message, dict) or message.get("role") not in _KEYS_BY_ROLE:
            role = message.get("role") if isinstance(message, dict) else message
            return f"{at}.role: Invalid value {role!r}"
        role = message["role"]
        if extra := set(message) - _KEYS_BY_ROLE[role]:
            return f"{at}: Unrecognized key {sorted(extra)[0]!r}"
        if error := _content_error(message):
            return f"{at}.{error}"
        if role == "tool":
            if message.get("tool_call_id") not in open_ids:
                return f"{at}.tool_call_id: No call with the id {message.get('tool_call_id')!r} is open"
            open_ids.discard(message["tool_call_id"])
        elif open_ids:
            return f"{at}: The tool call {sorted(open_ids)[0]!r} was not answered"
        if "tool_calls" in message:
            if error := _tool_calls_error(message["tool_calls"]):
                return f"{at}.{error}"
            open_ids = {call["id"] for call in message["tool_calls"]}
    if open_ids:
        return f"messages: The tool call {sorted(open_ids)[0]!r} was not answered"
    if all(m["role"] in {"system", "developer"} for m in messages):
        return "messages: Expected a user message"
    return ""


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
_PROVIDER_KEYS = frozenset(
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
_REASONING_KEYS = frozenset(["effort", "max_tokens", "exclude", "enabled", "summary", "context", "mode"])
# The client passes these through unchanged, so they may contain nulls: server data it returns, and JSON schemas.
_PASSED_THROUGH = frozenset({"reasoning_details", "annotations", "parameters", "schema", "arguments", "refusal"})


def _null_paths(value: object, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if inner is None and not (key == "content" and "tool_calls" in value):
                yield f"{path}.{key}" if path else key
            elif key not in _PASSED_THROUGH:
                yield from _null_paths(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            if inner is None:
                yield f"{path}[{index}]"
            else:
                yield from _null_paths(inner, f"{path}[{index}]")


def _tools_error(body: dict[str, Any]) -> str:
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


def _options_error(body: dict[str, Any]) -> str:
    if extra := set(body.get("provider", {})) - _PROVIDER_KEYS:
        return f"provider: Unrecognized key {sorted(extra)[0]!r}"
    reasoning = body.get("reasoning", {})
    if extra := set(reasoning) - _REASONING_KEYS:
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


def _field_error(name: str, value: Any) -> str:
    kinds = _FIELDS.get(name)
    if kinds is None:
        return f"Unrecognized key {name!r}"
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        return f"{name}: Expected {' or '.join(k.__name__ for k in kinds)}, received {type(value).__name__}"
    least, most = _RANGES.get(name, (0.0, 0.0))
    if name in _RANGES and isinstance(value, _NUMBER) and not least <= value <= most:
        return f"{name}: Expected {least} to {most}"
    return ""


def validation_error(body: object) -> str:
    """Return a sentence about the first error in a request body, or an empty string if it is valid."""
    if not isinstance(body, dict):
        return "Expected a JSON object"
    for path in _null_paths(body, ""):
        return f"{path}: Expected a value, received null"
    for name, value in body.items():
        if error := _field_error(name, value):
            return error
    if "messages" not in body:
        return "messages: Required"
    return _tools_error(body) or _options_error(body) or messages_error(body["messages"])
