"""Hints that name keys and slash words of the app, said as a shell would."""

from __future__ import annotations

import os
import re
from dataclasses import replace

from tui_router.domain.problem import Kind, Problem

_SHELL_WORDS = (
    (re.compile(r"or press Ctrl\+L"), "and name one with -m"),
    (re.compile(r"[Pp]ress Ctrl\+L to choose one"), "Name one with -m"),
    (re.compile(r"Raise it with /set (\w+_budget)"), r"Raise money.\1 in settings.toml"),
    (re.compile(r"See /settings for all of them"), "The README lists all of them"),
)


def is_elsewhere() -> bool:
    """Say whether the person's browser is on another machine, as over SSH."""
    return bool(os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"))


def sign_in_command() -> str:
    """Return the one command that gets a key here."""
    return "tui-router login --code" if is_elsewhere() else "tui-router login"


def for_shell(problem: Problem) -> Problem:
    """Return a problem whose hint names what can be done in a shell."""
    if problem.kind is Kind.NO_KEY and ("/login" in problem.hint or "tui-router login" in problem.hint):
        return replace(problem, hint=f"Run: {sign_in_command()}")
    hint = problem.hint
    for pattern, words in _SHELL_WORDS:
        hint = pattern.sub(words, hint)
    return replace(problem, hint=hint) if hint != problem.hint else problem
