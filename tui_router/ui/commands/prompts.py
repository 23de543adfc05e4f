"""Commands on kept prompts: use one, keep one, let one be the system prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_router.ui.command import command
from tui_router.ui.commands.context import CommandContext

if TYPE_CHECKING:
    from tui_router.ui.screens.chat.prompt_actions import PromptActions


@command(
    "prompts.use",
    "Use a prompt",
    "Put a kept prompt where you write; its {{variables}} are asked for",
    slash=("prompt", "use", "template"),
    takes="[name]",
)
def use(ctx: CommandContext, words: str) -> None:
    """Choose a kept prompt, or take the one that is named."""
    _prompting(ctx).use(words)


@command(
    "prompts.save",
    "Keep a prompt",
    "Save what you are writing, or your last question, as a Markdown file",
    slash=("save-prompt",),
    takes="[name]",
)
def save(ctx: CommandContext, words: str) -> None:
    """Keep what is typed under a name."""
    _prompting(ctx).save(words)


@command(
    "prompts.persona",
    "Persona",
    "Make a kept prompt the system prompt of this conversation; save name keeps the present one",
    slash=("persona", "role"),
    takes="[name | none | save name]",
)
def persona(ctx: CommandContext, words: str) -> None:
    """Set, clear or keep the system prompt."""
    first, _, name = words.partition(" ")
    if first == "save" and name.strip():
        _prompting(ctx).save_persona(name.strip())
    else:
        _prompting(ctx).be(words.strip())


def _prompting(ctx: CommandContext) -> PromptActions:
    from tui_router.ui.screens.chat.prompt_actions import PromptActions  # not before the first frame

    return PromptActions(ctx.app, ctx.services, ctx.chat, ctx.prompt)


COMMANDS = (use, save, persona)
