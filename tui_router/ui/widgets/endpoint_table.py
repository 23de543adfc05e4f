"""The table of who serves a model: which columns fit a width, its heads and its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui_router.domain.account import Endpoint
from tui_router.domain.routing import Routing, Standing, slug_of
from tui_router.domain.safe import clean_line
from tui_router.domain.usage import per_million
from tui_router.ui.widgets.line_list import Part, fit
from tui_router.ui.widgets.status_line import compact

MARKS = {Standing.PINNED: "✓", Standing.BANNED: "✗", Standing.FIRST: "1"}
"""What stands before an endpoint about which something was decided."""
_LOOKS = {Standing.PINNED: "good", Standing.BANNED: "bad", Standing.FIRST: "accent"}
_LEAST_NAME, _MOST_NAME = 11, 26


@dataclass(frozen=True, slots=True)
class _Column:
    head: str
    width: int
    cell: Callable[[Endpoint], str]
    look: str = ""


_PRICE_IN = _Column("in $/M", 7, lambda e: per_million(e.pricing.prompt))
_PRICE_OUT = _Column("out", 7, lambda e: per_million(e.pricing.completion))
_CACHE = _Column("cached", 7, lambda e: per_million(e.pricing.input_cache_read) if e.pricing.input_cache_read else "")
_LATENCY = _Column("1st", 6, lambda e: "" if e.latency is None else f"{e.latency:.1f}s")
_SPEED = _Column("tok/s", 6, lambda e: "" if e.throughput is None else f"{e.throughput:.0f}")
_UPTIME = _Column("up", 6, lambda e: "down" if e.is_down else "" if e.uptime is None else f"{_percent(e.uptime)}%")
_WINDOW = _Column("window", 7, lambda e: compact(e.context) if e.context else "", "muted")
_LONGEST = _Column("answer", 7, lambda e: compact(e.max_output) if e.max_output else "", "muted")
_QUANTIZATION = _Column("quant", 6, lambda e: clean_line(e.quantization, 6), "muted")
_POLICY = _Column("prompts", 9, lambda e: e.policy.label, "muted")

_SHOWN = (
    _PRICE_IN, _PRICE_OUT, _CACHE, _LATENCY, _SPEED, _UPTIME, _WINDOW, _LONGEST, _QUANTIZATION, _POLICY,
)  # fmt: skip
"""From left to right."""
_BY_WORTH = (
    _PRICE_IN, _PRICE_OUT, _UPTIME, _SPEED, _LATENCY, _QUANTIZATION, _POLICY, _WINDOW, _CACHE, _LONGEST,
)  # fmt: skip
"""The most telling first: what does not fit goes from the end."""


def columns(width: int) -> tuple[_Column, ...]:
    """Return the columns that fit beside the name."""
    room = width - 2 - _LEAST_NAME
    kept: list[_Column] = []
    for column in _BY_WORTH:
        if column.width > room:
            break
        kept.append(column)
        room -= column.width
    return tuple(c for c in _SHOWN if c in kept)


def heads(width: int) -> str:
    """Return the line over the rows."""
    shown = columns(width)
    return fit("  provider", _name_room(shown, width) + 2) + "".join(fit(c.head, c.width, right=True) for c in shown)


def draw_endpoint(endpoint: Endpoint, routing: Routing, width: int) -> list[Part]:
    """Return one row."""
    shown = columns(width)
    standing = routing.standing(endpoint)
    quiet = "muted" if standing in (Standing.BANNED, Standing.SHUT_OUT) else ""
    parts = [
        Part(f"{MARKS.get(standing, ' ')} ", _LOOKS.get(standing, "")),
        Part(fit(_name(endpoint), _name_room(shown, width)), quiet),
    ]
    for column in shown:
        look = "bad" if column is _UPTIME and endpoint.is_down else quiet or column.look
        parts.append(Part(fit(column.cell(endpoint), column.width, right=True), look))
    return parts


def about(endpoint: Endpoint) -> str:
    """Return all that is known of an endpoint as one sentence, for the row under the cursor."""
    price = endpoint.pricing
    facts = [
        slug_of(endpoint),
        f"window {compact(endpoint.context)}" if endpoint.context else "",
        f"answers up to {compact(endpoint.max_output)}" if endpoint.max_output else "",
        f"cache read ${per_million(price.input_cache_read)}" if price.input_cache_read else "",
        f"cache write ${per_million(price.input_cache_write)}" if price.input_cache_write else "",
        f"{_percent(endpoint.uptime)}% up in a day" if endpoint.uptime is not None else "",
        "down at the moment" if endpoint.is_down else "",
        {"not kept": "keeps no prompts", "may keep": "may keep prompts", "trains": "trains on prompts"}.get(
            endpoint.policy.label, f"keeps prompts {endpoint.policy.label}" if endpoint.policy.days else ""
        ),
    ]
    return " · ".join(clean_line(f) for f in facts if f)


def _name(endpoint: Endpoint) -> str:
    name, variant = clean_line(endpoint.provider), slug_of(endpoint).partition("/")[2]
    is_told = not variant or variant == endpoint.quantization.lower()
    return name if is_told else f"{name} {clean_line(variant)}"


def _name_room(shown: Sequence[_Column], width: int) -> int:
    return max(1, min(width - 2 - sum(c.width for c in shown), _MOST_NAME))


def _percent(uptime: float) -> str:
    return f"{int(uptime * 10) / 10:g}"
