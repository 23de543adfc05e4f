"""Parts of an answer: tool calls and reasoning assembled from fragments, usage, images, citations, routing attempts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tui_router.domain import untrusted
from tui_router.domain.events import ReasoningDetail, ToolCallDelta
from tui_router.domain.message import Citation, Image, RouteAttempt
from tui_router.domain.safe import Cleaner, clean, clean_line
from tui_router.domain.usage import Usage

_APPENDED_FIELDS = ("text", "summary", "data")


class _ToolCallState:
    """State of one tool call."""

    __slots__ = ("cleaner", "has_arguments", "id", "name", "position")

    def __init__(self, position: int) -> None:
        self.position = position
        self.id = ""
        self.name = ""
        self.has_arguments = False
        self.cleaner = Cleaner()


class ToolCallAssembler:
    """Assigns tool call fragments to calls, tolerating missing and inconsistent indices and ids."""

    def __init__(self) -> None:
        self._calls: list[_ToolCallState] = []
        self._by_index: dict[int, _ToolCallState] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def read(self, fragment: Mapping[str, Any]) -> ToolCallDelta:
        """Return the delta for one item of ``tool_calls``."""
        function = untrusted.mapping(fragment.get("function"))
        call_id = untrusted.line(fragment.get("id"), 128)
        name = clean_line(untrusted.text(function.get("name")))
        call = self._find_call(untrusted.integer(fragment.get("index")), call_id, name)
        new_id = self._assign_id(call, call_id)
        new_name = "" if call.name else name
        call.name = call.name or name
        return ToolCallDelta(call.position, new_id, new_name, self._arguments(call, function.get("arguments")))

    def close(self) -> list[ToolCallDelta]:
        """Return buffered text, and ``{}`` for calls without arguments."""
        deltas: list[ToolCallDelta] = []
        for call in self._calls:
            rest = call.cleaner.flush()
            if not call.has_arguments and not rest.strip():
                rest += "{}"
            if rest:
                deltas.append(ToolCallDelta(call.position, arguments=rest))
        return deltas

    def _find_call(self, index: int | None, call_id: str, name: str) -> _ToolCallState:
        if index is None:
            known = next((c for c in self._calls if call_id and c.id == call_id), None)
            starts = not self._calls or ((call_id or name) and known is None)
            return self._add(None) if starts else (known or self._calls[-1])
        call = self._by_index.get(index)
        # Some providers give all parallel calls index 0: a different id with a name starts another call.
        if call is None or (call_id and name and call.id not in ("", call_id)):
            return self._add(index)
        return call

    def _add(self, index: int | None) -> _ToolCallState:
        call = _ToolCallState(len(self._calls))
        self._calls.append(call)
        if index is not None:
            self._by_index[index] = call
        return call

    def _assign_id(self, call: _ToolCallState, call_id: str) -> str:
        """Assign a unique id to a call; return it only the first time."""
        if call.id:
            return ""
        taken = {c.id for c in self._calls}
        call.id = call_id if call_id and call_id not in taken else f"call_{call.position}"
        return call.id

    def _arguments(self, call: _ToolCallState, arguments: object) -> str:
        if isinstance(arguments, dict):
            arguments = json.dumps(arguments, ensure_ascii=False)
        text = call.cleaner.feed(untrusted.text(arguments))
        call.has_arguments = call.has_arguments or bool(text.strip())
        return text


class ReasoningAssembler:
    """Merges fragments of ``reasoning_details`` losslessly, as they are replayed to the same model."""

    def __init__(self) -> None:
        self._items: list[dict[str, Any]] = []

    def __len__(self) -> int:
        return len(self._items)

    def read(self, fragment: Mapping[str, Any]) -> str:
        """Add one item of ``reasoning_details``; return its readable text."""
        target = self._find_target(fragment)
        if target is None:
            self._items.append(dict(fragment))
        else:
            self._merge(target, fragment)
        return untrusted.text(fragment.get("text")) or untrusted.text(fragment.get("summary"))

    def close(self) -> list[ReasoningDetail]:
        """Return the merged items in order."""
        merged = [ReasoningDetail(json.dumps(item, separators=(",", ":"))) for item in self._items]
        self._items.clear()
        return merged

    def _find_target(self, fragment: Mapping[str, Any]) -> dict[str, Any] | None:
        if not self._items:
            return None
        kind, index = fragment.get("type"), fragment.get("index")
        if kind == "reasoning.text" and fragment.get("signature") and not fragment.get("text"):
            return next((i for i in reversed(self._items) if i.get("type") == kind and i.get("index") == index), None)
        last = self._items[-1]
        ids = {i for i in (last.get("id"), fragment.get("id")) if isinstance(i, str) and i}
        return last if last.get("type") == kind and last.get("index") == index and len(ids) < 2 else None

    def _merge(self, target: dict[str, Any], fragment: Mapping[str, Any]) -> None:
        for key, value in fragment.items():
            old = target.get(key)
            if key in _APPENDED_FIELDS and isinstance(old, str) and isinstance(value, str):
                target[key] = old + value
            elif value is not None:
                target[key] = value


def read_usage(usage: Mapping[str, Any]) -> Usage:
    """Parse a ``usage`` object."""
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


def usage_of_error(body: bytes) -> Usage | None:
    """Return the usage reported in an error body, or ``None``."""
    try:
        payload = untrusted.mapping(untrusted.parse_json(body))
    except ValueError:
        return None
    error = untrusted.mapping(payload.get("error"))
    for about in (payload, error, untrusted.mapping(error.get("metadata"))):
        if usage := untrusted.mapping(about.get("usage")):
            return read_usage(usage)
        if about.get("cost") is not None:
            return read_usage({"cost": about["cost"]})
    return None


def read_image(item: object) -> Image | None:
    """Parse an image: the data of a data URL, or a web URL."""
    source = untrusted.mapping(item)
    url = untrusted.text(untrusted.mapping(source.get("image_url")).get("url")) or untrusted.text(
        source.get("image_url")
    )
    if url.startswith("data:"):
        kind, _, data = url.removeprefix("data:").partition(";base64,")
        return Image(untrusted.line(kind, 60) or "image/png", data) if data and data.isascii() else None
    return Image("image/*", url=untrusted.line(url, 4000)) if url.startswith(("https://", "http://")) else None


def read_citation(item: object) -> Citation | None:
    """Parse a ``url_citation``; ``None`` for other annotations."""
    annotation = untrusted.mapping(item)
    citation = untrusted.mapping(annotation.get("url_citation")) or annotation
    url = untrusted.line(citation.get("url"), 4000)
    if not url or annotation.get("type") != "url_citation":
        return None
    return Citation(
        url=url,
        title=untrusted.line(citation.get("title"), 300),
        excerpt=clean(untrusted.text(citation.get("content"))),
        start=untrusted.count(citation.get("start_index")),
        end=untrusted.count(citation.get("end_index")),
    )


_MAX_ATTEMPTS = 20


def failed_attempts(payload: Mapping[str, Any]) -> tuple[RouteAttempt, ...]:
    """Return OpenRouter's failed attempts from a chunk, an answer or an error body."""
    metadata = untrusted.mapping(payload.get("openrouter_metadata"))
    rows = untrusted.items(metadata.get("attempts")) or _previous_errors(payload)
    attempts = (_attempt(untrusted.mapping(row)) for row in rows[:_MAX_ATTEMPTS])
    return tuple(attempt for attempt in attempts if attempt is not None)


def _previous_errors(payload: Mapping[str, Any]) -> list[Any]:
    metadata = untrusted.mapping(untrusted.mapping(payload.get("error")).get("metadata"))
    return list(untrusted.items(metadata.get("previous_errors")))


def _attempt(row: Mapping[str, Any]) -> RouteAttempt | None:
    status = untrusted.integer(row.get("status"))
    status = untrusted.integer(row.get("code")) if status is None else status
    attempt = RouteAttempt(
        model=untrusted.line(row.get("model")),
        provider=untrusted.line(row.get("provider"), 60) or untrusted.line(row.get("provider_name"), 60),
        status=status,
        reason=untrusted.line(row.get("message")) or untrusted.line(row.get("error_type"), 60),
    )
    is_empty = attempt == RouteAttempt()
    return None if is_empty or (status is not None and 100 <= status < 400) else attempt
