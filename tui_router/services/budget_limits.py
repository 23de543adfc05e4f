"""The spending limits in effect: those in the settings file, or the last valid ones while it cannot be read.

A limit is only lifted by a readable file that says so. The last valid limits are stored separately from the
file, in the database, so that a syntax error anywhere in it cannot disable a budget. If no valid limit is stored,
``problem`` is set, and paid requests are refused until the file is corrected.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation

from tui_router.domain.charge import Cap, Shortfall
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.settings import value_at
from tui_router.domain.usage import money
from tui_router.services.app_state import StateStore
from tui_router.services.preferences import Preferences
from tui_router.storage.paths import AppPaths
from tui_router.storage.settings import LoadedSettings, load_settings, settings_stamp

_KEY = "money.limits"
_WARN_ABOVE = "money.warn_above"
LIMITS = {
    "day": "money.daily_budget",
    "month": "money.monthly_budget",
    "conversation": "money.conversation_budget",
}
"""Cap name to setting path."""
_GUARDS = (*LIMITS.values(), _WARN_ABOVE)
BUDGETS = {"day": "daily budget", "month": "monthly budget", "conversation": "budget for each conversation"}
"""Cap name to its name in a sentence."""
_WORDS = {"day": "Today's budget", "month": "This month's budget", "conversation": "This conversation's budget"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsInForce:
    """Spending limits in dollars; 0 is no limit."""

    daily: Decimal = Decimal(0)
    monthly: Decimal = Decimal(0)
    conversation: Decimal = Decimal(0)
    warn_above: Decimal = Decimal(0)
    """Ask before a turn that may cost more; 0 never asks."""
    problem: Problem | None = None
    """Why paid requests are refused: a limit could not be read and no valid one is stored."""
    remembered: frozenset[str] = frozenset()
    """Setting paths whose last valid value is used because the file's value could not be read."""

    def of(self, name: str) -> Decimal:
        """Return the limit of a cap: ``day``, ``month`` or ``conversation``."""
        return {"day": self.daily, "month": self.monthly, "conversation": self.conversation}[name]


