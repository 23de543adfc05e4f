"""The library screen: all conversations, full-text search, and actions on a conversation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input, Static

from tui_router.domain.library import Hit, Summary
from tui_router.services.library import Library, load_page, load_tail
from tui_router.ui.host import Host
from tui_router.ui.screens.library_data import ConversationPages, LibraryActions
from tui_router.ui.screens.library_rows import (
    PREVIEWED,
    ConversationPreview,
    NameOf,
    SearchRow,
    draw_hit,
    draw_summary,
    search_rows,
)
from tui_router.ui.widgets.filter_bar import FilterInput
from tui_router.ui.widgets.line_list import LineList, Part

_HITS = 100
_KEYS = "Enter open · ^R rename · ^P pin · ^T tags · ^E archive · ^D delete · F6 archived · Esc close"


@dataclass(frozen=True, slots=True)
class LibraryChoice:
    """The conversation to open, and the message to show (empty: the saved position)."""

    conversation_id: str
    message_id: str = ""


class _SearchField(FilterInput):
    """The search field. Right after a delete, ``z`` in the empty field undoes it."""

    undoes = False

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Return whether the field treats a key as text."""
        return not (self.undoes and not self.value and key == "z") and super().check_consume_key(key, character)


class LibraryScreen(ModalScreen[LibraryChoice | None]):
    """Lists and searches the conversations of a library; the result is the one to open."""

    AUTO_FOCUS = "FilterInput"
    DEFAULT_CSS = """
    LibraryScreen {
        align: center middle;
        #frame { width: 100%; height: 100%; max-width: 220; background: $background; padding: 0 1;
                 border: round $border; border-title-color: $text-primary; }
        #body { height: 1fr; }
        #rows { width: 1fr; height: 1fr; }
        #preview { display: none; width: 2fr; height: 1fr; padding: 0 0 0 1; border-left: solid $border-blurred; }
        #foot { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-wide #preview { display: block; }
        &.-wide #rows { width: 3fr; }
        &.-low #frame { border: none; padding: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", priority=True),
        Binding("up,ctrl+k", "rows('step', -1)", "Up", show=False),
        Binding("down,ctrl+j", "rows('step', 1)", "Down", show=False, priority=True),
        Binding("pageup", "rows('page', -1)", "Page up", show=False),
        Binding("pagedown", "rows('page', 1)", "Page down", show=False),
        Binding("ctrl+home", "rows('end', -1)", "First", show=False, priority=True),
        Binding("ctrl+end", "rows('end', 1)", "Last", show=False, priority=True),
        Binding("ctrl+r", "act('rename')", "Rename", priority=True),
        Binding("ctrl+p", "act('pin')", "Pin", priority=True),
        Binding("ctrl+t", "act('tag')", "Tags", priority=True),
        Binding("ctrl+e", "act('archive')", "Archive", priority=True),
        Binding("ctrl+d", "act('delete')", "Delete", priority=True),
        Binding("ctrl+z,z", "undo", "Undo", priority=True),
        Binding("f6,alt+a", "toggle_archived", "Archived", priority=True),
    ]

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 (Textual declares it so)
    VERTICAL_BREAKPOINTS = [(0, "-low"), (12, "-usual")]  # noqa: RUF012

    def __init__(
        self,
        library: Library,
        host: Host,
        *,
        query: str = "",
        current: str = "",
        name_of: NameOf = str,
        changed: Callable[[str], None] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        delay: float = 0.05,
    ) -> None:
        """Create the screen.

        Args:
            library: The library to show.
            host: Runs slow work and shows dialogs.
            query: Initial search.
            current: Id of the open conversation, where the cursor starts.
            name_of: Returns the display name of a model id.
            changed: Called with the id of each conversation changed or deleted here.
            now: Returns the current time.
            delay: Seconds without a key before a search starts.
        """
        super().__init__()
        self._library, self._host = library, host
        self._query = query
        self._current = self._wanted = current
        self._name_of = name_of
        self._now = now
        self._delay = delay
        self._with_archived = False
        self._found: list[SearchRow] | None = None
        """Search results; ``None`` while the field is empty."""
        self._searches = 0
        self.searched_for = ""  # the query of the results on screen
        self._later: Callable[[], object] | None = None  # an action requested before the rows arrived
        self._waiting: Timer | None = None
        self._notice = ""
        self._pages = ConversationPages(
            lambda number: load_page(library, number, archived=None if self._with_archived else False),
            host.work,
            self._page_arrived,
        )
        self._actions = LibraryActions(library, host, self._report, changed or (lambda conversation_id: None))
        self._list = LineList(self._draw, id="rows")
        self._list.can_focus = False
        self._preview = ConversationPreview(name_of)

    def compose(self) -> ComposeResult:
        """Lay out field, rows, preview and foot."""
        with Vertical(id="frame") as frame:
            frame.border_title = Content("Conversations")
            yield _SearchField(
                self._query, placeholder="search every word · model: tag: pinned: archived: before: after:"
            )
            with Horizontal(id="body"):
                yield self._list
                yield self._preview
            yield Static(id="foot", markup=False)

    def on_mount(self) -> None:
        """Load the first page and run the initial search."""
        self._pages.reload()
        if self._query.strip():
            self._search()

    @property
    def highlighted(self) -> LibraryChoice | None:
        """What Enter opens."""
        at = self._list.highlighted
        if at is None:
            return None
        if self._found is not None:
            hit = self._found[at].hit
            return LibraryChoice(hit.conversation.id, "" if self._found[at].is_head else hit.message_id)
        row = self._pages.get(at)
        return LibraryChoice(row.id) if row else None

    @property
    def summary(self) -> Summary | None:
        """The conversation under the cursor."""
        at = self._list.highlighted
        if at is None:
            return None
        return self._found[at].hit.conversation if self._found is not None else self._pages.get(at)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self._query:
            return
        self._query, self._notice, self._later = event.value, "", None
        self.query_one(_SearchField).undoes = False
        if self._waiting is not None:
            self._waiting.stop()
        if not event.value.strip():
            self._searches += 1
            self._found, self.searched_for = None, ""
            self._show(self._pages.index_of(self._current))
        elif self._delay > 0:
            self._waiting = self.set_timer(self._delay, self._search)
        else:
            self._search()

    @on(Input.Submitted)
    @on(LineList.Chosen)
    def _choose(self, event: Message) -> None:
        event.stop()
        self._when_loaded(lambda: self.dismiss(self.highlighted) if self.highlighted else None)

    @on(LineList.Highlighted)
    def _highlighted(self, event: LineList.Highlighted) -> None:
        event.stop()
        self._update_preview()

    def on_resize(self) -> None:
        """Fill the preview, which is only shown in a wide window."""
        self.call_after_refresh(self._update_preview)

    def action_rows(self, move: str, by: int) -> None:
        """Move the cursor of the list."""
        {"step": self._list.action_step, "page": self._list.action_page, "end": self._list.action_end}[move](by)

    def action_act(self, what: str) -> None:
        """Run an action on the conversation under the cursor."""
        self._when_loaded(lambda: self._actions.run(what, self.summary) if self.summary else None)

    def action_undo(self) -> None:
        """Restore the conversation deleted last."""
        self._actions.undo()

    def action_toggle_archived(self) -> None:
        """Show or hide archived conversations."""
        self._with_archived = not self._with_archived
        self._notice = "archived conversations are shown, marked ▫" if self._with_archived else ""
        self._pages.reload()

    def _when_loaded(self, act: Callable[[], object]) -> None:
        """Call ``act`` once the rows match the query, so that it never acts on an outdated row."""
        query = self._query if self._query.strip() else ""
        is_loaded = query == self.searched_for and (bool(query) or self._pages.total is not None)
        if is_loaded:
            act()
        else:
            self._later = act

    def _report(self, sentence: str, conversation_id: str = "", *, can_undo: bool = False) -> None:
        """Show what was done and reload."""
        if not self.is_attached:
            return
        self._notice = sentence
        self.query_one(_SearchField).undoes = can_undo
        self._wanted = conversation_id
        self._pages.reload(self._list.highlighted or 0 if self._found is None else 0)
        if self._found is not None:
            self._search()
        self._show_foot()

    def _update_preview(self) -> None:
        """Preview the conversation under the cursor."""
        row, chosen, at = self.summary, self.highlighted, self._list.highlighted
        if self._preview.size.width == 0:
            return
        if row is None or chosen is None or at is None:
            self._preview.show_nothing()
            return
        hit = self._found[at].hit if self._found is not None and chosen.message_id else None
        if self._preview.look_at(row, hit):
            self._host.work(
                lambda: load_tail(self._library, chosen.conversation_id, chosen.message_id, PREVIEWED),
                lambda messages: self._preview.show_messages(row.id, chosen.message_id, messages),
            )

    def _search(self) -> None:
        self._searches += 1
        number, query = self._searches, self._query

        def show(hits: tuple[Hit, ...]) -> None:
            if number == self._searches and self.is_attached:
                at = self._list.highlighted if self._found is not None and self._notice else None
                self._found = search_rows(hits)
                self.searched_for = query
                self._show(at)

        self._host.work(lambda: self._library.search(query, _HITS), show)

    def _page_arrived(self, is_new_list: bool) -> None:
        if not self.is_attached or self._found is not None:
            return
        if not is_new_list:
            self._list.refresh()
            return
        at = self._pages.index_of(self._wanted) if self._wanted else None
        self._wanted = ""
        self._show(at if at is not None else self._list.highlighted)

    def _show(self, at: int | None = None) -> None:
        if self._found is not None:
            fixed = [i for i, row in enumerate(self._found) if not row.can_choose]
            self._list.show(len(self._found) or 1, fixed if self._found else [0], at)
        else:
            total = self._pages.total
            self._list.show(total or 1, () if total else [0], at)
        self._show_foot()
        later, self._later = self._later, None
        if later is not None:
            self._when_loaded(later)

    def _draw(self, index: int, width: int) -> list[Part]:
        now = self._now()
        if self._found is not None:
            if not self._found:
                return [Part(" Nothing found. Fewer words, or tag: model: before: alone, find more.", "muted")]
            row = self._found[index]
            if not row.is_head:
                return draw_hit(row.hit, width)
            summary = row.hit.conversation
            marks = row.hit.marks if row.can_choose else ()
            return draw_summary(summary, width, now, self._name_of, marks, is_current=summary.id == self._current)
        if not self._pages.total:
            empty = " No conversations yet. Ask something first."
            return [Part(empty if self._pages.total == 0 else " …", "muted")]
        kept = self._pages.get(index)
        if kept is None:
            return [Part("   …", "muted")]
        return draw_summary(kept, width, now, self._name_of, is_current=kept.id == self._current)

    def _show_foot(self) -> None:
        if self._found is not None:
            places = sum(not row.is_head for row in self._found)
            heads = len(self._found) - places
            count = f"{_counted(heads, 'conversation')}, {_counted(places, 'place')}"
        else:
            count = _counted(self._pages.total or 0, "conversation")
        text = " · ".join(t for t in (self._notice, count, _KEYS) if t)
        self.query_one("#foot", Static).update(Content(text), layout=False)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
