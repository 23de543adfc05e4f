"""Comparisons in the app: opening, using and closing lanes."""

from __future__ import annotations

from tests.ui.app.driver import Home, Talking
from tui_router.domain.message import EndingKind, Role
from tui_router.ui.screens.compare.screen import CompareScreen
from tui_router.ui.screens.models import ModelsScreen
from tui_router.ui.screens.settings import SettingsScreen

WIDE = (130, 36)


def lanes(chat: Talking) -> CompareScreen:
    screen = chat.app.screen
    assert isinstance(screen, CompareScreen)
    return screen


async def compared(chat: Talking, models: str = "demo/quick, demo/echo", question: str = "Hello?") -> CompareScreen:
    """Open lanes by their slash word, ask, and wait for every answer."""
    await chat.send(f"/compare {models}")
    await chat.sees("Enter ask all")
    screen = lanes(chat)
    await chat.send(question)
    await chat.until(lambda: all(t.answer for t in screen.lanes) and not screen.lanes.running, "the answers")
    await chat.press("tab")
    return screen


async def test_who_types_on_after_a_question_drives_no_lane(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        await chat.send("/compare demo/quick, demo/echo")
        await chat.sees("Enter ask all")
        screen = lanes(chat)
        await chat.send("Hello?")
        await chat.until(lambda: all(t.answer for t in screen.lanes) and not screen.lanes.running, "answers")
        paid = len(home.asked())
        await chat.type("remember me")
        assert screen.is_writing
        assert screen.box.prompt.text == "remember me"
        assert len(home.asked()) == paid


async def test_the_kept_answer_and_its_model_carry_the_conversation_on(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        screen = await compared(chat)
        kept = screen.lanes[1].answer
        await chat.press("2", "enter")
        await chat.is_told("Kept")
        assert chat.last_id == kept
        await chat.ask("And then?", "And then?")
        assert home.asked()[-1]["model"] == "demo/echo"
        assert [m["content"] for m in home.asked()[-1]["messages"]][-3:] == ["Hello?", "Hello?", "And then?"]


async def test_the_draft_moves_to_the_comparison_and_back(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        await chat.type("half a question")
        await chat.press("f3")
        await chat.until(lambda: isinstance(chat.app.screen, ModelsScreen), "the chooser")
        await chat.type("opinion")
        await chat.press("enter", "enter", "f3")
        await chat.until(lambda: isinstance(chat.app.screen, CompareScreen), "the lanes")
        assert lanes(chat).box.prompt.text == "half a question"
        await chat.press("escape")
        await chat.sees_prompt("half a question")


async def test_escape_leads_from_a_draft_to_the_lanes_and_then_out(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        screen = await compared(chat)
        await chat.press("i")
        await chat.type("half a question")
        await chat.press("escape")
        assert not screen.is_writing
        await chat.press("escape")
        await chat.sees_prompt("half a question")


async def test_the_last_line_up_starts_immediately(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        await compared(chat)
        await chat.until(lambda: chat.services.core.lineups.last(), "the line-up to be kept")
        await chat.press("enter")
        await chat.is_told("Kept")
        await chat.press("shift+f3")
        await chat.until(lambda: isinstance(chat.app.screen, CompareScreen), "the lanes")
        assert lanes(chat).lanes.comparison.models == ("demo/quick", "demo/echo")


async def test_lanes_of_another_day_open_again(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        await compared(chat)
    async with home.talking(size=WIDE, resume="last") as chat:
        await chat.sees("Hello?")
        await chat.send("/lanes")
        await chat.sees("2 Echo", "cheapest")


async def test_what_works_on_the_conversation_waits_until_the_lanes_are_closed(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        await compared(chat)
        await chat.press("i")
        await chat.send("/new")
        await chat.is_told("A comparison is open")
        await chat.press("tab")
        await chat.press("f1")
        await chat.sees("Keep this answer")


async def test_keys_for_reading_mean_the_lane_in_focus(home: Home) -> None:
    async with home.talking(size=(130, 16)) as chat:
        screen = await compared(chat, "demo/markdown, demo/markdown")
        one, other = (p.transcript for p in screen.grid.panes)
        end = one.scroll_offset.y
        await chat.press("pageup")
        await chat.until(lambda: one.scroll_offset.y < end, "a page up")
        assert other.viewport.following
        await chat.press("ctrl+home")
        await chat.until(lambda: one.scroll_offset.y == 0, "the top")
        await chat.press("ctrl+end")
        await chat.until(lambda: one.viewport.following, "the end")
        await chat.press("ctrl+y")
        await chat.is_told("this lane's answer")


async def test_ctrl_c_clears_the_draft_and_then_stops_every_lane(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        await chat.send("/compare demo/error-silent, demo/error-silent")
        await chat.sees("Enter ask all")
        screen = lanes(chat)
        await chat.send("Hello?")
        await chat.until(lambda: len(screen.lanes.running) == 2, "two lanes")
        await chat.type("half")
        await chat.press("ctrl+c")
        assert screen.box.prompt.text == ""
        assert len(screen.lanes.running) == 2
        await chat.press("ctrl+c")
        await chat.until(lambda: not screen.lanes.running, "the end of all")


async def test_leaving_with_eight_lanes_running_saves_every_one(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        await chat.send("/compare " + ", ".join(["demo/error-silent"] * 7 + ["demo/echo"]))
        await chat.sees("Enter ask all")
        screen = lanes(chat)
        await chat.send("Hello?")
        await chat.until(lambda: len(screen.lanes.running) == 7, "seven lanes")
        await chat.press("ctrl+q")
    async with home.talking(size=WIDE, resume="last") as chat:
        answers = [m for m in chat.saved if m.role is Role.ASSISTANT]
        kinds = [m.ending.kind for m in answers if m.ending]
        assert sorted(kinds) == [EndingKind.CANCELLED] * 7 + [EndingKind.COMPLETE]


async def test_other_colours_reach_every_lane(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        screen = await compared(chat)
        before = screen.lanes.styles
        chat.services.preferences.change_typed("look.theme", "paper")
        await chat.until(lambda: screen.lanes.styles != before, "other colours")


async def test_a_line_up_that_cannot_be_says_why(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        await chat.send("/compare demo/quick")
        await chat.is_told("A comparison needs 2 models")
        await chat.sees_prompt("/compare demo/quick")
        await chat.send(", demo/quikc")
        await chat.is_told("Did you mean demo/quick")
        await chat.press("ctrl+c")
        await chat.send("/vote 1")
        await chat.is_told("No comparison is open")


async def test_a_lane_offers_the_nearest_models_by_keys_that_are_no_lanes(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        screen = await compared(chat, "demo/error-404, demo/echo")
        await chat.sees("[U Use demo/", "[V Use demo/", "[W Use demo/")
        await chat.press("1", "V")
        await chat.until(lambda: screen.lanes[0].model_id != "demo/error-404", "the lane's other model")
        await chat.until(lambda: not screen.lanes.running, "its answer")
        assert home.asked()[-1]["model"] == screen.lanes[0].model_id
        await chat.press("2", "V")
        await chat.is_told("Nothing is offered by that key here")


async def test_a_lane_whose_key_was_refused_opens_the_settings_by_key(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        await compared(chat, "demo/error-401, demo/echo")
        await chat.press("1", "P")
        await chat.until(lambda: isinstance(chat.app.screen, SettingsScreen), "the settings")


async def test_a_vote_for_no_lane_is_refused(home: Home) -> None:
    async with home.talking(size=WIDE) as chat:
        screen = await compared(chat)
        await chat.press("i")
        for words in ("0", "²", "first"):
            await chat.send(f"/vote {words}")
            await chat.is_told(f"{words} is not a vote")
            await chat.press("ctrl+c")  # the refused line is back in the prompt
        assert chat.services.core.leaderboard.vote_on(screen.controller.comparison.batch) is None
