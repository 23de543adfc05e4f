"""HTTP connections: base URL, headers, proxy, certificates and timeouts.

The only module that creates httpx clients; httpx is imported for the first one. Redirects are never followed, as they
would send the prompt, and sometimes the key, to another host.
"""

from __future__ import annotations

import ipaddress
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tui_router import __version__
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.safe import clean_line
from tui_router.domain.secret import Secret, redact
from tui_router.domain.settings import PROJECT_URL
from tui_router.openrouter.cancel import SocketHandle
from tui_router.openrouter.request_log import RequestLogger

if TYPE_CHECKING:
    import ssl

    import httpx
from collections.abc import Mapping

_MAX_IDLE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Timeouts in seconds. ``read`` limits the time between two chunks, not the whole answer."""

    connect: float = 10.0
    read: float = 60.0
    write: float = 30.0
    pool: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AppIdentity:
    """Attribution of this app at OpenRouter."""

    referer: str = PROJECT_URL
    title: str = "tui-router"
    categories: tuple[str, ...] = ("general-chat",)

    def headers(self) -> dict[str, str]:
        """Return the attribution headers, without characters that headers cannot contain."""
        title = _header(self.title)
        found = {
            "HTTP-Referer": _header(self.referer),
            "X-OpenRouter-Title": title,
            "X-Title": title,
            "X-OpenRouter-Categories": ",".join(filter(None, map(_header, self.categories[:2]))),
        }
        return {name: value for name, value in found.items() if value}


def check_base_url(address: str) -> str:
    """Validate a base URL and return it without trailing slashes.

    Raises:
        AppError: It is invalid, or uses http to another machine, which would expose the key.
    """
    text = address.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise _base_url_error(text, "It is not a valid URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise _base_url_error(text, "It must start with https://")
    if parts.username or parts.password or parts.query or parts.fragment or not text.isascii() or " " in text:
        raise _base_url_error(text, "It may contain only a host, a port and a path")
    if parts.scheme == "http" and not is_loopback(host):
        raise _base_url_error(
            text, "Without https, the key would be sent unencrypted; http is allowed only for this machine"
        )
    return text


def is_loopback(host: str) -> bool:
    """Return whether a host name refers to this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_key(key: Secret | str) -> Secret:
    """Return a key that is valid in a header. Raises ``AppError``, which does not contain the key."""
    value = (key.reveal() if isinstance(key, Secret) else key).strip()
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        detail = "It is empty or contains invalid characters"
        raise AppError(Problem(kind=ErrorKind.BAD_KEY, title="This is not a key", detail=detail, hint="Paste it again"))
    return Secret(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """An API request."""

    method: str
    path: str
    """Path below the base URL, with a leading slash."""
    key: Secret | None = None
    body: bytes | None = None
    is_stream: bool = False
    model: str = ""
    """Model id, for the log."""
    attempt: int = 1
    may_be_cached: bool = False
    """Whether OpenRouter may answer from its response cache."""


class HttpConnection:
    """One connection, used by one request at a time, so that its socket is known and can be shut down."""

    def __init__(self, client: httpx.Client, base_url: str) -> None:
        self._client = client
        self._base_url = base_url
        self._stream: Any = None

    def send(self, api_request: ApiRequest, socket: SocketHandle, logger: RequestLogger) -> httpx.Response:
        """Send a request and return the response with its body unread. Raises httpx exceptions."""
        address = self._base_url + api_request.path
        logger.sent(api_request.method, address, api_request.body, model=api_request.model, attempt=api_request.attempt)
        if self._stream is not None:
            socket.attach(self._stream)

        def on_trace(name: str, info: dict[str, Any]) -> None:
            if name.endswith((".connect_tcp.complete", ".start_tls.complete")):
                self._stream = info["return_value"]
                socket.attach(self._stream)
                logger.connected()

        headers = {"Accept": "text/event-stream, application/json" if api_request.is_stream else "application/json"}
        if api_request.is_stream:
            headers["X-OpenRouter-Metadata"] = "enabled"  # OpenRouter then reports its failed attempts
            headers["Accept-Encoding"] = "identity"  # compression would delay tokens
        if api_request.may_be_cached:
            headers |= RESPONSE_CACHE_HEADERS
        if api_request.body is not None:
            headers["Content-Type"] = "application/json"
        if api_request.key is not None:
            headers["Authorization"] = f"Bearer {api_request.key.reveal()}"
        request = self._client.build_request(
            api_request.method, address, headers=headers, content=api_request.body, extensions={"trace": on_trace}
        )
        return self._client.send(request, stream=True)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


class Transport:
    """A pool of connections; idle ones are reused to save handshakes."""

    def __init__(
        self,
        base_url: str,
        *,
        timeouts: Timeouts = Timeouts(),
        proxy: str = "",
        ca_bundle: str = "",
        app: AppIdentity = AppIdentity(),
        log_content: bool = False,
    ) -> None:
        self.log_content = log_content
        """Whether the debug log may contain prompts and answers."""
        self.base_url = check_base_url(base_url)
        self.host = urlsplit(self.base_url).hostname or ""
        self.timeouts = timeouts
        self._proxy = proxy
        self._ca_bundle = ca_bundle
        self._app = app
        self._lock = threading.Lock()
        self._idle: list[HttpConnection] = []
        self._context: ssl.SSLContext | None = None
        self._is_closed = False

    @property
    def site(self) -> str:
        """Scheme and host of the service, for sign-in pages."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    def acquire(self) -> HttpConnection:
        """Return a connection for exclusive use. Raises ``AppError`` if the proxy or certificates are unusable."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if self._context is None:
                self._context = self._ssl_context()
            context = self._context
        return HttpConnection(self._client(context), self.base_url)

    def release(self, connection: HttpConnection) -> None:
        """Return a connection whose last response was closed."""
        with self._lock:
            if not self._is_closed and len(self._idle) < _MAX_IDLE:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close idle connections; others are closed when released."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _client(self, context: ssl.SSLContext) -> httpx.Client:
        load_httpx()
        import httpx

        times = self.timeouts
        try:
            return httpx.Client(
                headers={"User-Agent": f"tui-router/{__version__} (+{PROJECT_URL})", **self._app.headers()},
                timeout=httpx.Timeout(connect=times.connect, read=times.read, write=times.write, pool=times.pool),
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=90),
                proxy=self._proxy or None,
                verify=context,
                follow_redirects=False,
                trust_env=not is_loopback(self.host),
            )
        except (ValueError, ImportError, httpx.InvalidURL) as error:
            detail = clean_line(redact(str(error)), 200)
            raise _settings_error("The proxy cannot be used", detail, "Check network.proxy") from None

    def _ssl_context(self) -> ssl.SSLContext:
        import ssl  # only when a connection is built

        load_httpx()
        import httpx

        try:
            if self._ca_bundle:
                return ssl.create_default_context(cafile=self._ca_bundle)
            if self.base_url.startswith("http://") and not self._proxy:
                # Loopback is not encrypted, and loading all certificates would take longer than the answer.
                return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            return httpx.create_ssl_context()
        except (OSError, ValueError) as error:
            detail = clean_line(str(error), 200)
            hint = "Check network.ca_bundle, SSL_CERT_FILE and SSL_CERT_DIR"
            raise _settings_error("The trusted certificates cannot be read", detail, hint) from None


