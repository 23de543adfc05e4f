"""Which provider serves a request, by the ``provider`` preferences in its body; and the metadata that tells of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui_router.demo_server.catalogue import endpoints_of
from tui_router.demo_server.refusal import Refusal
from tui_router.demo_server.wire import Wire

METADATA_HEADER = "x-openrouter-metadata"
_TIERS = frozenset({"priority", "flex", "fast"})


def choose_endpoint(row: Wire, preferences: Wire) -> Wire | Refusal:
    """Return the endpoint that serves a row, or why none may."""
    left: list[Wire] = endpoints_of(row, with_speed=False)["endpoints"]
    if only := preferences.get("only"):
        left = [e for e in left if _is_any(e, only)]
        if not left:
            return _filtered("No allowed providers are available for the selected model.")
    left = [e for e in left if not _is_any(e, preferences.get("ignore", ()))]
    if not left:
        return _filtered("All providers have been ignored.")
    if kinds := preferences.get("quantizations"):
        left = [e for e in left if e["quantization"] in kinds]
    if preferences.get("zdr"):
        left = [e for e in left if keeps_nothing(e)]
    if not left:
        return _filtered("No endpoints found that fit the provider preferences.")
    order: Sequence[str] = preferences.get("order", ())
    if order and not preferences.get("allow_fallbacks", True):
        left = [e for e in left if _is_any(e, order)] or left[:1]
    return min(left, key=lambda e: next((n for n, slug in enumerate(order) if _is(e, slug)), len(order)))


def keeps_nothing(endpoint: Wire) -> bool:
    """Say whether an endpoint is on the list of those with zero data retention."""
    return len(endpoint["provider_name"]) % 2 == 0


def zero_retention(rows: Iterable[Wire]) -> list[Wire]:
    """Return the rows of ``GET /endpoints/zdr``."""
    served = (endpoint for row in rows for endpoint in endpoints_of(row, with_speed=False)["endpoints"])
    return [endpoint for endpoint in served if keeps_nothing(endpoint)]


def metadata(requested: str, served: Wire, failures: Sequence[Wire]) -> Wire:
    """Return ``openrouter_metadata`` of an answer that came after ``failures``."""
    own = {"provider": served["provider_name"], "model": served["model_id"]}
    return {
        "requested": requested,
        "strategy": "fallback" if failures else "direct",
        "region": "demo",
        "summary": f"available=1, selected={served['provider_name']}",
        "attempt": len(failures) + 1,
        "is_byok": False,
        "endpoints": {"total": 1, "available": [{**own, "selected": True}]},
        "attempts": [*failures, {**own, "status": 200}],
    }


def _filtered(message: str) -> Refusal:
    availability = {"code": "constraint_filtered", "retryable": False, "excluded_by": ["allowed_providers"]}
    return Refusal(status=404, message=message, extra={"availability": availability})


def _is_any(endpoint: Wire, slugs: Iterable[str]) -> bool:
    return any(_is(endpoint, slug) for slug in slugs)


def _is(endpoint: Wire, slug: str) -> bool:
    base, _, variant = endpoint["tag"].partition("/")
    return slug.lower() in (endpoint["tag"], base if variant not in _TIERS else endpoint["tag"])
