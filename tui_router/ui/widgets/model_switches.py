"""The switches over the model list: what each does to the filter, and how they look."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from tui_router.domain.catalogue import CONTEXT_STEPS, PRICE_STEPS, ModelFilter, Sort
from tui_router.ui.widgets.chip_bar import Chip
from tui_router.ui.widgets.model_list import Search
from tui_router.ui.widgets.status_line import compact

T = TypeVar("T")


def next_step(steps: tuple[T, ...], current: T) -> T:
    """Return the step after ``current``, the first one after the last."""
    return steps[(steps.index(current) + 1) % len(steps)] if current in steps else steps[0]


def switched(chosen: ModelFilter, chip_id: str) -> ModelFilter:
    """Return the filter after a switch was flipped, or stepped on."""
    match chip_id:
        case "free":
            return replace(chosen, free=not chosen.free)
        case "tools":
            return replace(chosen, tools=not chosen.tools)
        case "vision":
            return replace(chosen, vision=not chosen.vision)
        case "reasoning":
            return replace(chosen, reasoning=not chosen.reasoning)
        case "context":
            return replace(chosen, min_context=next_step(CONTEXT_STEPS, chosen.min_context))
        case _:
            return replace(chosen, max_price=next_step(PRICE_STEPS, chosen.max_price))


def chips(search: Search) -> tuple[Chip, ...]:
    """Return the switches as they stand."""
    f = search.filter
    context = f"Context ≥{compact(f.min_context)}" if f.min_context else "Context any"
    price = "Price any" if f.max_price is None else f"Price ≤${f.max_price.normalize():f}"
    return (
        Chip("free", "Free", f.free, "F"),
        Chip("tools", "Tools", f.tools, "T"),
        Chip("vision", "Vision", f.vision, "V"),
        Chip("reasoning", "Reasoning", f.reasoning, "R"),
        Chip("context", context, f.min_context > 0, "C"),
        Chip("price", price, f.max_price is not None, "P"),
        Chip("sort", f"Sort {search.sort.value}", search.sort is not Sort.BEST, "S"),
    )
