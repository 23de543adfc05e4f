"""How we speak to OpenRouter: the only room that knows httpx and the JSON of the wire.

Bytes come in at ``client``, domain events and values go out; nothing here knows a screen, a file or
a database. Readers (``sse``, ``chunks``, ``catalog``, ``account``, ``problems``) are pure and take
whatever a server may send; only ``transport`` opens connections, and httpx is imported when the
first one is built. As a library: ``from tui_router.openrouter import OpenRouter, RetryPolicy``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tui_router.openrouter.cancel import Cancel as Cancel
    from tui_router.openrouter.client import OpenRouter as OpenRouter
    from tui_router.openrouter.retry import RetryPolicy as RetryPolicy
    from tui_router.openrouter.transport import AppIdentity as AppIdentity
    from tui_router.openrouter.transport import Timeouts as Timeouts

_HOMES = {
    "AppIdentity": "transport",
    "Cancel": "cancel",
    "OpenRouter": "client",
    "RetryPolicy": "retry",
    "Timeouts": "transport",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that the package itself costs nothing to import."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # only for the library's short names

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
