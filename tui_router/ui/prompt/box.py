"""What a screen mounts: the prompt in its frame, with its menu, its attachments and its mode."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from tui_router.domain.draft import Attachment
from tui_router.ui.prompt.menu import Menu
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.prompt.widget import Prompt


class PromptBox(Vertical):
    """The framed prompt. Messages of the ``Prompt`` inside pass through; ``prompt`` is that widget."""

    DEFAULT_CSS = """
    PromptBox {
        height: auto;
        border: round $primary 60%;
        border-subtitle-color: $text-muted;
        &:focus-within { border: round $primary; }
        & > .attachments { height: auto; max-height: 3; padding: 0 1; color: $text-muted; display: none; }
    }
    """

    def __init__(self, *, fold: FoldRule | None = None, vim: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.prompt = Prompt(fold=fold, vim=vim, id="prompt")
        self._menu = Menu()
        self._row = Static(classes="attachments", markup=False)

    def compose(self) -> ComposeResult:
        """Menu first: its place is the top edge of the box, and it is drawn upwards from there."""
        yield self._menu
        yield self._row
        yield self.prompt

    @on(Prompt.MenuChanged)
    def _draw_menu(self, event: Prompt.MenuChanged) -> None:
        event.stop()
        self._menu.show(event.completion, self.outer_size.width, self.region.y)

    @on(OptionList.OptionSelected)
    def _click_row(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.prompt.choose(event.option_index)

    @on(Prompt.AttachmentsChanged)
    def _draw_attachments(self, event: Prompt.AttachmentsChanged) -> None:
        self._row.update(attachment_line(event.attachments))
        self._row.display = bool(event.attachments)

    @on(Prompt.ModeChanged)
    def _draw_mode(self, event: Prompt.ModeChanged) -> None:
        words = "history" if event.is_searching else event.mode.value if event.mode else ""
        self.border_subtitle = Content(words.upper())


def attachment_line(attachments: tuple[Attachment, ...]) -> Content:
    """Return the attachments as one line of chips."""
    return Content("  ".join(f"[{attachment.label}]" for attachment in attachments))
