"""Budgets on the chat screen: what is set, what is used of it, and setting it."""

from __future__ import annotations

from datetime import UTC, datetime

from tui_router.domain.problem import Problem
from tui_router.services.budgets import budget_sentence, read_budget, standings
from tui_router.services.chat import Chat
from tui_router.services.core import Core
from tui_router.services.preferences import Preferences
from tui_router.ui.host import Host


def set_budget(words: str, preferences: Preferences, host: Host) -> None:
    """Set a budget: ``5/day``, ``50/month``, ``2/conversation``, or ``off`` for all of them."""
    chosen = read_budget(words)

    def change() -> list[Problem]:
        return [notice for path, dollars in chosen.items() for notice in preferences.change(path, dollars)]

    def changed(notices: list[Problem]) -> None:
        for notice in notices:
            host.tell_problem(notice)
        if len(chosen) > 1:
            host.tell("No budget")
        else:
            host.tell(*(budget_sentence(path, dollars) for path, dollars in chosen.items()))

    host.work(change, changed)


def show_budgets(core: Core, chat: Chat, preferences: Preferences, host: Host) -> None:
    """Show every budget with what is spent and left. The settings file is read again: it may have been mended."""
    preferences.reload()
    limits = core.money.current()
    lines = [s.sentence for s in standings(limits, core.charges, chat.conversation.id, datetime.now(UTC))]
    if limits.problem is not None:
        host.tell_problem(limits.problem)
    elif limits.remembered:
        lines.append("settings.toml cannot be read as it is: the last good limits count")
    host.tell("\n".join((*lines, "Set one with /budget 5/day, 50/month, 2/conversation or off")))
