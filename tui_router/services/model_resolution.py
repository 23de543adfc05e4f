"""Decides which model answers: the one that the user named or chose, or none. No other is used instead.

A name that does not resolve to one model (no catalogue yet, several matches, no match) is kept as typed, with
a problem that says what to do. Everything that sends a question resolves its model here first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from tui_router.domain.message import Message, Role
from tui_router.domain.model import Model, ModelRef, nearest_others, normal_id
from tui_router.domain.model_names import PRESET, ROUTING_SUFFIXES, fits_several, is_same_model, is_whole_id
from tui_router.domain.problem import ABOUT_MODELS, AppError, ErrorKind, Problem
from tui_router.services.catalog import Catalog
from tui_router.services.conversation import ConversationBase

_REMEMBERED = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """The model of the next turn, or why there is none."""

    model: ModelRef | None = None
    """The model to use; ``None`` sends nothing."""
    wanted: str = ""
    """The name as typed, if it does not resolve to one model."""
    problem: Problem | None = None
    """Why there is no model; its suggestions are ids to choose from."""
    waits: bool = False
    """True if fetching the catalogue may resolve the name."""
    notice: str = ""
    """A notice about ``model``: that it is no longer in the catalogue."""


class Identity:
    """Selects the model: the one chosen for this conversation, in the settings, or used last.

    Args:
        catalog: The model catalogue.
        setting: Returns the configured model name for new conversations; empty for none.
        usual: The default model id if none was chosen; only the offline demo has one.
    """

    def __init__(self, catalog: Catalog, setting: Callable[[], str], usual: str = "") -> None:
        self._catalog = catalog
        self._setting = setting
        self._usual = usual
        self._found: dict[tuple[str, datetime | None, object], Model | Problem] = {}

    def of(self, chat: ConversationBase) -> Answerer:
        """Return the model of a conversation's next turn."""
        if chat.wanted:
            return self.named(chat.wanted)
        if chat.conversation.model is not None:
            return self._known(chat.conversation.model)
        if undecided(chat):
            return Answerer(problem=_undecided(chat))
        head = chat.tree.get(chat.conversation.head)
        if head is not None and head.role is Role.ASSISTANT and head.model and self._catalog.get(head.model.id):
            return Answerer(model=head.model)
        return self.fresh()

    def fresh(self) -> Answerer:
        """Return the model of a new conversation: the one in the settings, or the one used last."""
        if named := self._setting().strip():
            return self.named(named)
        last = next(iter(self._catalog.recents), "") or self._usual
        return self._known(ModelRef(last)) if last else Answerer(problem=self._nobody(), waits=not self._has_list)

    def named(self, typed: str) -> Answerer:
        """Return the model for a name that a person typed.

        A complete id is used even if it is not in the list: the list may be outdated.
        """
        found = self._look_up(typed)
        if isinstance(found, Model):
            return Answerer(model=ModelRef(found.id))
        if is_whole_id(typed):
            return self._known(ModelRef(normal_id(typed)))
        return Answerer(wanted=typed, problem=found, waits=not self._catalog.is_fresh)

    def resolve(self, typed: str) -> ModelRef:
        """Resolve a name to a listed model; raises ``AppError`` with possible ids."""
        return ModelRef(self._catalog.resolve(typed).id)

    def is_ambiguous(self, typed: str) -> bool:
        """Return whether a name matches several listed models."""
        return fits_several(typed, {m.id: m for m in self._catalog.models})

    @property
    def _has_list(self) -> bool:
        return self._catalog.fetched_at is not None

    def _known(self, model: ModelRef) -> Answerer:
        if self._catalog.get(model.id) is not None:
            return Answerer(model=model)
        if "/" not in model.id:  # an earlier version saved names as ids
            return self.named(model.id)
        if not self._has_list:
            return Answerer(model=model)
        return Answerer(model=model, notice=f"{model} is not in the catalogue: the service may refuse it")

    def _look_up(self, typed: str) -> Model | Problem:
        """Resolve a name, cached per state of the list: the status line asks ten times per second."""
        key = (typed, self._catalog.fetched_at, self._catalog.problem)
        if key not in self._found:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            try:
                self._found[key] = self._catalog.resolve(typed)
            except AppError as trouble:
                self._found[key] = trouble.problem
        return self._found[key]

    def _nobody(self) -> Problem:
        sections = self._catalog.cards()
        return Problem(
            kind=ErrorKind.USAGE,
            title="No model was chosen yet",
            detail=" · ".join(f"{s.title}: {s.models[0].id}" for s in sections),
            hint="Press Ctrl+L to choose one",
            suggestions=tuple(dict.fromkeys(s.models[0].id for s in sections)),
        )


def undecided(chat: ConversationBase) -> tuple[Message, ...]:
    """Return the answers, by lane, if the conversation ends with a comparison of which none was kept.

    The head is one of them, but that does not choose a model.
    """
    head = chat.tree.get(chat.conversation.head)
    if chat.conversation.model is not None or head is None or not head.batch or head.role is not Role.ASSISTANT:
        return ()
    lanes = chat.tree.lanes(head.batch, head.id)
    return lanes if len(lanes) > 1 else ()


def go_on_with(chat: ConversationBase, model: ModelRef) -> bool:
    """Continue with a model; if the conversation ends with a comparison, keep that model's answer.

    Returns whether a different answer is shown now.
    """
    own = [m for m in undecided(chat) if m.model == model]
    head = chat.conversation.head
    kept = head if not own or head in {m.id for m in own} else own[0].id
    chat.wanted = ""
    chat.update(model=model, head=kept)
    return kept != head


def _undecided(chat: ConversationBase) -> Problem:
    lanes = tuple(dict.fromkeys(str(m.model) for m in undecided(chat)))
    before = tuple(str(m.model) for m in reversed(chat.thread) if m.role is Role.ASSISTANT and m.model and not m.batch)
    asked = f"{', '.join(lanes[:-1])} and {lanes[-1]}" if len(lanes) > 1 else lanes[0]
    return Problem(
        kind=ErrorKind.UNKNOWN_MODEL,
        title="No answer of this comparison was kept",
        detail=f"{asked} {'were' if len(lanes) > 1 else 'was'} asked: who goes on?",
        hint="Press Ctrl+L to choose one, or keep an answer with /lanes and Enter",
        suggestions=tuple(dict.fromkeys((*lanes, *before[:1]))),
    )


def answered_by(catalog: Catalog, asked: str, served: str) -> str:
    """Return the display name of the model that answered, with the requested one if it differs."""
    name = catalog.name_of(asked)
    if not served or is_same_model(asked, served, catalog.get(asked)):
        return name
    other = catalog.name_of(served)
    return name if other == name else f"{other} (asked: {name})"


def with_suggestions(problem: Problem, asked: str, catalog: Catalog) -> Problem:
    """Add the nearest catalogue ids to a model problem. Does no I/O.

    For a listed model, or a name without close matches, models of the same author come first.
    """
    if problem.kind not in ABOUT_MODELS or problem.suggestions or not asked or not catalog.models:
        return problem
    try:
        asked = catalog.resolve(asked).id
    except AppError as trouble:
        if near := trouble.problem.suggestions:
            return replace(problem, suggestions=near, hint=f"Did you mean {', '.join(near)}?")
    near = nearest_others(_without_routing(asked), catalog.models)
    return replace(problem, suggestions=near) if near else problem


def _without_routing(model_id: str) -> str:
    base = model_id.partition(PRESET)[0]
    return next((base.removesuffix(s) for s in ROUTING_SUFFIXES if base.endswith(s)), base)
