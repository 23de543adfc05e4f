"""Saved prompts: find, fill in and save them. A persona is a prompt used as system prompt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.prompt_template import INPUT, Template, Variable, fill
from tui_router.storage.paths import AppPaths
from tui_router.storage.prompts import Prompts, kept_name


class PromptLibrary:
    """The user's saved prompts. Every call reads the folder; raises ``AppError`` if it cannot be read."""

    def __init__(self, prompts: Prompts, now: Callable[[], datetime]) -> None:
        self._prompts = prompts
        self._now = now

    @property
    def folder(self) -> str:
        """The folder, for display."""
        return str(self._prompts.folder)

    def all(self) -> tuple[Template, ...]:
        """Return all readable prompts."""
        found = []
        for name in self._prompts.names():
            try:
                found.append(self._prompts.load(name))
            except AppError:
                continue  # an unreadable one is reported when requested by name
        return tuple(found)

    def find(self, typed: str) -> Template:
        """Find a prompt by name, case-insensitively, or by a unique prefix."""
        wanted = typed.strip()
        names = self._prompts.names()
        low = wanted.casefold()
        same = [n for n in names if n == wanted] or [n for n in names if n.casefold() == low]
        fitting = same or [n for n in names if n.casefold().startswith(low)]
        if len(fitting) == 1 or same:
            return self._prompts.load(fitting[0])
        if fitting:
            raise AppError(
                Problem(
                    kind=ErrorKind.USAGE, title=f"Several prompts begin with {wanted}", detail=", ".join(fitting[:6])
                )
            )
        from difflib import get_close_matches  # only ever needed on this failure; kept off the start-up path

        near = get_close_matches(low, names, n=3, cutoff=0.4)
        hint = f"Did you mean {', '.join(near)}?" if near else "/save-prompt keeps one"
        raise AppError(Problem(kind=ErrorKind.USAGE, title=f"No prompt is called {wanted}", hint=hint))

    def exists(self, name: str) -> bool:
        """Return whether saving under this name would replace a prompt."""
        return kept_name(name) in self._prompts.names()

    def save(self, name: str, text: str, *, system: str = "", model: str = "", description: str = "") -> str:
        """Save a prompt, replacing one of the same name; returns the stored name."""
        if not text.strip() and not system.strip():
            raise AppError(
                Problem(kind=ErrorKind.USAGE, title="There is nothing to save", hint="Write the prompt first")
            )
        return self._prompts.save(Template(name=name, text=text, system=system, model=model, description=description))

    def known_values(self, draft: str = "") -> dict[str, str]:
        """Return the variables known without asking: ``date``, ``time`` and ``input``, the typed text."""
        now = self._now().astimezone()
        known = {"date": f"{now:%Y-%m-%d}", "time": f"{now:%H:%M}"}
        return known | ({INPUT: draft} if draft.strip() else {})

    def to_ask(self, template: Template, known: Mapping[str, str]) -> tuple[Variable, ...]:
        """Return the variables that the user must fill in."""
        return tuple(v for v in template.variables if v.name not in known)


def open_prompts(paths: AppPaths, now: Callable[[], datetime]) -> PromptLibrary:
    """Return the prompts of a configuration folder. Creates nothing."""
    return PromptLibrary(Prompts(paths.prompts), now)


def persona_text(template: Template, values: Mapping[str, str]) -> str:
    """Return the system prompt of a persona: its ``system`` field, or else its text."""
    return fill(template.system or template.text, values)
