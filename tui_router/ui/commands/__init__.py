"""What a person can do: one file a topic, one function a command, each declared once with ``@command``.

``COMMANDS`` lists them all, in the order of help and palette.
"""

from __future__ import annotations

from typing import Any

from tui_router.ui.command import Command
from tui_router.ui.commands import account, chat, compare, library, messages, model, offers, prompts, view

COMMANDS: tuple[Command[Any], ...] = (
    *chat.COMMANDS,
    *model.COMMANDS,
    *messages.COMMANDS,
    *compare.COMMANDS,
    *offers.COMMANDS,
    *library.COMMANDS,
    *prompts.COMMANDS,
    *view.COMMANDS,
    *account.COMMANDS,
)
