"""The one-line field over a list: typing filters, and Backspace in an empty field is told to the owner."""

from __future__ import annotations

from textual.message import Message
from textual.widgets import Input


class FilterInput(Input):
    """A field without a frame."""

    DEFAULT_CSS = """
    FilterInput, FilterInput:focus { border: none; height: 1; padding: 0 1; background: transparent; width: 1fr; }
    """

    class BackedOut(Message):
        """Backspace was pressed with nothing left to delete."""

    def __init__(self, value: str = "", *, placeholder: str = "", leave: str = "", id: str | None = None) -> None:
        """Make a field; the characters in ``leave`` are keys of the screen and cannot be typed."""
        super().__init__(value, placeholder=placeholder, id=id, select_on_focus=False)
        self._leave = leave

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Say whether a key is text."""
        return (character is None or character not in self._leave) and super().check_consume_key(key, character)

    def action_delete_left(self) -> None:
        """Delete a character, or say that there is none."""
        if self.value:
            super().action_delete_left()
        else:
            self.post_message(self.BackedOut())
