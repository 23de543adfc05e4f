"""Answers the identical request from the local store, and asks identical requests of a batch once."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from tui_router.domain.answer_cache import CachedAnswer, CacheRule, Held, read_age
from tui_router.domain.message import EndingKind, Message
from tui_router.domain.problem import AppError
from tui_router.domain.request import ChatRequest
from tui_router.domain.settings import DEFAULT_AGE, Settings
from tui_router.openrouter.request import encode, to_body
from tui_router.services.writer import READ_PATIENCE, Writes

_log = logging.getLogger(__name__)

_UNSAID = ("stream", "session_id", "user")
"""Body fields that do not affect the answer."""
_MOST_UNWRITTEN = 200


class AnswerStore(Protocol):
    """The answers on disk. Every call raises ``AppError`` on a disk failure."""

    def find(self, key: str) -> CachedAnswer | None:
        """Return the answer to a request; ``None`` if there is none."""
        ...

    def keep(self, key: str, answer: CachedAnswer, model: str) -> None:
        """Save an answer."""
        ...

    def clear(self) -> None:
        """Delete all answers."""
        ...

    def held(self) -> Held:
        """Return their number, size and age."""
        ...


class AnswerCache:
    """Answers by request, including those whose write is pending. Thread-safe; only ``held`` raises."""

    def __init__(
        self, store: AnswerStore, writes: Writes, site: Callable[[], str], now: Callable[[], datetime]
    ) -> None:
        """Take the store, the write queue, the current service address, and the clock."""
        self._store = store
        self._writes = writes
        self._site = site
        self._now = now
        self._lock = threading.Lock()
        self._unwritten: dict[str, CachedAnswer] = {}
        self._cleared: datetime | None = None

    def key(self, request: ChatRequest) -> str:
        """Return the cache key of a request; empty if its answer must not be reused."""
        try:
            body = to_body(request)
        except AppError:  # sending it will fail and report the reason
            return ""
        if _looks_elsewhere(body):
            return ""
        said = encode({name: value for name, value in body.items() if name not in _UNSAID})
        return hashlib.sha256(self._site().encode() + b"\n" + said).hexdigest()

    def find(self, key: str, max_age: timedelta) -> CachedAnswer | None:
        """Return the answer to a request if it is not older than ``max_age``."""
        with self._lock:
            found = self._unwritten.get(key)
        if found is None:
            try:
                found = self._store.find(key)
            except AppError as trouble:  # a cache miss costs money, but it works
                _log.warning("the answer cache could not be read: %s", trouble)
        if found is None or self._now() - found.at > max_age:
            return None
        return found if self._cleared is None or found.at > self._cleared else None

    def keep(self, key: str, answer: CachedAnswer, model: str) -> None:
        """Queue an answer for saving."""
        with self._lock:
            if len(self._unwritten) >= _MOST_UNWRITTEN:
                return
            self._unwritten[key] = answer

        def written() -> None:
            with self._lock:
                if self._unwritten.get(key) is answer:
                    del self._unwritten[key]

        self._writes.put(lambda: self._store.keep(key, answer, model), written)

    def clear(self) -> None:
        """Delete all answers: in memory immediately, on disk with the next write."""
        with self._lock:
            self._cleared = self._now()
            self._unwritten.clear()
        self._writes.put(self._store.clear)

    def count(self) -> int:
        """Return the number of answers, or of unwritten ones if the disk cannot be read."""
        try:
            return self.held().count
        except AppError:
            return len(self._unwritten)

    def held(self) -> Held:
        """Return what is on disk; raises ``AppError``."""
        self._writes.wait(READ_PATIENCE)
        return self._store.held()


class CacheScope:
    """One plan's view of the cache. Each request is looked up once, so checks and display agree.

    Only the first of several equal requests in a plan uses the cache: asking a model twice should give two answers.
    """

    def __init__(self, cache: AnswerCache | None = None, max_age: timedelta = timedelta(0)) -> None:
        """Take the cache; ``None`` disables lookups and saving."""
        self._cache = cache
        self._max_age = max_age
        self._lock = threading.Lock()
        self._keys: list[tuple[ChatRequest, str]] = []
        self._found: dict[str, CachedAnswer | None] = {}

    def key(self, request: ChatRequest) -> str:
        """Return the cache key of a request; empty if its answer must not be reused."""
        with self._lock:
            return self._key(request)

    def find(self, request: ChatRequest) -> CachedAnswer | None:
        """Return the cached answer to a request."""
        with self._lock:
            key = self._key(request)
            if self._cache is None or not key or not self._is_first(request, key):
                return None
            if key not in self._found:
                self._found[key] = self._cache.find(key, self._max_age)
            return self._found[key]

    def keep(self, request: ChatRequest, message: Message) -> None:
        """Save a finished answer if it is complete."""
        ending = message.ending
        if self._cache is None or ending is None or ending.kind is not EndingKind.COMPLETE or not message.text.strip():
            return
        if key := self.key(request):
            answer = CachedAnswer(
                parts=message.parts,
                served_model=message.served_model,
                provider=message.provider,
                at=message.cached_at or message.created,
            )
            self._cache.keep(key, answer, request.model)

    def _key(self, request: ChatRequest) -> str:
        if self._cache is None:
            return ""
        for seen, key in self._keys:
            if seen is request:
                return key
        key = self._cache.key(request)
        self._keys.append((request, key))
        return key

    def _is_first(self, request: ChatRequest, key: str) -> bool:
        return next(seen for seen, known in self._keys if known == key) is request


def _looks_elsewhere(body: dict[str, object]) -> bool:
    """Return whether an answer depends on more than the request: tools or web search."""
    plugins = body.get("plugins")
    names = {p.get("id") for p in plugins if isinstance(p, dict)} if isinstance(plugins, list) else set()
    models = [body.get("model"), *_texts(body.get("models"))]
    is_online = any(isinstance(m, str) and m.endswith(":online") for m in models)
    return bool(body.get("tools")) or "web_search_options" in body or "web" in names or is_online


def _texts(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def rule_of(settings: Settings, *, is_shell: bool) -> CacheRule:
    """Return the cache rule in the settings, for the app or for the shell."""
    on = ("shell", "all") if is_shell else ("all",)
    age = read_age(settings.cache.max_age) or read_age(DEFAULT_AGE) or timedelta(0)
    return CacheRule(is_on=settings.cache.answers in on, max_age=age, of_service=settings.cache.server)


class ConversationCache:
    """The answer caches as one conversation uses them, for new questions only."""

    def __init__(
        self, answers: AnswerCache | None, settings: Callable[[], Settings], *, is_temporary: bool = False
    ) -> None:
        self._answers = answers
        self._settings = settings
        self._is_temporary = is_temporary
        self.rule: CacheRule | None = None
        """Override for this run; ``None`` uses the app's settings."""

    def reuse(self) -> CacheScope:
        """Return the view of our cache for the requests of one plan."""
        rule = self._rule_in_force()
        return CacheScope(self._answers, rule.max_age) if rule.is_on else CacheScope()

    def offered(self, requests: Sequence[ChatRequest]) -> list[ChatRequest]:
        """Mark requests that the service may answer from its own cache, if the settings allow it.

        The service compares complete requests, so the conversation id is left out. A model that is asked twice should
        give two answers.
        """
        if not self._rule_in_force().of_service:
            return list(requests)
        found: list[ChatRequest] = []
        for request in requests:
            is_first = all(request.model != other.model for other in found)
            found.append(replace(request, session_id="", may_be_cached=True) if is_first else request)
        return found

    def _rule_in_force(self) -> CacheRule:
        """Temporary conversations do not use a cache unless this run enables it."""
        if self.rule is not None:
            return self.rule
        return CacheRule() if self._is_temporary else rule_of(self._settings(), is_shell=False)


class Twins:
    """The requests in flight. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[str, str] = {}
        """What is asked, by who asks it."""

    def enter(self, name: str, key: str) -> bool:
        """Start a request with this key; ``False`` while an equal one is running. An empty key equals no other."""
        with self._lock:
            if key and key in self._asked.values():
                return False
            if key:
                self._asked[name] = key
            return True

    def leave(self, name: str) -> None:
        """It has ended."""
        with self._lock:
            self._asked.pop(name, None)
