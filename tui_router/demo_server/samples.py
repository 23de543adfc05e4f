"""Deterministic sample values: JSON for a schema, a PNG image, a hash of a text."""

from __future__ import annotations

import math
import struct
import zlib
from base64 import b64encode
from collections.abc import Mapping

_MAX_DEPTH = 6
_FORMAT_SAMPLES = {"date": "2026-11-22", "date-time": "2026-11-22T12:00:00Z", "email": "demo@example.org",
          "uri": "https://example.org/"}  # fmt: skip


def _first_type(schema: Mapping[str, object]) -> str:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "null")
    return str(kind)


def sample_json(schema: object, name: str = "demo", depth: int = 0) -> object:
    """Return a value that matches a JSON schema; ``name`` is the value of strings."""
    if not isinstance(schema, Mapping) or depth > _MAX_DEPTH:
        return name
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        options = schema.get(key)
        if isinstance(options, list) and options:
            return options[0]
    for key in ("anyOf", "oneOf", "allOf"):
        options = schema.get(key)
        if isinstance(options, list) and options:
            return sample_json(options[0], name, depth + 1)
    match _first_type(schema):
        case "object":
            properties = schema.get("properties")
            inner = properties if isinstance(properties, Mapping) else {}
            wanted = schema.get("required", list(inner))
            names = wanted if isinstance(wanted, list) else []
            return {str(n): sample_json(inner.get(n), str(n), depth + 1) for n in names}
        case "array":
            return [sample_json(schema.get("items"), name, depth + 1)]
        case "integer" | "number":
            least = schema.get("minimum", 1)
            return least if isinstance(least, int | float) else 1
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _FORMAT_SAMPLES.get(str(schema.get("format")), name)


_SIDE = 96


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def sample_png(seed: str, side: int = _SIDE) -> bytes:
    """Return an RGB image of ``side`` by ``side`` pixels, determined by ``seed``."""
    phase = zlib.crc32(seed.encode("utf-8", "replace")) % 628 / 100
    rows = bytearray()
    for y in range(side):
        rows.append(0)
        for x in range(side):
            dx, dy = x / side - 0.5, y / side - 0.5
            wave = math.sin(18 * math.hypot(dx, dy) + phase)
            sweep = math.sin(5 * dx + phase) * math.cos(4 * dy - phase)
            rows += bytes(int(127.5 + 127 * v) for v in (wave * sweep, sweep, math.cos(3 * wave + phase)))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = _png_chunk(b"IHDR", header) + _png_chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + _png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def sample_image_url(seed: str) -> str:
    """Return a sample image as a ``data:`` URL."""
    return "data:image/png;base64," + b64encode(sample_png(seed)).decode()


def stable_hash(text: str) -> int:
    """Return a hash of the text that is stable across processes."""
    return zlib.crc32(text.encode())
