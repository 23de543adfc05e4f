"""Messages: what is read off them."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from tests.values import an_answer
from tui_router.domain.message import ENDING_WORDS, Citation, EndingKind, Image, Reasoning, Text, new_id


def test_words_and_thinking_are_read_apart() -> None:
    message = an_answer("a", None, parts=(Reasoning("hm "), Text("Hel"), Reasoning("so"), Text("lo")))
    assert (message.text, message.reasoning) == ("Hello", "hm so")


def test_each_source_is_listed_once_as_it_was_first_named() -> None:
    sources = [Citation("u1", "first"), Citation("u2"), Citation("u1", "again")]
    assert an_answer("a", None, parts=(*sources, Text("x"))).citations == (Citation("u1", "first"), Citation("u2"))


@given(st.binary(max_size=50))
def test_the_size_of_a_picture_is_told_without_decoding_it(data: bytes) -> None:
    assert Image("image/png", base64.b64encode(data).decode()).size == len(data)


def test_endings_that_a_reader_must_know_of_have_a_word() -> None:
    by_themselves = {EndingKind.COMPLETE, EndingKind.TOOL_CALLS}
    assert set(ENDING_WORDS) == set(EndingKind) - by_themselves


def test_ids_are_short_and_differ() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(i) for i in ids} == {16}
