"""What the chat shows when the app starts, and the checks that run in the background meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui_router.domain.catalog_diff import Changes
from tui_router.domain.draft import to_type
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.services.account import Checked
from tui_router.services.library import Returning
from tui_router.services.welcome import CatalogueNews, welcome
from tui_router.ui.screens.chat.controller import ChatController

if TYPE_CHECKING:
    from tui_router.services.startup import Services
    from tui_router.ui.screens.chat.launch_options import LaunchOptions


_DEMO = (
    "This is the offline demo: a server on this machine gives canned answers, with no model and no network.",
    "Ask about keys, comparing or costs for a tour. Its models are called demo/…; Ctrl+L lists them.",
)


def open_first(controller: ChatController, services: Services, options: LaunchOptions) -> None:
    """Apply the launch options, greet, and refresh catalogue and key in the background."""
    core = controller.core
    returning = core.library.returning()
    past = controller.prompt.browser.history
    for text in core.library.history.entries():
        past.add(text)
    past.on_add = controller.drafts.remember
    # A bad option is reported; the rest of the start goes on.
    controller.guard(lambda _: _open_conversation(controller, options))
    if options.model:
        controller.guard(lambda _: controller.models.use_named(options.model))
    if options.text:
        controller.prompt.load(to_type(options.text))
    core.notices.subscribe(lambda problem: controller.host.soon(lambda: controller.host.tell_problem(problem)))
    if len(controller.presenter.chat.tree) == 0:
        _greet(controller, services, returning)
    _check_key(controller, services)
    core.settle_behind()
    core.catalog.refresh_behind(lambda news: controller.host.soon(lambda: _catalogue_came(controller, services, news)))
    if services.preferences.current.look.sidebar:
        controller.overlays.toggle_sidebar()
    if options.compare:
        controller.host.run_id("compare.start", ", ".join(options.compare))
    controller.refresh()


def _open_conversation(controller: ChatController, options: LaunchOptions) -> None:
    if options.resume:
        controller.open(options.resume)
    else:
        controller.drafts.restore()


def _greet(controller: ChatController, services: Services, returning: Returning) -> None:
    """Show the model, what is unfinished and, without a key, how to sign in."""
    core = controller.core
    if services.is_demo:
        controller.cards.note(*_DEMO)
    who = core.identity.of(controller.presenter.chat)
    has_key = core.account.find() is not None
    found = welcome(
        returning,
        key="" if services.is_demo or not has_key else core.account.where(),
        model_notice=who.problem.sentence() if who.problem and who.wanted and not who.waits else who.notice,
    )
    controller.cards.note(*found.lines)
    controller.cards.offer(found.offers)
    if not has_key:
        controller.cards.show_sign_in()
    elif core.catalog.is_fresh and not core.catalog.recents:
        controller.cards.show_models()


def _check_key(controller: ChatController, services: Services) -> None:
    if controller.core.account.find() is None:
        return

    def checked(answer: Checked) -> None:
        if not services.is_demo and not len(controller.presenter.chat.tree):
            controller.cards.note(answer.sentence)
        controller.refresh()

    def failed(problem: Problem) -> None:
        if problem.kind in (ErrorKind.BAD_KEY, ErrorKind.NO_CREDIT):
            controller.host.tell_problem(problem)

    controller.host.work(controller.core.account.check, checked, failed)


def _catalogue_came(controller: ChatController, services: Services, news: Changes | Problem) -> None:
    core = controller.core
    if isinstance(news, Problem):
        if not core.catalog.models:
            controller.host.tell_problem(news)
        return
    mine = {*core.catalog.favourites, *core.catalog.recents, services.preferences.current.chat.model} - {""}
    sentence = CatalogueNews(core.state, lambda: datetime.now(UTC)).tell(core.catalog.models, mine)
    controller.cards.note(sentence)
    if not (len(controller.presenter.chat.tree) or core.catalog.recents) and core.account.find() is not None:
        controller.cards.show_models()
    controller.refresh()
