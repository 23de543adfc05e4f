"""Commands that act on the conversation as a whole: send, stop, ask again, change what the next turn is asked with."""

from __future__ import annotations

from tui_router.domain.options import EFFORTS, ChatOptions
from tui_router.domain.problem import Kind, Problem, Trouble, misuse
from tui_router.domain.safe import clean_line
from tui_router.domain.settings import find_setting
from tui_router.domain.spec import Spec, specs_of
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
    """Stop what streams; the text stays."""
    stopped = ctx.chat.presenter.stop() if ctx.compare is None else ctx.compare.rounds.stop_all()
    if not stopped:
        ctx.app.tell("Nothing is streaming")


@command("chat.new", "New conversation", key="ctrl+n", slash=("new", "clear"), scope=Scope.CHAT)
def new(ctx: CommandContext, words: str) -> None:
    """Start afresh with the same model; nothing is deleted."""
    ctx.chat.open_new()


@command(
    "chat.temp",
    "Temporary conversation",
    "New conversation that is never written to disk",
    slash=("temp", "incognito"),
    scope=Scope.CHAT,
)
def temporary(ctx: CommandContext, words: str) -> None:
    """Start a conversation that leaves no trace on disk."""
    ctx.chat.open_new(is_temporary=True)


@command("chat.retry", "Answer again", slash=("retry", "regen", "regenerate"), takes="[model]", scope=Scope.CHAT)
def retry(ctx: CommandContext, words: str) -> None:
    """Answer the last question again; the old answer stays as a sibling."""
    answer, presenter = ctx.chat.navigation.last_answer_id(), ctx.chat.presenter
    if words:
        ctx.chat.models.resolver.named(words, lambda model_id: presenter.retry(answer, model_id))
    else:
        presenter.retry(answer)


@command("chat.edit", "Edit a question", slash=("edit",), takes="[how many turns back]", scope=Scope.CHAT)
def edit(ctx: CommandContext, words: str) -> None:
    """Put an earlier question back into the prompt; sending it makes a sibling."""
    from tui_router.domain.message import Role  # the first frame needs the list of commands, and no message

    questions = [m for m in ctx.chat.presenter.chat.thread if m.role is Role.USER]
    back_by = _count(words, 1)
    if not 1 <= back_by <= len(questions):
        raise Trouble(
            Problem(kind=Kind.USAGE, title="There is no such question", hint=f"This path has {len(questions)}")
        )
    ctx.chat.drafts.edit(questions[-back_by].id)


@command("chat.undo", "Undo a delete", slash=("undo",), scope=Scope.CHAT)
def undo(ctx: CommandContext, words: str) -> None:
    """Bring the last deleted messages back."""
    ctx.app.tell("It is back" if ctx.chat.navigation.undo() else "Nothing to undo")


@command("chat.redo", "Redo a delete", slash=("redo",), scope=Scope.CHAT)
def redo(ctx: CommandContext, words: str) -> None:
    """Delete again what undo brought back."""
    ctx.app.tell("Deleted again" if ctx.chat.navigation.redo() else "Nothing to redo")


@command("chat.fork", "Fork here", slash=("fork", "branch"), scope=Scope.CHAT)
def fork(ctx: CommandContext, words: str) -> None:
    """Start a new conversation from this place."""
    ctx.chat.fork(ctx.chat.navigation.current_id())


@command("chat.continue", "Continue the answer", slash=("continue",), scope=Scope.CHAT)
def continue_answer(ctx: CommandContext, words: str) -> None:
    """Let a cut answer go on."""
    ctx.chat.presenter.continue_answer(ctx.chat.navigation.last_answer_id())


@command(
    "chat.queue",
    "Queued turns",
    "Show, send or drop what waits to be sent",
    slash=("queue",),
    takes="[send | drop [n]]",
)
def queue(ctx: CommandContext, words: str) -> None:
    """List the queue, send the next of it, or drop from it."""
    outbox = ctx.drafts.outbox
    verb, _, rest = words.partition(" ")
    if verb == "send":
        sender = ctx.chat.sender if ctx.compare is None else ctx.compare.questions
        sender.send_next()
    elif verb == "drop":
        ctx.drafts.drop(_count(rest, len(outbox.queue)))
    elif words:
        raise misuse(f"/queue {words[:40]} means nothing", "/queue lists, /queue send and /queue drop 2 act")
    elif not outbox.queue:
        ctx.app.tell("Nothing is queued")
    else:
        lines = [f"{n}. {clean_line(q.words, 60)}" for n, q in enumerate(outbox.queue, 1)]
        ctx.app.tell("\n".join([*lines, "Up takes the last one back, /queue send sends the first"]))


@command(
    "chat.system",
    "System prompt",
    "Set the system prompt of this conversation",
    slash=("system",),
    takes="[text | none]",
)
def system(ctx: CommandContext, words: str) -> None:
    """Set, show or clear the system prompt."""
    presenter = ctx.chat.presenter
    if not words:
        ctx.ask("System prompt", presenter.chat.conversation.system, lambda text: presenter.chat.update(system=text))
    else:
        presenter.chat.update(system="" if words in ("none", "off") else words)
        ctx.app.tell("No system prompt" if words in ("none", "off") else "System prompt set for this conversation")


