"""A search as a person types it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_router.domain.library import Query, parse_day, parse_query

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", Query()),
        ("two words", Query(words=("two", "words"))),
        ('a "quoted phrase" b', Query(words=("a", "b"), phrases=("quoted phrase",))),
        ("model:gpt MODEL:claude", Query(models=("gpt", "claude"))),
        ('tag:"two words" tag:🙂', Query(tags=("two words", "🙂"))),
        ("pinned:yes archived:no", Query(pinned=True, archived=False)),
        ("pinned:maybe", Query(words=("pinned:maybe",))),
        ("before:2026-01-02 after:2025", Query(before=date(2026, 1, 2), after=date(2025, 1, 1))),
        ("after:7d", Query(after=date(2026, 11, 15))),
        ("before:yesterday", Query(before=date(2026, 11, 21))),
        ("after:never", Query(words=("after:never",))),
        ("https://example.org", Query(words=("https://example.org",))),
        ("model:", Query(words=("model:",))),
        ('tag:""', Query(words=('tag:""',))),
        ('"', Query(words=('"',))),
        ('""', Query()),
        ('say "open', Query(words=("say", '"open'))),
    ],
)
def test_a_search_is_taken_apart(typed: str, query: Query) -> None:
    assert parse_query(typed, TODAY) == query


@pytest.mark.parametrize("text", ["2026-13", "2026-02-30", "0000", "99999d999", "99999y", "soon", ""])
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse_day(text, TODAY) is None


def test_days_need_a_today_only_when_they_count_from_it() -> None:
    assert parse_day("2026-3") == date(2026, 3, 1)
    assert parse_day("today") is None
    assert parse_day("today", TODAY) == TODAY
    assert parse_day("2w", TODAY) == date(2026, 11, 8)


@given(st.text())
def test_no_text_fails(text: str) -> None:
    parse_query(text, TODAY)
