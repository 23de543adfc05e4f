"""Cancelling requests from another thread in any state, and deadlines that do so when a server goes idle.

Closing an httpx response does not wake a thread that is blocked reading it; only shutting the socket down does. The
socket is held as a duplicate of its descriptor: TLS detaches the original object, and our own descriptor cannot be
reused for another file.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class Cancel:
    """A cancellation token. Thread-safe; cancelling twice has no effect."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._wakers: list[Callable[[], None]] = []

    @property
    def is_set(self) -> bool:
        """Whether ``cancel`` was called."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Set the flag, end every ``wait`` and run the registered callbacks."""
        self._event.set()
        with self._lock:
            wakers = tuple(self._wakers)
        for wake in wakers:
            wake()

    def wait(self, seconds: float) -> bool:
        """Sleep until cancelled or the time is up; return whether cancelled."""
        return self._event.wait(max(0.0, seconds))

    @contextlib.contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Call ``wake`` on cancellation while the block runs; immediately if already cancelled."""
        with self._lock:
            self._wakers.append(wake)
        try:
            if self.is_set:
                wake()
            yield
        finally:
            with self._lock:
                self._wakers.remove(wake)


class SocketHandle:
    """The socket of one request, which any thread can shut down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._copy: socket.socket | None = None
        self._is_shut_down = False

    def attach(self, stream: Any) -> None:
        """Track the socket of an httpcore network stream; shut it down if ``shut_down`` was called before."""
        original = stream.get_extra_info("socket")
        with self._lock:
            self._close_copy()
            try:
                self._copy = socket.socket(fileno=os.dup(original.fileno()))
            except OSError:
                return  # already closed: nothing to shut down
            if self._is_shut_down:
                self._shut_down_now()

    def shut_down(self) -> None:
        """Shut the socket down, now or as soon as one is attached."""
        with self._lock:
            self._is_shut_down = True
            self._shut_down_now()

    def detach(self) -> None:
        """Stop tracking the socket; it stays open."""
        with self._lock:
            self._close_copy()

    def _shut_down_now(self) -> None:
        if self._copy is not None:
            with contextlib.suppress(OSError):  # already closed by the peer
                self._copy.shutdown(socket.SHUT_RDWR)

    def _close_copy(self) -> None:
        if self._copy is not None:
            self._copy.close()
            self._copy = None


class CancellableCall(Generic[Result]):
    """Runs blocking work on its own thread, so that the caller can stop waiting for it.

    A DNS lookup or a connect cannot be interrupted, but waiting for it can. A result that arrives after the caller
    stopped waiting is passed to ``discard`` (``None`` if the work failed).
    """

    def __init__(self, work: Callable[[], Result], discard: Callable[[Result | None], None]) -> None:
        self._work = work
        self._discard = discard
        self._changed = threading.Condition()
        self._is_done = False
        self._is_abandoned = False
        self._result: Result | None = None
        self._error: Exception | None = None

    @property
    def is_abandoned(self) -> bool:
        """Whether the caller has stopped waiting; the thread must then release its own resources."""
        return self._is_abandoned

    def run(self, cancel: Cancel) -> Result | None:
        """Return the result, or ``None`` as soon as cancelled. Raises what the work raises."""
        threading.Thread(target=self._run_in_thread, name="tui-router-request", daemon=True).start()
        with cancel.waking(self._wake), self._changed:
            try:
                self._changed.wait_for(lambda: self._is_done or cancel.is_set)
            finally:  # also when Ctrl+C interrupts the main thread
                self._is_abandoned = not self._is_done
        if self._is_abandoned:
            return None
        if self._error is not None:
            raise self._error
        return self._result

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _run_in_thread(self) -> None:
        result: Result | None = None
        error: Exception | None = None
        try:
            result = self._work()
        except Exception as raised:  # re-raised in the waiting thread
            error = raised
        with self._changed:
            self._result, self._error, self._is_done = result, error, True
            self._changed.notify_all()
            is_abandoned = self._is_abandoned
        if is_abandoned:
            self._discard(result)


MAX_EXTENSIONS = 6
"""Keep-alives extend a deadline to at most this multiple of its length; content extends it without limit."""


class IdleDeadline:
    """Calls ``on_expiry`` on a timer thread when the deadline passes. Starts no thread before ``extend``."""

    def __init__(self, on_expiry: Callable[[], None]) -> None:
        self._on_expiry = on_expiry
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._deadline = self._latest_deadline = 0.0
        self._has_expired = False

    @property
    def is_active(self) -> bool:
        """Whether a deadline is pending: from the first ``extend`` to ``cancel``."""
        return self._timer is not None

    @property
    def has_expired(self) -> bool:
        """Whether the deadline has passed."""
        return self._has_expired

    def extend(self, seconds: float) -> None:
        """Set or move the deadline to ``seconds`` from now."""
        with self._lock:
            now = time.monotonic()
            self._deadline, self._latest_deadline = now + seconds, now + seconds * MAX_EXTENSIONS
            if self._timer is None:
                self._start(seconds)

    def extend_for_keep_alive(self, seconds: float) -> None:
        """Move the deadline for a keep-alive, within ``MAX_EXTENSIONS``."""
        with self._lock:
            self._deadline = min(self._latest_deadline, time.monotonic() + seconds)

    def cancel(self) -> None:
        """Cancel the deadline."""
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _start(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._expire_or_wait)
        self._timer.daemon = True
        self._timer.start()

    def _expire_or_wait(self) -> None:
        with self._lock:
            if self._timer is None:
                return
            remaining = self._deadline - time.monotonic()
            if remaining > 0:
                self._start(remaining)
                return
            self._has_expired = True
        self._on_expiry()
