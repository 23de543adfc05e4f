"""A valve in front of a server: answers to chat requests stay in the pipe until it is opened.

So that a test can look at an answer that is under way for as long as it likes, without any clock.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

_CHAT = b"/chat/completions"


class Valve:
    """Forwards to a port of this machine. A context manager."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._changed = threading.Condition()
        self._let_through = 1 << 60
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._is_closed = False

    @property
    def base_url(self) -> str:
        """What to talk to instead of the server."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/api/v1"

    def shut(self, after: int = 0) -> None:
        """Hold every answer after so many bytes of it; what was held before them comes through."""
        with self._changed:
            self._let_through = after
            self._changed.notify_all()

    def open(self) -> None:
        """Let everything through."""
        with self._changed:
            self._let_through = 1 << 60
            self._changed.notify_all()

    def __enter__(self) -> Valve:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._is_closed = True
        self.open()
        with suppress(OSError), socket.create_connection(self._listener.getsockname()):
            pass
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for end in self._open:
            end.close()
        self._listener.close()

    def _start(self, target: object, *ends: socket.socket) -> None:
        thread = threading.Thread(target=target, args=ends, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            near, _ = self._listener.accept()
            self._open.append(near)
            if self._is_closed:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._port))
            except OSError:
                near.close()
                continue
            self._open.append(far)
            self._start(self._serve, near, far)

    def _serve(self, near: socket.socket, far: socket.socket) -> None:
        """Pass the client's words on; the answers go through the valve."""
        asked = _Asked()
        back = threading.Thread(target=self._answer, args=(near, far, asked), daemon=True)
        back.start()
        with suppress(OSError):
            while data := near.recv(65536):
                asked.hear(data)
                far.sendall(data)
        with suppress(OSError):
            far.shutdown(socket.SHUT_RDWR)
        back.join(10)

    def _answer(self, near: socket.socket, far: socket.socket, asked: _Asked) -> None:
        with suppress(OSError):
            while data := far.recv(512):
                with self._changed:
                    self._changed.wait_for(lambda: not asked.is_chat or asked.passed < self._let_through, 60)
                near.sendall(data)
                asked.passed += len(data)
        with suppress(OSError):
            near.shutdown(socket.SHUT_RDWR)


class _Asked:
    """What a connection was last used for, and how much of the answer has passed."""

    def __init__(self) -> None:
        self.is_chat = False
        self.passed = 0

    def hear(self, data: bytes) -> None:
        line = data.partition(b"\r\n")[0]
        if line.endswith(b" HTTP/1.1"):
            self.is_chat, self.passed = _CHAT in line, 0
