"""What the shell prints: answers on standard output, everything else on standard error, all of it safe.

No colour is ever written: what is printed reads the same in a terminal, a pipe and a file.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from tui_router.cli.shell_hints import for_shell
from tui_router.domain.problem import ErrorKind, Problem, exit_code
from tui_router.domain.safe import clean, clean_line
from tui_router.domain.secret import redact


def say(text: str) -> None:
    """Write a line of status to standard error; nothing where there is none."""
    if sys.stderr is not None:
        print(clean(text), file=sys.stderr, flush=True)


def write(text: str, end: str = "\n") -> None:
    """Write to standard output, safe for a terminal, at once."""
    if sys.stdout is not None:
        sys.stdout.write(clean(text) + end)
        sys.stdout.flush()


def write_json(value: Any) -> None:
    """Write one JSON value to standard output. What could drive a terminal is escaped, so no character is lost."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
    if clean(text) != text:
        text = json.dumps(value, indent=2, default=_plain).replace("\x7f", "\\u007f")
    write(text)


def problem_fields(problem: Problem) -> dict[str, Any]:
    """Return a problem as the fields that the app shows."""
    shown = for_shell(problem)
    known = {f.name: getattr(shown, f.name) for f in fields(shown)}
    told = {k: v for k, v in known.items() if v not in (None, "", ()) and v is not False}
    return {**told, "exit_code": exit_code(problem.kind)}


def report_trouble(problem: Problem, *, as_json: bool = False, who: str = "tui-router") -> int:
    """Say what went wrong and return the exit code for it."""
    if as_json:
        write_json({"error": problem_fields(problem)})
    else:
        problem = for_shell(problem)
        say(f"{who}: {problem.title}" + (f": {problem.detail}" if problem.detail else ""))
        if problem.hint:
            say(f"  {problem.hint}")
        if any(s not in problem.hint for s in problem.suggestions):
            say("  perhaps: " + ", ".join(problem.suggestions))
    return exit_code(problem.kind)


def report_bug(error: BaseException, *, as_json: bool = False) -> int:
    """Say that the program failed, without locals and without keys; the log has the traceback."""
    log = logging.getLogger("tui_router")
    if log.handlers:
        log.error("unexpected failure", exc_info=error)
    detail = f"{type(error).__name__}: {clean_line(redact(str(error)), 200)}"
    hint = "Run it again with --debug and look at the log; tui-router doctor says where it is"
    return report_trouble(
        Problem(kind=ErrorKind.BUG, title="Unexpected failure", detail=detail, hint=hint), as_json=as_json
    )


def silence() -> None:
    """Let what is still written go nowhere: the reader has left, and Python would complain about it at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(nowhere, stream.fileno())
        except AttributeError:
            continue
    os.close(nowhere)


def table(rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return rows as columns two spaces apart; the columns named in ``right`` are right-aligned."""
    lines = [[clean_line(c) for c in row] for row in rows]
    if not lines:
        return ""
    widths = [max(cells(row[i]) for row in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(pad(c, w, right=i in right) for i, (c, w) in enumerate(zip(row, widths, strict=True))).rstrip()
        for row in lines
    )


def cells(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) or c in "\u200d\ufe0f" else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Return ``text`` filled with spaces to ``width`` columns; a longer one stays as it is."""
    space = " " * max(0, width - cells(text))
    return space + text if right else text + space


def fit(text: str, width: int) -> str:
    """Return ``text`` cut to ``width`` columns, with an ellipsis where something went."""
    if cells(text) <= width:
        return text
    kept, room = [], width - 1
    for character in text:
        room -= cells(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def screen_width(least: int = 20) -> int:
    """Return the columns of the terminal (``COLUMNS`` wins); 80 where there is none."""
    from shutil import get_terminal_size

    return max(least, get_terminal_size().columns)


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)
