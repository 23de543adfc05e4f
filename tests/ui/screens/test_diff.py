"""The word diff: side by side, inline, by changes, at every size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.worker import Worker

from tests.ui.still_host import Holding, screen_text
from tui_router.domain.diff import word_diff
from tui_router.domain.palette import Palette
from tui_router.ui.screens.diff import DiffScreen, changed_rows, inline_lines, side_pairs, side_rows
from tui_router.ui.themes import transcript_styles

OLD = "The quick brown fox\njumps over\nthe dog. \x1b[31m\nSame end."
NEW = "The slow brown [b]fox\njumps\nfar over\nthe dog. \x1b[31m\nSame end."
PALETTE = Palette(name="p", colors={"primary": "#112233", "foreground": "#ffffff", "background": "#000000"})


def diff(old: str = OLD, new: str = NEW, **known: bool) -> Holding:
    styles = transcript_styles(PALETTE)
    return Holding(lambda host: DiffScreen("demo/quick\n1", old, "[demo/slow]", new, styles=styles))


async def settled(app: Holding) -> None:
    workers: list[Worker[object]] = list(app.workers)
    await app.workers.wait_for_complete(workers)


def plain(lines: list[tuple[tuple[str, str], ...]]) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


@given(st.text(alphabet="ab \n.", max_size=40), st.text(alphabet="ab \n.", max_size=40))
def test_both_columns_hold_their_whole_text(old: str, new: str) -> None:
    pairs = side_pairs(word_diff(old, new))
    assert "\n".join(plain([tuple(x) for x in left]) for left, _ in pairs) == old
    assert "\n".join(plain([tuple(x) for x in right]) for _, right in pairs) == new


def test_equal_lines_are_aligned() -> None:
    rows = ["".join(p.text for p in row) for row in side_rows(side_pairs(word_diff(OLD, NEW)), 63)]
    assert next(r for r in rows if r.startswith("Same end.")).count("Same end.") == 2
    assert next(r for r in rows if r.startswith("the dog.")).count("the dog.") == 2
    assert all(r[30:33] == " │ " for r in rows)


def test_one_text_marks_what_left_and_what_came() -> None:
    parts = [p for line in inline_lines(word_diff("a b c", "a x c")) for p in line]
    assert [(p.text, p.look) for p in parts] == [("a ", ""), ("b", "removed"), ("x", "added"), (" c", "")]


def test_changes_are_counted_in_runs() -> None:
    rows = inline_lines(word_diff("a\nb\nc\nd\ne", "a\nx\nc\ny\nz"))
    assert changed_rows(rows) == [1, 3] or changed_rows(rows)[0] == 1


@pytest.mark.parametrize(("size", "beside"), [((80, 24), False), ((120, 36), True)])
async def test_the_wide_screen_shows_both_beside_each_other(size: tuple[int, int], beside: bool) -> None:
    app = diff()
    async with app.run_test(size=size) as pilot:
        await settled(app)
        await pilot.pause()
        text = screen_text(app)
        row = next(line for line in text.splitlines() if "Same end." in line)
        assert row.count("Same end.") == (2 if beside else 1)
        for words in ("− demo/quick 1", "+ [demo/slow]", "␛[31m", "in common"):
            assert words in text
        assert "\x1b" not in text
        await pilot.press("s")
        await pilot.pause()
        row = next(line for line in screen_text(app).splitlines() if "Same end." in line)
        assert row.count("Same end.") == (1 if beside else 2)


async def test_changes_are_walked_by_key() -> None:
    old = "\n".join(f"line {i}" for i in range(300))
    app = diff(old, old.replace("line 100", "other 100").replace("line 200", "other 200"))
    async with app.run_test(size=(120, 24)) as pilot:
        await settled(app)
        await pilot.press("n")
        await pilot.pause()
        assert "other 100" in screen_text(app).splitlines()[2]
        await pilot.press("n", "n", "p")
        await pilot.pause()
        assert "other 100" in screen_text(app).splitlines()[2]
        await pilot.press("n")
        await pilot.pause()
        assert "other 200" in screen_text(app).splitlines()[2]


@pytest.mark.parametrize(("old", "new", "words"), [("", "", "Both texts are empty"), ("x", "x", "identical words")])
async def test_equal_and_empty_texts_are_reported(old: str, new: str, words: str) -> None:
    app = diff(old, new)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("n", "p", "s")
        await pilot.pause()
        assert words in screen_text(app)


@pytest.mark.parametrize("size", [(20, 5), (3, 2), (1, 1), (200, 60)])
async def test_the_diff_survives_every_size(size: tuple[int, int]) -> None:
    app = diff(OLD * 20, NEW * 20)
    async with app.run_test(size=size) as pilot:
        await settled(app)
        await pilot.press("n", "s", "G", "escape")
        await pilot.pause()
        assert app.result is None
