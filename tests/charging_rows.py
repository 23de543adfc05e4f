"""What the charging server says of its models, its key and its generations."""

from __future__ import annotations

from typing import Any

from tests.charging_book import Book, Charged
from tests.charging_script import prices_of


def model_row(model: str) -> dict[str, Any]:
    """Return a model as ``/models`` lists it."""
    return {
        "id": model,
        "name": f"Test: {model.removeprefix('test/')}",
        "created": 1_780_000_000,
        "context_length": 128_000,
        "architecture": {
            "modality": "text->text",
            "input_modalities": ["text"],
            "output_modalities": ["text"],
            "tokenizer": "GPT",
        },
        "pricing": prices_of(model),
        "top_provider": {"context_length": 128_000, "max_completion_tokens": 64_000, "is_moderated": False},
        "supported_parameters": ["max_tokens", "temperature", "reasoning", "include_reasoning"],
    }


def generation_row(charged: Charged) -> dict[str, Any]:
    """Return what ``/generation`` says of a charge."""
    return {
        "id": charged.id,
        "model": charged.model,
        "provider_name": "Testing",
        "streamed": True,
        "cancelled": charged.is_cancelled,
        "tokens_prompt": charged.prompt_tokens,
        "tokens_completion": charged.completion_tokens,
        "native_tokens_prompt": charged.prompt_tokens,
        "native_tokens_completion": charged.completion_tokens,
        "native_tokens_reasoning": charged.reasoning_tokens,
        "native_tokens_cached": 0,
        "total_cost": float(charged.cost),
        "usage": float(charged.cost),
        "is_byok": False,
    }


def key_row(book: Book) -> dict[str, Any]:
    used = float(book.total)
    return {
        "label": "sk-or-v1-c4c…4c4",
        "limit": None,
        "limit_remaining": None,
        "usage": used,
        "usage_daily": used,
        "usage_weekly": used,
        "usage_monthly": used,
        "is_free_tier": False,
        "free_model_daily_requests": {"used": 0, "limit": 1000, "remaining": 1000},
    }
