"""A service on this machine that speaks OpenRouter's dialect and knows exactly what it charged.

    python -m tests.charging_server [--port N] [--seed N] [--delay SECONDS]

Tests use ``ChargingServer`` in their own process: ``book`` is its ledger and log, ``lookups`` and ``delay`` say how
``/generation`` answers, ``gate`` lets ``test/gated`` go on. Another process reads the ledger at ``/charges``.
How a request goes is chosen by the model: see ``tests.charging_script``.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.charging_answer import Answer, send_error, send_json
from tests.charging_book import Book
from tests.charging_rows import generation_row, key_row, model_row
from tests.charging_script import NAMES, question_in, script_of

KEY = "sk-or-v1-" + "c4" * 32


class ChargingServer:
    """Listens while the context lasts.

    Args:
        seed: Of the mix.
        delay: Seconds until the record of a generation can be looked up.
    """

    def __init__(self, *, port: int = 0, seed: int = 0, delay: float = 0) -> None:
        self.book = Book()
        self.seed = seed
        self.delay = delay
        self.lookups = "told"
        """What ``/generation`` says: ``told``, ``never`` (404 for ever) or ``broken`` (500)."""
        self.key_info: dict[str, Any] = {}
        """Laid over what ``/key`` says."""
        self.gate = threading.Event()
        self.closing = threading.Event()
        self.faults: list[BaseException] = []
        handler = type("Bound", (_Handler,), {"charging": self})
        self._server = _Listener(("127.0.0.1", port), handler)
        self._server.faults = self.faults

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def base_url(self) -> str:
        """What ``OPENROUTER_BASE_URL`` is set to."""
        return f"http://127.0.0.1:{self.port}/api/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    faults: list[BaseException]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what a test should know; who leaves early is no fault."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.faults.append(error)


class _Handler(BaseHTTPRequestHandler):
    charging: ChargingServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer the small calls."""
        url = urlsplit(self.path)
        path = url.path.removeprefix("/api/v1")
        if path == "/models":
            send_json(self, 200, {"data": [model_row(f"test/{name}") for name in NAMES]})
        elif path in ("/key", "/auth/key"):
            send_json(self, 200, {"data": {**key_row(self.charging.book), **self.charging.key_info}})
        elif path == "/credits":
            send_json(self, 200, {"data": {"total_credits": 1000, "total_usage": float(self.charging.book.total)}})
        elif path == "/generation":
            self._generation(parse_qs(url.query).get("id", [""])[0])
        elif path == "/charges":
            send_json(self, 200, self.charging.book.as_json())
        else:
            send_error(self, 404, "Not found")

    def do_POST(self) -> None:
        """Take a question, or switch the look-ups from another process."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        if self.path == "/lookups":
            self.charging.lookups = body.get("lookups", self.charging.lookups)
            self.charging.delay = body.get("delay", self.charging.delay)
            send_json(self, 200, {})
            return
        if not self.path.endswith("/chat/completions"):
            send_error(self, 404, "Not found")
            return
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        model = str(body.get("model", ""))
        if model.removeprefix("test/") not in NAMES:
            send_error(self, 400, f"{model} is not a valid model ID")
            return
        visit = self.charging.book.arrive(key, model, question_in(body), body)
        try:
            script = script_of(model, visit.question, visit.attempt, self.charging.seed)
            Answer(self, self.charging, visit, script).play()
        finally:
            self.charging.book.leave(visit)

    def _generation(self, generation_id: str) -> None:
        charged = self.charging.book.look_up(generation_id)
        if self.charging.lookups == "broken":
            send_error(self, 500, "Internal Server Error")
        elif (
            charged is None
            or self.charging.lookups == "never"
            or time.monotonic() < charged.written + self.charging.delay
        ):
            send_error(self, 404, f"Generation {generation_id} not found")
        else:
            send_json(self, 200, {"data": generation_row(charged)})


def main() -> None:
    """Serve until killed; the first line of standard output is the base URL."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0)
    options = parser.parse_args()
    with ChargingServer(port=options.port, seed=options.seed, delay=options.delay) as server:
        print(server.base_url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
