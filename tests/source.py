"""The source of the package as syntax trees, for tests that read it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tui_router"


class Module(NamedTuple):
    """One file of source."""

    path: Path
    name: str
    """Dotted name; a package by its own name."""
    tree: ast.Module

    @property
    def place(self) -> str:
        """The path from the top of the repository, as people write it."""
        return self.path.relative_to(ROOT).as_posix()


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Return every Python file below these folders of the repository (the package when none is named)."""
    return tuple(_read(p) for folder in folders or ("tui_router",) for p in sorted((ROOT / folder).rglob("*.py")))


def imports(module: Module, *, top_only: bool = False) -> Iterator[tuple[str, int]]:
    """Yield (dotted name, line) of all that a file imports; with ``top_only`` only what loading it imports."""
    for node in _nodes(module.tree, top_only=top_only):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method of a file."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _nodes(tree: ast.AST, *, top_only: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        yield child
        is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        is_for_types = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        if not (top_only and (is_function or is_for_types)):
            yield from _nodes(child, top_only=top_only)


def _read(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(path, name, ast.parse(path.read_text(encoding="utf-8"), filename=str(path)))
