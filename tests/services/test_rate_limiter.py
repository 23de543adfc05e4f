"""The limiter, with a clock of its own: nothing here sleeps."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from tui_router.domain.events import Queued
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.rate_limit import MINUTE, CountingWindow, Limit, limit_of
from tui_router.openrouter.cancel import Cancel
from tui_router.services.rate_limiter import Limiter, RateLimits, Slot

WHOLE = MINUTE.whole
QUICK = CountingWindow(linger=0.0)


class Clock:
    """Time that passes when somebody waits for it."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Patience:
    """A cancel whose waits move the clock; gives up after some looks."""

    def __init__(self, clock: Clock, looks: int = 100_000) -> None:
        self.clock = clock
        self.looks = looks

    @property
    def is_set(self) -> bool:
        return self.looks <= 0

    def wait(self, seconds: float) -> bool:
        self.looks -= 1
        self.clock.now += seconds
        return self.is_set


def limited(per_minute: int | None, at_once: int | None) -> tuple[Limiter, Clock]:
    clock = Clock()
    return Limiter(lambda: Limit(per_minute, at_once), clock), clock


def taken(limiter: Limiter, clock: Clock, *, is_free: bool = False) -> Slot:
    """A slot whose request has reached the server."""
    slot = limiter.acquire(Patience(clock), lambda queued: None, is_free=is_free)
    assert slot is not None
    slot.arrived()
    return slot


def test_an_idle_limiter_lets_a_request_start_unannounced() -> None:
    limiter, clock = limited(20, 5)
    told: list[Queued] = []
    assert limiter.acquire(Patience(clock), told.append) is not None
    assert told == []
    assert limiter.running == 1


def test_starts_wait_until_the_window_has_room() -> None:
    limiter, clock = limited(2, None)
    begun = clock.now
    taken(limiter, clock).release()
    clock.now += 10
    taken(limiter, clock).release()
    told: list[Queued] = []
    slot = limiter.acquire(Patience(clock), told.append)
    assert slot is not None
    assert clock.now == pytest.approx(begun + WHOLE, abs=0.01)
    assert told[0].wait == pytest.approx(WHOLE - 10)
    assert [q.place for q in told] == [1] * 52
    assert [round(q.wait or 0) for q in told[:3]] == [52, 51, 50]
    assert told[0].words == "queued · 1st · ~52 s"


def test_no_minute_holds_more_starts_than_the_tier_allows() -> None:
    limiter, clock = limited(20, 5)
    starts = []
    for _ in range(70):
        slot = taken(limiter, clock)
        starts.append(clock.now)
        clock.now += 0.7
        slot.release()
    for start in starts:
        assert sum(start <= s < start + MINUTE.window for s in starts) <= 20


def test_a_full_house_has_a_place_and_no_wait() -> None:
    limiter, clock = limited(None, 1)
    taken(limiter, clock)
    told: list[Queued] = []
    assert limiter.acquire(Patience(clock, looks=3), told.append) is None
    assert told == [Queued(1, None)]
    assert limiter.waiting == 0


def test_a_slot_is_held_until_it_is_released_once() -> None:
    limiter, clock = limited(None, 1)
    with taken(limiter, clock) as slot:
        assert limiter.running == 1
    slot.release()
    assert limiter.running == 0


def test_a_cancelled_wait_leaves_the_queue() -> None:
    limiter, clock = limited(1, None)
    taken(limiter, clock)
    cancel = Cancel()
    cancel.cancel()
    assert limiter.acquire(cancel, lambda queued: None) is None
    assert limiter.waiting == 0
    assert limiter.running == 1


