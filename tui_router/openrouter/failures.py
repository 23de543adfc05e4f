"""What the network did, said for a human: exceptions of httpx to verdicts."""

from __future__ import annotations

from tui_router.domain.problem import Kind, Problem
from tui_router.openrouter import sentences
from tui_router.openrouter.problems import Verdict, plain_verdict, safe_detail

_CONNECTION = "Check the connection, the proxy and the base URL"
_NAME_WORDS = ("name or service not known", "name resolution", "nodename nor servname", "getaddrinfo", "no address")


def network_errors() -> tuple[type[Exception], ...]:
    """Return what a request may raise without anybody being to blame for a bug."""
    import httpx  # already loaded by whoever built the connection; not worth its cost anywhere else

    return (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError)


def verdict_of_exception(error: Exception, *, started: bool, read_timeout: float, host: str) -> Verdict:
    """Classify an exception of a request.

    Args:
        error: What httpx (or the system) raised.
        started: True when response headers had already arrived.
        read_timeout: The longest silence that was allowed, in seconds.
        host: The host that was asked.
    """
    import httpx  # see above

    if isinstance(error, httpx.ReadTimeout):
        return _silence(read_timeout, started)
    if isinstance(error, httpx.DecodingError):
        return plain_verdict(sentences.UNREADABLE, "It was compressed in a way that could not be undone")
    if started:
        return Verdict(problem=_cut_off(error), retries=sentences.MANY)
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL | httpx.LocalProtocolError):
        detail = safe_detail(str(error))
        return Verdict(
            problem=Problem(kind=Kind.SETTINGS, title="The request could not be sent", detail=detail, hint=_CONNECTION)
        )
    if (certificate := _certificate_fault(error)) is not None:
        detail = f"The certificate of {host} is not trusted: {certificate}"
        hint = "Check the clock, or set the ca_bundle of your network"
        return Verdict(problem=Problem(kind=Kind.NETWORK, title="No network", detail=safe_detail(detail), hint=hint))
    return Verdict(
        problem=Problem(
            kind=Kind.NETWORK,
            title="No network",
            detail=_reason(error, host),
            hint=_CONNECTION,
            was_sent=isinstance(error, httpx.RemoteProtocolError | httpx.ReadError),
        ),
        retries=sentences.MANY,
    )


def _silence(read_timeout: float, started: bool) -> Verdict:
    title = f"No answer for {read_timeout:g} s"
    detail = "The server went silent" if started else "The server took the request and did not answer"
    hint = "Try again (what was made may be billed), or raise read_timeout"
    problem = Problem(kind=Kind.TIMEOUT, title=title, detail=detail, hint=hint)
    # A POST is not idempotent: the first try may have been billed, so there is one more and not five.
    return Verdict(problem=problem, retries=0 if started else 1)


def _cut_off(error: Exception) -> Problem:
    row = sentences.INTERRUPTED
    import httpx  # see above

    was_lost = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError)
    detail = "The connection was lost before the answer ended" if was_lost else safe_detail(str(error))
    return Problem(kind=row.kind, title=row.title, detail=detail, hint=row.hint)


def _reason(error: Exception, host: str) -> str:
    import httpx  # see above

    words = str(error)
    if isinstance(error, httpx.ConnectTimeout):
        return f"{host} did not take the connection in time"
    if isinstance(error, httpx.ProxyError):
        return safe_detail(f"The proxy refused: {words}")
    if any(word in words.lower() for word in _NAME_WORDS):
        return f"The name {host} could not be looked up"
    if "refused" in words.lower():
        return f"{host} refused the connection"
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return f"{host} closed the connection without an answer"
    return safe_detail(f"{host}: {words}")


def _certificate_fault(error: BaseException | None) -> str | None:
    import ssl  # already loaded where anything was encrypted

    seen = 0
    while error is not None and seen < 8:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error, seen = error.__cause__ or error.__context__, seen + 1
    return None
