"""Reads and writes ``settings.toml``, which holds only values that differ from their defaults.

Each value is checked with its ``Spec``. An invalid one keeps its default and yields a ``Problem`` that names the file,
the setting and the expected value. A file that cannot be parsed is copied before it is replaced.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.settings import GROUP_TITLES, Settings, all_settings, find_setting, value_at, with_value
from tui_router.domain.spec import specs_of
from tui_router.storage.environment import Environment
from tui_router.storage.errors import file_problem
from tui_router.storage.files import keep_beside, locked, read_bytes, write_private
from tui_router.storage.paths import AppPaths
from tui_router.storage.toml import TomlEdit, apply_edit, dump_toml, edit_toml, parse_toml

HEADER = "# Settings of tui-router that differ from the defaults. Your comments and layout are kept."
_OLD_HEADER = b"# Written by tui-router: only what differs from the defaults. Comments are not kept when it saves."


class LoadedSettings(NamedTuple):
    """The settings in force, their sources and problems."""

    settings: Settings
    stored: Settings
    """The settings in the file, without the environment."""
    problems: tuple[Problem, ...] = ()
    from_env: frozenset[str] = frozenset()
    """Paths (``look.theme``) that the environment overrides."""
    is_there: bool = True
    """False when there is no file at all."""
    unread: Mapping[str, Problem] = MappingProxyType({})
    """Problems of unreadable values by path; all paths if the whole file is unreadable."""
    mentioned: frozenset[str] = frozenset()
    """Paths in ``unread`` of spending limits that the file seems to set."""


class SavedSettings(NamedTuple):
    """The stored settings after a change."""

    stored: Settings
    notices: tuple[Problem, ...] = ()
    """Copies of the file that were made, to be shown once."""


def load_settings(paths: AppPaths, environment: Environment | None = None) -> LoadedSettings:
    """Return the settings in force. Never raises: unreadable values are their defaults, with a problem."""
    source = _read(paths.settings)
    stored, faults = _walk(source.document, paths.settings.name)
    unread, mentioned = _unread(source, faults)
    settings, from_env, found = _overlay(stored, environment or Environment())
    broken = [source.broken] if source.broken else []
    return LoadedSettings(
        settings=settings,
        stored=stored,
        problems=(*broken, *faults.problems, *found),
        from_env=frozenset(from_env),
        is_there=source.is_there,
        unread=unread,
        mentioned=mentioned,
    )


def settings_stamp(paths: AppPaths) -> tuple[int, ...]:
    """Return a stamp that differs after every change of the file; cheap enough to check before each paid request."""
    try:
        found = paths.settings.stat()
    except OSError as error:
        return (error.errno or 0,)
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


def change_setting(
    paths: AppPaths, path: str, value: object, last_good: Mapping[str, object] = MappingProxyType({})
) -> SavedSettings:
    """Change one setting in the file and return the settings stored now. A default value is removed from the file.

    The file is read again under a lock, so that changes of other instances survive. If it cannot be read, a new
    file is started with the spending limits in ``last_good`` (by path), which apply until then. Comments, order and
    formatting survive.

    Raises ``AppError`` when the value is invalid, a spending limit would be lost, or the file cannot be written.
    """
    setting = find_setting(path)
    checked = setting.spec.check(value)
    plain = None if checked == setting.spec.default else _plain(checked)
    edit = TomlEdit(setting.group, setting.spec.name, plain)
    return _edit(paths, lambda _: [edit], last_good, setting.path)


def change_key(
    paths: AppPaths, command: str, keys: str | None, last_good: Mapping[str, object] = MappingProxyType({})
) -> SavedSettings:
    """Bind keys to a command in ``[keys]``; ``None`` restores its default keys."""
    return _edit(paths, lambda _: [TomlEdit("keys", command, keys)], last_good)


def save_settings(paths: AppPaths, settings: Settings) -> SavedSettings:
    """Write all settings that differ from their defaults; unknown settings stay in the file."""

    def edits(document: Mapping[str, Any]) -> list[TomlEdit]:
        found = []
        for setting in all_settings():
            value = value_at(settings, setting.path)
            plain = None if value == setting.spec.default else _plain(value)
            found.append(TomlEdit(setting.group, setting.spec.name, plain))
        bound = document.get("keys", {})
        unbound = [k for k in bound if k not in settings.keys] if isinstance(bound, Mapping) else [""]
        found += [TomlEdit("keys", command, None) for command in unbound]
        return found + [TomlEdit("keys", command, keys) for command, keys in settings.keys.items()]

    return _edit(paths, edits)


def _edit(
    paths: AppPaths,
    edits_of: Callable[[Mapping[str, Any]], list[TomlEdit]],
    last_good: Mapping[str, object] = MappingProxyType({}),
    path: str = "",
) -> SavedSettings:
    file = paths.settings
    notices: list[Problem] = []
    with locked(paths.config):
        data = _bytes(file) or b""
        document, broken = parse_toml(data, file.name)
        edits = edits_of(document)
        if broken:
            limits, notices = _start_over(file, data, last_good, path)
            edits = [*limits, *edits]
        text: str | bytes | None = None
        if data and not broken:
            text = edit_toml(_with_new_header(data), edits)
            if text is None:
                notices.append(_kept(keep_beside(file, ".orig"), "Its comments and layout could not be kept"))
        for edit in edits:
            apply_edit(document, edit)
        write_private(file, dump_toml(document, HEADER) if text is None else text)
    stored, _ = _walk(document, file.name)
    return SavedSettings(stored=stored, notices=tuple(notices))


def _start_over(
    file: Path, data: bytes, last_good: Mapping[str, object], path: str
) -> tuple[list[TomlEdit], list[Problem]]:
    """Copy a file that cannot be read; return the spending limits to keep, and notices."""
    from tui_router.storage.settings_recovery import limits_to_keep

    limits = limits_to_keep(data.decode("utf-8", "replace"), last_good, path)
    notices = [_kept(keep_beside(file, ".bad"), "The file could not be read, so a new one was begun")]
    edits = []
    for limit, amount in limits.items():
        group, _, name = limit.partition(".")
        edits.append(TomlEdit(group, name, str(amount)))
    if limits:
        carried_over = ", ".join(f"{name} = {amount}" for name, amount in limits.items())
        notices.append(replace(notices[0], title="Limits were carried over", detail=carried_over))
    return edits, notices


def _with_new_header(data: bytes) -> bytes:
    """Replace the header of versions that did not keep comments."""
    return data.replace(_OLD_HEADER, HEADER.encode(), 1) if data.startswith(_OLD_HEADER) else data


def _kept(copy: Path, why: str) -> Problem:
    return Problem(
        kind=ErrorKind.SETTINGS, title=f"A copy was kept as {copy.name}", detail=why, hint=f"It lies at {copy}"
    )


class _Source(NamedTuple):
    """The file as it was read."""

    document: dict[str, Any]
    text: str
    broken: Problem | None
    is_there: bool


@dataclass(slots=True)
class _Faults:
    """The faults found in the document."""

    problems: list[Problem] = field(default_factory=list)
    unread: dict[str, Problem] = field(default_factory=dict)
    groups: dict[str, Problem] = field(default_factory=dict)
    unknown: dict[str, Problem] = field(default_factory=dict)


def _read(path: Path) -> _Source:
    try:
        data = _bytes(path)
    except AppError as trouble:
        return _Source({}, "", replace(trouble.problem, kind=ErrorKind.SETTINGS), True)
    document, broken = parse_toml(data or b"", path.name)
    return _Source(document, (data or b"").decode("utf-8", "replace"), broken, data is not None)


def _bytes(path: Path) -> bytes | None:
    """Return the contents of the file, ``None`` if there is none. Raises ``AppError``, for pipes and devices too."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if not path.is_symlink():
            return None
        raise AppError(_no_file(path, "It is a link to a file that is not there")) from None
    except OSError as error:
        raise AppError(file_problem(error, path)) from error
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise AppError(_no_file(path, "It is a pipe or a device"))
    return read_bytes(path)


