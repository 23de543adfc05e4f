"""Incremental decoder of server-sent events, following the WHATWG specification.

We do not use ``httpx-sse``, which loses the first event after a byte order mark and drops comments, the only sign of
life while a provider is processing. Lines end at CR LF, LF or CR only (U+2028 is text), bytes are UTF-8 regardless of
headers, and invalid bytes become U+FFFD. Decoding time is linear in the number of bytes, for any chunking.

``id`` and ``retry`` fields are ignored, as chat answers cannot be resumed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class SseEvent:
    """An event."""

    data: str
    name: str = ""
    """The ``event`` field; empty if absent."""


@dataclass(frozen=True, slots=True)
class SseComment:
    """A comment line, used as a keep-alive."""

    text: str


SseItem = SseEvent | SseComment


class SseDecoder:
    """Decodes bytes to events and comments. Call ``feed`` for each chunk, then ``close`` once."""

    __slots__ = ("_after_cr", "_at_start", "_data", "_name", "_partial")

    def __init__(self) -> None:
        self._partial: list[bytes] = []
        self._data: list[str] = []
        self._name = ""
        self._after_cr = False
        self._at_start = True

    def feed(self, chunk: bytes) -> list[SseItem]:
        """Return the items completed by these bytes."""
        items: list[SseItem] = []
        start = 0
        if self._after_cr and chunk:
            start = 1 if chunk.startswith(b"\n") else 0
            self._after_cr = False
        for end in _LINE_END.finditer(chunk, start):
            self._partial.append(chunk[start : end.start()])
            start = end.end()
            self._end_line(items)
        if start < len(chunk):
            self._partial.append(chunk[start:])
        elif chunk.endswith(b"\r"):
            self._after_cr = True
        return items

    def close(self) -> list[SseItem]:
        """Return the unterminated event at the end of the stream, if any.

        The specification discards it, but it may hold content, and ``[DONE]`` often lacks its empty line. It may be
        truncated, which callers must handle.
        """
        items: list[SseItem] = []
        if self._partial:
            self._end_line(items)
        self._dispatch(items)
        return items

    def _end_line(self, items: list[SseItem]) -> None:
        raw = b"".join(self._partial)
        self._partial.clear()
        if self._at_start:
            self._at_start = False
            raw = raw.removeprefix(_BOM)
        if not raw:
            self._dispatch(items)
            return
        line = raw.decode("utf-8", "replace")
        if line[0] == ":":
            items.append(SseComment(line[1:].removeprefix(" ")))
            return
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value

    def _dispatch(self, items: list[SseItem]) -> None:
        if self._data:
            items.append(SseEvent("\n".join(self._data), self._name))
        self._data.clear()
        self._name = ""
