"""Vim keys as a pure state machine: takes a key, the text and the cursor; returns an edit and the new cursor.

Normal, insert and visual mode (by character and by line), counts, ``d`` ``c`` ``y`` with motions and text
objects, ``f`` ``t`` with ``;`` ``,``, ``p``, ``r``, ``~``, ``J``, ``u``, ``Ctrl+R`` and ``.`` without typed text.
In insert mode the text area handles every key except Escape.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from tui_router.ui.prompt.vim_motions import (
    INCLUSIVE,
    MOVES,
    TextRange,
    clamp_normal,
    find_char,
    first_word,
    line_end,
    line_start,
    text_object,
    vertical,
)


class Mode(StrEnum):
    """Vim's modes."""

    INSERT = "insert"
    NORMAL = "normal"
    VISUAL = "visual"
    VISUAL_LINE = "visual line"


class NoMotion(StrEnum):
    """Why a motion does not move the cursor."""

    INCOMPLETE = "more keys are needed"
    BLOCKED = "it cannot move there"
    NOT_A_MOTION = "it is no motion"


class PromptAction(StrEnum):
    """An action that the prompt carries out for Vim."""

    UNDO = "undo"
    REDO = "redo"
    OLDER = "older"
    NEWER = "newer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The effect of a key: replace ``start:end`` with ``insert`` (unless ``None``), then move the cursor."""

    cursor: int
    anchor: int | None = None
    """In visual mode the fixed end of the selection; ``cursor`` is the moving end. Both are inclusive."""
    start: int = 0
    end: int = 0
    insert: str | None = None
    action: PromptAction | None = None


_EDITS = frozenset("xXDCSsJ~pPrdc")


