"""One HTTP connection: reads requests, writes answers, and goes away in the wanted manner."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import struct
from http.server import BaseHTTPRequestHandler
from typing import assert_never
from urllib.parse import parse_qsl, urlsplit

from tui_router.demo_server.chat import as_reply
from tui_router.demo_server.refusal import Refusal
from tui_router.demo_server.routes import respond
from tui_router.demo_server.site import Abandon, Received, Reply, Site, Stream
from tui_router.demo_server.stream import Broken, StreamWriter
from tui_router.domain.secret import Secret, redact

_LARGEST_BODY = 64 * 1024 * 1024
_WORTH_PRESSING = 4096


def _key_from(header: str) -> Secret | None:
    scheme, _, key = header.partition(" ")
    return Secret(key.strip()) if scheme.lower() == "bearer" and key.strip() else None


class Connection(BaseHTTPRequestHandler):
    """Serves one socket; subclassed with a ``site`` for each demo server."""

    site: Site
    protocol_version = "HTTP/1.1"
    server_version = "tui-router-demo-server"
    sys_version = ""

    def setup(self) -> None:
        """Send every write at once."""
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        """Answer a GET."""
        self._serve()

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal belongs to the app."""

    def _serve(self) -> None:
        raw = self._read_body()
        if raw is None:
            self.close_connection = True
            self._send(as_reply(Refusal(status=413, message="Request body too large"), self.site.clock()))
            return
        request = self._received(raw)
        self.site.log.add(request)
        outcome = respond(self.site, request)
        match outcome:
            case Reply():
                self._send(outcome)
            case Stream():
                self._stream(outcome)
            case Abandon(hang):
                if hang:
                    self._hang()
                self._vanish(reset=False)
            case _:
                assert_never(outcome)

    def _received(self, raw: bytes) -> Received:
        parts = urlsplit(self.path)
        body: object = None
        if raw:
            with contextlib.suppress(ValueError, RecursionError):
                body = json.loads(raw)
        headers = {name.lower(): value for name, value in self.headers.items()}
        key = _key_from(headers.get("authorization", ""))
        if "authorization" in headers:
            headers["authorization"] = f"Bearer {key.masked}" if key else redact(headers["authorization"])
        return Received(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=headers,
            raw=raw,
            body=body,
            key=key,
        )

    def _read_body(self) -> bytes | None:
        """Return the body, or ``None`` when it is too large."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _LARGEST_BODY:
            return None
        return self.rfile.read(int(length))

    def _read_chunks(self) -> bytes | None:
        body = bytearray()
        while True:
            line = self.rfile.readline(64).partition(b";")[0].strip()
            size = int(line or b"0", 16)
            if len(body) + size > _LARGEST_BODY:
                return None
            if size == 0:
                while self.rfile.readline(1024).strip():
                    pass
                return bytes(body)
            body += self.rfile.read(size)
            self.rfile.readline(8)

    def _send(self, reply: Reply) -> None:
        body, headers = reply.body, dict(reply.headers)
        if len(body) > _WORTH_PRESSING and "gzip" in self.headers.get("Accept-Encoding", "") and reply.cut_at is None:
            body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: reply.cut_at])
        if reply.cut_at is not None:
            self._vanish(reset=False)

    def _stream(self, stream: Stream) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("X-Generation-Id", stream.envelope.id)
        if stream.delivery.gzip:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        writer = StreamWriter(
            self.connection.sendall,
            envelope=stream.envelope,
            delivery=stream.delivery,
            tempo=stream.tempo,
            speed=self.site.speed,
            closing=self.site.closing,
            is_gone=self._is_gone,
            bill=stream.bill,
        )
        try:
            writer.play(stream.parts)
            stream.settle(writer.played)
            self.wfile.write(b"0\r\n\r\n")
        except Broken as broken:
            writer.played.cancelled = not broken.wanted
            stream.settle(writer.played)
            self._vanish(reset=broken.reset)

    def _is_gone(self) -> bool:
        """Say whether the client has closed its side."""
        self.connection.setblocking(False)
        try:
            return not self.connection.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True
        finally:
            self.connection.setblocking(True)

    def _hang(self) -> None:
        while not self.site.closing.wait(0.05):
            if self._is_gone():
                return

    def _vanish(self, *, reset: bool) -> None:
        """Close the connection in the middle of whatever was going on."""
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
