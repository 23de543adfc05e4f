"""What can be told of a lane in numbers, while it streams and after. Pure: time is handed in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui_router.domain.events import Event, FirstToken, ReasoningDelta, TextDelta
from tui_router.domain.message import EndingKind, Message
from tui_router.domain.model import Model
from tui_router.domain.stream import Phase, StreamState
from tui_router.domain.tokens import estimate_tokens
from tui_router.domain.usage import Usage, cost_of, money

_BARS = "▁▂▃▄▅▆▇█"
_BUCKET = 0.5
"""Seconds that one bar of the sparkline stands for."""
_KEPT = 24
_RATE_OVER = 4
"""Buckets that the live speed is taken over: two seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One lane at one moment. ``None`` is not known yet."""

    phase: Phase = Phase.WAITING
    waited: float = 0.0
    """Seconds since the question was sent; of an answer that ended, in all."""
    first_token: float | None = None
    speed: float | None = None
    """Tokens a second: lately while it streams, over all after it ended."""
    history: tuple[float, ...] = ()
    """Tokens a second of each half second, oldest first."""
    tokens: int = 0
    reasoning_tokens: int = 0
    is_counted: bool = False
    """True when the service counted the tokens; otherwise they are a guess."""
    cost: Decimal | None = None
    is_estimate: bool = True
    standing: str = ""
    """Place and wait of a request that our own limit holds back."""

    @property
    def is_over(self) -> bool:
        """True when nothing more will come."""
        return self.phase in (Phase.DONE, Phase.STOPPED, Phase.FAILED)


class Meter:
    """Counts one answer while it streams. Events go in with the time; ``figures`` says what is known then."""

    def __init__(self, started: float, *, model: Model | None = None, prompt_tokens: int = 0) -> None:
        """Start to count at ``started`` seconds; a price makes the cost so far known, as an estimate."""
        self._started = started
        self._model = model
        self._prompt_tokens = prompt_tokens
        self._tokens = 0.0
        self._thought = 0.0
        self._buckets: deque[float] = deque(maxlen=_KEPT)
        self._bucket_at = started
        self._state = StreamState()
        self._ended: float | None = None

    def take(self, events: Iterable[Event], now: float) -> None:
        """Count a batch of events. Words are counted, not kept."""
        self._turn_over(now)
        for event in events:
            if isinstance(event, TextDelta | ReasoningDelta):
                count = _tokens(event.text)
                self._tokens += count
                self._thought += count if isinstance(event, ReasoningDelta) else 0.0
                self._buckets[-1] += count
                event = type(event)("")
            self._state.apply(event)
            if isinstance(event, FirstToken) and not self._tokens:
                # What was waited for belongs to the time to the first token, not to the speed.
                self._buckets.clear()
                self._buckets.append(0.0)
                self._bucket_at = now
        if self._state.ending is not None and self._ended is None:
            self._ended = now

    def figures(self, now: float) -> Figures:
        """Return what is known at ``now`` seconds."""
        state = self._state
        self._turn_over(now if self._ended is None else self._ended)
        usage = state.usage
        rates = tuple(b / _BUCKET for b in list(self._buckets)[:-1])
        waited = (self._ended or now) - self._started
        tokens = usage.completion_tokens if usage is not None else round(self._tokens)
        seconds = state.seconds if state.seconds is not None else waited
        if state.ending is not None:
            speed = _overall(tokens, state.first_token, seconds)
        else:
            lately = rates[-_RATE_OVER:]
            speed = sum(lately) / len(lately) if self._tokens and lately else None
        return Figures(
            phase=state.phase,
            waited=seconds if state.ending is not None else waited,
            first_token=state.first_token,
            speed=speed,
            history=rates if self._tokens else (),
            tokens=tokens,
            reasoning_tokens=usage.reasoning_tokens if usage is not None else round(self._thought),
            is_counted=usage is not None,
            cost=self._cost(usage, tokens),
            is_estimate=usage is None or usage.cost is None or usage.is_estimate,
            standing=state.queued.standing if state.queued is not None else "",
        )

    def _cost(self, usage: Usage | None, tokens: int) -> Decimal | None:
        if usage is not None and usage.cost is not None:
            return usage.cost
        if self._model is None or self._state.phase in (Phase.QUEUED, Phase.CONNECTING, Phase.RETRYING):
            return None
        guess = Usage(prompt_tokens=self._prompt_tokens, completion_tokens=tokens)
        return cost_of(guess, self._model.pricing) if tokens else None

    def _turn_over(self, now: float) -> None:
        """Begin the buckets that time has opened; long silence costs no more than a row of them."""
        if not self._buckets:
            self._buckets.append(0.0)
        passed = int((now - self._bucket_at) / _BUCKET)
        if passed > 0:
            self._buckets.extend([0.0] * min(passed, _KEPT))
            self._bucket_at += passed * _BUCKET


def figures_of(message: Message) -> Figures:
    """Return the figures of a saved answer."""
    usage, timing = message.usage, message.timing
    kind = message.ending.kind if message.ending is not None else EndingKind.INTERRUPTED
    tokens = usage.completion_tokens if usage is not None else estimate_tokens(message.text + message.reasoning)
    return Figures(
        phase={EndingKind.CANCELLED: Phase.STOPPED, EndingKind.FAILED: Phase.FAILED}.get(
            kind, Phase.FAILED if kind is EndingKind.INTERRUPTED else Phase.DONE
        ),
        waited=timing.total or 0.0,
        first_token=timing.first_token,
        speed=_overall(tokens, timing.first_token, timing.total),
        tokens=tokens,
        reasoning_tokens=usage.reasoning_tokens if usage is not None else 0,
        is_counted=usage is not None,
        cost=usage.cost if usage is not None else None,
        is_estimate=usage.is_estimate if usage is not None else True,
    )


def sparkline(rates: Sequence[float], cells: int) -> str:
    """Return the last ``cells`` rates as bars; the highest of them is the full one."""
    last = rates[-cells:] if cells > 0 else ()
    top = max(last, default=0.0)
    if top <= 0:
        return ""
    return "".join(_BARS[min(len(_BARS) - 1, int(r / top * (len(_BARS) - 1) + 0.5))] for r in last)


def ranking(lanes: Sequence[tuple[str, Figures]]) -> tuple[tuple[str, str], ...]:
    """Return who leads, as (what, label and figure): first token, speed, cost and length.

    A title needs two lanes that can be held against each other; speed and cost are given to answers
    that ended by themselves only, so that nobody wins by stopping.
    """
    done = [(n, f) for n, f in lanes if f.phase is Phase.DONE]
    found: list[tuple[str, str]] = []
    begun = [(n, f.first_token) for n, f in lanes if f.first_token is not None]
    if begun:
        name, at = min(begun, key=lambda pair: pair[1])
        found.append(("first", f"{name} {at:.1f} s"))
    fast = [(n, f.speed) for n, f in done if f.speed is not None]
    if len(fast) > 1:
        name, speed = max(fast, key=lambda pair: pair[1])
        found.append(("fastest", f"{name} {speed:.0f} tok/s"))
    priced = [(n, f.cost, f.is_estimate) for n, f in done if f.cost is not None]
    if len(priced) > 1:
        name, cost, is_estimate = min(priced, key=lambda row: row[1])
        found.append(("cheapest", f"{name} {money(cost, approximate=is_estimate)}"))
    if len(done) > 1:
        name, longest = max(done, key=lambda pair: pair[1].tokens)
        found.append(("longest", f"{name} {longest.tokens:,} tok"))
    return tuple(found)


def total_cost(lanes: Iterable[Figures]) -> tuple[Decimal | None, bool]:
    """Return what all lanes cost so far, and whether a part of it is a guess or missing."""
    rows = list(lanes)
    known = [f.cost for f in rows if f.cost is not None]
    # A lane that failed before its first token costs nothing and is not in doubt.
    vague = any(f.is_estimate if f.cost is not None else bool(f.tokens) or not f.is_over for f in rows)
    return (sum(known, Decimal(0)) if known else None), vague


def _overall(tokens: int, first_token: float | None, seconds: float | None) -> float | None:
    if first_token is None or seconds is None or tokens < 2:
        return None
    spent = seconds - first_token
    return tokens / spent if spent > 0.05 else None


def _tokens(text: str) -> float:
    """Guess tokens of a piece that streams: by its length alone, since pieces come by the thousand and cut words."""
    if text.isascii():
        return len(text) / 4
    wide = sum(1 for c in text if c > "\u2e7f")
    return (len(text) - wide) / 4 + wide * 2 / 3
