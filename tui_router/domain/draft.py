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
    chips: Mapping[str, str] = field(default_factory=dict)
    """Folded pastes by the marker that stands for them in ``text``."""
    attachments: tuple[Attachment, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not self.text.strip() and not self.attachments

    @property
    def parts(self) -> tuple[Part, ...]:
        """What would be sent, each paste a part of its own, so that it is counted once while one types around it."""
        from tui_router.domain.message import Text  # the first frame knows drafts, and no messages

        marks = "|".join(map(re.escape, self.chips))
        pieces = re.split(f"({marks})", self.text) if marks else [self.text]
        words = tuple(Text(self.chips.get(piece, piece)) for piece in pieces if piece) if self.text.strip() else ()
        return (*words, *(attachment.part for attachment in self.attachments))
