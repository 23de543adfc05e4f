"""The one function that makes outside text harmless."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import NASTY, any_text
from tui_router.domain.safe import Cleaner, clean, clean_line, join_surrogates

_FORBIDDEN_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
_BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _is_harmless(text: str) -> bool:
    return not any(
        (unicodedata.category(c) in _FORBIDDEN_CATEGORIES and c not in "\n\t")
        or c in _BIDI
        or 0xE0000 <= ord(c) <= 0xE0FFF
        for c in text
    )


@given(any_text)
def test_nothing_that_drives_a_terminal_survives(text: str) -> None:
    assert _is_harmless(clean(text))


def test_every_single_code_point_becomes_harmless() -> None:
    assert _is_harmless("".join(clean(chr(c)) for c in range(0x110000)))


@given(any_text)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(any_text, st.lists(st.integers(min_value=0, max_value=40)))
def test_the_result_does_not_depend_on_how_a_stream_was_cut(text: str, cuts: list[int]) -> None:
    cleaner = Cleaner()
    bounds = [0, *sorted(min(c, len(text)) for c in cuts), len(text)]
    pieces = [cleaner.feed(text[a:b]) for a, b in pairwise(bounds)]
    assert "".join(pieces) + cleaner.flush() == clean(join_surrogates(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\x1b[31mred", "␛[31mred"),
        ("bell\x07\x00\x7f", "bell␇␀␡"),
        ("\x9b2J", "\ufffd2J"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
        ("a\u2028b", "a\nb"),
        ("hid\U000e0041den\u200b", "hidden"),
        ("\ud800", "\ufffd"),
        ("👩\u200d🚀 é 漢字 שלום", "👩\u200d🚀 é 漢字 שלום"),
        ("tab\tstays\n", "tab\tstays\n"),
    ],
)
def test_what_a_reader_sees(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_halves_of_an_emoji_that_arrive_apart_are_joined() -> None:
    cleaner = Cleaner()
    assert cleaner.feed("a\ud83d") + cleaner.feed("\ude00b") + cleaner.flush() == "a😀b"


def test_a_half_that_is_left_alone_is_marked_at_the_end() -> None:
    cleaner = Cleaner()
    assert cleaner.feed("a\ud83d") == "a"
    assert cleaner.flush() == "\ufffd"
    assert cleaner.flush() == ""


@given(any_text, st.integers(min_value=0, max_value=20))
def test_a_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    line = clean_line(text, limit)
    assert "\n" not in line
    assert "\t" not in line
    assert not limit or len(line) <= limit


def test_a_long_line_is_cut_with_an_ellipsis() -> None:
    assert clean_line("one two three", 8) == "one two…"
    assert clean_line(f"x{NASTY}y\n z", 40).endswith("y z")
