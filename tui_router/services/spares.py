"""What earlier processes kept beside the store, because it refused, comes into it; and what this one keeps there."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir

from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.services.notices import Notices
from tui_router.storage.charges import Charges
from tui_router.storage.database import Database
from tui_router.storage.messages import Messages
from tui_router.storage.overflow import OverflowCharges, OverflowFile
from tui_router.storage.overflow_log import OverflowLog
from tui_router.storage.paths import AppPaths


class Spares:
    """The spare files of one store: one for words, one for charges, which are waited for before a request leaves."""

    def __init__(self, paths: AppPaths, database: Database, notices: Notices) -> None:
        self._database = database
        self._notices = notices
        folders = refuges(paths)
        self._file = OverflowFile("words", folders[0], folders[1:])
        self.words = OverflowLog(self._file, database.instance.token)
        self.charges = OverflowCharges(OverflowFile("charges", folders[0], folders[1:]))

    @property
    def has_words(self) -> bool:
        """Whether earlier processes may have left words."""
        return not self._database.is_temporary and self._file.has_leftovers

    def take_in_words(self) -> None:
        """Write the words that were left. An answer that was cut ends as a crash leaves it. Raises ``Trouble``."""
        from tui_router.storage.overflow_replay import replay_overflow  # hardly ever needed

        self._say_damaged(replay_overflow(self._database, self._file), "words")
        Messages(self._database).recover_unfinished()

    def take_in_charges(self) -> None:
        """Write the charges that were left; where the store refuses, the next start tries again."""
        if not self._database.is_temporary:
            with suppress(Trouble):
                self._say_damaged(self.charges.replay(Charges(self._database).take), "charges")

    def _say_damaged(self, count: int, what: str) -> None:
        if count:
            self._notices.publish(_damaged(count, what))


def refuges(paths: AppPaths) -> tuple[Path, ...]:
    """Return where a file may go that the store did not take: beside it, or somewhere that may be another disk."""
    return paths.config, Path(gettempdir())


def _damaged(count: int, what: str) -> Problem:
    lines = "1 line" if count == 1 else f"{count} lines"
    return Problem(
        kind=Kind.STORAGE,
        title=f"Not all {what} of an earlier run came back",
        detail=f"{lines} of what was kept beside the conversations file could not be read",
        hint="Everything else is there",
    )
