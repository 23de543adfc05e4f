"""Commands on the current conversation: stop, retry, edit, fork, the queue, and the draft."""

from __future__ import annotations

from tui_router.domain.problem import AppError, ErrorKind, Problem, misuse
from tui_router.domain.safe import clean_line
from tui_router.ui.command import Scope, command
from tui_router.ui.commands.context import CommandContext


@command(
    "chat.back",
    "Back or stop",
    "Close, leave message mode, stop the answer (twice: all)",
    key="escape",
    priority=False,
    in_palette=False,
)
def back(ctx: CommandContext, words: str) -> None:
    """Escape: one step back. Never quits."""
    if ctx.compare is not None:
        ctx.compare.back()
    else:
        ctx.chat.back()


@command("chat.stop", "Stop the answer", slash=("stop",))
def stop(ctx: CommandContext, words: str) -> None:
    """Stop the streaming answer and keep its text."""
    stopped = ctx.chat.presenter.stop() if ctx.compare is None else ctx.compare.controller.stop_all()
    if not stopped:
        ctx.app.tell("Nothing is streaming")


@command("chat.new", "New conversation", key="ctrl+n", slash=("new", "clear"), scope=Scope.CHAT)
def new(ctx: CommandContext, words: str) -> None:
    """Start a new conversation with the same model; nothing is deleted."""
    ctx.chat.open_new()


@command(
    "chat.temp",
    "Temporary conversation",
    "New conversation that is never written to disk",
    slash=("temp", "incognito"),
    scope=Scope.CHAT,
)
def temporary(ctx: CommandContext, words: str) -> None:
    """Start a conversation that is never saved."""
    ctx.chat.open_new(is_temporary=True)


@command("chat.retry", "Answer again", slash=("retry", "regen", "regenerate"), takes="[model]", scope=Scope.CHAT)
def retry(ctx: CommandContext, words: str) -> None:
    """Regenerate the last answer; the old one remains as a sibling."""
    answer, presenter = ctx.chat.navigation.last_answer_id(), ctx.chat.presenter
    if words:
        ctx.chat.models.resolver.resolve(words, lambda model_id: presenter.retry(answer, model_id))
    else:
        presenter.retry(answer)


@command("chat.edit", "Edit a question", slash=("edit",), takes="[how many turns back]", scope=Scope.CHAT)
def edit(ctx: CommandContext, words: str) -> None:
    """Load an earlier question into the prompt; sending it creates a sibling."""
    from tui_router.domain.message import Role  # not needed for the first frame

    questions = [m for m in ctx.chat.presenter.chat.thread if m.role is Role.USER]
    back_by = _count(words, 1)
    if not 1 <= back_by <= len(questions):
        raise AppError(
            Problem(kind=ErrorKind.USAGE, title="There is no such question", hint=f"This path has {len(questions)}")
        )
    ctx.chat.drafts.edit(questions[-back_by].id)


@command("chat.undo", "Undo a delete", slash=("undo",), scope=Scope.CHAT)
def undo(ctx: CommandContext, words: str) -> None:
    """Restore the messages deleted last."""
    ctx.app.tell("It is back" if ctx.chat.navigation.undo() else "Nothing to undo")


@command("chat.redo", "Redo a delete", slash=("redo",), scope=Scope.CHAT)
def redo(ctx: CommandContext, words: str) -> None:
    """Delete the restored messages again."""
    ctx.app.tell("Deleted again" if ctx.chat.navigation.redo() else "Nothing to redo")


@command("chat.fork", "Fork here", slash=("fork", "branch"), scope=Scope.CHAT)
def fork(ctx: CommandContext, words: str) -> None:
    """Start a new conversation from the current message."""
    ctx.chat.fork(ctx.chat.navigation.current_id())


@command("chat.continue", "Continue the answer", slash=("continue",), scope=Scope.CHAT)
def continue_answer(ctx: CommandContext, words: str) -> None:
    """Continue an answer that was cut off."""
    ctx.chat.presenter.continue_answer(ctx.chat.navigation.last_answer_id())


@command(
    "chat.queue",
    "Queued turns",
    "Show, send or drop what waits to be sent",
    slash=("queue",),
    takes="[send | drop [n]]",
)
def queue(ctx: CommandContext, words: str) -> None:
    """List the queue, send its first turn, or drop one."""
    outbox = ctx.drafts.outbox
    verb, _, rest = words.partition(" ")
    if verb == "send":
        sender = ctx.chat.sender if ctx.compare is None else ctx.compare.sender
        sender.send_next()
    elif verb == "drop":
        ctx.drafts.drop(_count(rest, len(outbox.queue)))
    elif words:
        raise misuse(f"/queue {words[:40]} means nothing", "/queue lists, /queue send and /queue drop 2 act")
    elif not outbox.queue:
        ctx.app.tell("Nothing is queued")
    else:
        describe = ctx.chat.sender.describe if ctx.compare is None else lambda _: ""  # lanes have models of their own
        lines = [
            " · ".join(filter(None, (f"{n}. {clean_line(q.words, 60)}", describe(q))))
            for n, q in enumerate(outbox.queue, 1)
        ]
        ctx.app.tell("\n".join([*lines, "Up takes the last one back, /queue send sends the first"]))


@command("chat.editor", "Write in your editor", key="ctrl+g", slash=("editor",), scope=Scope.MAIN)
def editor(ctx: CommandContext, words: str) -> None:
    """Edit the draft in $VISUAL or $EDITOR."""
    prompt = ctx.prompt
    draft = prompt.draft
    text = ctx.app.put_in_editor(prompt.pastes.expand(draft.text))
    if text is not None:
        prompt.load(text.rstrip("\n"), attachments=draft.attachments)


@command("chat.attach", "Attach a file", key="ctrl+o", slash=("attach", "file", "add"), takes="[path]")
def attach(ctx: CommandContext, words: str) -> None:
    """Attach a file or folder to the draft."""
    if words:
        ctx.drafts.attach(words)
    else:
        ctx.ask("Attach a file or a folder", "", ctx.drafts.attach)


def _count(words: str, default: int) -> int:
    text = words.strip()
    return int(text) if text.isdigit() else default


CONVERSATION_COMMANDS = (
    back, stop, new, temporary, retry, edit, undo, redo, fork, continue_answer, queue,
)  # fmt: skip
DRAFT_COMMANDS = (editor, attach)
