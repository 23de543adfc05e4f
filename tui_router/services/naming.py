"""What models are called: who really answered, and the nearest ids of one that nobody knows."""

from __future__ import annotations

from dataclasses import replace

from tui_router.domain.model import nearest_others
from tui_router.domain.naming import PRESET, ROUTING_SUFFIXES, is_same_model
from tui_router.domain.problem import ABOUT_MODELS, Problem, Trouble
from tui_router.services.catalog import Catalog


def answered_by(catalog: Catalog, asked: str, served: str) -> str:
    """Return what to call who answered: the asked model, or another one and that it was not the one asked."""
    name = catalog.name_of(asked)
    if not served or is_same_model(asked, served, catalog.get(asked)):
        return name
    other = catalog.name_of(served)
    return name if other == name else f"{other} (asked: {name})"


def with_suggestions(problem: Problem, asked: str, catalog: Catalog) -> Problem:
    """Return a problem of a model with the nearest ids in the catalogue. Asks nobody.

    Of a model that is listed, and of one whose name is like no other, those of the same maker come first.
    """
    if problem.kind not in ABOUT_MODELS or problem.suggestions or not asked or not catalog.models:
        return problem
    try:
        asked = catalog.resolve(asked).id
    except Trouble as trouble:
        if near := trouble.problem.suggestions:
            return replace(problem, suggestions=near, hint=f"Did you mean {', '.join(near)}?")
    near = nearest_others(_without_routing(asked), catalog.models)
    return replace(problem, suggestions=near) if near else problem


def _without_routing(model_id: str) -> str:
    base = model_id.partition(PRESET)[0]
    return next((base.removesuffix(s) for s in ROUTING_SUFFIXES if base.endswith(s)), base)
