"""Questions to the lanes: to all of them, to one, queued and refused."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ui.compare.lanes_app import LanesApp, ask, asked, demo_services, until
from tui_router.domain.draft import Draft
from tui_router.domain.message import EndingKind, Role
from tui_router.domain.problem import ErrorKind
from tui_router.services.submission import Plan, Submission
from tui_router.ui.screens.dialogs import ConfirmDialog

LINE_UP = ("demo/quick", "demo/opinion-a", "demo/opinion-b")


async def test_one_question_is_answered_in_every_lane(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        screen = await asked(pilot, LINE_UP)
        lanes = screen.lanes
        assert [t.model_id for t in lanes] == list(LINE_UP)
        assert all(t.has_content for t in lanes)
        for lane in lanes:
            assert lane.pane.transcript.entries[0].text == "Hello?"
            assert lane.message is not None
            assert lane.pane.transcript.entries[1].text == lane.message.text
        text = app.screen_text()
        assert "1 Quick" in text
        assert "3 Opinion B" in text
        assert "cheapest" in text
        await until(pilot, lambda: app.core.lineups.last() is not None)


async def test_the_next_question_goes_to_all_lanes_each_with_its_own_thread(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        screen = await asked(pilot, LINE_UP)
        await ask(pilot, "And then?")
        for lane in screen.lanes:
            assert [e.text for e in lane.pane.transcript.entries][::2] == ["Hello?", "And then?"]
            assert len(app.chat.tree.thread(lane.answer)) == 4


async def test_a_lane_without_credit_fails_alone(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        screen = await asked(pilot, ("demo/quick", "demo/error-402", "demo/opinion-a"))
        endings = [t.message.ending.kind for t in screen.lanes if t.message and t.message.ending]
        assert endings == [EndingKind.COMPLETE, EndingKind.FAILED, EndingKind.COMPLETE]
        assert "Out of credit" in app.screen_text()
        assert "✗ failed" in app.screen_text()


async def test_a_lane_with_too_small_a_context_window_is_not_sent_the_question(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        screen = await asked(pilot, ("demo/quick", "demo/small-window"), "word " * 4_000)
        assert [bool(t.answer) for t in screen.lanes] == [True, False]
        assert "Not sent here" in app.screen_text()
        assert app.told == ["Not sent to 1 of 2: the lane shows why"]


async def test_a_lane_that_never_answers_blocks_no_other_lane(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        app.launcher.start(app.chat, ("demo/error-silent", "demo/quick"))
        await until(pilot, lambda: app.is_open and app.compare.is_writing)
        await ask(pilot, "Hello?", wait=False)
        silent, quick = app.compare.lanes
        await until(pilot, lambda: quick.has_content)
        assert silent.is_running
        app.compare.box.write()
        await pilot.press(*"And then?", "enter")
        await until(pilot, lambda: app.compare.sender.waiting)
        await pilot.press("tab", "1", "x")
        await until(pilot, lambda: any("queue is held" in words for words in app.told))
        assert app.compare.sender.waiting == 1  # it would be paid for in every lane: whoever stops one decides
        assert len(quick.pane.transcript.entries) == 2
        app.compare.sender.send_next()
        await until(pilot, lambda: not app.compare.sender.waiting)
        assert quick.pane.transcript.entries[2].text == "And then?"
        app.compare.controller.stop_all()
        await until(pilot, lambda: not app.compare.lanes.running)


async def test_escape_stops_the_focused_lane_and_twice_stops_all(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        app.launcher.start(app.chat, ("demo/error-silent",) * 3)
        await until(pilot, lambda: app.is_open and app.compare.is_writing)
        await ask(pilot, "Hello?", wait=False)
        lanes = app.compare.lanes
        await pilot.press("escape")
        await until(pilot, lambda: not lanes[0].is_running)
        assert [t.is_running for t in lanes] == [False, True, True]
        await pilot.press("escape", "escape", "escape")
        await until(pilot, lambda: not app.compare.lanes.running)
        assert "■ stopped" in app.screen_text()
        assert all(t.message and t.message.ending and t.message.ending.kind is EndingKind.CANCELLED for t in lanes)


async def test_a_failed_lane_is_asked_again_alone_and_given_to_another_model(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        screen = await asked(pilot, ("demo/quick", "demo/error-402"))
        before = screen.lanes[0].answer
        await pilot.press("2", "r")
        await until(pilot, lambda: not screen.lanes.running)
        assert "Out of credit" in app.screen_text()
        await pilot.press("R")
        await until(pilot, lambda: screen.lanes[1].has_content)
        assert screen.lanes[1].model_id == "demo/echo"
        assert "2 Echo" in app.screen_text()
        assert "Out of credit" not in app.screen_text()
        assert screen.lanes[0].answer == before


async def test_lanes_can_be_added_and_removed(app: LanesApp) -> None:
    async with app.run_test(size=(170, 36)) as pilot:
        screen = await asked(pilot, LINE_UP)
        await pilot.press("plus")
        await until(pilot, lambda: len(screen.lanes) == 4 and not screen.lanes.running)
        added = screen.lanes[3]
        assert [e.text for e in added.pane.transcript.entries] == ["Hello?", "Hello?"]
        await pilot.press("2", "minus")
        await until(pilot, lambda: len(screen.grid.panes) == 3)
        assert [t.model_id for t in screen.lanes] == ["demo/quick", "demo/opinion-b", "demo/echo"]
        await ask(pilot, "And then?")
        assert len([m for m in app.chat.tree if m.text == "And then?" and m.role is Role.USER]) == 3
        await pilot.press("minus", "minus")
        assert app.problems[-1].title == "A comparison needs 2 lanes"


async def test_invalid_line_ups_are_refused_with_a_reason(app: LanesApp) -> None:
    async with app.run_test():
        for models, words in (
            (["demo/quick"], "A comparison needs 2 models"),
            (["demo/quick"] * 9, "9 models are too many"),
            (["demo/quick", "demo/quikc"], "No such model: demo/quikc"),
        ):
            app.guarded(lambda models=models: app.launcher.start(app.chat, models))  # type: ignore[misc]
            assert app.problems[-1].title == words
        assert "demo/quick" in app.problems[-1].suggestions
        assert not app.is_open


async def test_a_line_up_can_be_saved_under_a_name(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        screen = await asked(pilot, LINE_UP)
        screen.actions.save_line_up("daily")
        assert app.core.writes.wait(10)
        app.run_id("chat.back")
        await until(pilot, lambda: not app.is_open)
        screen = app.launcher.start(app.chat, ["Daily"])
        assert screen.lanes.comparison.models == LINE_UP
        await until(pilot, lambda: app.is_open)
        app.run_id("chat.back")
        await until(pilot, lambda: not app.is_open)
        last = app.launcher.start_last(app.chat)
        assert last is not None
        assert last.lanes.comparison.models == LINE_UP


async def test_the_cost_is_shown_while_the_question_is_typed(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        app.core.outboxes.of(app.chat).write(Draft(text="How are you?"))
        app.launcher.start(app.chat, (*LINE_UP, "openrouter/auto"))
        await until(pilot, lambda: "with 4 models" in (app.screen_text() if app.is_open else ""))
        assert "1 without a price" in app.screen_text()


async def test_an_expensive_question_needs_consent_and_returns_to_the_prompt_on_no(app: LanesApp) -> None:
    app.services.preferences.change_typed("money.warn_above", "0.0000001")
    async with app.run_test(size=(130, 36)) as pilot:
        app.core.outboxes.of(app.chat).write(Draft(text="How are you?"))
        app.launcher.start(app.chat, LINE_UP)
        await until(pilot, lambda: app.is_open and app.compare.is_writing)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("n")
        await until(pilot, lambda: app.compare.box.prompt.text == "How are you?")
        assert len(app.chat.tree) == 0
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await until(pilot, lambda: bool(app.compare.lanes[0].has_content))


async def test_nothing_is_sent_over_budget(app: LanesApp) -> None:
    app.services.preferences.change_typed("money.daily_budget", "0.0000001")
    async with app.run_test(size=(130, 36)) as pilot:
        app.core.outboxes.of(app.chat).write(Draft(text="How are you?"))
        app.launcher.start(app.chat, LINE_UP)
        await until(pilot, lambda: app.is_open and app.compare.is_writing)
        await pilot.press("enter")
        await until(pilot, lambda: app.problems)
        assert app.problems[0].kind is ErrorKind.BUDGET
        assert app.compare.box.prompt.text == "How are you?"


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (45, 20), (30, 10), (20, 8), (8, 4)])
async def test_eight_lanes_fit_every_screen_size(app: LanesApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        screen = await asked(pilot, LINE_UP[:2] * 4)
        assert len(screen.lanes) == 8
        for place in range(1, 9):
            await pilot.press(str(place))
            assert screen.grid.column_of(screen.actions.current.number) == place - 1
            assert screen.grid.shows(screen.actions.current.number)
            await until(pilot, lambda: "Hello?" in [e.text for e in screen.transcript.entries])
        await pilot.press("tab")
        assert screen.grid.column_of(screen.actions.current.number) == 0


async def test_resizing_keeps_the_focused_lane_visible(app: LanesApp) -> None:
    async with app.run_test(size=(200, 50)) as pilot:
        screen = await asked(pilot, LINE_UP)
        await pilot.press("3")
        for width in (110, 70, 25, 90, 200):
            await pilot.resize_terminal(width, 30)
            await until(pilot, lambda width=width: screen.size.width == width)  # type: ignore[misc]
            assert screen.grid.shows(screen.actions.current.number)
            assert screen.actions.current.pane.display
        assert len(screen.grid.lane_layout.shown) == 3


async def test_hidden_lanes_show_their_whole_answer_once_visible(tmp_path: Path) -> None:
    with demo_services(tmp_path, speed=30) as services:
        app = LanesApp(services)
        async with app.run_test(size=(60, 24)) as pilot:
            screen = await asked(pilot, LINE_UP)
            for place, lane in enumerate(screen.lanes, 1):
                await pilot.press(str(place))
                assert lane.message is not None
                assert lane.pane.transcript.text_of(lane.answer) == lane.message.text


@pytest.mark.parametrize("is_taken_back", [False, True])
async def test_with_a_budget_lanes_wait_for_prices_of_today(
    app: LanesApp, monkeypatch: pytest.MonkeyPatch, is_taken_back: bool
) -> None:
    arrived, fetch = threading.Event(), Submission.fetch_prices

    def slow(submission: Submission, plan: Plan) -> None:
        assert arrived.wait(10)
        fetch(submission, plan)

    monkeypatch.setattr(Submission, "fetch_prices", slow)
    async with app.run_test(size=(130, 36)) as pilot:
        screen = await asked(pilot, LINE_UP)
        app.services.preferences.change("money.daily_budget", Decimal(5))
        app.core.catalog._fetched_at = datetime.now(UTC) - timedelta(days=2)
        await ask(pilot, "And then?", wait=False)
        await until(pilot, lambda: any("today's prices" in told for told in app.told))
        assert not screen.lanes.running
        if is_taken_back:
            await pilot.press("escape")
            await until(pilot, lambda: screen.box.prompt.draft.text == "And then?")
        arrived.set()
        await until(pilot, lambda: app.core.catalog.is_fresh)
        if not is_taken_back:
            await until(pilot, lambda: all(len(app.chat.tree.thread(t.answer)) == 4 for t in screen.lanes))
        assert screen.sender.outbox.going is None
