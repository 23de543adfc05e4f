"""The log: a rotating, private file. Keys are masked in every line, tracebacks included."""

from __future__ import annotations

import io
import logging
import os
from logging.handlers import RotatingFileHandler

from tui_router.domain.problem import AppError, Problem
from tui_router.domain.safe import clean
from tui_router.domain.secret import redact
from tui_router.storage.errors import file_problem
from tui_router.storage.files import PRIVATE_FILE, make_private_folder, tighten
from tui_router.storage.paths import AppPaths

ROOT = "tui_router"
_BYTES = 1_000_000
_KEPT = 3


class MaskingFormatter(logging.Formatter):
    """Masks API keys and removes terminal control characters."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the masked line."""
        return clean(redact(super().format(record)))


class PrivateRotatingFile(RotatingFileHandler):
    """A rotating file with mode 0600."""

    def _open(self) -> io.TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, PRIVATE_FILE)
        return os.fdopen(handle, "a", encoding="utf-8", errors="replace")

    def handleError(self, record: logging.LogRecord) -> None:
        """Drop the line: the default handler would print to the terminal, over the screen."""


def open_log(paths: AppPaths, level: str) -> Problem | None:
    """Start logging to the file. Returns a problem if it cannot be opened; the program then runs without a log."""
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
    except AppError as trouble:
        logger.addHandler(logging.NullHandler())
        return trouble.problem
    except OSError as error:
        logger.addHandler(logging.NullHandler())
        return file_problem(error, paths.log_file)
    handler.setFormatter(MaskingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger.addHandler(handler)
    return None


def close_log() -> None:
    """Stop logging and close the file."""
    logger = logging.getLogger(ROOT)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
