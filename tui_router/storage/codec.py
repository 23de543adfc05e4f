"""Frozen values to JSON and back, by their declared fields. Sparse: what holds its default is not written.

Reading is forgiving: a field that does not fit keeps its default, one that is not known is passed over,
so that rows of other versions open. A value whose required fields are missing raises ``ValueError``.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")
_WRONG = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError)


class Converter(NamedTuple):
    """To plain JSON, and back."""

    dump: Callable[[Any], Any]
    load: Callable[[Any], Any]


class FieldPlan(NamedTuple):
    """One field of a class."""

    name: str
    default: Any
    convert: Converter


class Codec(Generic[T]):
    """Reads and writes one dataclass."""

    def __init__(self, cls: type[T]) -> None:
        self._cls = cls
        hints = typing.get_type_hints(cls)
        self._plan = tuple(
            FieldPlan(
                f.name,
                f.default_factory() if f.default_factory is not MISSING else f.default,
                converter(hints[f.name]),
            )
            for f in fields(cls)  # type: ignore[arg-type]
        )

    def dump(self, value: T) -> dict[str, Any]:
        """Return a value as a sparse JSON object."""
        row: dict[str, Any] = {}
        for name, default, convert in self._plan:
            current = getattr(value, name)
            if current is not default and current != default:
                row[name] = None if current is None else convert.dump(current)
        return row

    def load(self, row: object) -> T:
        """Return the value of a JSON object; raises ``ValueError`` when that is impossible."""
        if not isinstance(row, Mapping):
            raise ValueError(f"not an object: {type(row).__name__}")
        values: dict[str, Any] = {}
        for name, default, convert in self._plan:
            if name not in row:
                continue
            found = row[name]
            try:
                values[name] = None if found is None else convert.load(found)
            except _WRONG:
                if default is MISSING:
                    raise ValueError(f"{name} does not fit") from None
        try:
            return self._cls(**values)
        except TypeError as error:
            raise ValueError(str(error)) from None


def converter(hint: Any) -> Converter:
    """Return how values of a declared type are written and read."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, types.UnionType):
        return converter(next(a for a in args if a is not type(None)))
    if origin is tuple and args[-1] is Ellipsis:
        one = converter(args[0])
        return Converter(lambda v: [one.dump(x) for x in v], lambda v: tuple(one.load(x) for x in _list(v)))
    if origin is tuple:
        each = [converter(a) for a in args]
        return Converter(
            lambda v: [c.dump(x) for c, x in zip(each, v, strict=True)],
            lambda v: tuple(c.load(x) for c, x in zip(each, _list(v), strict=True)),
        )
    if origin is frozenset:
        one = converter(args[0])
        return Converter(lambda v: sorted(one.dump(x) for x in v), lambda v: frozenset(one.load(x) for x in _list(v)))
    return _simple(hint)


def to_text(value: Any) -> str:
    """Return JSON that SQLite can store, whatever characters are in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if is_storable(text) else json.dumps(value, separators=(",", ":"))


def from_text(text: object, default: Any) -> Any:
    """Return what a JSON text holds; ``default`` when it is empty or not JSON."""
    if not isinstance(text, str) or not text:
        return default
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return default


def is_storable(text: str) -> bool:
    """Say whether a text has no lone surrogates."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def storable(text: str) -> str:
    """Return a text with each lone surrogate replaced by U+FFFD: SQLite holds UTF-8."""
    return text if is_storable(text) else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _simple(hint: Any) -> Converter:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Converter(lambda v: v.value, hint)
    if hint is Decimal:
        return Converter(str, _decimal)
    if hint in (datetime, date, time):
        return Converter(lambda v: v.isoformat(), hint.fromisoformat)
    if is_dataclass(hint):
        inner: Codec[Any] = Codec(typing.cast("type[Any]", hint))
        return Converter(inner.dump, inner.load)
    wanted = (int, float) if hint is float else (hint,)
    return Converter(lambda v: v, lambda v: _checked(v, wanted, hint))


def _checked(value: Any, wanted: tuple[type, ...], hint: type) -> Any:
    if not isinstance(value, wanted) or (isinstance(value, bool) and hint is not bool):
        raise TypeError("another type was declared")
    return value


def _decimal(value: Any) -> Decimal:
    amount = Decimal(str(value))
    if not amount.is_finite():
        raise ValueError("not an amount")
    return amount


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value
