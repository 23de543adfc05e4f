"""Converts values of ``domain`` to the records of an export and back, with errors that name the place in the file."""

from __future__ import annotations

from functools import cache
from typing import Any

from tui_router.domain.codec import Codec, InvalidRecord
from tui_router.domain.problem import Kind, Problem, Trouble


def trouble(where: str, wrong: str) -> Trouble:
    """Return the error of a failed import: the place in the file, and what is wrong there."""
    return Trouble(
        Problem(kind=Kind.FILE, title="The file cannot be imported", detail=f"{where}: {wrong}" if where else wrong)
    )


def to_record(value: Any) -> dict[str, Any]:
    """Return a dataclass as a JSON object."""
    return _codec_of(type(value)).dump(value)  # type: ignore[arg-type]  # mypy thinks that a class is not hashable


def from_record(cls: type[Any], record: Any, where: str = "") -> Any:
    """Return the value of a JSON object with its texts cleaned. Raises ``Trouble`` that names the place."""
    try:
        return _codec_of(cls).load(record)  # type: ignore[arg-type]
    except InvalidRecord as error:
        found = error.below(where) if where else error
        raise trouble(found.place, found.reason) from None


@cache
def _codec_of(cls: type[Any]) -> Codec[Any]:
    return Codec(cls, strict=True)
