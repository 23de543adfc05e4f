"""The agreement screen: which sentences of several answers have a counterpart in another answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_router.domain import agreement
from tui_router.domain.safe import clean_line
from tui_router.ui.host import Host
from tui_router.ui.screens.compare.lane_header import LANE_COLORS
from tui_router.ui.screens.compare.styled_rows import LaneAppearance
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.pane import TranscriptPane
from tui_router.ui.transcript.parts import Part, Parts


@dataclass(frozen=True, slots=True)
class AnswerText:
    """The answer of one lane as text, and how to label it."""

    number: int
    label: str
    name: str
    column: int
    text: str

    @property
    def title(self) -> str:
        """The label and the model name on one line."""
        return clean_line(f"{self.label} {self.name}", 60)

    @property
    def color(self) -> str:
        """The text style of this lane."""
        return f"lane{self.column % LANE_COLORS + 1}"


class AgreementScreen(ModalScreen[None]):
    """Shows all answers with the sentences highlighted that no other answer has."""

    DEFAULT_CSS = """
    AgreementScreen {
        align: center middle;
        #frame { width: 100%; height: 100%; max-width: 160; padding: 0 1; background: $background;
                 border: round $border; border-title-color: $text-primary; }
        #keys { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-low #frame { border: none; padding: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,A", "dismiss(None)", "Close", priority=True)]

    def __init__(self, answers: Sequence[AnswerText], appearance: LaneAppearance, host: Host) -> None:
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (12, "-usual")]
        self._answers = tuple(answers)
        self._host = host
        self.pane = TranscriptPane()
        self.pane.transcript.set_text_styles(appearance.styles)
        self.pane.transcript.set_appearance(appearance.look)

    def compose(self) -> ComposeResult:
        """Yield the frame with the answers and the key hints."""
        with Vertical(id="frame") as frame:
            frame.border_title = Content(f"Agreement of {len(self._answers)} answers: {agreement.LABEL}")
            yield self.pane
            keys = "marked: in no other answer · =2: answer 2 has it too · Esc close"
            yield Static(keys, id="keys", markup=False)

    def on_mount(self) -> None:
        """Compare the answers on a worker thread."""
        self.pane.transcript.focus()
        self._host.work(lambda: agreement.overlap_map([a.text for a in self._answers]), self._show)

    def _show(self, found: Sequence[Sequence[agreement.Sentence]]) -> None:
        if self.is_attached:
            rows = agreement_rows(self._answers, found)
            self.pane.transcript.show([Entry.notice(f"row:{n}", r) for n, r in enumerate(rows)])
            self.pane.transcript.viewport.scroll_to_entry("row:0")


def agreement_rows(answers: Sequence[AnswerText], found: Sequence[Sequence[agreement.Sentence]]) -> list[Parts]:
    """Return the rows to show: a summary, then each answer under its title, with its sentences marked."""
    labels = [a.label for a in answers]
    rows: list[Parts] = [((agreement.summary(found), "muted"),)]
    for answer, sentences in zip(answers, found, strict=True):
        alone = sum(s.is_alone for s in sentences)
        head: list[Part] = [(answer.title, f"strong+{answer.color}"), (f"  {alone} of {len(sentences)} alone", "muted")]
        rows += [tuple(head), tuple(_marked(answer.text, sentences, labels))]
    return rows


def _marked(text: str, sentences: Sequence[agreement.Sentence], labels: Sequence[str]) -> list[Part]:
    parts: list[Part] = []
    at = 0
    for sentence in sentences:
        parts.append((text[at : sentence.start], "muted"))
        sentence_text = text[sentence.start : sentence.end]
        if sentence.is_alone:
            parts.append((sentence_text, "find"))
        else:
            shared = " ".join(labels[i] for i in sentence.shared_with)
            parts += [(sentence_text, "text"), (f" ={shared}", "success")]
        at = sentence.end
    parts.append((text[at:], "muted"))
    return [p for p in parts if p[0]]
