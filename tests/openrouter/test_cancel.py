"""Cancellation while blocked on a socket or in a thread."""

from __future__ import annotations

import socket
import threading

import pytest

from tui_router.domain.events import Cancelled
from tui_router.openrouter.cancel import Cancel, CancellableCall, SocketHandle
from tui_router.openrouter.client import OpenRouter


class Pair:
    """A socket pair, one end with the interface of httpcore's network stream."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()

    def get_extra_info(self, name: str) -> socket.socket:
        assert name == "socket"
        return self.ours

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


def test_cancelling_wakes_a_wait() -> None:
    cancel = Cancel()
    thread = threading.Thread(target=cancel.cancel)
    thread.start()
    assert cancel.wait(60)
    thread.join()
    assert cancel.is_set


def test_a_wait_without_a_cancel_times_out() -> None:
    assert not Cancel().wait(-1)


def test_a_callback_registered_after_cancel_is_called_immediately() -> None:
    cancel = Cancel()
    cancel.cancel()
    called: list[int] = []
    with cancel.waking(lambda: called.append(1)):
        assert called == [1]


def test_a_removed_callback_is_not_called() -> None:
    cancel = Cancel()
    called: list[int] = []
    with cancel.waking(lambda: called.append(1)):
        pass
    cancel.cancel()
    cancel.cancel()
    assert called == []


def test_shutting_down_ends_a_blocked_read() -> None:
    pair, handle = Pair(), SocketHandle()
    handle.attach(pair)
    cutter = threading.Thread(target=handle.shut_down)
    cutter.start()
    assert pair.ours.recv(1) == b""
    cutter.join()
    handle.detach()
    pair.close()


def test_a_socket_attached_after_shutdown_is_shut_down() -> None:
    pair, handle = Pair(), SocketHandle()
    handle.shut_down()
    handle.attach(pair)
    assert pair.theirs.recv(1) == b""
    handle.detach()
    pair.close()


def test_a_detached_socket_is_not_shut_down() -> None:
    pair, handle = Pair(), SocketHandle()
    handle.attach(pair)
    handle.detach()
    handle.shut_down()
    pair.ours.sendall(b"x")
    assert pair.theirs.recv(1) == b"x"
    pair.close()


def test_attaching_a_closed_socket_is_harmless() -> None:
    pair, handle = Pair(), SocketHandle()
    pair.close()
    handle.attach(pair)
    handle.shut_down()


def test_a_call_returns_its_result_or_raises_its_error() -> None:
    assert CancellableCall(lambda: 7, lambda _: None).run(Cancel()) == 7

    def fail() -> int:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        CancellableCall(fail, lambda _: None).run(Cancel())


def test_a_cancelled_call_is_abandoned_and_its_late_result_discarded() -> None:
    cancel, go, gone = Cancel(), threading.Event(), threading.Event()
    late: list[int | None] = []

    def work() -> int:
        cancel.cancel()
        go.wait(30)
        return 7

    def discard(result: int | None) -> None:
        late.append(result)
        gone.set()

    assert CancellableCall(work, discard).run(cancel) is None
    go.set()
    assert gone.wait(30)
    assert late == [7]


def test_cancel_during_a_tls_handshake_disconnects() -> None:
    cancel, ended = Cancel(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(30)
                assert connection.recv(65536)
                cancel.cancel()
                while connection.recv(65536):
                    pass
            ended.set()

        server = threading.Thread(target=serve)
        server.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/api/v1"
        with OpenRouter("sk-or-v1-0123456789", base_url=url) as client:
            found = list(client.stream("Hi", cancel))
        server.join(30)
    assert isinstance(found[-1], Cancelled)
    assert ended.is_set()
