"""What the shell prints: answers on standard output, everything else on standard error, all of it safe."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from tui_router.domain.problem import Problem, exit_code
from tui_router.domain.safe import clean, clean_line
from tui_router.domain.secret import redact


def say(text: str) -> None:
    """Write a line of status to standard error."""
    print(clean(text), file=sys.stderr, flush=True)


def write(text: str, end: str = "\n") -> None:
    """Write to standard output, safe for a terminal."""
    sys.stdout.write(clean(text) + end)
    sys.stdout.flush()


def write_json(value: Any) -> None:
    """Write one JSON value to standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def problem_fields(problem: Problem) -> dict[str, Any]:
    """Return a problem as the fields that the app shows."""
    fields = {k: v for k, v in asdict(problem).items() if v not in (None, "", ())}
    return {**fields, "exit_code": exit_code(problem.kind)}


def report_trouble(problem: Problem, *, as_json: bool = False) -> int:
    """Say what went wrong and return the exit code for it."""
    if as_json:
        write_json({"error": problem_fields(problem)})
    else:
        say(f"tui-router: {problem.title}" + (f": {problem.detail}" if problem.detail else ""))
        if problem.suggestions:
            say("  perhaps: " + ", ".join(problem.suggestions))
        if problem.hint:
            say(f"  {problem.hint}")
    return exit_code(problem.kind)


def report_bug(error: Exception) -> int:
    """Say that the program failed, without locals and without keys; the log has the traceback."""
    logging.getLogger("tui_router").exception("unexpected failure")
    say(f"tui-router: unexpected failure ({type(error).__name__}: {clean_line(redact(str(error)), 200)})")
    say("  Run with LOG_LEVEL=debug and look at the log; `tui-router doctor` says where it is")
    return 1


def table(rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return rows as columns two spaces apart; the columns named in ``right`` are right-aligned."""
    from unicodedata import east_asian_width

    def cells(text: str) -> int:
        return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)

    lines = [[clean_line(c) for c in row] for row in rows]
    if not lines:
        return ""
    widths = [max(cells(row[i]) for row in lines) for i in range(len(lines[0]))]
    padded = [
        [(" " * (w - cells(c)) + c) if i in right else c + " " * (w - cells(c)) for i, (c, w) in enumerate(zip(r, widths, strict=True))]
        for r in lines
    ]
    return "\n".join("  ".join(row).rstrip() for row in padded)
