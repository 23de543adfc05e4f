"""Response types, and the writer that sends an event stream with the configured pace and faults."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Event as Flag
from typing import TypeAlias, assert_never

from tui_router.demo_server.payloads import CompletionInfo, JsonObject, chat_chunk, encode_json
from tui_router.demo_server.script import (
    Disconnect,
    Framing,
    ModelSpeed,
    Pause,
    SendChunk,
    SendComment,
    SendDelta,
    SendDone,
    SendFinish,
    SendRaw,
    SendReasoning,
    SendText,
    SendUsage,
    Stall,
    StreamProgress,
    StreamStep,
    UsageStyle,
)

_BUFFER_BYTES = 32_768


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """A complete response. With ``cut_at``, the connection is closed after that many body bytes."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStream:
    """A response sent as server-sent events."""

    steps: list[StreamStep]
    info: CompletionInfo
    framing: Framing
    model_speed: ModelSpeed
    make_usage: Callable[[StreamProgress], JsonObject]
    """Builds the ``usage`` object from the progress so far."""
    settle: Callable[[StreamProgress], None]
    """Called exactly once, however the stream ends."""


@dataclass(frozen=True, slots=True)
class NoResponse:
    """No response: close the connection immediately, or keep it open and send nothing."""

    hang: bool


Response: TypeAlias = HttpResponse | EventStream | NoResponse


class StreamAborted(Exception):
    """Raised when a stream ends early: an intended disconnect, a client that left, or server shutdown."""

    def __init__(self, *, reset: bool = False, intended: bool = False) -> None:
        self.reset = reset
        self.intended = intended
        super().__init__("the stream was aborted")


class EventStreamWriter:
    """Writes one event stream. ``speed`` divides every delay; 0 disables delays."""

    def __init__(
        self,
        send: Callable[[bytes], None],
        *,
        info: CompletionInfo,
        framing: Framing,
        model_speed: ModelSpeed,
        speed: float,
        closing: Flag,
        client_is_gone: Callable[[], bool],
        make_usage: Callable[[StreamProgress], JsonObject],
    ) -> None:
        self.progress = StreamProgress()
        self._send = send
        self._info = info
        self._framing = framing
        self._model_speed = model_speed
        self._speed = speed
        self._closing = closing
        self._client_is_gone = client_is_gone
        self._make_usage = make_usage
        self._buffered: list[bytes] = []
        self._buffered_bytes = 0
        self._due = time.monotonic()
        # wbits=31 selects the gzip container
        self._compressor = zlib.compressobj(1, zlib.DEFLATED, 31) if framing.gzip else None

    def play(self, steps: Iterable[StreamStep]) -> None:
        """Send all steps. Raises ``StreamAborted`` if the connection must be closed before the stream ends."""
        if self._framing.byte_order_mark:
            self._buffer(b"\xef\xbb\xbf")
        for step in steps:
            self._play_step(step)
        self._flush()
        if self._compressor is not None:
            self._write(self._compressor.flush())

    def _play_step(self, step: StreamStep) -> None:
        match step:
            case SendText(text):
                self.progress.text.append(text)
                self._delta({"content": text}, text_chars=len(text))
            case SendReasoning(text):
                detail = {"type": "reasoning.text", "text": text, "format": "unknown", "index": 0}
                self._delta({"reasoning": text, "reasoning_details": [detail]}, reasoning_chars=len(text))
            case SendDelta(fields, weight):
                self._delta(fields, text_chars=weight)
            case SendComment(text):
                self._line(f": {text}\n\n")
            case Pause(seconds):
                self._wait(seconds)
            case SendChunk(fields, bare):
                base: JsonObject = {} if bare else self._info.base_fields("chat.completion.chunk")
                self.progress.failed |= "error" in fields or fields.get("type") == "error" or "error" in str(fields)
                self._event({**base, **fields})
            case SendRaw(text):
                self._line(text)
            case SendFinish(reason, native_finish):
                self.progress.finish, self.progress.native_finish = reason, native_finish
                self.progress.failed |= "error" in (reason, native_finish)
                self._event(chat_chunk(self._info, {}, reason, native_finish))
            case SendUsage(style):
                self._usage(style)
            case SendDone():
                self._line(f"{self._framing.data_prefix}[DONE]\n\n")
            case Disconnect(reset):
                self._flush()
                raise StreamAborted(reset=reset, intended=True)
            case Stall():
                self._flush()
                self._stall()
            case _:
                assert_never(step)

    def _delta(self, fields: object, *, text_chars: int = 0, reasoning_chars: int = 0) -> None:
        assert isinstance(fields, dict)
        event = chat_chunk(self._info, fields)
        if not self._framing.with_roles:
            event["choices"][0]["delta"] = fields
        self._event(event)
        self.progress.text_chars += text_chars
        self.progress.reasoning_chars += reasoning_chars
        self._wait((text_chars + reasoning_chars) / 4 / self._model_speed.rate)

    def _usage(self, style: UsageStyle) -> None:
        usage = self._make_usage(self.progress)
        if style is UsageStyle.EMPTY_CHOICES:
            event: JsonObject = {**self._info.base_fields("chat.completion.chunk"), "choices": []}
        else:
            event = chat_chunk(self._info, {}, self.progress.finish, self.progress.native_finish)
        self._event({**event, "service_tier": None, "usage": usage})

    def _event(self, event: JsonObject) -> None:
        self._line(self._framing.data_prefix + encode_json(event).decode() + "\n\n")

    def _line(self, text: str) -> None:
        newline = self._framing.newline
        self._buffer((text if newline == "\n" else text.replace("\n", newline)).encode())

    def _buffer(self, data: bytes) -> None:
        self._buffered.append(data)
        self._buffered_bytes += len(data)
        if self._buffered_bytes > _BUFFER_BYTES:
            self._flush()

    def _wait(self, seconds: float) -> None:
        """Sleep; flush the buffer first, unless events are still being batched into one write."""
        if self._speed <= 0:
            return
        now = time.monotonic()
        self._due = max(self._due, now - 0.1) + seconds / self._speed
        if self._due - now < 0.002:
            return
        if len(self._buffered) >= self._framing.batch:
            self._flush()
        if self._closing.wait(self._due - now):
            raise StreamAborted

    def _flush(self) -> None:
        data, self._buffered, self._buffered_bytes = b"".join(self._buffered), [], 0
        if self._compressor is not None and data:
            data = self._compressor.compress(data) + self._compressor.flush(zlib.Z_SYNC_FLUSH)
        self._write(data)

    def _write(self, data: bytes) -> None:
        if not data:
            return
        if self._closing.is_set():
            raise StreamAborted
        try:
            if self._framing.byte_by_byte:
                for byte in data:
                    self._send(b"1\r\n%c\r\n" % byte)
            else:
                self._send(b"%x\r\n%s\r\n" % (len(data), data))
        except OSError as gone:
            raise StreamAborted from gone

    def _stall(self) -> None:
        while not self._closing.wait(0.05):
            if self._client_is_gone():
                break
        raise StreamAborted
