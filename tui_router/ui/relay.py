"""``Relay``: brings the events of turns on worker threads to the UI thread, batched per frame.

``put`` may be called on any thread and costs one lock. The screen receives at most one coalesced batch per turn and
frame. Batches wait longer when painting is slow, and give way to a key that was just pressed. Endings travel through
the same queue as tokens, so they cannot overtake them. Without events no timer runs.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from time import perf_counter, thread_time
from typing import Protocol

from tui_router.domain.events import Cancelled, Event, Failed, Finished
from tui_router.domain.stream import coalesce
from tui_router.services.turn import Turn

_log = logging.getLogger(__name__)

_KEY_GRACE = 0.03
"""Seconds to hold batches back after a key press, until the key is painted."""
_LONGEST_HOLD = 0.12
"""Longest time in seconds that fast typing may hold a batch back."""
_CROWD = 4
"""Number of turns from which the frame rate drops, so that more lanes take no more CPU."""


Show = Callable[[Turn, Sequence[Event]], None]
"""Shows events of a turn. Called on the UI thread."""


class Loop(Protocol):
    """The part of a Textual app that the relay uses. ``call_later`` must be safe on any thread."""

    def call_later(self, callback: Callable[[], None]) -> object:
        """Queue a callback on the UI thread."""
        ...

    def set_timer(self, delay: float, callback: Callable[[], None]) -> object:
        """Run a callback on the UI thread after ``delay`` seconds."""
        ...

    def call_after_refresh(self, callback: Callable[[], None]) -> object:
        """Run a callback after the next frame."""
        ...


class Relay:
    """Runs turns on worker threads and passes their events to ``show`` on the UI thread."""

    def __init__(self, loop: Loop, show: Show, fps: float = 36, crowd_fps: float = 20) -> None:
        self._loop = loop
        self._show = show
        self._frame = 1 / fps
        self._crowd_frame = 1 / crowd_fps
        self._lock = threading.Lock()
        self._pending: dict[Turn, list[Event]] = {}
        self._armed = False
        self._closed = threading.Event()
        self._running: dict[Turn, threading.Thread] = {}
        self._drained_at = 0.0
        self._paint_cost = 0.0
        self._key_at = 0.0
        self._is_held = False

    @property
    def running(self) -> tuple[Turn, ...]:
        """The turns that have not ended."""
        return tuple(self._running)

    def start(self, turn: Turn, after: Callable[[Turn], None] | None = None) -> None:
        """Run a turn on a daemon thread; call ``after`` on that thread once its ending is queued."""

        def work() -> None:
            turn.run(lambda event: self.put(turn, event))
            if after is not None:
                after(turn)

        thread = threading.Thread(target=work, name=f"turn-{turn.id}", daemon=True)
        self._running[turn] = thread
        thread.start()

    def put(self, turn: Turn, event: Event) -> None:
        """Queue an event. Safe on any thread; never blocks."""
        with self._lock:
            self._pending.setdefault(turn, []).append(event)
            if self._armed or self._closed.is_set():
                return
            self._armed = True
        try:
            self._loop.call_later(self._wake)
        except RuntimeError:  # the app has closed; the turn saves its answer itself
            _log.debug("an event arrived after the loop had ended")

    def key_pressed(self) -> None:
        """Hold the next batch back until the key just typed is painted. UI thread."""
        self._key_at = perf_counter()
        self._loop.call_after_refresh(self._key_painted)

    def drain(self) -> None:
        """Show all queued events. UI thread."""
        with self._lock:
            pending, self._pending, self._armed = self._pending, {}, False
        self._is_held = False
        self._drained_at = perf_counter()
        started = thread_time()
        for turn, events in pending.items():
            self._show(turn, coalesce(events))
            if any(isinstance(e, Finished | Failed | Cancelled) for e in events[-2:]):
                self._running.pop(turn, None)
        self._loop.call_after_refresh(lambda: self._painted(started))

    def stop(self, turns: Sequence[Turn] | None = None) -> None:
        """Cancel turns, by default all; their endings arrive as events."""
        for turn in self.running if turns is None else turns:
            turn.cancel()

    def pause(self, seconds: float) -> bool:
        """Sleep on a worker thread; return ``True`` early if the app closes."""
        return self._closed.wait(seconds)

    def close(self, patience: float = 0.8) -> None:
        """Cancel all turns and wait until they are saved, at most ``patience`` seconds in total."""
        self._closed.set()
        threads = list(self._running.values())
        self.stop()
        deadline = perf_counter() + patience
        for thread in threads:
            thread.join(max(0.0, deadline - perf_counter()))

    def _wake(self) -> None:
        frame = self._crowd_frame if len(self._running) >= _CROWD else self._frame
        wait = max(frame, self._paint_cost * 1.5) - (perf_counter() - self._drained_at)
        if wait > 0.001:
            self._loop.set_timer(wait, self._drain_politely)
        else:
            self._drain_politely()

    def _drain_politely(self) -> None:
        now = perf_counter()
        if now - self._key_at < _KEY_GRACE and now - self._drained_at < _LONGEST_HOLD:
            self._is_held = True
            self._loop.set_timer(_KEY_GRACE, self._drain_held)
            return
        self.drain()

    def _key_painted(self) -> None:
        self._key_at = 0.0
        self._drain_held()

    def _drain_held(self) -> None:
        if self._is_held:
            self._drain_politely()

    def _painted(self, started: float) -> None:
        self._paint_cost = thread_time() - started  # CPU time, without the wait for the frame