def load_httpx() -> None:
    """Import httpx, which takes most of a tenth of a second, when the first request needs it.

    Its command line interface is not imported; with click installed, that would double the time.
    """
    command_line = "httpx._main"
    if "httpx" in sys.modules:
        return
    sys.modules[command_line] = None  # type: ignore[assignment]  # makes the import system report "not installed"
    try:
        import httpx  # noqa: F401
    finally:
        sys.modules.pop(command_line, None)


def _base_url_error(address: str, reason: str) -> AppError:
    shown = clean_line(redact(address.rpartition("@")[2]), 120)
    return _settings_error(f"The address {shown or '(empty)'} cannot be used", reason, "Check network.base_url")


def _settings_error(title: str, detail: str, hint: str) -> AppError:
    return AppError(Problem(kind=ErrorKind.SETTINGS, title=title, detail=detail, hint=hint))


def _header(value: str) -> str:
    return clean_line(value).encode("ascii", "ignore").decode().strip()


RESPONSE_CACHE_HEADERS = {"X-OpenRouter-Cache": "true"}
"""Headers that allow OpenRouter to answer from its response cache; such answers are free."""


def cache_age(headers: Mapping[str, str]) -> float | None:
    """Return the age of a cached answer in seconds, from headers with lower-case names; ``None`` if not cached."""
    if headers.get("x-openrouter-cache-status", "").strip().upper() != "HIT":
        return None
    age = headers.get("x-openrouter-cache-age", "").strip()
    return float(age) if age.isascii() and age.isdecimal() and len(age) < 10 else 0.0
