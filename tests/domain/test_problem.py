"""Problems: every kind has an exit code that the README explains."""

from __future__ import annotations

import pytest

from tui_router.domain.problem import EXITS, Kind, Problem, Trouble, exit_code


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_an_exit_code_that_is_explained(kind: Kind) -> None:
    assert exit_code(kind) in {e.code for e in EXITS}
    assert exit_code(kind) != 0


def test_a_problem_is_one_line_with_its_title_cause_and_hint() -> None:
    problem = Problem(kind=Kind.NETWORK, title="No network", detail="The name is not known", hint="Is it plugged in?")
    assert problem.sentence() == "No network. The name is not known. Is it plugged in?"
    assert str(Trouble(problem)) == problem.sentence()
    assert Problem(kind=Kind.BUG, title="Oops").sentence() == "Oops."
