"""TOML in and out, with a problem in place of an exception, and without losing a person's comments unseen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tui_router.domain.problem import Kind, Problem
from tui_router.domain.safe import clean_line

_TOKEN = re.compile(
    r'''#[^\n]*|"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|'[^'\n]*\'''',
    re.DOTALL,
)


def parse_toml(data: bytes, file: str) -> tuple[dict[str, Any], Problem | None]:
    """Return the document; when it cannot be read, an empty one and what is wrong in which line."""
    if not data:
        return {}, None
    import tomllib  # a first start has no file, and pays nothing

    try:
        return tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n")), None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        reason = f"line {line} is not UTF-8 text"
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        # The text of the error may quote the line, and so a key: only the place and the reason are taken.
        reason = clean_line(str(error), 160)
    return {}, Problem(
        kind=Kind.SETTINGS,
        title=f"{file} could not be read",
        detail=f"{file}: {reason}",
        hint="Until it is corrected the defaults are used, except for limits on spending; the file stays as it is",
    )


def dump_toml(document: Mapping[str, Any], header: str) -> str:
    """Return a document as text, under one line that says who writes it."""
    import tomli_w  # only a save needs it

    body = tomli_w.dumps(document, multiline_strings=False)
    return f"{header}\n\n{body}" if body else f"{header}\n"


def has_comments(text: str, header: str) -> bool:
    """Say whether a person wrote comments into a file that begins with our ``header`` or none."""
    own = header.strip()
    return any(t[0][:1] == "#" and t[0].strip() != own for t in _TOKEN.finditer(text.removeprefix("\ufeff")))
