"""``Transcript``: the widget that shows a conversation, on top of ``EntryView``, which paints and scrolls entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from textual import events
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_router.ui.transcript import mouse, navigation, viewport
from tui_router.ui.transcript.appearance import Appearance
from tui_router.ui.transcript.entry_list import EntryList
from tui_router.ui.transcript.measurer import Measurer
from tui_router.ui.transcript.mouse import Mouse
from tui_router.ui.transcript.navigation import EntryCursor, TextSearch
from tui_router.ui.transcript.painter import ViewPainter
from tui_router.ui.transcript.selection import TextSelection
from tui_router.ui.transcript.viewport import ScrollPosition, Viewport

# An empty transcript is part of the first paint: it must not load what entries need.
if TYPE_CHECKING:
    from tui_router.domain.events import Event
    from tui_router.ui.transcript.entry import Entry
    from tui_router.ui.transcript.measurer import Anchor

_MOST_LIVE = 16
"""Only so many of the last entries are checked for live ones."""


class EntryView(ScrollView, can_focus=True):
    """Paints an ``EntryList`` itself, row by row: a widget per message would be too slow for long conversations.

    Scrolling, selection, search and the entry cursor are objects that it owns.
    """

    ALLOW_SELECT = False
    FOCUS_ON_CLICK = False  # letters are commands here: only a key may enter that mode, never a click or a drag
    DEFAULT_CSS = """
    EntryView {
        width: 1fr; height: 1fr; background: $background;
        overflow-y: scroll; overflow-x: hidden; scrollbar-size-vertical: 0; scrollbar-size-horizontal: 0;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.entries = EntryList()
        self.painter = ViewPainter(self, self.entries)
        self.measurer = Measurer(self, self.entries)
        self.viewport = Viewport(self, self.entries, self.measurer, self.painter)
        self.selection = TextSelection(self.entries, self.measurer, self.viewport, self.painter)
        self.entry_cursor = EntryCursor(self, self.entries, self.measurer, self.viewport, self.painter)
        self.search = TextSearch(self, self.entries, self.measurer, self.viewport, self.painter)
        self._mouse = Mouse(self, self.entries, self.viewport, self.selection)
        self.clock = self.measurer.clock
        # The selection is painted over search matches.
        self.painter.markers = (self.search.marks, self.selection.marks)

    # Appearance and painting.

    def set_text_styles(self, names: Mapping[str, str]) -> None:
        """Use these text styles, keyed by the style names of the theme."""
        self.painter.set_styles(names)
        self.refresh()

    def set_appearance(self, appearance: Appearance, max_width: int = 0) -> None:
        """Change the display options. ``max_width`` limits the width of text in cells; 0 is no limit."""
        self.viewport.max_width = max_width
        self.entries.appearance = replace(appearance, width=self.entries.appearance.width)
        self.viewport.relayout()

    def notify_style_update(self) -> None:
        """Repaint in the new colours."""
        self.painter.reset()
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint a region, and lay out again later if the width changed without a ``Resize``.

        Textual sends none when the width changes during a scroll, e.g. because a sidebar is mounted.
        """
        if self.viewport.is_stale:
            self.call_later(self.viewport.relayout)
        return self.painter.paint(crop)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Render what scrolled into view."""
        self.viewport.scrolled(old_value, new_value)

    def on_resize(self) -> None:
        """Lay out for the new size; the top visible row stays in place."""
        self.viewport.relayout()

    # Input. Scrolling is never animated: a moving page cannot be read.

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Start a selection."""
        self._mouse.press(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Extend a selection."""
        self._mouse.move(event)

    def on_mouse_up(self) -> None:
        """Finish a selection."""
        self._mouse.release()

    def on_click(self, event: events.Click) -> None:
        """Activate what was clicked."""
        self._mouse.click(event)

    def action_scroll_end(self) -> None:
        """Follow the end."""
        self.viewport.jump_end()

    def action_scroll_home(self) -> None:
        """Scroll to the beginning."""
        self.scroll_to(y=0, animate=False)

    def action_page_up(self) -> None:
        """Scroll up by a screen."""
        self.viewport.scroll_page(-1)

    def action_page_down(self) -> None:
        """Scroll down by a screen."""
        self.viewport.scroll_page(1)


class Transcript(EntryView):
    """A conversation.

    Entries are changed by ``show``, ``append``, ``insert``, ``replace`` and ``remove_entry``. Live ones grow by
    ``apply``; ``tick`` updates their spinners and counters. It never opens links, copies text or asks questions
    itself, but posts ``FollowChanged``, ``LinkClicked``, ``ActionClicked``, ``EntryClicked`` and ``CursorMoved``.
    """

    FollowChanged: TypeAlias = viewport.FollowChanged
    CursorMoved: TypeAlias = navigation.CursorMoved
    LinkClicked: TypeAlias = mouse.LinkClicked
    ActionClicked: TypeAlias = mouse.ActionClicked
    EntryClicked: TypeAlias = mouse.EntryClicked

    def show(self, entries: Sequence[Entry], position: ScrollPosition | None = None) -> None:
        """Replace all entries, and scroll to ``position`` or to the end."""
        self.entries.assign(entries)
        self.viewport.reset()
        self._entries_changed(None, 0, cursor="")
        if position is not None:
            self.viewport.restore(position)

    def append(self, entry: Entry) -> None:
        """Add an entry at the end."""
        self.insert(entry, len(self.entries))

    def insert(self, entry: Entry, index: int) -> None:
        """Insert an entry before ``index``. Visible rows do not move if it is above them."""
        anchor, cursor = self.measurer.anchor(), self.entry_cursor.entry_id
        if anchor is not None and index <= anchor[0]:
            anchor = (anchor[0] + 1, anchor[1])
        self.entries.insert(index, entry)
        self._entries_changed(anchor, index, cursor)

    def replace(self, entry_id: str, entry: Entry) -> None:
        """Replace an entry; unknown ids are ignored."""
        index = self.entries.index_of(entry_id)
        if index is not None:
            anchor, cursor = self.measurer.anchor(), self.entry_cursor.entry_id
            self.entries.replace(index, entry)
            cursor = entry.id if cursor == entry_id else cursor
            self._entries_changed(anchor, index, cursor)

    def remove_entry(self, entry_id: str) -> None:
        """Remove an entry; unknown ids are ignored."""
        index = self.entries.index_of(entry_id)
        if index is None:
            return
        anchor, cursor = self.measurer.anchor(), self.entry_cursor.entry_id
        if anchor is not None and index < anchor[0]:
            anchor = (anchor[0] - 1, anchor[1])
        self.entries.remove(index)
        self._entries_changed(anchor, index, cursor)

    def apply(self, entry_id: str, events: Iterable[Event]) -> None:
        """Apply a batch of events to a live entry and repaint the rows that changed."""
        index = self.entries.index_of(entry_id)
        if index is not None:
            anchor = self.measurer.anchor()
            self.entries.items[index].apply(events, self.clock())
            self.viewport.entry_changed(index, anchor)

    def refresh_entry(self, entry_id: str) -> None:
        """Show changed attributes of an entry, such as its name, sibling or actions."""
        index = self.entries.index_of(entry_id)
        if index is not None:
            self._rebuild_chrome(index, self.clock())

    def tick(self, now: float) -> bool:
        """Update spinners and counters of the visible live entries; return whether any entry is live."""
        entries, heights = self.entries.items, self.entries.heights
        start = max(0, len(entries) - _MOST_LIVE)
        live = [index for index, entry in enumerate(entries[start:], start) if entry.is_live]
        top, bottom = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        for index in live:
            if heights.top(index) < bottom and heights.top(index + 1) > top:
                self._rebuild_chrome(index, now)
        return bool(live)

    def entry(self, entry_id: str) -> Entry | None:
        """Return the entry with this id."""
        index = self.entries.index_of(entry_id)
        return None if index is None else self.entries.items[index]

    def text_of(self, entry_id: str) -> str:
        """Return the unrendered text of an entry; empty for unknown ids."""
        entry = self.entry(entry_id)
        return entry.text if entry else ""

    def links(self, entry_id: str) -> tuple[str, ...]:
        """Return the URLs of an entry; link number n on the screen is at index n - 1."""
        index = self.entries.index_of(entry_id)
        if index is None:
            return ()
        self.measurer.measure_entry(index)
        return tuple(link.url for link in self.entries.items[index].layout.links)

    def fold(self, entry_id: str, what: str = "all") -> None:
        """Fold or unfold an entry (``all``), its ``reasoning`` or a tool call (``call:0``)."""
        index = self.entries.index_of(entry_id)
        if index is not None:
            self.viewport.toggle(index, what)

    def scroll_sideways(self, entry_id: str, cells: int) -> None:
        """Scroll the wide tables of an entry; positive ``cells`` scroll to the right."""
        entry = self.entry(entry_id)
        if entry is not None:
            lines = [line for section in entry.layout.sections() for line in section.lines or [] if line.wide]
            most = max((len(line.plain) for line in lines), default=0) - self.entries.appearance.width
            entry.offset = max(0, min(max(0, most), entry.offset + cells))
            self.painter.repaint()

    def _rebuild_chrome(self, index: int, now: float) -> None:
        anchor = self.measurer.anchor()
        self.entries.items[index].layout.rebuild_chrome(now)
        self.viewport.entry_changed(index, anchor)

    def _entries_changed(self, anchor: Anchor | None, first: int, cursor: str) -> None:
        """Update everything that refers to entries from index ``first`` on."""
        self.selection.entries_changed(first)
        self.search.clear()
        self.entry_cursor.entries_changed(cursor)
        self.viewport.entries_changed(anchor)
