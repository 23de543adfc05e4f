"""Which sentences of several answers have a counterpart in another one, and which stand alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_router.domain import agreement
from tui_router.domain.safe import clean_line
from tui_router.ui.host import Host
from tui_router.ui.screens.compare.setting import Dress
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.pane import TranscriptPane
from tui_router.ui.transcript.parts import Part, Parts


class Words(NamedTuple):
    """The words of one lane, with how the lane is called."""

    number: int
    label: str
    name: str
    place: int
    text: str

    @property
    def title(self) -> str:
        """Label and name."""
        return clean_line(f"{self.label} {self.name}", 60)

    @property
    def color(self) -> str:
        """The style of this lane."""
        return f"lane{self.place % 8 + 1}"


class AgreementScreen(ModalScreen[None]):
    """The sentences of all answers: those without a counterpart elsewhere stand out."""

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

    def __init__(self, words: Sequence[Words], dress: Dress, host: Host) -> None:
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (12, "-usual")]
        self._words = tuple(words)
        self._host = host
        self.pane = TranscriptPane()
        self.pane.transcript.set_text_styles(dress.styles)
        self.pane.transcript.set_look(dress.look)

    def compose(self) -> ComposeResult:
        """Frame, words, keys."""
        with Vertical(id="frame") as frame:
            frame.border_title = Content(f"Agreement of {len(self._words)} answers: {agreement.LABEL}")
            yield self.pane
            keys = "marked: no other answer has a sentence of these words · =2: answer 2 has one · Esc close"
            yield Static(keys, id="keys", markup=False)

    def on_mount(self) -> None:
        """Compare off the UI thread."""
        self.pane.transcript.focus()
        self._host.work(lambda: agreement.overlap_map([w.text for w in self._words]), self._show)

    def _show(self, found: Sequence[Sequence[agreement.Sentence]]) -> None:
        if self.is_attached:
            rows = agreement_rows(self._words, found)
            self.pane.transcript.show([Entry.notice(f"row:{n}", r) for n, r in enumerate(rows)])
            self.pane.transcript.scroll_to_entry("row:0")


def agreement_rows(words: Sequence[Words], found: Sequence[Sequence[agreement.Sentence]]) -> list[Parts]:
    """Return the map of all answers as rows: a summary, then each answer under its name."""
    labels = [w.label for w in words]
    rows: list[Parts] = [((agreement.summary(found), "muted"),)]
    for here, sentences in zip(words, found, strict=True):
        alone = sum(s.is_alone for s in sentences)
        head: list[Part] = [(here.title, f"strong+{here.color}"), (f"  {alone} of {len(sentences)} alone", "muted")]
        rows += [tuple(head), tuple(_marked(here.text, sentences, labels))]
    return rows


def _marked(text: str, sentences: Sequence[agreement.Sentence], labels: Sequence[str]) -> list[Part]:
    parts: list[Part] = []
    at = 0
    for sentence in sentences:
        parts.append((text[at : sentence.start], "muted"))
        words = text[sentence.start : sentence.end]
        if sentence.is_alone:
            parts.append((words, "find"))
        else:
            shared = " ".join(labels[i] for i in sentence.shared_with)
            parts += [(words, "text"), (f" ={shared}", "success")]
        at = sentence.end
    parts.append((text[at:], "muted"))
    return [p for p in parts if p[0]]
