"""Dataclasses as JSON: lenient for our own data, strict for files of unknown origin."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.values import an_answer
from tui_router.domain.codec import Codec, InvalidRecord, converter, tag_of
from tui_router.domain.message import Message, Reasoning, Text, ToolCall
from tui_router.domain.options import ChatOptions


def test_a_codec_refuses_only_what_it_needs() -> None:
    codec = Codec(Reasoning)
    with pytest.raises(ValueError, match="an object was expected"):
        codec.load([])
    with pytest.raises(ValueError, match="text: text was expected, not 3"):
        codec.load({"text": 3})
    with pytest.raises(ValueError, match="missing"):
        codec.load({})
    assert codec.load({"text": "x", "seconds": None, "details": 3}) == Reasoning("x")
    with pytest.raises(InvalidRecord):
        converter(int).load(True)
    with pytest.raises(ValueError, match="amount"):
        converter(Decimal).load("inf")


def test_a_strict_codec_refuses_what_does_not_fit_and_says_where() -> None:
    codec = Codec(Message, strict=True)
    row = codec.dump(an_answer("a1", "q1", "hello"))
    assert codec.load(row) == an_answer("a1", "q1", "hello")
    with pytest.raises(InvalidRecord) as caught:
        codec.load(row | {"parts": [row["parts"][0], {"type": "text", "text": 3}]})
    assert str(caught.value) == "parts[1].text: text was expected, not 3"
    with pytest.raises(InvalidRecord, match=r"parts\[0\]: one of text, .* was expected, not 'poem'"):
        codec.load(row | {"parts": [{"type": "poem"}]})
    with pytest.raises(InvalidRecord, match="usage: an object was expected, not a list"):
        codec.load(row | {"usage": []})


def test_a_lenient_codec_keeps_the_defaults_of_fields_that_do_not_fit() -> None:
    assert Codec(ChatOptions).load({"temperature": "hot", "top_k": 4, "later": 1}) == ChatOptions(top_k=4)
    with pytest.raises(InvalidRecord, match="temperature"):
        Codec(ChatOptions, strict=True).load({"temperature": "hot"})
    with pytest.raises(InvalidRecord, match="temperature"):
        Codec(ChatOptions, strict=True).load({"temperature": 1_000.0})


def test_texts_are_cleaned_only_where_their_origin_is_unknown() -> None:
    row = {"text": "a\x1b[31m"}
    assert Codec(Text).load(row) == Text("a\x1b[31m")
    assert "\x1b" not in Codec(Text, strict=True).load(row).text


def test_a_class_is_tagged_by_its_name() -> None:
    assert tag_of(Text) == "text"
    assert tag_of(ToolCall) == "tool_call"
