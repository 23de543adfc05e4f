"""Asking lanes: all at once, each by itself, and what is refused."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ui.compare.lanes_app import LanesApp, ask, asked, demo_services, until
from tui_router.domain.draft import Draft
from tui_router.domain.message import EndingKind, Role
from tui_router.domain.problem import Kind
from tui_router.services.plan import Plan
from tui_router.services.submission import Submission
from tui_router.ui.screens.dialogs import ConfirmDialog

LINE_UP = ("demo/quick", "demo/opinion-a", "demo/opinion-b")


async def test_one_question_is_answered_in_every_lane(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        tracks = lanes.rounds.lanes
        assert [t.model_id for t in tracks] == list(LINE_UP)
        assert all(t.has_words for t in tracks)
        for track in tracks:
            assert track.pane.transcript.entries[0].text == "Hello?"
            assert track.message is not None
            assert track.pane.transcript.entries[1].text == track.message.text
        text = app.screen_text()
        assert "1 Quick" in text
        assert "3 Opinion B" in text
        assert "cheapest" in text
        await until(pilot, lambda: app.core.lineups.last() is not None)


async def test_the_next_question_goes_to_all_lanes_each_with_its_own_thread(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        await ask(pilot, "And then?")
        for track in lanes.rounds.lanes:
            assert [e.text for e in track.pane.transcript.entries][::2] == ["Hello?", "And then?"]
            assert len(app.chat.tree.thread(track.answer)) == 4


async def test_a_lane_without_credit_fails_alone(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        lanes = await asked(pilot, ("demo/quick", "demo/error-402", "demo/opinion-a"))
        endings = [t.message.ending.kind for t in lanes.rounds.lanes if t.message and t.message.ending]
        assert endings == [EndingKind.COMPLETE, EndingKind.FAILED, EndingKind.COMPLETE]
        assert "Out of credit" in app.screen_text()
        assert "✗ failed" in app.screen_text()


async def test_a_lane_that_is_too_small_says_so_before_anything_is_sent_to_it(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        lanes = await asked(pilot, ("demo/quick", "demo/small-window"), "word " * 4_000)
        assert [bool(t.answer) for t in lanes.rounds.lanes] == [True, False]
        assert "Not sent here" in app.screen_text()
        assert app.told == ["Not sent to 1 of 2: the lane says why"]


async def test_a_lane_that_never_answers_holds_nobody_back(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        app.comparing.start(app.chat, ("demo/error-silent", "demo/quick"))
        await until(pilot, lambda: app.is_open and app.lanes.is_writing)
        await ask(pilot, "Hello?", wait=False)
        silent, quick = app.lanes.rounds.lanes
        await until(pilot, lambda: quick.has_words)
        assert silent.is_running
        app.lanes.box.write()
        await pilot.press(*"And then?", "enter")
        await until(pilot, lambda: app.lanes.questions.waiting)
        await pilot.press("tab", "1", "x")
        await until(pilot, lambda: not app.lanes.questions.waiting)
        assert quick.pane.transcript.entries[2].text == "And then?"
        app.lanes.rounds.stop_all()
        await until(pilot, lambda: not app.lanes.rounds.running)


async def test_escape_stops_the_lane_in_focus_and_twice_all(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        app.comparing.start(app.chat, ("demo/error-silent",) * 3)
        await until(pilot, lambda: app.is_open and app.lanes.is_writing)
        await ask(pilot, "Hello?", wait=False)
        tracks = app.lanes.rounds.lanes
        await pilot.press("escape")
        await until(pilot, lambda: not tracks[0].is_running)
        assert [t.is_running for t in tracks] == [False, True, True]
        await pilot.press("escape", "escape", "escape")
        await until(pilot, lambda: not app.lanes.rounds.running)
        assert "■ stopped" in app.screen_text()
        assert all(t.message and t.message.ending and t.message.ending.kind is EndingKind.CANCELLED for t in tracks)


async def test_a_failed_lane_is_asked_again_alone_and_given_to_another_model(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        lanes = await asked(pilot, ("demo/quick", "demo/error-402"))
        before = lanes.rounds.lanes[0].answer
        await pilot.press("2", "r")
        await until(pilot, lambda: not lanes.rounds.running)
        assert "Out of credit" in app.screen_text()
        await pilot.press("R")
        await until(pilot, lambda: lanes.rounds.lanes[1].has_words)
        assert lanes.rounds.lanes[1].model_id == "demo/echo"
        assert "2 Echo" in app.screen_text()
        assert "Out of credit" not in app.screen_text()
        assert lanes.rounds.lanes[0].answer == before


async def test_a_model_comes_and_a_lane_goes(app: LanesApp) -> None:
    async with app.run_test(size=(170, 36)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        await pilot.press("plus")
        await until(pilot, lambda: len(lanes.rounds.lanes) == 4 and not lanes.rounds.running)
        added = lanes.rounds.lanes[3]
        assert [e.text for e in added.pane.transcript.entries] == ["Hello?", "Hello?"]
        await pilot.press("2", "minus")
        await until(pilot, lambda: len(lanes.field.panes) == 3)
        assert [t.model_id for t in lanes.rounds.lanes] == ["demo/quick", "demo/opinion-b", "demo/echo"]
        await ask(pilot, "And then?")
        assert len([m for m in app.chat.tree if m.text == "And then?" and m.role is Role.USER]) == 3
        await pilot.press("minus", "minus")
        assert app.problems[-1].title == "A comparison needs 2 lanes"


async def test_line_ups_that_cannot_be_are_refused_with_a_reason(app: LanesApp) -> None:
    async with app.run_test():
        for models, words in (
            (["demo/quick"], "A comparison needs 2 models"),
            (["demo/quick"] * 9, "9 models are too many"),
            (["demo/quick", "demo/quikc"], "No such model: demo/quikc"),
        ):
            app.guarded(lambda models=models: app.comparing.start(app.chat, models))  # type: ignore[misc]
            assert app.problems[-1].title == words
        assert "demo/quick" in app.problems[-1].suggestions
        assert not app.is_open


async def test_a_line_up_is_kept_and_named(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        lanes.actions.save_line_up("daily")
        assert app.core.writes.wait(10)
        app.run_id("chat.back")
        await until(pilot, lambda: not app.is_open)
        screen = app.comparing.start(app.chat, ["Daily"])
        assert screen.rounds.comparison.models == LINE_UP
        await until(pilot, lambda: app.is_open)
        app.run_id("chat.back")
        await until(pilot, lambda: not app.is_open)
        last = app.comparing.start_last(app.chat)
        assert last is not None
        assert last.rounds.comparison.models == LINE_UP


async def test_the_cost_is_shown_while_the_question_is_typed(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        app.core.outboxes.of(app.chat).write(Draft(text="How are you?"))
        app.comparing.start(app.chat, (*LINE_UP, "openrouter/auto"))
        await until(pilot, lambda: "with 4 models" in (app.screen_text() if app.is_open else ""))
        assert "1 without a price" in app.screen_text()


async def test_a_dear_question_is_asked_for_first_and_goes_back_into_the_prompt_on_no(app: LanesApp) -> None:
    app.services.preferences.change_typed("money.warn_above", "0.0000001")
    async with app.run_test(size=(130, 36)) as pilot:
        app.core.outboxes.of(app.chat).write(Draft(text="How are you?"))
        app.comparing.start(app.chat, LINE_UP)
        await until(pilot, lambda: app.is_open and app.lanes.is_writing)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("n")
        await until(pilot, lambda: app.lanes.box.prompt.text == "How are you?")
        assert len(app.chat.tree) == 0
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await until(pilot, lambda: bool(app.lanes.rounds.lanes[0].has_words))


async def test_over_budget_nothing_leaves(app: LanesApp) -> None:
    app.services.preferences.change_typed("money.daily_budget", "0.0000001")
    async with app.run_test(size=(130, 36)) as pilot:
        app.core.outboxes.of(app.chat).write(Draft(text="How are you?"))
        app.comparing.start(app.chat, LINE_UP)
        await until(pilot, lambda: app.is_open and app.lanes.is_writing)
        await pilot.press("enter")
        await until(pilot, lambda: app.problems)
        assert app.problems[0].kind is Kind.BUDGET
        assert app.lanes.box.prompt.text == "How are you?"


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (45, 20), (30, 10), (20, 8), (8, 4)])
async def test_eight_lanes_stand_on_every_screen(app: LanesApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        lanes = await asked(pilot, LINE_UP[:2] * 4)
        assert len(lanes.rounds.lanes) == 8
        for place in range(1, 9):
            await pilot.press(str(place))
            assert lanes.field.place_of(lanes.actions.track.number) == place - 1
            assert lanes.field.shows(lanes.actions.track.number)
            await until(pilot, lambda: "Hello?" in [e.text for e in lanes.transcript.entries])
        await pilot.press("tab")
        assert lanes.field.place_of(lanes.actions.track.number) == 0


async def test_resizing_keeps_the_lane_in_focus_in_view(app: LanesApp) -> None:
    async with app.run_test(size=(200, 50)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        await pilot.press("3")
        for width in (110, 70, 25, 90, 200):
            await pilot.resize_terminal(width, 30)
            await until(pilot, lambda width=width: lanes.size.width == width)  # type: ignore[misc]
            assert lanes.field.shows(lanes.actions.track.number)
            assert lanes.actions.track.pane.display
        assert len(lanes.field.layout_now.shown) == 3


async def test_lanes_out_of_view_have_all_their_words_when_they_come_into_view(tmp_path: Path) -> None:
    with demo_services(tmp_path, speed=30) as services:
        app = LanesApp(services)
        async with app.run_test(size=(60, 24)) as pilot:
            lanes = await asked(pilot, LINE_UP)
            for place, track in enumerate(lanes.rounds.lanes, 1):
                await pilot.press(str(place))
                assert track.message is not None
                assert track.pane.transcript.text_of(track.answer) == track.message.text


@pytest.mark.parametrize("is_taken_back", [False, True])
async def test_under_a_budget_lanes_wait_for_prices_of_today(
    app: LanesApp, monkeypatch: pytest.MonkeyPatch, is_taken_back: bool
) -> None:
    arrived, fetch = threading.Event(), Submission.fetch_prices

    def slow(submission: Submission, plan: Plan) -> None:
        assert arrived.wait(10)
        fetch(submission, plan)

    monkeypatch.setattr(Submission, "fetch_prices", slow)
    async with app.run_test(size=(130, 36)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        app.services.preferences.change("money.daily_budget", Decimal(5))
        app.core.catalog._fetched_at = datetime.now(UTC) - timedelta(days=2)
        await ask(pilot, "And then?", wait=False)
        await until(pilot, lambda: any("today's prices" in told for told in app.told))
        assert not lanes.rounds.running
        if is_taken_back:
            await pilot.press("escape")
            await until(pilot, lambda: lanes.box.prompt.draft.text == "And then?")
        arrived.set()
        await until(pilot, lambda: app.core.catalog.is_fresh)
        if not is_taken_back:
            await until(pilot, lambda: all(len(app.chat.tree.thread(t.answer)) == 4 for t in lanes.rounds.lanes))
        assert lanes.questions.outbox.going is None
