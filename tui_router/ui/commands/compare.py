"""Commands that open a comparison and act on its lanes."""

from __future__ import annotations

from collections.abc import Callable

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.ui.command import Command, Scope, command
from tui_router.ui.commands.context import CommandContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tui_router.ui.screens.compare.screen import CompareLauncher, CompareScreen

_HERE = Scope.COMPARE


@command(
    "compare.start",
    "Compare models",
    "One question to two to eight models, side by side; “save name” keeps the line-up",
    key="f3",
    slash=("compare", "vs"),
    takes="[a, b, … | line-up | save name]",
)
def open_lanes(ctx: CommandContext, words: str) -> None:
    """Choose the models, or start with those named."""
    if words.startswith("save "):
        _lanes(ctx).actions.save_line_up(words.removeprefix("save "))
    elif words:
        start(ctx, words.split(","))
    else:
        from tui_router.domain.context_window import part_tokens  # not needed for the first frame

        last = ctx.services.core.lineups.last()
        draft_tokens = sum(map(part_tokens, ctx.chat.prompt.draft.parts))
        ctx.chat.models.pick_several(lambda ids: start(ctx, ids), last.models if last is not None else (), draft_tokens)


@command("compare.last", "Compare with the last line-up", key="shift+f3")
def open_last(ctx: CommandContext, words: str) -> None:
    """Start with the line-up used last."""
    last = ctx.services.core.lineups.last()
    if last is None:
        open_lanes.run(ctx, "")
    else:
        start(ctx, last.models)


@command("compare.reopen", "Lanes of this conversation", "Show the last comparison as lanes again", slash=("lanes",))
def reopen(ctx: CommandContext, words: str) -> None:
    """Reopen the last comparison of this conversation."""
    _require_no_comparison(ctx)
    _launcher(ctx).reopen(ctx.chat.presenter.chat)
    ctx.chat.drafts.hand_over()


@command("compare.leaderboard", "Leaderboard", "Your own ranking of models", slash=("leaderboard",), takes="[tag]")
def leaderboard(ctx: CommandContext, words: str) -> None:
    """Show your ranking of models with confidence, speed and cost."""
    from tui_router.ui.screens.compare.leaderboard import LeaderboardScreen

    ctx.app.show_screen(LeaderboardScreen(ctx.services.core.leaderboard, words.strip()))


@command(
    "compare.vote",
    "Vote",
    "A lane's number, tie or bad, and tags",
    key="v",
    slash=("vote",),
    takes="[1–8 | tie | bad] [tags]",
    scope=_HERE,
    priority=False,
)
def vote(ctx: CommandContext, words: str) -> None:
    """Ask for a vote, or record the one typed."""
    voting = _lanes(ctx).actions.voting
    verdict, _, tags = words.strip().partition(" ")
    if tags.strip():
        voting.set_tags(tags)
    if not verdict:
        voting.begin()
        _lanes(ctx).read()
    elif verdict in ("tie", "t", "bad", "b"):
        voting.vote(None, all_bad=verdict in ("bad", "b"))
    elif verdict.isdecimal() and int(verdict) > 0:
        voting.vote(int(verdict) - 1)
    else:
        raise AppError(
            Problem(
                kind=ErrorKind.USAGE, title=f"{verdict} is not a vote", hint="Type the number of a lane, tie or bad"
            )
        )


@command(
    "compare.merge",
    "Merge the answers",
    "Fuse them, have them judged, or say what to do",
    key="m",
    slash=("merge", "fuse"),
    takes="[fuse | judge | what to do]",
    scope=_HERE,
    priority=False,
)
def merge(ctx: CommandContext, words: str) -> None:
    """Merge the answers into one after showing the cost."""
    _lanes(ctx).merging.open(words.strip())


@command("compare.blind", "Blind", "Hide names until the vote", key="B", slash=("blind",), scope=_HERE, priority=False)
def blind(ctx: CommandContext, words: str) -> None:
    """Hide names from the next question on, or show them."""
    _lanes(ctx).actions.toggle_blind()


