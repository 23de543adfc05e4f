"""Which answer is best: asking, voting, tags. Names that were hidden come back with the vote."""

from __future__ import annotations

from collections.abc import Callable

from tui_router.domain.problem import misuse
from tui_router.ui.host import Host
from tui_router.ui.screens.compare.foot import lanes_word
from tui_router.ui.screens.compare.rounds import Rounds
from tui_router.ui.screens.compare.track import Track
from tui_router.ui.screens.dialogs import TextDialog

BEST = "★ best"


class Voting:
    """Takes votes. While ``is_open`` a vote is asked for, and number keys mean lanes to vote for."""

    def __init__(self, host: Host, rounds: Rounds, changed: Callable[[], None]) -> None:
        self._host = host
        self._rounds = rounds
        self._changed = changed
        self.is_open = False
        self.tags: tuple[str, ...] = rounds.comparison.chat.conversation.tags

    def begin(self) -> None:
        """Ask which is best."""
        self._votable()
        if running := len(self._rounds.running):
            self._host.tell(f"{lanes_word(running)} still answering and not in this vote")
        self.is_open = True
        self._changed()

    def end(self) -> None:
        """Ask no longer."""
        self.is_open = False
        self._changed()

    def vote(self, place: int | None, *, all_bad: bool = False) -> None:
        """Vote for the lane in a column; ``None`` is a tie, or all bad. Names come back."""
        tracks = self._votable()
        panes = self._rounds.field.panes
        winner = self._rounds.tracks.get(panes[place].number) if place is not None and place < len(panes) else None
        if place is not None and (winner is None or winner not in tracks):
            raise misuse(f"Lane {place + 1} has no answer to vote for", "Choose another one")
        answers = [t.message for t in tracks if t.message is not None]
        blind = self._rounds.is_veiled
        lane = winner.message.lane if winner is not None and winner.message is not None else None
        self._rounds.core.election.vote(answers, lane, all_bad=all_bad, tags=self.tags, blind=blind)
        self.is_open = False
        for track in self._rounds.lanes:
            others = tuple(m for m in track.marks if m != BEST)
            track.marks = (BEST, *others) if track is winner else others
        if blind:
            self._rounds.reveal()
        verdict = "all bad" if all_bad else f"{winner.name} is best" if winner is not None else "a tie"
        self._host.tell(f"Voted: {verdict}. /leaderboard shows the standings")
        self._changed()

    def set_tags(self, text: str | None) -> None:
        """Say what kind of question this is, comma separated; the leaderboard can be seen by tag."""
        if text is not None:
            self.tags = tuple(dict.fromkeys(t.strip() for t in text.split(",") if t.strip()))
            self._changed()

    def ask_tags(self) -> None:
        """Let the person write the tags."""
        dialog = TextDialog("Tags of the vote, comma separated", value=", ".join(self.tags))
        self._host.show_screen(dialog, self.set_tags)

    def _votable(self) -> list[Track]:
        tracks = [t for t in self._rounds.lanes if not t.is_merge and t.has_words]
        if len(tracks) < 2:
            raise misuse("There is nothing to vote on", "Two answers that have ended are needed")
        return tracks
