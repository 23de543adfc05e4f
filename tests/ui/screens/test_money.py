"""The money screen: layout, unknown figures, and keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from rich.cells import cell_len

from tests.ui.still_host import Holding, StillHost, screen_text
from tests.values import NOON
from tui_router.domain.cost_reports import Review, WhatIf, review, what_if
from tui_router.domain.library import Spend
from tui_router.domain.model import Model
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.spending import AccountPeriod, Fate, Reconciled, Reconciliation, Spent, Work
from tui_router.domain.usage import Pricing, Usage
from tui_router.services.spending import Overview, Spending
from tui_router.ui.screens.money import MoneyScreen
from tui_router.ui.screens.money_rows import Budgets, days_rows, overview_rows, table_rows
from tui_router.ui.widgets.reader import Reader

TODAY = NOON.date()
CENT = Decimal("0.01")
OFFLINE = Problem(kind=ErrorKind.NETWORK, title="No connection", hint="Look at the cable")
OTHER = Model(id="x/other", name="Other", pricing=Pricing(prompt=CENT, completion=CENT))


def a_day(ago: int, cost: str, *, unknown: int = 0, estimated: str = "0") -> Spend:
    return Spend(
        label=str(TODAY - timedelta(days=ago)),
        day=TODAY - timedelta(days=ago),
        cost=Decimal(cost),
        requests=2,
        prompt_tokens=10,
        completion_tokens=5,
        unknown=unknown,
        estimated=Decimal(estimated),
    )


class Still(Spending):
    """Money of a test: figures that stand still, and a service that can be out of reach."""

    def __init__(self, *, reachable: bool = True, readable: bool = True) -> None:
        self.reachable = reachable
        self.readable = readable
        self.asked: list[datetime | None] = []
        usage = Usage(prompt_tokens=30, completion_tokens=20, cost=Decimal(1))
        self.done = (
            Work(at=NOON, model="a/one", usage=usage, message_id="m1"),
            Work(at=NOON, model="b/two", usage=Usage(cost=CENT, is_estimate=True), fate=Fate.STOPPED),
        )

    def overview(self, conversation_id: str = "") -> Overview:
        if not self.readable:
            raise AppError(Problem(kind=ErrorKind.STORAGE, title="The file is damaged"))
        return Overview(
            today=Spent(known=Decimal(4), requests=3),
            month=Spent(known=Decimal(9), estimated=CENT, requests=5),
            always=Spent(known=Decimal(50), unknown=2, requests=99),
            conversation=Spent(unknown=1, requests=1) if conversation_id else None,
            days=(a_day(0, "4"), a_day(1, "1", estimated="1"), a_day(7, "2", unknown=1)),
        )

    def by(self, group: str, since: datetime | None = None) -> tuple[Spend, ...]:
        self.asked.append(since)
        row = Spend(label="a/one", cost=Decimal(1), requests=2, prompt_tokens=12_345, completion_tokens=5, unknown=1)
        return (row,)

    def review(self, since: datetime | None = None) -> Review:
        return review(self.done, lambda model_id: None)

    def model(self, typed: str) -> Model:
        if typed != OTHER.id:
            raise AppError(Problem(kind=ErrorKind.UNKNOWN_MODEL, title=f"No such model: {typed}"))
        return OTHER

    def what_if(self, model: Model, since: datetime | None = None) -> WhatIf:
        return what_if(self.done, model, since or NOON)

    def reconcile(self) -> Reconciliation:
        if not self.reachable:
            raise AppError(OFFLINE)
        day = Reconciled(span=AccountPeriod.DAY, start=NOON, theirs=Decimal("4.11"), ours=Spent(known=Decimal("3.98")))
        return Reconciliation(key="sk-or-…1a2b", at=NOON, begins=None, spans=(day,))

    def midnight(self) -> datetime:
        return NOON.replace(hour=0)


def showing(
    spending: Spending | None = None, picked: str = OTHER.id, **more: object
) -> Callable[[StillHost], MoneyScreen]:
    def make(host: StillHost) -> MoneyScreen:
        about = {"conversation_id": "c1", "name_of": lambda i: i.partition("/")[2], **more}
        return MoneyScreen(spending or Still(), host, pick_model=lambda use: use(picked), **about)  # type: ignore[arg-type]

    return make


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_the_first_page_sums_up_and_draws_the_days(size: tuple[int, int]) -> None:
    app = Holding(showing(budgets=lambda: Budgets(day=Decimal(5), month=Decimal(6))))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        text = screen_text(app)
        for words in (
            "1 Overview", "Today", "$4.00", "~$9.01", "This conversation", "1 not known yet",
            "$50.00 + 2 not known yet", "$4.00 of $5.00, 80%", "used up", "Your key says $4.11 today",
            "The last 30 days", "Esc close",
        ):  # fmt: skip
            assert words in text, words
        await pilot.press("end")
        await pilot.pause()
        assert "By model, this month" in screen_text(app)
        assert "22 Nov" in screen_text(app)


async def test_sections_come_by_number_tab_and_click() -> None:
    app = Holding(showing())
    async with app.run_test(size=(100, 30)) as pilot:
        for key, words in (
            ("2", "12k in · 5 out"),
            ("3", "bought nothing that was kept, 1% of ~$1.01"),
            ("tab", "Press m to pick one"),
            ("right", "the key says $4.11"),
            ("tab", "The last 30 days"),
            ("shift+tab", "this library $3.98"),
        ):
            await pilot.press(key)
            await pilot.pause()
            assert words in screen_text(app), key
        await pilot.click("#tabs", offset=(14, 0))
        await pilot.pause()
        assert "$1.00 + ?" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.result is None


async def test_another_period_is_read_anew() -> None:
    spending = Still()
    app = Holding(showing(spending, words="today"))
    async with app.run_test(size=(80, 24)) as pilot:
        for words in ("today", "this month", "everything"):
            await pilot.pause()
            assert words in screen_text(app).splitlines()[-1]
            await pilot.press("p")
        midnight = NOON.replace(hour=0)
        assert spending.asked == [midnight, midnight.replace(day=1), None, midnight]


async def test_what_came_for_an_earlier_period_is_dropped() -> None:
    spending = Still()
    app = Holding(showing(spending, words="What-if"), hold=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("m", "p")
        await pilot.pause()
        assert "Reading…" in screen_text(app)
        app.host.run_held()  # the newest first: what the older ones bring comes last, and must not be shown
        await pilot.pause()
        assert "prices of 2026-11-22" in screen_text(app)


async def test_a_model_is_picked_for_the_what_if() -> None:
    app = Holding(showing())
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("m")
        await pilot.pause()
        text = screen_text(app)
        for words in (
            "x/other: $10000 in, $10000 out per million tokens, prices of 2026-11-01",
            "→ ~$0.500",
            "-$0.500",
        ):
            assert words in text
        assert "Other models count tokens differently" in text


async def test_a_model_without_a_price_says_so() -> None:
    app = Holding(showing(picked="gone/model"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("m")
        await pilot.pause()
        assert "No such model: gone/model" in screen_text(app)


async def test_a_service_out_of_reach_is_one_quiet_line_and_r_asks_again() -> None:
    spending = Still(reachable=False)
    app = Holding(showing(spending))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "What your key says is not known: No connection" in screen_text(app)
        assert "$4.00" in screen_text(app)
        assert app.host.problems == []
        spending.reachable = True
        await pilot.press("r")
        await pilot.pause()
        assert "Your key says $4.11 today" in screen_text(app)


async def test_nothing_waits_for_the_disk_or_the_service() -> None:
    app = Holding(showing(), hold=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "Reading…" in screen_text(app)
        await pilot.press("5")
        await pilot.pause()
        assert "Asking the service" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        app.host.run_held()
        await pilot.pause()
        assert app.result is None


async def test_an_unreadable_file_is_reported_in_its_place() -> None:
    app = Holding(showing(Still(readable=False)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "The file is damaged" in screen_text(app)


async def test_late_figures_keep_the_scroll_position() -> None:
    app = Holding(showing(), hold=True)
    async with app.run_test(size=(60, 12)) as pilot:
        app.host.run_held()
        await pilot.press("r", "end")
        await pilot.pause()
        before = app.screen.query_one(Reader).top
        assert before > 0
        app.host.run_held()
        await pilot.pause()
        assert app.screen.query_one(Reader).top == before


@pytest.mark.parametrize("size", [(20, 5), (3, 2), (1, 1), (300, 80)])
@pytest.mark.parametrize("words", ["", "today", "by-model", "waste", "what-if", "key"])
async def test_every_section_survives_every_size(words: str, size: tuple[int, int]) -> None:
    app = Holding(showing(words=words))
    async with app.run_test(size=size) as pilot:
        await pilot.press("m", "p", "end", "r")
        await pilot.pause()
        assert app.result == "open"


@pytest.mark.parametrize("width", [10, 40, 78, 103, 104, 150])
def test_no_row_of_the_first_page_is_wider_than_the_page(width: int) -> None:
    rows = overview_rows(Still().overview("c1"), Budgets(day=Decimal(5)), OFFLINE, TODAY, width)
    if width >= 78:
        assert max(sum(cell_len(p.text) for p in row) for row in rows) <= width


def test_days_are_as_high_as_they_were_expensive_and_marked_where_in_doubt() -> None:
    days = Still().overview().days
    rows = ["".join(p.text for p in row) for row in days_rows(days, TODAY, 68, 4)]
    columns = [i for i, c in enumerate(rows[4]) if c != " "]
    heights = [sum(row[c] not in " " for row in rows[1:5]) for c in columns]
    assert heights == [2, 1, 4]
    assert [rows[5][c] for c in columns] == ["?", "~", " "]
    assert rows[6].endswith("22 Nov")
    assert rows[1].startswith("$4.00 ")


def test_days_that_cost_nothing_are_measured_by_requests() -> None:
    text = "".join(p.text for row in days_rows((a_day(0, "0"),), TODAY, 80) for p in row)
    assert "none cost anything" in text
    assert "█" in text
    assert "Nothing was asked" in days_rows((), date(2026, 1, 1), 80)[0][0].text


def test_columns_go_before_figures_are_cut() -> None:
    cells = [("a long name of a model", "$1.00", "12 requests", "1k in"), ("b", "~$12.00", "1 request", "999k in")]
    for width in (80, 44, 30, 20):
        rows = ["".join(p.text for p in row) for row in table_rows(cells, (1.0, 0.5), width)]
        assert max(map(cell_len, rows)) <= width
        assert "~$12.00" in rows[1]
