"""Model catalog: lookup, filters, providers, endpoints and provider routing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from tui_router.demo_server.models import (
    MODEL_PREFIX,
    SCENARIOS,
    generate_rows,
    load_recorded_rows,
    scenario_row,
    scenario_rows,
    showcase_rows,
    speed_of,
)
from tui_router.demo_server.payloads import CannedResponse, JsonObject
from tui_router.demo_server.samples import stable_hash

PROVIDERS = (
    ("OpenAI", "openai"), ("Anthropic", "anthropic"), ("Google", "google-vertex"), ("DeepInfra", "deepinfra"),
    ("Together", "together"), ("Fireworks", "fireworks"), ("Groq", "groq"), ("Cerebras", "cerebras"),
    ("Novita", "novita"), ("Mistral", "mistral"), ("xAI", "xai"), ("DeepSeek", "deepseek"), ("Cohere", "cohere"),
    ("Perplexity", "perplexity"), ("Moonshot AI", "moonshotai"), ("Z.AI", "z-ai"), ("Alibaba", "alibaba"),
    ("Amazon Bedrock", "amazon-bedrock"), ("Azure", "azure"), ("Nvidia", "nvidia"), ("Venice", "venice"),
)  # fmt: skip
"""Display name and routing slug of each provider."""

SPARE_PROVIDER = ("Demo Spare", "demo-spare")
"""Second provider of the showcase models, so that routing has a choice."""

_HOME = {
    "openai": 0, "anthropic": 1, "google": 2, "mistralai": 9, "x-ai": 10, "deepseek": 11, "cohere": 12,
    "perplexity": 13, "moonshotai": 14, "z-ai": 15, "qwen": 16, "amazon": 17, "nvidia": 19,
}  # fmt: skip
_ROUTERS = {"openrouter/free": "google/gemma-4-31b-it:free"}
_CLOSED = frozenset({"openai", "anthropic", "google", "x-ai", "perplexity", "amazon", "demo"})
_ROUTES = frozenset({"nitro", "floor", "online", "exacto", "extended", "thinking"})
_TOOL_CHOICES = ("auto", "function", "none", "required")
_QUANTIZATIONS = ("fp8", "bf16", "fp4", "unknown")


class DemoCatalog:
    """The catalog's rows, newest first."""

    def __init__(self) -> None:
        records = load_recorded_rows()
        rows = [*showcase_rows(), *records, *generate_rows(records), *scenario_rows()]
        self.rows: tuple[JsonObject, ...] = tuple(sorted(rows, key=lambda row: -row["created"]))
        self._by_id: dict[str, JsonObject] = {}
        for row in self.rows:
            self._by_id[row["id"]] = row
            self._by_id.setdefault(row["canonical_slug"], row)
        hidden = [s for s in SCENARIOS.values() if not s.listed]
        self._by_id |= {MODEL_PREFIX + s.name: scenario_row(s.name, s.description) for s in hidden}

    def find(self, model_id: str) -> JsonObject | None:
        """Return the row of a requested id: plain, with a route suffix or preset, an alias or a dated slug."""
        model_id = model_id.partition("@preset/")[0] or "demo/quick"
        if row := self._by_id.get(model_id):
            return row
        bare, _, suffix = model_id.rpartition(":")
        return self.find(bare) if bare and suffix in _ROUTES else None

    def resolve(self, row: JsonObject) -> JsonObject:
        """Resolve an alias or a router to the row that answers; return any other row unchanged."""
        if target := row.get("alias_target"):
            return self._by_id[target["slug"]]
        if row["pricing"]["prompt"].startswith("-") or row["id"] in _ROUTERS:
            return self._by_id[_ROUTERS.get(row["id"], "demo/quick")]
        return row

    def filter(self, query: Mapping[str, str]) -> list[JsonObject]:
        """Return the rows that match the query parameters of ``GET /models``."""
        rows = list(self.rows)
        outputs = query.get("output_modalities", "text")
        if outputs != "all":
            wanted = set(outputs.split(","))
            rows = [r for r in rows if wanted & set(r["architecture"]["output_modalities"])]
        if inputs := query.get("input_modalities"):
            rows = [r for r in rows if set(inputs.split(",")) <= set(r["architecture"]["input_modalities"])]
        if parameters := query.get("supported_parameters"):
            rows = [r for r in rows if set(parameters.split(",")) <= set(r["supported_parameters"])]
        if words := query.get("q", "").lower().split():
            rows = [r for r in rows if all(w in f"{r['id']} {r['name']} {r['description']}".lower() for w in words)]
        if (min_context := query.get("context", "")).isdecimal():
            rows = [r for r in rows if (r["context_length"] or 0) >= int(min_context)]
        return rows


