"""Stopping a request from another thread, at once and in every state.

Closing an httpx response does not wake a thread that is blocked reading it; only shutting the
socket down does. The socket is held as a duplicate of its descriptor: TLS takes the original object
apart, and a descriptor of our own can never be the number of somebody else's file.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class Cancel:
    """Says "stop" to one turn. Safe from any thread; saying it twice changes nothing."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._wakers: list[Callable[[], None]] = []

    @property
    def is_set(self) -> bool:
        """True once cancelled."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Set the flag, wake every wait, shut the sockets down."""
        self._event.set()
        with self._lock:
            wakers = tuple(self._wakers)
        for wake in wakers:
            wake()

    def wait(self, seconds: float) -> bool:
        """Sleep, but not past a cancel; returns True when cancelled."""
        return self._event.wait(max(0.0, seconds))

    @contextlib.contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Have ``wake`` called on a cancel while the block runs; at once when it is already set."""
        with self._lock:
            self._wakers.append(wake)
        try:
            if self.is_set:
                wake()
            yield
        finally:
            with self._lock:
                self._wakers.remove(wake)


class Wire:
    """The socket under one request, as far as it must be cut from another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: socket.socket | None = None
        self._is_cut = False

    def hold(self, stream: Any) -> None:
        """Remember the socket of an httpcore network stream; cuts it when that was asked before."""
        theirs = stream.get_extra_info("socket")
        with self._lock:
            self._drop()
            try:
                self._held = socket.socket(fileno=os.dup(theirs.fileno()))
            except OSError:
                return  # already closed: nothing to cut
            if self._is_cut:
                self._shut()

    def cut(self) -> None:
        """Shut the socket down, now or as soon as there is one."""
        with self._lock:
            self._is_cut = True
            self._shut()

    def release(self) -> None:
        """Forget the socket; it stays open for its owner."""
        with self._lock:
            self._drop()

    def _shut(self) -> None:
        if self._held is not None:
            with contextlib.suppress(OSError):  # the other side was faster
                self._held.shutdown(socket.SHUT_RDWR)

    def _drop(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None


class Errand(Generic[Result]):
    """Runs blocking work on a thread of its own, so that the caller can leave before it ends.

    A name look-up or a connect cannot be woken by anything; the one who waits for it can. What
    arrives after the caller left is given to ``discard`` (``None`` when the work failed).
    """

    def __init__(self, work: Callable[[], Result], discard: Callable[[Result | None], None]) -> None:
        self._work = work
        self._discard = discard
        self._changed = threading.Condition()
        self._is_done = False
        self._is_left = False
        self._result: Result | None = None
        self._error: Exception | None = None

    @property
    def is_left(self) -> bool:
        """True when nobody waits any more: what the work holds is its own to give up."""
        return self._is_left

    def run(self, cancel: Cancel) -> Result | None:
        """Return the result, raise what the work raised, or return ``None`` as soon as cancelled."""
        threading.Thread(target=self._carry_out, name="tui-router-request", daemon=True).start()
        with cancel.waking(self._wake), self._changed:
            try:
                self._changed.wait_for(lambda: self._is_done or cancel.is_set)
            finally:  # a Ctrl+C in the main thread leaves too
                self._is_left = not self._is_done
        if self._is_left:
            return None
        if self._error is not None:
            raise self._error
        return self._result

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _carry_out(self) -> None:
        result: Result | None = None
        error: Exception | None = None
        try:
            result = self._work()
        except Exception as raised:  # carried over to the thread that waits
            error = raised
        with self._changed:
            self._result, self._error, self._is_done = result, error, True
            self._changed.notify_all()
            is_left = self._is_left
        if is_left:
            self._discard(result)