@command("compare.keep", "Keep this answer", key="enter,w", slash=("keep",), scope=_HERE, priority=False)
def keep(ctx: CommandContext, words: str) -> None:
    """Continue the conversation with this lane's answer."""
    _lanes(ctx).actions.keep()


@command("compare.next", "Next lane", key="tab,right,l", scope=_HERE, priority=False, in_palette=False)
def next_lane(ctx: CommandContext, words: str) -> None:
    """Focus the lane on the right, or the lanes from the prompt."""
    _step(ctx, 1)


@command("compare.previous", "Previous lane", key="shift+tab,left,h", scope=_HERE, priority=False, in_palette=False)
def previous_lane(ctx: CommandContext, words: str) -> None:
    """Focus the lane on the left."""
    _step(ctx, -1)


@command("compare.stop", "Stop this lane", key="x", scope=_HERE, priority=False)
def stop(ctx: CommandContext, words: str) -> None:
    """Stop the focused lane; the others continue."""
    _lanes(ctx).actions.stop()


@command("compare.retry", "Ask this lane again", key="r", scope=_HERE, priority=False)
def retry(ctx: CommandContext, words: str) -> None:
    """Regenerate this lane's answer."""
    _lanes(ctx).actions.retry()


@command("compare.retry_with", "Give this lane to another model", key="R", scope=_HERE, priority=False)
def retry_with(ctx: CommandContext, words: str) -> None:
    """Choose another model for this lane's question."""
    _lanes(ctx).actions.retry_with()


@command(
    "compare.add", "Add a model", key="plus,kp_plus", slash=("lane",), takes="[model]", scope=_HERE, priority=False
)
def add(ctx: CommandContext, words: str) -> None:
    """Add a lane with another model."""
    actions = _lanes(ctx).actions
    if words.strip():
        ctx.chat.models.resolver.resolve(words, actions.add)
    else:
        actions.add()


@command("compare.remove", "Remove this lane", key="minus", scope=_HERE, priority=False)
def remove(ctx: CommandContext, words: str) -> None:
    """Remove the focused lane; its answers remain in the conversation."""
    _lanes(ctx).actions.remove()


@command("compare.tie", "Scroll lanes together", key="equals_sign", scope=_HERE, priority=False)
def tie(ctx: CommandContext, words: str) -> None:
    """Turn synchronised scrolling of the lanes on or off."""
    _lanes(ctx).actions.toggle_tie()


@command(
    "compare.diff", "Words that differ", "Between this lane and the one beside it", key="D", scope=_HERE, priority=False
)
def diff(ctx: CommandContext, words: str) -> None:
    """Show a word diff of two lanes."""
    _lanes(ctx).actions.diff()


@command(
    "compare.agreement",
    "Agreement",
    "Sentences without a counterpart elsewhere (textual overlap, not truth)",
    key="A",
    slash=("agreement",),
    scope=_HERE,
    priority=False,
)
def agreement(ctx: CommandContext, words: str) -> None:
    """Mark the sentences that no other lane has."""
    _lanes(ctx).actions.agreement()


@command("compare.write", "Ask the next question", key="i", scope=_HERE, priority=False, in_palette=False)
def write(ctx: CommandContext, words: str) -> None:
    """Focus the prompt."""
    _lanes(ctx).box.write()


@command("compare.slash", "Type a command", key="slash", scope=_HERE, priority=False, in_palette=False)
def slash(ctx: CommandContext, words: str) -> None:
    """Focus the prompt and type a slash."""
    _lanes(ctx).box.write("/")


@command("compare.save", "Keep this line-up", key="S", scope=_HERE, priority=False)
def save(ctx: CommandContext, words: str) -> None:
    """Save the line-up under a name."""
    lanes = _lanes(ctx)
    ctx.ask("Name of this line-up", "", lanes.actions.save_line_up)


@command("compare.vote_tie", "Vote: tie", key="t", scope=_HERE, priority=False, in_palette=False)
def vote_tie(ctx: CommandContext, words: str) -> None:
    """Vote for a tie, while the vote is open."""
    _while_voting(ctx, lambda lanes: lanes.actions.voting.vote(None))


