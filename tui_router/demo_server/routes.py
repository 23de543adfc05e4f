"""Which path is answered by what; everything but the chat itself is answered here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias
from urllib.parse import unquote, urlencode

from tui_router.demo_server.catalogue import endpoints_of, provider_list
from tui_router.demo_server.chat import as_reply, complete
from tui_router.demo_server.families import make_row
from tui_router.demo_server.refusal import Refusal
from tui_router.demo_server.routing import zero_retention
from tui_router.demo_server.scenario import HangUp, Refuse, Silence
from tui_router.demo_server.scenarios import HEADER, find_scenario
from tui_router.demo_server.site import Abandon, Outcome, Received, Reply, Site
from tui_router.demo_server.wire import Wire, encode

API = "/api/v1"
CHAT = f"{API}/chat/completions"
_ASTRAY = "/scenario/"
_LIMIT = 500
_LONGEST = 1000

Route: TypeAlias = Callable[[Site, Received], Outcome]


def _json(body: Wire) -> Reply:
    return Reply(body=encode(body))


def _refused(site: Site, status: int, message: str) -> Reply:
    return as_reply(Refusal(status=status, message=message), site.clock())


def _number(text: str | None, default: int, most: int) -> int | None:
    if text is None:
        return default
    return int(text) if text.isdecimal() and int(text) <= most else None


def _list(site: Site, request: Received, rows: list[Wire]) -> Outcome:
    query = request.query
    total = len(rows)
    if "offset" not in query and "limit" not in query:
        return _json({"data": rows, "total_count": total, "links": {"next": None}})
    offset, limit = _number(query.get("offset"), 0, 10**6), _number(query.get("limit"), _LIMIT, _LONGEST)
    if offset is None or limit is None or limit == 0:
        return _refused(site, 400, "offset and limit: Expected numbers, limit from 1 to 1000")
    following = None
    if offset + limit < total:
        pairs = {**query, "offset": str(offset + limit), "limit": str(limit)}
        following = f"{request.path}?{urlencode(pairs)}"
    return _json({"data": rows[offset : offset + limit], "total_count": total, "links": {"next": following}})


def _models(site: Site, request: Received) -> Outcome:
    return _list(site, request, site.catalogue.query(request.query))


def _count(site: Site, request: Received) -> Outcome:
    return _json({"data": {"count": len(site.catalogue.query(request.query))}})


def _model(site: Site, request: Received) -> Outcome:
    row = site.catalogue.find(unquote(request.path.removeprefix(f"{API}/model/")))
    return _refused(site, 404, "Model not found") if row is None else _json({"data": row})


def _endpoints(site: Site, request: Received) -> Outcome:
    model_id = unquote(request.path.removeprefix(f"{API}/models/").removesuffix("/endpoints"))
    row = site.catalogue.find(model_id)
    if row is None:
        return _refused(site, 404, "Model not found")
    return _json({"data": endpoints_of(row, with_speed=request.key is not None)})


def _zero_retention(site: Site, request: Received) -> Outcome:
    return _json({"data": zero_retention(site.catalogue.rows)})


def _embeddings(site: Site, request: Received) -> Outcome:
    row = make_row(row_id="demo/embedding", name="Demo: Embedding", about="Demo row. Turns text into numbers.",
                   created=1_795_305_600, context=8192, out=None, prompt="0.00000002", completion="0",
                   outputs=("embeddings",))  # fmt: skip
    return _list(site, request, [row])


def _providers(site: Site, request: Received) -> Outcome:
    return _json({"data": provider_list()})


def _key(site: Site, request: Received) -> Outcome:
    return _json({"data": site.account.key_body(request.key.reveal() if request.key else "")})


def _credits(site: Site, request: Received) -> Outcome:
    account = site.account
    return _json({"data": {"total_credits": float(account.credits), "total_usage": float(account.spent)}})


def _generation(site: Site, request: Received) -> Outcome:
    wanted = request.query.get("id", "")
    record = site.account.generation(wanted, site.clock())
    return _refused(site, 404, f"Generation {wanted} not found") if record is None else _json({"data": record})


def _sign_in(site: Site, request: Received) -> Outcome:
    return as_reply(site.signins.begin(request.query, site.clock()), site.clock())


def _redeem(site: Site, request: Received) -> Outcome:
    done = site.signins.redeem(request.body, site.clock())
    return as_reply(done, site.clock()) if isinstance(done, Refusal) else _json(done)


def _debug(site: Site, request: Received) -> Outcome:
    return _json({"requests": [r.shown() for r in site.log.all() if r.path != request.path]})


_OPEN: MappingProxyType[str, tuple[str, Route]] = MappingProxyType(
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
_KEYED: MappingProxyType[str, tuple[str, Route]] = MappingProxyType(
    {
        f"{API}/models/user": ("GET", _models),
        f"{API}/key": ("GET", _key),
        f"{API}/auth/key": ("GET", _key),
        f"{API}/credits": ("GET", _credits),
        f"{API}/generation": ("GET", _generation),
        CHAT: ("POST", complete),
    }
)


def _unauthorised(request: Received) -> str:
    if request.key is None:
        return "No auth credentials found" if "authorization" in request.headers else "Missing Authentication header"
    return "User not found." if "bad" in request.key.reveal() else ""


def _named(path: str) -> tuple[str, Route] | None:
    if path.startswith(f"{API}/model/"):
        return "GET", _model
    if path.startswith(f"{API}/models/") and path.endswith("/endpoints"):
        return "GET", _endpoints
    return None


def _sent_astray(request: Received) -> Received:
    """Take the scenario out of a path such as ``/scenario/error-502-html/api/v1/key``."""
    if not request.path.startswith(_ASTRAY):
        return request
    name, _, rest = request.path.removeprefix(_ASTRAY).partition("/")
    return replace(request, path=f"/{rest}", headers={**request.headers, HEADER.lower(): name})


def _spoiled(site: Site, request: Received) -> Outcome | None:
    """Return what a scenario makes of a request that is not a chat."""
    scenario = find_scenario(request.headers.get(HEADER.lower(), ""))
    match scenario.fault if scenario else None:
        case Refuse(refusal=refusal, tries=tries):
            if scenario and site.account.fails_again(scenario.name, tries):
                return as_reply(refusal, site.clock())
        case HangUp(tries=tries):
            if scenario and site.account.fails_again(scenario.name, tries):
                return Abandon(hang=False)
        case Silence():
            return Abandon(hang=True)
        case _:
            pass
    return None


def respond(site: Site, request: Received) -> Outcome:
    """Answer one request."""
    request = _sent_astray(request)
    if request.path != CHAT and (spoiled := _spoiled(site, request)):
        return spoiled
    keyed = _KEYED.get(request.path)
    found = keyed or _OPEN.get(request.path) or _named(request.path)
    if found is None:
        return _refused(site, 404, "Not Found")
    method, route = found
    if request.method != method:
        return _refused(site, 405, "Method Not Allowed")
    if keyed and (wrong := _unauthorised(request)):
        return _refused(site, 401, wrong)
    if method == "POST" and request.body is None:
        return _refused(site, 400, "Invalid JSON in the request body")
    return route(site, request)
