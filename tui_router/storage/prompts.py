"""Prompt templates of the user: one Markdown file each, with optional front matter.

---
description: Review a change
model: openai/gpt-5
system: You are strict.
---
Review this {{language=Python}} code: {{input}}
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.prompt_template import Template
from tui_router.domain.safe import clean, clean_line
from tui_router.storage.errors import file_problem
from tui_router.storage.files import read_bytes, safe_file_name, write_private

SUFFIX = ".md"
_LARGEST = 1_000_000
"""Bytes; larger files are rejected."""
_HEAD = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"([A-Za-z_]+)[ \t]*:[ \t]*(.*)")


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompts in a folder, which is read on every call because files may be edited by hand."""

    folder: Path

    def names(self) -> tuple[str, ...]:
        """Return the names of all prompts in alphabetical order. Raises ``AppError``."""
        try:
            files = [p for p in self.folder.iterdir() if p.suffix.lower() == SUFFIX and p.name[0] != "."]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise AppError(file_problem(error, self.folder)) from error
        return tuple(sorted((p.stem for p in files), key=str.casefold))

    def load(self, name: str) -> Template:
        """Return a prompt by its exact name. Raises ``AppError``."""
        path = self._path(name)
        data = read_bytes(path) if path is not None else None
        if data is None:
            raise AppError(
                Problem(
                    kind=ErrorKind.FILE, title=f"No prompt is called {clean_line(name, 60)}", hint="See /prompt for all"
                )
            )
        if len(data) > _LARGEST:
            title = f"{clean_line(name, 60)} is too large for a prompt"
            raise AppError(Problem(kind=ErrorKind.FILE, title=title, hint="Attach it as a file instead"))
        return parse_prompt(name, data.decode("utf-8-sig", "replace"))

    def save(self, template: Template) -> str:
        """Write a prompt, replacing one of the same name; return the name of its file. Raises ``AppError``."""
        name = kept_name(template.name)
        write_private(self.folder / f"{name}{SUFFIX}", prompt_text(template))
        return name

    def _path(self, name: str) -> Path | None:
        """Return the file of a prompt, ``None`` if the folder has none: a name is never used as a path."""
        if name not in self.names():
            return None
        return next((p for p in self.folder.iterdir() if p.stem == name and p.suffix.lower() == SUFFIX), None)


def kept_name(name: str) -> str:
    """Return a name as a safe file name."""
    return safe_file_name(name.strip().removesuffix(SUFFIX), fallback="prompt")


def parse_prompt(name: str, text: str) -> Template:
    """Parse a prompt file. Malformed front matter is part of the text; unknown fields are ignored."""
    safe = clean(text)
    fields: dict[str, str] = {}
    body = safe
    head = _HEAD.match(safe)
    if head is not None and (found := _fields(head[1])) is not None:
        fields, body = found, safe[head.end() :]
    return Template(
        name=clean_line(name),
        text=body.strip("\n"),
        system=fields.get("system", ""),
        model=clean_line(fields.get("model", "")),
        description=clean_line(fields.get("description", "")),
    )


def prompt_text(template: Template) -> str:
    """Return the contents of a prompt file."""
    fields = [
        (name, value)
        for name, value in (
            ("description", template.description),
            ("model", template.model),
            ("system", template.system),
        )
        if value
    ]
    # A text that starts with --- needs front matter above it, or it would be parsed as front matter.
    if not fields and not template.text.startswith("---"):
        return template.text + "\n"
    lines = ["---", *(f"{name}: {_folded(value)}" for name, value in fields), "---"]
    return "\n".join(lines) + f"\n{template.text}\n"


def _fields(head: str) -> dict[str, str] | None:
    """Parse front matter; indented lines continue the field above. ``None`` if it is malformed."""
    fields: dict[str, str] = {}
    last = ""
    for line in head.split("\n"):
        match = _FIELD.match(line)
        if match is not None:
            last = match[1].lower()
            fields[last] = match[2].strip().removeprefix("|").strip()
        elif last and (not line.strip() or line[0] in " \t"):
            fields[last] += "\n" + line.strip()
        elif line.strip() and not line.lstrip().startswith("#"):
            return None
    return {name: _unquoted(value.strip("\n")) for name, value in fields.items()}


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" and "\n" not in value
    return value[1:-1] if is_quoted else value


def _folded(value: str) -> str:
    lines = value.split("\n")
    return lines[0] if len(lines) == 1 else "|\n" + "\n".join(f"  {line}".rstrip() for line in lines)
