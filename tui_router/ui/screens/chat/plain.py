"""A conversation as plain text: who, then the words; for copy mode and for reading aloud."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui_router.domain.message import ENDING_WORDS, File, Image, Message, Role
from tui_router.domain.safe import clean, clean_line


def plain_turns(thread: Sequence[Message], name_of: Callable[[str], str]) -> list[str]:
    """Return one text for each question and answer of a path; what tools said is left out."""
    return [_turn(m, name_of) for m in thread if m.role in (Role.USER, Role.ASSISTANT)]


def _turn(message: Message, name_of: Callable[[str], str]) -> str:
    who = "You"
    if message.role is Role.ASSISTANT:
        who = clean_line(name_of(message.model.id)) if message.model else "Answer"
    blocks = [clean(message.text).strip()]
    blocks += [
        f"[{type(p).__name__.lower()} {clean_line(p.name)}]" for p in message.parts if isinstance(p, File | Image)
    ]
    if message.ending is not None and message.ending.kind in ENDING_WORDS:
        blocks.append(f"[{ENDING_WORDS[message.ending.kind]}]")
    if message.citations:
        blocks.append("\n".join(f"[{n}] {clean_line(c.url)}" for n, c in enumerate(message.citations, 1)))
    return f"{who}:\n\n" + "\n\n".join(b for b in blocks if b)
