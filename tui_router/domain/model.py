"""A model of the catalogue: what it is called, what it can do, what may be sent to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from tui_router.domain.usage import Pricing

DEFAULT_CONNECTION = "openrouter"


@dataclass(frozen=True, slots=True)
class ModelRef:
    """Names a model and the connection that serves it."""

    id: str
    connection: str = DEFAULT_CONNECTION

    def __str__(self) -> str:
        return self.id


def normal_id(typed: str) -> str:
    """Return a model id as it is sent, from an id as a person types it.

    The prefix ``openrouter/`` that other programs use is stripped when a ``/`` remains;
    ``openrouter/auto`` and its like are real ids and stay.
    """
    text = typed.strip()
    rest = text.removeprefix("openrouter/")
    return rest if rest != text and "/" in rest else text


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningAbility:
    """How a model's thinking can be steered."""

    mandatory: bool = False
    efforts: tuple[str, ...] = ()
    """Accepted efforts, strongest first; empty when there is no effort control."""
    default_effort: str = ""
    takes_budget: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One row of the catalogue. Text in it is safe to show."""

    id: str
    name: str
    canonical: str = ""
    description: str = ""
    created: date | None = None
    context: int = 0
    """Window in tokens; 0 when unknown."""
    max_output: int | None = None
    inputs: frozenset[str] = frozenset({"text"})
    outputs: frozenset[str] = frozenset({"text"})
    parameters: frozenset[str] = frozenset()
    """Names of request fields that at least one provider supports."""
    pricing: Pricing = field(default_factory=Pricing)
    reasoning: ReasoningAbility | None = None
    is_moderated: bool = False
    expires: date | None = None
    alias_of: str = ""
    """The id that a moving alias (``~author/family-latest``) stands for today."""
    tokenizer: str = ""
    is_demo: bool = False

    @property
    def author(self) -> str:
        """The part of the id before the slash, without the alias mark."""
        return self.id.partition("/")[0].lstrip("~")

    @property
    def short_name(self) -> str:
        """The display name without its ``Author: `` prefix."""
        return self.name.partition(": ")[2] or self.name

    @property
    def is_free(self) -> bool:
        """True when prompt and completion cost nothing, whatever the id says."""
        return self.pricing.is_free

    @property
    def is_router(self) -> bool:
        """True for ids that choose another model for each request."""
        return self.pricing.varies or self.id.startswith("openrouter/")

    @property
    def sees_images(self) -> bool:
        """True when images may be sent."""
        return "image" in self.inputs

    @property
    def takes_files(self) -> bool:
        """True when the model reads files itself; PDFs work everywhere through the server's parser."""
        return "file" in self.inputs

    @property
    def uses_tools(self) -> bool:
        """True when tool definitions may be sent."""
        return "tools" in self.parameters

    @property
    def thinks(self) -> bool:
        """True when the model can reason before it answers."""
        return self.reasoning is not None or "reasoning" in self.parameters

    def supports(self, parameter: str) -> bool:
        """Say whether a request field may be sent; a row that lists none is taken to accept all."""
        return not self.parameters or parameter in self.parameters


def is_chat_model(model: Model) -> bool:
    """Say whether a catalogue row belongs into a chat program: text out, not batch-only, not a guard."""
    if "text" not in model.outputs or model.id.endswith(":batch"):
        return False
    slug = model.id.rpartition("/")[2]
    return not ("guard" in slug or "safeguard" in slug or slug in {"bodybuilder", "jev-router"})


def nearest_ids(wanted: str, ids: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Return the ids most like ``wanted``, best first; for "no such model" messages."""
    import difflib  # only ever needed on this failure; kept off the start-up path

    known = list(ids)
    lowered = {i.lower(): i for i in known}
    target = normal_id(wanted).lower()
    inside = [i for low, i in lowered.items() if target and target in low]
    by_slug = {low.rpartition("/")[2]: i for low, i in lowered.items()}
    close = difflib.get_close_matches(target, lowered, n=count, cutoff=0.6)
    slugs = difflib.get_close_matches(target.rpartition("/")[2], by_slug, n=count, cutoff=0.6)
    found = [*sorted(inside, key=len), *(lowered[c] for c in close), *(by_slug[s] for s in slugs)]
    return tuple(dict.fromkeys(found))[:count]


def nearest_others(wanted: str, models: Iterable[Model], count: int = 3) -> tuple[str, ...]:
    """Return ids that could stand in for ``wanted``, which is left out: those of its own maker first, then the likest.

    A variant (``:free``) of the same model is the nearest of all: it may be served by others.
    """
    import difflib  # only ever needed on this failure; kept off the start-up path

    target = normal_id(wanted).lower()
    maker, _, slug = target.rpartition("/")
    others = [m.id for m in models if is_chat_model(m) and not m.id.startswith("~")]
    others = [i for i in others if i.lower() != target]

    def distance(model_id: str) -> tuple[bool, float]:
        is_variant = model_id.lower().partition(":")[0] == target.partition(":")[0]
        likeness = difflib.SequenceMatcher(None, slug, model_id.lower().rpartition("/")[2]).ratio()
        return not is_variant, -likeness

    family = [i for i in others if maker and i.lower().startswith(f"{maker}/")]
    family.sort(key=distance)
    return tuple(dict.fromkeys((*family, *nearest_ids(target, others, count))))[:count]
