"""Browser sign-in with PKCE, and the listener for its callback.

OpenRouter has no ``state`` parameter, so the callback URL has a random path, and only that path is accepted, once.
``OpenRouter.redeem_code`` exchanges the code for a key.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import socket
from contextlib import suppress
from urllib.parse import parse_qs, urlencode, urlsplit

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.openrouter.cancel import Cancel

TIMEOUT = 300.0
"""Seconds to complete the sign-in."""
_MAX_REQUEST_BYTES = 16_384
_PAGE = (
    "<!doctype html><meta charset=utf-8><title>tui-router</title>"
    "<body style='font-family:sans-serif;margin:4em'><h1>{title}</h1><p>{text}</p>"
)


def new_verifier() -> str:
    """Return a new code verifier of 64 characters."""
    return secrets.token_urlsafe(48)


def challenge(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636): unpadded base64url of its SHA-256."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def sign_in_url(site: str, challenge: str, callback: str = "") -> str:
    """Return the URL to open in a browser; without a callback, the page shows a code to paste."""
    query = {"callback_url": callback} if callback else {}
    query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    return f"{site.rstrip('/')}/auth?{urlencode(query)}"


class CallbackListener:
    """Listens on 127.0.0.1 for the browser's callback. A context manager for a single use."""

    def __init__(self) -> None:
        self._path = f"/callback/{secrets.token_urlsafe(16)}"
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=4)

    @property
    def url(self) -> str:
        """The callback URL."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}{self._path}"

    def wait(self, cancel: Cancel | None = None, timeout: float = TIMEOUT) -> str | None:
        """Return the code, or ``None`` if cancelled.

        Raises:
            AppError: The time is up, or the user declined in the browser.
        """
        cancel = cancel or Cancel()
        self._socket.settimeout(timeout)
        with cancel.waking(self._wake):
            while not cancel.is_set:
                try:
                    connection, _ = self._socket.accept()
                except TimeoutError:
                    raise _not_signed_in("The sign-in was not completed in time") from None
                except OSError:
                    break  # shut down by a cancel
                with connection:
                    code = self._serve(connection)
                if code is not None:
                    return code
        return None

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()

    def __enter__(self) -> CallbackListener:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wake(self) -> None:
        """Connect to ourselves, as shutting down a listening socket does not wake ``accept`` on all platforms."""
        with suppress(OSError), socket.create_connection(self._socket.getsockname()[:2], timeout=1):
            pass

    def _serve(self, connection: socket.socket) -> str | None:
        """Serve one request and return the code; other paths get a 404 and return ``None``."""
        target = _target(connection)
        url_parts = urlsplit(target)
        query = parse_qs(url_parts.query)
        if not secrets.compare_digest(url_parts.path.encode(), self._path.encode()):
            _reply(connection, "404 Not Found", "Nothing here", "")
            return None
        if code := next(iter(query.get("code", [])), ""):
            _reply(connection, "200 OK", "Signed in", "You can close this tab and go back to the terminal.")
            return code
        _reply(connection, "400 Bad Request", "Not signed in", "Go back to the terminal and try again.")
        raise _not_signed_in("The browser returned without a code")


def _target(connection: socket.socket) -> str:
    """Return the path of a GET request, or an empty string for anything else."""
    connection.settimeout(5)
    received = b""
    with suppress(OSError):
        while b"\r\n\r\n" not in received and len(received) < _MAX_REQUEST_BYTES:
            chunk = connection.recv(4096)
            if not chunk:
                break
            received += chunk
    text = received.split(b"\r\n", 1)[0].decode("ascii", "replace").split(" ")
    return text[1] if len(text) == 3 and text[0] == "GET" else ""


def _reply(connection: socket.socket, status: str, title: str, text: str) -> None:
    page = _PAGE.format(title=title, text=text).encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(page)}\r\n"
        "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
    )
    with suppress(OSError):
        connection.sendall(head.encode("ascii") + page)


def _not_signed_in(detail: str) -> AppError:
    hint = "Try again, or paste the code instead"
    return AppError(Problem(kind=ErrorKind.NO_KEY, title="Not signed in", detail=detail, hint=hint))
