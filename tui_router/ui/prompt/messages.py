"""The messages that a prompt posts to its owner, in the ``prompt`` namespace: ``on_prompt_submitted`` and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from tui_router.domain.draft import Attachment, Draft
from tui_router.ui.prompt.completion import CompletionState

if TYPE_CHECKING:
    from tui_router.ui.prompt.vim import Mode


class Submitted(Message, namespace="prompt"):
    """The user sent a draft."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft

    @property
    def text(self) -> str:
        """The text to send, with its pastes expanded."""
        return self.draft.words


class SlashTyped(Message, namespace="prompt"):
    """The user entered a slash command. ``text`` is the whole line, to be restored if the command is unknown."""

    def __init__(self, name: str, rest: str, text: str) -> None:
        super().__init__()
        self.name = name
        self.rest = rest
        self.text = text


class DraftChanged(Message, namespace="prompt"):
    """The draft changed."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft


class QueueRecallRequested(Message, namespace="prompt"):
    """Up on an empty prompt while turns are queued: move the last one back into the prompt."""


class ModeChanged(Message, namespace="prompt"):
    """The Vim mode (``None`` without Vim keys) or the history search changed."""

    def __init__(self, mode: Mode | None, is_searching: bool) -> None:
        super().__init__()
        self.mode = mode
        self.is_searching = is_searching


class MenuChanged(Message, namespace="prompt"):
    """The completion menu changed and needs drawing."""

    def __init__(self, state: CompletionState) -> None:
        super().__init__()
        self.state = state


class FilesRequested(Message, namespace="prompt"):
    """An ``@`` was typed: list the files on a worker thread and call ``completer.set_files``."""


class AttachRequested(Message, namespace="prompt"):
    """A file was chosen: read it on a worker thread and call ``attachments.add``."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path


class AttachmentsChanged(Message, namespace="prompt"):
    """The attachments changed."""

    def __init__(self, attachments: tuple[Attachment, ...]) -> None:
        super().__init__()
        self.attachments = attachments


class RewindRequested(Message, namespace="prompt"):
    """Esc Esc on an empty prompt: offer earlier turns to edit."""


class Cleared(Message, namespace="prompt"):
    """Esc Esc moved the draft into the history."""


class HelpRequested(Message, namespace="prompt"):
    """``?`` on an empty prompt."""


class KeyRejected(Message, namespace="prompt"):
    """A key could not do what it usually does; ``sentence`` tells the user why."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence
