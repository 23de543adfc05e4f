"""Turns the payloads of an answer into domain events. Stateful, pure, and tolerant of anything a server sends.

The reader never raises and decides nothing about retries. An answer is complete after a finish reason or ``[DONE]``;
if the data ends with neither, it was interrupted.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from tui_router.domain import untrusted
from tui_router.domain.events import (
    Cited,
    Event,
    Failed,
    Finished,
    ImageDelta,
    ReasoningDelta,
    Routed,
    Started,
    TextDelta,
    UsageReport,
    Working,
)
from tui_router.domain.message import EndingKind
from tui_router.domain.safe import Cleaner
from tui_router.domain.usage import Usage
from tui_router.openrouter import error_rules
from tui_router.openrouter.answer_parts import (
    ReasoningAssembler,
    ToolCallAssembler,
    failed_attempts,
    read_citation,
    read_image,
    read_usage,
)
from tui_router.openrouter.server_errors import RequestFailure, classify_error, error_of, failure_from_rule

_log = logging.getLogger(__name__)

DONE = "[DONE]"
_REASONS = {
    "length": EndingKind.LENGTH,
    "max_tokens": EndingKind.LENGTH,
    "tool_calls": EndingKind.TOOL_CALLS,
    "function_call": EndingKind.TOOL_CALLS,
    "content_filter": EndingKind.FILTERED,
}
_FAILED_NATIVE = frozenset({"error", "network_error"})
_FILTERED_NATIVE = frozenset({"safety", "prohibited_content", "recitation", "blocklist", "spii", "refusal"})


class AnswerReader:
    """Reads one answer, streamed or not. Call ``read`` for each payload, then ``close`` once."""

    def __init__(self, *, generation_id: str = "", headers: Mapping[str, str] | None = None) -> None:
        self.usage: Usage | None = None
        self.failure: RequestFailure | None = None
        """Why the answer failed, or ``None``."""
        self.is_finished = False
        """Whether a finish reason has arrived; usage and ``[DONE]`` may follow."""
        self.is_done = False
        """Whether the rest of the stream can be ignored."""
        self._headers = headers or {}
        self._started = Started(generation_id)
        self._reason = EndingKind.COMPLETE
        self._native = ""
        self._text, self._reasoning = Cleaner(), Cleaner()
        self._has_text = self._has_plain_reasoning = self._has_refusal = self._has_other = False
        self._calls, self._details = ToolCallAssembler(), ReasoningAssembler()
        self._cited: set[tuple[str, int, int]] = set()
        self._was_routed = False
        self._unreadable = 0
        self._readable = 0

    @property
    def generation_id(self) -> str:
        """Id of the answer; empty until known."""
        return self._started.generation_id

    @property
    def has_content(self) -> bool:
        """Whether any content has arrived; the request must not be retried after that."""
        return self._has_text or self._has_other or bool(self._calls) or bool(self._details)

    def comment(self) -> list[Event]:
        """Return the events for a keep-alive comment."""
        return [] if self.has_content else [Working()]

    def read(self, payload: str, *, may_be_truncated: bool = False) -> list[Event]:
        """Return the events of one payload. With ``may_be_truncated``, invalid JSON is not an error."""
        payload = payload.strip()
        if not payload or self.is_done:
            return []
        if payload == DONE:
            self.is_done = True
            return []
        try:
            parsed = untrusted.parse_json(payload)
        except ValueError:
            parsed = None
        if isinstance(parsed, dict):
            self._readable += 1
            return self._read_object(parsed)
        if not may_be_truncated:
            self._unreadable += 1
            # Do not log the line: it may contain text of the answer.
            _log.warning("a line of an answer could not be read: %d characters", len(payload))
        return []

    def read_body(self, body: str) -> list[Event]:
        """Return the events of a non-streamed answer: one JSON object, or one per line."""
        if not body.strip():
            self.failure = failure_from_rule(error_rules.PROVIDER, "The provider sent an empty answer", status=502)
            return []
        rows = body.split("\n")
        try:
            untrusted.parse_json(body)
        except ValueError:
            events = [event for row in rows for event in self.read(row.strip().removeprefix("data:"))]
        else:
            events = self.read(body)
        if not self._readable and not self.is_done:
            self._unreadable += 1
        return events

    def close(self) -> list[Event]:
        """Return buffered text, the assembled tool calls and reasoning, and the ending (without ``seconds``)."""
        rest: list[Event] = []
        if reasoning := self._reasoning.flush():
            rest.append(ReasoningDelta(reasoning))
        if text := self._text.flush():
            rest.append(TextDelta(text))
        had_content = self.has_content or bool(rest)
        rest.extend(self._calls.close())
        rest.extend(self._details.close())
        self._check_ending(had_content)
        if self.failure is not None:
            return [*rest, Failed(self.failure.problem)]
        return [*rest, Finished(self._ending(), native_reason=self._native)]

    def _read_object(self, chunk: Mapping[str, Any]) -> list[Event]:
        events: list[Event] = []
        error = error_of(chunk)
        self._identify(chunk, events)
        if not self._was_routed and (attempts := failed_attempts(chunk)):
            self._was_routed = True
            events.append(Routed(attempts))
        choice = next((untrusted.mapping(c) for c in untrusted.items(chunk.get("choices")) if _is_first(c)), {})
        if choice:
            self._read_delta(untrusted.mapping(choice.get("delta")) or untrusted.mapping(choice.get("message")), events)
            error = error or choice.get("error") or None
        if isinstance(chunk.get("usage"), dict):
            self.usage = read_usage(chunk["usage"])
            events.append(UsageReport(self.usage))
        if error is not None:
            self._set_failure(classify_error(error, headers=self._headers, provider=self._started.provider))
        elif choice:
            self._finish(choice)
        return events

    def _identify(self, chunk: Mapping[str, Any], events: list[Event]) -> None:
        known = self._started
        chunk_id = untrusted.line(chunk.get("id"), 128)
        if known.generation_id and not chunk_id.startswith("gen-"):
            chunk_id = known.generation_id
        named = Started(
            chunk_id or known.generation_id,
            untrusted.line(chunk.get("model")) or known.model,
            untrusted.line(chunk.get("provider"), 60) or known.provider,
        )
        if named != known:
            self._started = named
            events.append(named)

    def _read_delta(self, delta: Mapping[str, Any], events: list[Event]) -> None:
        self._read_reasoning(delta, events)
        self._add_text(_content_text(delta.get("content")), events)
        if refusal := untrusted.text(delta.get("refusal")):
            self._has_refusal = True
            self._add_text(refusal, events)
        if not delta.get("content"):
            self._add_text(untrusted.text(untrusted.mapping(delta.get("audio")).get("transcript")), events)
        for image in filter(None, map(read_image, untrusted.items(delta.get("images")))):
            self._has_other = True
            events.append(ImageDelta(image))
        events.extend(self._calls.read(f) for f in untrusted.items(delta.get("tool_calls")) if isinstance(f, dict))
        for annotation in untrusted.items(delta.get("annotations")):
            citation = read_citation(annotation)
            if citation and (key := (citation.url, citation.start, citation.end)) not in self._cited:
                self._cited.add(key)
                self._has_other = True
                events.append(Cited(citation))

    def _read_reasoning(self, delta: Mapping[str, Any], events: list[Event]) -> None:
        """Read reasoning, which arrives both as plain text (shown) and as details (kept for replay)."""
        details = [
            self._details.read(d) for d in untrusted.items(delta.get("reasoning_details")) if isinstance(d, dict)
        ]
        plain_text = untrusted.text(delta.get("reasoning")) or untrusted.text(delta.get("reasoning_content"))
        if plain_text:
            self._has_plain_reasoning = True
        reasoning = plain_text if self._has_plain_reasoning else "".join(details)
        if not reasoning:
            return
        self._has_other = True
        if shown := self._reasoning.feed(reasoning):
            events.append(ReasoningDelta(shown))

    def _add_text(self, text: str, events: list[Event]) -> None:
        if not text:
            return
        self._has_text = True
        if shown := self._text.feed(text):
            events.append(TextDelta(shown))

    def _finish(self, choice: Mapping[str, Any]) -> None:
        reason = untrusted.line(choice.get("finish_reason") or choice.get("finishReason"), 60).lower()
        if not reason:
            return
        self._native = (
            untrusted.line(choice.get("native_finish_reason") or choice.get("nativeFinishReason"), 60) or reason
        )
        native = self._native.lower()
        self.is_finished = True
        self._reason = _REASONS.get(reason, EndingKind.COMPLETE)
        if reason == "error" and native in _FILTERED_NATIVE:
            self._set_failure(
                failure_from_rule(error_rules.MODERATED, self._with_provider(f"ended with {self._native}"))
            )
        elif reason == "error" or native in _FAILED_NATIVE:
            self._set_failure(
                failure_from_rule(error_rules.PROVIDER, self._with_provider(f"ended with {self._native}"), status=502)
            )

    def _with_provider(self, text: str) -> str:
        return f"{self._started.provider or 'The provider'} {text}"

    def _set_failure(self, failure: RequestFailure) -> None:
        self.failure = self.failure or failure
        self.is_done = True

    def _check_ending(self, had_content: bool) -> None:
        """Set the failure of an answer that ended without a finish reason."""
        if self.failure is not None or self.is_finished or self.is_done:
            return
        if self._unreadable and not had_content:
            self.failure = failure_from_rule(error_rules.UNREADABLE, "The server sent something that is not an answer")
        else:
            rule = error_rules.INTERRUPTED._replace(retries=error_rules.UNLIMITED)
            self.failure = failure_from_rule(rule, "The connection was closed before the answer was complete")

    def _ending(self) -> EndingKind:
        if self._reason is EndingKind.COMPLETE and len(self._calls):
            return EndingKind.TOOL_CALLS
        if self._reason is EndingKind.COMPLETE and self._has_refusal:
            return EndingKind.FILTERED
        return self._reason


def read_payloads(payloads: Iterable[str]) -> list[Event]:
    """Return all events of a recorded answer, including its ending."""
    reader = AnswerReader()
    events = [event for payload in payloads for event in reader.read(payload)]
    return [*events, *reader.close()]


def _is_first(choice: object) -> bool:
    return not untrusted.integer(untrusted.mapping(choice).get("index"))


def _content_text(content: object) -> str:
    if isinstance(content, list):
        return "".join(untrusted.text(untrusted.mapping(part).get("text")) for part in content)
    return untrusted.text(content)
