"""Problems: every kind has an exit code that the README explains."""

from __future__ import annotations

import pytest

from tui_router.domain.problem import EXITS, AppError, ErrorKind, Problem, exit_code


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_has_an_exit_code_that_is_explained(kind: ErrorKind) -> None:
    assert exit_code(kind) in {e.code for e in EXITS}
    assert exit_code(kind) != 0


def test_a_problem_is_one_line_with_its_title_cause_and_hint() -> None:
    problem = Problem(
        kind=ErrorKind.NETWORK, title="No network", detail="The name is not known", hint="Is it plugged in?"
    )
    assert problem.sentence() == "No network. The name is not known. Is it plugged in?"
    assert str(AppError(problem)) == problem.sentence()
    assert Problem(kind=ErrorKind.BUG, title="Oops").sentence() == "Oops."
