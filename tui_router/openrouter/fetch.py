"""Small requests whose answer is one piece of JSON: the catalogue, the key, the balance."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui_router.domain import untrusted
from tui_router.domain.problem import Problem, Trouble
from tui_router.openrouter import sentences
from tui_router.openrouter.attempt import read_some, redirected
from tui_router.openrouter.cancel import Wire
from tui_router.openrouter.failures import network_errors, verdict_of_exception
from tui_router.openrouter.problems import error_in, plain_verdict, verdict_of_error, verdict_of_response
from tui_router.openrouter.trace import Trace
from tui_router.openrouter.transport import Call, Transport


def fetch(
    transport: Transport,
    call: Call,
    *,
    clock: Callable[[], float],
    headers: Callable[[Mapping[str, str]], None],
) -> object:
    """Send a small request and return its JSON; everything else becomes ``Trouble``.

    ``headers`` is told the headers of the response (lower-case names), whatever it is.
    """
    line, held, response = transport.borrow(), Wire(), None
    trace, problem = Trace(clock), None
    try:
        response = line.send(call, held, trace)
        found = {name.lower(): value for name, value in response.headers.items()}
        trace.answered(response.status_code, found)
        headers(found)
        if 300 <= response.status_code < 400:
            target = found.get("location", "")
            raise Trouble(redirected(transport.base_url, target, response.status_code).problem)
        body = read_some(response) if response.status_code >= 400 else response.read()
        trace.received(len(body))
        if response.status_code >= 400:
            raise Trouble(verdict_of_response(response.status_code, found, body).problem)
        return _json_of(body)
    except Trouble as trouble:
        problem = trouble.problem
        raise
    except network_errors() as error:
        problem = _network_problem(error, transport, started=response is not None)
        raise Trouble(problem) from None
    finally:
        if response is not None:
            response.close()
        held.release()
        transport.give_back(line)
        trace.ended(None, problem=problem)


def _network_problem(error: Exception, transport: Transport, *, started: bool) -> Problem:
    timeout = transport.timeouts.read
    return verdict_of_exception(error, started=started, read_timeout=timeout, host=transport.host).problem


def _json_of(body: bytes) -> object:
    try:
        payload = untrusted.parse_json(body)
    except ValueError:
        raise Trouble(plain_verdict(sentences.UNREADABLE, "Something other than JSON came").problem) from None
    if isinstance(payload, dict) and (error := error_in(payload)) is not None:
        raise Trouble(verdict_of_error(error).problem)
    return payload
