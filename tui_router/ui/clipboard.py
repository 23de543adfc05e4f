"""Copying that tells the truth: by which route the text went, and whether that could be verified.

A native tool answers with an exit code, so its success is known. OSC 52 asks the terminal, which never answers,
and many terminals drop big texts or the whole request. What fits neither is saved to a file.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.safe import clean_line

OSC52_LIMIT = 75_000
"""Bytes of encoded text that terminals can be trusted with."""
TOOL_SECONDS = 3.0
"""How long a tool may take: one without a display may hang."""
_SCREEN_CHUNK = 700
# screen(1) passes at most 768 bytes of one control string on.


class Route(StrEnum):
    """How a text left the program."""

    TOOL = "tool"
    TERMINAL = "terminal"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a text should be copied here: tools to try in order, then the terminal, then a file."""

    tools: tuple[tuple[str, ...], ...]
    through: str
    """``tmux``, ``screen`` or empty: what stands between the program and the terminal."""
    may_ask_terminal: bool
    """Whether OSC 52 can carry a text of this size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What happened, for a human."""

    route: Route
    is_verified: bool
    sentence: str


Runner = Callable[[Sequence[str], bytes], bool]
"""Runs a tool with the text on its standard input; returns whether it ended well."""


def plan_copy(size: int, environ: Mapping[str, str], has_tool: Callable[[str], bool]) -> Plan:
    """Decide how to copy. Pure.

    Args:
        size: Bytes of the text.
        environ: The environment: displays, SSH, tmux, screen.
        has_tool: Whether a program is installed.
    """
    tools: list[tuple[str, ...]] = []
    is_remote = bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))
    # Over SSH a local tool fills the clipboard of the wrong machine, unless a display was forwarded.
    if environ.get("WAYLAND_DISPLAY") and not is_remote:
        tools.append(("wl-copy",))
    if environ.get("DISPLAY"):
        tools += [("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input")]
    if not is_remote:
        tools += [("pbcopy",), ("clip.exe",)]
    through = "tmux" if environ.get("TMUX") else "screen" if environ.get("STY") else ""
    return Plan(
        tools=tuple(tool for tool in tools if has_tool(tool[0])),
        through=through,
        may_ask_terminal=environ.get("TERM", "") not in ("", "dumb", "linux") and 4 * ((size + 2) // 3) <= OSC52_LIMIT,
    )


def osc52(text: str, through: str = "") -> str:
    """Return the request to the terminal to take a text, wrapped for what stands between."""
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    request = f"\x1b]52;c;{encoded}\x07"
    if through == "tmux":
        return "\x1bPtmux;" + request.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if through == "screen":
        pieces = (request[i : i + _SCREEN_CHUNK] for i in range(0, len(request), _SCREEN_CHUNK))
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return request


def run_tool(command: Sequence[str], data: bytes) -> bool:
    """Run a clipboard tool. Its output goes nowhere: xclip and wl-copy stay behind and would hold a pipe open."""
    try:
        done = subprocess.run(
            command,
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TOOL_SECONDS,
            check=False,
            start_new_session=True,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def copy(
    text: str,
    *,
    environ: Mapping[str, str],
    write: Callable[[str], object] | None,
    folder: str = "",
    run: Runner = run_tool,
    has_tool: Callable[[str], bool] = lambda name: shutil.which(name) is not None,
) -> Copied:
    """Copy a text by the best route there is, and say which one it was. May take seconds: not on the UI thread.

    Args:
        text: What to copy.
        environ: The environment.
        write: Writes to the terminal; ``None`` where there is none.
        folder: Where a file is saved as the last resort; empty is the folder for temporary files.
        run: Runs a tool.
        has_tool: Whether a tool is installed.

    Raises:
        Trouble: Not even a file could be written.
    """
    data = text.encode("utf-8", "replace")
    plan = plan_copy(len(data), environ, has_tool)
    for tool in plan.tools:
        payload = text.encode("utf-16-le", "replace") if tool[0] == "clip.exe" else data
        if run(tool, payload):
            return Copied(route=Route.TOOL, is_verified=True, sentence=f"Copied with {tool[0]}")
    if plan.may_ask_terminal and write is not None:
        write(osc52(text, plan.through))
        through = f" through {plan.through}" if plan.through else ""
        sentence = f"Sent to the terminal{through} (OSC 52); it cannot be verified"
        return Copied(route=Route.TERMINAL, is_verified=False, sentence=sentence)
    reason = "no clipboard here" if write is None or len(data) * 4 // 3 <= OSC52_LIMIT else "too big for the terminal"
    return Copied(route=Route.FILE, is_verified=True, sentence=f"Saved to {_save(data, folder)}: {reason}")


def _save(data: bytes, folder: str) -> str:
    """Write to a fresh private file and return its path."""
    try:
        handle, path = tempfile.mkstemp(prefix="tui-router-copy-", suffix=".txt", dir=folder or None)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except OSError as error:
        raise Trouble(
            Problem(
                kind=Kind.FILE,
                title="Nothing was copied",
                detail=f"No clipboard, and no file could be written: {clean_line(str(error), 200)}.",
                hint="Free some space, or use copy mode (F9).",
            )
        ) from error
    return path
