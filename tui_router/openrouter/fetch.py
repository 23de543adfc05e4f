"""Requests whose response is one JSON document: catalog, key, credits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tui_router.domain import untrusted
from tui_router.domain.problem import AppError, Problem
from tui_router.openrouter import error_rules
from tui_router.openrouter.cancel import SocketHandle
from tui_router.openrouter.network_errors import classify_exception, network_errors, redirect_failure
from tui_router.openrouter.request_log import RequestLogger
from tui_router.openrouter.server_errors import classify_error, classify_response, error_of, failure_from_rule
from tui_router.openrouter.transport import ApiRequest, Transport

if TYPE_CHECKING:
    import httpx


def fetch_json(
    transport: Transport,
    api_request: ApiRequest,
    *,
    clock: Callable[[], float],
    headers: Callable[[Mapping[str, str]], None],
) -> object:
    """Send a request and return the JSON of its response.

    ``headers`` receives the response headers (lower-case names), also of an error.

    Raises:
        AppError: The request failed, or the response is not JSON.
    """
    connection, socket, response = transport.acquire(), SocketHandle(), None
    logger, problem = RequestLogger(clock), None
    try:
        response = connection.send(api_request, socket, logger)
        response_headers = {name.lower(): value for name, value in response.headers.items()}
        logger.responded(response.status_code, response_headers)
        headers(response_headers)
        if 300 <= response.status_code < 400:
            target = response_headers.get("location", "")
            raise AppError(redirect_failure(transport.base_url, target, response.status_code).problem)
        body = read_error_body(response) if response.status_code >= 400 else response.read()
        logger.received(len(body))
        if response.status_code >= 400:
            raise AppError(classify_response(response.status_code, response_headers, body).problem)
        return _json_of(body)
    except AppError as error:
        problem = error.problem
        raise
    except network_errors() as error:
        problem = _network_problem(error, transport, started=response is not None)
        raise AppError(problem) from None
    finally:
        if response is not None:
            response.close()
        socket.detach()
        transport.release(connection)
        logger.ended(None, problem=problem)


def _network_problem(error: Exception, transport: Transport, *, started: bool) -> Problem:
    timeout = transport.timeouts.read
    return classify_exception(error, started=started, read_timeout=timeout, host=transport.host).problem


def _json_of(body: bytes) -> object:
    try:
        payload = untrusted.parse_json(body)
    except ValueError:
        raise AppError(failure_from_rule(error_rules.UNREADABLE, "The response is not JSON").problem) from None
    if isinstance(payload, dict) and (error := error_of(payload)) is not None:
        raise AppError(classify_error(error).problem)
    return payload


_MAX_ERROR_BYTES = 1_000_000


def read_error_body(response: httpx.Response) -> bytes:
    """Return the start of an error body. Does not raise if reading fails."""
    import httpx  # already loaded

    body = bytearray()
    try:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > _MAX_ERROR_BYTES:
                break
    except httpx.HTTPError:
        pass  # the status alone suffices
    return bytes(body)
