"""Lane metrics: time, tokens, speed and cost of each answer, their ranking, and the cost of the whole comparison."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui_router.domain.events import Event, FirstToken, ReasoningDelta, TextDelta
from tui_router.domain.message import EndingKind, Message, Role
from tui_router.domain.model import Model
from tui_router.domain.spending import Spent
from tui_router.domain.stream import Phase, StreamState
from tui_router.domain.token_estimate import estimate_tokens
from tui_router.domain.usage import Usage, cost_of, money
from tui_router.services.chat import Chat
from tui_router.services.core import Core
from tui_router.services.turn import Turn
from tui_router.ui.host import Host

_BARS = "▁▂▃▄▅▆▇█"
_BUCKET = 0.5
"""Seconds covered by one bar of the sparkline."""
_MAX_BUCKETS = 24
_RATE_BUCKETS = 4
"""Buckets averaged for the live speed: two seconds."""
_WRITE_TIMEOUT = 5.0
"""Seconds a worker thread waits for pending ledger writes before it reads the total."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneMetrics:
    """Metrics of one lane at one moment. ``None`` means not known yet."""

    phase: Phase = Phase.WAITING
    elapsed: float = 0.0
    """Seconds since the question was sent; the total once the answer has ended."""
    first_token: float | None = None
    """Seconds until the first token."""
    speed: float | None = None
    """Tokens per second: recent while streaming, overall once the answer has ended."""
    history: tuple[float, ...] = ()
    """Tokens per second for each half second, oldest first."""
    tokens: int = 0
    reasoning_tokens: int = 0
    is_counted: bool = False
    """True if the service reported the token count; otherwise it is an estimate."""
    cost: Decimal | None = None
    """US dollars."""
    is_estimate: bool = True
    """True if the cost is an estimate."""
    queue_position: str = ""
    """Position and expected wait while our own rate limit holds the request back."""

    @property
    def is_over(self) -> bool:
        """True once the answer has ended."""
        return self.phase in (Phase.DONE, Phase.STOPPED, Phase.FAILED)


class LaneMeter:
    """Measures one streaming answer. The caller passes the time in, in seconds."""

    def __init__(self, started: float, *, model: Model | None = None, prompt_tokens: int = 0) -> None:
        """Start measuring at ``started``; with a priced ``model`` the running cost is estimated too."""
        self._started = started
        self._model = model
        self._prompt_tokens = prompt_tokens
        self._tokens = 0.0
        self._reasoning_tokens = 0.0
        self._buckets: deque[float] = deque(maxlen=_MAX_BUCKETS)
        self._bucket_at = started
        self._state = StreamState()
        self._ended: float | None = None

    def add(self, events: Iterable[Event], now: float) -> None:
        """Count a batch of events. The text itself is not stored."""
        self._advance_buckets(now)
        for event in events:
            if isinstance(event, TextDelta | ReasoningDelta):
                count = _estimate_delta_tokens(event.text)
                self._tokens += count
                self._reasoning_tokens += count if isinstance(event, ReasoningDelta) else 0.0
                self._buckets[-1] += count
                event = type(event)("")
            self._state.apply(event)
            if isinstance(event, FirstToken) and not self._tokens:
                # The wait before the first token must not lower the speed.
                self._buckets.clear()
                self._buckets.append(0.0)
                self._bucket_at = now
        if self._state.ending is not None and self._ended is None:
            self._ended = now

    def metrics(self, now: float) -> LaneMetrics:
        """Return the metrics at ``now``."""
        state = self._state
        self._advance_buckets(now if self._ended is None else self._ended)
        usage = state.usage
        rates = tuple(b / _BUCKET for b in list(self._buckets)[:-1])
        elapsed = (self._ended or now) - self._started
        tokens = usage.completion_tokens if usage is not None else round(self._tokens)
        seconds = state.seconds if state.seconds is not None else elapsed
        if state.ending is not None:
            speed = _overall_speed(tokens, state.first_token, seconds)
        else:
            recent = rates[-_RATE_BUCKETS:]
            speed = sum(recent) / len(recent) if self._tokens and recent else None
        return LaneMetrics(
            phase=state.phase,
            elapsed=seconds if state.ending is not None else elapsed,
            first_token=state.first_token,
            speed=speed,
            history=rates if self._tokens else (),
            tokens=tokens,
            reasoning_tokens=usage.reasoning_tokens if usage is not None else round(self._reasoning_tokens),
            is_counted=usage is not None,
            cost=self._cost(usage, tokens),
            is_estimate=usage is None or usage.cost is None or usage.is_estimate,
            queue_position=state.queued.standing if state.queued is not None else "",
        )

    def _cost(self, usage: Usage | None, tokens: int) -> Decimal | None:
        if usage is not None and usage.cost is not None:
            return usage.cost
        if self._model is None or self._state.phase in (Phase.QUEUED, Phase.CONNECTING, Phase.RETRYING):
            return None
        estimate = Usage(prompt_tokens=self._prompt_tokens, completion_tokens=tokens)
        return cost_of(estimate, self._model.pricing) if tokens else None

    def _advance_buckets(self, now: float) -> None:
        """Open the buckets up to ``now``, at most ``_MAX_BUCKETS`` however long the silence was."""
        if not self._buckets:
            self._buckets.append(0.0)
        passed = int((now - self._bucket_at) / _BUCKET)
        if passed > 0:
            self._buckets.extend([0.0] * min(passed, _MAX_BUCKETS))
            self._bucket_at += passed * _BUCKET