@command(
    "chat.set",
    "Set an option",
    "name=value for this conversation; group.name=value for good",
    slash=("set", "params"),
    takes="name=value",
)
def set_option(ctx: CommandContext, words: str) -> None:
    """Set a request option of this conversation, or a setting of the program."""
    name, _, value = words.partition("=") if "=" in words else words.partition(" ")
    name, value = name.strip(), value.strip()
    own = {s.name: s for s in specs_of(type(ctx.chat.presenter.chat.conversation.options))}
    if not name:
        ctx.app.open_settings()
    elif name in own:
        ctx.chat.presenter.set_option(own[name], own[name].parse(value))
        ctx.app.tell(f"{name} = {value or 'not set'} in this conversation")
    else:
        setting = find_setting(name)

        def changed(notices: tuple[Problem, ...]) -> None:
            for notice in notices:
                ctx.app.tell_problem(notice)
            ctx.app.tell(f"{setting.path} = {value or 'default'}")

        ctx.app.work(lambda: ctx.services.preferences.change_typed(setting.path, value), changed)


@command(
    "chat.reasoning",
    "Reasoning effort",
    "Next effort that the model offers",
    key="ctrl+t",
    slash=("reasoning", "think"),
    takes="[none…max]",
)
def reasoning(ctx: CommandContext, words: str) -> None:
    """Set or cycle how hard the model thinks."""
    effort = words.strip().lower()
    if effort and effort not in EFFORTS:
        raise Trouble(Problem(kind=Kind.USAGE, title=f"{effort} is no effort", hint="One of " + ", ".join(EFFORTS)))
    chosen = effort or ctx.chat.models.next_effort()
    if not chosen:
        ctx.app.tell("This model has no effort to choose")
        return
    ctx.chat.presenter.set_option(_option("reasoning_effort"), chosen)
    ctx.app.tell(f"Reasoning effort: {chosen}")


@command(
    "chat.web", "Web search", "Let the model search the web (costs per search)", slash=("web",), takes="[on | off]"
)
def web(ctx: CommandContext, words: str) -> None:
    """Switch web search for this conversation."""
    spec = _option("web_search")
    now = bool(ctx.chat.presenter.chat.conversation.options.web_search)
    on = spec.parse(words) if words else not now
    ctx.chat.presenter.set_option(spec, on or None)
    ctx.app.tell("Web search is on: each search costs extra" if on else "Web search is off")


@command(
    "chat.provider",
    "Provider routing",
    "Show, pin and ban who serves this model; only a, not b, or a, b to try first",
    slash=("provider",),
    takes="[only a, b | not a, b | a, b | none]",
)
def provider(ctx: CommandContext, words: str) -> None:
    """Show the providers, or set which may serve and which are tried first."""
    from tui_router.ui.screens.chat.providers import set_providers  # the first frame knows no endpoints

    if words.strip():
        set_providers(ctx.chat.presenter, ctx.services.core.catalog.serving, ctx.app, words)
    else:
        ctx.chat.models.show_providers()


@command(
    "chat.fallback",
    "Fallback models",
    "Models to try when the first cannot answer",
    slash=("fallback",),
    takes="[a, b | none]",
)
def fallback(ctx: CommandContext, words: str) -> None:
    """Set the fallback models."""
    given = [w.strip() for w in words.split(",") if w.strip() and words != "none"]

    def use(ids: tuple[str, ...]) -> None:
        _set_texts(ctx, "fallback_models", ", ".join(ids) or words, "Fallback models")

    ctx.chat.models.resolver.all_named(given, use)


@command("chat.preset", "Account preset", "Use a preset of your account", slash=("preset",), takes="[name | none]")
def preset(ctx: CommandContext, words: str) -> None:
    """Set the account preset."""
    spec = _option("preset")
    ctx.chat.presenter.set_option(spec, spec.parse(words))
    ctx.app.tell(f"Preset {words}" if words and words != "none" else "No preset")


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
    """Attach a file or a folder to the next turn."""
    if words:
        ctx.drafts.attach(words)
    else:
        ctx.ask("Attach a file or a folder", "", ctx.drafts.attach)


def _set_texts(ctx: CommandContext, name: str, words: str, title: str) -> None:
    spec = _option(name)
    value = () if words in ("", "none", "off") else spec.parse(words)
    ctx.chat.presenter.set_option(spec, value)
    ctx.app.tell(f"{title}: {', '.join(value)}" if value else f"{title}: none")


def _option(name: str) -> Spec:
    return next(s for s in specs_of(ChatOptions) if s.name == name)


def _count(words: str, default: int) -> int:
    text = words.strip()
    return int(text) if text.isdigit() else default


COMMANDS = (
    back, stop, new, temporary, retry, edit, undo, redo, fork, continue_answer, queue, system, set_option,
    reasoning, web, provider, fallback, preset, editor, attach,
)  # fmt: skip
