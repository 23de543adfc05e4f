"""A conversation's tree as rows: the path in view runs straight down, what branches off is set in and stands above."""

from __future__ import annotations

from dataclasses import dataclass

from tui_router.domain.conversation import Tree
from tui_router.domain.message import Message


@dataclass(frozen=True, slots=True)
class Twig:
    """One message of the tree."""

    message: Message
    depth: int
    """How many lines run on to the left of it."""
    starts: bool
    """True where a branch leaves the line to its left."""
    on_path: bool
    """True for what the conversation shows now."""


def twigs(tree: Tree, head: str | None) -> list[Twig]:
    """Return every message, in an order in which each stands below its parent.

    Below a message come its side branches, each set in one step, and last, straight down, the child on the path
    in view (off the path: the newest child). So the depth grows with the branching and not with the length.
    """
    on_path = {m.id for m in tree.thread(head)}
    rows: list[Twig] = []
    todo: list[tuple[Message, int, bool]] = []

    def push(children: tuple[Message, ...], depth: int) -> None:
        if not children:
            return
        main = next((m for m in children if m.id in on_path), children[-1])
        todo.append((main, depth, False))
        todo.extend((m, depth + 1, True) for m in reversed(children) if m is not main)

    push(tree.children(None), 0)
    while todo:
        message, depth, starts = todo.pop()
        rows.append(Twig(message, depth, starts, message.id in on_path))
        push(tree.children(message.id), depth)
    return rows


def lines_before(twig: Twig, most: int) -> str:
    """Return the lines left of a row, in at most ``most`` cells; deeper ones are counted in their place."""
    steps = twig.depth
    room = max(1, most // 2)
    lead = ""
    if steps > room:
        lead = f"{steps - room + 1}⋯"[: 2 * room]
        lead += " " * (len(lead) % 2)
        steps = max(0, room - len(lead) // 2)
    if not steps:
        return lead
    return lead + "│ " * (steps - 1) + ("├─" if twig.starts else "│ ")
