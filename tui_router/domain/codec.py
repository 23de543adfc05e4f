"""Converts dataclasses to JSON values and back, driven by their type hints: a new field needs no code here.

Fields that equal their default are omitted. Money is written as text so that no digit is lost. In a union of classes
each object carries its ``type`` (``text``, ``tool_call``, …).
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeVar

from tui_router.domain.problem import AppError
from tui_router.domain.safe import clean
from tui_router.domain.spec import specs_of

T = TypeVar("T")
_TAG = "type"
_NOUNS = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    Decimal: "an amount",
    datetime: "a date such as 2026-11-22T16:30:00+00:00",
    date: "a date such as 2026-11-22",
    time: "a time such as 16:30",
}
_NO_VALUE = (ValueError, TypeError, ArithmeticError)


class InvalidRecord(ValueError):
    """A JSON value does not describe the expected value."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.reason = reason
        self.place = place
        """Path inside the record, such as ``parts[0].text``; empty for the record itself."""

    def below(self, step: str) -> InvalidRecord:
        """Return the same error as seen from one level up."""
        dot = "." if self.place and not self.place.startswith("[") else ""
        return InvalidRecord(self.reason, f"{step}{dot}{self.place}")


class Converter(NamedTuple):
    """Two functions: to plain JSON, and back. ``load`` raises ``InvalidRecord``."""

    dump: Callable[[Any], Any]
    load: Callable[[Any], Any]


class FieldPlan(NamedTuple):
    """How one field of a class is converted."""

    name: str
    default: Any
    convert: Converter
    check: Callable[[object], Any] | None


class Codec(Generic[T]):
    """Converts one dataclass.

    By default ``load`` is lenient, for our own data written by another version: a field that does not fit keeps its
    default, unknown fields are ignored. With ``strict`` it is meant for files of unknown origin: every field must
    fit its type and its ``Spec``, and control characters are removed from texts.
    """

    def __init__(self, cls: type[T], *, strict: bool = False) -> None:
        self._cls = cls
        self._strict = strict
        hints = typing.get_type_hints(cls)
        checks = {s.name: s.check for s in specs_of(cls)} if strict else {}
        self._plan = tuple(
            FieldPlan(f.name, _default(f), converter(hints[f.name], strict=strict), checks.get(f.name))
            for f in fields(cls)  # type: ignore[arg-type]
        )

    def dump(self, value: T) -> dict[str, Any]:
        """Return a JSON object without the fields that equal their default."""
        row: dict[str, Any] = {}
        for name, default, convert, _ in self._plan:
            current = getattr(value, name)
            if current is not default and current != default:
                row[name] = convert.dump(current)
        return row

    def load(self, row: object) -> T:
        """Return the value of a JSON object. Raises ``InvalidRecord``."""
        if not isinstance(row, Mapping):
            raise InvalidRecord(f"an object was expected, not {_described(row)}")
        values: dict[str, Any] = {}
        for name, default, convert, check in self._plan:
            if name not in row:
                if default is MISSING:
                    raise InvalidRecord("is missing", name)
                continue
            try:
                found = convert.load(row[name])
                values[name] = check(found) if check is not None else found
            except InvalidRecord as error:
                if self._strict or default is MISSING:
                    raise error.below(name) from None
            except AppError as error:
                raise InvalidRecord(error.problem.sentence(), name) from None
        return self._cls(**values)


def tag_of(cls: type[Any]) -> str:
    """Return the ``type`` of a class in a union: ``tool_call`` for ``ToolCall``."""
    return "".join(f"_{c}" if c.isupper() else c for c in cls.__name__).lower().removeprefix("_")


