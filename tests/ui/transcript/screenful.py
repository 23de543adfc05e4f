"""One transcript in an app of its own, and what it said."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime

from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.message import Message as TextualMessage

from tui_router.domain.message import Message, Role, Text
from tui_router.domain.model import ModelRef
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.pane import TranscriptPane
from tui_router.ui.transcript.transcript import Transcript

VOCABULARY = "the quick brown fox jumps over a lazy dog while **bold** things and `code` happen"
WORDS = VOCABULARY.split()


def said(number: int, text: str = "", role: Role | None = None) -> Entry:
    """Return a turn."""
    chance = random.Random(number)
    role = role or (Role.ASSISTANT if number % 2 else Role.USER)
    text = text or "\n\n".join(
        " ".join(chance.choices(WORDS, k=chance.randint(5, 60))) for _ in range(chance.randint(1, 5))
    )
    model = ModelRef("demo/quick")
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return Entry.of(Message(id=f"m{number}", parent_id=None, role=role, parts=(Text(text),), created=when, model=model))


class Screenful(App[None]):
    """One pane, and what it said."""

    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        super().__init__()
        self.pane = TranscriptPane()
        self.start = list(entries)
        self.heard: list[TextualMessage] = []

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.pane.transcript.show(self.start)

    def on_transcript_follow_changed(self, message: Transcript.FollowChanged) -> None:
        self.heard.append(message)

    def on_transcript_link_clicked(self, message: Transcript.LinkClicked) -> None:
        self.heard.append(message)

    def on_transcript_action_clicked(self, message: Transcript.ActionClicked) -> None:
        self.heard.append(message)

    def on_transcript_entry_clicked(self, message: Transcript.EntryClicked) -> None:
        self.heard.append(message)

    def on_transcript_cursor_moved(self, message: Transcript.CursorMoved) -> None:
        self.heard.append(message)

    @property
    def view(self) -> Transcript:
        return self.pane.transcript

    def rows(self) -> list[str]:
        """Return what is painted, row by row."""
        size = self.view.size
        return [strip.text for strip in self.view.render_lines(Region(0, 0, size.width, size.height))]
