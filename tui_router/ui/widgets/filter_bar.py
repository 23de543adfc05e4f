"""The row above a list: a text field that filters it, and chips that switch options."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input


class FilterInput(Input):
    """A one-line input without a border."""

    DEFAULT_CSS = """
    FilterInput, FilterInput:focus { border: none; height: 1; padding: 0 1; background: transparent; width: 1fr; }
    """

    class BackedOut(Message):
        """Backspace was pressed in an empty field."""

    def __init__(self, value: str = "", *, placeholder: str = "", leave: str = "", id: str | None = None) -> None:
        """Create the field. Characters in ``leave`` are key bindings of the screen and cannot be typed."""
        super().__init__(value, placeholder=placeholder, id=id, select_on_focus=False)
        self._leave = leave

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Return whether a key is typed as text rather than handled as a binding."""
        return (character is None or character not in self._leave) and super().check_consume_key(key, character)

    def action_delete_left(self) -> None:
        """Delete a character, or post ``BackedOut`` if there is none."""
        if self.value:
            super().action_delete_left()
        else:
            self.post_message(self.BackedOut())


@dataclass(frozen=True, slots=True)
class Chip:
    """One switch."""

    id: str
    label: str
    is_on: bool = False
    letter: str = ""
    """The underlined letter of the label, pressed together with Alt."""


class ChipBar(Widget):
    """Chips in one line; those that do not fit are cut off."""

    DEFAULT_CSS = "ChipBar { height: 1; width: 1fr; color: $text-muted; }"

    class Pressed(Message):
        """A chip was clicked."""

        def __init__(self, chip_id: str) -> None:
            super().__init__()
            self.chip_id = chip_id

    def __init__(self, chips: tuple[Chip, ...] = (), *, lead: str = "", id: str | None = None) -> None:
        """Create a bar; ``lead`` is the text before the chips."""
        super().__init__(id=id)
        self._chips = chips
        self._lead = lead

    def show(self, chips: tuple[Chip, ...]) -> None:
        """Show these chips."""
        if chips != self._chips:
            self._chips = chips
            self.refresh()

    def render(self) -> RenderResult:
        """Return the line of chips."""
        width = self.size.width
        if width <= 0:
            return Content("")
        parts = [Content.styled(self._lead, "$text-muted"), *(_drawn(c) for c in self._chips)]
        return Content("").join(parts).truncate(width, ellipsis=True)

    def on_click(self, event: events.Click) -> None:
        """Post ``Pressed`` for the chip that was clicked."""
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
