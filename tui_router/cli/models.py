"""``tui-router models``: the catalogue as a table or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tui_router.cli.output import say, table, write, write_json
from tui_router.cli.session import add_common, services_of
from tui_router.domain.model import Model
from tui_router.domain.problem import AppError
from tui_router.domain.usage import per_million
from tui_router.services.startup import Services

if TYPE_CHECKING:
    import argparse

_LAST = Decimal("Infinity")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of ``models``."""
    parser.add_argument("query", nargs="*", metavar="QUERY", help="words that id or name must hold")
    parser.add_argument(
        "--sort", choices=("price", "context", "new", "name"), help="order; the service's own by default"
    )
    parser.add_argument("--free", action="store_true", help="only models that cost nothing")
    parser.add_argument("--json", action="store_true", help="one JSON list")
    parser.add_argument("--refresh", action="store_true", help="fetch the list now")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Print the models that match."""
    with services_of(args) as services:
        everything = _models(services, refresh=args.refresh)
        words = [w.lower() for q in args.query for w in q.split()]
        found = [m for m in everything if all(w in f"{m.id} {m.name}".lower() for w in words)]
        if args.free:
            found = [m for m in found if m.is_free]
        found = _ordered(found, args.sort)
        if args.json:
            write_json([_as_json(m) for m in found])
            return 0
        if found:
            write(table([_HEAD, *(_row(m) for m in found)], right=(1, 2, 3, 4)))
        say(f"{len(found)} of {len(everything)} models. Prices are dollars per million tokens, in and out")
        return 0


_HEAD = ("model", "in", "out", "context", "added", "can")


def _models(services: Services, *, refresh: bool) -> Sequence[Model]:
    catalog = services.core.catalog
    if refresh or not catalog.is_fresh:
        try:
            catalog.refresh()
        except AppError as trouble:
            if refresh or not catalog.models:
                raise
            say(f"Showing the list of {catalog.fetched_at:%Y-%m-%d %H:%M} UTC: {trouble.problem.title}")
    return catalog.chat_models


def _ordered(models: list[Model], order: str | None) -> list[Model]:
    match order:
        case "price":
            return sorted(models, key=_price)
        case "context":
            return sorted(models, key=lambda m: -m.context)
        case "new":
            return sorted(models, key=lambda m: m.created.toordinal() if m.created else 0, reverse=True)
        case "name":
            return sorted(models, key=lambda m: m.name.lower())
        case _:
            return models


def _price(model: Model) -> Decimal:
    pricing = model.pricing
    if not pricing.is_known or pricing.prompt is None or pricing.completion is None:
        return _LAST
    return pricing.prompt * 3 + pricing.completion


def _row(model: Model) -> tuple[str, ...]:
    pricing = model.pricing
    price = ("varies", "varies") if pricing.varies else (per_million(pricing.prompt), per_million(pricing.completion))
    return (
        model.id,
        *price,
        f"{model.context:,}" if model.context else "?",
        str(model.created or ""),
        " ".join(abilities(model)),
    )


def abilities(model: Model) -> list[str]:
    """Return what a model can do besides text, in single words."""
    can = {"images": model.sees_images, "files": model.takes_files, "tools": model.uses_tools, "thinks": model.thinks}
    return [word for word, able in can.items() if able]


def _as_json(model: Model) -> dict[str, Any]:
    pricing = model.pricing
    return {
        "id": model.id,
        "name": model.name,
        "context": model.context,
        "max_output": model.max_output,
        "prompt_price": None if pricing.prompt is None or pricing.varies else str(pricing.prompt),
        "completion_price": None if pricing.completion is None or pricing.varies else str(pricing.completion),
        "is_free": model.is_free,
        "created": model.created,
        "expires": model.expires,
        "inputs": sorted(model.inputs),
        "outputs": sorted(model.outputs),
        "parameters": sorted(model.parameters),
        "description": model.description,
    }
