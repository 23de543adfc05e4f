"""What fits, what is said when it does not, and what is left out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tui_router.domain.context_window import (
    IMAGE_TOKENS,
    MESSAGE_TOKENS,
    leave_out_oldest,
    message_tokens,
    thread_tokens,
)
from tui_router.domain.message import (
    Citation,
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
from tui_router.domain.model import Model
from tui_router.domain.problem import ErrorKind
from tui_router.domain.token_count import SUMMARY_MARK
from tui_router.services.context_window import fit, shorten, summary_request, with_summary, without_images

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SMALL = Model(id="a/small", name="A: Small", context=4_000, parameters=frozenset({"max_tokens"}))
SEEING = Model(id="a/seeing", name="A: Seeing", context=100_000, inputs=frozenset({"text", "image", "file"}))


def said(role: Role, *parts: Part | str, name: str = "") -> Message:
    made = tuple(Text(p) if isinstance(p, str) else p for p in parts)
    return Message(id=name or str(id(made)), parent_id=None, role=role, parts=made, created=NOW)


def talk(turns: int, words: str = "four " * 100) -> list[Message]:
    return [said(r, words, name=f"{r}{i}") for i in range(turns) for r in (Role.USER, Role.ASSISTANT)]


@pytest.mark.parametrize(
    ("part", "tokens"),
    [
        (Text("four " * 10), 10),
        (Image("image/png", data="AAAA"), IMAGE_TOKENS),
        (File("notes", text="four " * 10), 10 + 1),
        (File("a.pdf", "application/pdf", data="A" * 1600), 100),
        (ToolCall("1", "find", "{}"), 1 + 1 + MESSAGE_TOKENS),
        (ToolResult("1", "four " * 10), 10),
        (Reasoning("thought", details=("four " * 10,)), 10),
        (Reasoning("only words are not sent back"), 0),
        (Citation("https://example.org"), 0),
    ],
)
def test_every_part_has_a_size(part: Part, tokens: int) -> None:
    assert message_tokens(said(Role.USER, part)) == MESSAGE_TOKENS + tokens


def test_a_short_conversation_fits() -> None:
    found = fit(talk(2), SMALL, max_tokens=8192, system="Be kind")
    assert found.is_ok
    assert found.problem(SMALL) is None
    assert found.room == 2_000
    assert found.share == pytest.approx(found.tokens / 4_000)


def test_the_room_for_an_answer_shrinks_with_the_window() -> None:
    found = fit(talk(13), SMALL, max_tokens=8192)
    assert found.is_ok
    assert found.room == 4_000 - found.tokens < 2_000


def test_a_long_conversation_says_by_how_much_it_is_too_long() -> None:
    found = fit(talk(20), SMALL, max_tokens=8192)
    assert found.too_long_by == found.tokens + 1_000 - 4_000
    problem = found.problem(SMALL)
    assert problem is not None
    assert problem.kind is ErrorKind.TOO_LONG
    assert "Leave out the oldest turns" in problem.hint


def test_an_unknown_window_takes_everything() -> None:
    unknown = Model(id="a/b", name="B")
    found = fit(talk(500), unknown, max_tokens=100)
    assert found.is_ok
    assert found.share is None
    assert shorten(talk(500), unknown, max_tokens=100).left_out == ()


@pytest.mark.parametrize(("count", "words"), [(1, "a picture"), (2, "2 pictures")])
def test_pictures_for_a_model_that_cannot_see_are_said_before_sending(count: int, words: str) -> None:
    thread = [said(Role.USER, "look", *[Image("image/png", data="AAAA")] * count)]
    found = fit(thread, SMALL, max_tokens=100)
    assert found.images_unreadable == count
    problem = found.problem(SMALL)
    assert problem is not None
    assert words in problem.detail
    assert fit(thread, SEEING, max_tokens=100).is_ok


def test_tool_turns_for_a_model_without_tools_are_said() -> None:
    thread = [*talk(1), said(Role.TOOL, ToolResult("1", "done"))]
    problem = fit(thread, SMALL, max_tokens=100).problem(SMALL)
    assert problem is not None
    assert "tools" in problem.title
    assert fit(thread, SEEING, max_tokens=100).is_ok


def test_files_that_the_service_turns_into_text_are_counted() -> None:
    thread = [said(Role.USER, File("a.pdf", "application/pdf", data="AAAA"), File("b.txt", text="hi"))]
    assert fit(thread, SMALL, max_tokens=100).files_parsed == 1
    assert fit(thread, SEEING, max_tokens=100).files_parsed == 0


def test_past_answers_correct_the_guess() -> None:
    assert fit(talk(20), SMALL, max_tokens=100, scale=0.5).is_ok


def test_the_oldest_turns_are_left_out_whole() -> None:
    thread = [*talk(20), said(Role.USER, "last question")]
    cut = shorten(thread, SMALL, max_tokens=8192)
    assert cut.kept[0].role is Role.USER
    assert cut.kept[-1].text == "last question"
    assert (*cut.left_out, *cut.kept) == tuple(thread)
    assert cut.turns_left_out == len(cut.left_out) // 2 > 0
    assert fit(cut.kept, SMALL, max_tokens=8192).is_ok
    assert cut.tokens == thread_tokens(cut.kept)


def test_the_last_turn_stays_even_when_it_is_too_long() -> None:
    thread = [*talk(3), said(Role.USER, "x" * 100_000)]
    assert leave_out_oldest(thread, 10).kept == (thread[-1],)


def test_what_fits_is_left_alone() -> None:
    assert leave_out_oldest(talk(2), 100_000).left_out == ()


def test_pictures_become_words() -> None:
    picture = said(Role.USER, "look", Image("image/png", data="AAAA", name="cat.png"), name="p")
    plain = said(Role.USER, "hello")
    changed, same = without_images([picture, plain])
    assert changed.text == "look[picture cat.png]"
    assert same is plain


def test_a_summary_is_asked_of_the_words_only() -> None:
    request = summary_request([*talk(1, "words"), said(Role.TOOL, ToolResult("1", "done"))], "a/b", NOW)
    assert request.messages[0].text == "user: words\n\nassistant: words"
    assert request.options.max_tokens == 2_048
    assert "Summarise" in request.system


def test_a_summary_opens_the_first_question() -> None:
    thread = talk(1, "words")
    first, second = with_summary("It was about cats.", thread)
    assert first.text.startswith(f"{SUMMARY_MARK}\n\nIt was about cats.")
    assert first.text.endswith("words")
    assert second is thread[1]


def test_a_summary_before_an_answer_becomes_a_turn_of_its_own() -> None:
    answer = said(Role.ASSISTANT, "words")
    opening, kept = with_summary("It was.", [answer])
    assert opening.role is Role.USER
    assert kept is answer


def test_no_summary_changes_nothing() -> None:
    assert with_summary("  ", talk(1)) == tuple(talk(1))
