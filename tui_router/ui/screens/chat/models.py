"""Choosing who answers, from the chat screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from tui_router.domain.account import Endpoint
from tui_router.domain.model import Model
from tui_router.domain.options import EFFORTS
from tui_router.domain.routing import Routing
from tui_router.domain.window import thread_tokens
from tui_router.services.chat import Chat
from tui_router.services.core import Core
from tui_router.services.identity import Answerer
from tui_router.ui.host import Host
from tui_router.ui.screens.chat.naming import ModelResolver
from tui_router.ui.screens.chat.presenter import ConversationPresenter
from tui_router.ui.screens.models import ModelsScreen, PickerFacts
from tui_router.ui.screens.providers import ProvidersScreen
from tui_router.ui.widgets.model_details import Endpoints
from tui_router.ui.widgets.model_entries import LineUp


class ModelChooser:
    """The picker, and the quick ways around it."""

    def __init__(self, core: Core, host: Host, presenter: ConversationPresenter) -> None:
        self._core = core
        self._host = host
        self._presenter = presenter
        self.resolver = ModelResolver(core, host, self.pick)

    def pick(self, use: Callable[[str], None], query: str = "") -> None:
        """Let the person choose a model."""

        def chosen(ids: tuple[str, ...] | None) -> None:
            if ids:
                use(ids[0])

        self._open(self._facts(query), chosen)

    def pick_several(
        self, use: Callable[[tuple[str, ...]], None], line_up: tuple[str, ...] = (), draft_tokens: int = 0
    ) -> None:
        """Let the person choose a line-up for a comparison; what one question costs it counts with the draft."""

        def chosen(ids: tuple[str, ...] | None) -> None:
            if ids:
                use(ids)

        chat = self._presenter.chat
        tokens = thread_tokens(chat.thread, chat.conversation.system) + draft_tokens
        self._open(replace(self._facts("", many=True, line_up=line_up), question_tokens=tokens), chosen)

    def use(self, model_id: str) -> None:
        """Let a model answer the next turn."""
        self._presenter.set_model(model_id)
        model = self._core.catalog.get(model_id)
        note = ""
        if model is not None and model.expires is not None:
            gone = model.expires <= date.today()
            note = f" · {'was to end' if gone else 'ends'} on {model.expires:%d %b %Y}"
        self._host.tell(f"{self._presenter.name_of(model_id)} answers from now on{note}")

    def settle(self, who: Answerer) -> None:
        """Find out who is to answer in this conversation, where nobody can be asked yet."""
        chat = self._presenter.chat
        self.resolver.settle(who, lambda model_id: self._use_in(chat, model_id))

    def wish(self, typed: str) -> None:
        """Let the model of a name answer in this conversation: nobody else, however long it takes to find it."""
        chat = self._presenter.chat
        chat.wanted = typed
        self.resolver.named(typed, lambda model_id: self._use_in(chat, model_id))

    def _use_in(self, chat: Chat, model_id: str) -> None:
        """Another conversation may be in view by now: its model is not changed."""
        if self._presenter.chat is chat:
            self.use(model_id)

    def cycle(self, step: int) -> None:
        """Switch to the next or previous recent or favourite model."""
        model_id = self._core.catalog.step(self._presenter.model_id, step)
        if model_id is None:
            self._host.tell("No other recent model yet: Ctrl+L chooses one")
        else:
            self.use(model_id)

    def show_providers(self, model_id: str = "", changed: Callable[[Routing], None] = lambda _: None) -> None:
        """Show who serves a model (the present one), to pin or ban them in this conversation."""
        wanted = model_id or self._presenter.model_id

        def change(routing: Routing) -> Routing:
            kept = self._presenter.set_routing(routing)
            changed(kept)
            return kept

        name_of = self._core.catalog.serving.name_of
        routing = Routing.of(self._presenter.chat.options_in_force())
        screen = ProvidersScreen(self._presenter.name_of(wanted), routing, change=change, name_of=name_of)
        self._host.show_screen(screen)
        self._fetch_endpoints(wanted, screen.show_endpoints)

    def next_effort(self) -> str:
        """Return the effort after the one in force, of those that the model offers; empty for none."""
        model = self._core.catalog.get(self._presenter.model_id)
        ability = model.reasoning if model else None
        offered = [e for e in EFFORTS if ability is None or e in ability.efforts or not ability.efforts]
        if ability is not None and ability.mandatory:
            offered = [e for e in offered if e != "none"]
        now = self._presenter.chat.options_in_force().reasoning_effort
        return offered[(offered.index(now) + 1) % len(offered)] if now in offered else (offered or [""])[0]

    def _open(self, facts: PickerFacts, chosen: Callable[[tuple[str, ...] | None], None]) -> None:
        catalog = self._core.catalog

        def fetch(model_id: str) -> None:
            self._fetch_endpoints(model_id, lambda found: screen.show_endpoints(model_id, found))

        def star(model_id: str) -> None:
            self._core.writes.put(lambda: catalog.toggle_favourite(model_id))

        screen = ModelsScreen(facts, star=star, want_endpoints=fetch, want_providers=self.show_providers)
        self._host.show_screen(screen, chosen)
        if not facts.models or not catalog.is_fresh:
            self._host.work(catalog.refresh, lambda _: screen.show_models(catalog.chat_models), lambda _: None)

    def _fetch_endpoints(self, model_id: str, show: Callable[[Endpoints], None]) -> None:
        serving = self._core.catalog.serving

        def done(found: tuple[Endpoint, ...]) -> None:
            show(found)
            self._host.work(lambda: serving.with_policies(model_id), show, lambda _: None)

        self._host.work(lambda: serving.endpoints(model_id), done, show)

    def _facts(self, query: str, *, many: bool = False, line_up: tuple[str, ...] = ()) -> PickerFacts:
        catalog = self._core.catalog
        models: tuple[Model, ...] = catalog.chat_models
        return PickerFacts(
            models=models,
            today=date.today(),
            current=self._presenter.model_id,
            favourites=catalog.favourites,
            recent=catalog.recents,
            query=query,
            many=many,
            line_up=line_up,
            line_ups=tuple(LineUp(n.name, tuple(n.models)) for n in self._core.lineups.named()) if many else (),
            routing=Routing.of(self._presenter.chat.options_in_force()),
            note=self._age(),
        )

    def _age(self) -> str:
        at = self._core.catalog.fetched_at
        if at is None or self._core.catalog.is_fresh:
            return ""
        return f"list of {at.astimezone():%d %b %H:%M}"