class ComparisonCost:
    """Adds up what a comparison has cost: the ledger's total, plus the answers that are not in the ledger yet.

    Retried, removed and merged answers stay in the total. ``changed`` is called when the total changes.
    """

    def __init__(self, core: Core, host: Host, chat: Chat, changed: Callable[[], None]) -> None:
        self._core = core
        self._host = host
        self._chat = chat
        self._changed = changed
        self._pending: dict[Turn, Callable[[float], LaneMetrics]] = {}
        """Answers that no ledger total includes yet."""
        self._stored = tuple(chat.tree)
        """Messages from before the comparison; counted only if the ledger has no entry for this conversation."""
        self._booked: Spent | None = None
        # Totals are read on worker threads and may arrive out of order: an older one must not replace a newer one.
        self._last_query = self._last_result = 0

    def add(self, turn: Turn, metrics: Callable[[float], LaneMetrics]) -> None:
        """Count an answer that is about to stream; ``metrics`` returns its metrics at a given time."""
        self._pending[turn] = metrics

    def finish(self, turn: Turn, message: Message) -> None:
        """Record an ended answer, even if its lane has been removed."""
        if turn in self._pending:
            final = LaneMetrics(cost=Decimal(0), is_estimate=False) if message.cached_at else metrics_of(message)
            self._pending[turn] = lambda now: final
        self.recount()

    def recount(self) -> None:
        """Read the ledger on a worker thread. Temporary conversations have no total there."""
        conversation, core, turns = self._chat.conversation, self._core, tuple(self._pending)
        if conversation.is_temporary:
            return
        self._last_query += 1
        number = self._last_query

        def query() -> tuple[Spent, list[Turn]]:
            while True:
                over = [t for t in turns if not t.is_running]
                is_written = core.writes.wait(_WRITE_TIMEOUT)
                found = core.spending.of_conversation(conversation.id)
                # A turn that ended during the query may or may not be in the total: ask again, so that
                # no answer is counted twice or dropped.
                if over == [t for t in turns if not t.is_running]:
                    return found, over if is_written else []

        def booked(answer: tuple[Spent, list[Turn]]) -> None:
            if number < self._last_result:
                return
            self._last_result = number
            self._booked, over = answer
            for turn in over:
                self._pending.pop(turn, None)
            self._changed()

        self._host.work(query, booked, lambda _: None)

    def label(self, now: float) -> str:
        """Return the total as a short label; empty if nothing has been spent."""
        booked = self._booked if self._booked is not None and self._booked.requests else None
        if booked is not None and not self._pending:
            return booked.label
        if booked is not None:
            paid, is_vague = booked.total, booked.estimated > 0
        else:
            answers = (m for m in self._stored if m.role is Role.ASSISTANT and m.ending is not None)
            stored, is_vague = total_cost(map(metrics_of, answers))
            paid = stored or Decimal(0)
        live, is_estimate = total_cost(metrics(now) for metrics in self._pending.values())
        paid += live or 0
        return money(paid, approximate=is_vague or is_estimate) if paid else ""


