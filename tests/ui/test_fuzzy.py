"""Fuzzy matching: what is found, in which order, and which characters are shown as hits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui_router.ui.fuzzy import fold, offsets, rank, spans

ROWS = ["anthropic/claude-sonnet-4", "openai/gpt-5-mini", "openai/gpt-5", "mistral/mixtral", "meta/llama claude-like"]
FOLDED = [fold(row) for row in ROWS]


def found(query: str, limit: int = 0) -> list[str]:
    return [ROWS[hit.row] for hit in rank(query, FOLDED, limit)]


def test_every_word_must_be_found_in_any_order() -> None:
    assert found("sonnet claude") == ["anthropic/claude-sonnet-4"]
    assert found("claude gpt") == []


def test_an_empty_query_keeps_every_row_in_order() -> None:
    assert found("  ") == ROWS
    assert found("", limit=2) == ROWS[:2]


def test_a_shorter_row_with_the_same_hit_comes_first() -> None:
    assert found("gpt-5")[0] == "openai/gpt-5"


def test_a_start_of_a_word_wins_over_the_middle_of_one() -> None:
    rows = [fold("xxmode abc"), fold("xx mode abc")]
    assert rank("mode", rows)[0].row == 1


def test_letters_in_order_are_found_where_the_word_is_not() -> None:
    assert found("clso")[0] == "anthropic/claude-sonnet-4"
    assert offsets("g5", "gpt-5") == (0, 4)


def test_letters_far_apart_are_no_match() -> None:
    assert rank("ab", [fold("a" + "x" * 40 + "b")]) == []


def test_hits_become_ranges() -> None:
    assert spans("gpt mini", "openai/gpt-5-mini") == [(7, 10), (13, 17)]


def test_a_letter_whose_lower_case_is_longer_does_not_shift_the_hits() -> None:
    assert offsets("x", "İx") == (1,)


def test_a_repetitive_row_costs_no_more_than_another() -> None:
    assert rank("aaaaaaaaab", [fold("a" * 5000)]) == []


@given(st.text(max_size=12), st.text(max_size=40))
def test_what_ranks_has_offsets_and_they_are_in_range(query: str, row: str) -> None:
    ranked = rank(query, [fold(row)])
    hits = offsets(query, row)
    assert all(0 <= i < len(row) for i in hits)
    if ranked and query.split():
        assert hits