class MoneyLimits:
    """Owns the limits. Thread-safe. Checks the file before every answer, and reads it only if it changed.

    Args:
        read: Reads the settings file.
        stamp: Returns a different value after every change to the file.
        notebook: Stores the last valid limits.
        tell: Receives each notice for the user once.
        now: The clock.
        zone: Time zone of day boundaries; ``None`` is the local one.
        overrides: Values that environment or flags set for this run, by path.
    """

    def __init__(
        self,
        *,
        read: Callable[[], LoadedSettings],
        stamp: Callable[[], object],
        app_state: StateStore,
        tell: Callable[[Problem], None],
        now: Callable[[], datetime],
        zone: tzinfo | None = None,
        overrides: Callable[[], Mapping[str, Decimal]] = dict,
    ) -> None:
        self._read = read
        self._stamp = stamp
        self._app_state = app_state
        self._tell = tell
        self._now = now
        self._zone = zone
        self._overrides = overrides
        self._lock = threading.RLock()
        self._seen: object = self  # never a stamp: the first look reads
        self._good: dict[str, Decimal] = {}
        self._in_force = LimitsInForce()

    def current(self) -> LimitsInForce:
        """Return the current limits: another instance or an editor may have changed the file."""
        with self._lock:
            stamp = self._stamp()
            if stamp != self._seen:
                self._take(self._read())
                self._seen = stamp  # taken before the file was read: a change meanwhile is seen next time
            over = self._overrides()
            return _over(self._in_force, over) if over else self._in_force

    @property
    def warn_above(self) -> Decimal:
        """Ask before a request that may cost more dollars; 0 never asks."""
        return self.current().warn_above

    def problem(self) -> Problem | None:
        """Return why paid requests are refused; ``None`` if they are not."""
        return self.current().problem

    def caps(self, conversation_id: str | None) -> tuple[Cap, ...]:
        """Return the caps that apply to a charge made now."""
        return caps(self.current(), conversation_id, self._now(), self._zone)

    def explain(self, shortfall: Shortfall, wanted: Decimal, worst: str = "") -> Problem:
        """Return the problem of a cap that a request would exceed."""
        return budget_problem(shortfall, wanted, worst)

    def last_good(self) -> dict[str, Decimal]:
        """Return the last valid values by path; empty if there are none."""
        self.current()
        with self._lock:
            return dict(self._good)

    def _take(self, loaded: LoadedSettings) -> None:
        # Another instance may have read a newer file.
        kept = self._good = self._remembered() or self._good
        found = {path: value_at(loaded.stored, path) for path in _GUARDS}
        problem: Problem | None = None
        recalled = [path for path in _GUARDS if path in loaded.unread]
        for path in recalled:
            last = kept.get(path)
            # "No limit" is no last good limit where the file, unreadable as it is, seems to set one.
            is_unlimited = not last and path in LIMITS.values() and path in loaded.mentioned
            if last is None or is_unlimited:
                problem = problem or _unreadable(loaded.unread[path], path)
            found[path] = last if last is not None else found[path]
        if recalled and problem is None and any(found[path] for path in recalled if path != _WARN_ABOVE):
            self._tell(_still_counting(found, recalled))
        self._in_force = _limits(found, problem, frozenset(recalled))
        if not loaded.is_there:
            self._forget(kept)
        elif problem is None:
            self._remember(found, kept)

    def _remember(self, found: Mapping[str, Decimal], kept: Mapping[str, Decimal]) -> None:
        self._good = dict(found)
        if self._good != kept:
            self._save(self._good)

    def _forget(self, kept: Mapping[str, Decimal]) -> None:
        """Treat a missing file as a reset: deleting it is how people reset, and there is no line to correct.

        The stored limits are deleted too, or a later file with an error would restore outdated limits. The user is
        told which limits ended, in case the file was lost by accident.
        """
        lost = [f"the {BUDGETS[n]} of {money(kept[p])}" for n, p in LIMITS.items() if kept.get(p)]
        self._good = {}
        if kept:
            self._save({})
        if lost:
            names = " and ".join([", ".join(lost[:-1]), lost[-1]] if len(lost) > 1 else lost)
            self._tell(
                Problem(
                    kind=ErrorKind.SETTINGS,
                    title="A budget ended",
                    detail=f"{names[0].upper()}{names[1:]} {'is' if len(lost) == 1 else 'are'} gone with settings.toml",
                    hint="Set it again with /budget",
                )
            )

    def _remembered(self) -> dict[str, Decimal]:
        try:
            return _values(self._app_state.get(_KEY))
        except AppError:
            return {}  # without stored limits, an unreadable limit refuses paid requests

    def _save(self, values: Mapping[str, Decimal]) -> None:
        texts = {path: str(value) for path, value in values.items()} or None
        try:
            self._app_state.change(_KEY, lambda _: texts)
        except AppError as trouble:
            self._tell(replace(trouble.problem, detail="The limits in force could not be kept apart from the file"))


def open_limits(
    paths: AppPaths,
    preferences: Preferences,
    app_state: StateStore,
    tell: Callable[[Problem], None],
    now: Callable[[], datetime],
) -> MoneyLimits:
    """Return the limits of a settings file, read once so that valid limits are stored separately."""

    def overrides() -> dict[str, Decimal]:
        current, stored = preferences.current, preferences.stored
        if current.money == stored.money:
            return {}
        return {p: value_at(current, p) for p in _GUARDS if value_at(current, p) != value_at(stored, p)}

    limits = MoneyLimits(
        read=lambda: load_settings(paths),
        stamp=lambda: settings_stamp(paths),
        app_state=app_state,
        tell=tell,
        now=now,
        overrides=overrides,
    )
    limits.current()
    preferences.last_good = limits.last_good
    return limits


def caps(
    limits: LimitsInForce, conversation_id: str | None, now: datetime, zone: tzinfo | None = None
) -> tuple[Cap, ...]:
    """Return the caps that apply to a charge made now. Days are local, correct across daylight-saving changes.

    ``conversation_id`` is the conversation that pays; ``None`` means no conversation budget applies.
    """
    found = []
    if limits.daily > 0:
        found.append(Cap(name="day", limit=limits.daily, since=day_of(now, zone)))
    if limits.monthly > 0:
        found.append(Cap(name="month", limit=limits.monthly, since=month_of(now, zone)))
    if limits.conversation > 0 and conversation_id:
        found.append(Cap(name="conversation", limit=limits.conversation, conversation_id=conversation_id))
    return tuple(found)


