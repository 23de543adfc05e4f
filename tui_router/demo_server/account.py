"""The account behind the demo server: what was spent, by which key, and a record of every answer. Kept in memory."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal

from tui_router.demo_server.wire import Wire

START_CREDITS = Decimal(25)
"""Dollars that the account begins with."""
KEY_LIMIT = Decimal(100)
FREE_REQUESTS_A_DAY = 1000
_RECORD_DELAY = 0.5


@dataclass(slots=True)
class _Record:
    body: Wire
    visible_at: float
    looked: int = 0


class Account:
    """Money, counters and generation records; every method may be called from any thread."""

    def __init__(self, credits: Decimal = START_CREDITS) -> None:
        self.credits = credits
        self._lock = threading.Lock()
        self._spent: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._free_used = 0
        self._records: dict[str, _Record] = {}
        self._tries: Counter[str] = Counter()

    @property
    def spent(self) -> Decimal:
        """Dollars spent by all keys together."""
        with self._lock:
            return sum(self._spent.values(), Decimal(0))

    @property
    def balance(self) -> Decimal:
        """Dollars left."""
        return self.credits - self.spent

    def charge(self, key: str, cost: Decimal, *, is_free: bool) -> None:
        """Take the cost of one answer."""
        with self._lock:
            self._spent[key] += cost
            self._free_used += is_free

    def fails_again(self, scenario: str, tries: int) -> bool:
        """Count a try of a flaky scenario; false when it is time to answer, and the count begins again."""
        if tries == 0:
            return True
        with self._lock:
            self._tries[scenario] += 1
            if self._tries[scenario] <= tries:
                return True
            del self._tries[scenario]
            return False

    def write_down(self, record: Wire, *, now: float, speed: float) -> None:
        """Keep the record of an answer; it becomes visible half a second later, or on the second look at speed 0."""
        visible_at = now + _RECORD_DELAY / speed if speed > 0 else float("inf")
        with self._lock:
            self._records[record["id"]] = _Record(record, visible_at)

    def generation(self, wanted: str, now: float) -> Wire | None:
        """Return a record, or ``None`` while it is not written yet."""
        with self._lock:
            record = self._records.get(wanted)
            if record is None:
                return None
            record.looked += 1
            is_visible = now >= record.visible_at or (record.visible_at == float("inf") and record.looked > 1)
            return record.body if is_visible else None

    def key_body(self, key: str) -> Wire:
        """Return what ``GET /key`` says."""
        with self._lock:
            used, free = float(self._spent[key]), self._free_used
        left = float(KEY_LIMIT) - used
        byok = dict.fromkeys(("byok_usage", "byok_usage_daily", "byok_usage_weekly", "byok_usage_monthly"), 0)
        usage = dict.fromkeys(("usage", "usage_daily", "usage_weekly", "usage_monthly"), used)
        return {
            "label": f"{key[:12]}...{key[-3:]}",
            "limit": float(KEY_LIMIT),
            "limit_remaining": left,
            "limit_reset": "monthly",
            "include_byok_in_limit": False,
            **usage,
            **byok,
            "is_free_tier": False,
            "is_management_key": False,
            "is_provisioning_key": False,
            "creator_user_id": "user_demo",
            "expires_at": None,
            "rate_limit": {
                "requests": -1,
                "interval": "10s",
                "note": "This field is deprecated and safe to ignore.",
            },
            "free_model_daily_requests": {
                "used": free,
                "limit": FREE_REQUESTS_A_DAY,
                "remaining": max(0, FREE_REQUESTS_A_DAY - free),
            },
            "workspace_id": None,
            "organization_id": None,
            "allowed_data_regions": ["global"],
            "effective_budget": None,
            "budgets": [],
        }
