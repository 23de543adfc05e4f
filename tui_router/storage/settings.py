"""``settings.toml``: sparse, checked value by value, never overwritten when it cannot be read.

Each value is checked with its own ``Spec``. A bad one keeps its default and becomes a ``Problem`` that
names file, setting and what was expected, so one bad line never stops the program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.settings import GROUP_TITLES, Settings, all_settings, find_setting, value_at, with_value
from tui_router.domain.spec import specs_of
from tui_router.storage.environment import Environment
from tui_router.storage.files import keep_beside, locked, read_bytes, write_private
from tui_router.storage.places import Places
from tui_router.storage.toml import dump_toml, has_comments, parse_toml

HEADER = "# Written by tui-router: only what differs from the defaults. Comments are not kept when it saves."


class LoadedSettings(NamedTuple):
    """Settings in force, and what there is to say about them."""

    settings: Settings
    stored: Settings
    """What the file says, without the environment: this is what a save changes."""
    problems: tuple[Problem, ...] = ()
    from_env: frozenset[str] = frozenset()
    """Paths (``look.theme``) that the environment overrides."""


class SavedSettings(NamedTuple):
    """What the file says after a save."""

    stored: Settings
    notices: tuple[Problem, ...] = ()
    """Copies that were kept; each is said once."""


def load_settings(places: Places, environment: Environment | None = None) -> LoadedSettings:
    """Return the settings in force. Never raises: what cannot be read is the default, with a problem."""
    document, problems = _read(places.settings)
    stored, found = _walk(document, places.settings.name)
    problems += found
    settings, from_env, found = _overlay(stored, environment or Environment())
    return LoadedSettings(
        settings=settings, stored=stored, problems=tuple(problems + found), from_env=frozenset(from_env)
    )


def change_setting(places: Places, path: str, value: object) -> SavedSettings:
    """Change one setting in the file and return what it says now; the default leaves the file.

    The file is read again first, under a lock, so that what another window changed stays.
    Raises ``Trouble`` when the value does not fit or the disk refuses.
    """
    setting = find_setting(path)
    checked = value_at(with_value(Settings(), setting.path, value), setting.path)
    plain = None if checked == setting.spec.default else _plain(checked)
    return _edit(places, lambda document: _put(document, setting.group, setting.spec.name, plain))


def change_key(places: Places, command: str, keys: str | None) -> SavedSettings:
    """Change the keys of one command in ``[keys]``; ``None`` goes back to its own."""
    return _edit(places, lambda document: _put(document, "keys", command, keys))


def save_settings(places: Places, settings: Settings) -> SavedSettings:
    """Write all settings, sparsely; what this version does not know stays in the file."""

    def lay(document: dict[str, Any]) -> None:
        for setting in all_settings():
            value = value_at(settings, setting.path)
            plain = None if value == setting.spec.default else _plain(value)
            _put(document, setting.group, setting.spec.name, plain)
        document.pop("keys", None)
        if settings.keys:
            document["keys"] = dict(settings.keys)

    return _edit(places, lay)


def _edit(places: Places, change: Any) -> SavedSettings:
    path = places.settings
    notices: list[Problem] = []
    with locked(places.config):
        data = read_bytes(path)
        document, broken = parse_toml(data or b"", path.name)
        if broken:
            copy = keep_beside(path, ".bad")
            notices.append(_kept(copy, "The file could not be read, so a new one was begun"))
        elif data and has_comments(data.decode("utf-8", "replace"), HEADER):
            copy = keep_beside(path, ".orig")
            notices.append(_kept(copy, "Your comments are in the copy: they are not kept when settings are saved"))
        change(document)
        write_private(path, dump_toml(document, HEADER))
    stored, _ = _walk(document, path.name)
    return SavedSettings(stored=stored, notices=tuple(notices))


def _kept(copy: Path, why: str) -> Problem:
    return Problem(kind=Kind.SETTINGS, title=f"A copy was kept as {copy.name}", detail=why, hint=f"It lies at {copy}")


def _read(path: Path) -> tuple[dict[str, Any], list[Problem]]:
    try:
        data = read_bytes(path)
    except Trouble as trouble:
        return {}, [replace(trouble.problem, kind=Kind.SETTINGS)]
    document, broken = parse_toml(data or b"", path.name)
    return document, [broken] if broken else []


def _walk(document: Mapping[str, Any], file: str) -> tuple[Settings, list[Problem]]:
    problems: list[Problem] = []
    settings = Settings()
    groups: dict[str, Any] = {}
    for name in GROUP_TITLES:
        table = document.get(name)
        if table is None or table == {}:
            continue  # most files set little, and many starts have no file
        if not isinstance(table, Mapping):
            problems.append(_wrong(file, name, "Expected a group of settings", f"Write [{name}] above its settings"))
            continue
        default = getattr(settings, name)
        changes: dict[str, Any] = {}
        known = {s.name: s for s in specs_of(type(default))}
        for key, value in table.items():
            if key not in known:
                problems.append(_unknown(file, f"{name}.{key}"))
                continue
            try:
                changes[key] = known[key].check(value)
            except Trouble as trouble:
                problems.append(
                    _wrong(file, f"{name}.{key}", trouble.problem.title, f"{trouble.problem.hint}; the default is used")
                )
        groups[name] = replace(default, **changes) if changes else default
    groups["keys"] = _walk_keys(document.get("keys", {}), file, problems)
    problems.extend(_unknown(file, n) for n in document if n not in GROUP_TITLES and n != "keys")
    return replace(settings, **groups), problems


def _walk_keys(table: object, file: str, problems: list[Problem]) -> dict[str, str]:
    if not isinstance(table, Mapping):
        problems.append(_wrong(file, "keys", "Expected a group of keys", "Write [keys] above them"))
        return {}
    keys: dict[str, str] = {}
    for command, value in table.items():
        if isinstance(value, list) and all(isinstance(v, str) for v in value):
            keys[command] = ",".join(value)
        elif isinstance(value, str):
            keys[command] = value
        else:
            hint = 'Expected text such as "ctrl+n"; the command keeps its own keys'
            problems.append(_wrong(file, f"keys.{command}", f"{command} cannot have these keys", hint))
    return keys


def _overlay(stored: Settings, environment: Environment) -> tuple[Settings, set[str], list[Problem]]:
    settings, paths, problems = stored, set[str](), list[Problem](environment.problems)
    if not environment.values:
        return settings, paths, problems
    for setting in all_settings():
        text = environment.values.get(setting.spec.env, "") if setting.spec.env else ""
        if not text:
            continue
        try:
            value = setting.spec.parse(text.lower() if setting.spec.choices else text)
        except Trouble as trouble:
            # Other programs read LOG_LEVEL too, and know more words.
            if setting.spec.env.startswith("OPENROUTER_"):
                source = environment.source(setting.spec.env)
                problems.append(_wrong(source, setting.path, trouble.problem.title, trouble.problem.hint))
            continue
        settings = with_value(settings, setting.path, value)
        paths.add(setting.path)
    return settings, paths, problems


def _put(document: dict[str, Any], group: str, name: str, value: object) -> None:
    table = document.get(group)
    if not isinstance(table, dict):
        table = {}
    if value is None:
        table.pop(name, None)
    else:
        table[name] = value
    if table:
        document[group] = table
    else:
        document.pop(group, None)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _wrong(file: str, path: str, detail: str, hint: str) -> Problem:
    return Problem(kind=Kind.SETTINGS, title=f"{file}: {path} is not valid", detail=detail, hint=hint)


def _unknown(file: str, path: str) -> Problem:
    return Problem(
        kind=Kind.SETTINGS,
        title=f"{file}: {path} is not known",
        detail="This version has no such setting; the line is kept",
        hint="Check the spelling, or remove the line",
    )
