"""The one function that makes text from outside harmless to a terminal.

Outside means anything that is not a literal of this program: answers, model names, titles, error
messages, tool output, file names, what a person pastes. It is applied where such text enters and
again where lines are built. Every rule looks at a single character, so the result does not depend
on how a stream was cut into pieces, and no run of characters can hide another.
"""

from __future__ import annotations

_CONTROL_PICTURES = 0x2400
_REPLACEMENT = 0xFFFD

_C0 = {c: _CONTROL_PICTURES + c for c in range(0x20) if c not in (0x09, 0x0A)}
_C1 = dict.fromkeys(range(0x80, 0xA0), _REPLACEMENT)
_BIDI = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), _REPLACEMENT)
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), _REPLACEMENT)
# Invisible characters that carry hidden instructions or break widths. U+200D stays: emoji need it.
_DROPPED = dict.fromkeys(
    (
        0x00AD, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x200B, 0x200C, 0xFEFF, 0x3164, 0xFFA0,
        *range(0x2060, 0x2066),
        *range(0x206A, 0x2070),
        *range(0xFFF0, 0xFFFC),
        *range(0x1BCA0, 0x1BCA4),
        *range(0x1D173, 0x1D17B),
        *range(0xE0000, 0xE1000),
    )
)  # fmt: skip
_TABLE: dict[int, int | None] = (
    _C0 | {0x7F: 0x2421} | _C1 | {0x2028: 0x0A, 0x2029: 0x0A} | _BIDI | _SURROGATES | _DROPPED
)

ESCAPE_MARK = "\u241b"
"""What a reader sees where an escape character was."""


def clean(text: str) -> str:
    """Return ``text`` with nothing in it that can drive a terminal.

    Line feeds and tabs stay, CR LF and lone CR become LF, other control characters become their
    Unicode control pictures (so an escape sequence is shown, never executed), bidirectional
    controls and lone surrogates become U+FFFD, invisible format characters are dropped.
    """
    if text.isascii() and text.isprintable():
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(_TABLE)


def clean_line(text: str, limit: int = 0) -> str:
    """Return ``text`` as one safe line: white space folded, cut to ``limit`` characters with an ellipsis."""
    line = " ".join(clean(text).split())
    if limit and len(line) > limit:
        return line[: limit - 1].rstrip() + "…"
    return line


class Cleaner:
    """``clean`` for text that arrives in pieces.

    Holds back at most one character: a CR whose LF may follow, or the first half of a surrogate
    pair whose second half may follow. ``feed`` over any split plus ``flush`` equals ``clean``.
    """

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what is safe to show of all that has arrived."""
        if self._held:
            piece = self._held + piece
            self._held = ""
        if piece and (piece[-1] == "\r" or "\ud800" <= piece[-1] <= "\udbff"):
            self._held = piece[-1]
            piece = piece[:-1]
        return clean(join_surrogates(piece))

    def flush(self) -> str:
        """Return what was held back; nothing more will arrive."""
        held, self._held = self._held, ""
        return clean(held)


def join_surrogates(text: str) -> str:
    """Join surrogate pairs that JSON escapes left as two code points; lone halves stay."""
    if text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