def test_the_first_to_come_is_the_first_to_go() -> None:
    """Four threads queue behind a full house; they start in the order in which they came."""
    limiter = Limiter(lambda: Limit(None, 1), span=QUICK)
    holder = limiter.acquire(Cancel(), lambda queued: None)
    assert holder is not None
    order: list[int] = []

    def queue_up(number: int, is_waiting: threading.Event) -> None:
        slot = limiter.acquire(Cancel(), lambda queued: is_waiting.set())
        assert slot is not None
        order.append(number)
        slot.release()

    threads = []
    for number in range(4):
        is_waiting = threading.Event()
        threads.append(threading.Thread(target=queue_up, args=(number, is_waiting), daemon=True))
        threads[-1].start()
        assert is_waiting.wait(10)
    holder.release()
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3]


def test_those_further_back_know_their_place() -> None:
    limiter = Limiter(lambda: Limit(None, 1))
    assert limiter.acquire(Cancel(), lambda queued: None) is not None
    told: dict[int, Queued] = {}
    cancels = [Cancel() for _ in range(3)]
    threads = []
    for number, cancel in enumerate(cancels):
        seen = threading.Event()

        def note(queued: Queued, number: int = number, seen: threading.Event = seen) -> None:
            told[number] = queued
            seen.set()

        threads.append(threading.Thread(target=limiter.acquire, args=(cancel, note), daemon=True))
        threads[-1].start()
        assert seen.wait(10)
    assert [told[n].place for n in range(3)] == [1, 2, 3]
    for cancel in cancels:
        cancel.cancel()
    for thread in threads:
        thread.join(10)
    assert limiter.waiting == 0


def test_a_wait_beyond_the_window_is_counted_in_windows() -> None:
    limiter, clock = limited(1, None)
    taken(limiter, clock)
    for _ in range(2):
        limiter._queue_up(is_fresh=True, is_free=False)
    told: list[Queued] = []
    assert limiter.acquire(Patience(clock, looks=1), told.append) is None
    assert told[0].place == 3
    assert told[0].wait == pytest.approx(3 * WHOLE)


def refused(provider: str = "", retry_after: float | None = 30) -> Problem:
    return Problem(kind=ErrorKind.RATE_LIMIT, title="Rate limited", retry_after=retry_after, provider=provider)


def test_a_rate_limit_with_a_time_pauses_the_whole_queue() -> None:
    limiter, clock = limited(None, None)
    begun = clock.now
    taken(limiter, clock).refused(refused())
    taken(limiter, clock)
    assert clock.now == pytest.approx(begun + 30, abs=0.01)


def test_a_limit_of_free_models_holds_only_free_models_back() -> None:
    limiter, clock = limited(None, None)
    begun = clock.now
    taken(limiter, clock, is_free=True).refused(refused())
    waiting = limiter._queue_up(is_fresh=True, is_free=True)  # first in line, and it keeps nobody from a paid model
    taken(limiter, clock)
    assert clock.now == begun
    limiter._mine = replace(limiter._mine, waiting=tuple(t for t in limiter._mine.waiting if t != waiting))
    taken(limiter, clock, is_free=True)
    assert clock.now == pytest.approx(begun + 30, abs=0.01)


def test_the_end_of_the_free_requests_of_a_day_makes_nobody_wait() -> None:
    limiter, clock = limited(None, None)
    begun = clock.now
    taken(limiter, clock, is_free=True).refused(refused(retry_after=40_000))
    taken(limiter, clock, is_free=True)
    taken(limiter, clock)
    assert clock.now == begun


@pytest.mark.parametrize("problem", [refused("DeepInfra"), refused(retry_after=None)])
def test_a_rate_limit_of_one_provider_or_without_a_time_holds_nobody_else_back(problem: Problem) -> None:
    limiter, clock = limited(None, None)
    taken(limiter, clock).refused(problem)
    begun = clock.now
    taken(limiter, clock)
    assert clock.now == begun


def test_a_pause_is_never_longer_than_a_minute() -> None:
    limiter, clock = limited(None, None)
    begun = clock.now
    taken(limiter, clock).refused(refused(retry_after=86_400))
    taken(limiter, clock)
    assert clock.now == pytest.approx(begun + MINUTE.window, abs=0.01)


