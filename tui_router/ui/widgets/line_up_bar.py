"""The models chosen for a comparison so far, in one line with what one question to them costs."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from tui_router.domain.catalog import find_model, line_up_cost
from tui_router.domain.model import Model
from tui_router.domain.safe import clean_line
from tui_router.domain.usage import money

LEAST, MOST = 2, 8
"""How many lanes a comparison has."""


class LineUpBar(Widget):
    """Two to eight models, the same one more than once if wanted."""

    DEFAULT_CSS = "LineUpBar { height: 1; width: 1fr; color: $text-accent; }"

    def __init__(
        self, ids: tuple[str, ...], known: Mapping[str, Model], prompt_tokens: int, answer_tokens: int
    ) -> None:
        """Start with a line-up; tokens are those of one question and of one answer."""
        super().__init__()
        self._ids = ids[:MOST]
        self._known = known
        self._tokens = (prompt_tokens, answer_tokens)

    @property
    def ids(self) -> tuple[str, ...]:
        """The line-up."""
        return self._ids

    @property
    def is_enough(self) -> bool:
        """True when a comparison can start."""
        return len(self._ids) >= LEAST

    def show_models(self, known: Mapping[str, Model]) -> None:
        """Reckon with another catalogue."""
        self._known = known
        self.refresh()

    def take(self, ids: tuple[str, ...]) -> None:
        """Replace the line-up; what is above eight is left out."""
        self._ids = ids[:MOST]
        self.refresh()

    def add(self, model_id: str) -> bool:
        """Add a model; ``False`` when the line-up is full."""
        if len(self._ids) >= MOST:
            return False
        self.take((*self._ids, model_id))
        return True

    def take_back(self) -> None:
        """Remove the last model."""
        self.take(self._ids[:-1])

    def text(self) -> str:
        """Return the line: how many, what one question costs, who."""
        if not self._ids:
            return f"Line-up: empty, {LEAST} to {MOST} models"
        cost = line_up_cost([find_model(i, self._known) for i in self._ids], *self._tokens)
        price = money(cost.known, approximate=True) + (f" + {cost.unknown} unknown" if cost.unknown else "")
        names = ", ".join(clean_line(i.rpartition("/")[2]) for i in self._ids)
        return f"{len(self._ids)} of {MOST} · one question {price} · {names}"

    def render(self) -> RenderResult:
        """Return the line for the width there is."""
        width = self.size.width
        return Content(self.text()).truncate(width, ellipsis=True) if width > 0 else Content("")
