"""A prompt that is kept: text with ``{{variables}}``, and what it wants beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_VARIABLE = re.compile(r"\{\{\s*([^\s{}=|][^{}=|\n]{0,60}?)\s*(?:[=|]([^{}]*))?\}\}")
INPUT = "input"
"""The variable that stands for what is typed already."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A place to fill in."""

    name: str
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One kept prompt. Text in it is safe to show."""

    name: str
    text: str
    system: str = ""
    """A system prompt that goes with it."""
    model: str = ""
    """Who should answer it; a model as a person types it."""
    description: str = ""

    @property
    def variables(self) -> tuple[Variable, ...]:
        """What is to be filled in, each name once, in order of the first place; system prompt first."""
        return variables_of(self.system + self.text)

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the text with its variables filled in."""
        return fill(self.text, values)


def variables_of(text: str) -> tuple[Variable, ...]:
    """Return the variables of a text: ``{{name}}``, or ``{{name=what is usual}}``."""
    found: dict[str, Variable] = {}
    for match in _VARIABLE.finditer(text):
        name, default = match[1].strip(), (match[2] or "").strip()
        known = found.get(name)
        if known is None or (default and not known.default):
            found[name] = Variable(name, default)
    return tuple(found.values())


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its variables replaced; one without a value gets its default, or stays as it is.

    What is filled in is not looked through again: a value may hold braces.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name in values:
            return values[name]
        return match[0] if match[2] is None else match[2].strip()

    return _VARIABLE.sub(value, text)
