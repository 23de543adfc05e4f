"""A loopback server that plays byte scripts. Pauses are gates that the test opens, never sleeps."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any


class Gate(threading.Event):
    """A pause in a script: ``reached`` is set when the script gets here, and ``set`` lets it continue."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()

    def when_reached(self, act: Callable[[], None]) -> None:
        """Call ``act`` on another thread when the script reaches the gate."""

        def watch() -> None:
            if self.reached.wait(10):
                act()

        threading.Thread(target=watch, daemon=True).start()


class Reset:
    """A step that resets the connection instead of closing it."""


class Keep:
    """A last step that keeps the connection open for the next request."""


Step = bytes | Gate | Reset | Keep
Script = Iterable[Step]


@dataclass
class Received:
    """A received request."""

    line: str
    headers: dict[str, str]
    body: bytes
    connection: int = field(default=0)

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


class ScriptedServer:
    """Plays one script per request, in order. A context manager."""

    def __init__(self, *scripts: Script) -> None:
        self.requests: list[Received] = []
        self._scripts = [list(s) for s in scripts]
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._gates = [step for script in self._scripts for step in script if isinstance(step, Gate)]
        self._threads: list[threading.Thread] = []
        self._is_closed = False

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/api/v1"

    def __enter__(self) -> ScriptedServer:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._is_closed = True
        for gate in self._gates:
            gate.set()
        with suppress(OSError), socket.create_connection(self._listener.getsockname()):
            pass
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _start(self, target: Any, *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        number = 0
        while True:
            connection, _ = self._listener.accept()
            if self._is_closed:
                connection.close()
                return
            number += 1
            self._start(self._serve, connection, number)

    def _serve(self, connection: socket.socket, number: int) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            with connection, suppress(OSError):
                while (received := _receive(connection)) is not None:
                    received.connection = number
                    with self._lock:
                        self.requests.append(received)
                        script: list[Step] = [plain(418, "no script left")]
                        script = self._scripts.pop(0) if self._scripts else script
                    if not self._play(connection, script):
                        return
        finally:
            with self._lock:
                self._open.discard(connection)

    def _play(self, connection: socket.socket, script: list[Step]) -> bool:
        for step in script:
            if isinstance(step, bytes):
                connection.sendall(step)
            elif isinstance(step, Gate):
                step.reached.set()
                step.wait(30)
            elif isinstance(step, Reset):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                return False
            else:
                return True
        return False


def _receive(connection: socket.socket) -> Received | None:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    return Received(first, headers, body)


def head(status: int = 200, content_type: str = "text/event-stream", **headers: str) -> bytes:
    """Return the head of a response that ends with its connection."""
    named = {
        "Content-Type": content_type,
        "Connection": "close",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode("latin-1")


def plain(status: int, body: str | bytes, content_type: str = "application/json", **headers: str) -> bytes:
    """Return a complete response."""
    raw = body.encode() if isinstance(body, str) else body
    return head(status, content_type, Content_Length=str(len(raw)), **headers) + raw


def events(*payloads: Any) -> bytes:
    """Return payloads as server-sent events; values other than strings are encoded as JSON."""
    texts = (p if isinstance(p, str) else json.dumps(p) for p in payloads)
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def chunk(text: str | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a chunk as OpenRouter sends it."""
    delta: dict[str, Any] = {"role": "assistant", "content": text or "", **more.pop("delta", {})}
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "native_finish_reason": more.pop("native", None)}
    return {"id": "gen-1", "object": "chat.completion.chunk", "model": "a/b-20260101", "provider": "Acme",
            "choices": [choice], **more}  # fmt: skip


USAGE = {"prompt_tokens": 14, "completion_tokens": 3, "total_tokens": 17, "cost": 0.000058}


def good(*words: str) -> bytes:
    """Return a complete answer: comment, text, finish, repeated finish with usage, and ``[DONE]``."""
    comment = b": OPENROUTER PROCESSING\n\n"
    said = [chunk(word) for word in words or ("Hel", "lo")]
    return head() + comment + events(*said, chunk(finish="stop"), chunk(finish="stop", usage=USAGE), "[DONE]")


def chunked(*pieces: bytes, is_complete: bool = True) -> bytes:
    """Return a chunked response on a connection that stays open."""
    top = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces)
    return top + body + (b"0\r\n\r\n" if is_complete else b"")