class Vim:
    """The state between keys: mode, pending keys, register. Starts in insert mode."""

    def __init__(self) -> None:
        self.mode = Mode.INSERT
        self.register = ""
        self._register_linewise = False
        self._anchor = 0
        self._typed = ""
        self._find = ("", "")
        self._last_change = ""

    @property
    def pending(self) -> str:
        """The keys of an incomplete command."""
        return self._typed

    @property
    def is_commanding(self) -> bool:
        """Whether letters are commands rather than text."""
        return self.mode is not Mode.INSERT

    @property
    def is_busy(self) -> bool:
        """Whether Escape has an effect."""
        return self.mode is not Mode.NORMAL or bool(self._typed)

    def escape(self, text: str, cursor: int) -> Step:
        """Return to normal mode and drop an incomplete command."""
        was_insert = self.mode is Mode.INSERT
        self.mode, self._typed = Mode.NORMAL, ""
        step_back = cursor - 1 if was_insert and cursor > line_start(text, cursor) else cursor
        return Step(cursor=clamp_normal(text, step_back))

    def press(self, key: str, text: str, cursor: int) -> Step:
        """Handle a key in normal or visual mode: a printable character or ``ctrl+r``."""
        if key == "ctrl+r":
            return Step(cursor=cursor, action=PromptAction.REDO)
        self._typed += key
        step = self._run(self._typed, text, cursor)
        if step is None:
            return self._keep(cursor)
        typed, self._typed = self._typed, ""
        if step.insert is not None and typed.lstrip("0123456789") != "." and self.mode in (Mode.NORMAL, Mode.INSERT):
            self._last_change = typed
        if self.mode is Mode.NORMAL and step.insert is None:
            return replace(step, cursor=clamp_normal(text, step.cursor))
        return step

    def _keep(self, cursor: int) -> Step:
        visual = self.mode in (Mode.VISUAL, Mode.VISUAL_LINE)
        return Step(cursor=cursor, anchor=self._anchor if visual else None)

    def _run(self, typed: str, text: str, cursor: int) -> Step | None:
        """Run the typed keys; ``None`` if more keys are needed."""
        count_text = typed[: len(typed) - len(typed.lstrip("0123456789"))] if typed[0] in "123456789" else ""
        rest = typed[len(count_text) :]
        if not rest:
            return None
        count = min(int(count_text or 1), 9999)
        if self.mode in (Mode.VISUAL, Mode.VISUAL_LINE):
            return self._visual(rest, count, text, cursor)
        if rest == ".":
            return self._run(self._last_change, text, cursor) if self._last_change else Step(cursor=cursor)
        if rest[0] in "dcy":
            return self._operate(rest[0], rest[1:], count, text, cursor)
        if rest[0] == "r":
            return self._replace(rest, count, text, cursor)
        moved = self._motion(rest, count, text, cursor)
        if moved is NoMotion.INCOMPLETE:
            return None
        if moved is NoMotion.NOT_A_MOTION:
            return self._command(rest, count, text, cursor)
        if isinstance(moved, TextRange):
            return Step(cursor=moved.end)
        return Step(cursor=cursor, action={"j": PromptAction.NEWER, "k": PromptAction.OLDER}.get(rest))

    def _motion(self, keys: str, count: int, text: str, cursor: int) -> TextRange | NoMotion:
        """Return the range from the cursor to the target of a motion."""
        key = keys[0]
        if key in "fFtT":
            if len(keys) < 2:
                return NoMotion.INCOMPLETE
            self._find = (key, keys[1])
            return self._find_times(key, keys[1], count, text, cursor)
        if key in ";,":
            command, c = self._find
            if not command:
                return NoMotion.BLOCKED
            return self._find_times(command if key == ";" else command.swapcase(), c, count, text, cursor)
        if key == "g":
            if len(keys) < 2:
                return NoMotion.INCOMPLETE
            return TextRange(cursor, first_word(text, 0), True) if keys[1] == "g" else NoMotion.BLOCKED
        if key == "G":
            return TextRange(cursor, first_word(text, line_start(text, len(text))), True)
        if key in "jk":
            there = vertical(text, cursor, count if key == "j" else -count)
            return NoMotion.BLOCKED if there is None else TextRange(cursor, there, True)
        move = MOVES.get(key)
        if move is None:
            return NoMotion.NOT_A_MOTION
        there = cursor
        for _ in range(count):
            there = move(text, there)
        return TextRange(cursor, there)

    def _find_times(self, command: str, c: str, count: int, text: str, cursor: int) -> TextRange | NoMotion:
        there = cursor
        for _ in range(count):
            hit = find_char(text, there, command, c)
            if hit is None:
                return NoMotion.BLOCKED
            there = hit
        return TextRange(cursor, there)

    def _operate(self, operator: str, keys: str, count: int, text: str, cursor: int) -> Step | None:
        digits = keys[: len(keys) - len(keys.lstrip("0123456789"))] if keys[:1] in set("123456789") else ""
        keys, count = keys[len(digits) :], count * min(int(digits or 1), 9999)
        if not keys:
            return None
        if keys == operator:
            last = vertical(text, cursor, count - 1)
            return self._apply(operator, TextRange(cursor, len(text) if last is None else last, True), text, cursor)
        if keys[0] in "ia":
            if len(keys) < 2:
                return None
            found = text_object(text, cursor, keys[0] == "a", keys[1])
            return self._apply(operator, found, text, cursor) if found else Step(cursor=cursor)
        # As in Vim: cw changes to the end of the word, not the blank behind it.
        if operator == "c" and keys in ("w", "W") and not text[cursor : cursor + 1].isspace():
            keys = "e" if keys == "w" else "E"
        moved = self._motion(keys, count, text, cursor)
        if moved is NoMotion.INCOMPLETE:
            return None
        if not isinstance(moved, TextRange):
            return Step(cursor=cursor)
        start, end = sorted((moved.start, moved.end))
        forward_find = (keys[0] in "ft") or (keys[0] in ";,")
        if keys[0] in INCLUSIVE or (forward_find and moved.end > moved.start):
            end = min(end + 1, len(text))
        if keys[0] in "wW" and "\n" in text[start:end]:
            end = line_end(text, start)
        return self._apply(operator, TextRange(start, end, moved.linewise), text, cursor)

    def _apply(self, operator: str, span: TextRange, text: str, cursor: int) -> Step:
        start, end = span.start, span.end
        if span.linewise:
            start, end = line_start(text, min(start, end)), line_end(text, max(start, end))
        self.register, self._register_linewise = text[start:end], span.linewise
        if operator == "y":
            self.mode = Mode.NORMAL
            return Step(cursor=clamp_normal(text, cursor if span.linewise else start))
        if operator == "c":
            self.mode = Mode.INSERT
            return Step(cursor=start, start=start, end=end, insert="")
        self.mode = Mode.NORMAL
        if span.linewise:
            if end < len(text):
                end += 1
            elif start > 0:
                start -= 1
            left = text[:start] + text[end:]
            return Step(cursor=first_word(left, min(start, len(left))), start=start, end=end, insert="")
        left = text[:start] + text[end:]
        return Step(cursor=clamp_normal(left, start), start=start, end=end, insert="")

    def _replace(self, rest: str, count: int, text: str, cursor: int) -> Step | None:
        if len(rest) < 2:
            return None
        if cursor + count > line_end(text, cursor):
            return Step(cursor=cursor)
        return Step(cursor=cursor + count - 1, start=cursor, end=cursor + count, insert=rest[1] * count)

    def _command(self, key: str, count: int, text: str, cursor: int) -> Step | None:
        end = line_end(text, cursor)
        match key:
            case "i" | "a" | "I" | "A" | "o" | "O":
                return self._to_insert(key, text, cursor)
            case "v" | "V":
                self.mode, self._anchor = (Mode.VISUAL if key == "v" else Mode.VISUAL_LINE), cursor
                return Step(cursor=cursor, anchor=cursor)
            case "x" | "s":
                span = TextRange(cursor, min(cursor + count, end))
                return self._apply("d" if key == "x" else "c", span, text, cursor)
            case "X":
                return self._apply("d", TextRange(max(line_start(text, cursor), cursor - count), cursor), text, cursor)
            case "D" | "C":
                return self._apply(key.lower(), TextRange(cursor, end), text, cursor)
            case "Y" | "S":
                return self._apply("y" if key == "Y" else "c", TextRange(cursor, cursor, True), text, cursor)
            case "p" | "P":
                return self._put(key, count, text, cursor)
            case "J":
                if end == len(text):
                    return Step(cursor=cursor)
                behind = end + 1 + len(text[end + 1 :]) - len(text[end + 1 :].lstrip(" \t"))
                return Step(cursor=end, start=end, end=behind, insert=" ")
            case "~":
                stop = min(cursor + count, end)
                return Step(
                    cursor=min(stop, max(cursor, end - 1)), start=cursor, end=stop, insert=text[cursor:stop].swapcase()
                )
            case "u":
                return Step(cursor=cursor, action=PromptAction.UNDO)
        return Step(cursor=cursor)

    def _to_insert(self, key: str, text: str, cursor: int) -> Step:
        self.mode = Mode.INSERT
        start, end = line_start(text, cursor), line_end(text, cursor)
        match key:
            case "a":
                return Step(cursor=min(cursor + 1, end))
            case "I":
                return Step(cursor=first_word(text, cursor))
            case "A":
                return Step(cursor=end)
            case "o":
                return Step(cursor=end + 1, start=end, end=end, insert="\n")
            case "O":
                return Step(cursor=start, start=start, end=start, insert="\n")
        return Step(cursor=cursor)

    def _put(self, key: str, count: int, text: str, cursor: int) -> Step:
        if not self.register:
            return Step(cursor=cursor)
        if self._register_linewise:
            block = "\n".join([self.register] * count)
            if key == "p":
                at = line_end(text, cursor)
                return Step(cursor=at + 1, start=at, end=at, insert="\n" + block)
            at = line_start(text, cursor)
            return Step(cursor=at, start=at, end=at, insert=block + "\n")
        at = min(cursor + 1, line_end(text, cursor)) if key == "p" else cursor
        block = self.register * count
        return Step(cursor=at + len(block) - 1, start=at, end=at, insert=block)

    def _visual(self, rest: str, count: int, text: str, cursor: int) -> Step | None:
        line_mode = self.mode is Mode.VISUAL_LINE
        key = rest[0]
        if key in "vV":
            wanted = Mode.VISUAL if key == "v" else Mode.VISUAL_LINE
            self.mode = Mode.NORMAL if self.mode is wanted else wanted
            return self._keep(cursor)
        if key == "o":
            cursor, self._anchor = self._anchor, cursor
            return self._keep(cursor)
        first, last = sorted((self._anchor, cursor))
        span = TextRange(first, last if line_mode else min(last + 1, len(text)), line_mode)
        if key in "dxXycsCDSY":
            operator = {"x": "d", "X": "d", "s": "c"}.get(key, key.lower() if key not in "S" else "c")
            return self._apply(operator, TextRange(span.start, span.end, line_mode or key in "CDSYX"), text, first)
        if key == "~":
            self.mode = Mode.NORMAL
            return Step(cursor=first, start=first, end=span.end, insert=text[first : span.end].swapcase())
        if key in "ia" and len(rest) < 2:
            return None
        if key in "ia" and (found := text_object(text, cursor, key == "a", rest[1])):
            self._anchor = found.start
            return Step(cursor=max(found.start, found.end - 1), anchor=found.start)
        moved = self._motion(rest, count, text, cursor)
        if moved is NoMotion.INCOMPLETE:
            return None
        there = moved.end if isinstance(moved, TextRange) else cursor
        return Step(cursor=min(there, max(0, len(text) - 1)), anchor=self._anchor)
