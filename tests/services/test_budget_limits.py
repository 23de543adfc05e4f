"""Limits on spending: only a file that was read and says so lifts one."""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.values import NOON
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.services.budget_limits import LimitsInForce, MoneyLimits, open_limits
from tui_router.services.preferences import Preferences
from tui_router.storage.paths import AppPaths, find_paths

GOOD = '[money]\ndaily_budget = 5\nmonthly_budget = 50\nwarn_above = 0.25\n[look]\ntheme = "fjord"\n'
BROKEN = GOOD.replace('"fjord"', "fjord")


def seen(*values: object) -> tuple[object, ...]:
    """Return values as a tuple to compare with one."""
    return values


class Notes:
    """Facts in memory, that may refuse to be written."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        self.writes = 0
        self.is_full = False

    def get(self, name: str, default: Any = None) -> Any:
        return self.facts.get(name)

    def change(self, name: str, how: Callable[[Any], Any]) -> Any:
        if self.is_full:
            raise AppError(Problem(kind=ErrorKind.STORAGE, title="The disk is full"))
        self.writes += 1
        self.facts[name] = how(self.facts.get(name))
        return self.facts[name]


class Person:
    """Somebody with a settings file, at one start of the program after the other."""

    def __init__(self, paths: AppPaths) -> None:
        self.paths = paths
        self.notes = Notes()
        self.told: list[Problem] = []

    def writes(self, text: str | bytes) -> None:
        self.paths.config.mkdir(parents=True, exist_ok=True)
        self.paths.settings.write_bytes(text if isinstance(text, bytes) else text.encode())

    def starts(self) -> tuple[MoneyLimits, Preferences]:
        preferences = Preferences(self.paths)
        return open_limits(self.paths, preferences, self.notes, self.told.append, lambda: NOON), preferences

    def limits(self) -> LimitsInForce:
        return self.starts()[0].current()


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(find_paths(str(tmp_path / "config"), {}))


def test_a_good_file_says_what_counts(person: Person) -> None:
    person.writes(GOOD)
    found = person.limits()
    assert seen(found.daily, found.monthly, found.conversation, found.warn_above) == (5, 50, 0, Decimal("0.25"))
    assert seen(found.problem, found.remembered) == (None, frozenset())


def test_what_is_remembered_is_written_only_when_it_changed(person: Person) -> None:
    person.writes(GOOD)
    for _ in range(3):
        person.limits()
    assert person.notes.writes == 1
    person.writes(GOOD + "width = 80\n")
    person.limits()
    assert person.notes.writes == 1
    person.writes(GOOD.replace("= 5\n", "= 6\n"))
    assert person.limits().daily == 6
    assert person.notes.writes == 2


def _unreadable(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("gone.toml"))


SPOILS: dict[str, Callable[[Path], object]] = {
    "an unquoted word": lambda path: path.write_text(BROKEN),
    "not UTF-8": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "a folder": _unreadable,
    "a pipe": _fifo,
    "a link to nothing": _dangling,
}


@pytest.mark.parametrize("how", SPOILS)
def test_the_last_good_limits_go_on_counting(person: Person, how: str) -> None:
    person.writes(GOOD)
    person.limits()
    SPOILS[how](person.paths.settings)
    found = person.limits()
    assert seen(found.daily, found.monthly, found.warn_above, found.problem) == (5, 50, Decimal("0.25"), None)
    assert "money.daily_budget" in found.remembered
    assert "daily budget of $5.00" in person.told[-1].sentence()


@pytest.mark.parametrize("how", SPOILS)
def test_without_any_the_file_and_what_to_mend_are_named(person: Person, how: str) -> None:
    person.writes("")
    SPOILS[how](person.paths.settings)
    problem = person.limits().problem
    assert problem is not None
    assert problem.kind is ErrorKind.BUDGET
    assert "settings.toml" in problem.detail
    assert "/budget" in problem.hint


def test_the_bad_line_is_named(person: Person) -> None:
    person.writes(BROKEN)
    problem = person.limits().problem
    assert problem is not None
    assert "line 6" in problem.detail


def test_a_file_without_permission_is_one_that_was_not_read(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    person.writes(GOOD)
    person.limits()

    def refused(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert person.limits().daily == 5


@pytest.mark.parametrize("value", ['"lots"', "-1", "nan", "true", "[5]"])
def test_one_bad_value_keeps_its_last_good_one_and_the_others_are_the_files(person: Person, value: str) -> None:
    person.writes(GOOD)
    person.limits()
    person.writes(f"[money]\ndaily_budget = {value}\nmonthly_budget = 70\n")
    found = person.limits()
    assert seen(found.daily, found.monthly, found.problem) == (5, 70, None)
    assert found.remembered == {"money.daily_budget"}


def test_a_bad_value_without_a_last_good_one_is_refused_with_its_line(person: Person) -> None:
    person.writes('[money]\nmonthly_budget = 70\ndaily_budget = "lots"\n')
    problem = person.limits().problem
    assert problem is not None
    assert "Line 3" in problem.detail
    assert "money.daily_budget is not valid" in problem.detail


def test_no_limit_is_no_last_good_one_where_the_broken_file_sets_one(person: Person) -> None:
    person.writes('[look]\ntheme = "fjord"\n')
    assert person.limits().problem is None
    person.writes("[look]\ntheme = fjord\n")
    assert person.limits().problem is None
    for money in ("[money]\ndaily_budget = 0.0001\n", "money = {daily_budget = 1}\n", "money.daily_budget=1\n"):
        person.writes(f"{money}[look]\ntheme = fjord\n")
        assert person.limits().problem is not None
    person.writes("# daily_budget = 1, daily_budget = 2\n[look]\ntheme = fjord\n")
    assert person.limits().problem is None


@pytest.mark.parametrize(
    "text",
    [
        "[money]\ndaily_budgt = 5\n",
        "[look]\ndaily_budget = 5\n",
        "daily_budget = 5\n",
        "[mony]\ndaily_budget = 5\n",
        "money = 5\n",
    ],
)
def test_a_limit_in_the_wrong_place_or_misspelt_is_one_that_could_not_be_read(person: Person, text: str) -> None:
    person.writes(text)
    assert person.limits().problem is not None
    person.writes(GOOD)
    person.limits()
    person.writes(text)
    found = person.limits()
    assert seen(found.daily, found.problem) == (5, None)


def test_an_unknown_setting_of_another_kind_lifts_and_stops_nothing(person: Person) -> None:
    person.writes("[money]\ncurrency = 3\ndaily_budget = 5\n[look]\nsparkle = 3\n")
    found = person.limits()
    assert seen(found.daily, found.problem, found.remembered) == (5, None, frozenset())


def test_a_removed_file_ends_the_limits_and_is_said_once(person: Person) -> None:
    person.writes(GOOD)
    person.limits()
    person.paths.settings.unlink()
    found = person.limits()
    assert seen(found.daily, found.monthly, found.problem) == (0, 0, None)
    (said,) = person.told
    assert said.detail == "The daily budget of $5.00 and the monthly budget of $50.00 are gone with settings.toml"
    person.limits()
    assert len(person.told) == 1
    person.writes(BROKEN)
    assert person.limits().problem is not None


def test_without_a_file_there_is_no_limit_and_nothing_is_written(person: Person) -> None:
    assert person.limits().problem is None
    assert person.notes.writes == 0
    assert person.told == []


def test_a_change_by_an_editor_or_another_window_counts_at_once(person: Person) -> None:
    person.writes(GOOD)
    limits, _ = person.starts()
    person.starts()[1].change("money.daily_budget", Decimal(2))
    assert limits.current().daily == 2
    person.writes(BROKEN)
    assert limits.current().daily == 2
    person.writes(GOOD.replace("= 5\n", "= 7\n"))
    assert seen(limits.current().daily, limits.current().remembered) == (7, frozenset())


def test_what_another_window_read_last_is_the_last_good_one(person: Person) -> None:
    person.writes(GOOD)
    old, _ = person.starts()
    person.writes(GOOD.replace("= 5\n", "= 1\n"))
    person.limits()
    person.writes(BROKEN)
    assert old.current().daily == 1


def test_a_store_that_cannot_be_written_loses_nothing_of_this_run(person: Person) -> None:
    person.notes.is_full = True
    person.writes(GOOD)
    limits, _ = person.starts()
    assert person.told[0].title == "The disk is full"
    person.writes(BROKEN)
    assert limits.current().daily == 5


@pytest.mark.parametrize("kept", ["oops", {"money.daily_budget": 5}, {"money.daily_budget": "many"}, {"x": "1"}])
def test_a_damaged_memory_is_none(person: Person, kept: object) -> None:
    person.notes.facts["money.limits"] = kept
    person.writes(BROKEN)
    assert person.limits().problem is not None


def test_a_new_file_in_place_of_a_broken_one_keeps_the_limits(person: Person) -> None:
    person.writes(GOOD)
    person.limits()
    person.writes(BROKEN.replace("= 50\n", "= 40\n"))
    limits, preferences = person.starts()
    notices = preferences.change("look.theme", "paper")
    assert "money.daily_budget = 5" in " ".join(n.detail for n in notices)
    found = limits.current()
    assert seen(found.daily, found.monthly, found.warn_above) == (5, 40, Decimal("0.25"))
    assert found.remembered == frozenset()
    assert person.limits() == found


def test_a_limit_that_only_the_broken_file_holds_is_carried_over(person: Person) -> None:
    person.writes("[money]\ndaily_budget = 0.0001\n[look]\ntheme = fjord\n")
    limits, preferences = person.starts()
    preferences.change("prompt.vim", True)
    assert seen(limits.current().daily, limits.current().problem) == (Decimal("0.0001"), None)


def test_a_limit_that_cannot_be_read_keeps_the_file_from_being_begun_anew(person: Person) -> None:
    text = "[money]\ndaily_budget = five\n"
    person.writes(text)
    limits, preferences = person.starts()
    with pytest.raises(AppError) as caught:
        preferences.change("prompt.vim", True)
    assert "Line 2" in caught.value.problem.detail
    assert person.paths.settings.read_text() == text
    preferences.change("money.daily_budget", Decimal(3))
    assert seen(limits.current().daily, limits.current().problem) == (3, None)


def test_a_flag_of_this_run_wins(person: Person) -> None:
    person.writes(GOOD)
    preferences = Preferences(person.paths, flags={"money.daily_budget": 1})
    found = open_limits(person.paths, preferences, person.notes, person.told.append, lambda: NOON).current()
    assert seen(found.daily, found.monthly) == (1, 50)


def test_nothing_of_the_limit_is_lost_where_nothing_of_the_file_is_left(person: Person) -> None:
    person.writes(GOOD)
    person.limits()
    person.writes(b"\xff\xfe")
    limits, preferences = person.starts()
    preferences.change("prompt.vim", True)
    assert seen(limits.current().daily, limits.current().monthly, limits.current().problem) == (5, 50, None)


def test_the_ledger_reads_the_limits_here(person: Person) -> None:
    person.writes(GOOD)
    limits, _ = person.starts()
    assert [c.name for c in limits.caps("c")] == ["day", "month"]
    assert limits.warn_above == Decimal("0.25")
    assert limits.problem() is None
