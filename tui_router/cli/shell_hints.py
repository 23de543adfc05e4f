"""Hints that name keys and slash words of the app, said as a shell would."""

from __future__ import annotations

import os
import re
from dataclasses import replace

from tui_router.domain.problem import ABOUT_MODELS, ErrorKind, Problem

_SHELL_WORDS = (
    (re.compile(r"or press Ctrl\+L"), "and name one with -m"),
    (re.compile(r"[Pp]ress Ctrl\+L to choose one(, or keep an answer with /lanes and Enter)?"), "Name one with -m"),
    (re.compile(r"with /refresh"), "with: tui-router models --refresh"),
    (re.compile(r"Raise it with /set (\w+_budget)"), r"Raise money.\1 in settings.toml"),
    (re.compile(r"(?i)(r)aise it with /budget AMOUNT/day"), r"\1aise money.daily_budget in settings.toml"),
    (re.compile(r"(?i)(r)aise it with /budget AMOUNT/month"), r"\1aise money.monthly_budget in settings.toml"),
    (re.compile(r"(?i)(r)aise it with /budget AMOUNT/conv\w+"), r"\1aise money.conversation_budget in settings.toml"),
    (re.compile(r", or set the limits anew with /budget"), ""),
    (re.compile(r"; /budget shows what counts"), ""),
    (re.compile(r"Set it again with /budget"), "Set it again in settings.toml"),
    (re.compile(r", or /budget off"), ""),
    (re.compile(r"See /settings for all of them"), "The README lists all of them"),
    (re.compile(r"[Pp]ick a model from the list"), "Name one with -m: tui-router models lists them"),
    (re.compile(r"pick a model with a larger window"), "name one with a larger window with -m"),
    (re.compile(r"Pick another model or provider"), "Name another model with -m"),
    (re.compile(r"\bpick (a|another) ((?:[\w-]+ ){0,3})model\b"), r"name \1 \2model with -m"),
    (re.compile(r"\bPick (a|another) ((?:[\w-]+ ){0,3})model\b"), r"Name \1 \2model with -m"),
    (re.compile(r"\bmodel with -m with a price"), "model that has a price with -m"),
    (re.compile(r"Lower max_tokens to (\d+)"), r"Resend with --max-tokens \1"),
    (re.compile(r"(?<=max_tokens) with /set options\.max_tokens N"), ""),
    (re.compile(r"\b([Ll])ower max_tokens\b"), r"\1ower --max-tokens"),
    (re.compile(r"Leave out older turns or files"), "Attach less with -f, leave -c out"),
    (re.compile(r"Check the key, or sign in again"), "Check it with: tui-router keys; or run: {sign_in}"),
    (re.compile(r"Continue the answer, or try again"), "Try again"),
    (re.compile(r"Did you mean ([^,?]+)(?:, ([^?]+))?\?"), r"Try -m \1"),
)
"""What the app's hints say, and what a shell says instead; ``{sign_in}`` is the command that gets a key here."""


def is_elsewhere() -> bool:
    """Say whether the person's browser is on another machine, as over SSH."""
    return bool(os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"))


def sign_in_command() -> str:
    """Return the one command that gets a key here."""
    return "tui-router login --code" if is_elsewhere() else "tui-router login"


def for_shell(problem: Problem) -> Problem:
    """Return a problem whose hint names what can be done in a shell."""
    if problem.kind is ErrorKind.NO_KEY and ("/login" in problem.hint or "tui-router login" in problem.hint):
        return replace(problem, hint=f"Run: {sign_in_command()}")
    hint = problem.hint
    for pattern, words in _SHELL_WORDS:
        hint = pattern.sub(words, hint)
    hint = hint.replace("{sign_in}", sign_in_command())
    if problem.kind in ABOUT_MODELS and problem.suggestions:
        told = "" if problem.hint.startswith("Did you mean") else hint
        nearest = f"Nearest: {', '.join(problem.suggestions)}" + ("" if "with -m" in told else " – name one with -m")
        hint = ". ".join(filter(None, (told.rstrip("."), nearest)))
    return replace(problem, hint=hint) if hint != problem.hint else problem
