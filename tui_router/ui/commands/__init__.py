"""The commands, one function each, grouped by topic; ``COMMANDS`` lists them in the order of help and palette."""

from __future__ import annotations

from typing import Any

from tui_router.ui.command import Command
from tui_router.ui.commands import account, chat, compare, library, messages, model, view

COMMANDS: tuple[Command[Any], ...] = (
    *chat.CONVERSATION_COMMANDS,
    *model.OPTION_COMMANDS,
    *chat.DRAFT_COMMANDS,
    *model.MODEL_COMMANDS,
    *messages.MESSAGE_COMMANDS,
    *compare.COMMANDS,
    *messages.FIX_COMMANDS,
    *library.CONVERSATION_COMMANDS,
    *library.PROMPT_COMMANDS,
    *view.COMMANDS,
    *account.COMMANDS,
)
