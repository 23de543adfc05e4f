"""Asks what to do with unsaved changes when the user quits while the disk rejects writes."""

from __future__ import annotations

from collections.abc import Callable

from tui_router.domain.problem import Problem
from tui_router.services.core import Core
from tui_router.ui.host import Host
from tui_router.ui.screens.dialogs import ChoiceDialog
from tui_router.ui.screens.search_dialog import ActionRow

_RETRY_SECONDS = 1.0
"""How long to retry the pending writes before asking."""
_RETRY, _SAVE_FILE, _DISCARD = "again", "file", "lose"
_CHOICES = (
    ActionRow(id=_RETRY, text="Try again", key="t"),
    ActionRow(id=_SAVE_FILE, text="Write it to a file and leave", key="f"),
    ActionRow(id=_DISCARD, text="Leave without it", key="l"),
)


def has_unsaved_changes(core: Core) -> bool:
    """Return whether quitting now would lose something."""
    return (core.writes.is_stuck or core.library.is_lost_at_end) and core.rescue.is_needed


def confirm_quit(core: Core, host: Host, leave: Callable[[], None], stay: Callable[[], None]) -> None:
    """Retry the pending writes, then let the user choose; calls ``leave`` or ``stay``."""

    def on_retried(_: bool) -> None:
        if has_unsaved_changes(core):
            host.show_screen(ChoiceDialog("Not everything is saved", _CHOICES, _explanation(core)), on_chosen)
        else:
            leave()

    def retry() -> None:
        host.work(lambda: core.writes.retry(_RETRY_SECONDS), on_retried)

    def on_written(problem: Problem | None) -> None:
        if problem is not None and core.rescue.is_lost:
            host.tell_problem(problem)
            stay()
        else:
            leave()

    def on_chosen(choice: str | None) -> None:
        if choice == _RETRY:
            retry()
        elif choice == _SAVE_FILE:
            host.work(core.rescue.write, on_written)
        elif choice == _DISCARD:
            core.rescue.give_up()
            leave()
        else:
            stay()

    retry()


def _explanation(core: Core) -> str:
    problem = core.writes.problem
    reason = " ".join(f"{t}." for t in (problem.title, problem.detail) if t) if problem else "The disk takes no writes."
    return f"{reason}\nThe file would be {core.rescue.file}"
