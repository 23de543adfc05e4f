"""Plays a script onto a socket: as server-sent events in HTTP chunks, at the model's pace, with the wanted faults."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable
from threading import Event as Flag
from typing import assert_never

from tui_router.demo_server.parts import (
    Bill,
    Comment,
    Cut,
    Delivery,
    Delta,
    Done,
    Event,
    Finish,
    Hang,
    Part,
    Pause,
    Played,
    Raw,
    Tempo,
    Thought,
    UsageForm,
    Word,
)
from tui_router.demo_server.wire import Envelope, Wire, chunk, encode

_HELD_BYTES = 32_768


class Broken(Exception):
    """The stream ends here without its end: a wanted cut, a client that left, or the server closing."""

    def __init__(self, *, reset: bool = False, wanted: bool = False) -> None:
        self.reset = reset
        self.wanted = wanted
        super().__init__("the stream was broken off")


class StreamWriter:
    """One answer on its way out. ``speed`` divides every wait; 0 is no waiting at all."""

    def __init__(
        self,
        send: Callable[[bytes], None],
        *,
        envelope: Envelope,
        delivery: Delivery,
        tempo: Tempo,
        speed: float,
        closing: Flag,
        is_gone: Callable[[], bool],
        bill: Callable[[Played], Wire],
    ) -> None:
        self.played = Played()
        self._send = send
        self._envelope = envelope
        self._delivery = delivery
        self._tempo = tempo
        self._speed = speed
        self._closing = closing
        self._is_gone = is_gone
        self._bill = bill
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._due = time.monotonic()
        # 31 is zlib's word for a gzip header
        self._press = zlib.compressobj(1, zlib.DEFLATED, 31) if delivery.gzip else None

    def play(self, parts: Iterable[Part]) -> None:
        """Send everything; raises ``Broken`` when the connection is to go away instead of ending."""
        if self._delivery.bom:
            self._hold(b"\xef\xbb\xbf")
        for part in parts:
            self._step(part)
        self._flush()
        if self._press is not None:
            self._put(self._press.flush())

    def _step(self, part: Part) -> None:
        match part:
            case Word(text):
                self.played.text.append(text)
                self._delta({"content": text}, said=len(text))
            case Thought(text):
                detail = {"type": "reasoning.text", "text": text, "format": "unknown", "index": 0}
                self._delta({"reasoning": text, "reasoning_details": [detail]}, thought=len(text))
            case Delta(fields, weight):
                self._delta(fields, said=weight)
            case Comment(text):
                self._line(f": {text}\n\n")
            case Pause(seconds):
                self._wait(seconds)
            case Event(fields, bare):
                base: Wire = {} if bare else self._envelope.head("chat.completion.chunk")
                self.played.failed |= "error" in fields or fields.get("type") == "error" or "error" in str(fields)
                self._event({**base, **fields})
            case Raw(text):
                self._line(text)
            case Finish(reason, native):
                self.played.finish, self.played.native = reason, native
                self.played.failed |= "error" in (reason, native)
                self._event(chunk(self._envelope, {}, reason, native))
            case Bill(form):
                self._usage(form)
            case Done():
                self._line(f"{self._delivery.data_prefix}[DONE]\n\n")
            case Cut(reset):
                self._flush()
                raise Broken(reset=reset, wanted=True)
            case Hang():
                self._flush()
                self._hang()
            case _:
                assert_never(part)

    def _delta(self, fields: object, *, said: int = 0, thought: int = 0) -> None:
        assert isinstance(fields, dict)
        event = chunk(self._envelope, fields)
        if not self._delivery.roles:
            event["choices"][0]["delta"] = fields
        self._event(event)
        self.played.said += said
        self.played.thought += thought
        self._wait((said + thought) / 4 / self._tempo.rate)

    def _usage(self, form: UsageForm) -> None:
        usage = self._bill(self.played)
        if form is UsageForm.EMPTY_CHOICES:
            event: Wire = {**self._envelope.head("chat.completion.chunk"), "choices": []}
        else:
            event = chunk(self._envelope, {}, self.played.finish, self.played.native)
        self._event({**event, "service_tier": None, "usage": usage})

    def _event(self, event: Wire) -> None:
        self._line(self._delivery.data_prefix + encode(event).decode() + "\n\n")

    def _line(self, text: str) -> None:
        newline = self._delivery.newline
        self._hold((text if newline == "\n" else text.replace("\n", newline)).encode())

    def _hold(self, data: bytes) -> None:
        self._held.append(data)
        self._held_bytes += len(data)
        if self._held_bytes > _HELD_BYTES:
            self._flush()

    def _wait(self, seconds: float) -> None:
        """Let time pass; what is held goes out first, unless it is to gather into one write."""
        if self._speed <= 0:
            return
        now = time.monotonic()
        self._due = max(self._due, now - 0.1) + seconds / self._speed
        if self._due - now < 0.002:
            return
        if len(self._held) >= self._delivery.batch:
            self._flush()
        if self._closing.wait(self._due - now):
            raise Broken

    def _flush(self) -> None:
        data, self._held, self._held_bytes = b"".join(self._held), [], 0
        if self._press is not None and data:
            data = self._press.compress(data) + self._press.flush(zlib.Z_SYNC_FLUSH)
        self._put(data)

    def _put(self, data: bytes) -> None:
        if not data:
            return
        if self._closing.is_set():
            raise Broken
        try:
            if self._delivery.single_bytes:
                for byte in data:
                    self._send(b"1\r\n%c\r\n" % byte)
            else:
                self._send(b"%x\r\n%s\r\n" % (len(data), data))
        except OSError as gone:
            raise Broken from gone

    def _hang(self) -> None:
        while not self._closing.wait(0.05):
            if self._is_gone():
                break
        raise Broken
