"""The lanes as they stand: which there are, what they are called, and what is shown of their threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui_router.domain.anonymous import Veil
from tui_router.domain.message import Message, Role
from tui_router.services.comparison import Comparison, Lane
from tui_router.services.core import Core
from tui_router.services.turn import Turn
from tui_router.ui.screens.compare.face import Face
from tui_router.ui.screens.compare.field import Field
from tui_router.ui.screens.compare.lane import LanePane
from tui_router.ui.screens.compare.track import Track


class Stage:
    """The lanes of a comparison on their field."""

    def __init__(self, core: Core, comparison: Comparison, field: Field, styles: Mapping[str, str]) -> None:
        self.core = core
        self.comparison = comparison
        self.field = field
        self.styles = styles
        """Of the lanes to come."""
        self.is_veiled = False
        """True while names are hidden."""
        self.tracks: dict[int, Track] = {}
        """The lanes by number; merged answers have negative ones."""

    @property
    def lanes(self) -> list[Track]:
        """The lanes in the order of their columns, merged answers included."""
        return [self.tracks[p.number] for p in self.field.panes if p.number in self.tracks]

    @property
    def running(self) -> list[Track]:
        """The lanes whose answers have not ended."""
        return [t for t in self.lanes if t.is_running]

    def label(self, track: Track) -> str:
        """Return what a lane is called: the key that goes to it, or an M for a merged answer."""
        return "M" if track.is_merge else str(self.field.place_of(track.number) + 1)

    def shown_name(self, track: Track) -> str:
        """Return the name in a lane's head, as far as it may be known."""
        if self.is_veiled and not track.is_merge:
            return f"Answer {self.label(track)}"
        return track.name

    def question_of(self, turn: Turn) -> Message | None:
        """Return the question that a turn answers."""
        return self.comparison.chat.tree.get(turn.parts.answer.parent_id)

    def veil(self, question: str = "") -> Veil:
        """Return what hides the names of these lanes, but for those that the question itself holds."""
        names = [n for t in self.tracks.values() for n in (t.model_id, t.name)]
        rows = [self.core.catalog.get(t.model_id) for t in self.tracks.values()]
        return Veil([*names, *(r.name for r in rows if r is not None)], question or self.comparison.question)

    def new_track(self, lane: Lane, title: str = "") -> Track:
        """Make a lane that is not on the screen yet."""
        pane = LanePane(lane.number, Face(label="", color=1, name=""), self.styles)
        track = Track(pane, lane.model.id, self.core.catalog.get, title)
        self.tracks[lane.number] = track
        return track

    def show_thread(self, lane: Lane, veil: Veil | None) -> None:
        """Show what is there of a lane's thread."""
        track = self.tracks[lane.number]
        answer = self.comparison.chat.tree.get(lane.answer)
        self.show_messages(track, self.comparison.chat.tree.thread(lane.head), veil)
        if answer is not None:
            track.rest(answer)

    def show_messages(self, track: Track, thread: Sequence[Message], veil: Veil | None) -> None:
        """Show these messages in a lane."""
        visible = [m for m in thread if m.role in (Role.USER, Role.ASSISTANT)]
        name_of = self.core.catalog.name_of
        names = [name_of(m.model.id) if m.model and m.role is Role.ASSISTANT else "" for m in visible]
        track.show(visible, names, veil)
