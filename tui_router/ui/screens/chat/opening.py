"""The first minute: what is shown when the app opens, and what is asked of the service behind it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui_router.domain.draft import to_type
from tui_router.domain.problem import Kind, Problem
from tui_router.domain.radar import Changes
from tui_router.services.account import Checked
from tui_router.services.library import Returning
from tui_router.services.welcome import CatalogueNews, welcome
from tui_router.ui.screens.chat.room import Room

if TYPE_CHECKING:
    from tui_router.services.wiring import Services
    from tui_router.ui.screens.chat.wish import Opening


_DEMO = (
    "This is the offline demo: a stand-in on this machine answers, no model is behind it, nothing leaves here.",
    "Ask about keys, comparing or costs for a tour. Its models are called demo/…; Ctrl+L lists them.",
)


def open_first(room: Room, services: Services, opening: Opening) -> None:
    """Open what was asked for, say what there is to say, and bring catalogue and key up to date behind it."""
    core = room.core
    returning = core.library.returning()
    past = room.prompt.past
    for text in core.library.history.entries():
        past.add(text)
    past.on_add = room.drafting.remember
    # A wish that cannot be granted is told; everything else of the start goes on.
    room.guard(lambda _: _open_conversation(room, opening))
    if opening.model:
        room.guard(lambda _: room.models.wish(opening.model))
    if opening.text:
        room.prompt.load(to_type(opening.text))
    core.notices.subscribe(lambda problem: room.host.soon(lambda: room.host.tell_problem(problem)))
    if len(room.talk.chat.tree) == 0:
        _greet(room, services, returning)
    _check_key(room, services)
    core.settle_behind()
    core.catalog.refresh_behind(lambda news: room.host.soon(lambda: _catalogue_came(room, services, news)))
    if services.preferences.current.look.sidebar:
        room.looking.toggle_sidebar()
    if opening.compare:
        room.host.run_id("compare.start", ", ".join(opening.compare))
    room.refresh()


def _open_conversation(room: Room, opening: Opening) -> None:
    if opening.resume:
        room.open(opening.resume)
    else:
        room.drafting.restore()


def _greet(room: Room, services: Services, returning: Returning) -> None:
    """Say who answers, what waits, and without a key how to get one."""
    core = room.core
    if services.is_demo:
        room.cards.note(*_DEMO)
    who = core.identity.of(room.talk.chat)
    has_key = core.account.find() is not None
    found = welcome(
        returning,
        key="" if services.is_demo or not has_key else core.account.where(),
        model_notice=who.problem.sentence() if who.problem and who.wanted and not who.waits else who.notice,
    )
    room.cards.note(*found.lines)
    room.cards.offer(found.offers)
    if not has_key:
        room.cards.show_sign_in()
    elif core.catalog.is_fresh and not core.catalog.recents:
        room.cards.show_models()


def _check_key(room: Room, services: Services) -> None:
    if room.core.account.find() is None:
        return

    def checked(answer: Checked) -> None:
        if not services.is_demo and not len(room.talk.chat.tree):
            room.cards.note(answer.sentence)
        room.refresh()

    def failed(problem: Problem) -> None:
        if problem.kind in (Kind.BAD_KEY, Kind.NO_CREDIT):
            room.host.tell_problem(problem)

    room.host.work(room.core.account.check, checked, failed)


def _catalogue_came(room: Room, services: Services, news: Changes | Problem) -> None:
    core = room.core
    if isinstance(news, Problem):
        if not core.catalog.models:
            room.host.tell_problem(news)
        return
    mine = {*core.catalog.favourites, *core.catalog.recents, services.preferences.current.chat.model} - {""}
    sentence = CatalogueNews(core.state, lambda: datetime.now(UTC)).tell(core.catalog.models, mine)
    room.cards.note(sentence)
    if not (len(room.talk.chat.tree) or core.catalog.recents) and core.account.find() is not None:
        room.cards.show_models()
    room.refresh()
