"""Who answers in the shell: names are resolved before anything is sent, and nobody is asked in place of another."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from tui_router.domain.model import ModelRef
from tui_router.domain.problem import AppError, ErrorKind, Problem

if TYPE_CHECKING:
    from tui_router.services.conversation import ConversationBase
    from tui_router.services.core import Core
    from tui_router.services.model_resolution import Answerer


def resolve_model(core: Core, typed: str) -> ModelRef:
    """Return the model that a person names; raises ``AppError`` with what it may mean.

    The list is fetched first where there is none, and again before a name is called unknown. A whole id goes as
    it is though the list lacks it (or cannot be fetched): the service says what it thinks of it.
    """
    know_list(core)
    who = core.identity.named(typed)
    if who.model is None and typed.strip() and _fetched(core):
        who = core.identity.named(typed)
    return _sure(who)


def resolve_listed(core: Core, typed: str) -> ModelRef:
    """Return a model that a person names for many questions: one that the list lacks raises ``AppError`` at once."""
    know_list(core)
    if not core.catalog.models:
        return resolve_model(core, typed)
    try:
        return core.identity.resolve(typed)
    except AppError:
        if not typed.strip() or not _fetched(core):
            raise
    return core.identity.resolve(typed)


def answerer_of(core: Core, chat: ConversationBase) -> ModelRef:
    """Return who answers in a conversation where nobody was named; raises ``AppError`` where nobody was chosen."""
    if chat.conversation.model is None:
        know_list(core)
    who = core.identity.of(chat)
    if who.waits and _fetched(core):
        who = core.identity.of(chat)
    return _sure(who)


def know_list(core: Core) -> None:
    """Fetch the list of models where there is none; once: what cannot be fetched is not fetched for every name."""
    if not core.catalog.models and core.catalog.problem is None:
        with suppress(AppError):
            core.catalog.refresh()


def _fetched(core: Core) -> bool:
    """Fetch the list again unless it is fresh; ``False`` when nothing new came."""
    if core.catalog.is_fresh or core.catalog.problem is not None:
        return False
    with suppress(AppError):
        core.catalog.refresh()
        return True
    return False


def _sure(who: Answerer) -> ModelRef:
    if who.model is None:
        raise AppError(
            who.problem or Problem(kind=ErrorKind.USAGE, title="No model was chosen yet", hint="Name one with -m")
        )
    return who.model
