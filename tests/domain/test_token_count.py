"""The one count: what a request sends, told apart by what it is."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import pytest

from tests.values import a_message, an_answer
from tui_router.domain import token_count as counting
from tui_router.domain.context_window import IMAGE_TOKENS, MESSAGE_TOKENS
from tui_router.domain.draft import Attachment, Draft
from tui_router.domain.message import (
    Citation,
    Ending,
    EndingKind,
    File,
    Image,
    Message,
    Part,
    Reasoning,
    Role,
    Text,
    ToolCall,
    ToolResult,
)
from tui_router.domain.model import ModelRef
from tui_router.domain.options import ChatOptions
from tui_router.domain.request import ChatRequest
from tui_router.domain.token_count import SUMMARY_MARK, Count, CountKind, Tally, count
from tui_router.domain.token_estimate import estimate_tokens

TEN = "four " * 10


def counted(*messages: Message, system: str = "", thread: tuple[Message, ...] = (), web: bool = False) -> Count:
    options = ChatOptions(web_search=web or None)
    return count(ChatRequest(model="a/b", messages=messages, system=system, options=options), thread)


def question(*parts: Part) -> Message:
    return a_message("q", parts=parts)


def test_every_kind_has_a_row_of_its_own_in_a_fixed_order() -> None:
    found = counted(
        a_message("one", text=TEN),
        an_answer("two", "one", TEN),
        question(Text(TEN), File("notes", text=TEN), Image("image/png", data="AAAA", name="cat.png")),
        system=TEN,
        web=True,
    )
    assert [(row.kind, row.name, row.tokens) for row in found.rows] == [
        (CountKind.SYSTEM, "", 10 + MESSAGE_TOKENS),
        (CountKind.EARLIER, "", 20 + 2 * MESSAGE_TOKENS),
        (CountKind.QUESTION, "", 10 + MESSAGE_TOKENS),
        (CountKind.FILE, "notes", 11),
        (CountKind.PICTURE, "cat.png", IMAGE_TOKENS),
        (CountKind.TOOLS, "", found.of(CountKind.TOOLS)),
    ]
    assert found.tokens == sum(row.tokens for row in found.rows)
    assert (found.pictures, found.media) == (1, IMAGE_TOKENS)


def test_thinking_counts_only_where_it_is_sent_back() -> None:
    thought = Reasoning("words", details=(TEN,))
    own = an_answer("two", "one", parts=(thought, Text(TEN)), model=ModelRef("a/b"))
    foreign = replace(own, model=ModelRef("c/d"))
    cut = replace(own, ending=Ending(EndingKind.CANCELLED))
    found = [counted(m).of(CountKind.REASONING) for m in (own, foreign, cut)]
    assert found == [10, 0, 0]


def test_a_tool_call_that_nobody_answered_is_not_sent() -> None:
    call = an_answer("two", "one", parts=(ToolCall("1", "find", TEN),))
    result = a_message("three", "two", role=Role.TOOL, parts=(ToolResult("1", TEN),))
    assert counted(call).tokens == 0
    assert counted(call, result).of(CountKind.TOOL_RESULTS) > 20


def test_an_answer_without_words_and_sources_are_not_sent() -> None:
    assert counted(an_answer("two", "one", parts=(Citation("https://example.org"), Text("  ")))).rows == ()


def test_a_summary_is_told_apart_from_the_question_that_it_stands_before() -> None:
    found = counted(question(Text(f"{SUMMARY_MARK}\n\n{TEN}"), Text(TEN)))
    assert found.of(CountKind.SUMMARY) > 10
    assert found.of(CountKind.QUESTION) == 10 + MESSAGE_TOKENS


def test_what_of_the_thread_is_not_in_the_request_is_left_out() -> None:
    one, two = a_message("one", text=TEN), an_answer("two", "one", TEN)
    found = counted(question(Text(TEN)), thread=(one, two, question(Text(TEN))))
    assert found.left_out == (one, two)
    assert found.left_out_tokens == 20 + 2 * MESSAGE_TOKENS
    assert found.tokens == 10 + MESSAGE_TOKENS


def test_counts_add_up() -> None:
    found = counted(a_message("one", text=TEN)).with_more(counted(question(Text(TEN), Image("image/png"))))
    assert (found.tokens, found.pictures) == (2 * (10 + MESSAGE_TOKENS) + IMAGE_TOKENS, 1)


@pytest.mark.parametrize(
    "part", [Text(TEN), Text("word " * 5_000), File("a", text="word " * 5_000), Image("image/png")]
)
def test_a_tally_counts_as_the_count_does(part: Part) -> None:
    message = question(part)
    assert Tally().sizes(message) == counting.sizes_of(message)


def test_a_tally_counts_a_message_once_and_a_big_text_once() -> None:
    tally, paste = Tally(), "word " * 5_000
    with patch.object(counting, "estimate_tokens", wraps=estimate_tokens) as estimate:
        message = question(Text(paste))
        assert tally.sizes(message) == tally.sizes(message)
        tally.sizes(question(Text("typed "), Text(paste)))
        assert estimate.call_count == 1


def test_a_tally_sees_that_an_answer_grew() -> None:
    tally = Tally()
    first, grown = an_answer("a", "q", TEN), an_answer("a", "q", TEN * 2)
    assert (tally.sizes(first), tally.sizes(grown)) == ((10,), (20,))


def test_a_draft_becomes_the_parts_that_would_be_sent() -> None:
    picture = Image("image/png", data="AAAA")
    draft = Draft(
        text="look at [pasted 3 lines] please",
        chips={"[pasted 3 lines]": "a [pasted 2 lines] b", "[pasted 2 lines]": "gone"},
        attachments=(Attachment("cat.png, 1 KB", picture),),
    )
    assert draft.pieces == (Text("look at "), Text("a [pasted 2 lines] b"), Text(" please"), picture)
    assert Draft(text=" \n").pieces == ()
    assert Draft(text="hello").pieces == (Text("hello"),)
