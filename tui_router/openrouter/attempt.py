"""One try of one question: from sending the request to the end of its answer."""

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
from tui_router.domain.problem import Kind, Problem
from tui_router.domain.safe import clean_line
from tui_router.domain.secret import redact
from tui_router.domain.usage import Usage
from tui_router.openrouter import sentences
from tui_router.openrouter.cancel import Cancel, Errand, Wire
from tui_router.openrouter.chunks import AnswerReader, usage_beside_error
from tui_router.openrouter.curfew import Curfew
from tui_router.openrouter.failures import network_errors, verdict_of_exception
from tui_router.openrouter.problems import Verdict, plain_verdict, request_id, verdict_of_response
from tui_router.openrouter.reuse import cache_age
from tui_router.openrouter.sse import SseDecoder, SseEvent, SseItem
from tui_router.openrouter.trace import Trace
from tui_router.openrouter.transport import Call, Line, Transport

if TYPE_CHECKING:
    import httpx

AFTER_FINISH = 5.0
"""Seconds of silence after a finish reason until nothing more is waited for: words, usage, ``[DONE]``."""
AFTER_DONE = 0.25
"""Seconds for the connection to become free for the next request."""
_LARGEST_ERROR = 1_000_000
_KEPT_RAW = 1_000_000


class Attempt:
    """Sends once and reads what comes. ``events`` yields all but the ending, which is in ``ending`` after it."""

    def __init__(
        self,
        transport: Transport,
        call: Call,
        cancel: Cancel,
        *,
        clock: Callable[[], float],
        grace: float = AFTER_FINISH,
    ) -> None:
        self.verdict: Verdict | None = None
        """Why it failed; ``None`` when it did not."""
        self.ending: Ended = Cancelled()
        self.has_content = False
        """True once a token came; nothing is sent again after that."""
        self.was_paid = False
        """True once the server said that it costs something; that is never sent again unasked."""
        self._transport = transport
        self._call = call
        self._cancel = cancel
        self._clock = clock
        self._grace = grace
        self._began = clock()
        self._wire = Wire()
        self._curfew = Curfew(self._wire.cut)
        self._trace = Trace(clock, with_words=transport.log_content)
        self._reader = AnswerReader()

    def events(self) -> Iterator[Event]:
        """Yield what comes until the answer ends, for whatever reason."""
        line = self._transport.borrow()
        response: httpx.Response | None = None
        errand = Errand(
            lambda: line.send(self._call, self._wire, self._trace), lambda late: _discard(line, late, self._wire)
        )
        try:
            with self._cancel.waking(self._wire.cut):
                try:
                    response = errand.run(self._cancel)
                except network_errors() as error:
                    self._end_by(error, started=False)
                    return
                if response is not None:
                    yield from self._read(response)
        finally:
            if response is not None:
                response.close()
            if not errand.is_left:  # otherwise it closes the line when it comes back
                self._wire.release()
                self._transport.give_back(line)
            self._trace.ended(self.ending, self._reader.generation_id)

    def _read(self, response: httpx.Response) -> Iterator[Event]:
        headers = {name.lower(): value for name, value in response.headers.items()}
        self._trace.answered(response.status_code, headers)
        try:
            if response.status_code >= 300:
                self._refused(response, headers)
                if (used := self._reader.usage) is not None:
                    yield Started(request_id({"x-generation-id": headers.get("x-generation-id", "")}))
                    yield UsageReport(used)
                if self.verdict is not None and self.verdict.attempts:
                    yield Routed(self.verdict.attempts)
                return
            generation = request_id({"x-generation-id": headers.get("x-generation-id", "")})
            self._reader = AnswerReader(generation_id=generation, headers=headers)
            yield Started(generation, cache_age=cache_age(headers))
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind in ("application/json", "text/html", "application/x-ndjson"):
                yield from self._pass_on(self._read_whole(response, kind, headers))
            else:
                yield from self._read_stream(response)
        except network_errors() as error:  # a cut connection, a timeout, a broken encoding
            yield from self._pass_on(self._reader.close())
            self._end_by(error, started=True)
            return
        yield from self._pass_on(self._reader.close())

    def _refused(self, response: httpx.Response, headers: dict[str, str]) -> None:
        if response.status_code < 400:
            self._end(redirected(self._transport.base_url, headers.get("location", ""), response.status_code))
            return
        body = read_some(response)
        self._trace.received(len(body))
        self._reader.usage = usage_beside_error(body)
        self._end(verdict_of_response(response.status_code, headers, body))

    def _read_whole(self, response: httpx.Response, kind: str, headers: dict[str, str]) -> list[Event]:
        data = b"".join(response.iter_bytes())
        self._trace.received(len(data))
        body = data.decode("utf-8", "replace").removeprefix("\ufeff")
        if kind == "text/html":
            self._reader.verdict = plain_verdict(
                sentences.UNREADABLE, "A web page came instead of an answer", request_id=request_id(headers)
            )
            return []
        return self._reader.read_body(body)

    def _read_stream(self, response: httpx.Response) -> Iterator[Event]:
        decoder, reader = SseDecoder(), self._reader
        raw: bytearray | None = bytearray()  # kept until the first event, for bodies that are no stream at all
        curfew = self._curfew
        is_closing = False
        try:
            for chunk in response.iter_bytes():
                found = decoder.feed(chunk)
                self._trace.received(len(chunk))
                if raw is not None:
                    raw += chunk
                    raw = None if found or len(raw) > _KEPT_RAW else raw
                events = self._interpret(found)
                yield from self._pass_on(events)
                if reader.verdict is not None:
                    return
                if reader.is_done and not is_closing:
                    is_closing = True
                    curfew.lift()
                    curfew.set(min(AFTER_DONE, self._grace))
                elif reader.is_finished and not is_closing:
                    is_word = any(isinstance(event, Content) for event in events)
                    (curfew.set if is_word or not curfew.is_set else curfew.put_off)(self._grace)
        finally:
            curfew.lift()
        rest = decoder.close()
        if raw is not None and not rest:
            yield from self._pass_on(reader.read_body(raw.decode("utf-8", "replace")))
        yield from self._pass_on(self._interpret(rest, may_be_cut=True))

    def _interpret(self, found: list[SseItem], *, may_be_cut: bool = False) -> list[Event]:
        events: list[Event] = []
        for item in found:
            if isinstance(item, SseEvent):
                events.extend(self._reader.read(item.data, may_be_cut=may_be_cut))
            else:
                events.extend(self._reader.comment())
        return events

    def _pass_on(self, events: list[Event]) -> Iterator[Event]:
        """Yield events, the time of the first token before it; an ending is kept, not yielded."""
        for event in events:
            if isinstance(event, Ended):
                self._settle(event)
                continue
            if isinstance(event, Content) and not self.has_content:
                yield self._first_token()
            if isinstance(event, TextDelta | ReasoningDelta):
                self._trace.words(event.text)
            yield event
        if self._reader.has_content and not self.has_content:  # thinking that is sent back, but never shown
            yield self._first_token()

    def _first_token(self) -> FirstToken:
        self.has_content = True
        after = self._clock() - self._began
        self._trace.token(after)
        return FirstToken(after)

    def _end_by(self, error: Exception, *, started: bool) -> None:
        if started and (self._reader.is_finished or self._reader.is_done):
            return  # all that mattered had come: the ending of the reader stands
        timeout = self._transport.timeouts.read
        verdict = verdict_of_exception(error, started=started, read_timeout=timeout, host=self._transport.host)
        self._end(verdict)

    def _end(self, verdict: Verdict) -> None:
        self._reader.verdict = verdict
        self._settle(Failed(verdict.problem))

    def _settle(self, ending: Ended) -> None:
        """Keep the ending. Our own flag is asked first: a read that we cut looks like a clean end."""
        seconds = self._clock() - self._began
        if self._cancel.is_set and not isinstance(ending, Finished):
            ending = Cancelled()
        if isinstance(ending, Finished) and ending.reason is EndingKind.COMPLETE and not self.has_content:
            # One that we stopped waiting for may go on, and be charged: it is not sent twice.
            retries = 0 if self._curfew.has_rung and not self._reader.is_done else 1
            self._reader.verdict = empty_verdict(self._reader.generation_id, retries)
            ending = Failed(self._reader.verdict.problem)
        self.verdict = self._reader.verdict if isinstance(ending, Failed) else None
        self.ending = replace(ending, seconds=seconds)
        used = self._reader.usage
        self.was_paid = used is not None and was_paid(used)


