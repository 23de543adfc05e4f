"""Commands on the message under the cursor, one letter each, and the fixes offered below a failed answer."""

from __future__ import annotations

from collections.abc import Callable

from tui_router.ui.command import Command, Scope, command
from tui_router.ui.commands.context import CommandContext
from tui_router.ui.transcript.actions import LANE_KEYS, Action, actions_for

_HERE = Scope.MESSAGES
# Arrow keys keep their priority; otherwise the transcript would scroll.
_NEAREST = "Under an answer that names the nearest models"
_TOO_LONG = "Under an answer that was too long for the model"
_FIXES = (
    ("use_1", "Ask the nearest model", _NEAREST, "1"),
    ("use_2", "Ask the second nearest model", _NEAREST, "2"),
    ("use_3", "Ask the third nearest model", _NEAREST, "3"),
    ("resend", "Resend with fewer tokens", "Under an answer that the balance does not bear", "T"),
    ("leave_out", "Leave out the oldest turns", _TOO_LONG, "O"),
    ("summarise", "Summarise the oldest turns", _TOO_LONG, "S"),
    ("sign_in", "Sign in", "Under an answer whose key was refused", "L"),
    ("settings", "Settings of the account", "Under an answer whose key was refused, or that a budget stopped", "P"),
)
"""Name, title, help and key (in message mode) of the fixes offered below a failed answer."""
_NOT_IN_COMPARISON = ("summarise",)


@command(
    "messages.enter",
    "Message mode",
    "From an empty prompt to the messages",
    key="tab",
    scope=Scope.PROMPT,
    priority=False,
)
def enter(ctx: CommandContext, words: str) -> None:
    """Enter message mode at the last message."""
    ctx.chat.message_mode.enter()


@command("messages.down", "Next message", key="j,down", scope=_HERE, in_palette=False)
def down(ctx: CommandContext, words: str) -> None:
    """Move to the next message."""
    ctx.chat.transcript.entry_cursor.move(1)


@command("messages.up", "Previous message", key="k,up", scope=_HERE, in_palette=False)
def up(ctx: CommandContext, words: str) -> None:
    """Move to the previous message."""
    ctx.chat.transcript.entry_cursor.move(-1)


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
    """Copy the next code block of this message."""
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
    """Edit this message; sending creates a sibling."""
    ctx.chat.drafts.edit(ctx.chat.navigation.current_id())


@command("messages.retry", "Answer again", key="r", scope=_HERE, priority=False)
def retry(ctx: CommandContext, words: str) -> None:
    """Regenerate the answer."""
    ctx.chat.presenter.retry(ctx.chat.navigation.current_id())


@command("messages.retry_with", "Answer again with another model", key="R", scope=_HERE, priority=False)
def retry_with(ctx: CommandContext, words: str) -> None:
    """Choose a model and answer again; both answers remain."""
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
    """Fork here: an answer is included, a question is loaded into the prompt."""
    ctx.chat.fork(ctx.chat.navigation.current_id())


@command("messages.continue", "Continue a cut answer", key="u", scope=_HERE, priority=False)
def continue_answer(ctx: CommandContext, words: str) -> None:
    """Continue this answer."""
    ctx.chat.presenter.continue_answer(ctx.chat.navigation.current_id())


@command(
    "messages.delete", "Delete", "This message and all below it; z brings it back", key="d", scope=_HERE, priority=False
)
def delete(ctx: CommandContext, words: str) -> None:
    """Delete this message and everything below it."""
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
    """Restore the messages deleted last."""
    ctx.app.tell("It is back" if ctx.chat.navigation.undo() else "Nothing to undo")


@command("messages.fold", "Fold or unfold", key="space", scope=_HERE, priority=False)
def fold(ctx: CommandContext, words: str) -> None:
    """Fold or unfold this message or its reasoning."""
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
    """Show all details of this message."""
    ctx.chat.overlays.show_details(ctx.chat.navigation.current_id())


@command("messages.tree", "Tree of this conversation", key="t", slash=("tree",), scope=_HERE, priority=False)
def tree(ctx: CommandContext, words: str) -> None:
    """Show all branches; Enter switches to one."""
    ctx.chat.overlays.show_tree()


@command("messages.open_link", "Open a link", key="o", scope=_HERE, priority=False)
def open_link(ctx: CommandContext, words: str) -> None:
    """Open a link of this message after showing its real target."""
    ctx.chat.overlays.choose_link(ctx.chat.navigation.current_id())


@command("messages.diff", "Compare with another version", key="D", slash=("diff",), scope=_HERE, priority=False)
def diff(ctx: CommandContext, words: str) -> None:
    """Show which words differ between this answer and a sibling."""
    ctx.chat.overlays.show_sibling_diff(ctx.chat.navigation.current_id())


def _fix(
    id: str, title: str, help: str, key: str, scope: Scope, apply: Callable[[CommandContext, str], bool]
) -> Command[CommandContext]:
    @command(id, title, help, key=key, scope=scope, priority=False, in_palette=False)
    def run(ctx: CommandContext, words: str) -> None:
        """Apply the fix that this key offers."""
        if not apply(ctx, key):
            ctx.app.tell("Nothing is offered by that key here")

    return run


def _fix_message(ctx: CommandContext, key: str) -> bool:
    """Apply a fix to the message under the cursor; return whether that key offers one."""
    message_id = ctx.chat.navigation.current_id()
    message = ctx.chat.presenter.chat.message(message_id)
    action = _with_key(key, actions_for(message.ending, has_words=bool(message.text.strip())))
    if action is not None:
        ctx.chat.run_action(message_id, action.id)
    return action is not None


def _fix_lane(ctx: CommandContext, key: str) -> bool:
    """Apply a fix to the answer of the focused lane; return whether that key offers one."""
    lanes = ctx.compare
    action = _with_key(key, lanes.actions.current.offered) if lanes is not None else None
    if lanes is not None and action is not None:
        lanes.actions.run(lanes.actions.current.answer, action.id)
    return action is not None


def _with_key(key: str, offered: tuple[Action, ...]) -> Action | None:
    return next((a for a in offered if a.key == key), None)


MESSAGE_COMMANDS = (
    enter, down, up, first, last, copy, copy_code, edit, retry, retry_with, previous_sibling, next_sibling, fork,
    continue_answer, delete, undo, fold, details, tree, open_link, diff,
)  # fmt: skip
FIX_COMMANDS = (
    *(_fix(f"messages.{name}", title, help, key, Scope.MESSAGES, _fix_message) for name, title, help, key in _FIXES),
    *(
        _fix(f"compare.{name}", title, help, LANE_KEYS.get(key, key), Scope.COMPARE, _fix_lane)
        for name, title, help, key in _FIXES
        if name not in _NOT_IN_COMPARISON
    ),
)
