"""Theme files: bundled ones and those of the user.

Only the active theme is read at start; all of them are read when the user opens the picker. Theme files are
untrusted: every fault becomes a ``Problem`` that names file and key. Missing optional colours are derived later.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tui_router.domain.palette import ANSI_NAMES, COLOR_KEYS, DEFAULT_THEME, PLAIN, REQUIRED_COLORS, TEXT_KEYS, Palette
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.safe import clean_line

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_ANSI_COLORS = frozenset(f"ansi_{name}" for name in ANSI_NAMES)
_ATTRIBUTES = frozenset({"bold", "dim", "italic", "underline", "strike", "reverse", "none"})
_TOP_KEYS = frozenset({"name", "title", "dark", "ansi", "colors", "text"})
_LARGEST = 64 * 1024
_MOST = 200


def bundled_themes() -> Path:
    """Return the folder of the bundled themes, in the wheel or in the source tree."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "themes"
    return installed if installed.is_dir() else package.parent / "themes"


def theme_files(bundled: Path, user: Path) -> dict[str, Path]:
    """Return the theme files by name without reading them; a file of the user overrides a bundled one."""
    files: dict[str, Path] = {}
    for folder in (bundled, user):
        try:
            found = sorted(p for p in folder.iterdir() if p.suffix == ".toml" and not p.name.startswith("."))
        except OSError:
            continue  # most users have no folder of themes
        files.update((p.stem, p) for p in found[:_MOST])
    return files


def find_palette(name: str, bundled: Path, user: Path) -> tuple[Palette, tuple[Problem, ...]]:
    """Return a theme by name, reading only its file; the default theme and the problems if it is unusable."""
    problems: tuple[Problem, ...] = ()
    if _NAME.fullmatch(name):
        for path in (user / f"{name}.toml", bundled / f"{name}.toml"):
            if path.is_file():
                palette, found = load_palette(path)
                problems += found
                if palette is not None:
                    return palette, problems
    shown = clean_line(name, 40)
    known = ", ".join(theme_files(bundled, user)) or "none"
    missing = Problem(kind=ErrorKind.SETTINGS, title=f"No theme is called {shown}", hint=f"There are: {known}")
    fallback = load_palette(bundled / f"{DEFAULT_THEME}.toml")[0] if name != DEFAULT_THEME else None
    return fallback or PLAIN, problems or (missing,)


def load_palettes(bundled: Path, user: Path) -> tuple[tuple[Palette, ...], tuple[Problem, ...]]:
    """Return all usable themes, and the problems of all files."""
    palettes: list[Palette] = []
    problems: list[Problem] = []
    for path in theme_files(bundled, user).values():
        palette, found = load_palette(path)
        problems += found
        if palette is not None:
            palettes.append(palette)
    return tuple(palettes), tuple(problems)


def load_palette(path: Path) -> tuple[Palette | None, tuple[Problem, ...]]:
    """Read a theme file without its invalid values; ``None`` if it is unusable."""
    name = clean_line(path.name, 60)
    if not _NAME.fullmatch(path.stem):
        return None, (_problem(name, "its name", "letters, digits, - and _ only, at most 40"),)
    try:
        data = _read(path)
    except (OSError, ValueError) as trouble:
        return None, (_problem(name, clean_line(str(trouble), 160), "a readable TOML file of at most 64 KB"),)
    return _ThemeParser(name).palette(path.stem, data)


def _read(path: Path) -> dict[str, Any]:
    import tomllib  # only when a theme is read

    with path.open("rb") as stream:
        raw = stream.read(_LARGEST + 1)
    if len(raw) > _LARGEST:
        raise ValueError("the file is too large")
    return tomllib.loads(raw.decode("utf-8"))


def _problem(file: str, what: str, expected: str) -> Problem:
    return Problem(
        kind=ErrorKind.SETTINGS, title=f"Theme {file}: {what}", hint=f"Expected {expected}" if expected else ""
    )


