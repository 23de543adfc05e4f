"""The palette: every action with its key, found by a few letters."""

from __future__ import annotations

from collections.abc import Sequence

from tui_router.ui.screens.search_dialog import ActionRow, SearchDialog


class PaletteScreen(SearchDialog):
    """Rows in, the id of the chosen action out."""

    def __init__(self, rows: Sequence[ActionRow], *, query: str = "") -> None:
        """Make a palette; rows keep their order while nothing is typed, so put recent ones first."""
        super().__init__(rows, title="Do anything", placeholder="what do you want to do?", query=query)
