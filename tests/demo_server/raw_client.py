"""HTTP client that exposes raw responses."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tui_router.demo_server.server import DEMO_KEY, DemoServer


@dataclass
class RawResponse:
    """A response as received."""

    status: int
    headers: dict[str, str]
    raw: bytes
    broke: bool = False

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.raw)

    @property
    def lines(self) -> list[str]:
        """Lines of a stream."""
        return self.raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")

    @property
    def events(self) -> list[Any]:
        """JSON events of a stream."""
        data = [line.partition(":")[2].strip() for line in self.lines if line.startswith("data:")]
        return [json.loads(d) for d in data if d.startswith("{") and d.endswith("}")]

    def joined(self, name: str = "content") -> str:
        """Concatenate one delta field of all events."""
        found = [e["choices"][0]["delta"].get(name) for e in self.events if e.get("choices")]
        return "".join(text for text in found if text)

    @property
    def usage(self) -> Any:
        """Usage reported by a stream."""
        return next(e["usage"] for e in self.events if "usage" in e)


@dataclass
class Client:
    """Talks to one demo server."""

    demo_server: DemoServer
    key: str = DEMO_KEY
    timeout: float = 5.0
    messages: list[Mapping[str, Any]] = field(default_factory=lambda: [{"role": "user", "content": "Tell me"}])

    def call(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> RawResponse:
        """Send one request and read the whole response."""
        connection = http.client.HTTPConnection("127.0.0.1", self.demo_server.port, timeout=self.timeout)
        sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        broke, raw = False, b""
        try:
            connection.request(method, path, body=data, headers={**sent, **(headers or {})})
            response = connection.getresponse()
            try:
                raw = response.read()
            except (http.client.IncompleteRead, ConnectionError) as error:
                broke, raw = True, getattr(error, "partial", b"")
            if response.getheader("Content-Encoding") == "gzip" and not broke:
                raw = gzip.decompress(raw)
            return RawResponse(response.status, {k.lower(): v for k, v in response.getheaders()}, raw, broke)
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> RawResponse:
        """GET a path below ``/api/v1``."""
        return self.call("GET", f"/api/v1{path}", headers=headers)

    def chat(self, model: str = "demo/quick", *, scenario: str = "", **fields: Any) -> RawResponse:
        """Request a stream, or with ``stream=False`` a JSON body."""
        body = {"model": model, "messages": self.messages, "stream": True, **fields}
        headers = {"X-Demo-Scenario": scenario} if scenario else {}
        return self.call("POST", "/api/v1/chat/completions", body, headers)

    def ask(self, text: str, model: str = "demo/quick", **fields: Any) -> str:
        """Return the answer to one question."""
        return self.chat(model, messages=[{"role": "user", "content": text}], **fields).joined()
