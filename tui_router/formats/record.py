"""Values of ``domain`` as JSON and back, driven by their type hints: a new field needs no line here.

A field that has its default is left out. A value of a union of classes is tagged with its ``type``
(``text``, ``tool_call``, …). Money is written as text, so that no digit is lost.
"""

from __future__ import annotations

import re
import types
import typing
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any

from tui_router.domain.message import Part
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.safe import clean
from tui_router.domain.spec import Spec, specs_of

_TAG = "type"
_TAGGED: tuple[type[Any], ...] = typing.get_args(Part)
_HUMP = re.compile(r"(?<!^)(?=[A-Z])")


def trouble(where: str, wrong: str) -> Trouble:
    """Return the failure of an import: where in the file, and what is wrong there."""
    return Trouble(
        Problem(kind=Kind.FILE, title="The file cannot be imported", detail=f"{where}: {wrong}" if where else wrong)
    )


def to_record(value: Any) -> Any:
    """Return a value of ``domain`` as what ``json.dumps`` takes."""
    if is_dataclass(value) and not isinstance(value, type):
        written = {f.name: getattr(value, f.name) for f in fields(value)}
        return {f.name: _written(written[f.name]) for f in fields(value) if written[f.name] != _default(f)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_written(v) for v in value]
    return value


def from_record(cls: type[Any], record: Any, where: str = "") -> Any:
    """Return the value of a class that ``record`` describes, its texts cleaned; raises ``Trouble`` that says where."""
    if not isinstance(record, dict):
        raise trouble(where, f"an object was expected, not {_kind(record)}")
    hints, checks = _plan(cls)  # type: ignore[arg-type]  # mypy does not know that a class is hashable
    found: dict[str, Any] = {}
    for declared in fields(cls):
        place = f"{where}.{declared.name}".lstrip(".")
        if declared.name in record:
            value = _read(hints[declared.name], record[declared.name], place)
            try:
                found[declared.name] = checks[declared.name].check(value) if declared.name in checks else value
            except Trouble as error:
                raise trouble(place, error.problem.sentence()) from None
        elif _default(declared) is MISSING:
            raise trouble(place, "is missing")
    return cls(**found)


@cache
def _plan(cls: type[Any]) -> tuple[dict[str, Any], dict[str, Spec]]:
    """Return the type hints and the specs of a class; read once, for they cost more than reading a record."""
    return typing.get_type_hints(cls), {s.name: s for s in specs_of(cls)}


def tag_of(cls: type[Any]) -> str:
    """Return the tag of a class within a union: ``ToolCall`` is ``tool_call``."""
    return _HUMP.sub("_", cls.__name__).lower()


def _written(value: Any) -> Any:
    record = to_record(value)
    return {_TAG: tag_of(type(value)), **record} if type(value) in _TAGGED else record


def _default(declared: Field[Any]) -> Any:
    if declared.default_factory is not MISSING:
        return declared.default_factory()
    return declared.default


def _read(hint: Any, value: Any, where: str) -> Any:
    if isinstance(hint, types.UnionType):
        return _read_union(typing.get_args(hint), value, where)
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise trouble(where, f"a list was expected, not {_kind(value)}")
        return tuple(_read(typing.get_args(hint)[0], v, f"{where}[{n}]") for n, v in enumerate(value))
    if is_dataclass(hint):
        return from_record(typing.cast(type[Any], hint), value, where)
    return _read_plain(hint, value, where)


def _read_union(members: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in members:
        return None
    choices = [m for m in members if m is not type(None)]
    if len(choices) == 1:
        return _read(choices[0], value, where)
    tag = value.get(_TAG) if isinstance(value, dict) else None
    for choice in choices:
        if tag_of(choice) == tag:
            return from_record(choice, value, where)
    raise trouble(where, f"one of {', '.join(map(tag_of, choices))} was expected, not {tag!r}")


def _read_plain(hint: type[Any], value: Any, where: str) -> Any:
    try:
        if hint is str and isinstance(value, str):
            return clean(value)
        if hint is bool and isinstance(value, bool):
            return value
        if hint is int and isinstance(value, int) and not isinstance(value, bool):
            return value
        if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        if hint is Decimal and isinstance(value, str | int) and Decimal(value).is_finite():
            return Decimal(value)
        if isinstance(value, str) and issubclass(hint, datetime | date | time):
            return hint.fromisoformat(value)
        if issubclass(hint, Enum) and isinstance(value, str):
            return hint(value)
    except (ValueError, OverflowError, InvalidOperation):
        pass
    raise trouble(where, f"{_noun(hint)} was expected, not {_kind(value)}")


def _noun(hint: type[Any]) -> str:
    if issubclass(hint, Enum):
        return "one of " + ", ".join(str(m.value) for m in hint)
    known = {str: "text", bool: "true or false", int: "a whole number", float: "a number", Decimal: "an amount"}
    return known.get(hint, "a date such as 2026-11-22T16:30:00+00:00")


def _kind(value: Any) -> str:
    if isinstance(value, str):
        shown = clean(value[:40])
        return f"{shown!r}" if len(value) <= 40 else f"{shown!r}…"
    names = {dict: "an object", list: "a list", type(None): "null"}
    return names.get(type(value), str(value)[:40])