def day_of(now: datetime, zone: tzinfo | None = None) -> datetime:
    """Return the start of the local day of ``now``, in UTC. ``zone`` ``None`` is the local one."""
    return _midnight(now.astimezone(zone), zone)


def month_of(now: datetime, zone: tzinfo | None = None) -> datetime:
    """Return the start of the local month of ``now``, in UTC."""
    return _midnight(now.astimezone(zone).replace(day=1), zone)


def budget_problem(shortfall: Shortfall, wanted: Decimal, worst: str = "") -> Problem:
    """Return the problem of a budget with too little left for a request that may cost ``wanted`` dollars.

    ``worst`` describes how that maximum arises.
    """
    cap, spent, held = shortfall.cap, shortfall.spent, shortfall.held
    figures = [f"The limit is {money(cap.limit)}", f"{money(spent)} is spent"]
    if held:
        figures.append(f"{money(held)} is reserved by what is running")
    figures.append(f"this could cost up to {money(wanted)}" + (f": {worst}" if worst else ""))
    is_used_up = spent >= cap.limit
    shorter = "" if is_used_up else "lower max_tokens with /set options.max_tokens N, "
    waits = "Wait for what is running, or r" if held and spent + wanted <= cap.limit else "R"
    return Problem(
        kind=ErrorKind.BUDGET,
        title=f"{_WORDS[cap.name]} {'is used up' if is_used_up else 'leaves too little'}",
        detail=", ".join(figures),
        hint=f"{waits}aise it with /budget AMOUNT/{cap.name}, {shorter}or pick a free model",
    )


def _midnight(local: datetime, zone: tzinfo | None) -> datetime:
    naive = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)
    # The UTC offset at midnight may differ from now's; without a zone the system's rules apply.
    return (naive.replace(tzinfo=zone) if zone is not None else naive.astimezone()).astimezone(UTC)


def _limits(values: Mapping[str, Decimal], problem: Problem | None, remembered: frozenset[str]) -> LimitsInForce:
    return LimitsInForce(
        daily=values["money.daily_budget"],
        monthly=values["money.monthly_budget"],
        conversation=values["money.conversation_budget"],
        warn_above=values[_WARN_ABOVE],
        problem=problem,
        remembered=remembered,
    )


def _over(limits: LimitsInForce, over: Mapping[str, Decimal]) -> LimitsInForce:
    values = {path: over.get(path, limits.of(name)) for name, path in LIMITS.items()}
    values[_WARN_ABOVE] = over.get(_WARN_ABOVE, limits.warn_above)
    return _limits(values, limits.problem, limits.remembered)


def _values(kept: object) -> dict[str, Decimal]:
    """Parse the stored limits, ignoring invalid values."""
    found: dict[str, Decimal] = {}
    for path, text in kept.items() if isinstance(kept, dict) else ():
        try:
            value = Decimal(text) if isinstance(text, str) else Decimal("NaN")
        except InvalidOperation:
            continue
        if path in _GUARDS and value.is_finite() and value >= 0:
            found[path] = value
    return found


def _unreadable(cause: Problem, path: str) -> Problem:
    where = f"{cause.title}. {cause.detail}" if cause.detail else cause.title
    return Problem(
        kind=ErrorKind.BUDGET,
        title="The limits on spending cannot be read",
        detail=f"{where}. Until it is mended only free models are asked, since {path} may be set there",
        hint="Mend that line, or set the limits anew with /budget; free models answer meanwhile",
    )


def _still_counting(found: Mapping[str, Decimal], recalled: list[str]) -> Problem:
    limits = [f"the {BUDGETS[n]} of {money(found[p])}" for n, p in LIMITS.items() if p in recalled and found[p]]
    return Problem(
        kind=ErrorKind.SETTINGS,
        title="The last good limits go on counting",
        detail=f"settings.toml cannot be read as it is; in force: {', '.join(limits)}",
        hint="Mend the file; /budget shows what counts",
    )
