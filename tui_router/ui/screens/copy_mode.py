"""Copy mode: the conversation as plain text, with the mouse released to the terminal.

The terminal's own selection then copies plain text without borders or scroll bars.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tui_router.domain.message import ENDING_WORDS, File, Image, Message, Role
from tui_router.domain.safe import clean, clean_line
from tui_router.ui.host import Host
from tui_router.ui.screens.text_rows import Line, TextRows, lines_of
from tui_router.ui.widgets.reader import Reader

_MODES = ("1000", "1003", "1015", "1006")
"""Mouse modes that Textual turns on: clicks, moves, and two encodings."""
RELEASE_MOUSE = "".join(f"\x1b[?{mode}l" for mode in reversed(_MODES))
TAKE_MOUSE = "".join(f"\x1b[?{mode}h" for mode in _MODES)


class CopyModeScreen(Screen[None]):
    """Shows one plain text per turn."""

    AUTO_FOCUS = "Reader"
    DEFAULT_CSS = """
    CopyModeScreen { background: $background; }
    CopyModeScreen #foot { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f9", "dismiss(None)", "Back"),
        Binding("y,ctrl+y", "copy_all", "Copy all"),
        Binding("left_square_bracket,shift+up", "turn(-1)", "Previous turn", show=False),
        Binding("right_square_bracket,shift+down", "turn(1)", "Next turn", show=False),
    ]

    def __init__(
        self,
        turns: Sequence[str],
        host: Host,
        *,
        copy: Callable[[str], None],
        has_mouse: bool = True,
        at: int | None = None,
    ) -> None:
        """Make the screen.

        Args:
            turns: Plain text of each turn.
            host: Writes to the terminal.
            copy: Copies a text and reports by which route.
            has_mouse: Whether the app uses the mouse, and so must release it here.
            at: Index of the turn to start at; ``None`` is the end.
        """
        super().__init__()
        self._turns = tuple(turns)
        self._host = host
        self._copy = copy
        self._has_mouse = has_mouse
        self._at = at
        self._firsts: list[int] = []
        lines: list[Line] = []
        for turn in turns:
            if lines:
                lines.append(())
            self._firsts.append(len(lines))
            lines += lines_of(turn)
        self._lines = lines
        self._rows = TextRows((), 1)
        self._reader = Reader(has_thumb=False)

    def compose(self) -> ComposeResult:
        """Lay out text and foot."""
        yield self._reader
        yield Static(id="foot", markup=False)

    def on_mount(self) -> None:
        """Release the mouse."""
        if self._has_mouse:
            self._host.write_terminal(RELEASE_MOUSE)
        self._reader.show(self._lay_out, at=self._start)

    def on_unmount(self) -> None:
        """Take the mouse again, however the screen was closed."""
        if self._has_mouse:
            self._host.write_terminal(TAKE_MOUSE)

    def on_reader_moved(self) -> None:
        """Show the position in the foot."""
        words = f"Copy mode · {self._reader.share:.0%} · the mouse is your terminal's"
        keys = "j k Space move · y copies all · Esc back"
        if not self._turns:
            words = "No message yet"
        self.query_one("#foot", Static).update(Content(f"{words} · {keys}"), layout=False)

    def action_copy_all(self) -> None:
        """Copy everything."""
        self._copy("\n\n".join(self._turns))

    def action_turn(self, step: int) -> None:
        """Go to the start of the next (1) or previous (-1) turn."""
        rows = [self._rows.row_of(first) for first in self._firsts]
        top = self._reader.top
        ahead = [r for r in rows if (r > top if step > 0 else r < top)]
        if ahead:
            self._reader.go_to(ahead[0] if step > 0 else ahead[-1])

    def _lay_out(self, width: int) -> TextRows:
        self._rows = TextRows(self._lines, width)
        return self._rows

    def _start(self) -> int:
        if self._at is not None and 0 <= self._at < len(self._firsts):
            return self._rows.row_of(self._firsts[self._at])
        return len(self._rows)


def plain_turns(thread: Sequence[Message], name_of: Callable[[str], str]) -> list[str]:
    """Return one text per question and answer of a path; tool results are left out."""
    return [_turn(m, name_of) for m in thread if m.role in (Role.USER, Role.ASSISTANT)]


def _turn(message: Message, name_of: Callable[[str], str]) -> str:
    who = "You"
    if message.role is Role.ASSISTANT:
        who = clean_line(name_of(message.model.id)) if message.model else "Answer"
    blocks = [clean(message.text).strip()]
    blocks += [
        f"[{type(p).__name__.lower()} {clean_line(p.name)}]" for p in message.parts if isinstance(p, File | Image)
    ]
    if message.ending is not None and message.ending.kind in ENDING_WORDS:
        blocks.append(f"[{ENDING_WORDS[message.ending.kind]}]")
    if message.citations:
        blocks.append("\n".join(f"[{n}] {clean_line(c.url)}" for n, c in enumerate(message.citations, 1)))
    return f"{who}:\n\n" + "\n\n".join(b for b in blocks if b)