def test_a_retry_waits_for_the_limit_like_a_first_try_and_keeps_its_place() -> None:
    limiter, clock = limited(2, 1)
    begun = clock.now
    slot = taken(limiter, clock)
    for wait in (5, 6):
        clock.now += wait
        assert slot.again(Patience(clock), lambda queued: None)
        slot.arrived()
        assert limiter.running == 1
    assert clock.now == pytest.approx(begun + WHOLE, abs=0.01)
    gives_up = Patience(clock, looks=1)
    assert not slot.again(gives_up, lambda queued: None)
    assert (limiter.running, limiter.waiting) == (1, 0)


def test_a_retry_goes_before_those_that_wait_for_its_place() -> None:
    """Otherwise the first in line would wait for a place, and the one that has it for the first in line."""
    limiter, clock = limited(1, 1)
    slot = taken(limiter, clock)
    limiter._queue_up(is_fresh=True, is_free=False)
    assert slot.again(Patience(clock), lambda queued: None)


def test_a_request_that_the_server_has_not_answered_may_arrive_at_any_moment() -> None:
    """A charge that waits for the disk, a slow look-up of a name: the window begins when the request is there."""
    limiter, clock = limited(1, None)
    slow = limiter.acquire(Patience(clock), lambda queued: None)
    assert slow is not None
    clock.now += 2 * WHOLE
    assert limiter.acquire(Patience(clock, looks=3), lambda queued: None) is None
    slow.arrived()
    arrived = clock.now
    taken(limiter, clock)
    assert clock.now == pytest.approx(arrived + WHOLE, abs=0.01)


def test_a_place_comes_free_a_moment_after_the_end() -> None:
    limiter, clock = limited(None, 1)
    taken(limiter, clock).release()
    ended = clock.now
    told: list[Queued] = []
    assert limiter.acquire(Patience(clock), told.append) is not None
    assert [(q.place, q.expected) for q in told] == [(1, "~1 s")]
    assert clock.now == pytest.approx(ended + MINUTE.linger, abs=0.06)


def test_the_wait_for_a_place_is_guessed_from_the_answers_before() -> None:
    limiter, clock = limited(None, 1)
    for _ in range(3):
        slot = taken(limiter, clock)
        clock.now += 12
        slot.release()
    taken(limiter, clock)
    told: list[Queued] = []
    assert limiter.acquire(Patience(clock, looks=80), told.append) is None
    assert [q.expected for q in told[:3]] == ["~11 s", "~10 s", "~9 s"]


def test_a_clock_that_is_set_back_makes_nobody_wait_longer_than_a_window() -> None:
    limiter, clock = limited(1, None)
    taken(limiter, clock).refused(refused(retry_after=50))
    clock.now -= 86_400
    begun = clock.now
    taken(limiter, clock)
    assert clock.now <= begun + WHOLE + 0.01


def test_each_key_has_a_limiter_of_its_own_that_follows_the_settings() -> None:
    tier = "free"
    clock = Clock()
    limits = RateLimits(lambda: limit_of(tier), clock=clock)
    assert limits.of("a") is limits.of("a")
    assert limits.of("a") is not limits.of("b")
    for _ in range(5):
        taken(limits.of("a"), clock)
    assert limits.of("a").acquire(Patience(clock, looks=2), lambda queued: None) is None
    tier = "pro"
    assert limits.of("a").acquire(Patience(clock, looks=2), lambda queued: None) is not None


def test_many_threads_never_run_more_than_allowed() -> None:
    limiter = Limiter(lambda: Limit(None, 3), span=QUICK)
    most = 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal most
        slot = limiter.acquire(Cancel(), lambda queued: None)
        assert slot is not None
        with slot, lock:
            most = max(most, limiter.running)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert 1 <= most <= 3
    assert limiter.running == 0
