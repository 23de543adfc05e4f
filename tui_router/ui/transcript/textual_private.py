"""The undocumented Textual behaviour that the transcript relies on; each function has a test.

Besides these, ``Transcript`` and ``Scrollbar`` override ``Widget.render_lines``, which bypasses Textual's cache of
styled lines, and ``Widget.notify_style_update``, which is called when colours change.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Size
from textual.widget import Widget


def set_virtual_size(widget: Widget, size: Size) -> None:
    """Set the size of the content without triggering a layout of the whole screen."""
    widget.set_reactive(Widget.virtual_size, size)


def set_scroll(widget: Widget, y: int) -> None:
    """Set the scroll offset without calling watchers: the rows on the screen stay, only their numbers change."""
    widget.set_reactive(Widget.scroll_y, float(y))
    widget.set_reactive(Widget.scroll_target_y, float(y))


def filters(widget: Widget) -> Sequence[LineFilter]:
    """Return the filters to apply to painted strips, such as the one for ``NO_COLOR``.

    ``ANSIToTruecolor`` is left out: our styles use true colours already, and with an ANSI theme it would undo them.
    """
    return [f for f in widget.get_line_filters() if not isinstance(f, ANSIToTruecolor)]
