"""Lanes in the one tree of messages: asking, asking again, coming and going, merging, coming back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_router.demo_server.server import DEMO_KEY, DemoServer
from tui_router.domain.merge import MergeKind
from tui_router.domain.message import EndingKind, Image, Message, Part, Role, Text
from tui_router.domain.model import Model
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.secret import Secret
from tui_router.formats.document import build_document, thread_entries
from tui_router.formats.html import write_html
from tui_router.formats.markdown import write_markdown
from tui_router.services.chat import Chat
from tui_router.services.comparison import (
    Comparison,
    ComparisonRound,
    LaneRequest,
    batch_in_view,
    check_line_up,
    lanes_of,
)
from tui_router.services.conversation import Trimming
from tui_router.services.core import Core
from tui_router.services.startup import DemoConnection, Services, open_services
from tui_router.services.submission import Plan
from tui_router.services.turn import Turn

HELLO = (Text("Hello?"),)
LINE_UP = ("demo/quick", "demo/opinion-a", "demo/quick")


@pytest.fixture
def demo_server() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as demo_server:
        yield demo_server


def opened(folder: Path, demo_server: DemoServer) -> Services:
    connection = DemoConnection(base_url=demo_server.base_url, key=Secret(DEMO_KEY), source="the test")
    return open_services(config_dir=str(folder), environ={}, start_demo=lambda: connection)


@pytest.fixture
def core(tmp_path: Path, demo_server: DemoServer) -> Iterator[Core]:
    services = opened(tmp_path, demo_server)
    services.core.catalog.refresh()
    yield services.core
    services.close()


def begun(planned: ComparisonRound) -> list[LaneRequest]:
    """Begin a planned question."""
    planned.plan.begin()
    return planned.asked


def started(plan: Plan) -> Turn:
    """Begin a plan of one request."""
    (turn,) = plan.begin()
    return turn


def ran(comparison: Comparison, asked: list[LaneRequest]) -> list[Message]:
    """Run the turns to their ends."""
    return [run(comparison.chat, a.turn) for a in asked if a.turn is not None]


def run(chat: Chat, turn: Turn) -> Message:
    turn.run(lambda _: None)
    return chat.settle(turn)


def asked(core: Core, *models: str) -> Comparison:
    comparison = Comparison.fresh(core.new_chat(), models or LINE_UP)
    ran(comparison, begun(comparison.ask(HELLO)))
    return comparison


def test_the_first_question_is_one_message_with_all_answers_below_it(core: Core) -> None:
    comparison = asked(core)
    chat = comparison.chat
    (question,) = [m for m in chat.tree if m.role is Role.USER]
    answers = chat.tree.children(question.id)
    assert [(str(m.model), m.lane) for m in answers] == [("demo/quick", 0), ("demo/opinion-a", 1), ("demo/quick", 2)]
    assert {m.batch for m in answers} == {comparison.batch}
    assert question.batch == ""
    assert comparison.answers == answers
    assert chat.conversation.head == answers[0].id
    assert chat.conversation.title == "Hello?"


def test_the_next_question_goes_below_each_lanes_own_answer(core: Core) -> None:
    comparison = asked(core)
    first = comparison.answers
    ran(comparison, begun(comparison.ask((Text("And then?"),))))
    for lane, before in zip(comparison.lanes, first, strict=True):
        texts = [m.text for m in comparison.chat.tree.thread(lane.answer)]
        assert texts[0] == "Hello?"
        assert texts[1:3] == [before.text, "And then?"]
    questions = [m for m in comparison.chat.tree if m.text == "And then?"]
    assert [q.batch for q in questions] == [comparison.batch] * 3
    assert comparison.batch != first[0].batch
    assert comparison.question == "And then?"


def test_a_lane_that_is_too_small_alone_stays_out_and_says_why(core: Core) -> None:
    comparison = Comparison.fresh(core.new_chat(), ("demo/quick", "demo/small-window", "demo/opinion-a"))
    found = begun(comparison.ask((Text("word " * 4_000),)))
    assert [a.turn is not None for a in found] == [True, False, True]
    assert found[1].problem is not None
    assert found[1].problem.kind is ErrorKind.TOO_LONG
    assert [m.lane for m in ran(comparison, found)] == [0, 2]
    again = begun(comparison.ask((Text("short"),)))
    assert [a.turn is not None for a in again] == [True, True, True]
    thread = comparison.chat.tree.thread(comparison.lanes[1].answer)
    assert [m.text for m in thread if m.role is Role.USER] == ["short"]


def test_a_lane_that_sees_no_pictures_stays_out(core: Core) -> None:
    comparison = Comparison.fresh(core.new_chat(), ("demo/echo", "demo/small-window"))
    parts: tuple[Part, ...] = (Text("Look"), Image("image/png", data="aaaa"))
    assert [a.turn is not None for a in begun(comparison.ask(parts))] == [True, False]


def test_when_no_lane_can_take_a_question_nothing_is_asked(core: Core) -> None:
    comparison = Comparison.fresh(core.new_chat(), ("demo/small-window", "demo/small-window"))
    found = begun(comparison.ask((Text("word " * 4_000),)))
    assert [a.turn for a in found] == [None, None]
    assert len(comparison.chat.tree) == 0
    assert comparison.batch == ""


def test_somebody_who_chose_to_leave_turns_out_is_not_asked_again(core: Core) -> None:
    comparison = Comparison.fresh(core.new_chat(), ("demo/small-window", "demo/small-window"))
    comparison.chat.trimming = Trimming.OLDEST
    assert all(a.turn is not None for a in begun(comparison.ask((Text("word " * 4_000),))))


def test_a_lane_that_fails_is_asked_again_alone_or_given_to_another_model(core: Core) -> None:
    comparison = asked(core, "demo/quick", "demo/error-402")
    failed = comparison.answers[1]
    assert failed.ending is not None
    assert failed.ending.kind is EndingKind.FAILED
    assert comparison.answers[0].text
    again = run(comparison.chat, started(comparison.again(1)))
    assert (again.batch, again.lane, str(again.model)) == (failed.batch, 1, "demo/error-402")
    other = run(comparison.chat, started(comparison.again(1, "demo/echo")))
    assert (other.batch, other.lane, other.text) == (failed.batch, 1, "Hello?")
    assert comparison.models == ("demo/quick", "demo/echo")
    assert len(comparison.chat.tree.siblings(other.id)) == 4
    assert [m.id for m in comparison.answers] == [comparison.lanes[0].answer, other.id]


def test_a_lane_that_has_no_question_yet_cannot_be_asked_again(core: Core) -> None:
    with pytest.raises(AppError, match="no question yet"):
        started(Comparison.fresh(core.new_chat(), LINE_UP).again(0))


def test_a_model_that_is_added_answers_the_present_question_in_the_thread_of_a_lane(core: Core) -> None:
    comparison = asked(core, "demo/quick", "demo/opinion-a")
    ran(comparison, begun(comparison.ask((Text("And then?"),))))
    lane, plan = comparison.add("demo/echo", 1)
    assert plan is not None
    message = run(comparison.chat, started(plan))
    assert (lane.number, message.lane, message.batch) == (2, 2, comparison.batch)
    assert comparison.chat.tree.thread(message.id)[1].id == comparison.chat.tree.thread(comparison.lanes[1].head)[1].id
    assert message.text == "And then?"


def test_a_lane_that_is_removed_is_not_asked_any_more_but_stays_in_the_conversation(core: Core) -> None:
    comparison = asked(core)
    gone = comparison.answers[1]
    comparison.remove(1)
    assert len(begun(comparison.ask((Text("And then?"),)))) == 2
    assert gone.id in comparison.chat.tree
    lane, plan = comparison.add("demo/echo", 0)
    assert (lane.number, len(comparison.lanes)) == (3, 2), "it joins when it is asked"
    assert plan is not None
    started(plan)
    comparison.remove(3)
    with pytest.raises(AppError, match="needs 2"):
        comparison.remove(0)


def test_nine_lanes_are_too_many(core: Core) -> None:
    comparison = Comparison.fresh(core.new_chat(), ("demo/quick",) * 8)
    with pytest.raises(AppError, match="at most 8"):
        comparison.add("demo/echo", 0)


def test_shuffling_keeps_every_lane_and_its_number(core: Core) -> None:
    comparison = Comparison.fresh(core.new_chat(), [f"demo/m{n}" for n in range(8)])
    before = set(comparison.lanes)
    orders = set()
    for _ in range(20):
        comparison.shuffle()
        orders.add(tuple(lane.number for lane in comparison.lanes))
    assert set(comparison.lanes) == before
    assert len(orders) > 5


def test_a_fused_answer_knows_what_it_was_made_of(core: Core, demo_server: DemoServer) -> None:
    comparison = asked(core, "demo/quick", "demo/error-402", "demo/opinion-a")
    prompt = comparison.merge_prompt(MergeKind.FUSE)
    message = run(comparison.chat, started(comparison.merge(prompt, "demo/echo")))
    spoken = [m.id for m in comparison.answers if m.text]
    assert list(message.sources) == spoken
    assert message.batch == ""
    assert message.parent_id == comparison.answers[0].parent_id
    assert message.text == prompt.text
    assert '"role":"system"' in str(demo_server.requests[-1]).replace(" ", "").replace("'", '"')
    comparison.chat.update(head=message.id)
    assert comparison.chat.thread[-1] == message


def test_there_is_nothing_to_merge_before_two_answers(core: Core) -> None:
    comparison = asked(core, "demo/quick", "demo/error-402")
    with pytest.raises(AppError, match="nothing to merge"):
        comparison.merge_prompt(MergeKind.FUSE)


def test_a_comparison_comes_back_as_it_was_left(tmp_path: Path, demo_server: DemoServer) -> None:
    services = opened(tmp_path, demo_server)
    comparison = asked(services.core)
    comparison.chat.update(head=comparison.lanes[2].answer)
    kept_id = comparison.chat.conversation.id
    services.close()
    again = opened(tmp_path, demo_server)
    chat = again.core.open_chat(kept_id)
    assert batch_in_view(chat) == comparison.batch
    reopened = Comparison.reopened(chat, comparison.batch)
    assert reopened.lanes == comparison.lanes
    assert [m.text for m in reopened.answers] == [m.text for m in comparison.answers]
    found = ran(reopened, begun(reopened.ask((Text("And then?"),))))
    assert [m.parent_id and chat.tree.thread(m.id)[1].lane for m in found] == [0, 1, 2]
    again.close()


def test_lanes_that_a_crash_cut_come_back_with_what_came(tmp_path: Path, demo_server: DemoServer) -> None:
    services = opened(tmp_path, demo_server)
    comparison = Comparison.fresh(services.core.new_chat(), ("demo/quick", "demo/opinion-a"))
    for found in begun(comparison.ask(HELLO)):
        assert found.turn is not None
        journal = found.turn.parts.journal
        journal.begin(found.turn.parts.answer)
        journal.note(found.turn.id, text=f"half of lane {found.lane.number}")
    services.close()
    again = opened(tmp_path, demo_server)
    again.core.library.messages.recover_unfinished()
    chat = again.core.open_chat(comparison.chat.conversation.id)
    answers = Comparison.reopened(chat, batch_in_view(chat)).answers
    assert [m.text for m in answers] == ["half of lane 0", "half of lane 1"]
    assert all(m.ending is not None and m.ending.kind is EndingKind.INTERRUPTED for m in answers)
    again.close()


def test_the_model_of_the_kept_answer_answers_from_then_on(core: Core) -> None:
    comparison = asked(core)
    comparison.keep(comparison.lanes[1].answer)
    assert comparison.chat.conversation.head == comparison.lanes[1].answer
    assert str(comparison.chat.conversation.model) == "demo/opinion-a"


def test_a_conversation_without_a_comparison_has_no_lanes(core: Core) -> None:
    chat = core.new_chat(model="demo/quick")
    assert batch_in_view(chat) == ""
    assert lanes_of(chat, "nothing") == ()
    with pytest.raises(AppError, match="no comparison"):
        Comparison.reopened(chat, "nothing")


def test_exports_show_a_lane_that_was_asked_again_once_and_the_kept_one_marked(core: Core) -> None:
    comparison = asked(core, "demo/quick", "demo/error-402")
    run(comparison.chat, started(comparison.again(1, "demo/echo")))
    comparison.chat.update(head=comparison.lanes[1].answer)
    document = build_document(comparison.chat.conversation, tuple(comparison.chat.tree))
    last = list(thread_entries(document))[-1]
    assert [str(m.model) for m in last.lanes] == ["demo/quick", "demo/echo"]
    assert [str(m.model) for m in last.others] == ["demo/error-402"]
    assert 'aria-label="2 answers compared"' in write_html(document)
    assert "Comparison of 2 answers" in write_markdown(document)


def test_exports_show_lanes_with_threads_of_their_own_side_by_side(core: Core) -> None:
    comparison = asked(core)
    ran(comparison, begun(comparison.ask((Text("And then?"),))))
    comparison.chat.update(head=comparison.lanes[1].answer)
    document = build_document(comparison.chat.conversation, tuple(comparison.chat.tree))
    assert [len(t.lanes) for t in thread_entries(document)] == [0, 3, 0, 3]
    assert write_html(document).count('class="lanes"') == 2


def resolve(name: str) -> Model:
    if name == "unknown":
        raise AppError(Problem(kind=ErrorKind.UNKNOWN_MODEL, title="No such model", suggestions=("demo/quick",)))
    return Model(id=f"full/{name}", name=name)


def test_a_line_up_is_two_to_eight_known_models_the_same_one_twice_if_wanted() -> None:
    assert check_line_up([" a ", "b", "a", ""], resolve) == ("full/a", "full/b", "full/a")
    with pytest.raises(AppError, match="needs 2") as one:
        check_line_up(["a"], resolve)
    assert "/compare a, a" in one.value.problem.hint
    with pytest.raises(AppError, match="needs 2"):
        check_line_up([], resolve)
    with pytest.raises(AppError, match="9 models are too many"):
        check_line_up(["a"] * 9, resolve)
    with pytest.raises(AppError) as unknown:
        check_line_up(["a", "unknown"], resolve)
    assert unknown.value.problem.suggestions == ("demo/quick",)
