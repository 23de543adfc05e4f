"""Messages for network failures."""

from __future__ import annotations

import ssl

import httpx
import pytest

from tui_router.domain.problem import ErrorKind
from tui_router.openrouter.network_errors import classify_exception
from tui_router.openrouter.server_errors import RequestFailure


def told(error: Exception, *, started: bool = False) -> RequestFailure:
    """The verdict of an exception."""
    return classify_exception(error, started=started, read_timeout=60, host="openrouter.ai")


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (httpx.ConnectTimeout("timed out"), "openrouter.ai did not accept the connection in time"),
        (httpx.ConnectError("[Errno -2] Name or service not known"), "The name openrouter.ai could not be resolved"),
        (httpx.ConnectError("[Errno 111] Connection refused"), "openrouter.ai refused the connection"),
        (httpx.ProxyError("407 Proxy Authentication Required"), "The proxy refused: 407 Proxy Authentication Required"),
        (httpx.RemoteProtocolError("x"), "openrouter.ai closed the connection without an answer"),
        (httpx.ConnectError("no route to host"), "openrouter.ai: no route to host"),
    ],
)
def test_no_network_explains_the_cause(error: Exception, detail: str) -> None:
    failure = told(error)
    assert (failure.problem.kind, failure.problem.title) == (ErrorKind.NETWORK, "No network")
    assert failure.problem.detail == detail
    assert failure.retries > 0


def test_an_invalid_certificate_is_not_retried() -> None:
    cause = ssl.SSLCertVerificationError("certificate verify failed")
    cause.verify_message = "self-signed certificate"
    error = httpx.ConnectError("x")
    error.__cause__ = cause
    failure = told(error)
    assert failure.retries == 0
    assert failure.problem.detail == "The certificate of openrouter.ai is not trusted: self-signed certificate"


def test_a_read_timeout_is_retried_once_only_before_the_answer() -> None:
    assert told(httpx.ReadTimeout("")).problem.title == "No answer for 60 s"
    assert told(httpx.ReadTimeout("")).retries == 1
    assert told(httpx.ReadTimeout(""), started=True).retries == 0


def test_an_unsendable_request_is_a_settings_problem() -> None:
    assert told(httpx.UnsupportedProtocol("x")).problem.kind is ErrorKind.SETTINGS


def test_a_lost_connection_interrupts_the_answer() -> None:
    failure = told(httpx.ReadError(""), started=True)
    assert (failure.problem.kind, failure.problem.title) == (ErrorKind.INTERRUPTED, "The answer was cut off")
    assert failure.problem.detail == "The connection was lost before the answer was complete"
    assert told(OSError("odd"), started=True).problem.detail == "odd"