def metrics_of(message: Message) -> LaneMetrics:
    """Return the metrics of a saved answer."""
    usage, timing = message.usage, message.timing
    kind = message.ending.kind if message.ending is not None else EndingKind.INTERRUPTED
    tokens = usage.completion_tokens if usage is not None else estimate_tokens(message.text + message.reasoning)
    return LaneMetrics(
        phase={EndingKind.CANCELLED: Phase.STOPPED, EndingKind.FAILED: Phase.FAILED}.get(
            kind, Phase.FAILED if kind is EndingKind.INTERRUPTED else Phase.DONE
        ),
        elapsed=timing.total or 0.0,
        first_token=timing.first_token,
        speed=_overall_speed(tokens, timing.first_token, timing.total),
        tokens=tokens,
        reasoning_tokens=usage.reasoning_tokens if usage is not None else 0,
        is_counted=usage is not None,
        cost=usage.cost if usage is not None else None,
        is_estimate=usage.is_estimate if usage is not None else True,
    )


def sparkline(rates: Sequence[float], cells: int) -> str:
    """Return the last ``cells`` rates as bars, scaled to the highest of them."""
    last = rates[-cells:] if cells > 0 else ()
    top = max(last, default=0.0)
    if top <= 0:
        return ""
    return "".join(_BARS[min(len(_BARS) - 1, int(r / top * (len(_BARS) - 1) + 0.5))] for r in last)


def ranking(lanes: Sequence[tuple[str, LaneMetrics]]) -> tuple[tuple[str, str], ...]:
    """Return the leaders as (title, label and figure): first token, speed, cost and length.

    All titles but ``first`` need two comparable lanes and go only to answers that completed, so that no
    lane wins by being stopped.
    """
    done = [(n, m) for n, m in lanes if m.phase is Phase.DONE]
    leaders: list[tuple[str, str]] = []
    begun = [(n, m.first_token) for n, m in lanes if m.first_token is not None]
    if begun:
        name, at = min(begun, key=lambda pair: pair[1])
        leaders.append(("first", f"{name} {at:.1f} s"))
    fast = [(n, m.speed) for n, m in done if m.speed is not None]
    if len(fast) > 1:
        name, speed = max(fast, key=lambda pair: pair[1])
        leaders.append(("fastest", f"{name} {speed:.0f} tok/s"))
    priced = [(n, m.cost, m.is_estimate) for n, m in done if m.cost is not None]
    if len(priced) > 1:
        name, cost, is_estimate = min(priced, key=lambda row: row[1])
        leaders.append(("cheapest", f"{name} {money(cost, approximate=is_estimate)}"))
    if len(done) > 1:
        name, longest = max(done, key=lambda pair: pair[1].tokens)
        leaders.append(("longest", f"{name} {longest.tokens:,} tok"))
    return tuple(leaders)


def total_cost(lanes: Iterable[LaneMetrics]) -> tuple[Decimal | None, bool]:
    """Return the cost of all lanes so far, and whether any part of it is estimated or missing."""
    rows = list(lanes)
    known = [m.cost for m in rows if m.cost is not None]
    # A lane that failed before its first token costs nothing, so its missing cost is not in doubt.
    vague = any(m.is_estimate if m.cost is not None else bool(m.tokens) or not m.is_over for m in rows)
    return (sum(known, Decimal(0)) if known else None), vague


def _overall_speed(tokens: int, first_token: float | None, seconds: float | None) -> float | None:
    if first_token is None or seconds is None or tokens < 2:
        return None
    spent = seconds - first_token
    return tokens / spent if spent > 0.05 else None


def _estimate_delta_tokens(text: str) -> float:
    """Estimate tokens by length alone: deltas arrive by the thousand and split words."""
    if text.isascii():
        return len(text) / 4
    wide = sum(1 for c in text if c > "\u2e7f")
    return (len(text) - wide) / 4 + wide * 2 / 3
