"""Commands that choose who answers."""

from __future__ import annotations

from tui_router.domain.problem import misuse
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
    """Open the picker, switch at once to the model named, or compare several."""
    names = [w.strip() for w in words.split(",") if w.strip()]
    if len(names) > 1:
        ctx.app.run_id("compare.start", words)
    elif names:
        ctx.chat.models.resolver.named(names[0], ctx.chat.models.use)
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
    """Toggle the star of the model in use."""
    model_id = ctx.chat.presenter.model_id
    if not model_id:
        raise misuse("No model was chosen yet", "Ctrl+L chooses one; * stars one there")
    starred = ctx.services.core.catalog.toggle_favourite(model_id)
    ctx.app.tell(f"{model_id} is {'a favourite now' if starred else 'no favourite any more'}")


@command("model.refresh", "Refresh the catalogue", slash=("refresh",))
def refresh(ctx: CommandContext, words: str) -> None:
    """Fetch the list of models now."""
    ctx.app.tell("Fetching the catalogue…")
    ctx.app.work(
        ctx.services.core.catalog.refresh, lambda _: ctx.app.tell(f"{len(ctx.services.core.catalog.models)} models")
    )


COMMANDS = (pick, next_recent, previous_recent, favourite, refresh)
