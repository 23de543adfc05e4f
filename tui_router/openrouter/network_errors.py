"""Classifies failures that no server reports: httpx exceptions, redirects, empty answers."""

from __future__ import annotations

from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.safe import clean_line
from tui_router.domain.secret import redact
from tui_router.openrouter import error_rules
from tui_router.openrouter.server_errors import RequestFailure, failure_from_rule, sanitize_detail

_CHECK_CONNECTION = "Check the connection, the proxy and the base URL"
_DNS_ERRORS = ("name or service not known", "name resolution", "nodename nor servname", "getaddrinfo", "no address")


def network_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions that a request may raise because of the network."""
    import httpx  # already loaded by the transport; too slow to import anywhere else

    return (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError)


def classify_exception(error: Exception, *, started: bool, read_timeout: float, host: str) -> RequestFailure:
    """Classify an exception of a request.

    Args:
        error: Raised by httpx or the operating system.
        started: Whether response headers have arrived.
        read_timeout: Read timeout in seconds.
        host: Host of the request.
    """
    import httpx  # see above

    if isinstance(error, httpx.ReadTimeout):
        return _read_timeout_error(read_timeout, started)
    if isinstance(error, httpx.DecodingError):
        return failure_from_rule(error_rules.UNREADABLE, "The answer could not be decompressed")
    if started:
        return RequestFailure(problem=_interrupted_problem(error), retries=error_rules.UNLIMITED)
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL | httpx.LocalProtocolError):
        detail = sanitize_detail(str(error))
        return RequestFailure(
            problem=Problem(
                kind=ErrorKind.SETTINGS, title="The request could not be sent", detail=detail, hint=_CHECK_CONNECTION
            )
        )
    if (certificate := _certificate_error(error)) is not None:
        detail = f"The certificate of {host} is not trusted: {certificate}"
        hint = "Check the clock, or set the ca_bundle of your network"
        return RequestFailure(
            problem=Problem(kind=ErrorKind.NETWORK, title="No network", detail=sanitize_detail(detail), hint=hint)
        )
    return RequestFailure(
        problem=Problem(
            kind=ErrorKind.NETWORK,
            title="No network",
            detail=_connect_failure(error, host),
            hint=_CHECK_CONNECTION,
            was_sent=isinstance(error, httpx.RemoteProtocolError | httpx.ReadError),
        ),
        retries=error_rules.UNLIMITED,
    )


def _read_timeout_error(read_timeout: float, started: bool) -> RequestFailure:
    title = f"No answer for {read_timeout:g} s"
    detail = "The server stopped sending" if started else "The server accepted the request and did not answer"
    hint = "Try again (the first attempt may be billed), or raise read_timeout"
    problem = Problem(kind=ErrorKind.TIMEOUT, title=title, detail=detail, hint=hint)
    # A POST is not idempotent and may have been billed, so it is retried only once.
    return RequestFailure(problem=problem, retries=0 if started else 1)


def _interrupted_problem(error: Exception) -> Problem:
    rule = error_rules.INTERRUPTED
    import httpx  # see above

    was_lost = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError)
    detail = "The connection was lost before the answer was complete" if was_lost else sanitize_detail(str(error))
    return Problem(kind=rule.kind, title=rule.title, detail=detail, hint=rule.hint)


def _connect_failure(error: Exception, host: str) -> str:
    import httpx  # see above

    message = str(error)
    if isinstance(error, httpx.ConnectTimeout):
        return f"{host} did not accept the connection in time"
    if isinstance(error, httpx.ProxyError):
        return sanitize_detail(f"The proxy refused: {message}")
    if any(word in message.lower() for word in _DNS_ERRORS):
        return f"The name {host} could not be resolved"
    if "refused" in message.lower():
        return f"{host} refused the connection"
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return f"{host} closed the connection without an answer"
    return sanitize_detail(f"{host}: {message}")


def _certificate_error(error: BaseException | None) -> str | None:
    import ssl  # already loaded if TLS was used

    seen = 0
    while error is not None and seen < 8:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error, seen = error.__cause__ or error.__context__, seen + 1
    return None


def empty_answer_failure(generation_id: str, retries: int = 1) -> RequestFailure:
    """Return the failure for an answer without content: often a cold start, so retried once by default."""
    rule = error_rules.PROVIDER._replace(retries=retries)
    return failure_from_rule(rule, "The provider sent an empty answer", request_id=generation_id)


def redirect_failure(base_url: str, target: str, status: int) -> RequestFailure:
    """Return the failure for a redirect. Redirects are not followed; the message names the target."""
    shown = clean_line(redact(target), 200) or "another address"
    problem = Problem(
        kind=ErrorKind.SETTINGS,
        title="The base URL redirects elsewhere",
        detail=f"{base_url} answered {status} and points to {shown}; it was not followed",
        hint="If that is the right place, set it as the base URL",
        status=status,
    )
    return RequestFailure(problem=problem)
