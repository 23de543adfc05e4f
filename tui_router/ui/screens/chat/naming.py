"""From a name as it is typed to a model: at once, after the catalogue came, or by asking which of several is meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui_router.domain.model import normal_id
from tui_router.domain.naming import is_whole_id
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.services.core import Core
from tui_router.services.identity import Answerer
from tui_router.ui.host import Host
from tui_router.ui.screens.dialogs import ChoiceDialog
from tui_router.ui.screens.search_dialog import ActionRow

Use = Callable[[str], None]
"""Gets the id of a model."""
_PICK = "pick"


class ModelResolver:
    """Finds the model that is meant; ``pick`` opens the picker with a query. Where none is found, none is used."""

    def __init__(self, core: Core, host: Host, pick: Callable[[Use, str], None]) -> None:
        self._core = core
        self._host = host
        self._pick = pick

    def named(self, typed: str, use: Use) -> None:
        """Use the model that a name stands for."""
        try:
            found = self._core.identity.resolve(typed).id
        except Trouble as trouble:
            if trouble.problem.kind is not Kind.UNKNOWN_MODEL or not typed.strip():
                raise
            self._not_found(trouble.problem, typed, use)
        else:
            use(found)

    def all_named(self, typed: Sequence[str], use: Callable[[tuple[str, ...]], None]) -> None:
        """Use the models that several names stand for; which, where one fits several, is asked in its turn.

        One that stands for nothing raises ``Trouble``: it is mended where all of them are written.
        """
        found: list[str] = []
        identity = self._core.identity
        if self._core.catalog.is_fresh:
            for name in typed:
                if not identity.is_ambiguous(name):
                    identity.resolve(name)

        def next_name(model_id: str) -> None:
            found.append(model_id)
            step()

        def step() -> None:
            if len(found) < len(typed):
                self.named(typed[len(found)], next_name)
            else:
                use(tuple(found))

        step()

    def settle(self, who: Answerer, use: Use) -> None:
        """Find out who is to answer, where nobody can be asked yet."""
        if who.problem is None:
            return
        if who.wanted:
            self._not_found(who.problem, who.wanted, use)
        elif who.problem.kind is Kind.UNKNOWN_MODEL:
            self._ask(who.problem, "", use)
        else:
            self._pick(use, "")
            self._host.tell(who.problem.title)

    def _not_found(self, problem: Problem, typed: str, use: Use) -> None:
        catalog = self._core.catalog
        if catalog.is_fresh:
            self._ask(problem, typed, use)
            return
        known = bool(catalog.models)
        self._host.tell(f"Looking for {typed}…" if known else f"The catalogue is not here yet: looking for {typed}…")
        self._host.work(
            lambda: catalog.refresh(unless_fresh=True),
            lambda _: self._decide(typed, use),
            lambda _: self._decide(typed, use),
        )

    def _decide(self, typed: str, use: Use) -> None:
        """Look once more, with the list as it is now."""
        try:
            found = self._core.identity.resolve(typed).id
        except Trouble as trouble:
            self._ask(trouble.problem, typed, use)
        else:
            use(found)

    def _ask(self, problem: Problem, typed: str, use: Use) -> None:
        if not problem.suggestions:
            self._host.tell_problem(problem)
            return
        rows = [ActionRow(id=i, text=self._core.catalog.name_of(i), detail=i) for i in problem.suggestions]
        if is_whole_id(typed):
            own = normal_id(typed)
            rows.append(ActionRow(id=own, text=f"{own} all the same", detail="the list may lack it"))
        rows.append(ActionRow(id=_PICK, text="Another model…", key="o"))

        def chosen(model_id: str | None) -> None:
            if model_id == _PICK:
                self._pick(use, typed)
            elif model_id:
                use(model_id)

        self._host.show_screen(ChoiceDialog(problem.title, rows, problem.detail), chosen)
