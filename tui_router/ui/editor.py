"""The draft in the person's own editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from contextlib import suppress as ignoring

from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.safe import clean, clean_line

Suspend = Callable[[], AbstractContextManager[None]]
"""Gives the terminal away and takes it back: ``App.suspend``."""
Run = Callable[[Sequence[str]], int]
"""Runs a program on the terminal and returns its exit code."""

_FALLBACKS = ("nano", "vim", "vi", "micro", "emacs")
# These return at once and edit in a window of their own, unless they are told to wait.
_WAIT = {"code": "--wait", "codium": "--wait", "cursor": "--wait", "zed": "--wait", "subl": "--wait", "gvim": "-f"}


def editor_command(
    setting: str, environ: Mapping[str, str], which: Callable[[str], str | None] = shutil.which
) -> tuple[str, ...]:
    """Return the editor's command: the setting, then ``$VISUAL``, ``$EDITOR``, then what is installed.

    Raises:
        Trouble: There is none, or the command cannot be read.
    """
    chosen = next((c for c in (setting, environ.get("VISUAL", ""), environ.get("EDITOR", "")) if c.strip()), "")
    if not chosen:
        chosen = next((name for name in _FALLBACKS if which(name)), "")
    if not chosen:
        raise _trouble("No editor", "$VISUAL and $EDITOR are empty.", "Set prompt.editor, e.g. nano.")
    try:
        words = shlex.split(chosen)
    except ValueError as error:
        raise _trouble("The editor's command cannot be read", f"{clean_line(chosen)}: {error}.", "") from error
    flag = _WAIT.get(os.path.basename(words[0]))
    if flag and flag not in words and "-w" not in words:
        words.insert(1, flag)
    return tuple(words)


def edit_text(text: str, command: Sequence[str], suspend: Suspend, run: Run = subprocess.call) -> str:
    """Let a person edit a text and return it, cleaned, without the line feed that editors add at the end.

    Blocks: the loop stands still meanwhile, what streams is buffered.

    Raises:
        Trouble: The editor could not be run or failed. The text is unchanged then.
    """
    from textual.app import SuspendNotSupported  # already loaded wherever an app runs

    handle, path = tempfile.mkstemp(prefix="tui-router-", suffix=".md")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        try:
            with suspend():
                code = run([*command, path])
        except SuspendNotSupported as error:
            raise _trouble("No editor here", "This terminal cannot be given away.", "") from error
        except OSError as error:
            name = clean_line(command[0])
            raise _trouble("The editor did not start", f"{name}: {error.strerror}.", "Check prompt.editor.") from error
        if code:
            name = clean_line(command[0])
            raise _trouble("The editor failed", f"{name} ended with code {code}.", "Your text is unchanged.")
        with open(path, encoding="utf-8", errors="replace") as file:
            edited = clean(file.read())
    finally:
        with ignoring(FileNotFoundError):
            os.unlink(path)
    return edited if text.endswith("\n") else edited.removesuffix("\n")


def _trouble(title: str, detail: str, hint: str) -> Trouble:
    return Trouble(Problem(kind=Kind.FILE, title=title, detail=detail, hint=hint))
