"""The log: one rotating private file. Keys are masked in every line, tracebacks included."""

from __future__ import annotations

import io
import logging
import os
from logging.handlers import RotatingFileHandler

from tui_router.domain.problem import Problem, Trouble
from tui_router.domain.safe import clean
from tui_router.domain.secret import redact
from tui_router.storage.errors import file_problem
from tui_router.storage.files import PRIVATE_FILE, make_private_folder, tighten
from tui_router.storage.paths import AppPaths

ROOT = "tui_router"
_BYTES = 1_000_000
_KEPT = 3


class MaskingFormatter(logging.Formatter):
    """Masks whatever looks like a key, and whatever could drive the terminal of a reader of the log."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line as it is written."""
        return clean(redact(super().format(record)))


class PrivateRotatingFile(RotatingFileHandler):
    """A rotating file that only its owner can read."""

    def _open(self) -> io.TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, PRIVATE_FILE)
        return os.fdopen(handle, "a", encoding="utf-8", errors="replace")

    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk must not write over the screen; the line is lost."""


def open_log(paths: AppPaths, level: str) -> Problem | None:
    """Send what the program logs to its file. Returns why that is not possible: it runs without a log then."""
    close_log()
    logger = logging.getLogger(ROOT)
    logger.propagate = False
    logger.setLevel(level.upper())
    try:
        make_private_folder(paths.log)
        tighten(paths.log_file)
        handler = PrivateRotatingFile(paths.log_file, maxBytes=_BYTES, backupCount=_KEPT, delay=True)
        with handler._open():
            pass
    except Trouble as trouble:
        logger.addHandler(logging.NullHandler())
        return trouble.problem
    except OSError as error:
        logger.addHandler(logging.NullHandler())
        return file_problem(error, paths.log_file)
    handler.setFormatter(MaskingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger.addHandler(handler)
    return None


def close_log() -> None:
    """Close the file."""
    logger = logging.getLogger(ROOT)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
