"""What the transcript takes from inside Textual is still there, and hides nothing of it by accident."""

from __future__ import annotations

import inspect
import subprocess
import sys

from textual.app import App, ComposeResult
from textual.filter import ANSIToTruecolor
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.widget import Widget

from tui_router.ui.transcript import textual_private
from tui_router.ui.transcript.pane import Scrollbar
from tui_router.ui.transcript.transcript import Transcript

MEANT = {
    "__init__", "__annotations__", "render_lines", "notify_style_update", "watch_scroll_y",
    "ALLOW_SELECT", "DEFAULT_CSS", "FOCUS_ON_CLICK",
    "action_scroll_end", "action_scroll_home", "action_page_up", "action_page_down",
}  # fmt: skip
"""Names of Textual's that are overridden on purpose."""


class Empty(ScrollView):
    """Has what Textual's metaclass gives to every widget class, and nothing else."""


class OneView(App[None]):
    """A view alone."""

    def compose(self) -> ComposeResult:
        yield Transcript()


def test_render_lines_takes_a_region_and_is_overridden() -> None:
    assert list(inspect.signature(Widget.render_lines).parameters) == ["self", "crop"]
    assert Transcript.render_lines is not Widget.render_lines
    assert Scrollbar.render_lines is not Widget.render_lines


def test_notify_style_update_exists() -> None:
    assert callable(Widget.notify_style_update)


async def test_the_virtual_size_changes_without_a_layout() -> None:
    app = OneView()
    async with app.run_test(size=(40, 10)) as pilot:
        view = app.query_one(Transcript)
        textual_private.set_virtual_size(view, Size(40, 500))
        assert view.virtual_size.height == 500
        assert view.max_scroll_y == 490
        textual_private.set_scroll(view, 77)
        assert view.scroll_offset.y == 77
        assert view.scroll_target_y == 77
        await pilot.pause()


async def test_the_filter_to_true_colours_is_left_out() -> None:
    app = OneView()
    async with app.run_test():
        assert not any(isinstance(f, ANSIToTruecolor) for f in textual_private.filters(app.query_one(Transcript)))


async def test_our_names_hide_none_of_textuals() -> None:
    app = OneView()
    async with app.run_test():
        bare = Empty()
        theirs = set(dir(bare)) | set(vars(bare))
        for cls in Transcript.__mro__:
            if cls.__module__.startswith("tui_router"):
                assert not (set(vars(cls)) - set(vars(Empty)) - MEANT) & theirs, cls
        assert not (set(vars(Transcript())) - set(vars(bare))) & theirs


async def test_rows_are_painted_by_us() -> None:
    app = OneView()
    async with app.run_test(size=(40, 10)):
        view = app.query_one(Transcript)
        assert len(view.render_lines(Region(0, 2, 40, 5))) == 5
        assert view.render_lines(Region(3, 0, 10, 1))[0].cell_length == 10


def test_the_view_loads_no_parser_and_no_highlighter() -> None:
    code = (
        "import sys; import tui_router.ui.transcript.pane; "
        "bad = {'markdown_it', 'pygments', 'httpx', 'sqlite3', 'difflib'} & set(sys.modules); "
        "import textual; print(sorted(bad))"
    )
    before = "import sys, textual.app, textual.widgets._static, textual.scroll_view, textual.containers; " \
        "print(sorted({'markdown_it','pygments','httpx','sqlite3','difflib'} & set(sys.modules)))"  # fmt: skip
    ours = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    floor = subprocess.run([sys.executable, "-c", before], capture_output=True, text=True, check=True).stdout
    assert ours == floor
