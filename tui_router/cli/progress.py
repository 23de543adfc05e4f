"""Turns run on threads, and what the reader of a shell sees while they do."""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from tui_router.cli.output import say
from tui_router.domain.events import Cancelled, Event, Failed, Finished, Queued, Retrying, TextDelta
from tui_router.services.turn import Turn

Putter = Callable[[Event], None]


class Watcher:
    """Runs turns to their ends; everything is printed from the thread that calls ``run``.

    Args:
        turns: What runs.
        on_text: Told every piece of every answer.
        on_end: Told each turn as it ends, its answer saved.
    """

    def __init__(
        self, turns: Sequence[Turn], *, on_text: Callable[[str], None], on_end: Callable[[Turn], None]
    ) -> None:
        self._turns = turns
        self._on_text = on_text
        self._on_end = on_end
        self._events: queue.SimpleQueue[tuple[Turn, Event]] = queue.SimpleQueue()
        self._running = set(turns)
        self._places: dict[str, Queued] = {}

    def run(self) -> bool:
        """Return once all have ended; ``True`` when Ctrl+C or a signal stopped them.

        Raises ``BrokenPipeError`` when the reader left; what came by then is saved, as always.
        """
        with signals_interrupt():
            try:
                for turn in self._turns:
                    worker = threading.Thread(target=turn.run, args=(self._putter(turn),), daemon=True)
                    worker.start()
                self._watch()
            except KeyboardInterrupt:
                self._stop()
                return True
            except BrokenPipeError:
                self._on_end = lambda turn: None
                self._stop()
                raise
        return False

    def _stop(self) -> None:
        for turn in self._turns:
            turn.cancel()
        self._on_text = lambda text: None
        self._watch()

    def _putter(self, turn: Turn) -> Putter:
        return lambda event: self._events.put((turn, event))

    def _watch(self) -> None:
        while self._running:
            turn, event = self._events.get()
            if isinstance(event, Finished | Failed | Cancelled):
                self._running.discard(turn)
                self._on_end(turn)
            elif isinstance(event, TextDelta):
                self._on_text(event.text)
            else:
                self._say(turn, event)

    def _say(self, turn: Turn, event: Event) -> None:
        who = f"{turn.parts.request.model}: " if len(self._turns) > 1 else ""
        if isinstance(event, Retrying):
            wait = max(1, round(event.wait))
            say(f"{who}{event.problem.title}, again in {wait} s (retry {event.attempt} of {event.of})")
        elif isinstance(event, Queued):
            self._say_place(who, turn, event)

    def _say_place(self, who: str, turn: Turn, queued: Queued) -> None:
        """Say where a request stands: when its place changes, and when the wait gets longer than was said."""
        said = self._places.get(turn.id)
        if said is None or said.place != queued.place or (queued.wait or 0.0) > (said.wait or 0.0) + 1:
            say(f"{who}{queued.words}")
            self._places[turn.id] = queued


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end what runs as Ctrl+C does, so that what came is saved and said."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [(n, signal.signal(n, signal.default_int_handler)) for n in numbers if signal.getsignal(n) is not None]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