def converter(hint: Any, *, strict: bool = False) -> Converter:
    """Return how values of a declared type are converted."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, types.UnionType):
        return _union(args, strict)
    if origin is tuple and args[-1] is Ellipsis:
        one = converter(args[0], strict=strict)
        return Converter(lambda v: [one.dump(x) for x in v], lambda v: tuple(_load_items(one, _list(v))))
    if origin is tuple:
        each = [converter(a, strict=strict) for a in args]
        return Converter(
            lambda v: [c.dump(x) for c, x in zip(each, v, strict=True)], lambda v: _load_each(each, _list(v))
        )
    if origin is frozenset:
        one = converter(args[0], strict=strict)
        return Converter(lambda v: sorted(one.dump(x) for x in v), lambda v: frozenset(_load_items(one, _list(v))))
    if is_dataclass(hint):
        inner: Codec[Any] = Codec(typing.cast("type[Any]", hint), strict=strict)
        return Converter(inner.dump, inner.load)
    return _plain(hint, strict)


def _union(members: tuple[Any, ...], strict: bool) -> Converter:
    classes = [m for m in members if m is not type(None)]
    if len(classes) == 1:
        inner = converter(classes[0], strict=strict)
        return Converter(lambda v: None if v is None else inner.dump(v), lambda v: None if v is None else inner.load(v))
    codecs: dict[str, Codec[Any]] = {tag_of(c): Codec(c, strict=strict) for c in classes}

    def load(value: Any) -> Any:
        if value is None and type(None) in members:
            return None
        tag = value.get(_TAG) if isinstance(value, Mapping) else None
        if not isinstance(tag, str) or tag not in codecs:
            raise InvalidRecord(f"one of {', '.join(codecs)} was expected, not {tag!r}")
        return codecs[tag].load(value)

    def dump(value: Any) -> Any:
        tag = tag_of(type(value))
        return None if value is None else {_TAG: tag, **codecs[tag].dump(value)}

    return Converter(dump, load)


def _plain(hint: Any, strict: bool) -> Converter:
    if issubclass(hint, Enum):
        return Converter(lambda v: v.value, _guarded(hint, hint))
    if hint is Decimal:
        kinds = (str, int) if strict else (str, int, float)
        return Converter(str, _guarded(hint, lambda v: _amount(_checked(v, kinds))))
    if issubclass(hint, datetime | date | time):
        return Converter(lambda v: v.isoformat(), _guarded(hint, hint.fromisoformat))
    if hint is str and strict:
        return Converter(lambda v: v, _guarded(hint, lambda v: clean(_checked(v, (str,)))))
    if hint is float:
        return Converter(lambda v: v, _guarded(hint, lambda v: float(_checked(v, (int, float)))))
    return Converter(lambda v: v, _guarded(hint, lambda v: _checked(v, (hint,))))


def _guarded(hint: type[Any], load: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def guarded(value: Any) -> Any:
        try:
            return load(value)
        except _NO_VALUE:
            raise InvalidRecord(f"{_noun(hint)} was expected, not {_described(value)}") from None

    return guarded


def _checked(value: Any, kinds: tuple[type, ...]) -> Any:
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise TypeError("another type was declared")
    return value


def _amount(value: Any) -> Decimal:
    amount = Decimal(str(value))
    if not amount.is_finite():
        raise ValueError("not finite")
    return amount


def _load_items(one: Converter, values: list[Any]) -> list[Any]:
    found = []
    for number, value in enumerate(values):
        try:
            found.append(one.load(value))
        except InvalidRecord as error:
            raise error.below(f"[{number}]") from None
    return found


def _load_each(each: list[Converter], values: list[Any]) -> tuple[Any, ...]:
    if len(values) != len(each):
        raise InvalidRecord(f"a list of {len(each)} was expected, not of {len(values)}")
    return tuple(_load_items(convert, [value])[0] for convert, value in zip(each, values, strict=True))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidRecord(f"a list was expected, not {_described(value)}")
    return value


def _default(declared: Field[Any]) -> Any:
    if declared.default_factory is not MISSING:
        return declared.default_factory()
    return declared.default


def _noun(hint: type[Any]) -> str:
    if issubclass(hint, Enum):
        return "one of " + ", ".join(str(m.value) for m in hint)
    return _NOUNS.get(hint, hint.__name__)


def _described(value: Any) -> str:
    if isinstance(value, str):
        shown = clean(value[:40])
        return f"{shown!r}" if len(value) <= 40 else f"{shown!r}…"
    names = {dict: "an object", list: "a list", type(None): "null"}
    return names.get(type(value), str(value)[:40])
