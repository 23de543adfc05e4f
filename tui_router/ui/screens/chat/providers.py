"""``/provider`` with words: which providers may serve this conversation, by name or by slug."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tui_router.domain.account import Endpoint
from tui_router.domain.problem import misuse
from tui_router.domain.routing import Routing, slug_for
from tui_router.services.serving import Serving
from tui_router.ui.host import Host
from tui_router.ui.screens.chat.presenter import ConversationPresenter

_WAYS = ("only", "not", "first")


def set_providers(presenter: ConversationPresenter, serving: Serving, host: Host, words: str) -> None:
    """Pin (``only a, b``), ban (``not a, b``), try first (``a, b``) or forget (``none``). Raises ``Trouble``.

    Names are looked up in the table of the present model, which is asked for where it was not seen yet.
    """
    way, _, rest = words.strip().partition(" ")
    way, names = (way.lower(), rest) if way.lower() in _WAYS else ("first", words)
    if names.strip().lower() in ("none", "off"):
        _keep(presenter, serving, host, Routing() if way == "first" else _with(presenter, way, ()))
        return
    typed = [name.strip() for name in names.split(",") if name.strip()]
    if not typed:
        raise misuse("No provider was named", f"Try /provider {way} anthropic, or /provider to see who serves")
    model_id = presenter.model_id

    def done(endpoints: Sequence[Endpoint]) -> None:
        slugs = tuple(dict.fromkeys(slug_for(name, endpoints) for name in typed))
        _keep(presenter, serving, host, _with(presenter, way, slugs))

    known = serving.known(model_id)
    if known or not model_id:
        done(known)
    else:
        host.work(lambda: serving.endpoints(model_id), done, lambda _: done(()))


def _with(presenter: ConversationPresenter, way: str, slugs: tuple[str, ...]) -> Routing:
    now = Routing.of(presenter.chat.conversation.options)
    if way == "only":
        return replace(now, only=slugs, ignore=tuple(s for s in now.ignore if s not in slugs))
    if way == "not":
        return replace(now, ignore=slugs, only=tuple(s for s in now.only if s not in slugs))
    return replace(now, order=slugs)


def _keep(presenter: ConversationPresenter, serving: Serving, host: Host, routing: Routing) -> None:
    words = presenter.set_routing(routing).words(serving.name_of)
    host.tell(f"Providers: {words}, in this conversation" if words else "Any provider: the service chooses")
