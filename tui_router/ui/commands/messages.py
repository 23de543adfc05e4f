"""Message mode: what can be done with the message under the block cursor. One letter each."""

from __future__ import annotations

from tui_router.ui.command import Scope, command
from tui_router.ui.commands.context import CommandContext

_HERE = Scope.MESSAGES
# Keys with arrows keep their priority: the transcript would scroll by them.


@command(
    "messages.enter",
    "Message mode",
    "From an empty prompt to the messages",
    key="tab",
    scope=Scope.PROMPT,
    priority=False,
)
def enter(ctx: CommandContext, words: str) -> None:
    """Put the block cursor on the last message."""
    ctx.chat.message_mode.enter()


@command("messages.down", "Next message", key="j,down", scope=_HERE, in_palette=False)
def down(ctx: CommandContext, words: str) -> None:
    """Move the block cursor down."""
    ctx.chat.transcript.move_cursor(1)


@command("messages.up", "Previous message", key="k,up", scope=_HERE, in_palette=False)
def up(ctx: CommandContext, words: str) -> None:
    """Move the block cursor up."""
    ctx.chat.transcript.move_cursor(-1)


@command("messages.first", "First message", key="g,home", scope=_HERE, in_palette=False)
def first(ctx: CommandContext, words: str) -> None:
    """Go to the first message."""
    ctx.chat.message_mode.go_to_end(first=True)


@command("messages.last", "Last message", key="G,end", scope=_HERE, in_palette=False)
def last(ctx: CommandContext, words: str) -> None:
    """Go to the last message and follow it."""
    ctx.chat.message_mode.go_to_end()


@command("messages.copy", "Copy the message", key="y", scope=_HERE, priority=False)
def copy(ctx: CommandContext, words: str) -> None:
    """Copy the text of this message."""
    ctx.chat.copy_actions.copy_message(ctx.chat.navigation.current_id())


@command(
    "messages.copy_code", "Copy the next code block", "Again: the one after it", key="c", scope=_HERE, priority=False
)
def copy_code(ctx: CommandContext, words: str) -> None:
    """Copy the code blocks of this message, one at a press."""
    ctx.chat.copy_actions.copy_next_code(ctx.chat.navigation.current_id())


@command(
    "messages.edit",
    "Edit and resend",
    "An answer is edited in place of itself, as a sibling",
    key="e",
    scope=_HERE,
    priority=False,
)
def edit(ctx: CommandContext, words: str) -> None:
    """Edit this message; sending makes a sibling."""
    ctx.chat.drafts.edit(ctx.chat.navigation.current_id())


@command("messages.retry", "Answer again", key="r", scope=_HERE, priority=False)
def retry(ctx: CommandContext, words: str) -> None:
    """Answer this question again."""
    ctx.chat.presenter.retry(ctx.chat.navigation.current_id())


@command("messages.retry_with", "Answer again with another model", key="R", scope=_HERE, priority=False)
def retry_with(ctx: CommandContext, words: str) -> None:
    """Choose a model and answer this question again, keeping both."""
    message_id = ctx.chat.navigation.current_id()
    ctx.chat.models.pick(lambda model_id: ctx.chat.presenter.retry(message_id, model_id))


@command("messages.previous_sibling", "Previous version", key="left_square_bracket,left", scope=_HERE)
def previous_sibling(ctx: CommandContext, words: str) -> None:
    """Show the version before this one."""
    ctx.chat.navigation.walk(ctx.chat.navigation.current_id(), -1)


@command("messages.next_sibling", "Next version", key="right_square_bracket,right", scope=_HERE)
def next_sibling(ctx: CommandContext, words: str) -> None:
    """Show the version after this one."""
    ctx.chat.navigation.walk(ctx.chat.navigation.current_id(), 1)


@command("messages.fork", "Fork here", "A new conversation up to this message", key="f", scope=_HERE, priority=False)
def fork(ctx: CommandContext, words: str) -> None:
    """Fork: an answer is included, a question waits in the prompt."""
    ctx.chat.fork(ctx.chat.navigation.current_id())


@command("messages.continue", "Continue a cut answer", key="u", scope=_HERE, priority=False)
def continue_answer(ctx: CommandContext, words: str) -> None:
    """Let this answer go on."""
    ctx.chat.presenter.continue_answer(ctx.chat.navigation.current_id())


@command(
    "messages.delete", "Delete", "This message and all below it; z brings it back", key="d", scope=_HERE, priority=False
)
def delete(ctx: CommandContext, words: str) -> None:
    """Delete this message and what follows it."""
    count = ctx.chat.navigation.delete(ctx.chat.navigation.current_id())
    if not ctx.chat.presenter.chat.thread:
        ctx.chat.message_mode.leave()
        ctx.app.tell(
            "Deleted. /undo brings it back" if count == 1 else f"Deleted {count} messages. /undo brings them back"
        )
        return
    ctx.app.tell("Deleted. z brings it back" if count == 1 else f"Deleted {count} messages. z brings them back")


@command("messages.undo", "Undo the delete", key="z", scope=_HERE, priority=False, in_palette=False)
def undo(ctx: CommandContext, words: str) -> None:
    """Bring the last deleted messages back."""
    ctx.app.tell("It is back" if ctx.chat.navigation.undo() else "Nothing to undo")


@command("messages.fold", "Fold or unfold", key="space", scope=_HERE, priority=False)
def fold(ctx: CommandContext, words: str) -> None:
    """Fold or unfold this message, or its thinking."""
    ctx.chat.transcript.fold(ctx.chat.navigation.current_id())


@command(
    "messages.details",
    "Details",
    "Tokens, cost, provider, times, the raw request",
    key="i",
    scope=_HERE,
    priority=False,
)
def details(ctx: CommandContext, words: str) -> None:
    """Show everything that is known of this message."""
    ctx.chat.overlays.show_details(ctx.chat.navigation.current_id())


@command("messages.tree", "Tree of this conversation", key="t", slash=("tree",), scope=_HERE, priority=False)
def tree(ctx: CommandContext, words: str) -> None:
    """Show all branches; Enter goes to one."""
    ctx.chat.overlays.show_tree()


@command("messages.open_link", "Open a link", key="o", scope=_HERE, priority=False)
def open_link(ctx: CommandContext, words: str) -> None:
    """Open a link of this message; the true target is shown first."""
    ctx.chat.overlays.choose_link(ctx.chat.navigation.current_id())


@command("messages.diff", "Compare with another version", key="D", slash=("diff",), scope=_HERE, priority=False)
def diff(ctx: CommandContext, words: str) -> None:
    """Show which words differ between this answer and a sibling."""
    ctx.chat.overlays.show_sibling_diff(ctx.chat.navigation.current_id())


COMMANDS = (
    enter, down, up, first, last, copy, copy_code, edit, retry, retry_with, previous_sibling, next_sibling, fork,
    continue_answer, delete, undo, fold, details, tree, open_link, diff,
)  # fmt: skip
