"""Catalog rows: recorded from OpenRouter, generated from ``families.json``, showcase models and scenarios."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from types import MappingProxyType

from tui_router.demo_server.error_scenarios import ERROR_SCENARIOS
from tui_router.demo_server.payloads import JsonObject
from tui_router.demo_server.samples import stable_hash
from tui_router.demo_server.script import CloseConnection, ModelSpeed, ReturnError, Scenario
from tui_router.demo_server.stream_scenarios import STREAM_SCENARIOS

_MILLION = Decimal(1_000_000)
_INPUTS = {"i": "image", "f": "file", "v": "video", "a": "audio"}
_EFFORTS = ["high", "medium", "low", "minimal"]
_EVERY_NTH_EXPIRES = 9


def _load_json(name: str) -> object:
    return json.loads((files("tui_router.demo_server") / name).read_text("utf-8"))


def price_per_token(per_million: float | Decimal) -> str:
    """Convert US dollars per million tokens to the API's decimal string per token."""
    price = Decimal(str(per_million)) / _MILLION
    return "0" if price == 0 else f"{price:f}"


def _parameters(abilities: str, inputs_only: bool = False) -> list[str]:
    names = ["frequency_penalty", "max_tokens", "presence_penalty", "seed", "stop", "temperature", "top_p"]
    if "t" in abilities:
        names += ["tools", "tool_choice"]
    if "r" in abilities.lower():
        names += ["reasoning", "include_reasoning"]
    if "R" in abilities:
        names = [n for n in names if n not in {"temperature", "top_p"}] + ["reasoning_effort"]
    if "j" in abilities:
        names += ["response_format", "structured_outputs"]
    return sorted(names)


def _reasoning(*, mandatory: bool) -> JsonObject:
    return {
        "mandatory": mandatory,
        "default_enabled": mandatory,
        "default_effort": "medium" if mandatory else "none",
        "supported_efforts": _EFFORTS if mandatory else [*_EFFORTS, "none"],
    }


def model_row(
    *,
    row_id: str,
    name: str,
    description: str,
    created: int,
    context: int,
    out: int | None,
    prompt: str,
    completion: str,
    abilities: str = "",
    tokenizer: str = "Other",
    outputs: tuple[str, ...] = ("text",),
) -> JsonObject:
    """Return a row with every field of the models API. ``abilities`` uses the letters of ``families.json``."""
    inputs = ["text", *(word for letter, word in _INPUTS.items() if letter in abilities)]
    stamp = datetime.fromtimestamp(created, UTC).strftime("%Y%m%d")
    slug = f"{row_id.partition(':')[0].lstrip('~')}-{stamp}"
    row: JsonObject = {
        "id": row_id,
        "canonical_slug": slug,
        "hugging_face_id": None,
        "name": name,
        "created": created,
        "description": description,
        "context_length": context,
        "architecture": {
            "modality": f"{'+'.join(inputs)}->{'+'.join(outputs)}",
            "input_modalities": inputs,
            "output_modalities": list(outputs),
            "tokenizer": tokenizer,
            "instruct_type": None,
        },
        "pricing": {"prompt": prompt, "completion": completion},
        "top_provider": {"context_length": context, "max_completion_tokens": out, "is_moderated": "m" in abilities},
        "per_request_limits": None,
        "supported_parameters": _parameters(abilities),
        "default_parameters": dict.fromkeys(
            ("temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty", "repetition_penalty")
        ),
        "supported_voices": None,
        "knowledge_cutoff": None,
        "expiration_date": None,
        "links": {"details": f"/api/v1/models/{slug}/endpoints"},
    }
    if "r" in abilities.lower():
        row["reasoning"] = _reasoning(mandatory="R" in abilities)
    return row


