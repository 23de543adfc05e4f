"""Everything here that leans on more of Textual than its documentation promises; each has a test.

``Widget.render_lines`` is overridden in ``canvas`` and ``scrollbar`` (it skips Textual's cache of
styled lines) and ``Widget.notify_style_update`` tells when colours changed.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Size
from textual.widget import Widget


def set_virtual_size(widget: Widget, size: Size) -> None:
    """Tell how large the content is without asking the whole screen for a layout."""
    widget.set_reactive(Widget.virtual_size, size)


def set_scroll(widget: Widget, y: int) -> None:
    """Move what is shown without a watcher: the rows on the screen stay, only their numbers change."""
    widget.set_reactive(Widget.scroll_y, float(y))
    widget.set_reactive(Widget.scroll_target_y, float(y))


def filters(widget: Widget) -> Sequence[LineFilter]:
    """Return the filters that painted strips must pass (NO_COLOR and the like).

    Our styles are true colours already, so the one that makes them so is left out; with an ANSI
    theme it would undo the theme.
    """
    return [f for f in widget.get_line_filters() if not isinstance(f, ANSIToTruecolor)]
