"""Tests the adapted keyboard and paste handling; fails when a Textual upgrade changes its private parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser

from tui_router.ui.prompt import terminal_input
from tui_router.ui.prompt.terminal_input import ENCODED_SEQUENCES, is_newline_key


def keys(data: str) -> list[tuple[str, str | None]]:
    """Return the keys that a plain parser reads."""
    parser = XTermParser(False)
    found = [m for m in parser.feed(data) if isinstance(m, events.Key)]
    return [(m.key, m.character) for m in found]


def test_this_textual_allows_all_of_it() -> None:
    assert terminal_input.install() == ()


@pytest.mark.parametrize("data", ["\x1b\r", "\x1b\n", *ENCODED_SEQUENCES])
def test_every_byte_form_of_a_modified_enter_is_a_new_line(data: str) -> None:
    terminal_input.register_newline_keys()
    ((key, character),) = keys(data)
    assert key in ("ctrl+j",) or key.endswith("+enter") or is_newline_key(key, character)


def test_enter_itself_is_no_new_line() -> None:
    terminal_input.register_newline_keys()
    assert keys("\r") == [("enter", "\r")] or keys("\r") == [("enter", None)]
    assert not is_newline_key("enter", "\r")


def feed(pieces: list[str]) -> list[events.Event]:
    parser = terminal_input.FastPasteParser()
    return [m for piece in pieces for m in parser.feed(piece) if isinstance(m, events.Paste | events.Key)]


def test_keys_around_a_paste_stay_keys() -> None:
    found = feed(["a\x1b[200~big\r\ntext\x1b[201~b"])
    assert [type(m) for m in found] == [events.Key, events.Paste, events.Key]
    assert isinstance(found[1], events.Paste)
    assert found[1].text == "big\r\ntext"


def test_an_escape_sequence_inside_a_paste_is_text() -> None:
    (paste,) = feed(["\x1b[200~x\x1b[Ay\x1b[20\x1b[201~"])
    assert isinstance(paste, events.Paste)
    assert paste.text == "x\x1b[Ay\x1b[20"


@given(st.lists(st.integers(1, 60), max_size=12), st.text(alphabet="ab\x1b[201~\r\n", max_size=40))
def test_a_paste_is_the_same_however_the_reads_cut_it(cuts: list[int], body: str) -> None:
    body = body.replace(terminal_input.PASTE_END, "").replace("\x00", "")
    if terminal_input.PASTE_END in body:
        return
    data = body + terminal_input.PASTE_END
    pieces, at = [terminal_input.PASTE_START], 0
    for cut in cuts:
        pieces.append(data[at : at + cut])
        at += cut
    pieces = [p for p in [*pieces, data[at:]] if p]
    expected = (body + terminal_input.PASTE_END).split(terminal_input.PASTE_END)[0]
    found = [m for m in feed(pieces) if isinstance(m, events.Paste)]
    assert found[0].text == expected


def test_the_end_of_input_inside_a_paste_is_an_end() -> None:
    parser = terminal_input.FastPasteParser()
    assert list(parser.feed("\x1b[200~never ended")) == []
    assert list(parser.feed("")) == []


def test_a_driver_without_modes_is_left_alone() -> None:
    assert not terminal_input.adopt_terminal_modes(object(), [])
