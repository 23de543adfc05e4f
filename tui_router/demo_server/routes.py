"""Routes requests by path and authentication, and handles all of them except chat completions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias
from urllib.parse import unquote, urlencode

from tui_router.demo_server.catalog import endpoints_of, provider_list, zdr_endpoints
from tui_router.demo_server.chat import complete_chat, to_http
from tui_router.demo_server.models import SCENARIO_HEADER, find_scenario, model_row
from tui_router.demo_server.payloads import CannedResponse, JsonObject, encode_json
from tui_router.demo_server.responses import HttpResponse, NoResponse, Response
from tui_router.demo_server.script import CloseConnection, NeverRespond, ReturnError
from tui_router.demo_server.state import RecordedRequest, ServerState

API = "/api/v1"
CHAT = f"{API}/chat/completions"
_SCENARIO_PREFIX = "/scenario/"
_DEFAULT_LIMIT = 500
_MAX_LIMIT = 1000

Route: TypeAlias = Callable[[ServerState, RecordedRequest], Response]


def _json(body: JsonObject) -> HttpResponse:
    return HttpResponse(body=encode_json(body))


def _error(state: ServerState, status: int, message: str) -> HttpResponse:
    return to_http(CannedResponse(status=status, message=message), state.clock())


def _number(text: str | None, default: int, maximum: int) -> int | None:
    if text is None:
        return default
    return int(text) if text.isdecimal() and int(text) <= maximum else None


def _list(state: ServerState, request: RecordedRequest, rows: list[JsonObject]) -> Response:
    query = request.query
    total = len(rows)
    if "offset" not in query and "limit" not in query:
        return _json({"data": rows, "total_count": total, "links": {"next": None}})
    offset, limit = _number(query.get("offset"), 0, 10**6), _number(query.get("limit"), _DEFAULT_LIMIT, _MAX_LIMIT)
    if offset is None or limit is None or limit == 0:
        return _error(state, 400, "offset and limit: Expected numbers, limit from 1 to 1000")
    next_page = None
    if offset + limit < total:
        pairs = {**query, "offset": str(offset + limit), "limit": str(limit)}
        next_page = f"{request.path}?{urlencode(pairs)}"
    return _json({"data": rows[offset : offset + limit], "total_count": total, "links": {"next": next_page}})


def _models(state: ServerState, request: RecordedRequest) -> Response:
    return _list(state, request, state.catalog.filter(request.query))


def _count(state: ServerState, request: RecordedRequest) -> Response:
    return _json({"data": {"count": len(state.catalog.filter(request.query))}})


def _model(state: ServerState, request: RecordedRequest) -> Response:
    row = state.catalog.find(unquote(request.path.removeprefix(f"{API}/model/")))
    return _error(state, 404, "Model not found") if row is None else _json({"data": row})


def _endpoints(state: ServerState, request: RecordedRequest) -> Response:
    model_id = unquote(request.path.removeprefix(f"{API}/models/").removesuffix("/endpoints"))
    row = state.catalog.find(model_id)
    if row is None:
        return _error(state, 404, "Model not found")
    return _json({"data": endpoints_of(row, with_speed=request.key is not None)})


def _zero_retention(state: ServerState, request: RecordedRequest) -> Response:
    return _json({"data": zdr_endpoints(state.catalog.rows)})


def _embeddings(state: ServerState, request: RecordedRequest) -> Response:
    row = model_row(row_id="demo/embedding", name="Demo: Embedding", description="Demo row. Turns text into numbers.",
                   created=1_795_305_600, context=8192, out=None, prompt="0.00000002", completion="0",
                   outputs=("embeddings",))  # fmt: skip
    return _list(state, request, [row])


def _providers(state: ServerState, request: RecordedRequest) -> Response:
    return _json({"data": provider_list()})


def _key(state: ServerState, request: RecordedRequest) -> Response:
    return _json({"data": state.account.key_info(request.key.reveal() if request.key else "")})


def _credits(state: ServerState, request: RecordedRequest) -> Response:
    account = state.account
    return _json({"data": {"total_credits": float(account.credits), "total_usage": float(account.spent)}})


def _generation(state: ServerState, request: RecordedRequest) -> Response:
    wanted = request.query.get("id", "")
    record = state.account.generation(wanted, state.clock())
    return _error(state, 404, f"Generation {wanted} not found") if record is None else _json({"data": record})


def _sign_in(state: ServerState, request: RecordedRequest) -> Response:
    return to_http(state.sign_in_codes.issue_code(request.query, state.clock()), state.clock())


def _redeem(state: ServerState, request: RecordedRequest) -> Response:
    done = state.sign_in_codes.exchange_code(request.body, state.clock())
    return to_http(done, state.clock()) if isinstance(done, CannedResponse) else _json(done)


def _debug(state: ServerState, request: RecordedRequest) -> Response:
    return _json({"requests": [r.as_json() for r in state.log.all() if r.path != request.path]})


_PUBLIC: MappingProxyType[str, tuple[str, Route]] = MappingProxyType(
    {
        "/auth": ("GET", _sign_in),
        "/debug/requests": ("GET", _debug),
        f"{API}/auth/keys": ("POST", _redeem),
        f"{API}/models": ("GET", _models),
        f"{API}/models/count": ("GET", _count),
        f"{API}/providers": ("GET", _providers),
        f"{API}/endpoints/zdr": ("GET", _zero_retention),
        f"{API}/embeddings/models": ("GET", _embeddings),
    }
)
_AUTHENTICATED: MappingProxyType[str, tuple[str, Route]] = MappingProxyType(
    {
        f"{API}/models/user": ("GET", _models),
        f"{API}/key": ("GET", _key),
        f"{API}/auth/key": ("GET", _key),
        f"{API}/credits": ("GET", _credits),
        f"{API}/generation": ("GET", _generation),
        CHAT: ("POST", complete_chat),
    }
)


def _auth_error(request: RecordedRequest) -> str:
    if request.key is None:
        return "No auth credentials found" if "authorization" in request.headers else "Missing Authentication header"
    return "User not found." if "bad" in request.key.reveal() else ""


def _parameterized(path: str) -> tuple[str, Route] | None:
    if path.startswith(f"{API}/model/"):
        return "GET", _model
    if path.startswith(f"{API}/models/") and path.endswith("/endpoints"):
        return "GET", _endpoints
    return None


def _extract_scenario(request: RecordedRequest) -> RecordedRequest:
    """Move the scenario of a path such as ``/scenario/error-502-html/api/v1/key`` into a header."""
    if not request.path.startswith(_SCENARIO_PREFIX):
        return request
    name, _, rest = request.path.removeprefix(_SCENARIO_PREFIX).partition("/")
    return replace(request, path=f"/{rest}", headers={**request.headers, SCENARIO_HEADER.lower(): name})


def _scenario_response(state: ServerState, request: RecordedRequest) -> Response | None:
    """Return a scenario's response to a request other than chat, or ``None``."""
    scenario = find_scenario(request.headers.get(SCENARIO_HEADER.lower(), ""))
    match scenario.effect if scenario else None:
        case ReturnError(response=response, failures=failures):
            if scenario and state.account.should_fail(scenario.name, failures):
                return to_http(response, state.clock())
        case CloseConnection(failures=failures):
            if scenario and state.account.should_fail(scenario.name, failures):
                return NoResponse(hang=False)
        case NeverRespond():
            return NoResponse(hang=True)
        case _:
            pass
    return None


def handle_request(state: ServerState, request: RecordedRequest) -> Response:
    """Handle one request."""
    request = _extract_scenario(request)
    if request.path != CHAT and (altered := _scenario_response(state, request)):
        return altered
    keyed = _AUTHENTICATED.get(request.path)
    found = keyed or _PUBLIC.get(request.path) or _parameterized(request.path)
    if found is None:
        return _error(state, 404, "Not Found")
    method, route = found
    if request.method != method:
        return _error(state, 405, "Method Not Allowed")
    if keyed and (message := _auth_error(request)):
        return _error(state, 401, message)
    if method == "POST" and request.body is None:
        return _error(state, 400, "Invalid JSON in the request body")
    return route(state, request)