def _expiry(row_id: str) -> str | None:
    seed = stable_hash("ends " + row_id)
    if seed % _EVERY_NTH_EXPIRES:
        return None
    return (datetime(2026, 11, 10, tzinfo=UTC) + timedelta(days=seed // 97 % 150)).strftime("%Y-%m-%d")


def _family_rows(family: JsonObject) -> Iterator[JsonObject]:
    start = int(datetime.fromisoformat(family["released"]).replace(tzinfo=UTC).timestamp())
    abilities = family["abilities"]
    for number, (slug, name, price_in, price_out, *sizes) in enumerate(family["rows"]):
        context = sizes[0] if sizes else family["context"]
        out = min(context, sizes[1] if len(sizes) > 1 else family["out"])
        row_id, title = f"{family['author']}/{slug}", f"{family['maker']}: {name}"
        words = {"t": "tools", "i": "images", "r": "reasoning", "R": "reasoning", "v": "video", "a": "sound"}
        skills = ", ".join(word for letter, word in words.items() if letter in abilities) or "plain text"
        description = f"Demo row. {name} is listed to be searched, sorted and compared: {skills}."
        row = model_row(
            row_id=row_id, name=title, description=description, created=start + number * 2_678_400 // 2,
            context=context * 1000, out=out * 1000, prompt=price_per_token(price_in),
            completion=price_per_token(price_out), abilities=abilities, tokenizer=family["tokenizer"],
        )  # fmt: skip
        if family.get("cache"):
            row["pricing"]["input_cache_read"] = price_per_token(Decimal(str(price_in)) * Decimal(str(family["cache"])))
        row["expiration_date"] = _expiry(row_id)
        yield row
        if family.get("batch"):
            half = {k: price_per_token(Decimal(v) * _MILLION / 2) for k, v in row["pricing"].items()}
            yield {**row, "id": f"{row_id}:batch", "name": f"{title} (batch)", "pricing": half}
        if slug in family.get("free", ()):
            free = {"prompt": "0", "completion": "0"}
            yield {**row, "id": f"{row_id}:free", "name": f"{title} (free)", "pricing": free}


def load_recorded_rows() -> list[JsonObject]:
    """Return the rows recorded from the real catalog."""
    records = _load_json("records.json")
    assert isinstance(records, list)
    return records


def generate_rows(records: list[JsonObject]) -> list[JsonObject]:
    """Return generated rows: model families with free and batch variants, routers, and ``latest`` aliases."""
    table = _load_json("families.json")
    assert isinstance(table, dict)
    rows = [row for family in table["families"] for row in _family_rows(family)]
    by_id = {row["id"]: row for row in (*records, *rows)}
    for row_id, name in table["routers"]:
        description = "Demo row. A router: it picks another model for each request, so its price varies."
        rows.append(model_row(
            row_id=row_id, name=name, description=description, created=1_767_225_600, context=2_000_000, out=None,
            prompt="-1", completion="-1", tokenizer="Router",
        ))  # fmt: skip
    for alias, target_id in table["aliases"]:
        target = by_id[target_id]
        description = f"Demo row. Always points at the newest of its family; today that is {target['name']}."
        alias_target = {"name": target["name"], "slug": target["id"]}
        rows.append({**target, "id": alias, "name": f"{target['name']} (latest)", "description": description,
                     "canonical_slug": alias, "alias_target": alias_target})  # fmt: skip
    return rows


_NEWEST_CREATED = 1_795_305_600
"""Unix seconds, as is the next."""
_OLDEST_CREATED = 1_680_000_000
MODEL_PREFIX = "demo/"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoModel:
    """A showcase model. Prices are US dollars per token."""

    slug: str
    name: str
    description: str
    price_in: str = "0.0000001"
    price_out: str = "0.0000005"
    abilities: str = "itj"
    speed: ModelSpeed = ModelSpeed()
    outputs: tuple[str, ...] = ("text",)
    context: int = 128_000
    out: int = 16_000


DEMO_MODELS = (
    DemoModel(slug="quick", name="Quick", description="Answers fast.", speed=ModelSpeed(first_token=0.12, rate=220)),
    DemoModel(slug="slow", name="Slow", description="Takes three seconds to begin, then six tokens a second.",
              price_in="0.000002", price_out="0.00001", speed=ModelSpeed(first_token=3.0, rate=6)),
    DemoModel(slug="thinking", name="Thinking", description="Reasons before it answers.", abilities="itrj",
              price_in="0.000001", price_out="0.000005", speed=ModelSpeed(first_token=0.5, rate=70)),
    DemoModel(slug="long", name="Long", out=64_000, speed=ModelSpeed(first_token=0.3, rate=900),
              description="Writes 50,000 tokens of varied Markdown, if the output limit allows."),
    DemoModel(slug="code", name="Code", description="Answers with code in several languages.",
              price_in="0.0000003", price_out="0.0000015", speed=ModelSpeed(first_token=0.4, rate=110)),
    DemoModel(slug="table", name="Table", description="Answers with tables.",
              speed=ModelSpeed(first_token=0.3, rate=90)),
    DemoModel(slug="citations", name="Citations", description="Answers with numbered sources, as after a web search.",
              speed=ModelSpeed(first_token=1.1, rate=80)),
    DemoModel(slug="image", name="Image", description="Answers with a small picture.", outputs=("text", "image"),
              price_out="0.000004", speed=ModelSpeed(first_token=0.9, rate=60)),
    DemoModel(slug="tools", name="Tools", description="Calls one of the tools it is offered, then uses the result.",
              speed=ModelSpeed(first_token=0.4, rate=90)),
    DemoModel(slug="markdown", name="Markdown", description="Shows every element of Markdown.",
              speed=ModelSpeed(first_token=0.2, rate=160)),
    DemoModel(slug="hostile", name="Hostile",
              description="Sends escape sequences, bidi controls and markup, to show that nothing happens."),
    DemoModel(slug="echo", name="Echo", description="Repeats the last message, word for word.", price_in="0",
              price_out="0", abilities="ifvatj", speed=ModelSpeed(first_token=0.05, rate=400)),
    DemoModel(slug="opinion-a", name="Opinion A", description="Answers short and dry.", price_in="0.00000005",
              price_out="0.0000002", speed=ModelSpeed(first_token=0.2, rate=150)),
    DemoModel(slug="opinion-b", name="Opinion B", description="Answers in order, with headings and tables.",
              price_in="0.000001", price_out="0.000005", speed=ModelSpeed(first_token=0.7, rate=75)),
    DemoModel(slug="opinion-c", name="Opinion C", description="Answers warmly and at length.",
              price_in="0.000003", price_out="0.000015", speed=ModelSpeed(first_token=0.45, rate=45)),
    DemoModel(slug="small-window", name="Small window", context=2_000, out=1_000, abilities="",
              description="Has a window of 2,000 tokens and sees no images."),
)  # fmt: skip
_BY_ID = {MODEL_PREFIX + model.slug: model for model in DEMO_MODELS}


def showcase_rows() -> list[JsonObject]:
    """Return the rows of the showcase models."""
    return [
        model_row(
            row_id=MODEL_PREFIX + m.slug, name=f"Demo: {m.name}",
            description=f"Demo row. {m.description} No model is behind it.",
            created=_NEWEST_CREATED - n, context=m.context, out=m.out, prompt=m.price_in, completion=m.price_out,
            abilities=m.abilities, outputs=m.outputs,
        )
        for n, m in enumerate(DEMO_MODELS)
    ]  # fmt: skip


def scenario_row(name: str, description: str, number: int = 0) -> JsonObject:
    """Return the row of one scenario."""
    title = name.replace("error-", "error ", 1).replace("-", " ")
    return model_row(
        row_id=MODEL_PREFIX + name, name=f"Demo: {title}", description=f"Demo row. {description}",
        created=_OLDEST_CREATED - number, context=128_000, out=16_000, prompt="0.0000001",
        completion="0.0000005", abilities="itj",
    )  # fmt: skip


def scenario_rows() -> list[JsonObject]:
    """Return the rows of the listed scenarios."""
    return [scenario_row(s.name, s.description, n) for n, s in enumerate(SCENARIOS.values()) if s.listed]


def speed_of(model_id: str) -> ModelSpeed:
    """Return a model's speed: configured for showcase models, otherwise derived from its id."""
    if own := _BY_ID.get(model_id):
        return own.speed
    seed = stable_hash(model_id.partition(":")[0])
    return ModelSpeed(first_token=0.15 + seed % 97 / 80, rate=28 + seed // 97 % 150)


SCENARIOS = MappingProxyType({row.name: row for row in (*ERROR_SCENARIOS, *STREAM_SCENARIOS)})
"""Scenarios by name, in table order."""

SCENARIO_HEADER = "X-Demo-Scenario"


def find_scenario(name: str) -> Scenario | None:
    """Return a scenario by name; ``name=3`` makes it fail three times, then succeed."""
    bare, _, number = name.partition("=")
    row = SCENARIOS.get(bare)
    if row is None or not number.isdecimal():
        return row
    match row.effect:
        case ReturnError() | CloseConnection():
            return replace(row, effect=replace(row.effect, failures=int(number)))
        case _:
            return row
