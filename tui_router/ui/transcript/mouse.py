"""Mouse input of a transcript: dragging and clicking to select, clicks on links, folds and actions."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.timer import Timer

from tui_router.ui.transcript.entry_list import EntryList
from tui_router.ui.transcript.painter import character_at, gutter_width, key_at
from tui_router.ui.transcript.parts import target_of
from tui_router.ui.transcript.selection import Point, TextSelection, paragraph_at, word_at
from tui_router.ui.transcript.viewport import Viewport

_AUTOSCROLL_SECONDS = 0.05
_MOST_AUTOSCROLL_ROWS = 5


class LinkClicked(Message, namespace="transcript"):
    """A link was clicked. The transcript never opens links; the screen shows the target and asks."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url


class ActionClicked(Message, namespace="transcript"):
    """An action of an entry was clicked."""

    def __init__(self, entry_id: str, action: str) -> None:
        super().__init__()
        self.entry_id = entry_id
        self.action = action


class EntryClicked(Message, namespace="transcript"):
    """An entry was clicked where there is no link, fold or action."""

    def __init__(self, entry_id: str) -> None:
        super().__init__()
        self.entry_id = entry_id


class Mouse:
    """Turns mouse events of the widget into selections, folds and messages."""

    def __init__(self, widget: ScrollView, entries: EntryList, viewport: Viewport, selection: TextSelection) -> None:
        self._widget = widget
        self._entries = entries
        self._viewport = viewport
        self._selection = selection
        self._is_dragging = False
        self._pointer = (0, 0)
        self._autoscroll: Timer | None = None

    def press(self, event: events.MouseDown) -> None:
        """Start a selection."""
        if event.button != 1 or not self._entries:
            return
        point = self._point_under(event.x, event.y)
        self._is_dragging = True
        self._widget.capture_mouse()
        self._selection.select(point, point)

    def move(self, event: events.MouseMove) -> None:
        """Extend the selection while dragging; scroll while the pointer is above or below the widget."""
        if not self._is_dragging:
            return
        self._pointer = (event.x, event.y)
        height = self._widget.size.height
        end = self._point_under(event.x, max(0, min(height - 1, event.y)))
        outside = event.y < 0 or event.y >= height
        if outside and self._autoscroll is None:
            self._autoscroll = self._widget.set_interval(_AUTOSCROLL_SECONDS, self._scroll_along)
        elif not outside:
            self._stop_autoscroll()
        self._selection.move_end(end)

    def release(self) -> None:
        """Finish the selection."""
        if not self._is_dragging:
            return
        self._is_dragging = False
        self._stop_autoscroll()
        self._widget.release_mouse()

    def click(self, event: events.Click) -> None:
        """Activate what was clicked; a double click selects a word, a triple click a paragraph."""
        if self._selection.range is not None and event.chain == 1:
            return
        found = self._entries.line_at(event.y + self._widget.scroll_offset.y)
        if found is None:
            return
        index, row, line = found
        entry = self._entries[index]
        character = character_at(line, event.x - gutter_width(self._widget.size.width), entry.offset)
        kind, _, rest = target_of(key_at(line, character)).partition(":")
        if event.chain == 2:
            first, last = word_at(line, character)
            self._selection.select(Point(index, row, first), Point(index, row, last))
        elif event.chain >= 3:
            first, last = paragraph_at(entry.layout.line, row)
            end = entry.layout.line(last)
            self._selection.select(Point(index, first, 0), Point(index, last, len(end.plain) if end else 0))
        elif kind == "link":
            self._widget.post_message(LinkClicked(entry.layout.link_url(row, int(rest))))
        elif kind == "act":
            self._widget.post_message(ActionClicked(entry.id, rest))
        elif kind == "fold":
            self._viewport.toggle(index, rest)
        else:
            self._widget.post_message(EntryClicked(entry.id))

    def _point_under(self, x: int, y: int) -> Point:
        y += self._widget.scroll_offset.y
        found = self._entries.line_at(y)
        if found is None:
            # Below the last row, past the end of any line; elsewhere the row is not rendered yet.
            return self._selection.point_at(max(0, y), 0 if y < self._entries.heights.total else 1 << 20)
        index, row, line = found
        offset = self._entries[index].offset
        return Point(index, row, character_at(line, x - gutter_width(self._widget.size.width), offset))

    def _scroll_along(self) -> None:
        widget, (x, y) = self._widget, self._pointer
        step = y if y < 0 else y - widget.size.height + 1
        step = max(-_MOST_AUTOSCROLL_ROWS, min(_MOST_AUTOSCROLL_ROWS, step))
        widget.scroll_to(y=widget.scroll_offset.y + step, animate=False)
        self._selection.move_end(self._point_under(x, 0 if y < 0 else widget.size.height - 1))

    def _stop_autoscroll(self) -> None:
        if self._autoscroll is not None:
            self._autoscroll.stop()
            self._autoscroll = None
