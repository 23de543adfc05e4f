"""Grows plausible catalogue rows from the compact table ``families.json``; the same rows every time."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.resources import files

from tui_router.demo_server.wire import Wire

_MILLION = Decimal(1_000_000)
_INPUTS = {"i": "image", "f": "file", "v": "video", "a": "audio"}
_EFFORTS = ["high", "medium", "low", "minimal"]
_EVERY_NTH_EXPIRES = 9


def _load(name: str) -> object:
    return json.loads((files("tui_router.demo_server") / name).read_text("utf-8"))


def dollars(per_million: float | Decimal) -> str:
    """Return a price per million as the wire has it: a decimal string per token."""
    price = Decimal(str(per_million)) / _MILLION
    return "0" if price == 0 else f"{price:f}"


def seed_of(text: str) -> int:
    """Return a number that is always the same for the same text."""
    return zlib.crc32(text.encode())


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


def _reasoning(*, mandatory: bool) -> Wire:
    return {
        "mandatory": mandatory,
        "default_enabled": mandatory,
        "default_effort": "medium" if mandatory else "none",
        "supported_efforts": _EFFORTS if mandatory else [*_EFFORTS, "none"],
    }


def make_row(
    *,
    row_id: str,
    name: str,
    about: str,
    created: int,
    context: int,
    out: int | None,
    prompt: str,
    completion: str,
    abilities: str = "",
    tokenizer: str = "Other",
    outputs: tuple[str, ...] = ("text",),
) -> Wire:
    """Return one row with every field that the service sends. ``abilities`` are the letters of families.json."""
    inputs = ["text", *(word for letter, word in _INPUTS.items() if letter in abilities)]
    stamp = datetime.fromtimestamp(created, UTC).strftime("%Y%m%d")
    slug = f"{row_id.partition(':')[0].lstrip('~')}-{stamp}"
    row: Wire = {
        "id": row_id,
        "canonical_slug": slug,
        "hugging_face_id": None,
        "name": name,
        "created": created,
        "description": about,
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
    seed = seed_of("ends " + row_id)
    if seed % _EVERY_NTH_EXPIRES:
        return None
    return (datetime(2026, 11, 10, tzinfo=UTC) + timedelta(days=seed // 97 % 150)).strftime("%Y-%m-%d")


def _family(family: Wire) -> Iterator[Wire]:
    start = int(datetime.fromisoformat(family["released"]).replace(tzinfo=UTC).timestamp())
    abilities = family["abilities"]
    for number, (slug, name, price_in, price_out, *sizes) in enumerate(family["rows"]):
        context = sizes[0] if sizes else family["context"]
        out = min(context, sizes[1] if len(sizes) > 1 else family["out"])
        row_id, title = f"{family['author']}/{slug}", f"{family['maker']}: {name}"
        words = {"t": "tools", "i": "images", "r": "reasoning", "R": "reasoning", "v": "video", "a": "sound"}
        skills = ", ".join(word for letter, word in words.items() if letter in abilities) or "plain text"
        about = f"Demo row. {name} stands in the catalogue to be searched, sorted and compared: {skills}."
        row = make_row(
            row_id=row_id, name=title, about=about, created=start + number * 2_678_400 // 2, context=context * 1000,
            out=out * 1000, prompt=dollars(price_in), completion=dollars(price_out), abilities=abilities,
            tokenizer=family["tokenizer"],
        )  # fmt: skip
        if family.get("cache"):
            row["pricing"]["input_cache_read"] = dollars(Decimal(str(price_in)) * Decimal(str(family["cache"])))
        row["expiration_date"] = _expiry(row_id)
        yield row
        if family.get("batch"):
            half = {k: dollars(Decimal(v) * _MILLION / 2) for k, v in row["pricing"].items()}
            yield {**row, "id": f"{row_id}:batch", "name": f"{title} (batch)", "pricing": half}
        if slug in family.get("free", ()):
            free = {"prompt": "0", "completion": "0"}
            yield {**row, "id": f"{row_id}:free", "name": f"{title} (free)", "pricing": free}


def load_records() -> list[Wire]:
    """Return the rows that are facts: records of the real catalogue."""
    records = _load("records.json")
    assert isinstance(records, list)
    return records


def grow_rows(records: list[Wire]) -> list[Wire]:
    """Return the demo rows: families, their free and batch variants, routers, and moving aliases."""
    table = _load("families.json")
    assert isinstance(table, dict)
    rows = [row for family in table["families"] for row in _family(family)]
    by_id = {row["id"]: row for row in (*records, *rows)}
    for row_id, name in table["routers"]:
        about = "Demo row. A router: it picks another model for each request, so its price varies."
        router = make_row(row_id=row_id, name=name, about=about, created=1_767_225_600, context=2_000_000, out=None,
                          prompt="-1", completion="-1", tokenizer="Router")  # fmt: skip
        rows.append(router)
    for alias, target_id in table["aliases"]:
        target = by_id[target_id]
        about = f"Demo row. Always points at the newest of its family; today that is {target['name']}."
        goal = {"name": target["name"], "slug": target["id"]}
        rows.append({**target, "id": alias, "name": f"{target['name']} (latest)", "description": about,
                     "canonical_slug": alias, "alias_target": goal})  # fmt: skip
    return rows
