"""What the prompt says to its owner. Handlers are named after it: ``on_prompt_submitted``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tui_router.domain.draft import Attachment, Draft
from tui_router.ui.prompt.completion import Completion

if TYPE_CHECKING:
    from tui_router.ui.prompt.vim import Mode


class Submitted(Message, namespace="prompt"):
    """A turn to send: the draft as it stood in the prompt. ``text`` is what it says, its pastes in full."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft

    @property
    def text(self) -> str:
        """The words to send."""
        return self.draft.words


class SlashTyped(Message, namespace="prompt"):
    """A command was entered: never for a model. ``text`` is the whole line, to be put back if it is unknown."""

    def __init__(self, name: str, rest: str, text: str) -> None:
        super().__init__()
        self.name = name
        self.rest = rest
        self.text = text


class DraftChanged(Message, namespace="prompt"):
    """The unsent turn is another one now."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft


class HistoryWanted(Message, namespace="prompt"):
    """Up on an empty prompt while turns are queued: the last one is wanted back."""


class ModeChanged(Message, namespace="prompt"):
    """Keys mean something else: the Vim mode (``None`` without Vim), and whether the history is searched."""

    def __init__(self, mode: Mode | None, is_searching: bool) -> None:
        super().__init__()
        self.mode = mode
        self.is_searching = is_searching


class MenuChanged(Message, namespace="prompt"):
    """The menu of this prompt is to be drawn again."""

    def __init__(self, completion: Completion) -> None:
        super().__init__()
        self.completion = completion


class FilesWanted(Message, namespace="prompt"):
    """An ``@`` was typed: the owner lists files, off the UI thread, and calls ``set_files``."""


class AttachWanted(Message, namespace="prompt"):
    """A file is to be read, off the UI thread, and given back with ``attach``."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path


class AttachmentsChanged(Message, namespace="prompt"):
    """The attachments are others now."""

    def __init__(self, attachments: tuple[Attachment, ...]) -> None:
        super().__init__()
        self.attachments = attachments


class RewindWanted(Message, namespace="prompt"):
    """Esc Esc on an empty prompt: choose an earlier turn to edit."""


class Cleared(Message, namespace="prompt"):
    """Esc Esc threw the draft away; it is in the history."""


class HelpWanted(Message, namespace="prompt"):
    """``?`` on an empty prompt."""


class Refused(Message, namespace="prompt"):
    """Something could not be done, in one sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence
