"""From what is typed to a model."""

from __future__ import annotations

import pytest

from tui_router.domain.model import Model
from tui_router.domain.model_names import is_same_model, resolve
from tui_router.domain.problem import AppError, ErrorKind


def row(model_id: str, name: str, canonical: str = "", alias_of: str = "") -> Model:
    return Model(id=model_id, name=name, canonical=canonical, alias_of=alias_of)


ROWS = (
    row("openai/gpt-4o", "OpenAI: GPT-4o", "openai/gpt-4o-2024-05-13"),
    row("openai/gpt-4o-mini", "OpenAI: GPT-4o-mini"),
    row("openai/gpt-4o:batch", "OpenAI: GPT-4o (batch)"),
    row("anthropic/claude-opus-4.5", "Anthropic: Claude Opus 4.5"),
    row("anthropic/claude-haiku-4.5", "Anthropic: Claude Haiku 4.5", "anthropic/claude-4.5-haiku-20251001"),
    row("~anthropic/claude-opus-latest", "Anthropic: Claude Opus Latest", alias_of="anthropic/claude-opus-4.5"),
    row("qwen/qwen3-coder:free", "Qwen: Qwen3 Coder (free)"),
    row("qwen/qwen3-coder", "Qwen: Qwen3 Coder"),
    row("openrouter/auto", "Auto Router"),
)
MODELS = {m.id: m for m in ROWS}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("openai/gpt-4o", "openai/gpt-4o"),
        ("  openrouter/openai/gpt-4o ", "openai/gpt-4o"),
        ("openrouter/auto", "openrouter/auto"),
        ("OpenAI/GPT-4o", "openai/gpt-4o"),
        ("openai/gpt-4o-2024-05-13", "openai/gpt-4o"),
        ("anthropic/claude-haiku-4-5", "anthropic/claude-haiku-4.5"),
        ("anthropic/claude-opus-latest", "~anthropic/claude-opus-latest"),
        ("~anthropic/claude-opus-latest", "~anthropic/claude-opus-latest"),
        ("openai/gpt-4o:nitro", "openai/gpt-4o:nitro"),
        ("qwen/qwen3-coder:free", "qwen/qwen3-coder:free"),
        ("qwen/qwen3-coder:free:online", "qwen/qwen3-coder:free:online"),
        ("@preset/mine", "@preset/mine"),
        ("openai/gpt-4o@preset/mine", "openai/gpt-4o@preset/mine"),
        ("opus", "anthropic/claude-opus-4.5"),
        ("haiku 4.5", "anthropic/claude-haiku-4.5"),
        ("gpt-4o", "openai/gpt-4o"),
        ("gpt-4o:floor", "openai/gpt-4o:floor"),
        ("4o-mini", "openai/gpt-4o-mini"),
        ("qwen3 coder", "qwen/qwen3-coder"),
        ("coder:free", "qwen/qwen3-coder:free"),
        ("pus", "anthropic/claude-opus-4.5"),
        ("4.5 opus", "anthropic/claude-opus-4.5"),
        ("claude hai", "anthropic/claude-haiku-4.5"),
    ],
)
def test_a_person_is_understood(typed: str, found: str) -> None:
    assert resolve(typed, MODELS).id == found


def test_a_preset_alone_has_no_known_price() -> None:
    assert resolve("@preset/mine", MODELS).pricing.varies


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("claude", "anthropic/claude-opus-4.5"),
        ("openai/gpt-4o-mimi", "openai/gpt-4o-mini"),
        ("openai/4o-mini", "openai/gpt-4o-mini"),
        ("anthropic/opus", "anthropic/claude-opus-4.5"),
        ("anthropic/claude-opus-4.5:free", "anthropic/claude-opus-4.5"),
    ],
)
def test_what_is_not_one_model_gets_suggestions(typed: str, first: str) -> None:
    with pytest.raises(AppError) as caught:
        resolve(typed, MODELS)
    assert caught.value.problem.kind is ErrorKind.UNKNOWN_MODEL
    assert caught.value.problem.suggestions[0] == first
    assert first in caught.value.problem.hint


@pytest.mark.parametrize("typed", ["~k", "k", "ku", "a", "4", "laude hai", "hai ope", "opu claud", "~us"])
def test_a_letter_or_two_inside_a_name_are_no_name(typed: str) -> None:
    with pytest.raises(AppError) as caught:
        resolve(typed, MODELS)
    assert caught.value.problem.title == f"No such model: {typed}"


def test_a_letter_is_answered_with_names_that_hold_it() -> None:
    with pytest.raises(AppError) as caught:
        resolve("~k", MODELS)
    assert "anthropic/claude-haiku-4.5" in caught.value.problem.suggestions


@pytest.mark.parametrize("typed", ["", "  ", "::", "zzzzqqqq", "nobody/nothing@preset/x", "a:nitro"])
def test_nonsense_is_no_model(typed: str) -> None:
    with pytest.raises(AppError) as caught:
        resolve(typed, MODELS)
    assert caught.value.problem.kind is ErrorKind.UNKNOWN_MODEL


@pytest.mark.parametrize(
    ("asked", "served", "same"),
    [
        ("openai/gpt-4o", "openai/gpt-4o", True),
        ("openai/gpt-4o", "openai/gpt-4o-2024-08-06", True),
        ("openai/gpt-4o:nitro", "openai/gpt-4o", True),
        ("anthropic/claude-opus-4.5", "claude-opus-4-5-20251101", True),
        ("google/gemini-2.0-flash", "google/gemini-2.0-flash-001", True),
        ("x/y:free", "x/y-04-28:free", False),
        ("openai/gpt-4o", "openai/gpt-4o-mini", False),
        ("anthropic/claude-opus-4", "anthropic/claude-opus-4.5", False),
        ("openrouter/auto", "openai/gpt-4o", False),
    ],
)
def test_a_dated_id_is_the_same_model_and_a_longer_name_is_not(asked: str, served: str, same: bool) -> None:
    assert is_same_model(asked, served, None) is same


def test_the_permanent_name_of_the_catalogue_decides() -> None:
    row = Model(id="x/y:free", name="Y", canonical="x/y-04-28:free")
    assert is_same_model("x/y:free", "x/y-04-28:free", row)
