"""The demo server as a thing that is started and closed."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tui_router.demo_server.account import Account
from tui_router.demo_server.catalogue import Catalogue
from tui_router.demo_server.connection import Connection
from tui_router.demo_server.routes import API
from tui_router.demo_server.site import Received, Site

DEMO_KEY = "sk-or-v1-" + "de30" * 16
"""A key that has the shape of a real one and opens nothing but the demo server."""
DEMO_MODEL = "demo/quick"
"""Who answers in the offline demo where nobody was chosen."""

_HOST = "127.0.0.1"
_POLL = 0.05
_PATIENCE = 1.0


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, handler: type[Connection], faults: list[BaseException]) -> None:
        self.faults = faults
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__((_HOST, port), handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection and serve it on a thread of its own."""
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that is over."""
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what went wrong instead of printing it over the screen; clients that leave are no fault."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError | TimeoutError):
            self.faults.append(error)

    def hang_up(self) -> None:
        """Close every connection and wait for their threads, for a second at most."""
        with self._changed:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._open, _PATIENCE)


class DemoServer:
    """An offline OpenRouter on 127.0.0.1, for as long as it is open.

    ``port`` 0 takes any free one. ``speed`` divides every wait of its models: 1 is lifelike, 0 does not wait at all.
    ``clock`` tells unix seconds. Raises ``OSError`` from ``start`` when the port is taken.
    """

    def __init__(
        self,
        port: int = 0,
        speed: float = 1.0,
        *,
        account: Account | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._wanted_port = port
        self.account = account or Account()
        self._site: Site | None = None
        self._faults: list[BaseException] = []
        self._speed = speed
        self._clock = clock
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Begin to listen; the answers come from daemon threads."""
        if self._listener is not None:
            return self
        site = Site(catalogue=Catalogue(), clock=self._clock, speed=self._speed, account=self.account)
        handler = type("BoundConnection", (Connection,), {"site": site})
        listener = _Listener(self._wanted_port, handler, self._faults)
        self._site, self._listener = site, listener
        self._thread = threading.Thread(target=listener.serve_forever, args=(_POLL,), name="demo-server", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop at once, hung streams included. Closing twice is fine."""
        if self._listener is None or self._site is None or self._thread is None:
            return
        listener, self._listener = self._listener, None
        self._site.closing.set()
        listener.shutdown()
        listener.hang_up()
        listener.server_close()
        self._thread.join(_PATIENCE)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._listener is None:
            raise RuntimeError("the demo server is not running")
        return int(self._listener.server_address[1])

    @property
    def site_url(self) -> str:
        """The address of the site, without a slash at the end."""
        return f"http://{_HOST}:{self.port}"

    @property
    def base_url(self) -> str:
        """What goes where ``https://openrouter.ai/api/v1`` would."""
        return self.site_url + API

    @property
    def requests(self) -> tuple[Received, ...]:
        """The last requests, oldest first."""
        return self._site.log.all() if self._site else ()

    @property
    def faults(self) -> tuple[BaseException, ...]:
        """What went wrong inside the demo server itself; empty in a healthy one."""
        return tuple(self._faults)
