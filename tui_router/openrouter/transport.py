"""Connections: who may be reached, with which headers, proxy, certificates and patience.

The only place that builds an httpx client, and httpx is imported when the first one is built.
Redirects are never followed: they would carry the prompt, and sometimes the key, elsewhere.
"""

from __future__ import annotations

import ipaddress
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tui_router import __version__
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.safe import clean_line
from tui_router.domain.secret import Secret, redact
from tui_router.domain.settings import PROJECT_URL
from tui_router.openrouter import reuse
from tui_router.openrouter.cancel import Wire
from tui_router.openrouter.trace import Trace

if TYPE_CHECKING:
    import ssl

    import httpx

_MOST_IDLE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds. ``read`` is the longest silence between two pieces, not the length of an answer."""

    connect: float = 10.0
    read: float = 60.0
    write: float = 30.0
    pool: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AppIdentity:
    """How the service lists this app."""

    referer: str = PROJECT_URL
    title: str = "tui-router"
    categories: tuple[str, ...] = ("general-chat",)

    def headers(self) -> dict[str, str]:
        """Return the attribution headers; what a header cannot hold is left out."""
        title = _header(self.title)
        found = {
            "HTTP-Referer": _header(self.referer),
            "X-OpenRouter-Title": title,
            "X-Title": title,
            "X-OpenRouter-Categories": ",".join(filter(None, map(_header, self.categories[:2]))),
        }
        return {name: value for name, value in found.items() if value}


def check_base_url(address: str) -> str:
    """Return an address of the service without a trailing slash, or raise ``Trouble``.

    It must be https, or http on this machine: a key never crosses a network in the clear.
    """
    text = address.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise _bad_address(text, "It is not an address") from None
    if parts.scheme not in ("http", "https") or not host:
        raise _bad_address(text, "It must begin with https://")
    if parts.username or parts.password or parts.query or parts.fragment or not text.isascii() or " " in text:
        raise _bad_address(text, "It must hold only a host, a port and a path")
    if parts.scheme == "http" and not is_loopback(host):
        raise _bad_address(text, "Without https the key would be readable on the way; http works only on this machine")
    return text


def is_loopback(host: str) -> bool:
    """Say whether a host name means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_key(key: Secret | str) -> Secret:
    """Return a key that fits into a header, or raise ``Trouble`` that does not repeat it."""
    value = (key.reveal() if isinstance(key, Secret) else key).strip()
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        detail = "It is empty, or holds characters that no key has"
        raise Trouble(Problem(kind=Kind.BAD_KEY, title="This is not a key", detail=detail, hint="Paste it again"))
    return Secret(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP request."""

    method: str
    path: str
    """Below the base URL, with its leading slash."""
    key: Secret | None = None
    body: bytes | None = None
    is_stream: bool = False
    model: str = ""
    """Who is asked, for the log."""
    attempt: int = 1
    may_be_cached: bool = False
    """Whether the service may answer from its own cache."""


class Line:
    """One connection, used by one request at a time, so that its socket is known and can be cut."""

    def __init__(self, client: httpx.Client, base_url: str) -> None:
        self._client = client
        self._base_url = base_url
        self._stream: Any = None

    def send(self, call: Call, wire: Wire, trace: Trace) -> httpx.Response:
        """Send a request and return its response, the body unread. Raises what httpx raises."""
        address = self._base_url + call.path
        trace.sent(call.method, address, call.body, model=call.model, attempt=call.attempt)
        if self._stream is not None:
            wire.hold(self._stream)

        def watch(name: str, info: dict[str, Any]) -> None:
            if name.endswith((".connect_tcp.complete", ".start_tls.complete")):
                self._stream = info["return_value"]
                wire.hold(self._stream)
                trace.connected()

        headers = {"Accept": "text/event-stream, application/json" if call.is_stream else "application/json"}
        if call.is_stream:
            headers["X-OpenRouter-Metadata"] = "enabled"  # which of its own tries failed comes with the answer
            headers["Accept-Encoding"] = "identity"  # a compressor on the way would hold words back
        if call.may_be_cached:
            headers |= reuse.ASK
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        if call.key is not None:
            headers["Authorization"] = f"Bearer {call.key.reveal()}"
        request = self._client.build_request(
            call.method, address, headers=headers, content=call.body, extensions={"trace": watch}
        )
        return self._client.send(request, stream=True)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


class Transport:
    """Hands out lines and keeps idle ones, so that the next request saves a handshake."""

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
        """True when the debug log may hold questions and answers."""
        self.base_url = check_base_url(base_url)
        self.host = urlsplit(self.base_url).hostname or ""
        self.timeouts = timeouts
        self._proxy = proxy
        self._ca_bundle = ca_bundle
        self._app = app
        self._lock = threading.Lock()
        self._idle: list[Line] = []
        self._context: ssl.SSLContext | None = None
        self._is_closed = False

    @property
    def site(self) -> str:
        """Scheme and host of the service, where people sign in."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    def borrow(self) -> Line:
        """Return a line of one's own; raises ``Trouble`` when proxy or certificates cannot be used."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if self._context is None:
                self._context = self._trust()
            context = self._context
        return Line(self._client(context), self.base_url)

    def give_back(self, line: Line) -> None:
        """Take a line back whose last response was closed."""
        with self._lock:
            if not self._is_closed and len(self._idle) < _MOST_IDLE:
                self._idle.append(line)
                return
        line.close()

    def close(self) -> None:
        """Close the idle lines; borrowed ones close when they come back."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for line in idle:
            line.close()

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
            raise _settings_trouble("The proxy cannot be used", detail, "Check network.proxy") from None

    def _trust(self) -> ssl.SSLContext:
        import ssl  # only when a connection is built

        load_httpx()
        import httpx

        try:
            if self._ca_bundle:
                return ssl.create_default_context(cafile=self._ca_bundle)
            if self.base_url.startswith("http://") and not self._proxy:
                # Nothing is encrypted on this machine: reading all certificates would take longer than the answer.
                return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            return httpx.create_ssl_context()
        except (OSError, ValueError) as error:
            detail = clean_line(str(error), 200)
            hint = "Check network.ca_bundle, SSL_CERT_FILE and SSL_CERT_DIR"
            raise _settings_trouble("The trusted certificates cannot be read", detail, hint) from None


def load_httpx() -> None:
    """Import httpx: most of a tenth of a second, paid by the first request and not by the start.

    Its own command line stays out. Where click is installed, that alone would double the time.
    """
    command_line = "httpx._main"
    if "httpx" in sys.modules:
        return
    sys.modules[command_line] = None  # type: ignore[assignment]  # says "not installed" to the import system
    try:
        import httpx  # noqa: F401
    finally:
        sys.modules.pop(command_line, None)


def _bad_address(address: str, why: str) -> Trouble:
    shown = clean_line(redact(address.rpartition("@")[2]), 120)
    return _settings_trouble(f"The address {shown or '(empty)'} cannot be used", why, "Check network.base_url")


def _settings_trouble(title: str, detail: str, hint: str) -> Trouble:
    return Trouble(Problem(kind=Kind.SETTINGS, title=title, detail=detail, hint=hint))


def _header(value: str) -> str:
    return clean_line(value).encode("ascii", "ignore").decode().strip()
