"""``PromptBox``: the framed prompt with its completion menu, attachment row and mode; the widget that screens mount."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static

from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.prompt.widget import Prompt

if TYPE_CHECKING:
    from tui_router.domain.draft import Attachment
    from tui_router.ui.prompt.completion_menu import CompletionMenu


class PromptBox(Vertical):
    """The framed prompt. Messages of the ``prompt`` inside bubble up to the screen."""

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
        self._menu: CompletionMenu | None = None
        self._row: Static | None = None

    def compose(self) -> ComposeResult:
        """Yield the prompt; menu and attachment row are mounted when first needed."""
        yield self.prompt

    @on(Prompt.MenuChanged)
    async def _show_menu(self, event: Prompt.MenuChanged) -> None:
        event.stop()
        if self._menu is None:
            if not event.state.is_open:
                return
            from tui_router.ui.prompt.completion_menu import CompletionMenu  # not needed for the first frame

            self._menu = CompletionMenu()
            # As the first child it sits at the top edge of the box, and its offset moves it up from there.
            await self.mount(self._menu, before=0)
        self._menu.show(event.state, self.outer_size.width, self.region.y)

    @on(OptionList.OptionSelected)
    def _choose_clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.prompt.completer.choose(event.option_index)

    @on(Prompt.AttachmentsChanged)
    async def _show_attachments(self, event: Prompt.AttachmentsChanged) -> None:
        if self._row is None:
            if not event.attachments:
                return
            self._row = Static(classes="attachments", markup=False)
            await self.mount(self._row, before=self.prompt)
        self._row.update(attachment_line(event.attachments))
        self._row.display = bool(event.attachments)

    @on(Prompt.ModeChanged)
    def _show_mode(self, event: Prompt.ModeChanged) -> None:
        mode = "history" if event.is_searching else event.mode.value if event.mode else ""
        self.border_subtitle = Content(mode.upper())


def attachment_line(attachments: tuple[Attachment, ...]) -> Content:
    """Return the attachments as a line of bracketed labels."""
    return Content("  ".join(f"[{attachment.label}]" for attachment in attachments))
