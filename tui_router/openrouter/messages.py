"""Converts the messages of a conversation to the API's ``messages``.

Endings and problems are never sent, but the text of a failed answer is. Assistant messages without content and tool
calls without a result are omitted, as most providers reject them.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, assert_never

from tui_router.domain import untrusted
from tui_router.domain.message import (
    Citation,
    EndingKind,
    File,
    Image,
    Message,
    Part,
    Reasoning,
    Role,
    Text,
    ToolCall,
    ToolResult,
)
from tui_router.domain.model import normal_id
from tui_router.domain.request import ChatRequest

_COMPLETE_ENDINGS = frozenset({EndingKind.COMPLETE, EndingKind.TOOL_CALLS, EndingKind.LENGTH})
_MISTRAL_ID = re.compile(r"[A-Za-z0-9]{9}")
_AUDIO_FORMATS = {"mpeg": "mp3", "x-wav": "wav", "wave": "wav", "mp4": "m4a", "x-m4a": "m4a", "x-aiff": "aiff"}


def messages_json(request: ChatRequest, *, with_reasoning_details: bool) -> list[dict[str, Any]]:
    """Return the API's ``messages``: the system prompt, then the thread."""
    model = normal_id(request.model)
    messages: list[dict[str, Any]] = []
    if request.system:
        messages.append({"role": "system", "content": request.system})
    answered_ids = _answered_call_ids(request.messages)
    for index, message in enumerate(request.messages):
        match message.role:
            case Role.SYSTEM:
                messages.append({"role": "system", "content": message.text})
            case Role.USER:
                messages.append({"role": "user", "content": _user_content(message.parts)})
            case Role.TOOL:
                messages.extend(_tool_results(message, model, answered_ids))
            case Role.ASSISTANT:
                message_json = _assistant(message, model, answered_ids, with_reasoning_details=with_reasoning_details)
                if message_json is not None:
                    is_prefill = index == len(request.messages) - 1
                    messages.append(_strip_prefill(message_json) if is_prefill else message_json)
            case _:
                assert_never(message.role)
    return messages


def _answered_call_ids(messages: tuple[Message, ...]) -> frozenset[str]:
    """Return the ids of tool calls that have both a call and a result."""
    calls = {p.id for m in messages if m.role is Role.ASSISTANT for p in m.parts if isinstance(p, ToolCall)}
    results = {p.call_id for m in messages if m.role is Role.TOOL for p in m.parts if isinstance(p, ToolResult)}
    return frozenset(calls & results)


def _user_content(parts: tuple[Part, ...]) -> str | list[dict[str, Any]]:
    texts: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for part in parts:
        match part:
            case Text():
                texts.append({"type": "text", "text": part.text})
            case File() if part.text or not part.data:
                texts.append({"type": "text", "text": _file_as_text(part)})
            case File():
                others.append(_file(part))
            case Image():
                others.append(_image(part))
            case Reasoning() | ToolCall() | ToolResult() | Citation():
                pass
            case _:
                assert_never(part)
    if not others:
        return "\n\n".join(t["text"] for t in texts)
    return [*texts, *others]


def _file_as_text(file: File) -> str:
    fence = "```"
    while fence in file.text:
        fence += "`"
    return f"{file.name}\n{fence}\n{file.text}\n{fence}"


def _file(file: File) -> dict[str, Any]:
    family, _, kind = file.media_type.partition("/")
    url = f"data:{file.media_type};base64,{file.data}"
    if family == "image":
        return {"type": "image_url", "image_url": {"url": url}}
    if family == "audio":
        return {"type": "input_audio", "input_audio": {"data": file.data, "format": _AUDIO_FORMATS.get(kind, kind)}}
    if family == "video":
        return {"type": "video_url", "video_url": {"url": url}}
    return {"type": "file", "file": {"filename": file.name, "file_data": url}}


def _image(image: Image) -> dict[str, Any]:
    url = f"data:{image.media_type};base64,{image.data}" if image.data else image.url
    return {"type": "image_url", "image_url": {"url": url}}


def _assistant(
    message: Message, model: str, answered_ids: frozenset[str], *, with_reasoning_details: bool
) -> dict[str, Any] | None:
    message_json: dict[str, Any] = {"role": "assistant"}
    if message.text.strip():
        message_json["content"] = message.text
    calls = [_tool_call(p, model) for p in message.parts if isinstance(p, ToolCall) and p.id in answered_ids]
    if calls:
        message_json["tool_calls"] = calls
    images = [_image(p) for p in message.parts if isinstance(p, Image)]
    if images:
        message_json["images"] = images
        message_json.setdefault("content", "")
    if len(message_json) == 1:
        return None
    details = _reasoning_details(message, model) if with_reasoning_details else []
    if details:
        message_json["reasoning_details"] = details
    return message_json


def _reasoning_details(message: Message, model: str) -> list[dict[str, Any]]:
    """Return reasoning details to replay; only to the model that produced them, and only complete ones."""
    is_whole = message.ending is not None and message.ending.kind in _COMPLETE_ENDINGS
    if not is_whole or message.model is None or normal_id(message.model.id) != model:
        return []
    messages: list[dict[str, Any]] = []
    for raw in (d for p in message.parts if isinstance(p, Reasoning) for d in p.details):
        try:
            item = untrusted.parse_json(raw)
        except ValueError:
            continue
        if isinstance(item, dict) and not _is_unsigned(item, model):
            messages.append({name: value for name, value in item.items() if value is not None})
    return messages


def _is_unsigned(item: dict[str, Any], model: str) -> bool:
    is_claude = model.lstrip("~").startswith("anthropic/")
    return is_claude and item.get("type") == "reasoning.text" and not item.get("signature")


def _tool_call(call: ToolCall, model: str) -> dict[str, Any]:
    arguments = call.arguments.strip() or "{}"
    try:
        json.loads(arguments)
    except ValueError:
        arguments = "{}"  # truncated arguments: some providers reject the whole conversation
    function = {"name": call.name, "arguments": arguments}
    return {"id": _tool_id(call.id, model), "type": "function", "function": function}


def _tool_results(message: Message, model: str, answered_ids: frozenset[str]) -> list[dict[str, Any]]:
    return [
        {"role": "tool", "tool_call_id": _tool_id(part.call_id, model), "content": part.text}
        for part in message.parts
        if isinstance(part, ToolResult) and part.call_id in answered_ids
    ]


def _tool_id(call_id: str, model: str) -> str:
    """Hash the id for Mistral, which accepts exactly nine letters and digits."""
    if not model.lstrip("~").startswith("mistralai/") or _MISTRAL_ID.fullmatch(call_id):
        return call_id
    return hashlib.sha256(call_id.encode("utf-8", "replace")).hexdigest()[:9]


def _strip_prefill(message_json: dict[str, Any]) -> dict[str, Any]:
    """Strip trailing white space of a prefill, which Claude rejects."""
    if isinstance(message_json.get("content"), str):
        message_json["content"] = message_json["content"].rstrip()
    return message_json
