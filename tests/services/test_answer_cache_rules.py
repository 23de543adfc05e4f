"""Who is answered from the cache: new questions, by setting and flag; nobody who wants another answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tui_router.demo_server.server import DEMO_KEY, DemoServer
from tui_router.domain.answer_cache import CacheRule
from tui_router.domain.events import Connecting, Started, TextDelta, UsageReport
from tui_router.domain.merge import MergeKind
from tui_router.domain.message import Text
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.secret import Secret
from tui_router.domain.usage import Usage
from tui_router.services.chat import Chat
from tui_router.services.comparison import Comparison
from tui_router.services.core import Core
from tui_router.services.startup import DemoConnection, Services, open_services
from tui_router.services.submission import Plan, Ready, Refused
from tui_router.services.titles import title_plan
from tui_router.services.turn import Turn

HELLO = (Text("Hello?"),)
QUICK = ModelRef("demo/quick")
DAY = timedelta(days=1)
ON = CacheRule(is_on=True)
WHOLE = (
    Connecting(1),
    Started("gen-1", "a/paid-2", "Prov"),
    TextDelta("four words for you"),
    UsageReport(Usage(prompt_tokens=20, completion_tokens=5, cost=Decimal("0.5"))),
)


@pytest.fixture
def demo_server() -> Iterator[DemoServer]:
    with DemoServer(speed=0) as demo_server:
        yield demo_server


@pytest.fixture
def services(tmp_path: Path, demo_server: DemoServer) -> Iterator[Services]:
    connection = DemoConnection(base_url=demo_server.base_url, key=Secret(DEMO_KEY), source="the test")
    services = open_services(config_dir=str(tmp_path), environ={}, start_demo=lambda: connection)
    services.preferences.override("cache.answers", "all")
    services.core.catalog.refresh()
    yield services
    services.close()


@pytest.fixture
def core(services: Services) -> Core:
    return services.core


def asked(demo_server: DemoServer) -> int:
    return sum(r.path.endswith("/chat/completions") for r in demo_server.requests)


def finished(chat: Chat, plan: Plan) -> list[Turn]:
    turns = plan.begin()
    for turn in turns:
        turn.run(lambda event: None)
        chat.settle(turn)
    return turns


def a_chat(core: Core, *, is_temporary: bool = False) -> Chat:
    return core.new_chat(is_temporary=is_temporary)


def test_a_question_from_another_conversation_is_answered_from_the_cache(core: Core, demo_server: DemoServer) -> None:
    for _ in range(2):
        chat = a_chat(core)
        (turn,) = finished(chat, chat.ask(HELLO, [QUICK]))
        core.writes.wait(5)
    assert asked(demo_server) == 1
    (again,) = finished(chat, chat.ask(HELLO, [QUICK]))
    assert again.message.cached_at is None, "the thread before it is another"
    saved = core.library.messages.find_message(turn.id)
    assert saved is not None
    assert saved[1].cached_at == turn.message.cached_at is not None


def test_who_asks_again_is_not_told_the_same(core: Core, demo_server: DemoServer) -> None:
    chat = a_chat(core)
    (first,) = finished(chat, chat.ask(HELLO, [QUICK]))
    (again,) = finished(chat, chat.answer_again(first.id, [QUICK]))
    for _ in range(2):
        finished(chat, title_plan(chat, QUICK))
    assert again.message.cached_at is None
    assert asked(demo_server) == 4
    rest = chat.continue_answer(first.id)
    assert rest.reuse.key(rest.requests[0]) == ""


def test_merges_and_further_answers_of_a_lane_are_asked_for(core: Core, demo_server: DemoServer) -> None:
    chat = a_chat(core)
    comparison = Comparison.fresh(chat, ["demo/opinion-a", "demo/opinion-b"])
    finished(chat, comparison.ask(HELLO).plan)
    for _ in range(2):
        prompt = comparison.merge_prompt(MergeKind.FUSE)
        finished(chat, comparison.merge(prompt, "demo/quick"))
    finished(chat, comparison.again(0))
    assert asked(demo_server) == 5


def test_lanes_use_the_cache_but_a_model_asked_twice_answers_twice(core: Core, demo_server: DemoServer) -> None:
    for number, expected in ((1, [False, False, False]), (2, [True, False, True])):
        chat = a_chat(core)
        comparison = Comparison.fresh(chat, ["demo/opinion-a", "demo/opinion-a", "demo/opinion-b"])
        turns = finished(chat, comparison.ask(HELLO).plan)
        assert [t.message.cached_at is not None for t in turns] == expected, number
    assert asked(demo_server) == 4


def test_temporary_conversations_keep_nothing_and_get_nothing(core: Core, demo_server: DemoServer) -> None:
    for is_temporary in (True, False, True):
        chat = a_chat(core, is_temporary=is_temporary)
        finished(chat, chat.ask(HELLO, [QUICK]))
    assert asked(demo_server) == 3
    assert core.answers.count() == 1


def test_off_keeps_nothing_and_shell_is_not_for_the_app(services: Services, demo_server: DemoServer) -> None:
    for setting in ("off", "shell"):
        services.preferences.override("cache.answers", setting)
        for _ in range(2):
            chat = a_chat(services.core)
            finished(chat, chat.ask(HELLO, [QUICK]))
    assert asked(demo_server) == 4
    assert services.core.answers.count() == 0


def test_older_answers_are_asked_for_again(core: Core, demo_server: DemoServer) -> None:
    rules = (ON, replace(ON, max_age=timedelta(0)), ON)
    cached = []
    for rule in rules:
        chat = a_chat(core)
        chat.caching.rule = rule
        (turn,) = finished(chat, chat.ask(HELLO, [QUICK]))
        cached.append(turn.message.cached_at is not None)
    assert cached == [False, False, True]


def test_a_hit_passes_where_the_budget_is_used_up_and_what_is_to_be_sent_does_not(services: Services) -> None:
    core = services.core
    chat = a_chat(core)
    finished(chat, chat.ask(HELLO, [QUICK]))
    core.writes.wait(5)
    services.preferences.override("money.daily_budget", Decimal("0.000000001"))
    chat = a_chat(core)
    plan = chat.ask(HELLO, [QUICK])
    prepared = core.submission.prepare(plan, max_cost=Decimal(0))
    assert isinstance(prepared, Ready)
    assert not prepared.estimate.most
    assert core.submission.bound(plan) == 0
    (turn,) = finished(chat, plan)
    assert turn.message.cached_at is not None
    assert isinstance(core.submission.prepare(a_chat(core).ask((Text("Other"),), [QUICK])), Refused)
    mixed = Comparison.fresh(a_chat(core), ["demo/quick", "demo/opinion-a"]).ask(HELLO).plan
    assert isinstance(core.submission.prepare(mixed), Refused)


def test_only_what_is_sent_is_asked_about(services: Services) -> None:
    core = services.core
    chat = a_chat(core)
    finished(chat, chat.ask(HELLO, [QUICK]))
    services.preferences.override("money.warn_above", Decimal("0.0000001"))
    assert isinstance(core.submission.prepare(a_chat(core).ask(HELLO, [QUICK])), Ready)


def test_the_cache_of_the_service_is_asked_for_new_questions_only(services: Services, demo_server: DemoServer) -> None:
    services.preferences.override("cache.answers", "off")
    services.preferences.override("cache.server", True)
    core = services.core
    chat = a_chat(core)
    (first,) = finished(chat, chat.ask(HELLO, [QUICK]))
    finished(chat, chat.answer_again(first.id, [QUICK]))
    twice = Comparison.fresh(a_chat(core), ["demo/opinion-a", "demo/opinion-a"])
    finished(twice.chat, twice.ask(HELLO).plan)
    hidden = a_chat(core, is_temporary=True)
    finished(hidden, hidden.ask(HELLO, [QUICK]))
    sent = [r for r in demo_server.requests if r.path.endswith("/chat/completions")]
    marks = [{n.lower(): v for n, v in r.headers.items()}.get("x-openrouter-cache") for r in sent]
    assert marks == ["true", None, "true", None, None]
    named = ["session_id" in r.body if isinstance(r.body, dict) else None for r in sent]
    assert named == [False, True, False, True, True]


def test_an_answer_of_the_store_needs_no_key(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = a_chat(core)
    finished(chat, chat.ask(HELLO, [QUICK]))

    def refuse() -> None:
        raise AppError(Problem(kind=ErrorKind.NO_KEY, title="There is no key"))

    monkeypatch.setattr(core.account, "need", refuse)
    assert isinstance(core.submission.prepare(a_chat(core).ask(HELLO, [QUICK])), Ready)
    assert isinstance(core.submission.prepare(a_chat(core).ask((Text("Other"),), [QUICK])), Refused)
