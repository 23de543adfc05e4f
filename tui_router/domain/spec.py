"""A field that describes itself. Files, forms, flags, help, limits and the wire all read the same ``Spec``."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, Field, field, fields
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from tui_router.domain.problem import AppError, ErrorKind, Problem

_NAME = "tui_router.spec"


class Spec(NamedTuple):
    """What is known of one settable field."""

    name: str
    help: str
    type: type
    """``bool``, ``int``, ``float``, ``Decimal``, ``str`` or ``tuple`` (of strings)."""
    default: Any
    optional: bool = False
    """True when ``None`` (not set) is a value."""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    pattern: str = ""
    """A regular expression for texts that are valid besides the choices (or instead of them)."""
    example: str = ""
    """What such a text is, in words: ``requests a minute/at once such as 30/3``."""
    wire: str = ""
    """Dotted path in a request body; empty when it is not sent."""
    env: str = ""
    """Name of the environment variable that overrides it."""
    unit: str = ""
    live: bool = False
    """True when a form should show each choice at once (themes)."""

    def expects(self) -> str:
        """Return what a valid value is, in words: ``a number from 0 to 2``."""
        if self.choices:
            return "one of " + ", ".join(self.choices) + (f", or {self.example}" if self.pattern else "")
        if self.pattern:
            return self.example
        noun = {bool: "true or false", int: "a whole number", float: "a number", Decimal: "an amount", str: "text"}.get(
            self.type, "a list of texts"
        )
        if self.minimum is not None and self.maximum is not None:
            noun += f" from {self.minimum:g} to {self.maximum:g}"
        elif self.minimum is not None:
            noun += f" of at least {self.minimum:g}"
        elif self.maximum is not None:
            noun += f" of at most {self.maximum:g}"
        return noun + (f" ({self.unit})" if self.unit else "")

    def check(self, value: object) -> Any:
        """Return ``value`` in this field's type, or raise ``AppError`` that says what was expected."""
        if value is None and self.optional:
            return None
        converted = self._convert(value)
        if converted is MISSING or not self._within(converted):
            raise self._trouble(value)
        return converted

    def parse(self, text: str) -> Any:
        """Return the value that a person typed; empty text or ``default`` means not set."""
        typed = text.strip()
        if typed.lower() in {"", "default", "none", "unset"} and (
            self.optional or typed.lower() in {"default", "unset"}
        ):
            return None if self.optional else self.default
        if self.type is bool:
            word = typed.lower()
            if word in {"true", "yes", "on", "1"}:
                return True
            if word in {"false", "no", "off", "0"}:
                return False
            raise self._trouble(text)
        if self.type is tuple:
            return self.check([p.strip() for p in typed.split(",") if p.strip()])
        if self.type is str:
            return self.check(typed)
        try:
            return self.check(self.type(typed.replace("_", "").removeprefix("$")))
        except (ValueError, InvalidOperation):
            raise self._trouble(text) from None

    def show(self, value: object) -> str:
        """Return a value as a person would type it."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, tuple):
            return ", ".join(map(str, value))
        return f"{value:g}" if isinstance(value, float) else str(value)

    def _convert(self, value: object) -> Any:
        if self.type is bool or isinstance(value, bool):
            return value if self.type is bool and isinstance(value, bool) else MISSING
        if self.type is tuple:
            if isinstance(value, str):
                return (value,)
            is_texts = isinstance(value, Sequence) and all(isinstance(v, str) for v in value)
            return tuple(value) if is_texts else MISSING  # type: ignore[arg-type]
        if self.type is Decimal:
            if not isinstance(value, int | float | str | Decimal):
                return MISSING
            try:
                amount = Decimal(str(value))
            except InvalidOperation:
                return MISSING
            return amount if amount.is_finite() else MISSING
        if self.type is float and isinstance(value, int | float):
            return float(value) if abs(value) < 1e15 else MISSING
        if self.type is int and isinstance(value, float) and value.is_integer():
            return int(value)
        return value if isinstance(value, self.type) else MISSING

    def _within(self, value: Any) -> bool:
        if self.pattern and isinstance(value, str):
            return value in self.choices or re.fullmatch(self.pattern, value) is not None
        if self.choices:
            return value in self.choices if self.type is not tuple else set(value) <= set(self.choices)
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            low = self.minimum is None or value >= self.minimum
            return low and (self.maximum is None or value <= self.maximum)
        return True

    def _trouble(self, value: object) -> AppError:
        shown = repr(value)
        return AppError(
            Problem(
                kind=ErrorKind.SETTINGS,
                title=f"{self.name} cannot be {shown if len(shown) <= 60 else shown[:57] + '…'}",
                hint=f"Expected {self.expects()}",
            )
        )


def spec(
    help: str,
    *,
    default: Any = None,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Sequence[str] = (),
    pattern: str = "",
    example: str = "",
    wire: str = "",
    env: str = "",
    unit: str = "",
    live: bool = False,
) -> Any:
    """Declare a dataclass field that describes itself; ``specs_of`` reads it back."""
    about = {
        "help": help,
        "minimum": minimum,
        "maximum": maximum,
        "choices": tuple(choices),
        "pattern": pattern,
        "example": example,
        "wire": wire,
        "env": env,
        "unit": unit,
        "live": live,
    }
    return field(default=default, metadata={_NAME: about})


def specs_of(cls: type[Any]) -> tuple[Spec, ...]:
    """Return the specs of a dataclass, in the order of its fields; fields without one are left out."""
    hints = typing.get_type_hints(cls)
    return tuple(_spec_of(f, hints[f.name]) for f in fields(cls) if _NAME in f.metadata)


def _spec_of(declared: Field[Any], hint: Any) -> Spec:
    optional = False
    if isinstance(hint, types.UnionType):
        members = [a for a in typing.get_args(hint) if a is not type(None)]
        optional = len(members) < len(typing.get_args(hint))
        hint = members[0]
    base = typing.get_origin(hint) or hint
    return Spec(name=declared.name, type=base, default=declared.default, optional=optional, **declared.metadata[_NAME])


def set_fields(value: object) -> Iterator[tuple[Spec, Any]]:
    """Yield (spec, value) of every field of a dataclass that is set (not ``None``, not an empty tuple)."""
    for declared in specs_of(type(value)):
        current = getattr(value, declared.name)
        if current is not None and current != ():
            yield declared, current
