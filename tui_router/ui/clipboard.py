"""Copies to and reads from the clipboard, and reports which route was used and whether it could be verified.

A native tool returns an exit code, so its success is known. OSC 52 asks the terminal to copy; terminals never
confirm it, and many drop large texts or ignore the request. A text that neither can take is saved to a file.
Reading uses native tools only: terminals may answer an OSC 52 query with a prompt, or not at all.
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

from tui_router.domain.message import Image
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.safe import clean, clean_line

OSC52_LIMIT = 75_000
"""Largest OSC 52 payload in bytes after base64; some terminals drop more."""
TOOL_SECONDS = 3.0
"""How long a tool may run; without a display it may hang."""
_SCREEN_CHUNK = 700
"""Bytes per control string for screen(1), which forwards at most 768."""


class Route(StrEnum):
    """How a text was copied."""

    TOOL = "tool"
    TERMINAL = "terminal"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyPlan:
    """How to copy a text here: tools to try in order, then the terminal, then a file."""

    tools: tuple[tuple[str, ...], ...]
    through: str
    """The multiplexer between program and terminal: ``tmux``, ``screen`` or empty."""
    may_ask_terminal: bool
    """Whether OSC 52 can carry a text of this size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """The result of a copy, with a sentence for the user."""

    route: Route
    is_verified: bool
    sentence: str


CopyTool = Callable[[Sequence[str], bytes], bool]
"""Runs a tool with the text on its standard input; returns whether it succeeded."""
PasteTool = Callable[[Sequence[str]], bytes | None]
"""Runs a tool and returns its output, or ``None`` if it failed."""

_PNG = b"\x89PNG\r\n\x1a\n"
_IMAGE_TOOLS: tuple[tuple[str, ...], ...] = (
    ("wl-paste", "--type", "image/png"),
    ("xclip", "-selection", "clipboard", "-t", "image/png", "-o"),
    ("pngpaste", "-"),
)
_TEXT_TOOLS: tuple[tuple[str, ...], ...] = (
    ("wl-paste", "--no-newline"),
    ("xclip", "-selection", "clipboard", "-o"),
    ("xsel", "--clipboard", "--output"),
    ("pbpaste",),
)


def plan_copy(size: int, environ: Mapping[str, str], has_tool: Callable[[str], bool]) -> CopyPlan:
    """Decide how to copy a text. Pure.

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
    return CopyPlan(
        tools=tuple(tool for tool in tools if has_tool(tool[0])),
        through=through,
        may_ask_terminal=environ.get("TERM", "") not in ("", "dumb", "linux") and 4 * ((size + 2) // 3) <= OSC52_LIMIT,
    )


def osc52(text: str, through: str = "") -> str:
    """Return the OSC 52 request for a text, wrapped for the multiplexer ``through``."""
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    request = f"\x1b]52;c;{encoded}\x07"
    if through == "tmux":
        return "\x1bPtmux;" + request.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if through == "screen":
        pieces = (request[i : i + _SCREEN_CHUNK] for i in range(0, len(request), _SCREEN_CHUNK))
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return request


def run_copy_tool(command: Sequence[str], data: bytes) -> bool:
    """Run a copying tool. Discards its output: xclip and wl-copy keep running and would hold a pipe open."""
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
    run: CopyTool = run_copy_tool,
    has_tool: Callable[[str], bool] = lambda name: shutil.which(name) is not None,
) -> Copied:
    """Copy a text by the best available route. May take seconds; do not call on the UI thread.

    Args:
        text: What to copy.
        environ: The environment.
        write: Writes to the terminal; ``None`` if there is none.
        folder: Where to save a file as the last resort; empty for the temporary folder.
        run: Runs a tool.
        has_tool: Whether a tool is installed.

    Raises:
        AppError: No route worked, and no file could be written.
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
    """Write a new private file and return its path."""
    try:
        handle, path = tempfile.mkstemp(prefix="tui-router-copy-", suffix=".txt", dir=folder or None)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except OSError as error:
        raise AppError(
            Problem(
                kind=ErrorKind.FILE,
                title="Nothing was copied",
                detail=f"No clipboard, and no file could be written: {clean_line(str(error), 200)}.",
                hint="Free some space, or use copy mode (F9).",
            )
        ) from error
    return path


def run_paste_tool(command: Sequence[str]) -> bytes | None:
    """Run a pasting tool if it is installed; return its output, or ``None`` if it failed."""
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(command, capture_output=True, timeout=TOOL_SECONDS, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def read_clipboard(environ: Mapping[str, str], run: PasteTool = run_paste_tool) -> str | Image:
    """Return the clipboard's picture, or its text with control characters removed. Blocks while a tool runs.

    Raises:
        AppError: No tool could read the clipboard, or it is empty.
    """
    for command in _IMAGE_TOOLS:
        data = run(command)
        if data and data.startswith(_PNG):
            return Image("image/png", base64.b64encode(data).decode("ascii"), name="pasted.png")
    for command in _TEXT_TOOLS:
        data = run(command)
        if data:
            return clean(data.decode("utf-8", "replace"))
    where = "over SSH your own machine's clipboard is out of reach" if "SSH_CONNECTION" in environ else "it is empty"
    raise AppError(
        Problem(
            kind=ErrorKind.USAGE,
            title="The clipboard could not be read",
            detail=f"No wl-paste, xclip, xsel, pbpaste or pngpaste gave anything: {where}",
            hint="Paste with the terminal's own key, or attach a file with Ctrl+O",
        )
    )
