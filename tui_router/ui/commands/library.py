"""Commands on the stored conversations and prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_router.ui.command import Scope, command
from tui_router.ui.commands.context import CommandContext

if TYPE_CHECKING:
    from tui_router.ui.screens.chat.prompt_actions import PromptActions


@command(
    "library.open",
    "Conversations",
    "List and full-text search",
    key="ctrl+s",
    slash=("resume", "sessions", "history", "chats"),
    takes="[text]",
    scope=Scope.CHAT,
)
def open_list(ctx: CommandContext, words: str) -> None:
    """List the conversations; typing searches their full text."""
    ctx.chat.overlays.show_library(words)


@command("library.search", "Search all conversations", slash=("search",), takes="text", scope=Scope.CHAT)
def search(ctx: CommandContext, words: str) -> None:
    """Search every conversation."""
    ctx.chat.overlays.show_library(words)


@command(
    "library.find",
    "Find here",
    "Find in this conversation",
    key="ctrl+f",
    slash=("find",),
    takes="[text]",
    scope=Scope.CHAT,
)
def find(ctx: CommandContext, words: str) -> None:
    """Highlight all matches in the current conversation."""
    ctx.chat.overlays.find(words)


@command(
    "library.rename",
    "Rename",
    "Name this conversation; with “auto” a cheap model does it",
    slash=("rename",),
    takes="[title | auto]",
)
def rename(ctx: CommandContext, words: str) -> None:
    """Set the title of this conversation."""
    if words == "auto":
        ctx.chat.actions.title_by_model()
    elif words:
        ctx.chat.actions.rename(words)
    else:
        ctx.ask("Title", ctx.chat.presenter.chat.conversation.title, ctx.chat.actions.rename)


@command("library.pin", "Pin or unpin", slash=("pin",))
def pin(ctx: CommandContext, words: str) -> None:
    """Pin this conversation to the top of the list, or unpin it."""
    pinned = ctx.chat.actions.toggle("is_pinned")
    ctx.app.tell("Pinned" if pinned else "No longer pinned")


@command("library.archive", "Archive", "Out of the list, not out of the search", slash=("archive",))
def archive(ctx: CommandContext, words: str) -> None:
    """Archive this conversation, or unarchive it."""
    archived = ctx.chat.actions.toggle("is_archived")
    ctx.app.tell("Archived" if archived else "Back in the list")


@command("library.tag", "Tags", "Set the tags of this conversation", slash=("tag",), takes="[a, b]")
def tag(ctx: CommandContext, words: str) -> None:
    """Set the tags, comma separated."""
    if words:
        ctx.chat.actions.set_tags(words)
    else:
        ctx.ask(
            "Tags, comma separated", ", ".join(ctx.chat.presenter.chat.conversation.tags), ctx.chat.actions.set_tags
        )


@command("library.delete", "Delete this conversation", "It can be brought back", slash=("delete",), scope=Scope.CHAT)
def delete(ctx: CommandContext, words: str) -> None:
    """Delete the current conversation; it can be restored."""
    ctx.chat.actions.delete()


@command("library.restore", "Bring a deleted conversation back", slash=("restore",), scope=Scope.CHAT)
def restore(ctx: CommandContext, words: str) -> None:
    """Restore the conversation deleted last."""
    ctx.chat.actions.restore_deleted()


@command("library.export", "Export", "Markdown, JSON or HTML", slash=("export",), takes="[md | json | html] [path]")
def export(ctx: CommandContext, words: str) -> None:
    """Write this conversation to a file."""
    form, _, path = words.partition(" ")
    ctx.chat.actions.export(form or "md", path.strip())


@command(
    "library.import", "Import", "Files of this and other programs", slash=("import",), takes="[path]", scope=Scope.CHAT
)
def import_files(ctx: CommandContext, words: str) -> None:
    """Import conversations from a file."""
    if words:
        ctx.chat.actions.import_file(words)
    else:
        ctx.ask("Import a file", "", ctx.chat.actions.import_file)


@command(
    "prompts.use",
    "Use a prompt",
    "Put a kept prompt where you write; its {{variables}} are asked for",
    slash=("prompt", "use", "template"),
    takes="[name]",
)
def use_prompt(ctx: CommandContext, words: str) -> None:
    """Choose a saved prompt, or use the one named."""
    _prompt_actions(ctx).use(words)


@command(
    "prompts.save",
    "Keep a prompt",
    "Save what you are writing, or your last question, as a Markdown file",
    slash=("save-prompt",),
    takes="[name]",
)
def save_prompt(ctx: CommandContext, words: str) -> None:
    """Save the draft, or the last question, under a name."""
    _prompt_actions(ctx).save(words)


@command(
    "prompts.persona",
    "Persona",
    "Make a kept prompt the system prompt of this conversation; save name keeps the present one",
    slash=("persona", "role"),
    takes="[name | none | save name]",
)
def persona(ctx: CommandContext, words: str) -> None:
    """Set, clear or save the system prompt."""
    first, _, name = words.partition(" ")
    if first == "save" and name.strip():
        _prompt_actions(ctx).save_persona(name.strip())
    else:
        _prompt_actions(ctx).use_as_system(words.strip())


def _prompt_actions(ctx: CommandContext) -> PromptActions:
    from tui_router.ui.screens.chat.prompt_actions import PromptActions  # not needed for the first frame

    return PromptActions(ctx.app, ctx.services, ctx.chat, ctx.prompt)


CONVERSATION_COMMANDS = (open_list, search, find, rename, pin, archive, tag, delete, restore, export, import_files)
PROMPT_COMMANDS = (use_prompt, save_prompt, persona)
