"""Remembers, for all processes, that the free requests of the day are used up, so that none is sent in vain.

The service counts free requests by day and says with each key check how many are left. Without that word nothing is
known, and a request is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tui_router.domain.account import KeyInfo
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.secret import Secret, fingerprint
from tui_router.services.app_state import StateStore

_NOTE = "free_used_up"


class FreeRequests:
    """Until when a key has no free request left. Thread-safe."""

    def __init__(self, app_state: StateStore, now: Callable[[], datetime]) -> None:
        self._app_state = app_state
        self._now = now

    def learn(self, secret: Secret, info: KeyInfo) -> None:
        """Note what the service said of a key just now."""
        key, now = fingerprint(secret), self._now()
        if info.free_left is None or (info.free_left > 0 and key not in self._notes()):
            return
        until = _reset_after(now).timestamp() if info.free_left <= 0 else 0.0

        def note(notes: Any) -> dict[str, float]:
            kept = {k: v for k, v in _valid(notes).items() if v > now.timestamp() and k != key}
            return kept | ({key: until} if until else {})

        self._app_state.change(_NOTE, note)

    def refusal(self, secret: Secret, model: str) -> Problem | None:
        """Return why a free model need not be asked with a key; ``None`` if it may answer."""
        now = self._now()
        left = self._notes().get(fingerprint(secret), 0.0) - now.timestamp()
        if left <= 0:
            return None
        minutes = int(left // 60) + 1
        wait = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
        return Problem(
            kind=ErrorKind.RATE_LIMIT,
            title="No free request is left today",
            detail=f"{model} was not asked: OpenRouter counts free requests anew at 00:00 UTC, in {wait}",
            hint=(
                "Pick a paid model. Buying 10 credits once raises the limit to 1000 a day; "
                "after that, run tui-router keys check"
            ),
            retry_after=left,
        )

    def _notes(self) -> dict[str, float]:
        return _valid(self._app_state.get(_NOTE, {}))


def _valid(notes: Any) -> dict[str, float]:
    found = notes.items() if isinstance(notes, dict) else ()
    return {str(k): float(v) for k, v in found if isinstance(v, int | float)}


def _reset_after(now: datetime) -> datetime:
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=1)
