"""One answer of the charging server: what was sent is what is charged, also when the asker leaves."""

from __future__ import annotations

import json
import select
import threading
import time
import uuid
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol

from tests.charging_book import Book, Charged, Visit
from tests.charging_script import TOKENS_A_PIECE, Script, cost_of, prompt_tokens

PACE = 0.02
"""Seconds between two pieces of a slow answer."""
_AGAIN = "5"
"""Milliseconds after which a refused request may come again."""
_WORDS = {402: "Insufficient credits", 404: "No endpoints found", 429: "Provider returned error"}


class Server(Protocol):
    """What an answer needs of the server."""

    book: Book
    gate: threading.Event
    closing: threading.Event


class Answer:
    """One answer on its way."""

    def __init__(self, handler: BaseHTTPRequestHandler, server: Server, visit: Visit, script: Script) -> None:
        self._handler = handler
        self._server = server
        self._book = server.book
        self._visit = visit
        self._script = script
        self._served = visit.model
        if script.uses_fallback:
            self._served = (visit.body.get("models") or ["test/costly"])[-1]
        self._prompt = prompt_tokens(self._served, visit.body)
        self._thought = self._said = 0
        self._most = visit.body.get("max_tokens") or visit.body.get("max_completion_tokens") or 10**9
        visit.generation = f"gen-{uuid.uuid4().hex[:20]}"

    def play(self) -> None:
        """Answer as the script says."""
        if self._script.status != 200:
            self._refuse()
            return
        try:
            self._begin()
            finish = self._stream()
        except OSError:
            self._charge(is_cancelled=True)
            raise
        if finish is None:
            self._charge(is_cancelled=True)
            self._close()
        elif finish == "cut":
            self._charge()
            self._close()
        else:
            self._finish(finish)

    def _refuse(self) -> None:
        script = self._script
        if script.is_charged:
            self._charge()
        headers = [("X-Generation-Id", self._visit.generation)] if script.has_id else []
        if script.status in (429, 500):
            headers.append(("Retry-After-Ms", _AGAIN))
        words = _WORDS.get(script.status, "Internal Server Error")
        send_error(self._handler, script.status, words, headers)

    def _begin(self) -> None:
        handler = self._handler
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        if self._script.has_id:
            handler.send_header("X-Generation-Id", self._visit.generation)
        handler.end_headers()
        self._send(": OPENROUTER PROCESSING\n\n")

    def _stream(self) -> str | None:
        """Send the pieces; returns how it finishes, ``None`` when the asker left."""
        script = self._script
        for number in range(script.thoughts + script.pieces):
            if self._tokens + TOKENS_A_PIECE > self._most:
                return "length"
            is_last = number == script.thoughts + script.pieces - 1
            if script.is_slow and not self._wait(PACE):
                return None
            while script.is_gated and is_last and not self._server.gate.is_set():
                if not self._wait(PACE):
                    return None
            # Counted first: what is on its way when the asker leaves was generated.
            if number < script.thoughts:
                self._thought += TOKENS_A_PIECE
                self._event({"reasoning": f"thought {number} "})
            else:
                self._said += TOKENS_A_PIECE
                self._event({"content": f"piece {number} of the answer "})
            self._book.sent(self._visit)
        while script.ends == "hang":
            if not self._wait(PACE):
                return None
        return {"whole": "stop"}.get(script.ends, script.ends)

    def _finish(self, finish: str) -> None:
        usage = self._charge()
        choice = {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": finish}
        last: dict[str, Any] = {"choices": [choice]}
        if self._script.usage != "missing":
            last["usage"] = usage
        if finish == "error":
            about = {"error_type": "provider_unavailable", "headers": {"Retry-After-Ms": _AGAIN}}
            last["error"] = {"code": 502, "message": "Provider disconnected unexpectedly", "metadata": about}
        elif self._script.pieces:
            self._chunk({"choices": [choice]})
        self._chunk(last)
        if self._script.usage == "emptied":
            self._chunk({"choices": [], "usage": {}})
        self._send("data: [DONE]\n\n")
        self._handler.wfile.write(b"0\r\n\r\n")

    def _charge(self, *, is_cancelled: bool = False) -> dict[str, Any]:
        script = self._script
        cost = cost_of(self._served, self._prompt, self._tokens) if script.cost is None else script.cost
        charged = Charged(
            id=self._visit.generation,
            model=self._served,
            asked=self._visit.model,
            key=self._visit.key,
            cost=cost,
            prompt_tokens=self._prompt,
            completion_tokens=self._tokens,
            reasoning_tokens=self._thought,
            is_cancelled=is_cancelled,
            is_told=not is_cancelled and script.usage in ("told", "emptied") and script.ends in ("whole", "error"),
            written=time.monotonic(),
        )
        self._book.charge(charged)
        lies = {"negative": -0.5, "nan": float("nan"), "absurd": 1e9}
        return {
            "prompt_tokens": self._prompt,
            "completion_tokens": self._tokens,
            "total_tokens": self._prompt + self._tokens,
            "cost": lies.get(script.usage, float(cost)),
            "completion_tokens_details": {"reasoning_tokens": self._thought},
        }

    @property
    def _tokens(self) -> int:
        return self._thought + self._said

    def _event(self, delta: dict[str, str]) -> None:
        choice = {"index": 0, "delta": {"role": "assistant", "content": "", **delta}, "finish_reason": None}
        self._chunk({"choices": [choice]})

    def _chunk(self, body: dict[str, Any]) -> None:
        about = {"id": self._visit.generation, "object": "chat.completion.chunk", "created": 1_790_000_000}
        row = {**about, "model": self._served, "provider": "Testing", **body}
        self._send(f"data: {json.dumps(row)}\n\n")

    def _send(self, text: str) -> None:
        data = text.encode()
        self._handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _wait(self, seconds: float) -> bool:
        """Wait; returns ``False`` when the asker has left meanwhile, or the server closes."""
        readable, _, _ = select.select([self._handler.connection], [], [], seconds)
        if readable and not self._handler.connection.recv(1):
            return False
        return not self._server.closing.is_set()

    def _close(self) -> None:
        self._handler.close_connection = True


def send_error(
    handler: BaseHTTPRequestHandler, status: int, message: str, headers: Sequence[tuple[str, str]] = ()
) -> None:
    """Refuse, as the service does."""
    send_json(handler, status, {"error": {"code": status, "message": message}}, headers)


def send_json(
    handler: BaseHTTPRequestHandler, status: int, body: object, headers: Sequence[tuple[str, str]] = ()
) -> None:
    """Answer with a whole body."""
    data = json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    for name, value in headers:
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)
