"""The messages of a conversation as the wire wants them.

Endings and problems are ours and are never sent; the words of an answer that failed are. An
assistant message with nothing to say is left out, a tool call that nobody answered too: most
providers refuse both.
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

_WHOLE = frozenset({EndingKind.COMPLETE, EndingKind.TOOL_CALLS, EndingKind.LENGTH})
_MISTRAL_ID = re.compile(r"[A-Za-z0-9]{9}")
_AUDIO_FORMATS = {"mpeg": "mp3", "x-wav": "wav", "wave": "wav", "mp4": "m4a", "x-m4a": "m4a", "x-aiff": "aiff"}


def thread_to_wire(request: ChatRequest, *, with_details: bool) -> list[dict[str, Any]]:
    """Return ``messages``: the system prompt, then the thread."""
    model = normal_id(request.model)
    found: list[dict[str, Any]] = []
    if request.system:
        found.append({"role": "system", "content": request.system})
    answered = _answered(request.messages)
    for place, message in enumerate(request.messages):
        match message.role:
            case Role.SYSTEM:
                found.append({"role": "system", "content": message.text})
            case Role.USER:
                found.append({"role": "user", "content": _user_content(message.parts)})
            case Role.TOOL:
                found.extend(_results(message, model, answered))
            case Role.ASSISTANT:
                said = _assistant(message, model, answered, with_details=with_details)
                if said is not None:
                    is_prefill = place == len(request.messages) - 1
                    found.append(_trimmed(said) if is_prefill else said)
            case _:
                assert_never(message.role)
    return found


def _answered(messages: tuple[Message, ...]) -> frozenset[str]:
    """Ids of tool calls that have a result, and of results that have a call."""
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


def _assistant(message: Message, model: str, answered: frozenset[str], *, with_details: bool) -> dict[str, Any] | None:
    said: dict[str, Any] = {"role": "assistant"}
    if message.text.strip():
        said["content"] = message.text
    calls = [_call(p, model) for p in message.parts if isinstance(p, ToolCall) and p.id in answered]
    if calls:
        said["tool_calls"] = calls
    images = [_image(p) for p in message.parts if isinstance(p, Image)]
    if images:
        said["images"] = images
        said.setdefault("content", "")
    if len(said) == 1:
        return None
    details = _details(message, model) if with_details else []
    if details:
        said["reasoning_details"] = details
    return said


def _details(message: Message, model: str) -> list[dict[str, Any]]:
    """Structured thinking goes back to the model that made it, whole or not at all."""
    is_whole = message.ending is not None and message.ending.kind in _WHOLE
    if not is_whole or message.model is None or normal_id(message.model.id) != model:
        return []
    found: list[dict[str, Any]] = []
    for raw in (d for p in message.parts if isinstance(p, Reasoning) for d in p.details):
        try:
            item = untrusted.parse_json(raw)
        except ValueError:
            continue
        if isinstance(item, dict) and not _lacks_signature(item, model):
            found.append({name: value for name, value in item.items() if value is not None})
    return found


def _lacks_signature(item: dict[str, Any], model: str) -> bool:
    is_claude = model.lstrip("~").startswith("anthropic/")
    return is_claude and item.get("type") == "reasoning.text" and not item.get("signature")


def _call(call: ToolCall, model: str) -> dict[str, Any]:
    arguments = call.arguments.strip() or "{}"
    try:
        json.loads(arguments)
    except ValueError:
        arguments = "{}"  # cut at the length limit: some providers refuse the whole conversation for it
    function = {"name": call.name, "arguments": arguments}
    return {"id": _tool_id(call.id, model), "type": "function", "function": function}


def _results(message: Message, model: str, answered: frozenset[str]) -> list[dict[str, Any]]:
    return [
        {"role": "tool", "tool_call_id": _tool_id(part.call_id, model), "content": part.text}
        for part in message.parts
        if isinstance(part, ToolResult) and part.call_id in answered
    ]


def _tool_id(call_id: str, model: str) -> str:
    """Mistral accepts only nine letters and digits: others are hashed, the same way for call and result."""
    if not model.lstrip("~").startswith("mistralai/") or _MISTRAL_ID.fullmatch(call_id):
        return call_id
    return hashlib.sha256(call_id.encode("utf-8", "replace")).hexdigest()[:9]


def _trimmed(said: dict[str, Any]) -> dict[str, Any]:
    """An answer to continue: Claude refuses one that ends in white space."""
    if isinstance(said.get("content"), str):
        said["content"] = said["content"].rstrip()
    return said
