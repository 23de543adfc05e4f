"""Leaving while the disk refuses: what to do with words that are on no disk. Nothing is lost without a question."""

from __future__ import annotations

from collections.abc import Callable

from tui_router.domain.problem import Problem
from tui_router.services.core import Core
from tui_router.ui.host import Host
from tui_router.ui.screens.dialogs import ChoiceDialog
from tui_router.ui.screens.search_dialog import ActionRow

_PATIENCE = 1.0
"""Seconds that leaving waits for the disk before it asks."""
_AGAIN, _FILE, _LOSE = "again", "file", "lose"
_CHOICES = (
    ActionRow(id=_AGAIN, text="Try again", key="t"),
    ActionRow(id=_FILE, text="Write it to a file and leave", key="f"),
    ActionRow(id=_LOSE, text="Leave without it", key="l"),
)


def is_held_back(core: Core) -> bool:
    """Say whether leaving now would lose something."""
    return (core.writes.is_stuck or core.library.is_lost_at_end) and core.rescue.is_needed


def ask_before_leaving(core: Core, host: Host, leave: Callable[[], None], stay: Callable[[], None]) -> None:
    """Give the disk a last chance, then let the person choose; calls ``leave`` or ``stay``."""

    def waited(_: bool) -> None:
        if is_held_back(core):
            host.show_screen(ChoiceDialog("Not everything is saved", _CHOICES, _why(core)), chosen)
        else:
            leave()

    def wait() -> None:
        host.work(lambda: core.writes.retry(_PATIENCE), waited)

    def written(problem: Problem | None) -> None:
        if problem is not None and core.rescue.is_lost:
            host.tell_problem(problem)
            stay()
        else:
            leave()

    def chosen(what: str | None) -> None:
        if what == _AGAIN:
            wait()
        elif what == _FILE:
            host.work(core.rescue.write, written)
        elif what == _LOSE:
            core.rescue.give_up()
            leave()
        else:
            stay()

    wait()


def _why(core: Core) -> str:
    problem = core.writes.problem
    why = " ".join(f"{t}." for t in (problem.title, problem.detail) if t) if problem else "The disk takes no writes."
    return f"{why}\nThe file would be {core.rescue.file}"
