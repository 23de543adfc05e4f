"""Start-up messages: unfinished work, catalogue changes, and one-time hints."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from tui_router.domain.catalog_diff import Changes, changes
from tui_router.domain.library import Summary
from tui_router.domain.model import Model, is_chat_model
from tui_router.domain.safe import clean_line
from tui_router.domain.usage import Pricing
from tui_router.services.app_state import StateStore
from tui_router.services.library import Returning

_HINTS_KEY = "hints"
_SEEN_KEY = "seen_models"
_MOST_OFFERS = 3


class Hint(StrEnum):
    """An occasion for a one-time hint."""

    FIRST_ANSWER = "first_answer"
    STOPPED = "stopped"
    LONG_ANSWER = "long_answer"
    SECOND_VERSION = "second_version"
    COMPARED = "compared"
    MANY_CONVERSATIONS = "many_conversations"
    DEAR = "dear"


HINTS = {
    Hint.FIRST_ANSWER: "Ctrl+L models · F3 compare · Tab then y copies · F1 all keys",
    Hint.STOPPED: "What came is kept. Tab, then u continues it, r asks again",
    Hint.LONG_ANSWER: "Shift+Up and Shift+Down go from turn to turn, Ctrl+F finds words, End follows again",
    Hint.SECOND_VERSION: "Both versions are kept: Tab, then [ and ] walk them, t shows the whole tree, D what differs",
    Hint.COMPARED: "Enter keeps a lane's answer, v votes blind, D shows what differs, m merges them into one",
    Hint.MANY_CONVERSATIONS: "Ctrl+S searches every word of all conversations; F4 keeps them beside the chat",
    Hint.DEAR: "/budget 5/day sets a limit; /cost says where the money went",
}
"""The text of each hint."""


class Hints:
    """Shows each hint once, across instances and starts."""

    def __init__(self, app_state: StateStore, is_wanted: Callable[[], bool]) -> None:
        self._app_state = app_state
        self._is_wanted = is_wanted
        self._seen: set[str] | None = None

    def once(self, hint: Hint) -> str:
        """Return the text of a hint the first time; an empty string afterwards, or if hints are disabled."""
        if not self._is_wanted():
            return ""
        if self._seen is None:
            self._seen = set(_texts(self._app_state.get(_HINTS_KEY)))
        if hint.value in self._seen:
            return ""
        self._seen.add(hint.value)
        is_new = True

        def add(kept: object) -> list[str]:
            nonlocal is_new
            seen = _texts(kept)
            is_new = hint.value not in seen
            return [*seen, hint.value] if is_new else seen

        self._app_state.change(_HINTS_KEY, add)
        return HINTS[hint] if is_new else ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A conversation to continue, with the reason."""

    conversation_id: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """The start-up messages, most important first, without empty lines."""

    lines: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    """At most three: interrupted answers first, then drafts."""


def welcome(returning: Returning, *, key: str = "", model_notice: str = "") -> Welcome:
    """Return the start-up messages.

    Args:
        returning: What waits.
        key: One line about the key's source; see ``Account.where``.
        model_notice: Why another model answers than the one that was chosen; see ``Choice.notice``.
    """
    cut = [Offer(s.id, f"Continue “{_title(s)}”: its answer was interrupted") for s in returning.unfinished]
    told = {s.id for s in returning.unfinished}
    drafts = [Offer(s.id, f"Go on writing in “{_title(s)}”") for s in returning.drafts if s.id not in told]
    lines = tuple(clean_line(line) for line in (key, model_notice, returning.sentence) if line)
    return Welcome(lines=lines, offers=tuple((cut + drafts)[:_MOST_OFFERS]))


class CatalogueNews:
    """Catalogue changes since the last report, whichever instance or command fetched them."""

    def __init__(self, app_state: StateStore, now: Callable[[], datetime]) -> None:
        self._app_state = app_state
        self._now = now

    def tell(self, models: Iterable[Model], mine: Collection[str]) -> str:
        """Return one line of news, or an empty string, and mark it as reported. The first call reports nothing.

        Args:
            models: The current catalogue.
            mine: Ids that are used, favourite or chosen: only these are named.
        """
        present = {m.id: m for m in models if is_chat_model(m)}
        if not present:
            return ""
        before: dict[str, Model] = {}

        def put(kept: object) -> dict[str, list[str | None]]:
            nonlocal before
            before = _models(kept)
            return {i: _marks(m) for i, m in present.items()}

        self._app_state.change(_SEEN_KEY, put)
        if not before:
            return ""
        found = changes(before.values(), present.values(), self._now().date())
        return _untold(found, before).sentence(mine)


def _untold(found: Changes, before: Mapping[str, Model]) -> Changes:
    """Drop expirations that were already announced."""
    left = tuple((i, day) for i, day in found.expiring if i not in before or before[i].expires != day)
    return replace(found, expiring=left)


def _marks(model: Model) -> list[str | None]:
    """Return the stored state of a model: both prices and its expiration date."""
    pricing = model.pricing
    prices = (None, None) if pricing.varies else (pricing.prompt, pricing.completion)
    return [
        *(None if price is None else format(price, "f") for price in prices),
        model.expires.isoformat() if model.expires else None,
    ]


def _models(kept: object) -> dict[str, Model]:
    """Parse the stored models, ignoring damaged entries."""
    found: dict[str, Model] = {}
    for model_id, marks in kept.items() if isinstance(kept, dict) else ():
        if isinstance(model_id, str) and isinstance(marks, list) and len(marks) == 3:
            prompt, completion, expires = marks
            pricing = Pricing(prompt=_decimal(prompt), completion=_decimal(completion))
            found[model_id] = Model(id=model_id, name=model_id, pricing=pricing, expires=_day(expires))
    return found


def _decimal(text: object) -> Decimal | None:
    try:
        return Decimal(text) if isinstance(text, str) else None
    except InvalidOperation:
        return None


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _texts(kept: object) -> list[str]:
    return [v for v in kept if isinstance(v, str)] if isinstance(kept, list) else []


def _title(summary: Summary) -> str:
    return clean_line(summary.title, 60) or "Untitled"
