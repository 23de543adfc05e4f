"""The demo server: a threaded HTTP server on loopback and its request handler."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import socketserver
import struct
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Self, assert_never
from urllib.parse import parse_qsl, urlsplit

from tui_router.demo_server.catalog import DemoCatalog
from tui_router.demo_server.chat import to_http
from tui_router.demo_server.payloads import CannedResponse
from tui_router.demo_server.responses import EventStream, EventStreamWriter, HttpResponse, NoResponse, StreamAborted
from tui_router.demo_server.routes import API, handle_request
from tui_router.demo_server.state import DemoAccount, RecordedRequest, ServerState
from tui_router.domain.secret import Secret, redact

DEMO_KEY = "sk-or-v1-" + "de30" * 16
"""API key in the real format, accepted by the demo server only."""
DEMO_MODEL = "demo/quick"
"""Default model of the offline demo."""

_HOST = "127.0.0.1"
_POLL_SECONDS = 0.05
_CLOSE_TIMEOUT = 1.0


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, handler: type[DemoRequestHandler], errors: list[BaseException]) -> None:
        self.errors = errors
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__((_HOST, port), handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Track the connection and serve it on a new thread."""
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Stop tracking a finished connection."""
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Collect the exception instead of printing it over the TUI; ignore clients that disconnect."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError | TimeoutError):
            self.errors.append(error)

    def close_connections(self) -> None:
        """Close every connection and wait up to one second for their threads."""
        with self._changed:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._open, _CLOSE_TIMEOUT)


class DemoServer:
    """Serves OpenRouter's API on 127.0.0.1 between ``start`` and ``close``; also a context manager.

    ``port`` 0 selects a free port. ``speed`` divides every delay: 1 is realistic, 0 disables delays. ``clock``
    returns Unix seconds.
    """

    def __init__(
        self,
        port: int = 0,
        speed: float = 1.0,
        *,
        account: DemoAccount | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._wanted_port = port
        self.account = account or DemoAccount()
        self._state: ServerState | None = None
        self._errors: list[BaseException] = []
        self._speed = speed
        self._clock = clock
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Start listening on daemon threads. Raises ``OSError`` if the port is in use."""
        if self._listener is not None:
            return self
        state = ServerState(catalog=DemoCatalog(), clock=self._clock, speed=self._speed, account=self.account)
        handler = type("BoundConnection", (DemoRequestHandler,), {"state": state})
        listener = _Listener(self._wanted_port, handler, self._errors)
        self._state, self._listener = state, listener
        self._thread = threading.Thread(
            target=listener.serve_forever, args=(_POLL_SECONDS,), name="demo-server", daemon=True
        )
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop immediately, including stalled streams. Idempotent."""
        if self._listener is None or self._state is None or self._thread is None:
            return
        listener, self._listener = self._listener, None
        self._state.closing.set()
        listener.shutdown()
        listener.close_connections()
        listener.server_close()
        self._thread.join(_CLOSE_TIMEOUT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def port(self) -> int:
        """The listening port. Raises ``RuntimeError`` if the server is not running."""
        if self._listener is None:
            raise RuntimeError("the demo server is not running")
        return int(self._listener.server_address[1])

    @property
    def site_url(self) -> str:
        """Root URL, without a trailing slash."""
        return f"http://{_HOST}:{self.port}"

    @property
    def base_url(self) -> str:
        """API base URL, the counterpart of ``https://openrouter.ai/api/v1``."""
        return self.site_url + API

    @property
    def requests(self) -> tuple[RecordedRequest, ...]:
        """Recent requests, oldest first."""
        return self._state.log.all() if self._state else ()

    @property
    def errors(self) -> tuple[BaseException, ...]:
        """Unexpected exceptions raised inside the demo server."""
        return tuple(self._errors)


_MAX_BODY_BYTES = 64 * 1024 * 1024
_GZIP_FROM_BYTES = 4096


