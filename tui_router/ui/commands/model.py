"""Commands that choose the model and the options of the next request."""

from __future__ import annotations

from tui_router.domain.options import EFFORTS, ChatOptions
from tui_router.domain.problem import AppError, ErrorKind, Problem, misuse
from tui_router.domain.settings import find_setting
from tui_router.domain.spec import Spec, specs_of
from tui_router.ui.command import Scope, command
from tui_router.ui.commands.context import CommandContext


@command(
    "model.pick",
    "Choose a model",
    key="ctrl+l",
    slash=("model", "m", "models"),
    takes="[name | a, b]",
    scope=Scope.CHAT,
)
def pick(ctx: CommandContext, words: str) -> None:
    """Open the picker, switch to the model named, or compare several."""
    names = [w.strip() for w in words.split(",") if w.strip()]
    if len(names) > 1:
        ctx.app.run_id("compare.start", words)
    elif names:
        ctx.chat.models.resolver.resolve(names[0], ctx.chat.models.use)
    else:
        ctx.chat.models.pick(ctx.chat.models.use)


@command("model.next", "Next recent model", key="f2", scope=Scope.CHAT)
def next_recent(ctx: CommandContext, words: str) -> None:
    """Switch to the next recent or favourite model."""
    ctx.chat.models.cycle(1)


@command("model.previous", "Previous recent model", key="shift+f2", scope=Scope.CHAT)
def previous_recent(ctx: CommandContext, words: str) -> None:
    """Switch to the previous recent or favourite model."""
    ctx.chat.models.cycle(-1)


@command("model.favourite", "Star the model", "Star or unstar the model of the next turn", slash=("star",))
def favourite(ctx: CommandContext, words: str) -> None:
    """Star or unstar the current model."""
    model_id = ctx.chat.presenter.model_id
    if not model_id:
        raise misuse("No model was chosen yet", "Ctrl+L chooses one; * stars one there")
    starred = ctx.services.core.catalog.toggle_favourite(model_id)
    ctx.app.tell(f"{model_id} is {'a favourite now' if starred else 'no favourite any more'}")


@command("model.refresh", "Refresh the catalogue", slash=("refresh",))
def refresh(ctx: CommandContext, words: str) -> None:
    """Fetch the model catalogue now."""
    ctx.app.tell("Fetching the catalogue…")
    ctx.app.work(
        ctx.services.core.catalog.refresh, lambda _: ctx.app.tell(f"{len(ctx.services.core.catalog.models)} models")
    )


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
    """Set a request option of this conversation or a setting of the program."""
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
    """Set or cycle the reasoning effort."""
    effort = words.strip().lower()
    if effort and effort not in EFFORTS:
        raise AppError(
            Problem(kind=ErrorKind.USAGE, title=f"{effort} is no effort", hint="One of " + ", ".join(EFFORTS))
        )
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
    """Turn web search on or off for this conversation."""
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
    """Show the providers, or set which are allowed and which are tried first."""
    from tui_router.ui.screens.chat.models import set_providers  # not needed for the first frame

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

    ctx.chat.models.resolver.resolve_all(given, use)


@command("chat.preset", "Account preset", "Use a preset of your account", slash=("preset",), takes="[name | none]")
def preset(ctx: CommandContext, words: str) -> None:
    """Set the account preset."""
    spec = _option("preset")
    ctx.chat.presenter.set_option(spec, spec.parse(words))
    ctx.app.tell(f"Preset {words}" if words and words != "none" else "No preset")


def _set_texts(ctx: CommandContext, name: str, words: str, title: str) -> None:
    spec = _option(name)
    value = () if words in ("", "none", "off") else spec.parse(words)
    ctx.chat.presenter.set_option(spec, value)
    ctx.app.tell(f"{title}: {', '.join(value)}" if value else f"{title}: none")


def _option(name: str) -> Spec:
    return next(s for s in specs_of(ChatOptions) if s.name == name)


MODEL_COMMANDS = (pick, next_recent, previous_recent, favourite, refresh)
OPTION_COMMANDS = (system, set_option, reasoning, web, provider, fallback, preset)
