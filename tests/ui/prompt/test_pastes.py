"""Folded pastes: chips stand for texts, whole or not at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui_router.ui.prompt.pastes import FoldRule, Pastes, widen


def test_a_chip_says_how_many_lines_it_holds() -> None:
    assert Pastes().fold("x\n" * 214) == "[pasted 214 lines]"
    assert Pastes().fold("x" * 5000) == "[pasted 5,000 characters]"


def test_two_pastes_of_one_size_have_two_markers() -> None:
    pastes = Pastes()
    first, second = pastes.fold("a\nb"), pastes.fold("c\nd")
    assert (first, second) == ("[pasted 2 lines]", "[pasted 2 lines #2]")
    assert pastes.expand(f"{second} and {first}") == "c\nd and a\nb"


def test_the_same_words_typed_by_hand_stay_words() -> None:
    assert Pastes().expand("[pasted 2 lines]") == "[pasted 2 lines]"


def test_a_paste_that_holds_a_marker_is_not_expanded_again() -> None:
    pastes = Pastes()
    inner = pastes.fold("a\nb")
    outer = pastes.fold(f"x\n{inner}\ny")
    assert pastes.expand(outer) == f"x\n{inner}\ny"


def test_a_draft_keeps_only_the_chips_it_shows() -> None:
    pastes = Pastes()
    kept, gone = pastes.fold("a\nb"), pastes.fold("a\nb\nc")
    assert pastes.within(f"see {kept}") == {kept: "a\nb"}
    assert gone not in pastes.within(f"see {kept}")


def test_what_is_folded_is_decided_by_lines_and_characters() -> None:
    rule = FoldRule(lines=3, chars=10)
    assert rule.folds("a\nb\nc\n")
    assert rule.folds("x" * 11)
    assert not rule.folds("a\nb")


def test_an_edit_that_touches_a_chip_takes_it_whole() -> None:
    pastes = Pastes()
    chip = pastes.fold("a\nb")
    places = pastes.places(f"x {chip} y")
    start, end = places[0].start, places[0].end
    assert widen(end - 1, end, places) == (start, end)
    assert widen(0, start + 3, places) == (0, end)
    assert widen(start + 4, start + 4, places) == (end, end)
    assert widen(start, start, places) == (start, start)


@given(st.lists(st.text(min_size=1, max_size=30), max_size=5))
def test_chips_always_expand_to_what_was_pasted(texts: list[str]) -> None:
    pastes = Pastes()
    markers = [pastes.fold(text) for text in texts]
    assert pastes.expand("\x00".join(markers)) == "\x00".join(texts)
