"""Generates the tables of the documentation from the code: ``python -m tests.doc_tables`` rewrites them in place.

Each table is between ``<!-- table: NAME -->`` and ``<!-- end -->``; a test compares.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable

from tests.source import ROOT
from tui_router.cli.entry import SHELL
from tui_router.domain.palette import COLOR_KEYS, REQUIRED_COLORS, TEXT_KEYS
from tui_router.domain.problem import EXITS
from tui_router.domain.settings import GROUP_TITLES, all_settings
from tui_router.formats.registry import EXPORTERS, IMPORTERS
from tui_router.ui.command import SCOPE_TITLES
from tui_router.ui.commands import COMMANDS

PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
"""Every page of the documentation."""
_MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_KEY_NAMES = {
    "escape": "Esc", "enter": "Enter", "tab": "Tab", "space": "Space", "up": "Up", "down": "Down", "left": "Left",
    "right": "Right", "end": "End", "home": "Home", "pageup": "PgUp", "pagedown": "PgDn", "delete": "Delete",
    "backspace": "Backspace", "question_mark": "?", "asterisk": "*", "equals_sign": "=", "plus": "+", "minus": "−",
    "left_square_bracket": "[", "right_square_bracket": "]", "slash": "/", "backslash": "\\", "at": "@", "comma": ",",
}  # fmt: skip


def tables() -> dict[str, Callable[[], str]]:
    """Return the functions that generate the tables, by name."""
    return {
        "shell": _shell,
        "keys": _keys,
        "slash": _slash,
        "settings": _settings,
        "exits": _exits,
        "exports": _exports,
        "imports": _imports,
        "themes": _themes,
        "theme_colors": _theme_colors,
        "theme_styles": _theme_styles,
    }


def rewritten(text: str) -> str:
    """Return a page with every table generated again; an unknown name raises ``KeyError``."""
    makers = tables()
    return _MARKED.sub(lambda m: f"{m[1]}{makers[m[2]]()}{m[3]}", text)


def key_name(key: str) -> str:
    """Return a key of Textual as people write it: ``ctrl+p`` is ``Ctrl+P``."""
    words = [_KEY_NAMES.get(part, part) for part in key.strip().split("+")]
    if len(words) > 1:
        words = [w.upper() if len(w) == 1 else w[:1].upper() + w[1:] for w in words]
    elif re.fullmatch(r"f\d+", words[0]):
        words = [words[0].upper()]
    elif re.fullmatch(r"upper_[a-z]", words[0]):
        words = [words[0][-1].upper()]
    return "+".join(words)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _shell() -> str:
    rows = [("`tui-router [TEXT]`", "the app; the text, or piped input, becomes the draft")]
    rows += [(f"`tui-router {name}`", about.help) for name, about in SHELL.items()]
    return _table(("command", "does"), rows)


def _keys() -> str:
    rows = [
        (", ".join(_code(key_name(k)) for k in c.key.split(",")), title, c.title, f"`{c.id}`")
        for scope, title in SCOPE_TITLES.items()
        for c in COMMANDS
        if c.key and c.scope is scope
    ]
    return _table(("key", "where", "does", "id"), rows)


def _slash() -> str:
    rows = []
    for c in COMMANDS:
        if c.slash:
            aliases = f" (also {', '.join(f'`/{a}`' for a in c.slash[1:])})" if len(c.slash) > 1 else ""
            rows.append((_code(f"/{c.slash[0]} {c.takes}".strip()) + aliases, c.help))
    return _table(("command", "does"), rows)


def _settings() -> str:
    rows = []
    for group, declared in all_settings():
        default = declared.show(declared.default)
        about = declared.help + (f" (`{declared.env}`)" if declared.env else "")
        rows.append((f"`{group}.{declared.name}`", about, declared.expects(), _code(default) if default else "not set"))
    assert {r[0].strip("`").partition(".")[0] for r in rows} == set(GROUP_TITLES)
    return _table(("setting", "what", "takes", "default"), rows)


def _exits() -> str:
    return _table(("code", "meaning"), [(str(e.code), e.meaning) for e in EXITS])


def _exports() -> str:
    return _table(("format", "what it is"), [(f"`{e.name}`", e.help) for e in EXPORTERS])


def _imports() -> str:
    return _table(("from", "which file"), [(i.name, i.help) for i in IMPORTERS])


def _themes() -> str:
    rows = []
    for path in sorted((ROOT / "themes").glob("*.toml")):
        about = tomllib.loads(path.read_text(encoding="utf-8"))
        kind = "the terminal's own colours" if about.get("ansi") else "dark" if about.get("dark", True) else "light"
        rows.append((f"`{path.stem}`", str(about.get("title", path.stem)), kind))
    return _table(("theme", "name", "kind"), rows)


def _theme_colors() -> str:
    rows = [(f"`{n}`", about, "required" if n in REQUIRED_COLORS else "") for n, about in COLOR_KEYS.items()]
    return _table(("key", "used for", ""), rows)


def _theme_styles() -> str:
    return _table(("key", "used for"), [(f"`{name}`", about) for name, about in TEXT_KEYS.items()])


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(rewritten(page.read_text(encoding="utf-8")), encoding="utf-8")
