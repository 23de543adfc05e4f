"""The money screen: sums, budgets and days, models, waste, what-if prices, and the spending of the key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_router.domain.cost_reports import Review, WhatIf
from tui_router.domain.library import Spend
from tui_router.domain.problem import Problem
from tui_router.domain.safe import clean_line
from tui_router.domain.spending import Reconciliation
from tui_router.services.spending import Overview, Spending
from tui_router.ui.host import Host
from tui_router.ui.screens.money_rows import (
    Budgets,
    check_rows,
    models_rows,
    overview_rows,
    waste_rows,
    what_if_rows,
)
from tui_router.ui.screens.text_rows import Line, TextRows
from tui_router.ui.widgets.line_list import Part
from tui_router.ui.widgets.reader import Reader, Rows

_KEYS = "1–5 Tab section · p period · m what if · r ask the key again · Esc close"


class MoneySection(StrEnum):
    """Sections of the screen, with their titles."""

    OVERVIEW = "Overview"
    MODELS = "Models"
    WASTE = "Waste"
    WHAT_IF = "What if"
    KEY = "Key"


class Period(StrEnum):
    """Periods of models, waste and what-if, with their titles."""

    TODAY = "today"
    MONTH = "this month"
    ALWAYS = "everything"


_VIEWS = {
    "today": (MoneySection.MODELS, Period.TODAY),
    "month": (MoneySection.MODELS, Period.MONTH),
    "by-model": (MoneySection.MODELS, Period.ALWAYS),
    "waste": (MoneySection.WASTE, Period.MONTH),
    "what-if": (MoneySection.WHAT_IF, Period.MONTH),
    "key": (MoneySection.KEY, Period.MONTH),
}
"""Section and period for the arguments of ``/cost``."""
_SECTIONS, _PERIODS = tuple(MoneySection), tuple(Period)


class MoneyScreen(ModalScreen[None]):
    """Shows spending. Reads the ledger and asks the service on worker threads, and shows what has arrived."""

    AUTO_FOCUS = "Reader"
    DEFAULT_CSS = """
    MoneyScreen {
        align: center middle;
        #frame { width: 100%; max-width: 160; height: 100%; max-height: 44; background: $background; padding: 0 1;
                 border: round $border; border-title-color: $text-primary; border-subtitle-color: $text-muted; }
        #tabs { height: 1; margin-bottom: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        #foot { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-low #frame { border: none; padding: 0; }
        &.-low #tabs { margin-bottom: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close", priority=True),
        Binding("tab,right", "turn(1)", "Next section", priority=True),
        Binding("shift+tab,left", "turn(-1)", "Previous section", priority=True),
        *(Binding(str(n), f"section({n})", s.value, show=False) for n, s in enumerate(_SECTIONS, start=1)),
        Binding("p", "period", "Another period"),
        Binding("m", "pick", "Another model"),
        Binding("r", "check", "Ask the key again"),
    ]

    def __init__(
        self,
        spending: Spending,
        host: Host,
        *,
        pick_model: Callable[[Callable[[str], None]], None],
        conversation_id: str = "",
        budgets: Callable[[], Budgets] = Budgets,
        name_of: Callable[[str], str] = str,
        words: str = "",
    ) -> None:
        """Create the screen.

        Args:
            spending: Answers questions about money.
            host: The app.
            pick_model: Opens the picker to choose a model for the what-if.
            conversation_id: Id of the conversation in view; empty for a temporary one.
            budgets: Returns the limits in force; called on a worker thread.
            name_of: Returns the display name of a model id.
            words: Section to show first: ``today``, ``month``, ``by-model``, ``waste``, ``what-if`` or ``key``.
        """
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (14, "-usual")]
        self._spending = spending
        self._host = host
        self._pick_model = pick_model
        self._conversation_id = conversation_id
        self._find_budgets = budgets
        self._budgets = Budgets()
        self._name_of = name_of
        self._section, self._period = _VIEWS.get(words.strip().lower(), (MoneySection.OVERVIEW, Period.MONTH))
        self._shown = self._section
        self._other = ""
        self._asked = 0
        self._trouble: Problem | None = None
        self._overview: Overview | None = None
        self._models: tuple[Spend, ...] | None = None
        self._review: Review | None = None
        self._what_if: WhatIf | Problem | None = None
        self._check: Reconciliation | Problem | None = None
        self._reader = Reader()

    def compose(self) -> ComposeResult:
        """Lay out sections, text and keys."""
        with Vertical(id="frame") as frame:
            frame.border_title = Content("Money")
            yield Static(id="tabs")
            yield self._reader
            yield Static(_KEYS, id="foot", markup=False)

    def on_mount(self) -> None:
        """Read the ledger and ask the service."""
        self._show()
        self._host.work(
            lambda: (self._spending.overview(self._conversation_id), self._find_budgets()),
            self._keep_overview,
            self._fail,
        )
        self._read()
        self.action_check()

    def action_turn(self, step: int) -> None:
        """Show the next (1) or previous (-1) section."""
        self._go(_SECTIONS[(_SECTIONS.index(self._section) + step) % len(_SECTIONS)])

    def action_section(self, number: int) -> None:
        """Show a section by its number."""
        self._go(_SECTIONS[number - 1])

    def action_period(self) -> None:
        """Show the next period."""
        self._period = _PERIODS[(_PERIODS.index(self._period) + 1) % len(_PERIODS)]
        self._models = self._review = self._what_if = None
        if self._section is MoneySection.KEY:
            self._section = MoneySection.MODELS
        self._show()
        self._read()

    def action_pick(self) -> None:
        """Choose the model of the what-if."""
        self._pick_model(self._compare_with)

    def action_check(self) -> None:
        """Ask the service for the spending of the key."""
        self._check = None
        self._show()
        self._host.work(self._spending.reconcile, self._keep_check, self._keep_check)

    def _compare_with(self, model_id: str) -> None:
        self._other, self._what_if = model_id, None
        self._go(MoneySection.WHAT_IF)
        self._read()

    def _read(self) -> None:
        """Read what depends on period and model; results of an earlier choice are dropped."""
        self._asked += 1
        asked, spending, since, other = self._asked, self._spending, self._since(), self._other

        def keep(found: tuple[tuple[Spend, ...], Review]) -> None:
            if asked == self._asked:
                self._models, self._review = found
                self._show()

        def keep_what_if(found: WhatIf | Problem) -> None:
            if asked == self._asked:
                self._what_if = found
                self._show()

        self._host.work(lambda: (spending.by("model", since), spending.review(since)), keep, self._fail)
        if other:
            self._host.work(lambda: spending.what_if(spending.model(other), since), keep_what_if, keep_what_if)

    def _since(self) -> datetime | None:
        day = self._spending.midnight()
        return {Period.TODAY: day, Period.MONTH: day.replace(day=1), Period.ALWAYS: None}[self._period]

    def _keep_overview(self, found: tuple[Overview, Budgets]) -> None:
        self._overview, self._budgets = found
        self._show()

    def _keep_check(self, check: Reconciliation | Problem) -> None:
        self._check = check
        self._show()

    def _fail(self, problem: Problem) -> None:
        self._trouble = problem
        self._show()

    def _go(self, section: MoneySection) -> None:
        self._section = section
        self._show()

    def _show(self) -> None:
        if not self.is_attached:
            return
        tabs = " ".join(_tab(number, s, is_on=s is self._section) for number, s in enumerate(_SECTIONS, start=1))
        self.query_one("#tabs", Static).update(Content.from_markup(tabs), layout=False)
        has_period = self._section in (MoneySection.MODELS, MoneySection.WASTE, MoneySection.WHAT_IF)
        self.query_one("#frame").border_subtitle = Content(self._period.value if has_period else "")
        top = self._reader.top if self._shown is self._section else 0
        self._shown = self._section
        self._reader.show(self._lay_out, at=lambda: top)

    def _lay_out(self, width: int) -> Rows:
        if self._trouble is not None:
            return TextRows([(Part(clean_line(self._trouble.sentence()), "bad"),)], width)
        return self._rows(width) or [(Part("Reading…", "muted"),)]

    def _rows(self, width: int) -> list[Line]:
        match self._section:
            case MoneySection.OVERVIEW if self._overview is not None:
                today = self._spending.midnight().date()
                rows = overview_rows(self._overview, self._budgets, self._check, today, width)
                if self._models:
                    title = Part(f"By model, {self._period.value}", "head")
                    rows += [(), (title,), *models_rows(self._models, self._name_of, width)]
                return rows
            case MoneySection.MODELS if self._models is not None:
                return models_rows(self._models, self._name_of, width)
            case MoneySection.WASTE if self._review is not None:
                return waste_rows(self._review, self._name_of, width)
            case MoneySection.WHAT_IF if self._what_if is not None or not self._other:
                return what_if_rows(self._what_if, self._name_of, width)
            case MoneySection.KEY:
                return check_rows(self._check, width)
        return []


def _tab(number: int, section: MoneySection, *, is_on: bool) -> str:
    style = "bold $text-accent reverse" if is_on else "$text-muted"
    return f"[@click=screen.section({number})][{style}] {number} {section.value} [/][/]"
