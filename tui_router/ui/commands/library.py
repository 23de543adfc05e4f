"""Commands on conversations: find, name, keep, move in and out."""

from __future__ import annotations

from tui_router.ui.command import Scope, command
from tui_router.ui.commands.context import CommandContext


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
    """Show the conversations; typing searches every word."""
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
    """Find in the conversation in view; all hits are marked."""
    ctx.chat.overlays.find(words)


@command(
    "library.rename",
    "Rename",
    "Name this conversation; with “auto” a cheap model does it",
    slash=("rename",),
    takes="[title | auto]",
)
def rename(ctx: CommandContext, words: str) -> None:
    """Give this conversation a title."""
    if words == "auto":
        ctx.chat.actions.title_by_model()
    elif words:
        ctx.chat.actions.rename(words)
    else:
        ctx.ask("Title", ctx.chat.presenter.chat.conversation.title, ctx.chat.actions.rename)


@command("library.pin", "Pin or unpin", slash=("pin",))
def pin(ctx: CommandContext, words: str) -> None:
    """Keep this conversation at the top of the list."""
    pinned = ctx.chat.actions.toggle("is_pinned")
    ctx.app.tell("Pinned" if pinned else "No longer pinned")


@command("library.archive", "Archive", "Out of the list, not out of the search", slash=("archive",))
def archive(ctx: CommandContext, words: str) -> None:
    """Archive this conversation."""
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
    """Delete the conversation in view; undo brings it back."""
    ctx.chat.actions.delete()


@command("library.restore", "Bring a deleted conversation back", slash=("restore",), scope=Scope.CHAT)
def restore(ctx: CommandContext, words: str) -> None:
    """Bring the conversation back that was deleted last."""
    ctx.chat.actions.restore()


@command("library.export", "Export", "Markdown, JSON or HTML", slash=("export",), takes="[md | json | html] [path]")
def export(ctx: CommandContext, words: str) -> None:
    """Write this conversation to a file."""
    form, _, path = words.partition(" ")
    ctx.chat.actions.export(form or "md", path.strip())


@command(
    "library.import", "Import", "Files of this and other programs", slash=("import",), takes="[path]", scope=Scope.CHAT
)
def import_files(ctx: CommandContext, words: str) -> None:
    """Read conversations from a file."""
    if words:
        ctx.chat.actions.import_file(words)
    else:
        ctx.ask("Import a file", "", ctx.chat.actions.import_file)


COMMANDS = (open_list, search, find, rename, pin, archive, tag, delete, restore, export, import_files)
