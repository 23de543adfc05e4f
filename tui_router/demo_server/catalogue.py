"""The catalogue of the demo server: real records, grown rows, the demo's own models; found, filtered, described."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tui_router.demo_server.demo_models import PREFIX, demo_rows, scenario_row, scenario_rows, tempo_of
from tui_router.demo_server.families import grow_rows, load_records, seed_of
from tui_router.demo_server.scenarios import SCENARIOS
from tui_router.demo_server.wire import Wire

PROVIDERS = (
    ("OpenAI", "openai"), ("Anthropic", "anthropic"), ("Google", "google-vertex"), ("DeepInfra", "deepinfra"),
    ("Together", "together"), ("Fireworks", "fireworks"), ("Groq", "groq"), ("Cerebras", "cerebras"),
    ("Novita", "novita"), ("Mistral", "mistral"), ("xAI", "xai"), ("DeepSeek", "deepseek"), ("Cohere", "cohere"),
    ("Perplexity", "perplexity"), ("Moonshot AI", "moonshotai"), ("Z.AI", "z-ai"), ("Alibaba", "alibaba"),
    ("Amazon Bedrock", "amazon-bedrock"), ("Azure", "azure"), ("Nvidia", "nvidia"), ("Venice", "venice"),
)  # fmt: skip
"""(display name, routing slug)."""

SPARE = ("Demo Spare", "demo-spare")
"""A second provider of the demo's own models, so that there is something to choose."""

_HOME = {
    "openai": 0, "anthropic": 1, "google": 2, "mistralai": 9, "x-ai": 10, "deepseek": 11, "cohere": 12,
    "perplexity": 13, "moonshotai": 14, "z-ai": 15, "qwen": 16, "amazon": 17, "nvidia": 19,
}  # fmt: skip
_ROUTERS = {"openrouter/free": "google/gemma-4-31b-it:free"}
_CLOSED = frozenset({"openai", "anthropic", "google", "x-ai", "perplexity", "amazon", "demo"})
_ROUTES = frozenset({"nitro", "floor", "online", "exacto", "extended", "thinking"})
_TOOL_CHOICES = ("auto", "function", "none", "required")
_QUANTIZATIONS = ("fp8", "bf16", "fp4", "unknown")


class Catalogue:
    """All rows, newest first."""

    def __init__(self) -> None:
        records = load_records()
        rows = [*demo_rows(), *records, *grow_rows(records), *scenario_rows()]
        self.rows: tuple[Wire, ...] = tuple(sorted(rows, key=lambda row: -row["created"]))
        self._by_id: dict[str, Wire] = {}
        for row in self.rows:
            self._by_id[row["id"]] = row
            self._by_id.setdefault(row["canonical_slug"], row)
        hidden = [s for s in SCENARIOS.values() if not s.listed]
        self._by_id |= {PREFIX + s.name: scenario_row(s.name, s.about) for s in hidden}

    def find(self, asked: str) -> Wire | None:
        """Return the row for an id as a request may name it: with a route suffix, a preset, an alias, a dated slug."""
        asked = asked.partition("@preset/")[0] or "demo/quick"
        if row := self._by_id.get(asked):
            return row
        bare, _, suffix = asked.rpartition(":")
        return self.find(bare) if bare and suffix in _ROUTES else None

    def served_by(self, row: Wire) -> Wire:
        """Return the concrete row that answers for an alias or a router; any other row answers for itself."""
        if target := row.get("alias_target"):
            return self._by_id[target["slug"]]
        if row["pricing"]["prompt"].startswith("-") or row["id"] in _ROUTERS:
            return self._by_id[_ROUTERS.get(row["id"], "demo/quick")]
        return row

    def query(self, wanted: Mapping[str, str]) -> list[Wire]:
        """Return the rows that pass the filters of ``GET /models``."""
        rows = list(self.rows)
        outputs = wanted.get("output_modalities", "text")
        if outputs != "all":
            asked = set(outputs.split(","))
            rows = [r for r in rows if asked & set(r["architecture"]["output_modalities"])]
        if inputs := wanted.get("input_modalities"):
            rows = [r for r in rows if set(inputs.split(",")) <= set(r["architecture"]["input_modalities"])]
        if parameters := wanted.get("supported_parameters"):
            rows = [r for r in rows if set(parameters.split(",")) <= set(r["supported_parameters"])]
        if words := wanted.get("q", "").lower().split():
            rows = [r for r in rows if all(w in f"{r['id']} {r['name']} {r['description']}".lower() for w in words)]
        if (least := wanted.get("context", "")).isdecimal():
            rows = [r for r in rows if (r["context_length"] or 0) >= int(least)]
        return rows


def provider_of(row: Wire) -> str:
    """Return the display name of the provider that serves a row."""
    author = row["id"].partition("/")[0].lstrip("~")
    if author == "demo":
        return "Demo"
    home = _HOME.get(author, seed_of(row["id"]) % len(PROVIDERS))
    return PROVIDERS[home][0]


def provider_list() -> list[Wire]:
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


def _endpoint(row: Wire, name: str, slug: str, number: int, with_speed: bool) -> Wire:
    seed, tempo = seed_of(row["id"] + slug), tempo_of(row["id"])
    factor = Decimal(100 + 15 * number) / 100
    pricing: Wire = {
        k: f"{Decimal(v) * factor:f}" if Decimal(v) > 0 else v for k, v in row["pricing"].items() if isinstance(v, str)
    }
    author = row["id"].partition("/")[0].lstrip("~")
    quantization = "unknown" if author in _CLOSED else _QUANTIZATIONS[seed % 4]
    latency = _percentiles(tempo.first_token * 1000 * (1 + number / 4), 1.4) if with_speed else None
    throughput = _percentiles(tempo.rate / (1 + number / 5), 0.8) if with_speed else None
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


def endpoints_of(row: Wire, *, with_speed: bool) -> Wire:
    """Return who serves a row; latency and throughput are told only to those who have a key."""
    home = provider_of(row)
    author = row["id"].partition("/")[0].lstrip("~")
    slug = dict(PROVIDERS).get(home, "demo")
    served = [(home, slug)]
    if author == "demo":
        served.append(SPARE)
    if author not in _CLOSED and not row["id"].endswith(":free"):
        start = seed_of(row["id"]) // 7 % len(PROVIDERS)
        others = [PROVIDERS[(start + step) % len(PROVIDERS)] for step in range(seed_of(row["id"]) % 4)]
        served += [pair for pair in others if pair[0] != home]
    return {
        **{key: row[key] for key in ("id", "name", "created", "description", "architecture")},
        "endpoints": [_endpoint(row, n, s, i, with_speed) for i, (n, s) in enumerate(served)],
    }
