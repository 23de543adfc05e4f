"""Chooses models and providers on the chat screen: picker, typed names, recent models, routing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from tui_router.domain.account import Endpoint
from tui_router.domain.context_window import thread_tokens
from tui_router.domain.model import Model, normal_id
from tui_router.domain.model_names import is_whole_id
from tui_router.domain.options import EFFORTS
from tui_router.domain.problem import AppError, ErrorKind, Problem, misuse
from tui_router.domain.routing import Routing, slug_for
from tui_router.services.chat import Chat
from tui_router.services.core import Core
from tui_router.services.endpoints import Serving
from tui_router.services.model_resolution import Answerer
from tui_router.ui.host import Host
from tui_router.ui.screens.chat.presenter import ConversationPresenter
from tui_router.ui.screens.dialogs import ChoiceDialog
from tui_router.ui.screens.models import ModelsScreen, PickerFacts
from tui_router.ui.screens.providers import ProvidersScreen
from tui_router.ui.screens.search_dialog import ActionRow
from tui_router.ui.widgets.model_details import Endpoints
from tui_router.ui.widgets.model_entries import LineUp

Use = Callable[[str], None]
"""Called with the id of a model."""
_PICK = "pick"
_ROUTING_WORDS = ("only", "not", "first")


class ModelChooser:
    """Opens the model picker, and offers shortcuts past it."""

    def __init__(self, core: Core, host: Host, presenter: ConversationPresenter) -> None:
        self._core = core
        self._host = host
        self._presenter = presenter
        self.resolver = ModelResolver(core, host, self.pick)

    def pick(self, use: Callable[[str], None], query: str = "") -> None:
        """Open the picker for one model."""

        def chosen(ids: tuple[str, ...] | None) -> None:
            if ids:
                use(ids[0])

        self._open(self._facts(query), chosen)

    def pick_several(
        self, use: Callable[[tuple[str, ...]], None], line_up: tuple[str, ...] = (), draft_tokens: int = 0
    ) -> None:
        """Open the picker for the models of a comparison; ``draft_tokens`` counts towards the cost per question."""

        def chosen(ids: tuple[str, ...] | None) -> None:
            if ids:
                use(ids)

        chat = self._presenter.chat
        tokens = thread_tokens(chat.thread, chat.conversation.system) + draft_tokens
        self._open(replace(self._facts("", many=True, line_up=line_up), question_tokens=tokens), chosen)

    def use(self, model_id: str) -> None:
        """Use a model for the next turn and say so."""
        self._presenter.set_model(model_id)
        model = self._core.catalog.get(model_id)
        note = ""
        if model is not None and model.expires is not None:
            gone = model.expires <= date.today()
            note = f" · {'was to end' if gone else 'ends'} on {model.expires:%d %b %Y}"
        self._host.tell(f"{self._presenter.name_of(model_id)} answers from now on{note}")

    def choose_missing(self, who: Answerer) -> None:
        """Choose a model for this conversation, which has none yet."""
        chat = self._presenter.chat
        self.resolver.resolve_missing(who, lambda model_id: self._use_in(chat, model_id))

    def use_named(self, typed: str) -> None:
        """Use the model of a typed name in this conversation, and no other until it is found."""
        chat = self._presenter.chat
        chat.wanted = typed
        self.resolver.resolve(typed, lambda model_id: self._use_in(chat, model_id))

    def _use_in(self, chat: Chat, model_id: str) -> None:
        """Use a model unless another conversation is in view by now."""
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
        """Show the providers of a model (default: the current one), to pin or ban them in this conversation."""
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
        """Return the next reasoning effort the model offers; empty when it offers none."""
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


class ModelResolver:
    """Resolves typed names to models, asking when a name is ambiguous. ``pick`` opens the picker with a query."""

    def __init__(self, core: Core, host: Host, pick: Callable[[Use, str], None]) -> None:
        self._core = core
        self._host = host
        self._pick = pick

    def resolve(self, typed: str, use: Use) -> None:
        """Call ``use`` with the model of a typed name; raises ``AppError`` for an empty one."""
        try:
            found = self._core.identity.resolve(typed).id
        except AppError as trouble:
            if trouble.problem.kind is not ErrorKind.UNKNOWN_MODEL or not typed.strip():
                raise
            self._not_found(trouble.problem, typed, use)
        else:
            use(found)

    def resolve_all(self, typed: Sequence[str], use: Callable[[tuple[str, ...]], None]) -> None:
        """Call ``use`` with the models of several names, asking about ambiguous ones in turn.

        Raises ``AppError`` when a fresh catalogue lacks one: it is corrected where all of them were typed.
        """
        found: list[str] = []
        identity = self._core.identity
        if self._core.catalog.is_fresh:
            for name in typed:
                if not identity.is_ambiguous(name):
                    identity.resolve(name)

        def next_name(model_id: str) -> None:
            found.append(model_id)
            step()

        def step() -> None:
            if len(found) < len(typed):
                self.resolve(typed[len(found)], next_name)
            else:
                use(tuple(found))

        step()

    def resolve_missing(self, who: Answerer, use: Use) -> None:
        """Choose a model where a conversation has none, by its wanted name or with the picker."""
        if who.problem is None:
            return
        if who.wanted:
            self._not_found(who.problem, who.wanted, use)
        elif who.problem.kind is ErrorKind.UNKNOWN_MODEL:
            self._ask(who.problem, "", use)
        else:
            self._pick(use, "")
            self._host.tell(who.problem.title)

    def _not_found(self, problem: Problem, typed: str, use: Use) -> None:
        catalog = self._core.catalog
        if catalog.is_fresh:
            self._ask(problem, typed, use)
            return
        known = bool(catalog.models)
        self._host.tell(f"Looking for {typed}…" if known else f"The catalogue is not here yet: looking for {typed}…")
        self._host.work(
            lambda: catalog.refresh(unless_fresh=True),
            lambda _: self._resolve_again(typed, use),
            lambda _: self._resolve_again(typed, use),
        )

    def _resolve_again(self, typed: str, use: Use) -> None:
        """Look again in the refreshed catalogue."""
        try:
            found = self._core.identity.resolve(typed).id
        except AppError as trouble:
            self._ask(trouble.problem, typed, use)
        else:
            use(found)

    def _ask(self, problem: Problem, typed: str, use: Use) -> None:
        if not problem.suggestions:
            self._host.tell_problem(problem)
            return
        rows = [ActionRow(id=i, text=self._core.catalog.name_of(i), detail=i) for i in problem.suggestions]
        if is_whole_id(typed):
            own = normal_id(typed)
            rows.append(ActionRow(id=own, text=f"{own} anyway", detail="the list may lack it"))
        rows.append(ActionRow(id=_PICK, text="Another model…", key="o"))

        def chosen(model_id: str | None) -> None:
            if model_id == _PICK:
                self._pick(use, typed)
            elif model_id:
                use(model_id)

        self._host.show_screen(ChoiceDialog(problem.title, rows, problem.detail), chosen)


def set_providers(presenter: ConversationPresenter, serving: Serving, host: Host, words: str) -> None:
    """Pin (``only a, b``), ban (``not a, b``), try first (``a, b``) or clear (``none``) providers.

    Names are looked up among the endpoints of the current model, fetched first if unknown. Raises ``AppError``.
    """
    way, _, rest = words.strip().partition(" ")
    way, names = (way.lower(), rest) if way.lower() in _ROUTING_WORDS else ("first", words)
    if names.strip().lower() in ("none", "off"):
        _apply_routing(presenter, serving, host, Routing() if way == "first" else _changed_routing(presenter, way, ()))
        return
    typed = [name.strip() for name in names.split(",") if name.strip()]
    if not typed:
        raise misuse("No provider was named", f"Try /provider {way} anthropic, or /provider to see who serves")
    model_id = presenter.model_id

    def done(endpoints: Sequence[Endpoint]) -> None:
        slugs = tuple(dict.fromkeys(slug_for(name, endpoints) for name in typed))
        _apply_routing(presenter, serving, host, _changed_routing(presenter, way, slugs))

    known = serving.known(model_id)
    if known or not model_id:
        done(known)
    else:
        host.work(lambda: serving.endpoints(model_id), done, lambda _: done(()))


def _changed_routing(presenter: ConversationPresenter, way: str, slugs: tuple[str, ...]) -> Routing:
    now = Routing.of(presenter.chat.conversation.options)
    if way == "only":
        return replace(now, only=slugs, ignore=tuple(s for s in now.ignore if s not in slugs))
    if way == "not":
        return replace(now, ignore=slugs, only=tuple(s for s in now.only if s not in slugs))
    return replace(now, order=slugs)


def _apply_routing(presenter: ConversationPresenter, serving: Serving, host: Host, routing: Routing) -> None:
    words = presenter.set_routing(routing).words(serving.name_of)
    host.tell(f"Providers: {words}, in this conversation" if words else "Any provider: the service chooses")
