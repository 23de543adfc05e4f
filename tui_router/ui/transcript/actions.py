"""The actions offered below an answer that did not complete normally, chosen by how it ended."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tui_router.domain.message import Ending, EndingKind
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.safe import clean_line

MOST_MODELS = 3
"""Most suggested models that are offered as actions."""
LANE_KEYS = {"1": "U", "2": "V", "3": "W"}
"""Keys of the suggested models in a comparison, where digits select lanes."""
_LEAST_TOKENS = 16
"""Shorter answers are useless, and some providers refuse them."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action of an entry. ``ActionClicked`` carries its ``id``."""

    id: str
    label: str
    key: str = ""
    """The equivalent key, shown before the label."""


RETRY = Action("retry", "Retry", "r")
CONTINUE = Action("continue", "Continue", "u")
CHANGE_MODEL = Action("change_model", "Change model", "R")
SETTINGS = Action("settings", "Settings", "P")
SIGN_IN = Action("sign_in", "Sign in", "L")
LEAVE_OUT = Action("leave_out", "Leave out the oldest turns", "O")
SUMMARISE = Action("summarise", "Summarise them", "S")
RESTORE = Action("restore", "Send the turns again", "z")
"""Offered below a summary: send the original turns instead of it."""


def use_model(number: int, model_id: str) -> Action:
    """Return the action that asks another model; its key is its position in the list."""
    return Action(f"use:{model_id}", f"Use {clean_line(model_id, 60)}", str(number))


def resend_with(tokens: int) -> Action:
    """Return the action that asks for a shorter answer."""
    return Action(f"resend:{tokens}", f"Resend with {tokens:,} tokens", "T")


def actions_for(ending: Ending | None, *, has_words: bool = True) -> tuple[Action, ...]:
    """Return the actions for an answer that ended this way, most useful first. Only text can be continued."""
    if ending is None:
        return ()
    match ending.kind:
        case EndingKind.LENGTH:
            return (CONTINUE, RETRY)
        case EndingKind.CANCELLED | EndingKind.INTERRUPTED:
            return (CONTINUE, RETRY, CHANGE_MODEL) if has_words else (RETRY, CHANGE_MODEL)
        case EndingKind.FILTERED:
            return (RETRY, CHANGE_MODEL)
        case EndingKind.FAILED:
            return actions_about(ending.problem, has_words=has_words)
        case EndingKind.COMPLETE | EndingKind.TOOL_CALLS:
            return ()


def actions_in_lane(ending: Ending | None) -> tuple[Action, ...]:
    """Return the actions for an answer in a comparison, which must be kept before it can be continued."""
    found = (a for a in actions_for(ending, has_words=False) if a not in (CONTINUE, SUMMARISE))
    return tuple(replace(a, key=LANE_KEYS.get(a.key, a.key)) for a in found)


def actions_about(problem: Problem | None, *, has_words: bool) -> tuple[Action, ...]:
    """Return the actions that may solve a problem, the most likely first; an unchanged retry comes after them."""
    usual = (CONTINUE, RETRY, CHANGE_MODEL) if has_words else (RETRY, CHANGE_MODEL)
    if problem is None:
        return usual
    models = tuple(use_model(n, i) for n, i in enumerate(problem.suggestions[:MOST_MODELS], start=1))
    match problem.kind:
        case ErrorKind.NO_KEY | ErrorKind.BAD_KEY:
            return (SIGN_IN, SETTINGS, RETRY)
        case ErrorKind.TOO_LONG:
            return (LEAVE_OUT, SUMMARISE, *models, CHANGE_MODEL, RETRY)
        case ErrorKind.NO_CREDIT:
            tokens = problem.affordable_tokens or 0
            resend = (resend_with(tokens),) if tokens >= _LEAST_TOKENS else ()
            return (*resend, *models, CHANGE_MODEL, RETRY)
        case ErrorKind.UNKNOWN_MODEL | ErrorKind.NO_ENDPOINT | ErrorKind.BLOCKED:
            return (*models, CHANGE_MODEL, RETRY)
        case ErrorKind.BUDGET | ErrorKind.SETTINGS:
            return (*models, SETTINGS, RETRY)
        case _:
            return (*models, *usual)
