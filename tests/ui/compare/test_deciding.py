"""Keeping, voting, blind or not, merging, diff and agreement, scrolling together, coming back."""

from __future__ import annotations

import pytest

from tests.ui.compare.lanes_app import LanesApp, ask, asked, until
from tui_router.domain.message import EndingKind
from tui_router.domain.rating import Outcome
from tui_router.services.wiring import Services
from tui_router.ui.screens.compare.agreement import AgreementScreen
from tui_router.ui.screens.compare.leaderboard import LeaderboardScreen
from tui_router.ui.screens.dialogs import ChoiceDialog, ConfirmDialog, TextDialog
from tui_router.ui.screens.diff import DiffScreen

LINE_UP = ("demo/quick", "demo/opinion-c", "demo/opinion-b")
NAMES = ("Quick", "Opinion B", "Opinion C")


async def test_the_kept_answer_is_where_the_conversation_goes_on(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        kept = lanes.rounds.lanes[1].answer
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


async def test_escape_closes_when_nothing_runs_and_gives_the_draft_back(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        lanes.box.prompt.load("half a thought")
        await pilot.press("escape")
        await until(pilot, lambda: app.outcomes)
        assert app.outcomes[0].kept is None
        assert app.outcomes[0].draft.text == "half a thought"


async def test_a_vote_counts_and_marks_the_lane(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        await pilot.press("v")
        await until(pilot, lambda: "Which is best?" in app.screen_text())
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, TextDialog))
        await pilot.press(*"code, short", "enter")
        await until(pilot, lambda: app.screen is lanes)
        await pilot.press("2")
        vote = app.core.election.vote_on(lanes.rounds.comparison.batch)
        assert vote is not None
        assert (vote.outcome, vote.winner, vote.models, vote.tags) == (Outcome.WIN, 1, LINE_UP, ("code", "short"))
        assert not vote.is_blind
        await until(pilot, lambda: "★ best" in app.screen_text())


@pytest.mark.parametrize(("key", "outcome"), [("t", Outcome.TIE), ("b", Outcome.ALL_BAD)])
async def test_nobody_may_win(app: LanesApp, key: str, outcome: Outcome) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        await pilot.press(key)
        assert app.core.election.vote_on(lanes.rounds.comparison.batch) is None
        await pilot.press("v", key)
        vote = app.core.election.vote_on(lanes.rounds.comparison.batch)
        assert vote is not None
        assert vote.outcome is outcome


async def test_escape_ends_a_vote_without_one(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        await pilot.press("v", "escape")
        assert not lanes.actions.voting.is_open
        assert app.is_open


async def test_a_failed_lane_takes_no_part_in_a_vote(app: LanesApp) -> None:
    async with app.run_test(size=(170, 36)) as pilot:
        lanes = await asked(pilot, ("demo/quick", "demo/error-402", "demo/opinion-b"))
        await pilot.press("v", "2")
        assert "no answer to vote for" in app.problems[-1].title
        await pilot.press("3")
        vote = app.core.election.vote_on(lanes.rounds.comparison.batch)
        assert vote is not None
        assert (vote.models, vote.winner) == (("demo/quick", "demo/opinion-b"), 1)


async def test_a_lane_that_stalls_holds_neither_the_vote_nor_the_merge(app: LanesApp) -> None:
    async with app.run_test(size=(170, 36)) as pilot:
        app.comparing.start(app.chat, ("demo/quick", "demo/error-silent", "demo/opinion-b"))
        await until(pilot, lambda: app.is_open and app.lanes.is_writing)
        await ask(pilot, "Hello?", wait=False)
        lanes = app.lanes
        await until(pilot, lambda: len(lanes.rounds.running) == 1)
        await pilot.press("v", "1")
        vote = app.core.election.vote_on(lanes.rounds.comparison.batch)
        assert vote is not None
        assert vote.models == ("demo/quick", "demo/opinion-b")
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is lanes)
        lanes.rounds.stop_all()
        await until(pilot, lambda: not lanes.rounds.running)


async def test_keeping_while_others_answer_is_asked_for_twice_and_stops_them(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        app.comparing.start(app.chat, ("demo/quick", "demo/error-silent"))
        await until(pilot, lambda: app.is_open and app.lanes.is_writing)
        await ask(pilot, "Hello?", wait=False)
        await until(pilot, lambda: app.lanes.rounds.lanes[0].has_words)
        silent = app.lanes.rounds.lanes[1].answer
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


async def test_blind_lanes_name_nobody_until_the_vote(app: LanesApp) -> None:
    async with app.run_test(size=(170, 40)) as pilot:
        lanes = await asked(pilot, (*LINE_UP, "demo/error-402"), blind=True)
        text = app.screen_text()
        assert not any(name in text for name in (*NAMES, "error 402", "$", "tok/s", "Demo"))
        assert text.count("Answer ") >= 4
        place = next(i for i, t in enumerate(lanes.rounds.lanes) if t.model_id == "demo/opinion-b")
        await pilot.press("v", str(place + 1))
        await until(pilot, lambda: "★ best" in app.screen_text())
        assert all(name in app.screen_text() for name in (*NAMES, "error 402"))
        vote = app.core.election.vote_on(lanes.rounds.comparison.batch)
        assert vote is not None
        assert vote.is_blind
        assert vote.winner is not None
        assert vote.models[vote.winner] == "demo/opinion-b"
        for track in lanes.rounds.lanes:
            assert track.message is not None
            assert track.pane.transcript.text_of(track.answer) == track.message.text


async def test_what_an_answer_says_of_itself_is_covered_until_the_vote(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        question = "I am Claude, made by Anthropic. Repeat it"
        lanes = await asked(pilot, ("demo/echo", "demo/echo"), question, blind=True)
        for track in lanes.rounds.lanes:
            shown = track.pane.transcript.text_of(track.answer)
            assert "I am ▒▒▒" in shown
        await pilot.press("v", "t")
        assert all(t.pane.transcript.text_of(t.answer) == question for t in lanes.rounds.lanes)


async def test_after_the_vote_the_next_question_is_blind_again_and_shuffled(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        lanes = await asked(pilot, LINE_UP, blind=True)
        await pilot.press("v", "1")
        await ask(pilot, "And then?")
        assert lanes.rounds.is_veiled
        assert not any(name in app.screen_text() for name in NAMES)
        for track in lanes.rounds.lanes:
            assert track.pane.transcript.entries[0].text == "And then?"
            assert len(app.chat.tree.thread(track.answer)) == 4


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
        screen = again.comparing.reopen(again.chat)
        await until(pilot, lambda: again.is_open and "Answer 1" in again.screen_text())
        assert not any(name in again.screen_text() for name in NAMES)
        await until(pilot, lambda: not screen.is_writing)
        await pilot.press("v", "t")
        await until(pilot, lambda: all(name in again.screen_text() for name in NAMES))


async def test_a_stored_comparison_opens_as_lanes_and_goes_on(services: Services) -> None:
    app = LanesApp(services)
    async with app.run_test(size=(130, 36)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        texts = [t.message.text for t in lanes.rounds.lanes if t.message]
    again = LanesApp(services, services.core.open_chat(app.chat.conversation.id))
    async with again.run_test(size=(130, 36)) as pilot:
        screen = again.comparing.reopen(again.chat)
        await until(pilot, lambda: screen.rounds.lanes and not screen.is_writing)
        assert [t.pane.transcript.text_of(t.answer) for t in screen.rounds.lanes] == texts
        assert "cheapest" in again.screen_text()
        await ask(pilot, "And then?")
        assert all(len(again.chat.tree.thread(t.answer)) == 4 for t in screen.rounds.lanes)


async def test_fusing_asks_who_and_shows_the_cost_before_anything_is_sent(app: LanesApp) -> None:
    async with app.run_test(size=(170, 40)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("f")
        await until(pilot, lambda: "Who writes it?" in app.screen_text())
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        assert "Fuse 3 answers with Echo?" in app.screen_text()
        assert len(lanes.rounds.lanes) == 3
        await pilot.press("y")
        await until(pilot, lambda: len(lanes.rounds.lanes) == 4 and lanes.rounds.lanes[3].has_words)
        merged = lanes.rounds.lanes[3]
        assert merged.message is not None
        assert set(merged.message.sources) == {t.answer for t in lanes.rounds.lanes[:3]}
        assert "M Fused by Echo" in app.screen_text()
        await pilot.press("enter")
        await until(pilot, lambda: app.outcomes)
        assert app.chat.conversation.head == merged.answer


async def test_a_merged_answer_is_gone_from_the_lanes_with_the_next_question(app: LanesApp) -> None:
    async with app.run_test(size=(170, 40)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        app.run_id("compare.merge", "shorten them")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await until(pilot, lambda: len(lanes.rounds.lanes) == 4 and not lanes.rounds.running)
        await ask(pilot, "And then?")
        assert len(lanes.rounds.lanes) == 3


async def test_a_diff_shows_the_lane_in_focus_and_the_one_beside_it(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        await asked(pilot, LINE_UP)
        await pilot.press("3", "2", "D")
        await until(pilot, lambda: isinstance(app.screen, DiffScreen) and "in common" in app.screen_text())
        assert "2 Opinion C" in app.screen_text()
        assert "3 Opinion B" in app.screen_text()


async def test_agreement_says_what_it_is(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        await asked(pilot, LINE_UP)
        await pilot.press("A")
        await until(
            pilot, lambda: isinstance(app.screen, AgreementScreen) and "have no counterpart" in app.screen_text()
        )
        assert "textual overlap, not truth" in app.screen_text()
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.lanes)


async def test_lanes_scroll_together_by_the_part_of_a_turn(app: LanesApp) -> None:
    async with app.run_test(size=(130, 24)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        await pilot.press("equals_sign", "1")
        one, other, _ = (p.transcript for p in lanes.field.panes)
        one.scroll_to(y=0, animate=False)
        await until(pilot, lambda: other.scroll_offset.y == 0)
        one.scroll_to(y=one.max_scroll_y, animate=False)
        await until(pilot, lambda: other.follow)
        await pilot.press("equals_sign")
        one.scroll_to(y=0, animate=False)
        await pilot.pause()
        assert other.follow


async def test_the_leaderboard_counts_votes_by_tag(app: LanesApp) -> None:
    async with app.run_test(size=(130, 36)) as pilot:
        lanes = await asked(pilot, LINE_UP)
        lanes.actions.voting.tags = ("code",)
        await pilot.press("v", "3")
        assert app.core.writes.wait(30)
        app.show_screen(LeaderboardScreen(app.core.election))
        await until(pilot, lambda: "1 demo/opinion-b" in app.screen_text())
        assert "●" in app.screen_text()
        await pilot.press("tab")
        await until(pilot, lambda: "Leaderboard · code" in app.screen_text())
        await pilot.press("b")
        await until(pilot, lambda: "No votes yet" in app.screen_text())


@pytest.mark.parametrize("size", [(200, 40), (80, 24), (40, 12), (20, 6)])
async def test_the_leaderboard_stands_on_every_screen(app: LanesApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await asked(pilot, LINE_UP)
        await pilot.press("v", "1")
        app.show_screen(LeaderboardScreen(app.core.election))
        await until(pilot, lambda: "quick" in app.screen_text())
