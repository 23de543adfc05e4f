"""Tokens guessed from text: near for every kind of text, and never more than a pass over it."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.figures import percentile
from tests.benchmarks.token_corpus import KINDS, O200K, corpus
from tui_router.domain.token_estimate import estimate_tokens, token_weight

EACH = len(O200K) // len(KINDS)
TEXTS = corpus(EACH)


def error(text: str, real: int) -> float:
    return abs(estimate_tokens(text) / real - 1)


@given(st.text())
def test_an_estimate_of_tokens_is_between_nothing_and_the_characters(text: str) -> None:
    assert 0 <= estimate_tokens(text) <= len(text)
    assert bool(estimate_tokens(text)) == bool(text)


@given(st.characters(exclude_categories=()))
def test_every_character_can_be_counted(character: str) -> None:
    assert estimate_tokens(character * 3) >= 1


def test_wide_scripts_count_more_a_character() -> None:
    assert estimate_tokens("漢字漢字漢字") > estimate_tokens("kanjis")
    assert estimate_tokens("four") == 1


def test_the_estimate_is_near_the_real_tokenizer() -> None:
    errors = [error(text, real) for (_, text), real in zip(TEXTS, O200K, strict=True)]
    assert statistics.median(errors) < 0.06
    assert percentile(errors, 0.9) < 0.12


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_text_is_far_off(kind: str) -> None:
    errors = [error(text, real) for (k, text), real in zip(TEXTS, O200K, strict=True) if k == kind]
    assert statistics.median(errors) < 0.13


@pytest.mark.parametrize(
    ("text", "real"),
    [
        ("deadbeefcafe0123456789abcdef00112233445566778899aabbccddeeff0a1b2c3d" * 4, 120),
        (
            "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5",
            60,
        ),
        (" " * 4_000 + "end", 33),
    ],
)
def test_encoded_bytes_and_blanks_are_not_taken_for_words(text: str, real: int) -> None:
    assert estimate_tokens(text) == pytest.approx(real, rel=0.3)


def test_empty_lines_in_a_row_cost_little() -> None:
    assert estimate_tokens("\n\n\n" * 300) < 300


def test_pieces_add_up_to_about_the_whole() -> None:
    text = next(text for kind, text in TEXTS if kind == "English prose")
    pieces = [f" {word}" for word in text.split(" ")]
    assert sum(map(token_weight, pieces)) == pytest.approx(token_weight(text), rel=0.2)


def test_a_real_question_mark_is_a_mark_beside_other_scripts_too() -> None:
    assert estimate_tokens("почему? " * 20) > estimate_tokens("почему " * 20)
