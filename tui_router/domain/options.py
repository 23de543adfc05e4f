"""What a person may ask of a model: sampling, thinking, searching and provider routing.

Every field is optional and means "not set": the provider's default holds and nothing is sent.
Layers are laid over each other: settings, then the conversation, then one turn.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from tui_router.domain.spec import Spec, spec

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""Reasoning efforts from least to most, as the wire spells them."""

QUANTIZATIONS = ("int4", "int8", "fp4", "mxfp4", "nvfp4", "fp6", "fp8", "mxfp8", "fp16", "bf16", "fp32", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOptions:
    """Sparse request options. ``Spec.wire`` says where each goes in the request body."""

    temperature: float | None = spec("Randomness; 0 is the steadiest", minimum=0, maximum=2, wire="temperature")
    top_p: float | None = spec("Nucleus sampling: share of probability kept", minimum=0, maximum=1, wire="top_p")
    top_k: int | None = spec("Choose among this many tokens; 0 is all", minimum=0, wire="top_k")
    min_p: float | None = spec("Drop tokens below this share of the best", minimum=0, maximum=1, wire="min_p")
    top_a: float | None = spec("Dynamic cut by the best token squared", minimum=0, maximum=1, wire="top_a")
    frequency_penalty: float | None = spec(
        "Discourage repeated tokens by count", minimum=-2, maximum=2, wire="frequency_penalty"
    )
    presence_penalty: float | None = spec(
        "Discourage tokens already used", minimum=-2, maximum=2, wire="presence_penalty"
    )
    repetition_penalty: float | None = spec(
        "Discourage repetition; 1 is none", minimum=0, maximum=2, wire="repetition_penalty"
    )
    seed: int | None = spec("Same seed, same answer (best effort)", wire="seed")
    stop: tuple[str, ...] = spec("Texts that end the answer, at most 4", default=(), wire="stop")
    max_tokens: int | None = spec(
        "Longest answer; also what credit is reserved for", minimum=1, unit="tokens", wire="max_tokens"
    )
    reasoning_effort: str | None = spec("How hard to think", choices=EFFORTS, wire="reasoning.effort")
    reasoning_tokens: int | None = spec(
        "Thinking budget instead of an effort", minimum=1, unit="tokens", wire="reasoning.max_tokens"
    )
    hide_reasoning: bool | None = spec("Think, but do not send the thoughts (still billed)", wire="reasoning.exclude")
    verbosity: str | None = spec(
        "How long answers should be", choices=("low", "medium", "high", "xhigh", "max"), wire="verbosity"
    )
    service_tier: str | None = spec(
        "Price and speed class", choices=("auto", "default", "flex", "priority"), wire="service_tier"
    )
    preset: str | None = spec("Preset of your account (its slug)", wire="preset")
    web_search: bool | None = spec("Let the model search the web (costs per search)")
    fallback_models: tuple[str, ...] = spec(
        "Models to try when the first cannot answer, at most 3", default=(), wire="models"
    )
    provider_order: tuple[str, ...] = spec("Providers to try first, in order", default=(), wire="provider.order")
    provider_only: tuple[str, ...] = spec("Use only these providers", default=(), wire="provider.only")
    provider_ignore: tuple[str, ...] = spec("Never use these providers", default=(), wire="provider.ignore")
    provider_fallbacks: bool | None = spec("Try other providers when the first fails", wire="provider.allow_fallbacks")
    provider_sort: str | None = spec(
        "Which provider first", choices=("price", "throughput", "latency", "exacto"), wire="provider.sort"
    )
    require_parameters: bool | None = spec(
        "Only providers that honour every option", wire="provider.require_parameters"
    )
    data_collection: str | None = spec(
        "Whether providers may keep prompts", choices=("allow", "deny"), wire="provider.data_collection"
    )
    zero_retention: bool | None = spec("Only providers that keep nothing", wire="provider.zdr")
    quantizations: tuple[str, ...] = spec(
        "Accept only these quantisations", default=(), choices=QUANTIZATIONS, wire="provider.quantizations"
    )
    max_prompt_price: Decimal | None = spec(
        "Dearest prompt price accepted", minimum=0, unit="$ per million tokens", wire="provider.max_price.prompt"
    )
    max_completion_price: Decimal | None = spec(
        "Dearest answer price accepted", minimum=0, unit="$ per million tokens", wire="provider.max_price.completion"
    )
    extra: str | None = spec("More request fields as a JSON object, merged last")

    def over(self, base: ChatOptions) -> ChatOptions:
        """Return ``base`` with every field that is set here laid over it."""
        changes = {f.name: v for f in fields(self) if (v := getattr(self, f.name)) is not None and v != ()}
        return replace(base, **changes) if changes else base


def with_option(options: ChatOptions, spec: Spec, value: object) -> ChatOptions:
    """Return ``options`` with one field set; the value is checked, ``None`` and an empty list are "not set"."""
    checked = None if value is None else spec.check(value)
    changes: dict[str, Any] = {spec.name: () if checked is None and spec.type is tuple else checked}
    return replace(options, **changes)
