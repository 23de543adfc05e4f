"""What a settings form shows: one field per setting and per key, made from specs and data rows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.safe import clean
from tui_router.domain.settings import GROUP_TITLES, Setting, Settings, all_settings, value_at
from tui_router.domain.spec import Spec
from tui_router.ui.keymap import show_key

KEYS_TITLE = "Keys"
LINE_BREAK = "⏎"
"""Stands for a line break in a field of one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A command whose keys may be changed."""

    id: str
    text: str
    keys: str
    """Keys in force, as ``[keys]`` spells them, comma separated."""
    default: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values that a field can have."""

    text: str
    """As ``FormField.parse`` takes it."""
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFacts:
    """What a form is made from."""

    settings: Settings
    sources: Mapping[str, str] = field(default_factory=dict)
    """What holds a setting from outside, by path, e.g. ``environment (LOG_LEVEL)``; such cannot be changed here."""
    options: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)
    """Values to choose from that only the running program knows, by path: the themes."""
    keys: tuple[KeyRow, ...] = ()
    check_key: Callable[[str, str], Problem | None] | None = None
    """Says what is wrong with keys (second) for a command (first)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One thing that can be set."""

    path: str
    group: str
    """Title of the group."""
    name: str
    help: str
    expects: str
    text: str
    """The value in force, as a person would type it."""
    default: str
    value: Any
    default_value: Any
    parse: Callable[[str], Any]
    """Returns the value of a typed text; raises ``AppError``."""
    source: str = ""
    """Where the value comes from."""
    is_locked: bool = False
    """True when the value comes from outside, where this program cannot change it."""
    options: tuple[Option, ...] = ()
    is_switch: bool = False
    """True when there are two values, and choosing the field flips it."""
    is_live: bool = False
    """True when each option is to be shown at once."""

    @property
    def is_default(self) -> bool:
        """True when nothing was changed."""
        return bool(self.value == self.default_value)

    @property
    def shown(self) -> str:
        """The value as the list shows it."""
        label = next((o.label for o in self.options if o.text == self.text), self.text)
        return label or "not set"


def fields_of(facts: FormFacts) -> Iterator[FormField]:
    """Yield every field, in the order of the form: the settings by group, then the keys."""
    for setting in all_settings():
        yield _setting_field(setting, facts)
    for row in facts.keys:
        yield _key_field(row, facts)


def titles(facts: FormFacts) -> tuple[str, ...]:
    """Return the titles of the groups, in order."""
    return (*GROUP_TITLES.values(), *((KEYS_TITLE,) if facts.keys else ()))


def lock_on(declared: FormField) -> Problem | None:
    """Return why a field cannot be changed at all, if so."""
    if not declared.is_locked:
        return None
    return Problem(
        kind=ErrorKind.SETTINGS, title=f"Set by the {clean(declared.source)}", hint="Unset it there and start again"
    )


def fault_in(declared: FormField, text: str) -> Problem | None:
    """Return what is wrong with a typed text, if anything."""
    try:
        declared.parse(text)
    except AppError as trouble:
        return trouble.problem
    return None


def _setting_field(setting: Setting, facts: FormFacts) -> FormField:
    spec = setting.spec
    value = value_at(facts.settings, setting.path)
    options = facts.options.get(setting.path) or _options(spec)
    source = facts.sources.get(setting.path, "")
    if not source:
        source = "default" if value == spec.default else "settings.toml"
    return FormField(
        path=setting.path,
        group=GROUP_TITLES[setting.group],
        name=spec.name.replace("_", " "),
        help=spec.help,
        expects=spec.expects(),
        text=_one_line(spec.show(value)),
        default=_one_line(spec.show(spec.default)),
        value=value,
        default_value=spec.default,
        parse=lambda text: spec.parse(text.replace(LINE_BREAK, "\n")),
        source=source,
        is_locked=setting.path in facts.sources,
        options=options,
        is_switch=spec.type is bool and not spec.optional,
        is_live=spec.live,
    )


def _one_line(text: str) -> str:
    return clean(text).replace("\n", LINE_BREAK)


def _options(spec: Spec) -> tuple[Option, ...]:
    unset = (Option("", "not set"),) if spec.optional else ()
    if spec.type is bool:
        return (*unset, Option("on", "on"), Option("off", "off"))
    if spec.choices and not spec.pattern and spec.type is not tuple:
        return (*unset, *(Option(c, c) for c in spec.choices))
    return ()


def _key_field(row: KeyRow, facts: FormFacts) -> FormField:
    check = facts.check_key

    def parse(text: str) -> str:
        keys = ", ".join(k.strip() for k in text.split(",") if k.strip())
        problem = check(row.id, keys) if check is not None else None
        if problem is not None:
            raise AppError(problem)
        return keys

    keys = clean(row.keys)
    return FormField(
        path=f"keys.{row.id}",
        group=KEYS_TITLE,
        name=row.text,
        help=f"Keys for “{row.text}”" + (f" ({row.context})" if row.context else "") + f", command {row.id}",
        expects="names such as ctrl+l, shift+f2, alt+k; a comma between two; empty for none",
        text=keys,
        default=row.default,
        value=row.keys,
        default_value=row.default,
        parse=parse,
        source="default" if row.keys == row.default else "settings.toml",
    )


def show_keys(keys: str) -> str:
    """Return keys as people write them: ``Ctrl+L, F5``."""
    return ", ".join(show_key(k.strip()) for k in keys.split(",") if k.strip())
