"""Merging several answers into one: choose the kind and the model, confirm the cost, and add a lane for the result."""

from __future__ import annotations

from tui_router.domain.merge import MergeKind, MergePrompt, best_of
from tui_router.domain.message import Message
from tui_router.services.turn import Turn
from tui_router.ui.screens.compare.controller import CompareDependencies, ComparisonController
from tui_router.ui.screens.compare.lanes import LaneSet
from tui_router.ui.screens.dialogs import ChoiceDialog, ConfirmDialog, TextDialog
from tui_router.ui.screens.search_dialog import ActionRow

_KINDS = (
    ActionRow(id=MergeKind.FUSE, text="Fuse", key="f", detail="one best answer from all of them"),
    ActionRow(id=MergeKind.JUDGE, text="Judge", key="j", detail="a score table, and which is best"),
    ActionRow(id=MergeKind.CUSTOM, text="Your own instruction", key="c", detail="you write what to do with them"),
)
_TITLES = {MergeKind.FUSE: "Fused", MergeKind.JUDGE: "Judged", MergeKind.CUSTOM: "Merged"}
_VERBS = {MergeKind.FUSE: "Fuse", MergeKind.JUDGE: "Judge", MergeKind.CUSTOM: "Merge"}
_OTHER = "other"


class MergeFlow:
    """Asks for the kind of merge, the model and the instruction. Nothing is sent before the cost is confirmed."""

    def __init__(self, dependencies: CompareDependencies, controller: ComparisonController) -> None:
        self._core = dependencies.core
        self._host = dependencies.host
        self._pick_model = dependencies.pick_model
        self._controller = controller
        self._comparison = controller.comparison
        self._lanes: LaneSet = controller.lanes

    def open(self, words: str = "") -> None:
        """Start a merge; ``words`` may name the kind or be the instruction. Raises ``AppError`` without two answers."""
        self._comparison.merge_prompt(MergeKind.FUSE)  # raises if there is nothing to merge
        if words in set(MergeKind) - {MergeKind.CUSTOM}:
            self._choose_model(MergeKind(words))
        elif words:
            self._choose_model(MergeKind.CUSTOM, words)
        else:
            self._host.show_screen(ChoiceDialog("Merge the answers", _KINDS), self._choose_kind)

    def _choose_kind(self, kind: str | None) -> None:
        if kind is None:
            return
        if kind != MergeKind.CUSTOM:
            self._choose_model(MergeKind(kind))
            return

        def answered(text: str | None) -> None:
            if text and text.strip():
                self._choose_model(MergeKind.CUSTOM, text)

        self._host.show_screen(TextDialog("What should be done with the answers?"), answered)

    def _choose_model(self, kind: MergeKind, instruction: str = "") -> None:
        names = {i: self._core.catalog.name_of(i) for i in self._candidates()}
        rows = [ActionRow(id=i, text=names[i], detail=i) for i in sorted(names, key=lambda i: names[i].lower())]
        rows.append(ActionRow(id=_OTHER, text="Another model…", key="o"))
        title = "Who judges?" if kind is MergeKind.JUDGE else "Who writes it?"

        def chosen(model_id: str | None) -> None:
            if model_id == _OTHER:
                self._pick_model(lambda picked: self._confirm(kind, instruction, picked))
            elif model_id:
                self._confirm(kind, instruction, model_id)

        self._host.show_screen(ChoiceDialog(title, rows), chosen)

    def _candidates(self) -> list[str]:
        model = self._comparison.chat.conversation.model
        own = [model.id] if model is not None else []
        return list(dict.fromkeys([*own, *self._comparison.models]))

    def _confirm(self, kind: MergeKind, instruction: str, model_id: str) -> None:
        prompt = self._comparison.merge_prompt(kind, instruction)
        plan = self._comparison.merge(prompt, model_id, kind)
        estimate = self._core.submission.estimate(plan)
        price = estimate.label or "The price of this model is not known"
        dialog = ConfirmDialog(
            f"{_VERBS[kind]} {len(prompt.sources)} answers with {self._core.catalog.name_of(model_id)}?",
            f"{price} for an answer of the usual length, about {estimate.tokens:,} tokens to read",
            yes=_VERBS[kind],
            cost=estimate.most,
        )

        def answered(agreed: bool | None) -> None:
            if agreed:
                self._controller.submitter.submit_agreed(
                    plan, lambda turns: self._started(kind, prompt, model_id, turns[0])
                )

        self._host.show_screen(dialog, answered)

    def _started(self, kind: MergeKind, prompt: MergePrompt, model_id: str, turn: Turn) -> None:
        name = self._core.catalog.name_of(model_id)
        letters = [f"{letter} is {self._label_of(message_id)}" for letter, message_id in prompt.letters]
        note = " · ".join(letters) if kind is MergeKind.JUDGE else f"Merged from {len(letters)} answers"

        def ended(message: Message) -> None:
            best = best_of(message.text, prompt) if kind is MergeKind.JUDGE else None
            for lane in self._lanes:
                if best is not None and lane.answer == best:
                    lane.badges = (*lane.badges, "judge's choice")

        self._controller.add_merged(turn, f"{_TITLES[kind]} by {name}", note, ended)

    def _label_of(self, message_id: str) -> str:
        for lane in self._lanes:
            if lane.answer == message_id:
                return f"{self._lanes.label(lane)} {self._lanes.shown_name(lane)}"
        return "an answer"
