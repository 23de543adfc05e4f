"""What can be done with answers: keep, vote, blind mode, merge, diff, agreement, tied scrolling, reopening."""

from __future__ import annotations

import pytest

from tests.ui.compare.lanes_app import LanesApp, ask, asked, until
from tui_router.domain.message import EndingKind
from tui_router.domain.rating import Outcome
from tui_router.services.startup import Services
from tui_router.ui.screens.compare.agreement import AgreementScreen
from tui_router.ui.screens.compare.leaderboard import LeaderboardScreen
from tui_router.ui.screens.dialogs import ChoiceDialog, ConfirmDialog, TextDialog
from tui_router.ui.screens.diff import DiffScreen

LINE_UP = ("demo/quick", "demo/opinion-c", "demo/opinion-b")
NAMES = ("Quick", "Opinion B", "Opinion C")


async def test_the_conversation_continues_with_the_kept_answer(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        screen = await asked(pilot, LINE_UP)
        kept = screen.lanes[1].answer
        await pilot.press("2", "enter")
        await until(pilot, lambda: app.outcomes)
        assert app.outcomes[0].kept == kept
        assert app.chat.conversation.head == kept
        assert len(app.chat.tree.siblings(kept)) == 3


async def test_an_answer_that_failed_cannot_be_kept(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        await asked(pilot, ("demo/error-402", "demo/quick"))
        await pilot.press("w")
        assert app.problems[-1].title == "This lane has no answer to keep"
        assert app.is_open


async def test_escape_closes_an_idle_comparison_and_keeps_the_draft(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        screen = await asked(pilot, LINE_UP)
        screen.box.prompt.load("half a thought")
        await pilot.press("escape")
        await until(pilot, lambda: app.outcomes)
        assert app.outcomes[0].kept is None
        assert app.outcomes[0].draft.text == "half a thought"


async def test_a_vote_counts_and_marks_the_lane(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        screen = await asked(pilot, LINE_UP)
        await pilot.press("v")
        await until(pilot, lambda: "Which is best?" in app.screen_text())
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, TextDialog))
        await pilot.press(*"code, short", "enter")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("2")
        vote = app.core.leaderboard.vote_on(screen.lanes.comparison.batch)
        assert vote is not None
        assert (vote.outcome, vote.winner, vote.models, vote.tags) == (Outcome.WIN, 1, LINE_UP, ("code", "short"))
        assert not vote.is_blind
        await until(pilot, lambda: "★ best" in app.screen_text())


@pytest.mark.parametrize(("key", "outcome"), [("t", Outcome.TIE), ("b", Outcome.ALL_BAD)])
async def test_a_vote_needs_no_winner(app: LanesApp, key: str, outcome: Outcome) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        screen = await asked(pilot, LINE_UP)
        await pilot.press(key)
        assert app.core.leaderboard.vote_on(screen.lanes.comparison.batch) is None
        await pilot.press("v", key)
        vote = app.core.leaderboard.vote_on(screen.lanes.comparison.batch)
        assert vote is not None
        assert vote.outcome is outcome


async def test_escape_cancels_a_vote(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        screen = await asked(pilot, LINE_UP)
        await pilot.press("v", "escape")
        assert not screen.actions.voting.is_open
        assert app.is_open


async def test_a_failed_lane_is_not_in_the_vote(app: LanesApp) -> None:
    async with app.run_test(size=(170, 36)) as pilot:
        screen = await asked(pilot, ("demo/quick", "demo/error-402", "demo/opinion-b"))
        await pilot.press("v", "2")
        assert "no answer to vote for" in app.problems[-1].title
        await pilot.press("3")
        vote = app.core.leaderboard.vote_on(screen.lanes.comparison.batch)
        assert vote is not None
        assert (vote.models, vote.winner) == (("demo/quick", "demo/opinion-b"), 1)


async def test_a_stalled_lane_blocks_neither_vote_nor_merge(app: LanesApp) -> None:
    async with app.run_test(size=(170, 36)) as pilot:
        app.launcher.start(app.chat, ("demo/quick", "demo/error-silent", "demo/opinion-b"))
        await until(pilot, lambda: app.is_open and app.compare.is_writing)
        await ask(pilot, "Hello?", wait=False)
        screen = app.compare
        await until(pilot, lambda: len(screen.lanes.running) == 1)
        await pilot.press("v", "1")
        vote = app.core.leaderboard.vote_on(screen.lanes.comparison.batch)
        assert vote is not None
        assert vote.models == ("demo/quick", "demo/opinion-b")
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        screen.controller.stop_all()
        await until(pilot, lambda: not screen.lanes.running)


async def test_keeping_while_others_run_takes_two_presses_and_stops_them(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        app.launcher.start(app.chat, ("demo/quick", "demo/error-silent"))
        await until(pilot, lambda: app.is_open and app.compare.is_writing)
        await ask(pilot, "Hello?", wait=False)
        await until(pilot, lambda: app.compare.lanes[0].has_content)
        silent = app.compare.lanes[1].answer
        await pilot.press("enter")
        assert app.is_open
        await pilot.press("enter")
        await until(pilot, lambda: app.outcomes)
        ending = app.chat.message(silent).ending
        assert ending is not None
        assert ending.kind is EndingKind.CANCELLED
        assert "1 lane was stopped" in app.told[-1]


async def test_one_answer_alone_cannot_be_voted_on(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        await asked(pilot, ("demo/quick", "demo/error-402"))
        await pilot.press("v")
        assert app.problems[-1].title == "There is nothing to vote on"


async def test_blind_lanes_show_no_names_until_the_vote(app: LanesApp) -> None:
    async with app.run_test(size=(170, 40)) as pilot:
        screen = await asked(pilot, (*LINE_UP, "demo/error-402"), blind=True)
        text = app.screen_text()
        assert not any(name in text for name in (*NAMES, "error 402", "$", "tok/s", "Demo"))
        assert text.count("Answer ") >= 4
        place = next(i for i, t in enumerate(screen.lanes) if t.model_id == "demo/opinion-b")
        await pilot.press("v", str(place + 1))
        await until(pilot, lambda: "★ best" in app.screen_text())
        assert all(name in app.screen_text() for name in (*NAMES, "error 402"))
        vote = app.core.leaderboard.vote_on(screen.lanes.comparison.batch)
        assert vote is not None
        assert vote.is_blind
        assert vote.winner is not None
        assert vote.models[vote.winner] == "demo/opinion-b"
        for lane in screen.lanes:
            assert lane.message is not None
            assert lane.pane.transcript.text_of(lane.answer) == lane.message.text


async def test_names_inside_answers_are_masked_until_the_vote(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        question = "I am Claude, made by Anthropic. Repeat it"
        screen = await asked(pilot, ("demo/echo", "demo/echo"), question, blind=True)
        for lane in screen.lanes:
            shown = lane.pane.transcript.text_of(lane.answer)
            assert "I am ▒▒▒" in shown
        await pilot.press("v", "t")
        assert all(t.pane.transcript.text_of(t.answer) == question for t in screen.lanes)


async def test_after_the_vote_the_next_question_is_blind_again_and_shuffled(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        screen = await asked(pilot, LINE_UP, blind=True)
        await pilot.press("v", "1")
        await ask(pilot, "And then?")
        assert screen.lanes.names_hidden
        assert not any(name in app.screen_text() for name in NAMES)
        for lane in screen.lanes:
            assert lane.pane.transcript.entries[0].text == "And then?"
            assert len(app.chat.tree.thread(lane.answer)) == 4


async def test_blind_can_be_switched_off_without_a_vote(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        await asked(pilot, LINE_UP, blind=True)
        await pilot.press("B")
        await until(pilot, lambda: all(name in app.screen_text() for name in NAMES))


async def test_a_blind_comparison_stays_blind_when_it_is_opened_again(services: Services) -> None:
    app = LanesApp(services)
    async with app.run_test(size=(130, 36)) as pilot:
        await asked(pilot, LINE_UP, blind=True)
    again = LanesApp(services, services.core.open_chat(app.chat.conversation.id))
    async with again.run_test(size=(130, 36)) as pilot:
        screen = again.launcher.reopen(again.chat)
        await until(pilot, lambda: again.is_open and "Answer 1" in again.screen_text())
        assert not any(name in again.screen_text() for name in NAMES)
        await until(pilot, lambda: not screen.is_writing)
        await pilot.press("v", "t")
        await until(pilot, lambda: all(name in again.screen_text() for name in NAMES))


async def test_a_stored_comparison_can_be_reopened_and_continued(services: Services) -> None:
    app = LanesApp(services)
    async with app.run_test(size=(130, 36)) as pilot:
        screen = await asked(pilot, LINE_UP)
        texts = [t.message.text for t in screen.lanes if t.message]
    again = LanesApp(services, services.core.open_chat(app.chat.conversation.id))
    async with again.run_test(size=(130, 36)) as pilot:
        screen = again.launcher.reopen(again.chat)
        await until(pilot, lambda: screen.lanes and not screen.is_writing)
        assert [t.pane.transcript.text_of(t.answer) for t in screen.lanes] == texts
        assert "cheapest" in again.screen_text()
        await ask(pilot, "And then?")
        assert all(len(again.chat.tree.thread(t.answer)) == 4 for t in screen.lanes)


async def test_fusing_asks_for_a_model_and_shows_the_cost_before_sending(app: LanesApp) -> None:
    async with app.run_test(size=(170, 40)) as pilot:
        screen = await asked(pilot, LINE_UP)
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("f")
        await until(pilot, lambda: "Who writes it?" in app.screen_text())
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        assert "Fuse 3 answers with Echo?" in app.screen_text()
        assert len(screen.lanes) == 3
        await pilot.press("y")
        await until(pilot, lambda: len(screen.lanes) == 4 and screen.lanes[3].has_content)
        merged = screen.lanes[3]
        assert merged.message is not None
        assert set(merged.message.sources) == {t.answer for t in list(screen.lanes)[:3]}
        assert "M Fused by Echo" in app.screen_text()
        await pilot.press("enter")
        await until(pilot, lambda: app.outcomes)
        assert app.chat.conversation.head == merged.answer


async def test_the_next_question_removes_the_merged_answer_from_the_lanes(app: LanesApp) -> None:
    async with app.run_test(size=(170, 40)) as pilot:
        screen = await asked(pilot, LINE_UP)
        app.run_id("compare.merge", "shorten them")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await until(pilot, lambda: len(screen.lanes) == 4 and not screen.lanes.running)
        await ask(pilot, "And then?")
        assert len(screen.lanes) == 3


async def test_a_diff_shows_the_lane_in_focus_and_the_one_beside_it(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        await asked(pilot, LINE_UP)
        await pilot.press("3", "2", "D")
        await until(pilot, lambda: isinstance(app.screen, DiffScreen) and "in common" in app.screen_text())
        assert "2 Opinion C" in app.screen_text()
        assert "3 Opinion B" in app.screen_text()


async def test_agreement_explains_its_limits(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        await asked(pilot, LINE_UP)
        await pilot.press("A")
        await until(
            pilot, lambda: isinstance(app.screen, AgreementScreen) and "have no counterpart" in app.screen_text()
        )
        assert "textual overlap, not truth" in app.screen_text()
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.compare)


async def test_tied_lanes_scroll_to_the_same_part_of_a_turn(app: LanesApp) -> None:
    async with app.run_test(size=(130, 24)) as pilot:
        screen = await asked(pilot, LINE_UP)
        await pilot.press("equals_sign", "1")
        one, other, _ = (p.transcript for p in screen.grid.panes)
        one.scroll_to(y=0, animate=False)
        await until(pilot, lambda: other.scroll_offset.y == 0)
        one.scroll_to(y=one.max_scroll_y, animate=False)
        await until(pilot, lambda: other.viewport.following)
        await pilot.press("equals_sign")
        one.scroll_to(y=0, animate=False)
        await pilot.pause()
        assert other.viewport.following


async def test_the_leaderboard_counts_votes_by_tag(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        screen = await asked(pilot, LINE_UP)
        screen.actions.voting.tags = ("code",)
        await pilot.press("v", "3")
        assert app.core.writes.wait(30)
        app.show_screen(LeaderboardScreen(app.core.leaderboard))
        await until(pilot, lambda: "1 demo/opinion-b" in app.screen_text())
        assert "●" in app.screen_text()
        await pilot.press("tab")
        await until(pilot, lambda: "Leaderboard · code" in app.screen_text())
        await pilot.press("b")
        await until(pilot, lambda: "No votes yet" in app.screen_text())


@pytest.mark.parametrize("size", [(200, 40), (80, 24), (40, 12), (20, 6)])
async def test_the_leaderboard_fits_every_screen_size(app: LanesApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await asked(pilot, LINE_UP)
        await pilot.press("v", "1")
        app.show_screen(LeaderboardScreen(app.core.leaderboard))
        await until(pilot, lambda: "quick" in app.screen_text())
