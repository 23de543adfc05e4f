"""OpenRouter API client: the only package that knows httpx and OpenRouter's JSON.

``client`` turns requests into domain events and values. The parsers (``sse``, ``answer_reader``, ``resources``,
``server_errors``) are pure and accept anything a server may send; only ``transport`` opens connections and imports
httpx, on first use. Library use: ``from tui_router.openrouter import OpenRouter, RetryPolicy``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tui_router.openrouter.cancel import Cancel as Cancel
    from tui_router.openrouter.client import OpenRouter as OpenRouter
    from tui_router.openrouter.retry import RetryPolicy as RetryPolicy
    from tui_router.openrouter.transport import AppIdentity as AppIdentity
    from tui_router.openrouter.transport import Timeouts as Timeouts

_MODULES = {
    "AppIdentity": "transport",
    "Cancel": "cancel",
    "OpenRouter": "client",
    "RetryPolicy": "retry",
    "Timeouts": "transport",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, which keeps importing the package cheap."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # needed by library users only

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
