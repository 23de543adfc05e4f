"""What a person has typed and not sent yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tui_router.domain.message import File, Image, Part


class Attachment(NamedTuple):
    """Something attached to the next turn: its label in the prompt, and the part that is sent."""

    label: str
    part: Image | File


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An unsent turn: text with chips, what the chips stand for, and attachments."""

    text: str = ""
    """As it stands in the prompt."""
    chips: Mapping[str, str] = field(default_factory=dict)
    """Folded pastes by the marker that stands for them in ``text``."""
    attachments: tuple[Attachment, ...] = ()
    edits: str = ""
    """The message that this is another version of; empty for a new turn."""
    model: str = ""
    """The id of the model that was chosen when it was sent or queued; empty in a prompt and for lanes."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not self.text.strip() and not self.attachments

    @property
    def words(self) -> str:
        """What is said with it: the pastes in full, and one slash where two were typed to send one."""
        bare = self.text.lstrip()
        shown = bare[1:] if bare.startswith("//") else self.text
        if not self.chips:
            return shown
        return re.sub("|".join(map(re.escape, self.chips)), lambda found: self.chips[found[0]], shown)

    @property
    def parts(self) -> list[Part]:
        """The parts of the message that it becomes, words first."""
        from tui_router.domain.message import Text  # the first frame needs drafts, and no messages

        words: list[Part] = [Text(self.words)] if self.words.strip() else []
        return [*words, *(a.part for a in self.attachments)]

    @property
    def pieces(self) -> tuple[Part, ...]:
        """The same as ``parts``, each paste a part of its own, so that it is counted once while one types around it."""
        from tui_router.domain.message import Text  # the first frame needs drafts, and no messages

        marks = "|".join(map(re.escape, self.chips))
        pieces = re.split(f"({marks})", self.text) if marks else [self.text]
        words = tuple(Text(self.chips.get(piece, piece)) for piece in pieces if piece) if self.text.strip() else ()
        return (*words, *(attachment.part for attachment in self.attachments))


def to_type(words: str) -> str:
    """Return words as they would be typed: those that begin with a slash with a second one, or they are a command."""
    return f"/{words.lstrip()}" if words.lstrip().startswith("/") else words


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """What waits in one conversation: the draft in its prompt, and the questions in its queue, next first."""

    draft: Draft = Draft()
    queue: tuple[Draft, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return self.draft.is_empty and not self.queue
