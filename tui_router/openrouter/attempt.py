"""One attempt at a chat request: from sending it to the end of its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_router.domain.events import (
    Cancelled,
    Content,
    Ended,
    Event,
    Failed,
    Finished,
    FirstToken,
    ReasoningDelta,
    Routed,
    Started,
    TextDelta,
    UsageReport,
)
from tui_router.domain.message import EndingKind
from tui_router.domain.usage import Usage
from tui_router.openrouter import error_rules
from tui_router.openrouter.answer_parts import usage_of_error
from tui_router.openrouter.answer_reader import AnswerReader
from tui_router.openrouter.cancel import Cancel, CancellableCall, IdleDeadline, SocketHandle
from tui_router.openrouter.fetch import read_error_body
from tui_router.openrouter.network_errors import (
    classify_exception,
    empty_answer_failure,
    network_errors,
    redirect_failure,
)
from tui_router.openrouter.request_log import RequestLogger
from tui_router.openrouter.server_errors import RequestFailure, classify_response, failure_from_rule, request_id
from tui_router.openrouter.sse import SseDecoder, SseEvent, SseItem
from tui_router.openrouter.transport import ApiRequest, HttpConnection, Transport, cache_age

if TYPE_CHECKING:
    import httpx

AFTER_FINISH = 5.0
"""Seconds without data after a finish reason until the answer counts as complete."""
AFTER_DONE = 0.25
"""Seconds after ``[DONE]`` for the server to end the response, so that the connection can be reused."""
_MAX_UNPARSED = 1_000_000


class Attempt:
    """Sends a request once. ``events`` yields all events but the ending, which is in ``ending`` afterwards."""

    def __init__(
        self,
        transport: Transport,
        call: ApiRequest,
        cancel: Cancel,
        *,
        clock: Callable[[], float],
        grace: float = AFTER_FINISH,
    ) -> None:
        self.failure: RequestFailure | None = None
        """Why the attempt failed, or ``None``."""
        self.ending: Ended = Cancelled()
        self.has_content = False
        """Whether a token has arrived; such a request must not be retried."""
        self.was_paid = False
        """Whether the server reported a cost; such a request must not be retried automatically."""
        self._transport = transport
        self._call = call
        self._cancel = cancel
        self._clock = clock
        self._grace = grace
        self._started_at = clock()
        self._socket = SocketHandle()
        self._idle_deadline = IdleDeadline(self._socket.shut_down)
        self._logger = RequestLogger(clock, with_content=transport.log_content)
        self._reader = AnswerReader()

    def events(self) -> Iterator[Event]:
        """Yield events until the answer ends for any reason."""
        connection = self._transport.acquire()
        response: httpx.Response | None = None
        sending = CancellableCall(
            lambda: connection.send(self._call, self._socket, self._logger),
            lambda late_response: _discard(connection, late_response, self._socket),
        )
        try:
            with self._cancel.waking(self._socket.shut_down):
                try:
                    response = sending.run(self._cancel)
                except network_errors() as error:
                    self._end_with_exception(error, started=False)
                    return
                if response is not None:
                    yield from self._read(response)
        finally:
            if response is not None:
                response.close()
            if not sending.is_abandoned:  # otherwise the thread closes the connection
                self._socket.detach()
                self._transport.release(connection)
            self._logger.ended(self.ending, self._reader.generation_id)

    def _read(self, response: httpx.Response) -> Iterator[Event]:
        headers = {name.lower(): value for name, value in response.headers.items()}
        self._logger.responded(response.status_code, headers)
        try:
            if response.status_code >= 300:
                self._read_error(response, headers)
                if (used := self._reader.usage) is not None:
                    yield Started(request_id({"x-generation-id": headers.get("x-generation-id", "")}))
                    yield UsageReport(used)
                if self.failure is not None and self.failure.attempts:
                    yield Routed(self.failure.attempts)
                return
            generation = request_id({"x-generation-id": headers.get("x-generation-id", "")})
            self._reader = AnswerReader(generation_id=generation, headers=headers)
            yield Started(generation, cache_age=cache_age(headers))
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind in ("application/json", "text/html", "application/x-ndjson"):
                yield from self._emit(self._read_whole(response, kind, headers))
            else:
                yield from self._read_stream(response)
        except network_errors() as error:  # a lost connection, a timeout, a broken encoding
            yield from self._emit(self._reader.close())
            self._end_with_exception(error, started=True)
            return
        yield from self._emit(self._reader.close())

    def _read_error(self, response: httpx.Response, headers: dict[str, str]) -> None:
        if response.status_code < 400:
            self._end(redirect_failure(self._transport.base_url, headers.get("location", ""), response.status_code))
            return
        body = read_error_body(response)
        self._logger.received(len(body))
        self._reader.usage = usage_of_error(body)
        self._end(classify_response(response.status_code, headers, body))

    def _read_whole(self, response: httpx.Response, kind: str, headers: dict[str, str]) -> list[Event]:
        data = b"".join(response.iter_bytes())
        self._logger.received(len(data))
        body = data.decode("utf-8", "replace").removeprefix("\ufeff")
        if kind == "text/html":
            self._reader.failure = failure_from_rule(
                error_rules.UNREADABLE,
                "The server sent a web page instead of an answer",
                request_id=request_id(headers),
            )
            return []
        return self._reader.read_body(body)

    def _read_stream(self, response: httpx.Response) -> Iterator[Event]:
        decoder, reader = SseDecoder(), self._reader
        unparsed: bytearray | None = bytearray()  # kept until the first event: the body may not be a stream
        deadline = self._idle_deadline
        is_closing = False
        try:
            for chunk in response.iter_bytes():
                items = decoder.feed(chunk)
                self._logger.received(len(chunk))
                if unparsed is not None:
                    unparsed += chunk
                    unparsed = None if items or len(unparsed) > _MAX_UNPARSED else unparsed
                events = self._interpret(items)
                yield from self._emit(events)
                if reader.failure is not None:
                    return
                if reader.is_done and not is_closing:
                    is_closing = True
                    deadline.cancel()
                    deadline.extend(min(AFTER_DONE, self._grace))
                elif reader.is_finished and not is_closing:
                    has_content = any(isinstance(event, Content) for event in events)
                    if has_content or not deadline.is_active:
                        deadline.extend(self._grace)
                    else:
                        deadline.extend_for_keep_alive(self._grace)
        finally:
            deadline.cancel()
        rest = decoder.close()
        if unparsed is not None and not rest:
            yield from self._emit(reader.read_body(unparsed.decode("utf-8", "replace")))
        yield from self._emit(self._interpret(rest, may_be_truncated=True))

    def _interpret(self, items: list[SseItem], *, may_be_truncated: bool = False) -> list[Event]:
        events: list[Event] = []
        for item in items:
            if isinstance(item, SseEvent):
                events.extend(self._reader.read(item.data, may_be_truncated=may_be_truncated))
            else:
                events.extend(self._reader.comment())
        return events

    def _emit(self, events: list[Event]) -> Iterator[Event]:
        """Yield events, preceded by ``FirstToken`` where due; store an ending instead of yielding it."""
        for event in events:
            if isinstance(event, Ended):
                self._settle(event)
                continue
            if isinstance(event, Content) and not self.has_content:
                yield self._first_token()
            if isinstance(event, TextDelta | ReasoningDelta):
                self._logger.text(event.text)
            yield event
        if self._reader.has_content and not self.has_content:  # reasoning that is replayed but never shown
            yield self._first_token()

    def _first_token(self) -> FirstToken:
        self.has_content = True
        after = self._clock() - self._started_at
        self._logger.first_token(after)
        return FirstToken(after)

    def _end_with_exception(self, error: Exception, *, started: bool) -> None:
        if started and (self._reader.is_finished or self._reader.is_done):
            return  # the answer is complete: keep the reader's ending
        timeout = self._transport.timeouts.read
        failure = classify_exception(error, started=started, read_timeout=timeout, host=self._transport.host)
        self._end(failure)

    def _end(self, failure: RequestFailure) -> None:
        self._reader.failure = failure
        self._settle(Failed(failure.problem))

    def _settle(self, ending: Ended) -> None:
        """Store the ending. Check our cancellation first: a read whose socket we shut down looks like a clean end."""
        seconds = self._clock() - self._started_at
        if self._cancel.is_set and not isinstance(ending, Finished):
            ending = Cancelled()
        if isinstance(ending, Finished) and ending.reason is EndingKind.COMPLETE and not self.has_content:
            # If we stopped waiting, the answer may continue and be charged: do not send the request again.
            retries = 0 if self._idle_deadline.has_expired and not self._reader.is_done else 1
            self._reader.failure = empty_answer_failure(self._reader.generation_id, retries)
            ending = Failed(self._reader.failure.problem)
        self.failure = self._reader.failure if isinstance(ending, Failed) else None
        self.ending = replace(ending, seconds=seconds)
        used = self._reader.usage
        self.was_paid = used is not None and was_paid(used)


def was_paid(usage: Usage) -> bool:
    """Return whether an answer was charged: by its cost, or by its output tokens if no cost is known."""
    if usage.cost is None or (usage.is_byok and usage.upstream_cost is None):
        return usage.completion_tokens > 0 or (usage.cost or 0) > 0
    return usage.cost > 0 or (usage.upstream_cost or 0) > 0


def _discard(connection: HttpConnection, response: httpx.Response | None, socket: SocketHandle) -> None:
    if response is not None:
        response.close()
    socket.detach()
    connection.close()
