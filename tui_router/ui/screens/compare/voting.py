"""Voting for the best answer, with tags. A vote reveals the names that were hidden."""

from __future__ import annotations

from collections.abc import Callable

from tui_router.domain.problem import misuse
from tui_router.ui.host import Host
from tui_router.ui.screens.compare.lanes import LaneController, LaneSet, lanes_are
from tui_router.ui.screens.dialogs import TextDialog

BEST = "★ best"


class VoteController:
    """Takes votes. While ``is_open`` the screen asks for a vote, and number keys vote for a lane."""

    def __init__(self, host: Host, lanes: LaneSet, changed: Callable[[], None]) -> None:
        self._host = host
        self._lanes = lanes
        self._changed = changed
        self.is_open = False
        self.tags: tuple[str, ...] = lanes.comparison.chat.conversation.tags

    def begin(self) -> None:
        """Ask which answer is best; raises ``AppError`` unless two have ended."""
        self._candidates()
        if running := len(self._lanes.running):
            self._host.tell(f"{lanes_are(running)} still answering and not in this vote")
        self.is_open = True
        self._changed()

    def cancel(self) -> None:
        """Close the vote without a verdict."""
        self.is_open = False
        self._changed()

    def vote(self, column: int | None, *, all_bad: bool = False) -> None:
        """Vote for the lane in a column; ``None`` means a tie, or that all are bad.

        Raises:
            AppError: The lane has no answer to vote for, or fewer than two answers have ended.
        """
        candidates = self._candidates()
        winner = self._lanes[column] if column is not None and column < len(self._lanes) else None
        if column is not None and (winner is None or winner not in candidates):
            raise misuse(f"Lane {column + 1} has no answer to vote for", "Choose another one")
        answers = [lane.message for lane in candidates if lane.message is not None]
        blind = self._lanes.names_hidden
        number = winner.message.lane if winner is not None and winner.message is not None else None
        self._lanes.core.leaderboard.vote(answers, number, all_bad=all_bad, tags=self.tags, blind=blind)
        self.is_open = False
        for lane in self._lanes:
            others = tuple(b for b in lane.badges if b != BEST)
            lane.badges = (BEST, *others) if lane is winner else others
        if blind:
            self._lanes.reveal()
        verdict = "all bad" if all_bad else f"{winner.name} is best" if winner is not None else "a tie"
        self._host.tell(f"Voted: {verdict}. /leaderboard shows the standings")
        self._changed()

    def set_tags(self, text: str | None) -> None:
        """Tag the vote with the kind of question, comma separated; the leaderboard can be filtered by tag."""
        if text is not None:
            self.tags = tuple(dict.fromkeys(t.strip() for t in text.split(",") if t.strip()))
            self._changed()

    def ask_tags(self) -> None:
        """Open a dialog for the tags."""
        dialog = TextDialog("Tags of the vote, comma separated", value=", ".join(self.tags))
        self._host.show_screen(dialog, self.set_tags)

    def _candidates(self) -> list[LaneController]:
        candidates = self._lanes.answered
        if len(candidates) < 2:
            raise misuse("There is nothing to vote on", "A vote needs two finished answers")
        return candidates
