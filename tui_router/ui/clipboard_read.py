"""Reading this machine's clipboard, pictures too, where a native tool can. The terminal itself is never asked."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence

from tui_router.domain.message import Image
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.safe import clean

_SECONDS = 3.0
_PNG = b"\x89PNG\r\n\x1a\n"

Runner = Callable[[Sequence[str]], bytes | None]
"""Runs a tool and returns what it printed, or ``None`` when it failed."""

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


def run_tool(command: Sequence[str]) -> bytes | None:
    """Run a clipboard tool that is installed."""
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def read_clipboard(environ: Mapping[str, str], run: Runner = run_tool) -> str | Image:
    """Return what the clipboard holds: a picture, or text (safe to show). Blocks for a moment.

    Raises:
        Trouble: No tool could read it, or it is empty.
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
    raise Trouble(
        Problem(
            kind=Kind.USAGE,
            title="The clipboard could not be read",
            detail=f"No wl-paste, xclip, xsel, pbpaste or pngpaste gave anything: {where}",
            hint="Paste with the terminal's own key, or attach a file with Ctrl+O",
        )
    )
