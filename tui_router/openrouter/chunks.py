"""One payload of an answer to domain events. Stateful, pure, and it takes whatever a server sends.

The reader never raises and never decides about retries: it says what came, whether the answer
ended by itself, and otherwise why not. An end is a finish reason or ``[DONE]``; bytes that stop
with neither were cut off.
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
from tui_router.domain.message import Citation, EndingKind, Image
from tui_router.domain.safe import Cleaner, clean
from tui_router.domain.usage import Usage
from tui_router.openrouter import sentences
from tui_router.openrouter.pieces import ReasoningDetails, ToolCalls
from tui_router.openrouter.problems import Verdict, error_in, plain_verdict, verdict_of_error
from tui_router.openrouter.routing import failed_attempts

_log = logging.getLogger(__name__)

DONE = "[DONE]"
_REASONS = {
    "length": EndingKind.LENGTH,
    "max_tokens": EndingKind.LENGTH,
    "tool_calls": EndingKind.TOOL_CALLS,
    "function_call": EndingKind.TOOL_CALLS,
    "content_filter": EndingKind.FILTERED,
}
_BROKEN = frozenset({"error", "network_error"})
_FILTERED_NATIVE = frozenset({"safety", "prohibited_content", "recitation", "blocklist", "spii", "refusal"})


class AnswerReader:
    """Reads the payloads of one answer, streamed or whole. ``read`` each, then ``close`` once."""

    def __init__(self, *, generation_id: str = "", headers: Mapping[str, str] | None = None) -> None:
        self.usage: Usage | None = None
        self.verdict: Verdict | None = None
        """Why the answer failed; ``None`` while it did not."""
        self.is_finished = False
        """True once a finish reason came; usage and ``[DONE]`` may still follow."""
        self.is_done = False
        """True once nothing more is worth reading."""
        self._headers = headers or {}
        self._started = Started(generation_id)
        self._reason = EndingKind.COMPLETE
        self._native = ""
        self._text, self._thought = Cleaner(), Cleaner()
        self._has_text = self._has_plain_reasoning = self._has_refusal = self._has_other = False
        self._calls, self._details = ToolCalls(), ReasoningDetails()
        self._cited: set[tuple[str, int, int]] = set()
        self._was_routed = False
        self._unreadable = 0
        self._readable = 0

    @property
    def generation_id(self) -> str:
        """The id of the answer; empty while it is not known."""
        return self._started.generation_id

    @property
    def has_content(self) -> bool:
        """True once anything of the answer came; after that nothing may be sent again."""
        return self._has_text or self._has_other or bool(self._calls) or bool(self._details)

    def comment(self) -> list[Event]:
        """Return the events of a keep-alive."""
        return [] if self.has_content else [Working()]

    def read(self, payload: str, *, may_be_cut: bool = False) -> list[Event]:
        """Return the events of one payload. One that ``may_be_cut`` is skipped when it is no JSON."""
        payload = payload.strip()
        if not payload or self.is_done:
            return []
        if payload == DONE:
            self.is_done = True
            return []
        try:
            found = untrusted.parse_json(payload)
        except ValueError:
            found = None
        if isinstance(found, dict):
            self._readable += 1
            return self._read_object(found)
        if not may_be_cut:
            self._unreadable += 1
            # Not the line itself: it may hold words of the answer.
            _log.warning("a line of an answer could not be read: %d characters", len(payload))
        return []

    def read_body(self, body: str) -> list[Event]:
        """Return the events of an answer that is not a stream: one JSON object, or one a line."""
        if not body.strip():
            self.verdict = plain_verdict(sentences.PROVIDER, "It sent an empty answer", status=502)
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
        """Return what was held back, the merged thinking, and the ending. No clock: ``seconds`` is empty."""
        rest: list[Event] = []
        if thought := self._thought.flush():
            rest.append(ReasoningDelta(thought))
        if text := self._text.flush():
            rest.append(TextDelta(text))
        had_content = self.has_content or bool(rest)
        rest.extend(self._calls.close())
        rest.extend(self._details.close())
        self._judge(had_content)
        if self.verdict is not None:
            return [*rest, Failed(self.verdict.problem)]
        return [*rest, Finished(self._ending(), native_reason=self._native)]

    def _read_object(self, chunk: Mapping[str, Any]) -> list[Event]:
        events: list[Event] = []
        error = error_in(chunk)
        self._identify(chunk, events)
        if not self._was_routed and (attempts := failed_attempts(chunk)):
            self._was_routed = True
            events.append(Routed(attempts))
        choice = next((untrusted.mapping(c) for c in untrusted.items(chunk.get("choices")) if _is_first(c)), {})
        if choice:
            self._read_parts(untrusted.mapping(choice.get("delta")) or untrusted.mapping(choice.get("message")), events)
            error = error or choice.get("error") or None
        if isinstance(chunk.get("usage"), dict):
            self.usage = read_usage(chunk["usage"])
            events.append(UsageReport(self.usage))
        if error is not None:
            self._fail(verdict_of_error(error, headers=self._headers, provider=self._started.provider))
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

    def _read_parts(self, parts: Mapping[str, Any], events: list[Event]) -> None:
        self._think(parts, events)
        self._say(_words(parts.get("content")), events)
        if refusal := untrusted.text(parts.get("refusal")):
            self._has_refusal = True
            self._say(refusal, events)
        if not parts.get("content"):
            self._say(untrusted.text(untrusted.mapping(parts.get("audio")).get("transcript")), events)
        for image in filter(None, map(read_image, untrusted.items(parts.get("images")))):
            self._has_other = True
            events.append(ImageDelta(image))
        events.extend(self._calls.read(f) for f in untrusted.items(parts.get("tool_calls")) if isinstance(f, dict))
        for annotation in untrusted.items(parts.get("annotations")):
            citation = read_citation(annotation)
            if citation and (key := (citation.url, citation.start, citation.end)) not in self._cited:
                self._cited.add(key)
                self._has_other = True
                events.append(Cited(citation))

    def _think(self, parts: Mapping[str, Any], events: list[Event]) -> None:
        """The same thoughts come as plain text and as details: one is shown, the other kept."""
        details = [
            self._details.read(d) for d in untrusted.items(parts.get("reasoning_details")) if isinstance(d, dict)
        ]
        plain = untrusted.text(parts.get("reasoning")) or untrusted.text(parts.get("reasoning_content"))
        if plain:
            self._has_plain_reasoning = True
        thought = plain if self._has_plain_reasoning else "".join(details)
        if not thought:
            return
        self._has_other = True
        if shown := self._thought.feed(thought):
            events.append(ReasoningDelta(shown))

    def _say(self, words: str, events: list[Event]) -> None:
        if not words:
            return
        self._has_text = True
        if shown := self._text.feed(words):
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
            self._fail(plain_verdict(sentences.MODERATED, self._named(f"ended with {self._native}")))
        elif reason == "error" or native in _BROKEN:
            self._fail(plain_verdict(sentences.PROVIDER, self._named(f"ended with {self._native}"), status=502))

    def _named(self, words: str) -> str:
        return f"{self._started.provider or 'The provider'} {words}"

    def _fail(self, verdict: Verdict) -> None:
        self.verdict = self.verdict or verdict
        self.is_done = True

    def _judge(self, had_content: bool) -> None:
        """Decide how an answer ended that said nothing of it."""
        if self.verdict is not None or self.is_finished or self.is_done:
            return
        if self._unreadable and not had_content:
            self.verdict = plain_verdict(sentences.UNREADABLE, "The server sent something that is not an answer")
        else:
            row = sentences.INTERRUPTED._replace(retries=sentences.MANY)
            self.verdict = plain_verdict(row, "The connection ended before the answer did")

    def _ending(self) -> EndingKind:
        if self._reason is EndingKind.COMPLETE and len(self._calls):
            return EndingKind.TOOL_CALLS
        if self._reason is EndingKind.COMPLETE and self._has_refusal:
            return EndingKind.FILTERED
        return self._reason


def read_payloads(payloads: Iterable[str]) -> list[Event]:
    """Return all events of a whole recorded answer, its ending included."""
    reader = AnswerReader()
    events = [event for payload in payloads for event in reader.read(payload)]
    return [*events, *reader.close()]


def read_usage(usage: Mapping[str, Any]) -> Usage:
    """Return what an answer used, from a ``usage`` object."""
    prompt = untrusted.mapping(usage.get("prompt_tokens_details"))
    completion = untrusted.mapping(usage.get("completion_tokens_details"))
    tools = untrusted.mapping(usage.get("server_tool_use_details")) or untrusted.mapping(usage.get("server_tool_use"))
    return Usage(
        prompt_tokens=untrusted.count(usage.get("prompt_tokens")),
        completion_tokens=untrusted.count(usage.get("completion_tokens")),
        reasoning_tokens=untrusted.count(completion.get("reasoning_tokens")),
        cached_tokens=untrusted.count(prompt.get("cached_tokens")),
        cache_write_tokens=untrusted.count(prompt.get("cache_write_tokens")),
        web_searches=untrusted.count(tools.get("web_search_requests")),
        cost=untrusted.amount(usage.get("cost")),
        upstream_cost=untrusted.amount(untrusted.mapping(usage.get("cost_details")).get("upstream_inference_cost")),
        is_byok=usage.get("is_byok") is True,
    )


def usage_beside_error(body: bytes) -> Usage | None:
    """Return what a refused request used, where the body of the refusal tells it."""
    try:
        payload = untrusted.mapping(untrusted.parse_json(body))
    except ValueError:
        return None
    error = untrusted.mapping(payload.get("error"))
    for about in (payload, error, untrusted.mapping(error.get("metadata"))):
        if told := untrusted.mapping(about.get("usage")):
            return read_usage(told)
        if about.get("cost") is not None:
            return read_usage({"cost": about["cost"]})
    return None


def read_image(item: object) -> Image | None:
    """Return a picture of an answer: the bytes of a data URL, or a web address."""
    source = untrusted.mapping(item)
    url = untrusted.text(untrusted.mapping(source.get("image_url")).get("url")) or untrusted.text(
        source.get("image_url")
    )
    if url.startswith("data:"):
        kind, _, data = url.removeprefix("data:").partition(";base64,")
        return Image(untrusted.line(kind, 60) or "image/png", data) if data and data.isascii() else None
    return Image("image/*", url=untrusted.line(url, 4000)) if url.startswith(("https://", "http://")) else None


def read_citation(item: object) -> Citation | None:
    """Return the source that a ``url_citation`` names; ``None`` for other annotations."""
    found = untrusted.mapping(item)
    about = untrusted.mapping(found.get("url_citation")) or found
    url = untrusted.line(about.get("url"), 4000)
    if not url or found.get("type") != "url_citation":
        return None
    return Citation(
        url=url,
        title=untrusted.line(about.get("title"), 300),
        excerpt=clean(untrusted.text(about.get("content"))),
        start=untrusted.count(about.get("start_index")),
        end=untrusted.count(about.get("end_index")),
    )


def _is_first(choice: object) -> bool:
    return not untrusted.integer(untrusted.mapping(choice).get("index"))


def _words(content: object) -> str:
    if isinstance(content, list):
        return "".join(untrusted.text(untrusted.mapping(part).get("text")) for part in content)
    return untrusted.text(content)