def _no_file(path: Path, why: str) -> Problem:
    return Problem(
        kind=ErrorKind.SETTINGS,
        title=f"{path.name} could not be read",
        detail=f"{why}: {path}",
        hint="Put a file in its place, or remove it",
    )


def _unread(source: _Source, faults: _Faults) -> tuple[dict[str, Problem], frozenset[str]]:
    """Return the problems of unreadable settings by path, and the spending limits among them that seem to be set."""
    if not (source.broken or faults.unread or faults.groups or faults.unknown):
        return {}, frozenset()
    from tui_router.storage import settings_recovery  # only needed for a faulty file

    if source.broken is not None:
        return {s.path: source.broken for s in all_settings()}, settings_recovery.guards_in(source.text)
    unread = dict(faults.unread)
    for path, wrong in settings_recovery.misspelt_limits(faults.unknown, source.document).items():
        unread.setdefault(path, faults.unknown[wrong])
    for path in settings_recovery.GUARDS:
        if path in unread:
            unread[path] = settings_recovery.with_line(unread[path], source.text, path)
    return faults.groups | unread, frozenset(unread)


def _walk(document: Mapping[str, Any], file: str) -> tuple[Settings, _Faults]:
    faults = _Faults()
    settings = Settings()
    groups: dict[str, Any] = {}
    for name in GROUP_TITLES:
        table = document.get(name)
        if table is None or table == {}:
            continue  # most files set little, and many starts have no file
        default = getattr(settings, name)
        known = {s.name: s for s in specs_of(type(default))}
        if not isinstance(table, Mapping):
            wrong = _wrong(file, name, "Expected a group of settings", f"Write [{name}] above its settings")
            faults.problems.append(wrong)
            faults.groups.update({f"{name}.{key}": wrong for key in known})
            continue
        changes: dict[str, Any] = {}
        for key, value in table.items():
            if key not in known:
                _note_unknown(faults, file, f"{name}.{key}")
                continue
            try:
                changes[key] = known[key].check(value)
            except AppError as trouble:
                hint = f"{trouble.problem.hint}; the default is used"
                wrong = _wrong(file, f"{name}.{key}", trouble.problem.title, hint)
                faults.problems.append(wrong)
                faults.unread[f"{name}.{key}"] = wrong
        groups[name] = replace(default, **changes) if changes else default
    groups["keys"] = _walk_keys(document.get("keys", {}), file, faults.problems)
    for name in document:
        if name not in GROUP_TITLES and name != "keys":
            _note_unknown(faults, file, name, document[name])
    return replace(settings, **groups), faults


def _note_unknown(faults: _Faults, file: str, path: str, value: object = None) -> None:
    """Record an unknown setting, or all settings of an unknown group."""
    problem = _unknown(file, path)
    faults.problems.append(problem)
    inside = [f"{path}.{key}" for key in value] if isinstance(value, Mapping) else [path]
    faults.unknown.update(dict.fromkeys(inside, problem))


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
        except AppError as trouble:
            # Other programs read LOG_LEVEL too and accept other values.
            if setting.spec.env.startswith("OPENROUTER_"):
                source = environment.source(setting.spec.env)
                problems.append(_wrong(source, setting.path, trouble.problem.title, trouble.problem.hint))
            continue
        settings = with_value(settings, setting.path, value)
        paths.add(setting.path)
    return settings, paths, problems


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _wrong(file: str, path: str, detail: str, hint: str) -> Problem:
    return Problem(kind=ErrorKind.SETTINGS, title=f"{file}: {path} is not valid", detail=detail, hint=hint)


def _unknown(file: str, path: str) -> Problem:
    return Problem(
        kind=ErrorKind.SETTINGS,
        title=f"{file}: {path} is not known",
        detail="This version has no such setting; the line is kept",
        hint="Check the spelling, or remove the line",
    )
