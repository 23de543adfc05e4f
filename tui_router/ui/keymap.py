"""Resolves the user's keys over the defaults of the commands.

Rejects a key that plain terminals cannot send, and a key that another command already uses in an overlapping
scope. The command then keeps its default key, and the reason is reported as a problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from textual.binding import Binding

from tui_router.domain.problem import ErrorKind, Problem
from tui_router.ui.command import Command, Scope

IMPOSSIBLE = {
    "ctrl+i": "terminals send the same byte for Ctrl+I and Tab",
    "ctrl+m": "terminals send the same byte for Ctrl+M and Enter",
    "ctrl+h": "terminals send the same byte for Ctrl+H and Backspace",
    "ctrl+left_square_bracket": "terminals send the same byte for Ctrl+[ and Escape",
    "ctrl+[": "terminals send the same byte for Ctrl+[ and Escape",
}
_RESERVED = {"enter": "prompt.send", "escape": "chat.back", "ctrl+c": "app.interrupt"}
_OVERLAPS = {
    Scope.EVERYWHERE: set(Scope),
    Scope.MAIN: {Scope.EVERYWHERE, Scope.MAIN, Scope.CHAT, Scope.PROMPT, Scope.MESSAGES, Scope.COMPARE},
    Scope.CHAT: {Scope.EVERYWHERE, Scope.MAIN, Scope.CHAT, Scope.PROMPT, Scope.MESSAGES},
    Scope.PROMPT: {Scope.EVERYWHERE, Scope.MAIN, Scope.CHAT, Scope.PROMPT},
    Scope.MESSAGES: {Scope.EVERYWHERE, Scope.MAIN, Scope.CHAT, Scope.MESSAGES},
    Scope.COMPARE: {Scope.EVERYWHERE, Scope.MAIN, Scope.COMPARE},
}


@dataclass(frozen=True, slots=True)
class KeyBinding:
    """One key of one command."""

    key: str
    command: Command[Any]


@dataclass(frozen=True, slots=True)
class Keymap:
    """The active keys, and the problems found in the user's."""

    bound: tuple[KeyBinding, ...]
    problems: tuple[Problem, ...]

    def keys_of(self, command_id: str) -> tuple[str, ...]:
        """Return the keys of a command; the first is the one to show."""
        return tuple(b.key for b in self.bound if b.command.id == command_id)


def resolve(commands: Iterable[Command[Any]], user: Mapping[str, str]) -> Keymap:
    """Apply the user's keys to the defaults.

    Args:
        commands: All commands.
        user: Command id to keys, comma separated; an empty text unbinds the command.
    """
    known = {c.id: c for c in commands}
    problems = [_problem(i, "no command has this name", "See /keys for the names") for i in user if i not in known]
    chosen = {i: _split(c.key) for i, c in known.items()}
    for command_id, text in user.items():
        if command_id not in known:
            continue
        keys, wrong = _possible(command_id, _split(text))
        problems.extend(wrong)
        clashes = [(k, other) for k in keys if (other := _clash(known[command_id], k, chosen, known, user))]
        problems.extend(
            _problem(
                command_id, f"{show_key(k)} already does “{known[other].title}”", "Choose another key, or rebind both"
            )
            for k, other in clashes
        )
        taken = {k for k, _ in clashes}
        if keys and not (set(keys) - taken):
            continue
        if keys or not text.strip():
            chosen[command_id] = [k for k in keys if k not in taken]
    bound = tuple(KeyBinding(k, known[i]) for i, keys in chosen.items() for k in keys)
    return Keymap(bound, tuple(problems))


def bindings_of(keymap: Keymap) -> list[Binding]:
    """Return one Textual binding per key. ``TuiRouter.check_action`` decides by scope which of them is active."""
    return [
        Binding(b.key, f"command('{b.command.id}')", b.command.title, show=False, priority=b.command.priority)
        for b in keymap.bound
    ]


def show_key(key: str) -> str:
    """Return a key as people write it: ``Ctrl+L``, ``Shift+F2``, ``[``, ``Space``."""
    words = {
        "left_square_bracket": "[",
        "right_square_bracket": "]",
        "question_mark": "?",
        "equals_sign": "=",
        "plus": "+",
        "minus": "-",
        "escape": "Esc",
        "slash": "/",
        "pageup": "PageUp",
        "pagedown": "PageDown",
    }
    parts = key.split("+") if key != "+" else ["+"]
    named = [words.get(p, p) for p in parts]
    shown = [
        p if len(p) == 1 and len(parts) == 1 else (p.upper() if len(p) == 1 else p[:1].upper() + p[1:]) for p in named
    ]
    return "+".join(shown)


def _split(text: str) -> list[str]:
    return [k.strip() for k in text.split(",") if k.strip()]


def _possible(command_id: str, keys: list[str]) -> tuple[list[str], list[Problem]]:
    good: list[str] = []
    problems = []
    for key in keys:
        low = key.lower()
        reason = IMPOSSIBLE.get(low, "")
        if low.startswith("alt+") and not low[4:].isalpha():
            reason = "plain terminals cannot send Alt with digits or punctuation"
        owner = _RESERVED.get(low)
        if owner is not None and owner != command_id:
            reason = f"{show_key(low)} keeps its meaning"
        if reason:
            problems.append(_problem(command_id, f"{show_key(low)} cannot be bound: {reason}", "Choose another key"))
        else:
            good.append(key if len(key) == 1 else low)
    return good, problems


def _clash(
    command: Command[Any],
    key: str,
    chosen: Mapping[str, list[str]],
    known: Mapping[str, Command[Any]],
    user: Mapping[str, str],
) -> str:
    for other, keys in chosen.items():
        if other == command.id or key not in keys or known[other].scope not in _OVERLAPS[command.scope]:
            continue
        if other in user and key not in _split(user[other]):
            continue  # the user also moves the other command off this key
        return other
    return ""


def _problem(command_id: str, why: str, hint: str) -> Problem:
    return Problem(kind=ErrorKind.SETTINGS, title=f"[keys] {command_id}: {why}", hint=hint)
