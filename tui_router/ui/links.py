"""Opens http, https and mailto links, and reports their real target so that it can be shown first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.safe import clean_line

SCHEMES = ("http", "https", "mailto")


@dataclass(frozen=True, slots=True)
class Target:
    """The real target of a link."""

    url: str
    """The full URL in ASCII, as it will be opened."""
    host: str
    """The host name in ASCII, which reveals look-alike letters; for mailto, the address."""
    warning: str = ""
    """Why the link may be misleading; empty if it is not."""

    def sentence(self) -> str:
        """Return the text to show before the link opens."""
        return f"Open {self.url}" + (f" ({self.warning})" if self.warning else "")


def read_target(url: str) -> Target:
    """Return the target of a link.

    Raises:
        AppError: The link is malformed, or its scheme is not allowed.
    """
    shown = clean_line(url, 300)
    if any(c.isspace() or not c.isprintable() for c in url):
        raise _refused(shown, "It holds characters that no address holds.")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port
    except ValueError as error:
        raise _refused(shown, "It is not an address.") from error
    if parts.scheme.lower() not in SCHEMES:
        raise _refused(shown, "Only http, https and mailto links open.")
    if parts.scheme.lower() == "mailto":
        return Target(_ascii(url), clean_line(parts.path))
    if not host:
        raise _refused(shown, "It names no machine.")
    plain = _ascii_host(host)
    warnings = []
    if plain != host.lower():
        warnings.append(f"the name is written in other letters: {host}")
    if parts.username is not None or parts.password is not None:
        warnings.append(f"the text before @ is not the host: this leads to {plain}")
    authority = f"[{plain}]" if ":" in plain else plain
    authority += f":{port}" if port is not None else ""
    path = _ascii(parts._replace(scheme="", netloc="").geturl())
    return Target(f"{parts.scheme.lower()}://{authority}{path}", plain, "; ".join(warnings))


def open_link(url: str, environ: Mapping[str, str], opener: Callable[[str], bool] | None = None) -> Target:
    """Open a link in the browser and return its target.

    Raises:
        AppError: The link is malformed or not allowed, or there is no browser, e.g. over SSH.
    """
    target = read_target(url)
    if opener is None:
        if not has_browser(environ):
            raise AppError(
                Problem(
                    kind=ErrorKind.USAGE,
                    title="No browser here",
                    detail=f"It leads to {target.url}",
                    hint="Copy the address instead.",
                )
            )
        import webbrowser  # searches the whole PATH on first use

        opener = webbrowser.open
    if not opener(target.url):
        raise _refused(target.url, "No browser took it.")
    return target


def has_browser(environ: Mapping[str, str], platform: str = "") -> bool:
    """Return whether a graphical browser is likely; a browser in the terminal would take over the screen."""
    import sys

    if (platform or sys.platform) in ("darwin", "win32"):
        return True
    return any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"))


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise _refused(clean_line(host), "The machine's name is not one.") from error


def _ascii(text: str) -> str:
    return "".join(c if c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in text)


def _refused(shown: str, reason: str) -> AppError:
    return AppError(Problem(kind=ErrorKind.USAGE, title="This link is not opened", detail=f"{reason} {shown}"))
