"""The transcript in a running app: selection, clicks, cursor, finding, folding, looks."""

from __future__ import annotations

from textual.geometry import Region
from textual.pilot import Pilot
from textual.widget import Widget

from tests.ui.transcript.screenful import Screenful, said
from tui_router.domain.events import Connecting, Event, Failed, Finished, ReasoningDelta, Retrying, TextDelta
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.ui.transcript.actions import Action
from tui_router.ui.transcript.appearance import Appearance
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.selection import Point
from tui_router.ui.transcript.transcript import Transcript


async def drag(pilot: Pilot[None], target: Widget, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Press, move and release the mouse."""
    await pilot.mouse_down(target, offset=start)
    await pilot.hover(target, offset=end)
    await pilot.mouse_up(target, offset=end)


async def test_a_selection_across_turns_is_clean_text() -> None:
    app = Screenful([said(2, "my question"), said(1, "> quoted words\n\n" + "word " * 30 + "\n\n```py\ncode = 1\n```")])
    async with app.run_test(size=(50, 20)) as pilot:
        await drag(pilot, app.view, (0, 0), (45, 19))
        text = app.view.selection.text()
        assert text.startswith("my question")
        assert "quoted words" in text
        assert ("word " * 30).strip() in text
        assert "code = 1" in text
        assert not set("▌╭╰─│▐") & set(text)
        app.view.selection.clear()
        assert app.view.selection.text() == ""


async def test_a_double_click_selects_a_word() -> None:
    app = Screenful([said(2, "hello wide world")])
    async with app.run_test(size=(50, 10)) as pilot:
        await pilot.click(app.view, offset=(9, 0), times=2)
        assert app.view.selection.text() == "wide"


async def test_a_triple_click_selects_the_paragraph() -> None:
    app = Screenful([said(2, "hello " * 30)])
    async with app.run_test(size=(50, 10)) as pilot:
        await pilot.click(app.view, offset=(9, 1), times=3)
        assert app.view.selection.text() == ("hello " * 30).strip()


async def test_the_keyboard_extends_a_selection() -> None:
    app = Screenful([said(2, "one\ntwo\nthree")])
    async with app.run_test(size=(50, 10)):
        app.view.selection.select(Point(0, 0, 0), Point(0, 0, 1))
        app.view.selection.extend(rows=1)
        assert app.view.selection.text() == "one\ntwo"
        app.view.selection.extend(characters=-1)
        assert app.view.selection.text() == "one\ntw"


async def test_links_actions_folds_and_turns_answer_to_clicks() -> None:
    answer = said(1, "see [here](https://there.example/x)")
    card = Entry.card("card", "Choose", actions=(Action("browser", "Sign in", "b"),))
    app = Screenful([answer, card])
    async with app.run_test(size=(60, 12)) as pilot:
        rows = app.rows()
        y = next(n for n, row in enumerate(rows) if "see here" in row)
        await pilot.click(app.view, offset=(7, y))
        y = next(n for n, row in enumerate(rows) if "Sign in" in row)
        await pilot.click(app.view, offset=(8, y))
        await pilot.click(app.view, offset=(30, 0))
        await pilot.pause()
        link, action, turn = [m for m in app.heard if not isinstance(m, Transcript.FollowChanged)]
        assert isinstance(link, Transcript.LinkClicked)
        assert link.url == "https://there.example/x"
        assert isinstance(action, Transcript.ActionClicked)
        assert (action.entry_id, action.action) == ("card", "browser")
        assert isinstance(turn, Transcript.EntryClicked)
        assert app.view.links("m1") == ("https://there.example/x",)


async def test_thinking_unfolds_with_a_click() -> None:
    app = Screenful()
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.append(Entry.live("live", name="Thinker"))
        app.view.apply("live", [ReasoningDelta("deep thoughts"), TextDelta("answer")])
        assert not any("deep thoughts" in row for row in app.rows())
        y = next(n for n, row in enumerate(app.rows()) if "Thinking" in row)
        await pilot.click(app.view, offset=(6, y))
        assert any("deep thoughts" in row for row in app.rows())
        app.view.apply("live", [ReasoningDelta(" and more"), Finished()])
        assert any("deep thoughts and more" in row for row in app.rows())


async def test_the_cursor_walks_and_says_where_it_is() -> None:
    app = Screenful([said(n) for n in range(50)])
    async with app.run_test(size=(60, 20)) as pilot:
        app.view.entry_cursor.move(-1)
        assert app.view.entry_cursor.entry_id == "m49"
        for _ in range(49):
            app.view.entry_cursor.move(-1)
        assert app.view.entry_cursor.entry_id == "m0"
        assert app.view.scroll_offset.y == 0
        assert app.rows()[0].startswith("▎")
        app.view.entry_cursor.set("")
        await pilot.pause()
        assert not app.rows()[0].startswith("▎")
        moved = [m for m in app.heard if isinstance(m, Transcript.CursorMoved)]
        assert len(moved) == 51


async def test_words_are_found_marked_and_walked() -> None:
    app = Screenful(
        [said(n, f"text {n}\n\n" * 3 + ("Needle here, needle there" if n % 10 == 0 else "hay")) for n in range(60)]
    )
    async with app.run_test(size=(60, 20)):
        assert app.view.search.find("needle") == 12
        seen = []
        for _ in range(12):
            seen.append(app.view.search.find_next())
            assert any("eedle" in row for row in app.rows())
        assert sorted(seen) == list(range(1, 13))
        app.view.search.find("")
        assert app.view.search.find_next() == 0


async def test_reopening_returns_to_the_exact_place() -> None:
    entries = [said(n) for n in range(80)]
    app = Screenful(entries)
    async with app.run_test(size=(60, 20)) as pilot:
        app.view.viewport.scroll_to_entry("m30")
        app.view.scroll_to(y=app.view.scroll_offset.y + 3, animate=False)
        place = app.view.viewport.position()
        before = app.rows()
        app.view.show([said(1)])
        app.view.show([said(n) for n in range(80)], place)
        await pilot.pause()
        assert app.rows() == before
        assert app.view.viewport.position() == place


async def test_turns_come_and_go_above_without_moving_the_rows() -> None:
    app = Screenful([said(n) for n in range(40)])
    async with app.run_test(size=(60, 20)) as pilot:
        app.view.viewport.scroll_to_entry("m20")
        before = app.rows()
        app.view.insert(said(1000), 3)
        app.view.remove_entry("m5")
        app.view.replace("m6", said(1001))
        await pilot.pause()
        assert app.rows() == before
        assert app.view.entry("m5") is None


async def test_a_failure_is_a_block_with_what_can_be_done() -> None:
    app = Screenful()
    problem = Problem(kind=ErrorKind.RATE_LIMIT, title="Rate limited", detail="By the provider.", hint="Wait a minute.")
    async with app.run_test(size=(80, 20)) as pilot:
        app.view.append(Entry.live("live", name="Quick"))
        app.view.apply("live", [Retrying(2, 5, 4.0, problem)])
        assert any("rate limited, again in 4 s, try 2 of 5, Esc to stop" in row for row in app.rows())
        app.view.tick(app.view.clock() + 2.5)
        assert any("again in 2 s" in row for row in app.rows())
        app.view.apply("live", [Failed(problem)])
        await pilot.pause()
        shown = "\n".join(app.rows())
        for words in ("Failed: Rate limited", "By the provider.", "Wait a minute.", "Retry", "Change model"):
            assert words in shown
        assert not app.view.tick(app.view.clock())


async def test_folding_keeps_one_row_of_words() -> None:
    app = Screenful([said(1, "first words\n\n" * 10)])
    async with app.run_test(size=(60, 20)):
        app.view.fold("m1")
        assert sum("first words" in row for row in app.rows()) == 1
        app.view.fold("m1")
        assert sum("first words" in row for row in app.rows()) == 10


async def test_a_wide_table_moves_sideways() -> None:
    cells = " | ".join(f"column{n}" for n in range(12))
    app = Screenful([said(1, f"| {cells} |\n|{'---|' * 12}\n| {cells} |")])
    async with app.run_test(size=(50, 12)):
        assert any(row.rstrip().endswith("›") for row in app.rows())
        app.view.scroll_sideways("m1", 20)
        assert any("‹" in row for row in app.rows())
        app.view.scroll_sideways("m1", 10_000)
        assert any("column11" in row for row in app.rows())


async def test_density_and_width_change_in_place() -> None:
    app = Screenful([said(n, "word " * 60) for n in range(4)])
    async with app.run_test(size=(100, 40)) as pilot:
        tall = app.view.entries.heights.total
        app.view.set_appearance(Appearance(density="compact", timestamps=True), max_width=40)
        await pilot.pause()
        assert app.view.entries.appearance.width == 40
        assert app.view.entries.heights.total > tall
        assert max(len(row.rstrip()) for row in app.rows()) <= 42


async def test_styles_and_themes_repaint_everything() -> None:
    app = Screenful([said(1, "**bold**")])
    async with app.run_test(size=(40, 8)) as pilot:
        app.view.set_text_styles({"text": "#111111", "strong": "bold #ff0000", "bad": "no such style at all"})
        await pilot.pause()
        strips = app.view.render_lines(Region(0, 0, app.view.size.width, 8))
        colours = {s.text: s.style.color.name for strip in strips for s in strip if s.style and s.style.color}
        assert colours["bold"] == "#ff0000"
        app.theme = "textual-light"
        await pilot.pause()
        assert app.view.render_lines(Region(0, 0, app.view.size.width, 8))[1].text == strips[1].text


async def test_a_live_answer_settles_into_the_saved_message() -> None:
    app = Screenful()
    events: list[Event] = [Connecting(), TextDelta("hello"), Finished(seconds=1.0)]
    async with app.run_test(size=(60, 10)):
        app.view.append(Entry.live("live", name="Quick"))
        assert any("connecting…" in row for row in app.rows())
        app.view.apply("live", events)
        entry = app.view.entry("live")
        assert entry is not None
        saved = said(1, "hello").message
        assert saved is not None
        entry.settle(saved)
        app.view.refresh_entry("live")
        assert any("hello" in row for row in app.rows())
        assert app.view.text_of("live") == "hello"


async def test_one_megabyte_answers_and_thousands_of_turns_open() -> None:
    big = "A paragraph of a very long answer.\n\n" * 30_000
    app = Screenful([said(n, "short") for n in range(5000)] + [said(5001, big)])
    async with app.run_test(size=(80, 24)) as pilot:
        app.view.viewport.scroll_to_entry("m5001")
        await pilot.pause()
        assert any("A paragraph" in row for row in app.rows())
        app.view.viewport.scroll_to_entry("m0")
        assert any("short" in row for row in app.rows())


async def test_the_end_key_follows_again_and_pages_move_at_once() -> None:
    app = Screenful([said(n) for n in range(30)])
    async with app.run_test(size=(60, 20)) as pilot:
        app.view.focus()
        await pilot.press("pageup")
        await pilot.pause()
        assert not app.view.viewport.following
        await pilot.press("end")
        await pilot.pause()
        assert app.view.viewport.following
        await pilot.press("home")
        await pilot.pause()
        assert app.view.scroll_offset.y == 0