class _ThemeParser:
    """Validates one theme file and collects its problems."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._problems: list[Problem] = []

    def palette(self, name: str, data: Mapping[str, Any]) -> tuple[Palette | None, tuple[Problem, ...]]:
        """Return the palette of a file, ``None`` if it is unusable, and its problems."""
        for key in data:
            if key not in _TOP_KEYS:
                self._wrong(key, "name, title, dark, ansi, [colors] or [text]", "is not known")
        ansi = self._flag(data, "ansi", False)
        colors = self._colors(self._table(data, "colors"), ansi)
        text = self._styles(self._table(data, "text"), colors)
        title = data.get("title", name)
        if not isinstance(title, str):
            self._wrong("title", "text")
            title = name
        missing = [key for key in REQUIRED_COLORS if key not in colors]
        for key in missing:
            if key not in self._table(data, "colors"):
                self._wrong(f"colors.{key}", "a colour: no theme can do without it", "is missing")
        palette = Palette(
            name=name,
            title=clean_line(title, 40) or name,
            dark=self._flag(data, "dark", True),
            ansi=ansi,
            colors=colors,
            text=text,
        )
        return (None if missing else palette), tuple(self._problems)

    def _flag(self, data: Mapping[str, Any], key: str, default: bool) -> bool:
        value = data.get(key, default)
        if not isinstance(value, bool):
            self._wrong(key, "true or false")
            return default
        return value

    def _table(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = data.get(key, {})
        if isinstance(value, dict):
            return value
        self._wrong(key, "a table")
        return {}

    def _colors(self, table: Mapping[str, Any], ansi: bool) -> dict[str, str]:
        colors: dict[str, str] = {}
        for key, value in table.items():
            if key not in COLOR_KEYS:
                self._wrong(f"colors.{key}", "one of " + ", ".join(COLOR_KEYS), "is not known")
            elif not isinstance(value, str) or not _is_color(value, ansi):
                expected = "a colour such as #89b4fa" + (" or ansi_blue" if ansi else "")
                self._wrong(f"colors.{key}", expected)
            else:
                colors[key] = _long_hex(value)
        return colors

    def _styles(self, table: Mapping[str, Any], colors: Mapping[str, str]) -> dict[str, str]:
        styles: dict[str, str] = {}
        for key, value in table.items():
            if key not in TEXT_KEYS:
                self._wrong(f"text.{key}", "a style of the transcript", "is not known")
                continue
            style = _style(value, colors) if isinstance(value, str) else None
            if style is None:
                self._wrong(f"text.{key}", "a style such as bold #89b4fa on #1e1e2e, or italic accent")
            else:
                styles[key] = style
        return styles

    def _wrong(self, key: str, expected: str, what: str = "has a wrong value") -> None:
        self._problems.append(_problem(self._file, f"{clean_line(key, 40)} {what}", expected))


def _is_color(value: str, ansi: bool) -> bool:
    return _HEX.fullmatch(value) is not None or (ansi and value in _ANSI_COLORS)


def _long_hex(value: str) -> str:
    if len(value) == 4 and value.startswith("#"):
        return "#" + "".join(c * 2 for c in value[1:])
    return value.lower()


def _style(value: str, colors: Mapping[str, str]) -> str | None:
    """Return a style with its colours resolved; ``None`` if a word of it is invalid."""
    words: list[str] = []
    color_due = False
    seen_color = False
    for word in value.split():
        if word == "on" and not color_due:
            color_due = True
            words.append(word)
            continue
        if word in _ATTRIBUTES and not color_due:
            words.append(word)
            continue
        color = _style_color(word, colors)
        if color is None or (seen_color and not color_due):
            return None
        seen_color = seen_color or not color_due
        color_due = False
        words.append(color)
    return " ".join(words) if words and not color_due else None


def _style_color(word: str, colors: Mapping[str, str]) -> str | None:
    if word in colors:
        return colors[word].removeprefix("ansi_")
    if word in ANSI_NAMES:
        return word
    return _long_hex(word) if _HEX.fullmatch(word) else None
