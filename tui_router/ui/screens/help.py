"""The keys, by where they work; made from what the commands declare, so it cannot be out of date."""

from __future__ import annotations

from collections.abc import Sequence

from tui_router.domain.safe import clean_line
from tui_router.ui.screens.search_dialog import ActionRow, SearchDialog
from tui_router.ui.widgets.line_list import Part, fit, spans_of, split_parts


class HelpScreen(SearchDialog):
    """Rows in; the result is the id of a chosen action, for an app that wants to do it."""

    def __init__(self, rows: Sequence[ActionRow], *, query: str = "", at: str = "") -> None:
        """Make the page; ``at`` is the id of the row to start on, e.g. the first of the context one comes from."""
        super().__init__(
            rows,
            title="Keys",
            placeholder="type a key or what you want to do",
            query=query,
            foot="↑↓ move · Enter do it · Esc close",
            grouped=True,
            at=at,
        )

    def draw_row(self, row: ActionRow, query: str, width: int) -> list[Part]:
        """Return one row: key, text, and its name for ``[keys]`` in the settings where there is room."""
        key_room = min(22, max(6, width // 3))
        name = clean_line(row.id) if width >= 72 else ""
        room = max(4, width - key_room - 4 - len(name))
        text = clean_line(row.text)
        detail = clean_line(row.detail)
        if detail and detail != text:
            text = f"{text}: {detail}"
        return [
            Part("  "),
            Part(fit(clean_line(row.key), key_room), "accent"),
            Part(" "),
            *split_parts(fit(text, room), spans_of(query, text)),
            Part(f" {name}", "muted"),
        ]
