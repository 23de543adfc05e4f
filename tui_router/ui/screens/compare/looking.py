"""Answers held against each other: words that differ between two, and sentences that stand alone among all."""

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
from tui_router.domain.diff import Change, Run, same_share, word_diff
from tui_router.domain.safe import clean_line
from tui_router.ui.screens.compare.setting import Setting
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.pane import TranscriptPane
from tui_router.ui.transcript.parts import Part, Parts

_KEYS = {Change.SAME: "text", Change.REMOVED: "diff_remove", Change.ADDED: "diff_add"}


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


class Beholding(ModalScreen[None]):
    """A framed transcript to read, with one line of keys."""

    DEFAULT_CSS = """
    Beholding {
        align: center middle;
        #frame { width: 100%; height: 100%; max-width: 160; padding: 0 1; background: $background;
                 border: round $border; border-title-color: $text-primary; }
        #keys { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss(None)", "Close", priority=True)]

    def __init__(self, title: str, keys: str, setting: Setting) -> None:
        super().__init__()
        self._title = clean_line(title)
        self._keys = keys
        self._setting = setting
        self.pane = TranscriptPane()
        dress = setting.dress()
        self.pane.transcript.set_text_styles(dress.styles)
        self.pane.transcript.set_look(dress.look)

    def compose(self) -> ComposeResult:
        """Frame, words, keys."""
        with Vertical(id="frame") as frame:
            frame.border_title = Content(self._title)
            yield self.pane
            yield Static(self._keys, id="keys", markup=False)

    def on_mount(self) -> None:
        """Begin to read at the top."""
        self.pane.transcript.focus()
        self.reckon()

    def reckon(self) -> None:
        """Work out what is shown, and show it."""

    def show_rows(self, rows: Sequence[Parts]) -> None:
        """Show these paragraphs from the top."""
        self.pane.transcript.show([Entry.notice(f"row:{n}", r) for n, r in enumerate(rows)])
        self.pane.transcript.scroll_to_entry("row:0")

    def show_title(self, title: str) -> None:
        """Put another title on the frame."""
        self.query_one("#frame").border_title = Content(clean_line(title))


class DiffScreen(Beholding):
    """What becomes of one answer's words in another; ← and → take the other one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,n", "other(1)", "Next", priority=True),
        Binding("left,p", "other(-1)", "Previous", priority=True),
        Binding("s", "swap", "Swap", priority=True),
    ]

    def __init__(self, words: Sequence[Words], left: int, right: int, setting: Setting) -> None:
        super().__init__("Words that differ", "← → other lane · s swap · ↑ ↓ scroll · Esc close", setting)
        self._words = tuple(words)
        self._left, self._right = left, right

    def reckon(self) -> None:
        """Compare off the UI thread: long answers take a moment."""
        left, right = self._words[self._left], self._words[self._right]
        self.show_title(f"{left.title} → {right.title}")
        asked = (self._left, self._right)

        def show(runs: tuple[Run, ...]) -> None:
            if self.is_attached and asked == (self._left, self._right):
                self.show_rows(diff_rows(left, right, runs))

        self._setting.host.work(lambda: word_diff(left.text, right.text), show)

    def action_other(self, by: int) -> None:
        """Hold the answer against another one."""
        count = len(self._words)
        place = (self._right + by) % count
        self._right = (place + by) % count if place == self._left else place
        self.reckon()

    def action_swap(self) -> None:
        """Read the difference the other way round."""
        self._left, self._right = self._right, self._left
        self.reckon()


class AgreementScreen(Beholding):
    """The sentences of all answers: those without a counterpart elsewhere stand out."""

    def __init__(self, words: Sequence[Words], setting: Setting) -> None:
        title = f"Agreement of {len(words)} answers: {agreement.LABEL}"
        super().__init__(
            title, "marked: no other answer has a sentence of the same words · ↑ ↓ scroll · Esc close", setting
        )
        self._words = tuple(words)

    def reckon(self) -> None:
        """Compare off the UI thread."""

        def show(found: tuple[tuple[agreement.Sentence, ...], ...]) -> None:
            if self.is_attached:
                self.show_rows(agreement_rows(self._words, found))

        self._setting.host.work(lambda: agreement.overlap_map([w.text for w in self._words]), show)


def diff_rows(left: Words, right: Words, runs: Sequence[Run]) -> list[Parts]:
    """Return the difference of two answers as rows: what it is, then the words."""
    legend: Parts = (
        (f"only in {left.title}", "diff_remove"),
        ("  ", "text"),
        (f"only in {right.title}", "diff_add"),
        (f"  {same_share(runs):.0%} of the characters are the same", "muted"),
    )
    return [legend, tuple((run.text, _KEYS[run.change]) for run in runs)]


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
