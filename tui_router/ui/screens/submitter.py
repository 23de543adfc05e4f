"""Submits plans for every screen: checks them, asks about a high price, and starts their turns."""

from __future__ import annotations

from collections.abc import Callable

from tui_router.domain.problem import Problem
from tui_router.services.core import Core
from tui_router.services.submission import NeedsConsent, Plan, Ready, Refused
from tui_router.services.turn import Turn
from tui_router.ui.host import Host
from tui_router.ui.screens.dialogs import ConfirmDialog


class PlanSubmitter:
    """Submits plans. Nothing is stored or sent before all checks have passed."""

    def __init__(self, core: Core, host: Host) -> None:
        self._core = core
        self._host = host
        self._waiting: Callable[[], None] | None = None

    def submit(
        self,
        plan: Plan,
        started: Callable[[list[Turn]], None],
        refused: Callable[[Refused], None] | None = None,
        declined: Callable[[], None] = lambda: None,
        *,
        title: str = "Send this?",
        yes: str = "Send",
    ) -> None:
        """Check a plan and begin its turns.

        Args:
            plan: The requests to make.
            started: Called with the turns, to show and run them.
            refused: Called when a check fails; by default the problem is shown.
            declined: Called when the user declines the price, or ``stop`` ends a wait for prices.
            title: Title of the question about a high price.
            yes: Label of its button to agree.
        """
        prepared = self._core.submission.prepare(plan)
        match prepared:
            case Refused(needs_prices=True):

                def again() -> None:
                    self.submit(plan, started, refused, declined, title=title, yes=yes)

                self._wait_for_prices(plan, again, declined)
            case Ready():
                started(plan.begin())
            case NeedsConsent():
                self._ask(prepared, started, declined, title, yes)
            case Refused() if refused is not None:
                refused(prepared)
            case Refused():
                self._host.tell_problem(prepared.problem)

    def submit_agreed(self, plan: Plan, started: Callable[[list[Turn]], None]) -> None:
        """Check and begin a plan whose price the user has already accepted."""
        prepared = self._core.submission.prepare(plan)
        if isinstance(prepared, Refused) and prepared.needs_prices:
            self._wait_for_prices(plan, lambda: self.submit_agreed(plan, started), lambda: None)
        elif isinstance(prepared, Refused):
            self._host.tell_problem(prepared.problem)
        else:
            started(plan.begin())

    def stop(self) -> bool:
        """Cancel a wait for prices; ``False`` when there is none."""
        declined, self._waiting = self._waiting, None
        if declined is None:
            return False
        declined()
        return True

    def _wait_for_prices(self, plan: Plan, again: Callable[[], None], declined: Callable[[], None]) -> None:
        """Fetch today's prices on a worker thread, then call ``again``."""
        self.stop()

        def forget() -> None:
            declined()

        def is_wanted() -> bool:
            is_mine = self._waiting is forget
            self._waiting = None if is_mine else self._waiting
            return is_mine

        def came(_: None) -> None:
            if is_wanted():
                again()

        def failed(problem: Problem) -> None:
            if is_wanted():
                declined()
                self._host.tell_problem(problem)

        self._waiting = forget
        self._host.tell("Fetching today's prices for the spending limit: sent when they arrive, Esc cancels")
        self._host.work(lambda: self._core.submission.fetch_prices(plan), came, failed)

    def _ask(
        self,
        prepared: NeedsConsent,
        started: Callable[[list[Turn]], None],
        declined: Callable[[], None],
        title: str,
        yes: str,
    ) -> None:
        text = f"Answers of the usual length cost {prepared.estimate.label}"
        if prepared.estimate.models == 1:
            text = f"An answer of the usual length costs {prepared.estimate.label}"
        dialog = ConfirmDialog(title, text, yes=yes, cost=prepared.estimate.most, danger=True)

        def answered(agreed: bool | None) -> None:
            if agreed:
                started(prepared.plan.begin())
            else:
                declined()

        self._host.show_screen(dialog, answered)
