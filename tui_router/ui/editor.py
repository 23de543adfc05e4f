"""Edits a text in the user's external editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from contextlib import suppress as ignoring

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.safe import clean, clean_line

Suspend = Callable[[], AbstractContextManager[None]]
"""Releases the terminal while its context is active: ``App.suspend``."""
Run = Callable[[Sequence[str]], int]
"""Runs a program on the terminal and returns its exit code."""

_FALLBACKS = ("nano", "vim", "vi", "micro", "emacs")
# These open a window and return immediately unless given this flag.
_WAIT = {"code": "--wait", "codium": "--wait", "cursor": "--wait", "zed": "--wait", "subl": "--wait", "gvim": "-f"}


def editor_command(
    setting: str, environ: Mapping[str, str], which: Callable[[str], str | None] = shutil.which
) -> tuple[str, ...]:
    """Return the editor command: the setting, else ``$VISUAL``, ``$EDITOR``, or an installed editor.

    Raises:
        AppError: No editor was found, or the command cannot be parsed.
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
    """Return a text after editing, without control characters and without the final line feed that editors add.

    Blocks the event loop; streamed events are buffered meanwhile.

    Raises:
        AppError: The editor could not be started or failed.
    """
    from textual.app import SuspendNotSupported  # already loaded in a running app

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


def _trouble(title: str, detail: str, hint: str) -> AppError:
    return AppError(Problem(kind=ErrorKind.FILE, title=title, detail=detail, hint=hint))
