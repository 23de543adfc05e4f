"""What fills a window: rows that add up, and sentences about the rest."""

from __future__ import annotations

from dataclasses import replace

from tests.benchmarks.bench_estimate import Notes
from tests.services.offline_dependencies import offline_dependencies
from tests.values import NOON, a_conversation, a_message, an_answer
from tui_router.domain.message import File, Image, Part, Role, Text
from tui_router.domain.model import Model, ModelRef
from tui_router.domain.usage import Usage
from tui_router.services.chat import Chat
from tui_router.services.context_usage import Use, window_use
from tui_router.services.conversation import Trimming
from tui_router.services.estimates import Estimates

MODEL = Model(id="a/b", name="A: B", context=4_000)


def talk(words: str = "four " * 100) -> Chat:
    dependencies = replace(offline_dependencies(), model={"a/b": MODEL}.get)
    messages = [a_message("one", text=words), an_answer("two", "one", words)]
    return Chat(dependencies, a_conversation(head="two", system="four " * 10), messages)


def books() -> Estimates:
    return Estimates(Notes(), lambda: NOON, {"a/b": MODEL}.get)


def test_the_rows_add_up_to_the_window() -> None:
    found = window_use(books(), talk(), MODEL, [Text("four " * 10), File("notes.txt", text="four " * 50)])
    assert [row.label for row in found.rows] == [
        "System prompt", "Earlier turns", "Question", "File notes.txt", "Room for the answer", "Free",
    ]  # fmt: skip
    assert sum(row.tokens for row in found.rows) == found.window == 4_000
    assert sum(row.tokens for row in found.rows if row.use is Use.SENT) == found.tokens
    assert (found.notes, found.problem) == ((), None)


def test_the_rows_still_add_up_once_something_was_learned() -> None:
    learning, chat = books(), talk()
    request = chat.request(chat.thread, ModelRef("a/b"))
    for _ in range(10):
        learning.learn(request, Usage(prompt_tokens=round(learning.count(request).tokens * 1.5), completion_tokens=9))
    found = window_use(learning, chat, MODEL, [])
    sent = sum(row.tokens for row in found.rows if row.use is Use.SENT)
    assert found.tokens > learning.count(request).tokens * 1.2
    assert abs(sent - found.tokens) <= 3


def test_several_pictures_and_files_share_a_row() -> None:
    parts: list[Part] = [
        Image("image/png", name="a.png"),
        Image("image/png"),
        File("x", text="four"),
        File("y", text="four"),
    ]
    labels = [row.label for row in window_use(books(), talk(), MODEL, parts).rows]
    assert "2 pictures" in labels
    assert "2 files" in labels


def test_what_is_left_out_is_said() -> None:
    chat = talk("four " * 3_000)
    chat.trimming = Trimming.OLDEST
    found = window_use(books(), chat, MODEL, [Text("four")])
    assert found.notes == ("1 turn is left out: about 6,008 tokens that stay in the conversation",)
    assert found.tokens < 100


def test_what_a_summary_stands_for_is_said_and_is_not_left_out() -> None:
    chat = talk()
    summary = a_message("s", "two", "They talked about four.", role=Role.SYSTEM, sources=("one", "two"), model=MODEL)
    chat.tree.add(summary)
    chat.update(head="s")
    found = window_use(books(), chat, MODEL, [Text("four")])
    assert found.notes == ("A summary is sent in place of 1 turn, about 208 tokens",)
    assert [row.label for row in found.rows if row.use is Use.SENT] == ["System prompt", "Summary", "Question"]


def test_what_does_not_fit_is_said() -> None:
    found = window_use(books(), talk(), MODEL, [Text("four " * 5_000)])
    assert found.problem is not None
    assert found.rows[-1].tokens == 0
