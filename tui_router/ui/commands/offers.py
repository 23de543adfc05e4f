"""What is offered under an answer that failed, by its key: in message mode, and in the lane in focus."""

from __future__ import annotations

from collections.abc import Callable

from tui_router.ui.command import Command, Scope, command
from tui_router.ui.commands.context import CommandContext
from tui_router.ui.transcript.offers import LANE_KEYS, Action, actions_for

_NEAREST = "Under an answer that names the nearest models"
_TOO_LONG = "Under an answer that was too long for the model"
_OFFERS = (
    ("use_1", "Ask the nearest model", _NEAREST, "1"),
    ("use_2", "Ask the second nearest model", _NEAREST, "2"),
    ("use_3", "Ask the third nearest model", _NEAREST, "3"),
    ("resend", "Resend with fewer tokens", "Under an answer that the balance does not bear", "T"),
    ("leave_out", "Leave out the oldest turns", _TOO_LONG, "O"),
    ("summarise", "Summarise the oldest turns", _TOO_LONG, "S"),
    ("sign_in", "Sign in", "Under an answer whose key was refused", "L"),
    ("settings", "Settings of the account", "Under an answer whose key was refused, or that a budget stopped", "P"),
)
"""Name, title, help, and the key in message mode."""
_NOT_IN_LANES = ("summarise",)


def _offer(
    id: str, title: str, help: str, key: str, scope: Scope, take: Callable[[CommandContext, str], bool]
) -> Command[CommandContext]:
    @command(id, title, help, key=key, scope=scope, priority=False, in_palette=False)
    def run(ctx: CommandContext, words: str) -> None:
        """Do what is offered by this key."""
        if not take(ctx, key):
            ctx.app.tell("Nothing is offered by that key here")

    return run


def _take_here(ctx: CommandContext, key: str) -> bool:
    """Do what is offered under the message under the block cursor."""
    message_id = ctx.chat.navigation.current_id()
    message = ctx.chat.presenter.chat.message(message_id)
    action = _with_key(key, actions_for(message.ending, has_words=bool(message.text.strip())))
    if action is not None:
        ctx.chat.act(message_id, action.id)
    return action is not None


def _take_in_lane(ctx: CommandContext, key: str) -> bool:
    """Do what is offered under the answer of the lane in focus."""
    lanes = ctx.compare
    action = _with_key(key, lanes.actions.track.offered) if lanes is not None else None
    if lanes is not None and action is not None:
        lanes.actions.act(lanes.actions.track.answer, action.id)
    return action is not None


def _with_key(key: str, offered: tuple[Action, ...]) -> Action | None:
    return next((a for a in offered if a.key == key), None)


COMMANDS = (
    *(_offer(f"messages.{name}", title, help, key, Scope.MESSAGES, _take_here) for name, title, help, key in _OFFERS),
    *(
        _offer(f"compare.{name}", title, help, LANE_KEYS.get(key, key), Scope.COMPARE, _take_in_lane)
        for name, title, help, key in _OFFERS
        if name not in _NOT_IN_LANES
    ),
)
