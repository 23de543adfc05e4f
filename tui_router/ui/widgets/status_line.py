"""The status line below the prompt: model, context window, cost and current activity."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from tui_router.domain.safe import clean_line

if TYPE_CHECKING:
    from decimal import Decimal

_GAP = "  "


class StatusFacts(NamedTuple):
    """Contents of the line. Empty or ``None`` values are unknown and left out."""

    model: str = ""
    connection: str = ""
    """Shown before the model if it is not the default one, e.g. ``demo``."""
    context_tokens: int = 0
    window: int = 0
    cost: str = ""
    """Spent in this conversation, e.g. ``$0.0042``, ``~$0.0042`` or ``?``."""
    left: Decimal | None = None
    """Remaining budget in dollars."""
    estimate: str = ""
    """What the next turn may cost, e.g. ``~$0.004``."""
    routing: str = ""
    """Which providers are allowed, e.g. ``only Anthropic``."""
    activity: str = ""
    """Current activity, e.g. ``2 streaming`` or ``queued, place 2``."""
    effort: str = ""
    """Reasoning effort in force."""
    mode: str = ""
    """Mode of the prompt or the transcript, e.g. ``NORMAL`` or ``messages``."""
    hint: str = "F1 keys"


class StatusLine(Widget):
    """One row: model, usage and cost on the left, activity and a key hint on the right."""

    DEFAULT_CSS = """
    StatusLine { height: 1; width: 1fr; color: $text-muted; background: transparent; }
    """

    def __init__(self, facts: StatusFacts | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._facts = facts or StatusFacts()

    @property
    def facts(self) -> StatusFacts:
        """The current contents."""
        return self._facts

    def show(self, facts: StatusFacts) -> None:
        """Show these facts; repaint only if they changed."""
        if facts != self._facts:
            self._facts = facts
            self.refresh()

    def render(self) -> RenderResult:
        """Return the row for the current width; the least important fields are dropped first."""
        return compose_status(self._facts, self.size.width)


def compose_status(facts: StatusFacts, width: int) -> Content:
    """Return the status row for a width in cells."""
    left = _left_fields(facts)
    right = [t for t in ((facts.activity, "$accent"), (facts.hint, "$text-muted")) if t[0]]
    while left or right:
        used = _cells(left) + _cells(right) + (2 if left and right else 0)
        if used <= width or (len(left) <= 1 and not right):
            break
        if len(left) > 2:
            left.pop()
        elif len(right) > 1:
            right.pop()
        elif len(left) > 1:
            left.pop()
        else:
            right.pop()
    if not left:
        return Content("")
    text = _joined(left)
    if right:
        text += Content(" " * max(2, width - _cells(left) - _cells(right))) + _joined(right)
    return text.truncate(max(1, width), ellipsis=True) if width > 0 else Content("")


def window_share(tokens: int, window: int) -> str:
    """Return how full a window is: ``3.1k of 200k (2%)``."""
    if window <= 0:
        return f"{compact(tokens)} tokens" if tokens else ""
    share = tokens / window
    percent = "<1%" if 0 < share < 0.01 else f"{share:.0%}"
    return f"{compact(tokens)} of {compact(window)} ({percent})"


def compact(count: int) -> str:
    """Return a count in at most four characters: ``950``, ``3.1k``, ``128k``, ``1M``."""
    if count < 1000:
        return str(count)
    if count < 999_500:
        thousands = count / 1000
        return f"{thousands:.1f}k".replace(".0k", "k") if thousands < 10 else f"{thousands:.0f}k"
    millions = count / 1_000_000
    return f"{millions:.1f}M".replace(".0M", "M")


def _left_fields(facts: StatusFacts) -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = []
    if facts.mode:
        fields.append((facts.mode, "bold $accent"))
    name = clean_line(facts.model) or "no model"
    fields.append((f"{facts.connection} {name}".strip(), "bold $foreground"))
    if facts.routing:
        fields.append((clean_line(facts.routing, 40), "$accent"))
    share = window_share(facts.context_tokens, facts.window)
    if share:
        full = facts.window > 0 and facts.context_tokens > 0.9 * facts.window
        fields.append((share, "$warning" if full else ""))
    if facts.cost:
        fields.append((facts.cost, ""))
    if facts.estimate:
        fields.append((f"next {facts.estimate}", ""))
    if facts.left is not None:
        fields.append((f"{_dollars(facts.left)} left", "$warning" if facts.left < 1 else ""))
    if facts.effort:
        fields.append((f"thinks {facts.effort}", ""))
    return fields


def _dollars(amount: Decimal) -> str:
    from tui_router.domain.usage import money  # the first frame knows no amounts

    return money(amount)


def _cells(fields: list[tuple[str, str]]) -> int:
    return sum(Content(t).cell_length for t, _ in fields) + len(_GAP) * max(0, len(fields) - 1)


def _joined(fields: list[tuple[str, str]]) -> Content:
    pieces = [Content.styled(t, style) if style else Content(t) for t, style in fields]
    return Content(_GAP).join(pieces)
