"""Reads and writes TOML. Reading reports problems instead of raising; editing keeps comments, order and formatting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.safe import clean_line

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import Item


class TomlEdit(NamedTuple):
    """One change: ``group.name = value``. ``None`` removes the line."""

    group: str
    name: str
    value: object


def parse_toml(data: bytes, file: str) -> tuple[dict[str, Any], Problem | None]:
    """Return the document, or an empty one and a problem that names the line."""
    if not data:
        return {}, None
    import tomllib  # the first start has no file and skips this import

    try:
        return tomllib.loads(_decoded(data)), None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        reason = f"line {line} is not UTF-8 text"
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        # Never quote the line itself: it may contain a key.
        reason = clean_line(str(error), 160)
    return {}, Problem(
        kind=ErrorKind.SETTINGS,
        title=f"{file} could not be read",
        detail=f"{file}: {reason}",
        hint="Until it is corrected the defaults are used, except for limits on spending; the file stays as it is",
    )


def dump_toml(document: Mapping[str, Any], header: str) -> str:
    """Return a new file: the header line, then the document."""
    import tomlkit  # 25 ms; only a save needs it

    body = tomlkit.dumps(_converted(document)).strip("\n")
    return f"{header}\n\n{body}\n" if body else f"{header}\n"


def edit_toml(data: bytes, edits: Iterable[TomlEdit]) -> bytes | None:
    """Return an edited file with its comments, order and formatting; ``None`` if that is not possible.

    ``data`` must be readable by ``parse_toml``. The result is parsed again and compared with the plain edit, so a
    file that tomlkit cannot edit correctly is never written.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    changes = list(edits)
    wanted, _ = parse_toml(data, "")
    for edit in changes:
        apply_edit(wanted, edit)
    try:
        document = tomlkit.parse(_decoded(data))
        for edit in changes:
            _edit_styled(document, edit)
        text = tomlkit.dumps(document)
    except (TOMLKitError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        return None
    if b"\r\n" in data:
        text = text.replace("\n", "\r\n")
    edited = text.encode()
    found, broken = parse_toml(edited, "")
    return edited if broken is None and _comparable(found) == _comparable(wanted) else None


def apply_edit(document: dict[str, Any], edit: TomlEdit) -> None:
    """Apply one edit to a plain document; a group that becomes empty is removed."""
    table = document.get(edit.group)
    if not isinstance(table, dict):
        table = {}
    if edit.value is None:
        table.pop(edit.name, None)
    else:
        table[edit.name] = edit.value
    if table:
        document[edit.group] = table
    else:
        document.pop(edit.group, None)


def _edit_styled(document: TOMLDocument, edit: TomlEdit) -> None:
    import tomlkit

    table: Any = document.get(edit.group)
    if not isinstance(table, Mapping):
        if edit.value is None:
            document.pop(edit.group, None)
            return
        table = tomlkit.table()
        document[edit.group] = table
    if edit.value is not None:
        if _is_other(table.get(edit.name), edit.value):
            table[edit.name] = _item(edit.value)
    elif edit.name in table:
        _remove_line(table, edit.name)
    if not table and "#" not in table.as_string() and not table.trivia.comment:
        document.pop(edit.group)


def _remove_line(table: Any, name: str) -> None:
    """Remove a value, but keep the comment at the end of its line as a line of its own."""
    import tomlkit
    from tomlkit.items import Table

    comment = table[name].trivia.comment if isinstance(table, Table) else ""
    body = table.value.body if comment else []
    index = next((i for i, (key, _) in enumerate(body) if key is not None and key.key == name), None)
    table.remove(name)
    if index is not None:
        body[index] = (None, tomlkit.comment(comment.removeprefix("#").removeprefix(" ")))


def _is_other(current: Any, value: object) -> bool:
    found = current.unwrap() if hasattr(current, "unwrap") else current
    return _comparable(found) != _comparable(value)


def _item(value: object) -> Item | Any:
    import tomlkit

    return tomlkit.value(_decimal_text(value)) if isinstance(value, Decimal) else value


def _converted(value: Any) -> Any:
    return {k: _converted(v) for k, v in value.items()} if isinstance(value, Mapping) else _item(value)


def _decimal_text(amount: Decimal) -> str:
    text = str(amount).lower()
    return text if "." in text or "e" in text else f"{text}.0"


def _comparable(value: object) -> str:
    """Return a text that is equal for equal documents, NaN included; empty tables do not count."""
    import json

    return json.dumps(
        _without_empty(value), sort_keys=True, default=lambda v: float(v) if isinstance(v, Decimal) else str(v)
    )


def _without_empty(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    return {k: _without_empty(v) for k, v in value.items() if not (isinstance(v, Mapping) and not v)}


def _decoded(data: bytes) -> str:
    return data.decode("utf-8-sig").replace("\r\n", "\n")
