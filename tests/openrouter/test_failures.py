"""What the network does, as a person reads it."""

from __future__ import annotations

import ssl

import httpx
import pytest

from tui_router.domain.problem import Kind
from tui_router.openrouter.failures import verdict_of_exception
from tui_router.openrouter.problems import Verdict


def told(error: Exception, *, started: bool = False) -> Verdict:
    """The verdict of an exception."""
    return verdict_of_exception(error, started=started, read_timeout=60, host="openrouter.ai")


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (httpx.ConnectTimeout("timed out"), "openrouter.ai did not take the connection in time"),
        (httpx.ConnectError("[Errno -2] Name or service not known"), "The name openrouter.ai could not be looked up"),
        (httpx.ConnectError("[Errno 111] Connection refused"), "openrouter.ai refused the connection"),
        (httpx.ProxyError("407 Proxy Authentication Required"), "The proxy refused: 407 Proxy Authentication Required"),
        (httpx.RemoteProtocolError("x"), "openrouter.ai closed the connection without an answer"),
        (httpx.ConnectError("no route to host"), "openrouter.ai: no route to host"),
    ],
)
def test_no_network_says_what_is_missing(error: Exception, detail: str) -> None:
    verdict = told(error)
    assert (verdict.problem.kind, verdict.problem.title) == (Kind.NETWORK, "No network")
    assert verdict.problem.detail == detail
    assert verdict.retries > 0


def test_a_bad_certificate_is_final() -> None:
    cause = ssl.SSLCertVerificationError("certificate verify failed")
    cause.verify_message = "self-signed certificate"
    error = httpx.ConnectError("x")
    error.__cause__ = cause
    verdict = told(error)
    assert verdict.retries == 0
    assert verdict.problem.detail == "The certificate of openrouter.ai is not trusted: self-signed certificate"


def test_silence_names_its_seconds_and_is_tried_once_more_only_before_the_answer() -> None:
    assert told(httpx.ReadTimeout("")).problem.title == "No answer for 60 s"
    assert told(httpx.ReadTimeout("")).retries == 1
    assert told(httpx.ReadTimeout(""), started=True).retries == 0


def test_a_request_that_cannot_be_sent_is_a_matter_of_settings() -> None:
    assert told(httpx.UnsupportedProtocol("x")).problem.kind is Kind.SETTINGS


def test_a_lost_connection_is_an_answer_cut_off() -> None:
    verdict = told(httpx.ReadError(""), started=True)
    assert (verdict.problem.kind, verdict.problem.title) == (Kind.INTERRUPTED, "The answer was cut off")
    assert verdict.problem.detail == "The connection was lost before the answer ended"
    assert told(OSError("odd"), started=True).problem.detail == "odd"
