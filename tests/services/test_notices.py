"""Failures outside a stream: each is told once while it lasts, to whoever listens, and is kept until somebody does."""

from __future__ import annotations

from tui_router.domain.problem import ErrorKind, Problem
from tui_router.services.notices import Notices

FULL = Problem(kind=ErrorKind.STORAGE, title="The disk is full", detail="conversations.db")
LOCKED = Problem(kind=ErrorKind.STORAGE, title="Another program holds the conversations")


def test_what_is_published_before_anybody_listens_is_told_to_the_first_who_does() -> None:
    notices, first, second = Notices(), list[Problem](), list[Problem]()
    notices.publish(FULL)
    notices.publish(LOCKED)
    notices.subscribe(first.append)
    notices.subscribe(second.append)
    assert (first, second) == ([FULL, LOCKED], [])


def test_everybody_who_listens_is_told_until_they_stop() -> None:
    notices, first, second = Notices(), list[Problem](), list[Problem]()
    notices.subscribe(first.append)
    stop = notices.subscribe(second.append)
    notices.publish(FULL)
    stop()
    stop()
    notices.publish(LOCKED)
    assert (first, second) == ([FULL, LOCKED], [FULL])


def test_a_problem_is_told_once_while_it_lasts_and_again_when_it_comes_back() -> None:
    now = 0.0
    notices, told = Notices(lambda: now), list[Problem]()
    notices.subscribe(told.append)
    notices.publish(FULL)
    notices.publish(Problem(kind=FULL.kind, title=FULL.title, detail="in other words"))
    assert told == [FULL]
    notices.clear(FULL)
    notices.publish(FULL)
    assert told == [FULL, FULL]
    now = 61.0
    notices.publish(FULL)
    assert told == [FULL, FULL, FULL]


def test_a_problem_that_is_over_before_anybody_listens_is_not_told() -> None:
    notices, told = Notices(), list[Problem]()
    notices.publish(FULL)
    notices.publish(LOCKED)
    notices.clear(FULL)
    notices.subscribe(told.append)
    assert told == [LOCKED]
