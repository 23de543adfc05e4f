"""The answer cache on the one road: what counts as the same, what is kept, and that a hit costs nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.services.billing_contexts import NOW, AtOnce, Counter, OpenGate, Pages, Script, a_turn, run
from tests.values import a_message
from tui_router.domain.answer_cache import CacheRule
from tui_router.domain.events import Cancelled, Connecting, Failed, Finished, Started, TextDelta, UsageReport
from tui_router.domain.message import EndingKind, File, Image, Role, Text
from tui_router.domain.model import ModelRef
from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.request import ChatRequest
from tui_router.domain.usage import Usage
from tui_router.services.answer_cache import AnswerCache, CacheScope
from tui_router.storage.caches import Answers

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


class _Writes(AtOnce):
    def put(self, write: Any, done: Any = None, entry: Any = None) -> None:
        write()
        if done is not None:
            done()

    def wait(self, patience: float) -> bool:
        return True


class _Lost(_Writes):
    """Never gets to write."""

    def put(self, write: Any, done: Any = None, entry: Any = None) -> None: ...


def a_cache(counter: Counter, writes: Any = None, site: str = "https://a.example") -> AnswerCache:
    return AnswerCache(Answers(counter.database), writes or _Writes(), lambda: site, lambda: NOW)


def a_request(text: str = "q", **more: Any) -> ChatRequest:
    return ChatRequest(**{"model": "a/paid", "messages": (a_message("q", text=text),), **more})


def test_a_hit_sends_nothing_and_charges_nothing() -> None:
    counter = Counter()
    reuse = [CacheScope(a_cache(counter), DAY) for _ in range(2)]
    run(a_turn(counter, Script(*WHOLE, Finished()), reuse=reuse[0]))
    booked, gate, pages, script = counter.rows, OpenGate(), Pages(), Script(*WHOLE, Finished())
    learned: list[Usage] = []
    turn = a_turn(
        counter, script, gate=gate, journal=pages, reuse=reuse[1], learn=lambda request, usage: learned.append(usage)
    )
    told = run(turn)
    assert [type(e) for e in told] == [Started, TextDelta, UsageReport, Finished]
    assert (script.played, gate.starts, learned) == ([], 0, [])
    assert counter.rows == booked
    message = turn.message
    assert (message.text, message.served_model, message.provider) == ("four words for you", "a/paid-2", "Prov")
    assert (message.cached_at, message.generation_id) == (NOW, "")
    assert message.usage is not None
    assert (message.usage.cost, message.usage.total_tokens) == (Decimal(0), 0)
    assert pages.finished == message


@pytest.mark.parametrize(
    "ending",
    [
        Cancelled(),
        Failed(Problem(kind=ErrorKind.INTERRUPTED, title="Cut")),
        Finished(EndingKind.LENGTH),
        Finished(EndingKind.FILTERED),
    ],
)
def test_only_whole_answers_are_kept(ending: Any) -> None:
    counter = Counter()
    cache = a_cache(counter)
    run(a_turn(counter, Script(*WHOLE, ending), reuse=CacheScope(cache, DAY)))
    assert cache.count() == 0


def test_a_turn_that_was_cancelled_before_is_not_answered_from_the_cache() -> None:
    counter = Counter()
    cache = a_cache(counter)
    run(a_turn(counter, Script(*WHOLE, Finished()), reuse=CacheScope(cache, DAY)))
    turn = a_turn(counter, Script(*WHOLE, Finished()), reuse=CacheScope(cache, DAY))
    turn.cancel()
    assert [type(e) for e in run(turn)] == [Cancelled]
    assert turn.message.cached_at is None


def test_what_was_found_by_the_check_is_what_the_turn_gets() -> None:
    counter = Counter()
    cache = a_cache(counter)
    run(a_turn(counter, Script(*WHOLE, Finished()), reuse=CacheScope(cache, DAY)))
    reuse = CacheScope(cache, DAY)
    turn = a_turn(counter, Script(*WHOLE, Finished()), reuse=reuse)
    assert reuse.find(turn.parts.request) is not None
    cache.clear()
    assert cache.count() == 0
    run(turn)
    assert turn.message.cached_at == NOW


def test_what_was_cleared_is_not_found_even_while_the_disk_refuses() -> None:
    counter = Counter()
    run(a_turn(counter, Script(*WHOLE, Finished()), reuse=CacheScope(a_cache(counter), DAY)))
    cache = a_cache(counter, _Lost())
    cache.clear()
    assert cache.count() == 1, "the disk still holds it"
    turn = a_turn(counter, Script(*WHOLE, Finished()), reuse=CacheScope(cache, DAY))
    run(turn)
    assert turn.message.cached_at is None


def test_an_answer_is_found_before_it_is_on_disk() -> None:
    counter = Counter()
    cache = a_cache(counter, _Lost())
    run(a_turn(counter, Script(*WHOLE, Finished()), reuse=CacheScope(cache, DAY)))
    turn = a_turn(counter, Script(), reuse=CacheScope(cache, DAY))
    run(turn)
    assert turn.message.text == "four words for you"


def test_a_store_that_cannot_be_read_only_means_that_the_model_is_asked() -> None:
    counter = Counter()
    cache = a_cache(counter)

    def refuse(key: str) -> Any:
        raise AppError(Problem(kind=ErrorKind.STORAGE, title="The disk refuses"))

    cache._store.find = refuse  # type: ignore[method-assign]
    turn = a_turn(counter, Script(*WHOLE, Finished()), reuse=CacheScope(cache, DAY))
    run(turn)
    assert (turn.message.text, turn.message.cached_at) == ("four words for you", None)


def test_what_changes_what_is_sent_is_another_request() -> None:
    cache = a_cache(Counter())
    first = a_request()
    picture = a_message("q", role=Role.USER, parts=(Text("q"), Image("image/png", data="AAAA")))
    file = a_message("q", role=Role.USER, parts=(Text("q"), File("a.txt", text="one")))
    others = [
        first,
        a_request("other"),
        replace(first, model="a/more"),
        replace(first, system="Be brief"),
        replace(first, options=ChatOptions(temperature=0.5)),
        replace(first, options=ChatOptions(extra='{"seed": 5}')),
        replace(first, messages=(picture,)),
        replace(first, messages=(replace(picture, parts=(Text("q"), Image("image/png", data="BBBB"))),)),
        replace(first, messages=(file,)),
        replace(first, messages=(replace(file, parts=(Text("q"), File("a.txt", text="two"))),)),
        replace(first, messages=(a_message("s", role=Role.SYSTEM, text="summary"), *first.messages)),
    ]
    keys = [cache.key(r) for r in others]
    assert all(keys)
    assert len(set(keys)) == len(keys)
    assert a_cache(Counter(), site="https://b.example").key(first) != cache.key(first)


def test_what_changes_nothing_that_is_said_is_the_same_request() -> None:
    cache = a_cache(Counter())
    first = a_request()
    again = (a_message("other", "parent", "q", after=5),)
    assert cache.key(replace(first, session_id="c2", messages=again, may_be_cached=True)) == cache.key(first)


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("a/paid", ChatOptions(web_search=True)),
        ("a/paid:online", ChatOptions()),
        ("a/paid", ChatOptions(fallback_models=("b/c:online",))),
        ("a/paid", ChatOptions(extra='{"tools": [{"type": "function"}]}')),
        ("a/paid", ChatOptions(extra='{"plugins": [{"id": "web"}]}')),
        ("a/paid", ChatOptions(extra='{"web_search_options": {}}')),
        ("a/paid", ChatOptions(extra="not json")),
    ],
)
def test_an_answer_that_depends_on_more_is_never_given_twice(model: str, options: ChatOptions) -> None:
    assert a_cache(Counter()).key(a_request(model=model, options=options)) == ""


def test_a_hit_in_the_cache_of_the_service_is_booked_as_nothing_and_marked() -> None:
    counter = Counter()
    cache = a_cache(counter)
    script = Script(
        Connecting(1),
        Started("gen-1", cache_age=90.0),
        TextDelta("words"),
        UsageReport(Usage(cost=Decimal(0))),
        Finished(),
    )
    turn = a_turn(counter, script, reuse=CacheScope(cache, DAY))
    run(turn)
    assert turn.message.cached_age == timedelta(seconds=90)
    assert counter.rows == [("settled", 0.0, "complete", "gen-1")]
    again = a_turn(counter, Script(), reuse=CacheScope(cache, DAY))
    run(again)
    assert again.message.cached_age == timedelta(seconds=90), "its age is that of the first answer"
