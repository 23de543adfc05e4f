"""A request that is turned down (or answered with something that is not an answer), and how it looks on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from enum import StrEnum
from typing import assert_never

from tui_router.demo_server.wire import Wire, encode

_DAY = 86_400


class Clockface(StrEnum):
    """Ways in which a moment or a wait is written."""

    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    HTTP_DATE = "http-date"
    EPOCH_MS = "epoch-ms"
    EPOCH_MS_MIDNIGHT = "epoch-ms-midnight"
    ISO_MIDNIGHT = "iso-midnight"


@dataclass(frozen=True, slots=True)
class When:
    """A moment that is only known when the answer is written: ``seconds`` from now, in some notation."""

    seconds: float
    form: Clockface = Clockface.SECONDS

    def text(self, now: float) -> str:
        """Return it as a string; ``now`` is unix seconds."""
        midnight = (int(now) // _DAY + 1) * _DAY
        match self.form:
            case Clockface.SECONDS:
                return str(int(self.seconds))
            case Clockface.MILLISECONDS:
                return str(int(self.seconds * 1000))
            case Clockface.HTTP_DATE:
                return formatdate(now + self.seconds, usegmt=True)
            case Clockface.EPOCH_MS:
                return str(int((now + self.seconds) * 1000))
            case Clockface.EPOCH_MS_MIDNIGHT:
                return str(midnight * 1000)
            case Clockface.ISO_MIDNIGHT:
                return datetime.fromtimestamp(midnight, UTC).isoformat().replace("+00:00", "Z")
        assert_never(self.form)


def _settled(value: object, now: float) -> object:
    if isinstance(value, When):
        return value.text(now)
    if isinstance(value, Mapping):
        return {k: _settled(v, now) for k, v in value.items()}
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An HTTP answer that is an error. ``code`` in the body equals ``status`` unless told otherwise."""

    status: int
    message: str = ""
    metadata: Mapping[str, object] = field(default_factory=dict)
    """Values may be ``When``."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """More fields of ``error`` (``availability`` and the like); a ``code`` here wins over the status."""
    beside: Mapping[str, object] = field(default_factory=dict)
    """Fields next to ``error``."""
    headers: Mapping[str, str | When] = field(default_factory=dict)
    page: str | None = None
    """A body that is not JSON, sent instead."""
    content_type: str = "application/json"

    def error(self, now: float) -> Wire:
        """Return the ``error`` object."""
        error: Wire = {"message": self.message, "code": self.status, **self.extra}
        if self.metadata:
            error["metadata"] = _settled(self.metadata, now)
        return error

    def body(self, now: float) -> bytes:
        """Return the bytes of the body."""
        if self.page is not None:
            return self.page.encode()
        beside = {"user_id": "user_demo"} if not self.beside else dict(self.beside)
        return encode({"error": self.error(now), **beside})

    def head(self, now: float) -> dict[str, str]:
        """Return the headers beside the usual ones."""
        return {k: v.text(now) if isinstance(v, When) else v for k, v in self.headers.items()}


def bad_request(message: str, error_type: str = "invalid_request") -> Refusal:
    """Return a 400 with a typed error."""
    return Refusal(status=400, message=message, metadata={"error_type": error_type})
