"""The comparison screen, lanes above a prompt, and the launcher that opens it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.timer import Timer

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.services.chat import Chat
from tui_router.services.comparison import Comparison, batch_in_view, check_count, check_line_up
from tui_router.services.core import Core
from tui_router.services.preferences import Preferences
from tui_router.ui.host import Host
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.prompt.widget import Prompt
from tui_router.ui.screens.compare.actions import LaneActions
from tui_router.ui.screens.compare.blind import is_blind
from tui_router.ui.screens.compare.chrome import CompareChrome
from tui_router.ui.screens.compare.controller import CompareDependencies, ComparisonController
from tui_router.ui.screens.compare.lane_grid import LaneGrid
from tui_router.ui.screens.compare.merging import MergeFlow
from tui_router.ui.screens.compare.questions import ComparePromptBox, QuestionSender
from tui_router.ui.screens.compare.styled_rows import LaneAppearance, StyledRows
from tui_router.ui.screens.drafts import DraftController
from tui_router.ui.transcript.transcript import Transcript

_TICK, _CROWD_TICK = 0.1, 0.25
"""Seconds between updates of spinners and metrics, with few lanes and with many."""
_CROWD = 4
"""Lanes from which on updates are slower: each one paints a frame."""


class CompareScreen(Screen[str | None], inherit_bindings=False):
    """One question, several models. The result is the id of the kept answer, or ``None``."""

    is_comparison = True
    """Identifies the screen to the app without an import."""

    AUTO_FOCUS = "#prompt"
    DEFAULT_CSS = """
    CompareScreen { background: $background; layout: vertical; }
    CompareScreen #tabs { display: none; }
    CompareScreen.-tabs #tabs { display: block; }
    """

    def __init__(
        self,
        dependencies: CompareDependencies,
        comparison: Comparison,
        *,
        blind: bool = False,
        names_hidden: bool = False,
        fold: FoldRule | None = None,
        vim: bool = False,
    ) -> None:
        """Make the screen.

        Args:
            dependencies: What it needs from the app.
            comparison: The lanes.
            blind: Hide names from the first question on.
            names_hidden: Hide the names of the stored answers: they were asked blind and not voted on yet.
            fold: When the prompt folds pasted text.
            vim: Vim keys in the prompt.
        """
        super().__init__()
        core, host = dependencies.core, dependencies.host
        self._dependencies = dependencies
        self._host = host
        self._ticking: Timer | None = None
        self._is_closed = False
        self.box = ComparePromptBox(host, fold=fold, vim=vim, id="box")
        self.drafts = DraftController(core, host, self.box.prompt, lambda: comparison.chat, self.refresh_chrome)
        self.grid = LaneGrid()
        self.controller = ComparisonController(
            dependencies, comparison, self.grid, self, changed=self._changed, cost_changed=self.refresh_chrome
        )
        self.lanes = self.controller.lanes
        self.lanes.names_hidden = names_hidden
        self.lanes.blind_mode = blind or names_hidden
        put_back, sent = self.drafts.put_back, self._question_sent
        self.sender = QuestionSender(
            dependencies, self.controller, put_back=put_back, sent=sent, changed=self.refresh_chrome
        )
        self.actions = LaneActions(dependencies, self.controller, close=self._close, changed=self._changed)
        self.merging = MergeFlow(dependencies, self.controller)
        self.chrome = CompareChrome(self.controller, self.actions.voting, lambda: self.is_writing)
        typed, show_estimate = self.controller.relay.key_pressed, self.chrome.show_estimate
        self.box.attach(self.sender, self.drafts, typed=typed, show_estimate=show_estimate, escape=self.back)

    def compose(self) -> ComposeResult:
        """Yield the leaders, tabs, lanes, prompt and key hints."""
        yield self.chrome.top
        yield self.chrome.tabs
        yield self.grid
        yield self.box
        yield self.chrome.bottom

    @property
    def transcript(self) -> Transcript:
        """The transcript of the lane in focus."""
        return self.actions.current.pane.transcript

    @property
    def is_writing(self) -> bool:
        """True while the prompt has the focus."""
        return self.focused is self.box.prompt

    def on_mount(self) -> None:
        """Show the lanes and subscribe to changes from worker threads."""
        self.controller.open()
        self._apply_appearance()
        host = self._host
        self._stop_listening = self._dependencies.listen(lambda: host.soon(self._apply_appearance))
        self._stop_pricing = self._dependencies.core.paid_requests.listen_for_costs(
            lambda message_id, usage: host.soon(lambda: self.controller.update_cost(message_id, usage))
        )
        # Questions queued in the chat were meant for one model: do not send them to all lanes unasked.
        self.sender.outbox.is_held = True
        self.drafts.restore()
        if self.lanes.comparison.batch:
            self.call_after_refresh(self.read)
        self.refresh_chrome()

    def on_unmount(self) -> None:
        """Stop everything, however the screen was closed."""
        self._stop_listening()
        self._stop_pricing()
        self.leave()

    def leave(self) -> int:
        """Stop every lane and save it, within a second; returns how many were running."""
        if self._is_closed:  # closing unmounts the screen, which comes here again
            return 0
        self._is_closed = True
        self.controller.cancel_submission()
        self.drafts.hand_over()
        return self.controller.close()

    def back(self) -> None:
        """Handle Escape: from a draft to the lanes if they have answers, otherwise see ``LaneActions.back``."""
        is_idle = not (self.lanes.running or self.actions.voting.is_open)
        has_draft = not self.box.prompt.draft.is_empty
        if is_idle and self.is_writing and self.lanes.comparison.batch and has_draft:
            self.read()
        else:
            self.actions.back()

    def interrupt(self) -> None:
        """Handle Ctrl+C without a selection: clear the draft, otherwise stop every lane."""
        if not self.box.prompt.draft.is_empty:
            self.drafts.clear()
        elif not (self.controller.cancel_submission() or self.controller.stop_all()):
            self._host.tell("Esc closes the comparison, Ctrl+Q quits")

    def read(self) -> None:
        """Move the focus from the prompt to the lanes."""
        if self.grid.current is not None:
            self.grid.current.transcript.focus()

    def refresh_chrome(self) -> None:
        """Update everything around the answers, and keep updating while answers stream."""
        if not self.is_mounted or self._is_closed:
            return
        self.box.prompt.has_queue = self.sender.waiting > 0
        self.set_class(self.grid.lane_layout.tabs, "-tabs")
        self._dependencies.core.notices.guard(self.chrome.update)
        if self.lanes.running and self._ticking is None:
            tick = _TICK if len(self.lanes) < _CROWD else _CROWD_TICK
            self._ticking = self.set_interval(tick, self._tick)

    def _changed(self) -> None:
        # Callers may be in the middle of several changes: refresh only after the last one.
        self.call_later(self.refresh_chrome)
        self._guard(self.sender.continue_queue)

    def _tick(self) -> None:
        for lane in self.lanes:
            if self.grid.shows(lane.number):
                lane.pane.transcript.tick(lane.pane.transcript.clock())
        if not self.lanes.running and self._ticking is not None:
            self._ticking.stop()
            self._ticking = None
        self.refresh_chrome()

    @on(LaneGrid.Changed)
    def _lanes_rearranged(self) -> None:
        for lane in self.lanes:
            if self.grid.shows(lane.number):
                lane.catch_up()
        self.refresh_chrome()

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _focus_moved(self) -> None:
        self.call_later(self.refresh_chrome)

    @on(StyledRows.Clicked, "#tabs")
    def _tab_clicked(self, event: StyledRows.Clicked) -> None:
        event.stop()
        kind, _, column = event.target.partition(":")
        if kind == "lane":
            self._guard(lambda: self.actions.digit(int(column)))

    @on(Transcript.ActionClicked)
    def _run_action(self, event: Transcript.ActionClicked) -> None:
        self._guard(lambda: self.actions.run(event.entry_id, event.action))

    @on(Transcript.LinkClicked)
    def _show_link(self, event: Transcript.LinkClicked) -> None:
        self._host.tell(f"This link goes to {event.url}")

    def _guard(self, act: Callable[[], object]) -> None:
        try:
            act()
        except AppError as trouble:
            self._host.tell_problem(trouble.problem)

    def _question_sent(self) -> None:
        self._dependencies.core.keep_line_up(self.lanes.comparison.models)
        self.refresh_chrome()

    def _close(self, kept: str | None) -> None:
        count = self.leave()
        if count:
            self._host.tell(f"{count} {'lane was' if count == 1 else 'lanes were'} stopped; partial answers are kept")
        self.dismiss(kept)

    def _apply_appearance(self) -> None:
        appearance = self._dependencies.appearance()
        self.chrome.set_text_styles(appearance.styles)
        for lane in self.lanes:
            lane.pane.set_appearance(appearance)
        self.lanes.styles = appearance.styles
        self.refresh_chrome()


class CompareLauncher:
    """Opens comparisons. ``closed`` gets the id of the kept answer, or ``None``."""

    def __init__(
        self,
        core: Core,
        preferences: Preferences,
        host: Host,
        *,
        pick_model: Callable[[Callable[[str], None]], None],
        closed: Callable[[str | None], None],
        prompt: Prompt | None = None,
    ) -> None:
        """Make a launcher; prompts of comparisons share commands and history with ``prompt``."""
        self._core = core
        self._preferences = preferences
        self._host = host
        self._pick_model = pick_model
        self._closed = closed
        self._prompt = prompt

    def start(self, chat: Chat, typed: Sequence[str], *, blind: bool = False) -> CompareScreen:
        """Open lanes for a line-up as typed, at the end of the conversation; raises ``AppError``."""
        ids = check_line_up(self.named(typed), self._core.catalog.resolve)
        return self._open(Comparison.fresh(chat, ids), blind=blind)

    def named(self, typed: Sequence[str]) -> tuple[str, ...]:
        """Return the model names of a line-up, which may be given by its saved name; raises ``AppError``."""
        wanted = typed[0].strip().lower() if len(typed) == 1 else ""
        found = next((n for n in self._core.lineups.named() if n.name.lower() == wanted), None)
        return check_count(found.models if found is not None else typed)

    def start_last(self, chat: Chat) -> CompareScreen | None:
        """Open lanes for the line-up used last; ``None`` if there is none."""
        last = self._core.lineups.last()
        return self.start(chat, last.models) if last is not None else None

    def reopen(self, chat: Chat, batch: str = "") -> CompareScreen:
        """Open a stored comparison, by default the last one on the visible path; raises ``AppError``."""
        found = batch or batch_in_view(chat)
        if not found:
            hint = "F3 starts one"
            raise AppError(
                Problem(kind=ErrorKind.USAGE, title="There is no comparison in this conversation", hint=hint)
            )
        names_hidden = is_blind(self._core, found)
        comparison = Comparison.reopened(chat, found)
        if names_hidden:
            comparison.shuffle()
        return self._open(comparison, names_hidden=names_hidden)

    def _open(self, comparison: Comparison, *, blind: bool = False, names_hidden: bool = False) -> CompareScreen:
        prompt = self._preferences.current.prompt
        dependencies = CompareDependencies(
            core=self._core,
            host=self._host,
            pick_model=self._pick_model,
            appearance=lambda: LaneAppearance.configured(self._preferences),
            listen=lambda changed: self._preferences.listen(lambda before, after: changed()),
        )
        fold = FoldRule(lines=prompt.fold_paste_lines, chars=prompt.fold_paste_chars)
        screen = CompareScreen(
            dependencies, comparison, blind=blind, names_hidden=names_hidden, fold=fold, vim=prompt.vim
        )
        if self._prompt is not None:
            screen.box.prompt.share_from(self._prompt)
        self._host.show_screen(screen, self._closed)
        return screen
