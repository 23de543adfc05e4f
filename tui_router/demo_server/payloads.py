"""JSON bodies of chat completions, stream chunks, errors and other canned responses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from enum import StrEnum
from typing import Any, TypeAlias, assert_never

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object in API format."""


def encode_json(value: object) -> bytes:
    """Return compact UTF-8 JSON; lone surrogates are written as JSON escapes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionInfo:
    """The fields that all chunks of one answer share."""

    id: str
    created: int
    """Unix seconds."""
    model: str
    provider: str

    def base_fields(self, kind: str) -> JsonObject:
        """Return the fields before ``choices``; ``kind`` is the value of ``object``."""
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "provider": self.provider,
        }


def chat_chunk(
    info: CompletionInfo, delta: Mapping[str, object], finish: str | None = None, native_finish: str | None = None
) -> JsonObject:
    """Return a stream chunk; like OpenRouter's, its delta always has role and content."""
    full = {"role": "assistant", "content": "", **delta}
    choice = {"index": 0, "delta": full, "finish_reason": finish, "native_finish_reason": native_finish}
    return {**info.base_fields("chat.completion.chunk"), "choices": [choice]}


def chat_completion(
    info: CompletionInfo,
    message: Mapping[str, object],
    finish: str | None,
    native_finish: str | None,
    usage: JsonObject | None,
) -> JsonObject:
    """Return the body of a non-streaming response."""
    choice = {
        "index": 0,
        "finish_reason": finish,
        "native_finish_reason": native_finish,
        "logprobs": None,
        "message": {"role": "assistant", **message},
    }
    body: JsonObject = {
        **info.base_fields("chat.completion"),
        "system_fingerprint": None,
        "service_tier": None,
        "choices": [choice],
    }
    return body if usage is None else {**body, "usage": usage}


_DAY = 86_400


class TimeFormat(StrEnum):
    """Notations for a time or a delay."""

    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    HTTP_DATE = "http-date"
    EPOCH_MS = "epoch-ms"
    EPOCH_MS_MIDNIGHT = "epoch-ms-midnight"
    ISO_MIDNIGHT = "iso-midnight"


@dataclass(frozen=True, slots=True)
class RelativeTime:
    """A time ``seconds`` after the response is sent, rendered in some notation."""

    seconds: float
    form: TimeFormat = TimeFormat.SECONDS

    def text(self, now: float) -> str:
        """Render the time; ``now`` is Unix seconds."""
        midnight = (int(now) // _DAY + 1) * _DAY
        match self.form:
            case TimeFormat.SECONDS:
                return str(int(self.seconds))
            case TimeFormat.MILLISECONDS:
                return str(int(self.seconds * 1000))
            case TimeFormat.HTTP_DATE:
                return formatdate(now + self.seconds, usegmt=True)
            case TimeFormat.EPOCH_MS:
                return str(int((now + self.seconds) * 1000))
            case TimeFormat.EPOCH_MS_MIDNIGHT:
                return str(midnight * 1000)
            case TimeFormat.ISO_MIDNIGHT:
                return datetime.fromtimestamp(midnight, UTC).isoformat().replace("+00:00", "Z")
        assert_never(self.form)


def _fill_in_times(value: object, now: float) -> object:
    if isinstance(value, RelativeTime):
        return value.text(now)
    if isinstance(value, Mapping):
        return {k: _fill_in_times(v, now) for k, v in value.items()}
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedResponse:
    """A response defined in advance, usually an error. The body's ``code`` is ``status`` unless ``extra`` sets it."""

    status: int
    message: str = ""
    metadata: Mapping[str, object] = field(default_factory=dict)
    """Values may be ``RelativeTime``."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """Additional fields of ``error``, such as ``availability``."""
    top_level: Mapping[str, object] = field(default_factory=dict)
    """Fields beside ``error``."""
    headers: Mapping[str, str | RelativeTime] = field(default_factory=dict)
    page: str | None = None
    """Non-JSON body to send instead."""
    content_type: str = "application/json"

    def error(self, now: float) -> JsonObject:
        """Return the ``error`` object, with times relative to ``now``."""
        error: JsonObject = {"message": self.message, "code": self.status, **self.extra}
        if self.metadata:
            error["metadata"] = _fill_in_times(self.metadata, now)
        return error

    def body(self, now: float) -> bytes:
        """Return the body as bytes."""
        if self.page is not None:
            return self.page.encode()
        top_level = {"user_id": "user_demo"} if not self.top_level else dict(self.top_level)
        return encode_json({"error": self.error(now), **top_level})

    def headers_at(self, now: float) -> dict[str, str]:
        """Return the additional headers, with times relative to ``now``."""
        return {k: v.text(now) if isinstance(v, RelativeTime) else v for k, v in self.headers.items()}


def bad_request(message: str, error_type: str = "invalid_request") -> CannedResponse:
    """Return a 400 error with an ``error_type``."""
    return CannedResponse(status=400, message=message, metadata={"error_type": error_type})
