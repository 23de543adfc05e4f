"""What is offered under an answer that failed: the cure of its cause first, always a way to try again."""

from __future__ import annotations

from typing import Any

import pytest

from tui_router.domain.message import Ending, EndingKind
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.ui.command import Scope
from tui_router.ui.commands import COMMANDS
from tui_router.ui.transcript.actions import RESTORE, Action, actions_for, actions_in_lane


def offered(kind: ErrorKind, *, has_words: bool = False, **about: object) -> tuple[Action, ...]:
    problem = Problem(kind=kind, title="x", **about)  # type: ignore[arg-type]
    return actions_for(Ending(EndingKind.FAILED, problem), has_words=has_words)


@pytest.mark.parametrize(
    ("kind", "about", "ids"),
    [
        (ErrorKind.BAD_KEY, {}, ["sign_in", "settings", "retry"]),
        (ErrorKind.NO_KEY, {}, ["sign_in", "settings", "retry"]),
        (ErrorKind.UNKNOWN_MODEL, {"suggestions": ("a/1", "a/2", "a/3", "a/4")},
         ["use:a/1", "use:a/2", "use:a/3", "change_model", "retry"]),
        (ErrorKind.NO_ENDPOINT, {}, ["change_model", "retry"]),
        (ErrorKind.TOO_LONG, {}, ["leave_out", "summarise", "change_model", "retry"]),
        (ErrorKind.NO_CREDIT, {"affordable_tokens": 1234}, ["resend:1234", "change_model", "retry"]),
        (ErrorKind.NO_CREDIT, {"affordable_tokens": 3}, ["change_model", "retry"]),
        (ErrorKind.NO_CREDIT, {}, ["change_model", "retry"]),
        (ErrorKind.BUDGET, {}, ["settings", "retry"]),
        (ErrorKind.PROVIDER, {"suggestions": ("b/c",)}, ["use:b/c", "retry", "change_model"]),
    ],
)  # fmt: skip
def test_the_cure_of_the_cause_comes_first(kind: ErrorKind, about: dict[str, Any], ids: list[str]) -> None:
    assert [a.id for a in offered(kind, **about)] == ids


def _endings() -> list[Ending]:
    """Every ending, with every kind of problem and as much to offer as there can be."""
    more = {"suggestions": ("a/1", "a/2", "a/3"), "affordable_tokens": 500}
    problems = [None, *(Problem(kind=k, title="x", **more) for k in ErrorKind)]  # type: ignore[arg-type]
    return [Ending(kind, problem) for kind in EndingKind for problem in problems]


@pytest.mark.parametrize("kind", ErrorKind)
@pytest.mark.parametrize("has_words", [True, False])
def test_every_kind_offers_to_try_again(kind: ErrorKind, has_words: bool) -> None:
    assert "retry" in [a.id for a in offered(kind, has_words=has_words)]


@pytest.mark.parametrize("scope", [Scope.MESSAGES, Scope.COMPARE])
def test_every_offer_has_a_key_of_its_own_that_is_heard_where_it_stands(scope: Scope) -> None:
    chat = [actions_for(e, has_words=w) for e in _endings() for w in (True, False)]
    rows = chat if scope is Scope.MESSAGES else [actions_in_lane(e) for e in _endings()]
    heard = {key for c in COMMANDS if c.scope is scope for key in c.key.split(",")}
    assert any(a.id == "settings" for row in rows for a in row)
    for row in (*rows, (RESTORE,)) if scope is Scope.MESSAGES else rows:
        keys = [a.key for a in row]
        assert len(keys) == len(set(keys)), row
        assert set(keys) <= heard, row


def test_no_key_means_two_things_in_one_place() -> None:
    """The keys of the offers among all others: one command a key, wherever both would be heard."""
    around = {Scope.EVERYWHERE, Scope.MAIN}
    for scopes in ({Scope.MESSAGES, Scope.CHAT} | around, {Scope.COMPARE} | around):
        keys = [key for c in COMMANDS if c.scope in scopes for key in c.key.split(",") if key]
        assert sorted(keys) == sorted(set(keys)), scopes


def test_labels_say_what_will_happen() -> None:
    resend, *_ = offered(ErrorKind.NO_CREDIT, affordable_tokens=1234)
    assert resend.label == "Resend with 1,234 tokens"
    first, second, *_ = offered(ErrorKind.UNKNOWN_MODEL, suggestions=("a/1", "a/2\x1b[31m"))
    assert (first.label, first.key, second.key) == ("Use a/1", "1", "2")
    assert "\x1b" not in second.label


@pytest.mark.parametrize(
    ("kind", "has_words", "ids"),
    [
        (EndingKind.COMPLETE, True, []),
        (EndingKind.TOOL_CALLS, True, []),
        (EndingKind.LENGTH, True, ["continue", "retry"]),
        (EndingKind.CANCELLED, True, ["continue", "retry", "change_model"]),
        (EndingKind.INTERRUPTED, False, ["retry", "change_model"]),
        (EndingKind.FILTERED, True, ["retry", "change_model"]),
        (EndingKind.FAILED, True, ["continue", "retry", "change_model"]),
        (EndingKind.FAILED, False, ["retry", "change_model"]),
    ],
)
def test_endings_without_a_problem_offer_what_their_words_allow(
    kind: EndingKind, has_words: bool, ids: list[str]
) -> None:
    assert [a.id for a in actions_for(Ending(kind), has_words=has_words)] == ids
    assert actions_for(None) == ()
