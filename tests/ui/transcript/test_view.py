"""The transcript in a running app: follow, scrolling, resize, hostile text."""

from __future__ import annotations

import random

from textual.geometry import Region

from tests.ui.transcript.screenful import Screenful, said
from tui_router.domain.events import TextDelta
from tui_router.ui.transcript.actions import Action
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.transcript import Transcript


async def test_a_conversation_opens_at_its_end() -> None:
    app = Screenful([said(n) for n in range(40)] + [said(99, "the last words")])
    async with app.run_test(size=(80, 24)):
        assert app.view.viewport.following
        assert any("the last words" in row for row in app.rows())


async def test_an_empty_transcript_paints_blank_rows() -> None:
    app = Screenful()
    async with app.run_test(size=(30, 8)) as pilot:
        app.view.entry_cursor.move(1)
        app.view.viewport.scroll_turn(1)
        app.view.selection.extend(rows=1)
        await pilot.pause()
        assert all(not row.strip() for row in app.rows())
        assert app.view.viewport.position() is None
        assert app.view.search.find("x") == 0


async def test_the_view_follows_a_growing_answer() -> None:
    app = Screenful([said(n) for n in range(10)])
    async with app.run_test(size=(80, 24)) as pilot:
        app.view.append(Entry.live("live", name="Quick"))
        for n in range(60):
            app.view.apply("live", [TextDelta(f"paragraph {n}\n\n")])
        await pilot.pause()
        assert any("paragraph 59" in row for row in app.rows())
        assert app.view.scroll_offset.y == app.view.max_scroll_y


async def test_scrolled_up_the_view_stays_while_the_answer_grows_and_end_follows_again() -> None:
    app = Screenful([said(n) for n in range(20)])
    async with app.run_test(size=(80, 24)) as pilot:
        app.view.append(Entry.live("live", name="Quick"))
        app.view.apply("live", [TextDelta("begin\n\n" * 30)])
        app.view.viewport.scroll_page(-1)
        await pilot.pause()
        before = app.rows()
        for n in range(30):
            app.view.apply("live", [TextDelta(f"more {n}\n\n")])
        await pilot.pause()
        assert app.rows() == before
        assert not app.view.viewport.following
        news = [m for m in app.heard if isinstance(m, Transcript.FollowChanged)]
        assert news[-1].new_lines >= 60
        assert app.pane.query_one("NewLinesIndicator").display
        app.view.viewport.jump_end()
        await pilot.pause()
        assert app.view.viewport.following
        assert not app.pane.query_one("NewLinesIndicator").display
        assert any("more 29" in row for row in app.rows())


async def test_five_hundred_scroll_steps_never_jump() -> None:
    app = Screenful([said(n) for n in range(300)])
    async with app.run_test(size=(70, 24)) as pilot:
        view = app.view
        chance = random.Random(3)
        jumps = 0
        for _ in range(500):
            step = chance.choice((-1, -1, -3, -23, 2, 5))
            before = app.rows()
            place = view.measurer.anchor()
            view.scroll_to(y=view.scroll_offset.y + step, animate=False)
            after = app.rows()
            assert place is not None
            moved = view.scroll_offset.y - view.measurer.row_of(place)
            if 0 < moved < 24:
                jumps += before[moved:] != after[: 24 - moved]
            elif -24 < moved < 0:
                jumps += after[-moved:] != before[: 24 + moved]
        await pilot.pause()
        assert jumps == 0


async def test_every_row_has_the_exact_width_at_any_size() -> None:
    text = (
        "# 見出し\n\n"
        + "日本語の長い文章です。" * 8
        + "\n\n| a | b |\n|---|---|\n| "
        + "x " * 60
        + "| 👩‍👩‍👧 |\n\n```py\nx = 1\n```"
    )
    app = Screenful(
        [
            said(1, text),
            said(2, text),
            Entry.notice("n", "note"),
            Entry.card("c", "card", actions=(Action("a", "b", "c"),)),
        ]
    )
    async with app.run_test(size=(80, 24)) as pilot:
        for width, height in ((8, 3), (300, 50), (20, 5), (3, 4), (41, 12), (80, 24)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            size = app.view.size
            for strip in app.view.render_lines(Region(0, 0, size.width, size.height)):
                assert strip.cell_length == size.width
                assert sum(len(s.text) > 0 for s in strip) or not size.width


async def test_a_resize_keeps_what_the_top_row_showed() -> None:
    app = Screenful([said(n) for n in range(60)])
    async with app.run_test(size=(80, 24)) as pilot:
        app.view.viewport.scroll_to_entry("m20")
        await pilot.pause()
        await pilot.resize_terminal(50, 20)
        await pilot.pause()
        place = app.view.viewport.position()
        assert place is not None
        assert place.entry_id == "m20"


async def test_a_resize_in_mid_stream_goes_on_following() -> None:
    app = Screenful([said(n) for n in range(6)])
    async with app.run_test(size=(80, 24)) as pilot:
        app.view.append(Entry.live("live", name="Quick"))
        for n in range(10):
            app.view.apply("live", [TextDelta(f"```py\nx = {n}\n```\n\nwords {n}\n\n")])
            await pilot.resize_terminal(80 - n * 5, 24 - n)
            await pilot.pause()
        assert app.view.viewport.following
        assert any("words 9" in row for row in app.rows())


async def test_hostile_text_reaches_no_strip_raw() -> None:
    bad = "\x1b]0;pwned\x07\x9b31m \u202ereversed [red]markup[/] [@click=app.quit]x[/] \x00\x7f\ud800 "
    bad += "&#x202e;&#x9b; \U000e0041 "
    text = f"# {bad}\n\n{bad}\n\n```{bad}\n{bad}\n```\n\n| {bad} | b |\n|---|---|\n| {bad} | c |\n\n[{bad}](http://x/{bad})"
    entry = said(1, text)
    entry.name = bad
    app = Screenful([entry, said(2, bad), Entry.notice("n", bad, actions=(Action("a", bad),))])
    async with app.run_test(size=(60, 50)):
        shown = "".join(app.rows())
        assert "pwned" in shown
        for character in shown:
            assert character.isprintable() or character == " ", repr(character)
        assert not set("\x1b\x07\x9b\u202e\x00\x7f\ud800\U000e0041") & set(shown)
