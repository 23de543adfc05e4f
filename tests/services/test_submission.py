"""What is checked before anything is sent, by one function for every door; and that no door goes round it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.source import modules
from tui_router.demo_server.server import DEMO_KEY, DemoServer
from tui_router.domain.message import Image, Role, Text
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import AppError, ErrorKind
from tui_router.domain.secret import Secret
from tui_router.domain.usage import Pricing
from tui_router.services.compaction import compact, last_summary, restore, settle_summary
from tui_router.services.core import Core
from tui_router.services.startup import DemoConnection, open_services
from tui_router.services.submission import NeedsConsent, Plan, Ready, Refused
from tui_router.services.titles import title_plan

HELLO = (Text("Hello?"),)
QUICK = ModelRef("demo/quick")
_ASKS = {
    "tui_router/openrouter/client.py": "the client itself",
    "tui_router/services/turn.py": "the one road",
}
"""Who may call a client for a completion, and why."""


@pytest.fixture
def demo_server() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as demo_server:
        yield demo_server


@pytest.fixture
def core(tmp_path: Path, demo_server: DemoServer) -> Iterator[Core]:
    connection = DemoConnection(base_url=demo_server.base_url, key=Secret(DEMO_KEY), source="the test")
    services = open_services(config_dir=str(tmp_path), environ={}, start_demo=lambda: connection)
    services.core.catalog.refresh()
    yield services.core
    services.close()


def asked(demo_server: DemoServer) -> int:
    return sum(r.path.endswith("/chat/completions") for r in demo_server.requests)


def prepared(core: Core, plan: Plan, **more: Decimal) -> Ready | NeedsConsent | Refused:
    return core.submission.prepare(plan, **more)


def test_nobody_else_asks_a_model() -> None:
    found = {
        module.place
        for module in modules("tui_router")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in ("complete", "stream") and not module.place.startswith("tui_router/demo_server/")
    }
    assert {place for place in found if place not in _ASKS and not _is_httpx(place)} == set()


def _is_httpx(place: str) -> bool:
    return place == "tui_router/openrouter/transport.py"


def test_a_plan_that_is_not_begun_leaves_no_trace(core: Core, demo_server: DemoServer) -> None:
    chat = core.new_chat()
    assert isinstance(prepared(core, chat.ask(HELLO, [QUICK])), Ready)
    assert (len(chat.tree), chat.conversation.head, asked(demo_server)) == (0, None, 0)
    assert core.library.conversations.count() == 0


def test_what_is_ready_holds_what_will_be_sent(core: Core, demo_server: DemoServer) -> None:
    chat = core.new_chat()
    plan = chat.ask(HELLO, [QUICK])
    (turn,) = plan.begin()
    turn.run(lambda _: None)
    assert turn.parts.request is plan.requests[0]
    assert chat.settle(turn).text
    assert asked(demo_server) == 1


def test_a_question_that_does_not_fit_is_refused_with_the_request_to_blame(core: Core) -> None:
    plan = core.new_chat().ask([Text("word " * 4_000)], [QUICK, ModelRef("demo/small-window")])
    found = prepared(core, plan)
    assert isinstance(found, Refused)
    assert (found.problem.kind, found.request) == (ErrorKind.TOO_LONG, plan.requests[1])


def test_a_picture_for_a_blind_model_is_refused(core: Core) -> None:
    found = prepared(core, core.new_chat().ask([*HELLO, Image("image/png", "AAAA")], [ModelRef("demo/small-window")]))
    assert isinstance(found, Refused)
    assert "cannot see pictures" in found.problem.title


def test_without_a_model_nothing_is_sent(core: Core) -> None:
    found = prepared(core, core.new_chat().ask(HELLO, [ModelRef("")]))
    assert isinstance(found, Refused)
    assert found.problem.kind is ErrorKind.UNKNOWN_MODEL


def test_a_limit_on_cost_holds_for_all_requests_together(core: Core) -> None:
    chat = core.new_chat()
    one, two = chat.ask(HELLO, [QUICK]), chat.ask(HELLO, [QUICK, QUICK])
    most = core.submission.bound(one)
    assert most is not None
    assert isinstance(prepared(core, one, max_cost=most), Ready)
    assert isinstance(prepared(core, two, max_cost=most), Refused)


def test_every_way_to_spend_is_a_plan(core: Core, demo_server: DemoServer) -> None:
    """Ask, again, edit, continue, compact and title: none of them asks anybody before it has begun."""
    chat = core.new_chat()
    for words in ("Tell me about keys", "And costs?", "And privacy?"):
        (turn,) = chat.ask([Text(words)], [QUICK]).begin()
        turn.run(lambda _: None)
        chat.settle(turn)
    before = asked(demo_server)
    answer = chat.thread[-1]
    question = chat.thread[-2]
    plans = [
        chat.answer_again(answer.id, [QUICK]),
        chat.edit(question.id, HELLO, QUICK),
        chat.continue_answer(answer.id),
        compact(chat, QUICK),
        title_plan(chat, QUICK),
    ]
    assert all(isinstance(prepared(core, plan), Ready) for plan in plans)
    assert asked(demo_server) == before
    for plan in plans:
        for turn in plan.begin():
            turn.run(lambda _: None)
    assert asked(demo_server) >= before + len(plans)
    with core.library._database.read() as connection:
        rows = connection.execute("SELECT purpose, count(*) FROM charges GROUP BY purpose").fetchall()
    assert sum(count for _, count in rows) == asked(demo_server), "each request that left has a row"
    assert {purpose for purpose, _ in rows} == {"answer", "summary", "title"}


def test_a_summary_is_part_of_the_tree_is_sent_instead_and_can_be_undone(core: Core, demo_server: DemoServer) -> None:
    chat = core.new_chat()
    for words in ("Tell me about keys", "And costs?", "And privacy?"):
        (turn,) = chat.ask([Text(words)], [QUICK]).begin()
        turn.run(lambda _: None)
        chat.settle(turn)
    whole = sum(len(m.text) for m in chat.thread)
    (turn,) = compact(chat, QUICK).begin()
    turn.run(lambda _: None)
    assert settle_summary(chat, turn) is None
    reopened = core.open_chat(chat.conversation.id)
    summary = last_summary(reopened)
    assert summary is not None
    assert (summary.role, len(summary.sources)) == (Role.SYSTEM, 4)
    sent = reopened.request(reopened.thread, QUICK).messages
    assert sum(len(m.text) for m in sent) < whole
    assert summary.text in sent[0].text
    assert [m.id for m in sent][-1] == chat.thread[-2].id, "the last turn is sent word for word"
    restore(reopened, summary.id)
    assert sum(len(m.text) for m in reopened.request(reopened.thread, QUICK).messages) == whole
    assert last_summary(core.open_chat(chat.conversation.id)) is None


def test_a_summary_below_which_the_conversation_went_on_can_be_undone_too(core: Core) -> None:
    chat = core.new_chat()
    for words in ("Tell me about keys", "And costs?", "And privacy?"):
        (turn,) = chat.ask([Text(words)], [QUICK]).begin()
        turn.run(lambda _: None)
        chat.settle(turn)
    (turn,) = compact(chat, QUICK).begin()
    turn.run(lambda _: None)
    settle_summary(chat, turn)
    (later,) = chat.ask(HELLO, [QUICK]).begin()
    later.run(lambda _: None)
    chat.settle(later)
    restore(chat, turn.id)
    reopened = core.open_chat(chat.conversation.id)
    assert [m.text for m in reopened.request(reopened.thread, QUICK).messages if m.role is Role.USER] == [
        "Tell me about keys", "And costs?", "And privacy?", "Hello?",
    ]  # fmt: skip


def test_a_short_conversation_is_not_summarised(core: Core) -> None:
    with pytest.raises(AppError, match="nothing to summarise"):
        compact(core.new_chat(), QUICK)


@pytest.fixture
def old(core: Core) -> Core:
    """Prices of the day before yesterday."""
    core.catalog._fetched_at = datetime.now(UTC) - timedelta(days=2)
    return core


def test_old_prices_refuse_under_a_limit_until_they_are_fetched(old: Core) -> None:
    plan = old.new_chat().ask(HELLO, [QUICK])
    found = prepared(old, plan, max_cost=Decimal(1))
    assert isinstance(found, Refused)
    assert found.needs_prices
    assert found.problem.kind is ErrorKind.BUDGET
    old.submission.fetch_prices(plan, max_cost=Decimal(1))
    assert isinstance(prepared(old, plan, max_cost=Decimal(1)), Ready)


def test_old_prices_do_without_a_limit_and_for_models_that_are_always_free(old: Core) -> None:
    assert isinstance(prepared(old, old.new_chat().ask(HELLO, [QUICK])), Ready)
    old.submission.fetch_prices(old.new_chat().ask(HELLO, [QUICK]))
    assert not old.catalog.is_fresh, "nobody asked for it"
    free = old.new_chat().ask(HELLO, [ModelRef("openrouter/free")])
    assert isinstance(prepared(old, free, max_cost=Decimal(1)), Ready)


def test_a_plan_is_reserved_by_the_prices_that_came_after_it_was_made(old: Core) -> None:
    plan = old.new_chat().ask(HELLO, [QUICK])
    before = old.submission.bound(plan)
    row = old.catalog.get(QUICK.id)
    assert row is not None
    assert before is not None
    dear = Pricing(prompt=Decimal("0.01"), completion=Decimal("0.01"))
    old.catalog._keep([replace(row, pricing=dear)], datetime.now(UTC))
    after = old.submission.bound(plan)
    assert after is not None
    assert after > before
    (turn,) = plan.begin()
    assert turn.parts.bill.most == after