@command("compare.vote_bad", "Vote: all bad", key="b", scope=_HERE, priority=False, in_palette=False)
def vote_bad(ctx: CommandContext, words: str) -> None:
    """Vote that all answers are bad, while the vote is open."""
    _while_voting(ctx, lambda lanes: lanes.actions.voting.vote(None, all_bad=True))


@command("compare.vote_tags", "Tags of the vote", key="g", scope=_HERE, priority=False, in_palette=False)
def vote_tags(ctx: CommandContext, words: str) -> None:
    """Tag the question, while the vote is open."""
    _while_voting(ctx, lambda lanes: lanes.actions.voting.ask_tags())


def _lane_command(place: int) -> Command[CommandContext]:
    @command(
        f"compare.lane_{place}", f"Lane {place}", "Go to it, or vote for it", key=str(place), scope=_HERE,
        priority=False, in_palette=False,
    )  # fmt: skip
    def go(ctx: CommandContext, words: str) -> None:
        """Focus the lane with this number, or vote for it while the vote is open."""
        _lanes(ctx).actions.digit(place - 1)

    return go


def start(ctx: CommandContext, typed: list[str] | tuple[str, ...]) -> None:
    """Open a comparison on the current conversation and move the draft to it."""
    _require_no_comparison(ctx)
    launcher = _launcher(ctx)

    def begin(ids: tuple[str, ...]) -> None:
        _require_no_comparison(ctx)  # check again: resolving the names may have taken a while
        launcher.start(ctx.chat.presenter.chat, ids)
        ctx.chat.drafts.hand_over()

    ctx.chat.models.resolver.resolve_all(launcher.named(typed), begin)


def _launcher(ctx: CommandContext) -> CompareLauncher:
    from tui_router.ui.screens.compare.screen import CompareLauncher

    def closed(kept: str | None) -> None:
        ctx.chat.presenter.show()
        ctx.chat.drafts.outbox.is_held = True
        ctx.chat.drafts.restore()
        ctx.chat.refresh()
        ctx.chat.status.recount(ctx.app, ctx.chat.refresh)
        if kept is not None:
            ctx.app.tell("Kept: the conversation goes on with this answer; [ and ] show the others")

    return CompareLauncher(
        ctx.services.core,
        ctx.services.preferences,
        ctx.app,
        pick_model=ctx.chat.models.pick,
        closed=closed,
        prompt=ctx.chat.prompt,
    )


def _lanes(ctx: CommandContext) -> CompareScreen:
    if ctx.compare is None:
        hint = "F3 starts one, /lanes opens the last one of this conversation"
        raise AppError(Problem(kind=ErrorKind.USAGE, title="No comparison is open", hint=hint))
    return ctx.compare


def _require_no_comparison(ctx: CommandContext) -> None:
    if ctx.compare is not None:
        hint = "Esc closes it first; + adds a model to it"
        raise AppError(Problem(kind=ErrorKind.USAGE, title="A comparison is open already", hint=hint))
    if ctx.chat.presenter.streaming:
        raise AppError(
            Problem(kind=ErrorKind.USAGE, title="An answer is still streaming", hint="Stop it with Esc first")
        )


def _step(ctx: CommandContext, by: int) -> None:
    lanes = _lanes(ctx)
    if lanes.is_writing:
        lanes.read()
    else:
        lanes.actions.step(by)


def _while_voting(ctx: CommandContext, act: Callable[[CompareScreen], None]) -> None:
    lanes = _lanes(ctx)
    if lanes.actions.voting.is_open:
        act(lanes)


COMMANDS = (
    open_lanes, open_last, reopen, leaderboard, vote, merge, blind, keep, next_lane, previous_lane, stop, retry,
    retry_with, add, remove, tie, diff, agreement, write, slash, save, vote_tie, vote_bad, vote_tags,
    *map(_lane_command, range(1, 9)),
)  # fmt: skip
