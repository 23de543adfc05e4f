"""What went wrong, said for a human: one title, one sentence of cause, one thing to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Exit(NamedTuple):
    """An exit code of the command line and what it means."""

    code: int
    meaning: str


EXITS = (
    Exit(0, "done"),
    Exit(1, "unexpected failure"),
    Exit(2, "wrong usage"),
    Exit(3, "no key, or the key was not accepted (401)"),
    Exit(4, "no credit, or over budget (402)"),
    Exit(5, "refused or filtered (403)"),
    Exit(6, "unknown model (400, 404)"),
    Exit(7, "rate limit, after all retries (429)"),
    Exit(8, "server or network, after all retries"),
    Exit(130, "interrupted"),
)
"""Every exit code; the README table is made from this."""


class ErrorKind(StrEnum):
    """The kind of a problem. It decides the exit code and which actions a screen offers."""

    USAGE = "usage"
    NO_KEY = "no_key"
    BAD_KEY = "bad_key"
    NO_CREDIT = "no_credit"
    BUDGET = "budget"
    BLOCKED = "blocked"
    UNKNOWN_MODEL = "unknown_model"
    NO_ENDPOINT = "no_endpoint"
    BAD_REQUEST = "bad_request"
    TOO_LONG = "too_long"
    RATE_LIMIT = "rate_limit"
    PROVIDER = "provider"
    NETWORK = "network"
    TIMEOUT = "timeout"
    INTERRUPTED = "interrupted"
    UNREADABLE = "unreadable"
    SETTINGS = "settings"
    STORAGE = "storage"
    FILE = "file"
    STOPPED = "stopped"
    BUG = "bug"


ABOUT_MODELS = (ErrorKind.UNKNOWN_MODEL, ErrorKind.NO_ENDPOINT)
"""Kinds that another model cures: the nearest ones are offered."""

_EXIT_CODES = {
    ErrorKind.USAGE: 2,
    ErrorKind.NO_KEY: 3,
    ErrorKind.BAD_KEY: 3,
    ErrorKind.NO_CREDIT: 4,
    ErrorKind.BUDGET: 4,
    ErrorKind.BLOCKED: 5,
    ErrorKind.UNKNOWN_MODEL: 6,
    ErrorKind.NO_ENDPOINT: 6,
    ErrorKind.BAD_REQUEST: 6,
    ErrorKind.TOO_LONG: 6,
    ErrorKind.RATE_LIMIT: 7,
    ErrorKind.PROVIDER: 8,
    ErrorKind.NETWORK: 8,
    ErrorKind.TIMEOUT: 8,
    ErrorKind.INTERRUPTED: 8,
    ErrorKind.UNREADABLE: 8,
    ErrorKind.SETTINGS: 2,
    ErrorKind.STORAGE: 1,
    ErrorKind.FILE: 2,
    ErrorKind.STOPPED: 130,
    ErrorKind.BUG: 1,
}


def exit_code(kind: ErrorKind) -> int:
    """Return the exit code of the command line for a problem of this kind."""
    return _EXIT_CODES[kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A failure as a value: shown beside an answer, never inside it, and never sent to a model."""

    kind: ErrorKind
    title: str
    """A few words, e.g. ``Rate limited``."""
    detail: str = ""
    """One sentence of cause; safe to show (cleaned and redacted where it was made)."""
    hint: str = ""
    """One thing that the reader can do."""
    retry_after: float | None = None
    """Seconds until trying again makes sense, where somebody said so."""
    suggestions: tuple[str, ...] = ()
    """Model ids that could be used instead, best first."""
    affordable_tokens: int | None = None
    """The longest answer that the balance would bear, where the service said so."""
    status: int | None = None
    """The HTTP status, or the code inside a stream that stands for one."""
    was_sent: bool = False
    """True when a request had left and may have been charged, though nobody heard of an answer."""
    provider: str = ""
    request_id: str = ""
    """Generation or CDN id, for a support request."""

    def sentence(self) -> str:
        """Return title, cause and hint as one line for a terminal or a log."""
        return " ".join(
            p if p.endswith((".", "?", "!")) else f"{p}." for p in (self.title, self.detail, self.hint) if p
        )


class AppError(Exception):
    """Carries a ``Problem`` out of a call that is not a stream."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence())
        self.problem = problem


class Rejected(AppError):
    """A write that can never go through: trying again would change nothing."""


def misuse(title: str, hint: str = "") -> AppError:
    """Return the trouble of somebody who asked for what cannot be done now."""
    return AppError(Problem(kind=ErrorKind.USAGE, title=title, hint=hint))
