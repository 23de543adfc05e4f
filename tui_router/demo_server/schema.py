"""Makes a small value that fits a JSON schema: arguments for a tool call, or a structured answer."""

from __future__ import annotations

from collections.abc import Mapping

_DEPTH = 6
_WORDS = {"date": "2026-11-22", "date-time": "2026-11-22T12:00:00Z", "email": "demo@example.org",
          "uri": "https://example.org/"}  # fmt: skip


def _first_type(schema: Mapping[str, object]) -> str:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "null")
    return str(kind)


def sample(schema: object, name: str = "demo", depth: int = 0) -> object:
    """Return a value for ``schema``; ``name`` is used as the word where a string is wanted."""
    if not isinstance(schema, Mapping) or depth > _DEPTH:
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
            return sample(options[0], name, depth + 1)
    match _first_type(schema):
        case "object":
            properties = schema.get("properties")
            inner = properties if isinstance(properties, Mapping) else {}
            wanted = schema.get("required", list(inner))
            names = wanted if isinstance(wanted, list) else []
            return {str(n): sample(inner.get(n), str(n), depth + 1) for n in names}
        case "array":
            return [sample(schema.get("items"), name, depth + 1)]
        case "integer" | "number":
            least = schema.get("minimum", 1)
            return least if isinstance(least, int | float) else 1
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return _WORDS.get(str(schema.get("format")), name)
