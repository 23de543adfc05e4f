"""Which limit holds: what was set, what the service says of the key, what it said the last time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tui_router.domain.account import KeyInfo
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.rate_limit import TIERS, Limit
from tui_router.domain.secret import Secret, fingerprint
from tui_router.services.rate_tier import Tier
from tui_router.storage.keys import FoundKey

KEY = Secret("sk-or-v1-aaaaaaaaaaaa0001")
FREE, STANDARD = TIERS["free"], TIERS["standard"]


class Account:
    """Knows nothing of its key until it asks."""

    def __init__(self, answer: KeyInfo | None) -> None:
        self.answer = answer
        self.asked = 0
        self._info: KeyInfo | None = None

    def find(self) -> FoundKey | None:
        return FoundKey(secret=KEY, source="a test", base_url="https://example.org")

    def info(self) -> KeyInfo | None:
        return self._info

    def check(self) -> None:
        self.asked += 1
        if self.answer is None:
            raise AppError(Problem(kind=ErrorKind.NETWORK, title="No network"))
        self._info = self.answer


class Notes(dict[str, Any]):
    """Remembers, as long as a test."""

    def change(self, name: str, how: Callable[[Any], Any]) -> Any:
        self[name] = how(self.get(name))
        return self[name]


@dataclass
class Bench:
    """A tier and what is around it."""

    account: Account
    notes: Notes = field(default_factory=Notes)
    now: float = 1_700_000_000.0
    left: list[Callable[[], None]] = field(default_factory=list)

    def tier(self, setting: str = "auto") -> Tier:
        return Tier(
            setting=lambda: setting,
            account=self.account,
            app_state=self.notes,
            clock=lambda: self.now,
            aside=self.left.append,
        )

    def work(self) -> None:
        """Do what was put aside, and what that puts aside."""
        while self.left:
            self.left.pop(0)()


@pytest.mark.parametrize(("setting", "limit"), [("free", FREE), ("30/3", Limit(30, 3)), ("pro", TIERS["pro"])])
def test_a_tier_that_was_chosen_asks_nobody(setting: str, limit: Limit) -> None:
    bench = Bench(Account(KeyInfo()))
    assert bench.tier(setting).limit() == limit
    assert bench.left == []


@pytest.mark.parametrize(("is_free", "limit"), [(True, FREE), (False, STANDARD)])
def test_an_unknown_key_is_asked_about_once_while_the_smallest_limit_holds(is_free: bool, limit: Limit) -> None:
    bench = Bench(Account(KeyInfo(is_free_tier=is_free)))
    tier = bench.tier()
    assert [tier.limit(), tier.limit()] == [FREE, FREE]
    assert bench.account.asked == 0, "no request waits for the answer"
    bench.work()
    assert tier.limit() == limit
    assert bench.account.asked == 1


def test_the_next_start_remembers_without_asking() -> None:
    bench = Bench(Account(KeyInfo(is_free_tier=True)))
    bench.tier().limit()
    bench.work()
    again = Bench(Account(KeyInfo()), bench.notes)
    assert again.tier().limit() == FREE
    assert again.left == []
    assert KEY.reveal() not in repr(bench.notes)


def test_an_answer_that_comes_after_the_end_is_not_written() -> None:
    bench = Bench(Account(KeyInfo(is_free_tier=True)))
    tier = bench.tier()
    tier.limit()
    tier.close()
    bench.work()
    assert bench.notes == {}


def test_what_is_remembered_is_asked_again_after_a_day() -> None:
    """Somebody may have bought credit."""
    bench = Bench(Account(KeyInfo()), Notes(key_tiers={fingerprint(KEY): [True, 1_700_000_000.0 - 90_000]}))
    tier = bench.tier()
    assert tier.limit() == FREE
    bench.work()
    assert tier.limit() == STANDARD
    assert Bench(Account(None), bench.notes).tier().limit() == STANDARD


def test_a_service_that_does_not_say_has_the_ordinary_limit() -> None:
    bench = Bench(Account(None))
    tier = bench.tier()
    assert tier.limit() == FREE
    bench.work()
    assert tier.limit() == STANDARD
    assert bench.left == []


@pytest.mark.parametrize("note", [None, 7, [], {fingerprint(KEY): "free"}, {fingerprint(KEY): [1]}])
def test_a_damaged_note_counts_as_none(note: object) -> None:
    bench = Bench(Account(KeyInfo()), Notes(key_tiers=note))
    assert bench.tier().limit() == FREE
    bench.work()
    assert bench.tier().limit() == STANDARD
