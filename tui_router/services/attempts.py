"""What the failure of one attempt means for its money, and for the attempt that would follow it."""

from __future__ import annotations

from dataclasses import replace

from tui_router.domain.problem import Kind, Problem


def may_be_charged(problem: Problem) -> bool:
    """Say whether a request that failed before an answer began may have been charged: it failed on the far side."""
    return problem.was_sent or (problem.status is not None and problem.status >= 500)


def not_again(refusal: Problem, failure: Problem | None) -> Problem:
    """Return why a request must not leave; of a further attempt, with what the one before it failed of."""
    if failure is None:
        return refusal
    before = f"{failure.title} ({failure.detail})" if failure.detail else failure.title
    counts = ". It may have been charged all the same, so it counts" if may_be_charged(failure) else ""
    return replace(
        refusal,
        title=f"Not tried again: {refusal.title[:1].lower()}{refusal.title[1:]}",
        detail=f"The attempt before failed: {before}{counts}. {refusal.detail}",
        was_sent=True,
    )


def was_refused(problem: Problem) -> bool:
    """Say whether no answer can have begun: the server refused, or was never reached."""
    return problem.status is not None or problem.kind in (Kind.NETWORK, Kind.SETTINGS, Kind.NO_KEY, Kind.BUDGET)
