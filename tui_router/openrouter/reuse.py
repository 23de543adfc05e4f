"""The cache of the service itself: asked for by a header, and told of by headers. A hit costs nothing."""

from __future__ import annotations

from collections.abc import Mapping

ASK = {"X-OpenRouter-Cache": "true"}
"""Headers of a request that may be answered from the cache."""


def cache_age(headers: Mapping[str, str]) -> float | None:
    """Return how old a cached answer is in seconds, from its headers in lower case; ``None`` for a fresh one."""
    if headers.get("x-openrouter-cache-status", "").strip().upper() != "HIT":
        return None
    age = headers.get("x-openrouter-cache-age", "").strip()
    return float(age) if age.isascii() and age.isdecimal() and len(age) < 10 else 0.0
