"""The JSON shapes that the demo server sends: chunks, whole answers, usage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Wire: TypeAlias = dict[str, Any]
"""One JSON object as it is on the wire."""


def encode(value: object) -> bytes:
    """Return compact UTF-8 JSON; a lone surrogate goes out as its JSON escape."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What every chunk of one answer repeats."""

    id: str
    created: int
    """Unix seconds."""
    model: str
    provider: str

    def head(self, kind: str) -> Wire:
        """Return the fields before ``choices``; ``kind`` is the ``object`` word."""
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "provider": self.provider,
        }


def chunk(
    envelope: Envelope, delta: Mapping[str, object], finish: str | None = None, native: str | None = None
) -> Wire:
    """Return one stream chunk, with role and content in its delta as the service has them."""
    full = {"role": "assistant", "content": "", **delta}
    choice = {"index": 0, "delta": full, "finish_reason": finish, "native_finish_reason": native}
    return {**envelope.head("chat.completion.chunk"), "choices": [choice]}


def completion(
    envelope: Envelope, message: Mapping[str, object], finish: str | None, native: str | None, usage: Wire | None
) -> Wire:
    """Return a whole answer, as sent when no stream was asked for."""
    choice = {
        "index": 0,
        "finish_reason": finish,
        "native_finish_reason": native,
        "logprobs": None,
        "message": {"role": "assistant", **message},
    }
    body: Wire = {
        **envelope.head("chat.completion"),
        "system_fingerprint": None,
        "service_tier": None,
        "choices": [choice],
    }
    return body if usage is None else {**body, "usage": usage}
