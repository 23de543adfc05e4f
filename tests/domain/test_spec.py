"""A field that describes itself: what is expected, what is accepted, what is said otherwise."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import options
from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import AppError, ErrorKind
from tui_router.domain.settings import find_setting
from tui_router.domain.spec import Spec, set_fields, spec, specs_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kinds:
    """One field of every kind."""

    flag: bool = spec("A flag", default=True)
    count: int = spec("A count", default=3, minimum=1, maximum=9, unit="things")
    share: float | None = spec("A share", minimum=0, maximum=1)
    price: Decimal = spec("A price", default=Decimal("0.5"), minimum=0, unit="$")
    word: str = spec("A word", default="b", choices=("a", "b"))
    free: str = spec("Anything", default="")
    many: tuple[str, ...] = spec("Words", default=())
    some: tuple[str, ...] = spec("Known words", default=(), choices=("x", "y"))
    plain: int = 7


_SPECS = {s.name: s for s in specs_of(_Kinds)}


def test_fields_without_a_spec_are_left_out_and_the_order_is_kept() -> None:
    assert list(_SPECS) == ["flag", "count", "share", "price", "word", "free", "many", "some"]
    assert [s.optional for s in _SPECS.values()] == [False, False, True, False, False, False, False, False]
    assert _SPECS["many"].type is tuple


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("flag", "true or false"),
        ("count", "a whole number from 1 to 9 (things)"),
        ("share", "a number from 0 to 1"),
        ("price", "an amount of at least 0 ($)"),
        ("word", "one of a, b"),
        ("free", "text"),
        ("many", "a list of texts"),
    ],
)
def test_it_says_what_it_expects(name: str, words: str) -> None:
    assert _SPECS[name].expects() == words


@pytest.mark.parametrize(
    ("name", "value", "result"),
    [
        ("flag", False, False),
        ("count", 9, 9),
        ("count", 3.0, 3),
        ("share", 1, 1.0),
        ("share", None, None),
        ("price", 2, Decimal(2)),
        ("price", 0.1, Decimal("0.1")),
        ("price", "0.10", Decimal("0.10")),
        ("word", "a", "a"),
        ("many", ["p", "q"], ("p", "q")),
        ("many", "p", ("p",)),
        ("some", ["x"], ("x",)),
    ],
)
def test_a_value_that_fits_is_converted(name: str, value: object, result: object) -> None:
    checked = _SPECS[name].check(value)
    assert checked == result
    assert type(checked) is type(result)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("flag", 1),
        ("flag", "true"),
        ("count", 0),
        ("count", 10),
        ("count", 2.5),
        ("count", True),
        ("count", "3"),
        ("count", None),
        ("share", float("nan")),
        ("share", float("inf")),
        ("share", -0.1),
        ("price", "dear"),
        ("price", "NaN"),
        ("price", -1),
        ("price", []),
        ("word", "c"),
        ("free", 3),
        ("many", [1]),
        ("many", {"a": 1}),
        ("some", ["x", "z"]),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_was_expected(name: str, value: object) -> None:
    with pytest.raises(AppError) as caught:
        _SPECS[name].check(value)
    problem = caught.value.problem
    assert problem.kind is ErrorKind.SETTINGS
    assert name in problem.title
    assert _SPECS[name].expects() in problem.hint


@pytest.mark.parametrize(
    ("name", "typed", "result"),
    [
        ("flag", "on", True),
        ("flag", " No ", False),
        ("flag", "default", True),
        ("count", "5", 5),
        ("count", "default", 3),
        ("share", "0.25", 0.25),
        ("share", "", None),
        ("share", "none", None),
        ("price", "$1.50", Decimal("1.50")),
        ("word", " a ", "a"),
        ("free", "", ""),
        ("free", "none", "none"),
        ("many", "a, b,,c", ("a", "b", "c")),
        ("many", "", ()),
    ],
)
def test_what_a_person_types_is_understood(name: str, typed: str, result: object) -> None:
    assert _SPECS[name].parse(typed) == result


@pytest.mark.parametrize(("name", "typed"), [("flag", "maybe"), ("count", "many"), ("price", "$"), ("count", "")])
def test_what_cannot_be_understood_is_refused(name: str, typed: str) -> None:
    with pytest.raises(AppError):
        _SPECS[name].parse(typed)


@given(options)
def test_what_is_shown_can_be_typed_again(value: ChatOptions) -> None:
    for declared, current in set_fields(value):
        if declared.type is float or declared.type is tuple:
            continue  # shown short, and joined with commas
        assert declared.parse(declared.show(current)) == current


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [("flag", True, "on"), ("share", None, ""), ("share", 0.5, "0.5"), ("many", ("a", "b"), "a, b"), ("count", 3, "3")],
)
def test_values_are_shown_as_typed(name: str, value: object, shown: str) -> None:
    assert _SPECS[name].show(value) == shown


def test_a_long_wrong_value_is_shown_short() -> None:
    with pytest.raises(AppError) as caught:
        _SPECS["count"].check("x" * 500)
    assert len(caught.value.problem.title) < 100


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()))
def test_any_value_is_either_accepted_or_refused_and_nothing_else(value: Any) -> None:
    for declared in (*_SPECS.values(), *specs_of(ChatOptions)):
        _accepted_or_refused(declared, value)


def _accepted_or_refused(declared: Spec, value: Any) -> None:
    try:
        accepted = declared.check(value)
    except AppError:
        return
    assert declared.check(accepted) == accepted


def test_only_what_is_set_is_listed() -> None:
    value = ChatOptions(temperature=0.0, web_search=False, stop=())
    assert [(s.name, v) for s, v in set_fields(value)] == [("temperature", 0.0), ("web_search", False)]


@given(options, options)
def test_options_are_laid_over_each_other_field_by_field(upper: ChatOptions, lower: ChatOptions) -> None:
    merged = upper.over(lower)
    for declared in fields(ChatOptions):
        top, under = getattr(upper, declared.name), getattr(lower, declared.name)
        assert getattr(merged, declared.name) == (under if top is None or top == () else top)


def test_a_pattern_lets_more_in_than_the_choices() -> None:
    tier = find_setting("network.tier").spec
    assert [tier.parse(t) for t in ("auto", "pro", "30/3", "default")] == ["auto", "pro", "30/3", "auto"]
    for wrong in ("30", "30/", "0/3", "30/0", "-1/2", "30/3/2", "fast", "３０/3"):
        with pytest.raises(AppError) as caught:
            tier.parse(wrong)
        hint = caught.value.problem.hint
        assert hint.endswith("pro, unlimited, or requests a minute and at once such as 30/3")