def provider_of(row: JsonObject) -> str:
    """Return the display name of a model's primary provider."""
    author = row["id"].partition("/")[0].lstrip("~")
    if author == "demo":
        return "Demo"
    home = _HOME.get(author, stable_hash(row["id"]) % len(PROVIDERS))
    return PROVIDERS[home][0]


def provider_list() -> list[JsonObject]:
    """Return the rows of ``GET /providers``."""
    return [
        {
            "name": name,
            "slug": slug,
            "privacy_policy_url": f"https://example.com/{slug}/privacy",
            "terms_of_service_url": None,
            "status_page_url": None,
            "headquarters": "US",
            "datacenters": ["US"],
        }
        for name, slug in PROVIDERS
    ]


def _percentiles(middle: float, spread: float) -> dict[str, float]:
    steps = (("p50", 1.0), ("p75", spread), ("p90", spread**2), ("p99", spread**3))
    return {name: round(middle * factor, 1) for name, factor in steps}


def _endpoint_json(row: JsonObject, name: str, slug: str, number: int, with_speed: bool) -> JsonObject:
    seed, model_speed = stable_hash(row["id"] + slug), speed_of(row["id"])
    factor = Decimal(100 + 15 * number) / 100
    pricing: JsonObject = {
        k: f"{Decimal(v) * factor:f}" if Decimal(v) > 0 else v for k, v in row["pricing"].items() if isinstance(v, str)
    }
    author = row["id"].partition("/")[0].lstrip("~")
    quantization = "unknown" if author in _CLOSED else _QUANTIZATIONS[seed % 4]
    latency = _percentiles(model_speed.first_token * 1000 * (1 + number / 4), 1.4) if with_speed else None
    throughput = _percentiles(model_speed.rate / (1 + number / 5), 0.8) if with_speed else None
    return {
        "name": f"{name} | {row['canonical_slug']}",
        "model_id": row["canonical_slug"],
        "model_name": row["name"],
        "provider_name": name,
        "tag": slug if quantization == "unknown" else f"{slug}/{quantization}",
        "quantization": quantization,
        "context_length": row["context_length"],
        "max_completion_tokens": row["top_provider"]["max_completion_tokens"],
        "max_prompt_tokens": None,
        "pricing": {**pricing, "discount": 0},
        "supported_parameters": row["supported_parameters"],
        "supports_implicit_caching": "input_cache_read" in row["pricing"],
        "supports_diarization": False,
        "supports_tool_choice": dict.fromkeys(_TOOL_CHOICES, "tools" in row["supported_parameters"]),
        "native_tools": {},
        "service_tier": None,
        "status": -2 if number and seed % 11 == 0 else 0,
        "uptime_last_5m": 100 - seed % 30 / 10,
        "uptime_last_30m": 100 - seed % 23 / 10,
        "uptime_last_1d": 100 - seed % 17 / 10,
        "latency_last_30m": latency,
        "throughput_last_30m": throughput,
    }


