"""What models are called: who really answered, and the nearest ids of one that nobody knows."""

from __future__ import annotations

from dataclasses import replace

from tui_router.domain.naming import is_same_model
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.services.catalog import Catalog

_ABOUT_MODELS = (Kind.UNKNOWN_MODEL, Kind.NO_ENDPOINT)


def answered_by(catalog: Catalog, asked: str, served: str) -> str:
    """Return what to call who answered: the asked model, or another one and that it was not the one asked."""
    name = catalog.name_of(asked)
    if not served or is_same_model(asked, served, catalog.get(asked)):
        return name
    other = catalog.name_of(served)
    return name if other == name else f"{other} (asked: {name})"


def with_suggestions(problem: Problem, asked: str, catalog: Catalog) -> Problem:
    """Return a problem of a model that is not in the catalogue with the nearest ids in it. Asks nobody."""
    if problem.kind not in _ABOUT_MODELS or problem.suggestions or not asked or not catalog.models:
        return problem
    try:
        catalog.resolve(asked)
    except Trouble as trouble:
        if near := trouble.problem.suggestions:
            return replace(problem, suggestions=near, hint=f"Did you mean {', '.join(near)}?")
    return problem
