"""Making one answer of several: what to make, who makes it, what it costs; then it is a lane like the others."""

from __future__ import annotations

from collections.abc import Callable

from tui_router.domain.merge import MergeKind, MergePrompt, best_of
from tui_router.domain.message import Message
from tui_router.services.core import Core
from tui_router.services.turn import Turn
from tui_router.ui.host import Host
from tui_router.ui.screens.compare.rounds import Rounds
from tui_router.ui.screens.dialogs import ChoiceDialog, ConfirmDialog, TextDialog
from tui_router.ui.screens.search_dialog import ActionRow
from tui_router.ui.screens.submitter import PlanSubmitter

_KINDS = (
    ActionRow(id=MergeKind.FUSE, text="Fuse", key="f", detail="one best answer of all"),
    ActionRow(id=MergeKind.JUDGE, text="Judge", key="j", detail="a score table, and which is best"),
    ActionRow(id=MergeKind.CUSTOM, text="Your own instruction", key="c", detail="you say what to do with them"),
)
_TITLES = {MergeKind.FUSE: "Fused", MergeKind.JUDGE: "Judged", MergeKind.CUSTOM: "Merged"}
_VERBS = {MergeKind.FUSE: "Fuse", MergeKind.JUDGE: "Judge", MergeKind.CUSTOM: "Merge"}
_OTHER = "other"


class Merging:
    """The merge menu, one question after the other; nothing is sent before the cost was shown."""

    def __init__(
        self,
        core: Core,
        host: Host,
        rounds: Rounds,
        submitter: PlanSubmitter,
        pick_model: Callable[[Callable[[str], None]], None],
    ) -> None:
        self._core = core
        self._submitter = submitter
        self._host = host
        self._rounds = rounds
        self._pick_model = pick_model

    def open(self, words: str = "") -> None:
        """Begin; ``words`` may name the kind, or be the instruction."""
        self._rounds.comparison.merge_prompt(MergeKind.FUSE)  # raises when there is nothing to merge
        if words in set(MergeKind) - {MergeKind.CUSTOM}:
            self._choose_model(MergeKind(words))
        elif words:
            self._choose_model(MergeKind.CUSTOM, words)
        else:
            self._host.show_screen(ChoiceDialog("Merge the answers", _KINDS), self._chosen)

    def _chosen(self, kind: str | None) -> None:
        if kind is None:
            return
        if kind != MergeKind.CUSTOM:
            self._choose_model(MergeKind(kind))
            return

        def told(text: str | None) -> None:
            if text and text.strip():
                self._choose_model(MergeKind.CUSTOM, text)

        self._host.show_screen(TextDialog("What shall be made of the answers?"), told)

    def _choose_model(self, kind: MergeKind, instruction: str = "") -> None:
        names = {i: self._rounds.core.catalog.name_of(i) for i in self._candidates()}
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
        chat = self._rounds.comparison.chat
        own = [chat.conversation.model.id] if chat.conversation.model is not None else []
        return list(dict.fromkeys([*own, *self._rounds.comparison.models]))

    def _confirm(self, kind: MergeKind, instruction: str, model_id: str) -> None:
        prompt = self._rounds.comparison.merge_prompt(kind, instruction)
        plan = self._rounds.comparison.merge(prompt, model_id, kind)
        estimate = self._core.submission.estimate(plan)
        price = estimate.label or "The price of this model is not known"
        dialog = ConfirmDialog(
            f"{_VERBS[kind]} {len(prompt.sources)} answers with {self._rounds.core.catalog.name_of(model_id)}?",
            f"{price} for an answer of the usual length, about {estimate.tokens:,} tokens to read",
            yes=_VERBS[kind],
            cost=estimate.most,
        )

        def go(yes: bool | None) -> None:
            if yes:
                self._submitter.submit_agreed(plan, lambda turns: self._started(kind, prompt, model_id, turns[0]))

        self._host.show_screen(dialog, go)

    def _started(self, kind: MergeKind, prompt: MergePrompt, model_id: str, turn: Turn) -> None:
        name = self._rounds.core.catalog.name_of(model_id)
        letters = [f"{letter} is {self._who(message_id)}" for letter, message_id in prompt.letters]
        note = " · ".join(letters) if kind is MergeKind.JUDGE else f"Made of {len(letters)} answers"

        def done(message: Message) -> None:
            best = best_of(message.text, prompt) if kind is MergeKind.JUDGE else None
            for track in self._rounds.lanes:
                if best is not None and track.answer == best:
                    track.marks = (*track.marks, "judge's choice")

        self._rounds.merged(turn, f"{_TITLES[kind]} by {name}", note, done)

    def _who(self, message_id: str) -> str:
        for track in self._rounds.lanes:
            if track.answer == message_id:
                return f"{self._rounds.label(track)} {self._rounds.shown_name(track)}"
        return "an answer"
