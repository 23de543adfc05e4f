"""Which stored comparisons were asked blind: their names stay hidden until the vote, over restarts too."""

from __future__ import annotations

from tui_router.services.core import Core

_KEY = "compare.hidden"
_KEPT = 50


def remember_hidden(core: Core, batch: str) -> None:
    """Note that the names of a comparison are hidden."""

    def put(kept: object) -> list[str]:
        old = [b for b in kept if isinstance(b, str)] if isinstance(kept, list) else []
        return [*old, batch][-_KEPT:]

    core.state.change(_KEY, put)


def show_names(core: Core, batch: str) -> None:
    """Note that the names of a comparison are known now."""

    def take(kept: object) -> list[str]:
        return [b for b in kept if isinstance(b, str) and b != batch] if isinstance(kept, list) else []

    if batch in core.state.texts(_KEY):
        core.state.change(_KEY, take)


def is_hidden(core: Core, batch: str) -> bool:
    """Say whether the names of a comparison are to be hidden: asked blind, and neither voted on nor revealed."""
    return batch in core.state.texts(_KEY) and core.election.vote_on(batch) is None
