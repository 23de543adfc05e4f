"""Parts of an answer that arrive in fragments and must be put together: tool calls and structured thinking."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tui_router.domain import untrusted
from tui_router.domain.events import ReasoningDetail, ToolCallDelta
from tui_router.domain.safe import Cleaner, clean_line

_GROWING = ("text", "summary", "data")


class _Call:
    """What is known of one tool call."""

    __slots__ = ("cleaner", "id", "name", "place", "written")

    def __init__(self, place: int) -> None:
        self.place = place
        self.id = ""
        self.name = ""
        self.written = False
        self.cleaner = Cleaner()


class ToolCalls:
    """Gives fragments of tool calls their place, whatever indices and ids a provider sends."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def read(self, fragment: Mapping[str, Any]) -> ToolCallDelta:
        """Return the delta of one item of ``tool_calls``."""
        function = untrusted.mapping(fragment.get("function"))
        call_id = untrusted.line(fragment.get("id"), 128)
        name = clean_line(untrusted.text(function.get("name")))
        call = self._find(untrusted.integer(fragment.get("index")), call_id, name)
        new_id = self._name(call, call_id)
        new_name = "" if call.name else name
        call.name = call.name or name
        return ToolCallDelta(call.place, new_id, new_name, self._arguments(call, function.get("arguments")))

    def close(self) -> list[ToolCallDelta]:
        """Return what was held back, and ``{}`` for calls without arguments."""
        found: list[ToolCallDelta] = []
        for call in self._calls:
            rest = call.cleaner.flush()
            if not call.written and not rest.strip():
                rest += "{}"
            if rest:
                found.append(ToolCallDelta(call.place, arguments=rest))
        return found

    def _find(self, index: int | None, call_id: str, name: str) -> _Call:
        if index is None:
            known = next((c for c in self._calls if call_id and c.id == call_id), None)
            starts = not self._calls or ((call_id or name) and known is None)
            return self._add(None) if starts else (known or self._calls[-1])
        call = self._by_index.get(index)
        # Some providers number parallel calls all 0: another id with a name is another call.
        if call is None or (call_id and name and call.id not in ("", call_id)):
            return self._add(index)
        return call

    def _add(self, index: int | None) -> _Call:
        call = _Call(len(self._calls))
        self._calls.append(call)
        if index is not None:
            self._by_index[index] = call
        return call

    def _name(self, call: _Call, call_id: str) -> str:
        """The id to report with this fragment: each call gets one, once, and no two share it."""
        if call.id:
            return ""
        taken = {c.id for c in self._calls}
        call.id = call_id if call_id and call_id not in taken else f"call_{call.place}"
        return call.id

    def _arguments(self, call: _Call, arguments: object) -> str:
        if isinstance(arguments, dict):
            arguments = json.dumps(arguments, ensure_ascii=False)
        piece = call.cleaner.feed(untrusted.text(arguments))
        call.written = call.written or bool(piece.strip())
        return piece


class ReasoningDetails:
    """Merges the fragments of structured thinking; kept exactly, for they go back to the same model."""

    def __init__(self) -> None:
        self._items: list[dict[str, Any]] = []

    def __len__(self) -> int:
        return len(self._items)

    def read(self, fragment: Mapping[str, Any]) -> str:
        """Take one item of ``reasoning_details``; returns the words in it that a person can read."""
        target = self._same(fragment)
        if target is None:
            self._items.append(dict(fragment))
        else:
            self._merge(target, fragment)
        return untrusted.text(fragment.get("text")) or untrusted.text(fragment.get("summary"))

    def close(self) -> list[ReasoningDetail]:
        """Return the merged items, in order."""
        merged = [ReasoningDetail(json.dumps(item, separators=(",", ":"))) for item in self._items]
        self._items.clear()
        return merged

    def _same(self, fragment: Mapping[str, Any]) -> dict[str, Any] | None:
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
            if key in _GROWING and isinstance(old, str) and isinstance(value, str):
                target[key] = old + value
            elif value is not None:
                target[key] = value