def endpoints_of(row: JsonObject, *, with_speed: bool) -> JsonObject:
    """Return a model's endpoints; OpenRouter reports latency and throughput to authenticated requests only."""
    home = provider_of(row)
    author = row["id"].partition("/")[0].lstrip("~")
    slug = dict(PROVIDERS).get(home, "demo")
    served = [(home, slug)]
    if author == "demo":
        served.append(SPARE_PROVIDER)
    if author not in _CLOSED and not row["id"].endswith(":free"):
        start = stable_hash(row["id"]) // 7 % len(PROVIDERS)
        others = [PROVIDERS[(start + step) % len(PROVIDERS)] for step in range(stable_hash(row["id"]) % 4)]
        served += [pair for pair in others if pair[0] != home]
    return {
        **{key: row[key] for key in ("id", "name", "created", "description", "architecture")},
        "endpoints": [_endpoint_json(row, n, s, i, with_speed) for i, (n, s) in enumerate(served)],
    }


METADATA_HEADER = "x-openrouter-metadata"
_TIERS = frozenset({"priority", "flex", "fast"})


def choose_endpoint(row: JsonObject, preferences: JsonObject) -> JsonObject | CannedResponse:
    """Return the endpoint that the request's ``provider`` preferences select, or the error if none qualifies."""
    candidates: list[JsonObject] = endpoints_of(row, with_speed=False)["endpoints"]
    if only := preferences.get("only"):
        candidates = [e for e in candidates if _matches_any(e, only)]
        if not candidates:
            return _no_endpoint_error("No allowed providers are available for the selected model.")
    candidates = [e for e in candidates if not _matches_any(e, preferences.get("ignore", ()))]
    if not candidates:
        return _no_endpoint_error("All providers have been ignored.")
    if quantizations := preferences.get("quantizations"):
        candidates = [e for e in candidates if e["quantization"] in quantizations]
    if preferences.get("zdr"):
        candidates = [e for e in candidates if has_zero_retention(e)]
    if not candidates:
        return _no_endpoint_error("No endpoints found that fit the provider preferences.")
    order: Sequence[str] = preferences.get("order", ())
    if order and not preferences.get("allow_fallbacks", True):
        candidates = [e for e in candidates if _matches_any(e, order)] or candidates[:1]
    return min(candidates, key=lambda e: next((n for n, slug in enumerate(order) if _matches(e, slug)), len(order)))


def has_zero_retention(endpoint: JsonObject) -> bool:
    """Return whether an endpoint guarantees zero data retention."""
    return len(endpoint["provider_name"]) % 2 == 0


def zdr_endpoints(rows: Iterable[JsonObject]) -> list[JsonObject]:
    """Return the rows of ``GET /endpoints/zdr``."""
    served = (endpoint for row in rows for endpoint in endpoints_of(row, with_speed=False)["endpoints"])
    return [endpoint for endpoint in served if has_zero_retention(endpoint)]


def routing_metadata(requested: str, served: JsonObject, failures: Sequence[JsonObject]) -> JsonObject:
    """Return the ``openrouter_metadata`` of an answer that followed failed attempts."""
    selected = {"provider": served["provider_name"], "model": served["model_id"]}
    return {
        "requested": requested,
        "strategy": "fallback" if failures else "direct",
        "region": "demo",
        "summary": f"available=1, selected={served['provider_name']}",
        "attempt": len(failures) + 1,
        "is_byok": False,
        "endpoints": {"total": 1, "available": [{**selected, "selected": True}]},
        "attempts": [*failures, {**selected, "status": 200}],
    }


def _no_endpoint_error(message: str) -> CannedResponse:
    availability = {"code": "constraint_filtered", "retryable": False, "excluded_by": ["allowed_providers"]}
    return CannedResponse(status=404, message=message, extra={"availability": availability})


def _matches_any(endpoint: JsonObject, slugs: Iterable[str]) -> bool:
    return any(_matches(endpoint, slug) for slug in slugs)


def _matches(endpoint: JsonObject, slug: str) -> bool:
    base, _, variant = endpoint["tag"].partition("/")
    return slug.lower() in (endpoint["tag"], base if variant not in _TIERS else endpoint["tag"])
