"""The decoder against the WHATWG specification, for any chunking."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_router.openrouter.sse import SseComment, SseDecoder, SseEvent, SseItem


def decode(*pieces: bytes) -> list[SseItem]:
    """Everything that comes out, the end included."""
    decoder = SseDecoder()
    found = [item for piece in pieces for item in decoder.feed(piece)]
    return [*found, *decoder.close()]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"data: a\n\n", [SseEvent("a")]),
        (b"data:a\n\n", [SseEvent("a")]),
        (b"data:  a\n\n", [SseEvent(" a")]),
        (b"data: a\r\n\r\ndata: b\r\rdata: c\n\n", [SseEvent("a"), SseEvent("b"), SseEvent("c")]),
        (b"data: a\ndata: b\n\n", [SseEvent("a\nb")]),
        (b"data\n\n", [SseEvent("")]),
        (b"data:\ndata:\n\n", [SseEvent("\n")]),
        (b"\n\n\n", []),
        (b": hello\n\n", [SseComment("hello")]),
        (b":\n", [SseComment("")]),
        (b"event: error\ndata: a\n\ndata: b\n\n", [SseEvent("a", "error"), SseEvent("b")]),
        (b"event: lost\n\ndata: b\n\n", [SseEvent("b")]),
        (b"id: 1\nretry: 5\nfoo: bar\nDATA: no\ndata: a\n\n", [SseEvent("a")]),
        (b"\xef\xbb\xbfdata: a\n\n", [SseEvent("a")]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", []),
        (b"data: \xff\xfe\n\n", [SseEvent("\ufffd\ufffd")]),
        (b"data: \xe2\x82\n\n", [SseEvent("\ufffd")]),
        ("data: a\u2028b\u0085c\x0bd\n\n".encode(), [SseEvent("a\u2028b\u0085c\x0bd")]),
        (b"data: last", [SseEvent("last")]),
        (b"data: last\n", [SseEvent("last")]),
        (b"data: last\r", [SseEvent("last")]),
        (b"", []),
    ],
)
def test_bytes_are_decoded_as_specified(raw: bytes, expected: list[SseItem]) -> None:
    assert decode(raw) == expected
    assert decode(*(raw[i : i + 1] for i in range(len(raw)))) == expected


LINES = st.sampled_from(
    ["data: a", "data:😀é", "data: [DONE]", ": comment", "event: x", "", "", "\ufeffdata: b", "data", "data: {\u2028}"]
)


@settings(deadline=None)
@given(st.lists(st.tuples(LINES, st.sampled_from(["\n", "\r\n", "\r"]))), st.data())
def test_any_split_of_the_bytes_gives_the_same_events(rows: list[tuple[str, str]], data: st.DataObject) -> None:
    raw = "".join(line + end for line, end in rows).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)))))
    pieces = [raw[a:b] for a, b in itertools.pairwise([0, *cuts, len(raw)])]
    assert decode(*pieces) == decode(raw)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_accepted(raw: bytes) -> None:
    decode(raw)


def test_a_large_event_in_many_chunks_is_complete() -> None:
    piece = b"x" * 16_384
    (event,) = decode(b"data: ", *itertools.repeat(piece, 1024), b"\n\n")
    assert isinstance(event, SseEvent)
    assert len(event.data) == 16_384 * 1024
