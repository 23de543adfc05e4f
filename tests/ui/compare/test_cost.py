"""The cost above the lanes: what the ledger says, and what runs on top. It never falls."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

from tests.ui.compare.lanes_app import LanesApp, asked, until
from tests.ui.still_host import StillHost
from tui_router.domain.message import Message, Role
from tui_router.domain.spending import Spent
from tui_router.domain.stream import Phase
from tui_router.domain.usage import Usage
from tui_router.services.turn import Turn
from tui_router.ui.screens.compare.cost import Cost
from tui_router.ui.screens.compare.figures import Figures
from tui_router.ui.screens.dialogs import ChoiceDialog, ConfirmDialog


async def test_what_was_asked_again_taken_away_or_merged_is_still_in_the_sum(app: LanesApp) -> None:
    async with app.run_test(size=(170, 40)) as pilot:
        lanes = await asked(pilot, ("demo/quick", "demo/opinion-a", "demo/opinion-b"))
        seen = [Decimal(0)]

        async def told() -> None:
            """Wait until the header tells what the ledger says, and that it is more than before."""
            ledger = app.core.spending.of_conversation
            await until(pilot, lambda: not lanes.rounds.running)
            await until(pilot, lambda: lanes.rounds.cost.label(0) == ledger(app.chat.conversation.id).label)
            await until(pilot, lambda: f"{ledger(app.chat.conversation.id).label} in all" in app.screen_text())
            seen.append(ledger(app.chat.conversation.id).total)

        await told()
        old = lanes.rounds.lanes[0].answer
        await pilot.press("1", "r")
        await until(pilot, lambda: lanes.rounds.lanes[0].answer != old)
        await told()
        app.picked = "demo/quick"
        app.run_id("compare.merge", "shorten them")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await until(pilot, lambda: len(lanes.rounds.lanes) == 4)
        await told()
        assert seen == sorted(set(seen))
        await pilot.press("1", "minus")
        await until(pilot, lambda: len(lanes.rounds.lanes) == 3)
        assert lanes.rounds.cost.label(0) == app.core.spending.of_conversation(app.chat.conversation.id).label


_MESSAGE = Message(id="a", parent_id=None, role=Role.ASSISTANT, parts=(), created=datetime(2026, 6, 1, tzinfo=UTC))


class _Turn:
    """As much of a turn as is asked for."""

    is_running = True


class _Ledger:
    """A ledger whose sum the test says, asked through a host that answers when it is told to."""

    def __init__(self, *, is_temporary: bool = False) -> None:
        self.sum = Spent()
        self.host = StillHost(hold=True)
        core = SimpleNamespace(
            writes=SimpleNamespace(wait=lambda patience: True),
            spending=SimpleNamespace(of_conversation=lambda conversation: self.sum),
        )
        conversation = SimpleNamespace(id="here", is_temporary=is_temporary)
        chat = SimpleNamespace(tree=(), conversation=conversation)
        self.cost = Cost(cast(Any, core), self.host, cast(Any, chat), lambda: None)

    def run(self, cost: str) -> tuple[Turn, list[Figures]]:
        """Let an answer run that cost so much up to now."""
        turn = cast(Turn, _Turn())
        figures = [Figures(phase=Phase.ANSWERING, cost=Decimal(cost), tokens=3)]
        self.cost.began(turn, lambda now: figures[-1])
        return turn, figures

    def end(self, turn: Turn, cost: str) -> None:
        """Let it end, and the ledger know."""
        cast(Any, turn).is_running = False
        self.sum += Spent(known=Decimal(cost), requests=1)
        usage = Usage(completion_tokens=3, cost=Decimal(cost))
        self.cost.ended(turn, replace(_MESSAGE, usage=usage))


def test_what_runs_comes_on_top_as_an_estimate_and_is_counted_once() -> None:
    ledger = _Ledger()
    first, figures = ledger.run("0.01")
    second, _ = ledger.run("0.02")
    assert ledger.cost.label(0) == "~$0.030"
    figures.append(Figures(phase=Phase.ANSWERING, cost=Decimal("0.05"), tokens=9))
    assert ledger.cost.label(0) == "~$0.070"
    ledger.end(first, "0.05")
    assert ledger.cost.label(0) == "~$0.070", "the ledger has not answered yet"
    ledger.host.run_held()
    assert ledger.cost.label(0) == "~$0.070"
    ledger.end(second, "0.02")
    ledger.host.run_held()
    assert ledger.cost.label(0) == "$0.070"


def test_an_old_sum_that_comes_late_takes_nothing_back() -> None:
    ledger = _Ledger()
    turn, _ = ledger.run("0.01")
    ledger.cost.recount()
    late, ledger.host.held = ledger.host.held, []
    old, ledger.sum = ledger.sum, Spent(known=Decimal("0.05"), requests=2)
    ledger.end(turn, "0.01")
    ledger.host.run_held()
    ledger.sum = old
    late[0]()
    assert ledger.cost.label(0) == "$0.060"


def test_a_temporary_comparison_sums_what_it_saw() -> None:
    ledger = _Ledger(is_temporary=True)
    for price in ("0.01", "0.02"):
        turn, _ = ledger.run(price)
        ledger.end(turn, price)
    assert ledger.host.held == []
    assert ledger.cost.label(0) == "$0.030"
