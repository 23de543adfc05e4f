"""Models: ids as people type them, what a row can do, suggestions."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_router.domain.model import Model, ModelRef, ReasoningAbility, is_chat_model, nearest_ids, normal_id
from tui_router.domain.usage import Pricing

_IDS = (
    "anthropic/claude-sonnet-4.5",
    "anthropic/claude-haiku-4.5",
    "openai/gpt-5",
    "openai/gpt-5-mini",
    "z-ai/glm-4.6",
)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("openai/gpt-5", "openai/gpt-5"),
        (" openrouter/openai/gpt-5 ", "openai/gpt-5"),
        ("openrouter/auto", "openrouter/auto"),
        ("openrouter/free", "openrouter/free"),
        ("openrouter/a/b:free", "a/b:free"),
    ],
)
def test_the_prefix_of_other_programs_is_stripped_only_where_an_id_remains(typed: str, sent: str) -> None:
    assert normal_id(typed) == sent


@pytest.mark.parametrize(
    ("wanted", "best"),
    [
        ("gpt-5", "openai/gpt-5"),
        ("GPT5", "openai/gpt-5"),
        ("openai/gpt5-mini", "openai/gpt-5-mini"),
        ("openrouter/openai/gtp-5", "openai/gpt-5"),
        ("claude-sonet-4.5", "anthropic/claude-sonnet-4.5"),
        ("antropic/claude-haiku-4.5", "anthropic/claude-haiku-4.5"),
    ],
)
def test_the_nearest_id_is_suggested_first(wanted: str, best: str) -> None:
    assert nearest_ids(wanted, _IDS)[0] == best


@given(st.text(max_size=30), st.integers(min_value=0, max_value=5))
def test_suggestions_are_known_ids_each_once_and_not_too_many(wanted: str, count: int) -> None:
    found = nearest_ids(wanted, _IDS, count) if count else ()
    assert len(found) == len(set(found)) <= count
    assert set(found) <= set(_IDS)


def test_nothing_is_suggested_for_nonsense_or_an_empty_catalogue() -> None:
    assert nearest_ids("qqqqqqqqqqqqqqq", _IDS) == ()
    assert nearest_ids("gpt-5", ()) == ()
    assert nearest_ids("", _IDS) == ()


def test_a_row_says_what_it_can_do() -> None:
    model = Model(
        id="~acme/one-latest", name="Acme: One", inputs=frozenset({"text", "image", "file"}),
        parameters=frozenset({"tools", "temperature"}), reasoning=ReasoningAbility(),
        pricing=Pricing(prompt=Decimal(0), completion=Decimal(0)),
    )  # fmt: skip
    assert (model.author, model.short_name, model.is_free, model.is_router) == ("acme", "One", True, False)
    assert (model.sees_images, model.takes_files, model.uses_tools, model.thinks) == (True, True, True, True)
    assert (model.supports("temperature"), model.supports("seed")) == (True, False)
    bare = Model(id="x", name="x")
    assert (bare.short_name, bare.thinks, bare.supports("anything")) == ("x", False, True)
    assert Model(id="openrouter/auto", name="Auto").is_router
    assert str(ModelRef("a/b")) == "a/b"


@pytest.mark.parametrize(
    ("model", "belongs"),
    [
        (Model(id="a/b", name="B"), True),
        (Model(id="a/b:batch", name="B"), False),
        (Model(id="a/b", name="B", outputs=frozenset({"image"})), False),
        (Model(id="meta/llama-guard-4", name="Guard"), False),
    ],
)
def test_only_models_to_chat_with_are_listed(model: Model, belongs: bool) -> None:
    assert is_chat_model(model) is belongs
