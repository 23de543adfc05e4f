"""Says what is wrong with the messages of a chat request: roles, content parts, tool ids."""

from __future__ import annotations

from typing import Any

_ROLES: dict[str, frozenset[str]] = {
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
_PARTS: dict[str, tuple[str, ...]] = {
    "image_url": ("url",),
    "input_audio": ("data", "format"),
    "file": (),
    "video_url": ("url",),
}
_URL_STARTS = ("https://", "http://", "data:")


def _wrong_part(part: object) -> str:
    if not isinstance(part, dict):
        return "Expected an object"
    kind = part.get("type")
    if kind == "text":
        return "" if isinstance(part.get("text"), str) and part["text"] else "text: Expected words"
    if kind not in _PARTS:
        return f"type: Invalid value {kind!r}"
    inner = part.get(kind)
    if not isinstance(inner, dict):
        return f"{kind}: Expected an object"
    for name in _PARTS[kind]:
        if not isinstance(inner.get(name), str) or not inner[name]:
            return f"{kind}.{name}: Required"
    address = inner.get("url", inner.get("file_data"))
    if address is not None and not str(address).startswith(_URL_STARTS):
        return f"{kind}: Expected an https or a data URL"
    if kind == "input_audio" and inner["data"].startswith("data:"):
        return "input_audio.data: Expected bare base64"
    return ""


def _wrong_content(message: dict[str, Any]) -> str:
    content, role = message.get("content"), message["role"]
    if isinstance(content, str):
        return "" if content or role in {"assistant", "tool"} else "content: Expected words"
    if content is None:
        return "" if role == "assistant" and message.get("tool_calls") else "content: Required"
    if not isinstance(content, list) or not content:
        return "content: Expected text or a list of parts"
    for index, part in enumerate(content):
        if wrong := _wrong_part(part):
            return f"content[{index}].{wrong}"
        if role in {"system", "developer"} and part["type"] != "text":
            return f"content[{index}].type: A {role} message takes text only"
    return ""


def _wrong_calls(calls: object) -> str:
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


def wrong_in_messages(messages: list[Any]) -> str:
    """Return the first fault, or an empty string."""
    if not messages:
        return "messages: Expected at least 1"
    open_ids: set[str] = set()
    for index, message in enumerate(messages):
        at = f"messages[{index}]"
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            role = message.get("role") if isinstance(message, dict) else message
            return f"{at}.role: Invalid value {role!r}"
        role = message["role"]
        if extra := set(message) - _ROLES[role]:
            return f"{at}: Unrecognized key {sorted(extra)[0]!r}"
        if wrong := _wrong_content(message):
            return f"{at}.{wrong}"
        if role == "tool":
            if message.get("tool_call_id") not in open_ids:
                return f"{at}.tool_call_id: No call with the id {message.get('tool_call_id')!r} is open"
            open_ids.discard(message["tool_call_id"])
        elif open_ids:
            return f"{at}: The tool call {sorted(open_ids)[0]!r} was not answered"
        if "tool_calls" in message:
            if wrong := _wrong_calls(message["tool_calls"]):
                return f"{at}.{wrong}"
            open_ids = {call["id"] for call in message["tool_calls"]}
    if open_ids:
        return f"messages: The tool call {sorted(open_ids)[0]!r} was not answered"
    if all(m["role"] in {"system", "developer"} for m in messages):
        return "messages: Expected a user message"
    return ""