def _key_from(header: str) -> Secret | None:
    scheme, _, key = header.partition(" ")
    return Secret(key.strip()) if scheme.lower() == "bearer" and key.strip() else None


class DemoRequestHandler(BaseHTTPRequestHandler):
    """Serves one connection; each demo server subclasses it with its own ``state``."""

    state: ServerState
    protocol_version = "HTTP/1.1"
    server_version = "tui-router-demo-server"
    sys_version = ""

    def setup(self) -> None:
        """Disable Nagle's algorithm, so that every write is sent immediately."""
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        """Handle a request of any method."""
        self._serve()

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the TUI owns the terminal."""

    def _serve(self) -> None:
        raw = self._read_body()
        if raw is None:
            self.close_connection = True
            self._send(to_http(CannedResponse(status=413, message="Request body too large"), self.state.clock()))
            return
        request = self._record(raw)
        self.state.log.add(request)
        response = handle_request(self.state, request)
        match response:
            case HttpResponse():
                self._send(response)
            case EventStream():
                self._stream(response)
            case NoResponse(hang):
                if hang:
                    self._stall()
                self._disconnect(reset=False)
            case _:
                assert_never(response)

    def _record(self, raw: bytes) -> RecordedRequest:
        parts = urlsplit(self.path)
        body: object = None
        if raw:
            with contextlib.suppress(ValueError, RecursionError):
                body = json.loads(raw)
        headers = {name.lower(): value for name, value in self.headers.items()}
        key = _key_from(headers.get("authorization", ""))
        if "authorization" in headers:
            headers["authorization"] = f"Bearer {key.masked}" if key else redact(headers["authorization"])
        return RecordedRequest(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=headers,
            raw=raw,
            body=body,
            key=key,
        )

    def _read_body(self) -> bytes | None:
        """Return the request body, or ``None`` if it is too large."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MAX_BODY_BYTES:
            return None
        return self.rfile.read(int(length))

    def _read_chunks(self) -> bytes | None:
        body = bytearray()
        while True:
            line = self.rfile.readline(64).partition(b";")[0].strip()
            size = int(line or b"0", 16)
            if len(body) + size > _MAX_BODY_BYTES:
                return None
            if size == 0:
                while self.rfile.readline(1024).strip():
                    pass
                return bytes(body)
            body += self.rfile.read(size)
            self.rfile.readline(8)

    def _send(self, response: HttpResponse) -> None:
        body, headers = response.body, dict(response.headers)
        if (
            len(body) > _GZIP_FROM_BYTES
            and "gzip" in self.headers.get("Accept-Encoding", "")
            and response.cut_at is None
        ):
            body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: response.cut_at])
        if response.cut_at is not None:
            self._disconnect(reset=False)

    def _stream(self, stream: EventStream) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("X-Generation-Id", stream.info.id)
        if stream.framing.gzip:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        writer = EventStreamWriter(
            self.connection.sendall,
            info=stream.info,
            framing=stream.framing,
            model_speed=stream.model_speed,
            speed=self.state.speed,
            closing=self.state.closing,
            client_is_gone=self._client_is_gone,
            make_usage=stream.make_usage,
        )
        try:
            writer.play(stream.steps)
            stream.settle(writer.progress)
            self.wfile.write(b"0\r\n\r\n")
        except StreamAborted as aborted:
            writer.progress.cancelled = not aborted.intended
            stream.settle(writer.progress)
            self._disconnect(reset=aborted.reset)

    def _client_is_gone(self) -> bool:
        """Return whether the client has closed the connection."""
        self.connection.setblocking(False)
        try:
            return not self.connection.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True
        finally:
            self.connection.setblocking(True)

    def _stall(self) -> None:
        while not self.state.closing.wait(0.05):
            if self._client_is_gone():
                return

    def _disconnect(self, *, reset: bool) -> None:
        """Close the connection abruptly; ``reset`` sends an RST."""
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