def was_paid(usage: Usage) -> bool:
    """Say whether this cost something: by its cost, or by the tokens that were made where no cost was told."""
    if usage.cost is None or (usage.is_byok and usage.upstream_cost is None):
        return usage.completion_tokens > 0 or (usage.cost or 0) > 0
    return usage.cost > 0 or (usage.upstream_cost or 0) > 0


def empty_verdict(generation_id: str, retries: int = 1) -> Verdict:
    """Return the verdict of an answer without a word: a cold start, worth one more try unless it was paid for."""
    row = sentences.PROVIDER._replace(retries=retries)
    return plain_verdict(row, "It sent an empty answer", request_id=generation_id)


def redirected(base_url: str, target: str, status: int) -> Verdict:
    """Return the verdict of a redirect: it names the target, and nothing goes there."""
    shown = clean_line(redact(target), 200) or "another place"
    problem = Problem(
        kind=Kind.SETTINGS,
        title="The address leads elsewhere",
        detail=f"{base_url} answered {status} and points to {shown}; it was not followed",
        hint="If that is the right place, set it as the base URL",
        status=status,
    )
    return Verdict(problem=problem)


def read_some(response: httpx.Response) -> bytes:
    """Return the body of an error, as much of it as could be worth reading. Never raises for a broken one."""
    import httpx  # already loaded: somebody made the response

    found = bytearray()
    try:
        for chunk in response.iter_bytes():
            found += chunk
            if len(found) > _LARGEST_ERROR:
                break
    except httpx.HTTPError:
        pass  # the status is known, and that is what counts
    return bytes(found)


def _discard(line: Line, late: httpx.Response | None, wire: Wire) -> None:
    if late is not None:
        late.close()
    wire.release()
    line.close()
