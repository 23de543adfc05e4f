"""Reads files into message parts: text, images and PDF. Refuses anything else with a reason.

Blocking: call it from a worker thread.
"""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from tui_router.domain.message import File, Image
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.safe import clean, clean_line
from tui_router.services.files import list_files

SIZE_LIMIT = 20_000_000
"""Maximum size of an attached file, in bytes."""
TEXT_LIMIT = 2_000_000
"""Maximum size of a text file, in bytes."""
FOLDER_FILES = 100
"""Maximum number of files from one folder."""
FOLDER_LIMIT = 1_000_000
"""Maximum text from one folder, in bytes."""

_PICTURES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))

Part = Image | File


def media_type(head: bytes) -> str:
    """Return the media type that the first bytes indicate: an image type, ``application/pdf``, or ``""``."""
    for signature, name in _PICTURES:
        if head.startswith(signature):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return "application/pdf" if b"%PDF-" in head[:1024] else ""


def decode_text(data: bytes) -> str | None:
    """Return the text of a text file (UTF-8, UTF-16 with a mark, else Latin-1), cleaned; ``None`` for binary data."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return clean(data.decode("utf-16", "replace"))
    if b"\x00" in data:
        return None
    try:
        return clean(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        controls = sum(b < 32 and b not in b"\t\n\r\f" for b in data[:4096])
        return None if controls > 4 else clean(data.decode("latin-1"))


def read_attachments(path: str, folder: str = "") -> tuple[tuple[str, Part], ...]:
    """Read a file, or the text files of a folder.

    Args:
        path: As typed; ``~`` is the home folder, relative to ``folder`` (empty: the current one).
        folder: Where relative paths begin.

    Returns:
        Label and part of each.

    Raises:
        AppError: Missing (with the nearest names), unreadable, too big, or neither text, picture nor PDF.
    """
    place = Path(folder or ".", os.path.expanduser(path))
    try:
        mode = place.stat().st_mode
    except (OSError, ValueError) as error:
        raise _missing(path, place, error) from error
    if stat.S_ISDIR(mode):
        found = tuple(_read_folder(path, place))
        if not found:
            raise _trouble("Nothing to attach", f"{clean_line(path)} holds no text files.", "Name a file in it.")
        return found
    if not stat.S_ISREG(mode):
        # A device or a pipe may never end.
        raise _trouble("Not a file", f"{clean_line(path)} is neither a file nor a folder.", "")
    return (_read_file(path, place),)


def _read_file(path: str, place: Path) -> tuple[str, Part]:
    name = clean_line(place.name)
    try:
        size = place.stat().st_size
        if size > SIZE_LIMIT:
            raise _trouble("Too big to attach", f"{name} has {size / 1e6:.0f} MB, the limit is 20 MB.", "Cut it down.")
        with place.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise _trouble("Cannot read the file", f"{name}: {error.strerror}.", "") from error
    kind = media_type(data[:1024])
    if kind.startswith("image/"):
        return f"{name}, {_size(len(data))}", Image(kind, data=base64.b64encode(data).decode("ascii"), name=name)
    if kind:
        return f"{name}, {_size(len(data))}", File(name, kind, data=base64.b64encode(data).decode("ascii"))
    text = decode_text(data)
    if text is None:
        raise _trouble(
            "Cannot attach this kind of file", f"{name} is binary.", "Text, PNG, JPEG, GIF, WebP and PDF can be sent."
        )
    if len(data) > TEXT_LIMIT:
        raise _trouble("Too big to attach", f"{name} is {_size(len(data))} of text, the limit is 2 MB.", "Cut it down.")
    lines = text.count("\n") + (not text.endswith("\n"))
    return f"{name}, {lines:,} {'line' if lines == 1 else 'lines'}", File(clean_line(path) or name, text=text)


def _read_folder(path: str, place: Path) -> Iterator[tuple[str, Part]]:
    left, count = FOLDER_LIMIT, 0
    for name in list_files(str(place)):
        if name.endswith("/"):
            continue
        try:
            if (place / name).stat().st_size > left:
                continue
            data = (place / name).read_bytes()
        except OSError:
            continue
        text = None if media_type(data[:1024]) else decode_text(data)
        if text is None or len(data) > left:
            continue
        left -= len(data)
        count += 1
        yield name, File(f"{clean_line(path).rstrip('/')}/{name}", text=text)
        if count >= FOLDER_FILES:
            return


def _missing(path: str, place: Path, error: OSError | ValueError) -> AppError:
    import difflib  # failure path only

    try:
        names = sorted(os.listdir(place.parent))[:5000]
    except (OSError, ValueError):
        names = []
    near = [clean_line(name) for name in difflib.get_close_matches(place.name, names, n=3, cutoff=0.5)]
    hint = f"Did you mean {' or '.join(near)}?" if near else ""
    title = "No such file" if isinstance(error, FileNotFoundError | ValueError) else "Cannot read the file"
    return _trouble(title, f"{clean_line(path, 200)} could not be found." if title[0] == "N" else str(error), hint)


def _trouble(title: str, detail: str, hint: str) -> AppError:
    return AppError(Problem(kind=ErrorKind.FILE, title=title, detail=detail, hint=hint))


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{max(1, count // 1000)} KB"
