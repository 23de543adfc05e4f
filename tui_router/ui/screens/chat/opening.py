"""The first minute: what is shown when the app opens, and what is asked of the service behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_router.domain.problem import Problem
from tui_router.domain.radar import Changes
from tui_router.services.account import Checked
from tui_router.ui.screens.chat.room import Room

if TYPE_CHECKING:
    from tui_router.services.wiring import Services
    from tui_router.ui.screens.chat.wish import Opening


def open_first(room: Room, services: Services, opening: Opening) -> None:
    """Open what was asked for, say what there is to say, and bring catalogue and key up to date behind it."""
    core = room.core
    returning = core.library.returning()
    core.library.conversations.purge()
    for text in core.library.history.entries():
        room.prompt.past.add(text)
    _open_conversation(room, opening)
    if opening.model:
        room.talk.set_model(core.catalog.resolve(opening.model).id)
    if opening.text:
        room.prompt.load(opening.text)
    lines = [] if services.is_demo or opening.resume else [returning.sentence]
    room.cards.note(*lines)
    while core.problems:
        room.host.tell_problem(core.problems.pop(0))
    _look_at_key(room, services)
    core.catalog.refresh_behind(lambda news: room.host.soon(lambda: _catalogue_came(room, news)))
    if services.preferences.current.look.sidebar:
        room.looking.toggle_sidebar()
    if opening.compare:
        room.host.run_id("compare.start", ", ".join(opening.compare))
    room.refresh()


def _open_conversation(room: Room, opening: Opening) -> None:
    if opening.resume:
        room.open(opening.resume)
    else:
        saved = room.core.library.draft(None)
        room.drafting.load(saved.draft)
        room.sending.restore(saved.queue)


def _look_at_key(room: Room, services: Services) -> None:
    found = room.core.account.find()
    if found is None:
        if not len(room.talk.chat.tree):
            room.cards.show_sign_in()
        return
    if services.is_demo:
        room.cards.note(
            "This is the offline demo: a stand-in on this machine answers, no model is behind it, nothing leaves here.",
            "Ask about keys, comparing or costs for a tour. Its models are called demo/…; Ctrl+L lists them.",
        )
    elif not len(room.talk.chat.tree):
        room.cards.note(room.core.account.where())

    def checked(answer: Checked) -> None:
        if not services.is_demo and not len(room.talk.chat.tree):
            room.cards.note(answer.sentence)
        room.refresh()

    def failed(problem: Problem) -> None:
        if problem.kind.value in ("bad_key", "no_credit"):
            room.host.tell_problem(problem)

    room.host.work(room.core.account.check, checked, failed)


def _catalogue_came(room: Room, news: Changes | Problem) -> None:
    if isinstance(news, Problem):
        if not room.core.catalog.models:
            room.host.tell_problem(news)
        return
    sentence = room.core.catalog.news(room.talk.model_id)
    if sentence:
        room.cards.note(sentence)
    if not (len(room.talk.chat.tree) or room.core.catalog.recents) and room.core.account.find() is not None:
        room.cards.show_models()
    room.refresh()
