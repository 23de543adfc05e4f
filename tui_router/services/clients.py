"""HTTP clients, one for each key and address, and the rate limiter of the active key."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from tui_router.domain.events import Queued
from tui_router.domain.secret import Secret, fingerprint
from tui_router.domain.settings import Settings
from tui_router.openrouter.cancel import Cancel
from tui_router.openrouter.client import OpenRouter
from tui_router.openrouter.retry import RetryPolicy
from tui_router.openrouter.transport import AppIdentity, Timeouts
from tui_router.services.account import Account
from tui_router.services.app_state import AppState
from tui_router.services.rate_limiter import RateLimits, Slot
from tui_router.services.rate_tier import Tier
from tui_router.storage.paths import AppPaths
from tui_router.storage.rate import RateFile


class KeyGate:
    """The rate limiter of the key that is active when a request starts."""

    def __init__(self, limits: RateLimits, account: Account) -> None:
        self._limits = limits
        self._account = account

    def acquire(self, cancel: Cancel, notify: Callable[[Queued], None], *, is_free: bool = False) -> Slot | None:
        """Wait for a slot of that key; ``None`` when cancelled. ``is_free``: the request is for a free model."""
        found = self._account.find()
        name = fingerprint(found.secret) if found else "none"
        return self._limits.of(name).acquire(cancel, notify, is_free=is_free)


def shared_limits(
    paths: AppPaths, settings: Callable[[], Settings], account: Account, app_state: AppState
) -> RateLimits:
    """Return limits that hold over all processes of a configuration folder, at the tier of the key in use."""
    tier = Tier(setting=lambda: settings().network.tier, account=account, app_state=app_state)
    return RateLimits(tier.limit, exchange=lambda name: RateFile(paths.rate, name), close=tier.close)


class Clients:
    """One client for each key and address, rebuilt when the network settings change."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._made: dict[tuple[object, ...], OpenRouter] = {}

    def get(self, key: Secret | None, base_url: str) -> OpenRouter:
        """Return the client for a key and an address; raises ``AppError`` if either is invalid."""
        settings = self._settings()
        name = (key, base_url, replace(settings.network, base_url=base_url), settings.log.content)
        with self._lock:
            client = self._made.get(name)
            if client is None:
                client = self._made[name] = _client(key, base_url, settings)
            return client

    def apart(self, key: Secret | None, base_url: str) -> OpenRouter:
        """Return a separate client that the caller closes after use; raises ``AppError``.

        Closing a shared client would break the requests of others.
        """
        return _client(key, base_url, self._settings())

    def close(self) -> None:
        """Close idle connections."""
        with self._lock:
            made, self._made = list(self._made.values()), {}
        for client in made:
            client.close()


def _client(key: Secret | None, base_url: str, settings: Settings) -> OpenRouter:
    network = settings.network
    return OpenRouter(
        key,
        base_url=base_url,
        retry=RetryPolicy(
            max_retries=network.max_retries,
            initial_delay=network.initial_delay,
            max_delay=network.max_delay,
            multiplier=network.multiplier,
        ),
        timeouts=Timeouts(connect=network.connect_timeout, read=network.read_timeout),
        proxy=network.proxy,
        ca_bundle=network.ca_bundle,
        app=AppIdentity(referer=network.referer, title=network.title, categories=network.categories),
        log_content=settings.log.content,
    )
