"""A server that streams at an exact rate and notes when each mark left its socket."""

from __future__ import annotations

import json
import math
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

MARK_EVERY = 0.2
"""Seconds between two marks of a lane."""
_WORDS = (
    "the",
    "model",
    "answers",
    "each",
    "question",
    "in",
    "its",
    "**own**",
    "time",
    "with",
    "`code`",
    "and",
    "words",
)
_STEP = 0.01


class Lanes:
    """Streams to whoever asks ``bench/N``. ``marks`` says when each mark was sent, ``ended`` when a lane's last byte.

    ``rate`` is tokens a second of one lane, 0 as fast as possible; ``tokens`` ends a lane, 0 never does;
    after ``falls_silent`` seconds a lane sends nothing more and stays open.
    """

    def __init__(self, rate: float, tokens: int = 0, *, falls_silent: float = math.inf) -> None:
        self.rate = rate
        self.tokens = tokens
        self.falls_silent = falls_silent
        self.marks: dict[str, float] = {}
        self.ended: dict[int, float] = {}
        self.closing = threading.Event()
        handler = type("Bound", (_Handler,), {"lanes": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/api/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    lanes: Lanes
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer everything but chats with an empty list."""
        self._json({"data": []})

    def do_POST(self) -> None:
        """Stream."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        lane = int(str(asked["model"]).rpartition("/")[2])
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            self._stream(lane)
            self._send("data: [DONE]\n\n")
            self.lanes.ended[lane] = time.perf_counter()
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True

    def _stream(self, lane: int) -> None:
        lanes = self.lanes
        started = next_mark = time.perf_counter()
        sent = marks = 0
        while not lanes.closing.is_set() and (not lanes.tokens or sent < lanes.tokens):
            due = 200 if not lanes.rate else int((time.perf_counter() - started) * lanes.rate) + 1
            if time.perf_counter() - started > lanes.falls_silent:
                lanes.closing.wait()
                break
            pieces: list[str] = []
            while sent < due if lanes.rate else len(pieces) < due:
                sent += 1
                pieces.append(_event({"content": _WORDS[sent % len(_WORDS)] + ("\n\n" if sent % 90 == 0 else " ")}))
            now = time.perf_counter()
            if lanes.rate and now >= next_mark:
                marks += 1
                next_mark += MARK_EVERY
                mark = f"z{lane}q{marks}z"
                pieces.append(_event({"content": mark + " "}))
                lanes.marks[mark] = now
            if pieces:
                self._send("".join(pieces))
            if lanes.rate:
                time.sleep(_STEP)
        usage = {"prompt_tokens": 5, "completion_tokens": sent, "total_tokens": sent + 5, "cost": 0.001}
        last = {"id": "gen-1", "model": "bench/1", "choices": [{"index": 0, "delta": {"content": f"\n\nend{lane}end"}}]}
        self._send(f"data: {json.dumps(last)}\n\n")
        ending = {"id": "gen-1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage}
        self._send(f"data: {json.dumps(ending)}\n\n")

    def _send(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _json(self, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _event(delta: dict[str, str]) -> str:
    event = {"id": "gen-1", "model": "bench/1", "provider": "Bench", "choices": [{"index": 0, "delta": delta}]}
    return f"data: {json.dumps(event)}\n\n"
