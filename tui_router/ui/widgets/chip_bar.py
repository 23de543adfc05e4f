"""A row of switches, each with a letter to press and a place to click."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Chip:
    """One switch."""

    id: str
    label: str
    is_on: bool = False
    letter: str = ""
    """The letter of the label that is underlined: what to press with Alt."""


class ChipBar(Widget):
    """Chips in one line; those that do not fit are cut off at the end."""

    DEFAULT_CSS = "ChipBar { height: 1; width: 1fr; color: $text-muted; }"

    class Pressed(Message):
        """A chip was clicked."""

        def __init__(self, chip_id: str) -> None:
            super().__init__()
            self.chip_id = chip_id

    def __init__(self, chips: tuple[Chip, ...] = (), *, lead: str = "", id: str | None = None) -> None:
        """Make a bar; ``lead`` stands before the chips."""
        super().__init__(id=id)
        self._chips = chips
        self._lead = lead

    def show(self, chips: tuple[Chip, ...]) -> None:
        """Show these chips."""
        if chips != self._chips:
            self._chips = chips
            self.refresh()

    def render(self) -> RenderResult:
        """Return the line."""
        width = self.size.width
        if width <= 0:
            return Content("")
        parts = [Content.styled(self._lead, "$text-muted"), *(_drawn(c) for c in self._chips)]
        return Content("").join(parts).truncate(width, ellipsis=True)

    def on_click(self, event: events.Click) -> None:
        """Say which chip was clicked."""
        at = cell_len(self._lead)
        for chip in self._chips:
            end = at + cell_len(chip.label) + 2
            if at <= event.x < end:
                self.post_message(self.Pressed(chip.id))
                return
            at = end


def _drawn(chip: Chip) -> Content:
    text = f" {chip.label} "
    content = Content.styled(text, "$block-cursor-foreground on $block-cursor-background" if chip.is_on else "")
    at = text.find(chip.letter) if chip.letter else -1
    return content.stylize("underline", at, at + 1) if at >= 0 else content
