"""Answers the identical request from the local store, and asks identical requests of a batch once."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from tui_router.domain.cached import CachedAnswer, CacheRule, Held, read_age
from tui_router.domain.message import EndingKind, Message
from tui_router.domain.problem import Trouble
from tui_router.domain.request import ChatRequest
from tui_router.domain.settings import DEFAULT_AGE, Settings
from tui_router.openrouter.request import encode, to_body
from tui_router.services.writer import READ_PATIENCE, Writes

_log = logging.getLogger(__name__)

_UNSAID = ("stream", "session_id", "user")
"""Fields of a body that change nothing in the answer."""
_MOST_UNWRITTEN = 200


class AnswerStore(Protocol):
    """The answers on disk. Every call raises ``Trouble`` when the disk refuses."""

    def find(self, key: str) -> CachedAnswer | None:
        """Return the answer to a request, where there is one."""
        ...

    def keep(self, key: str, answer: CachedAnswer, model: str) -> None:
        """Keep an answer."""
        ...

    def clear(self) -> None:
        """Forget all."""
        ...

    def held(self) -> Held:
        """Return how many there are, how large and how old."""
        ...


class AnswerCache:
    """Answers by request, read as if they were written already. Safe from any thread; only ``held`` raises."""

    def __init__(
        self, store: AnswerStore, writes: Writes, site: Callable[[], str], now: Callable[[], datetime]
    ) -> None:
        """Take the store, what carries writes out, the address of the service in force, and the clock."""
        self._store = store
        self._writes = writes
        self._site = site
        self._now = now
        self._lock = threading.Lock()
        self._unwritten: dict[str, CachedAnswer] = {}
        self._cleared: datetime | None = None

    def key(self, request: ChatRequest) -> str:
        """Return what stands for a request; empty for one whose answer must not be used twice."""
        try:
            body = to_body(request)
        except Trouble:  # it will be refused, and the reason told, where it is sent
            return ""
        if _looks_elsewhere(body):
            return ""
        said = encode({name: value for name, value in body.items() if name not in _UNSAID})
        return hashlib.sha256(self._site().encode() + b"\n" + said).hexdigest()

    def find(self, key: str, max_age: timedelta) -> CachedAnswer | None:
        """Return the answer to a request that is not older than that."""
        with self._lock:
            found = self._unwritten.get(key)
        if found is None:
            try:
                found = self._store.find(key)
            except Trouble as trouble:  # asking again costs money, but it works
                _log.warning("the answer cache could not be read: %s", trouble)
        if found is None or self._now() - found.at > max_age:
            return None
        return found if self._cleared is None or found.at > self._cleared else None

    def keep(self, key: str, answer: CachedAnswer, model: str) -> None:
        """Keep an answer, behind everything else."""
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
        """Forget all answers: at once in here, and on disk as soon as that takes it."""
        with self._lock:
            self._cleared = self._now()
            self._unwritten.clear()
        self._writes.put(self._store.clear)

    def count(self) -> int:
        """Return how many answers there are, as far as they can be counted."""
        try:
            return self.held().count
        except Trouble:
            return len(self._unwritten)

    def held(self) -> Held:
        """Return what is on disk; raises ``Trouble``."""
        self._writes.wait(READ_PATIENCE)
        return self._store.held()


class CacheScope:
    """How one plan uses the cache. Each request is looked up once: what is checked is what is shown.

    Of equal requests of a plan only the first is answered from the cache: who asks a model twice wants two answers.
    """

    def __init__(self, cache: AnswerCache | None = None, max_age: timedelta = timedelta(0)) -> None:
        """Take the cache; without one nothing is looked up and nothing is kept."""
        self._cache = cache
        self._max_age = max_age
        self._lock = threading.Lock()
        self._keys: list[tuple[ChatRequest, str]] = []
        self._found: dict[str, CachedAnswer | None] = {}

    def key(self, request: ChatRequest) -> str:
        """Return what stands for a request; empty when it is not to be reused."""
        with self._lock:
            return self._key(request)

    def find(self, request: ChatRequest) -> CachedAnswer | None:
        """Return the earlier answer to a request."""
        with self._lock:
            key = self._key(request)
            if self._cache is None or not key or not self._is_first(request, key):
                return None
            if key not in self._found:
                self._found[key] = self._cache.find(key, self._max_age)
            return self._found[key]

    def keep(self, request: ChatRequest, message: Message) -> None:
        """Keep an answer that has ended, where it is whole."""
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
    """Say whether an answer depends on more than the request: tools, a search of the web."""
    plugins = body.get("plugins")
    names = {p.get("id") for p in plugins if isinstance(p, dict)} if isinstance(plugins, list) else set()
    models = [body.get("model"), *_texts(body.get("models"))]
    is_online = any(isinstance(m, str) and m.endswith(":online") for m in models)
    return bool(body.get("tools")) or "web_search_options" in body or "web" in names or is_online


def _texts(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def rule_of(settings: Settings, *, is_shell: bool) -> CacheRule:
    """Return what the settings say for the app, or for the shell."""
    on = ("shell", "all") if is_shell else ("all",)
    age = read_age(settings.cache.max_age) or read_age(DEFAULT_AGE) or timedelta(0)
    return CacheRule(is_on=settings.cache.answers in on, max_age=age, of_service=settings.cache.server)


class ConversationCache:
    """The answer caches as one conversation uses them, for questions that are asked for the first time."""

    def __init__(
        self, answers: AnswerCache | None, settings: Callable[[], Settings], *, is_temporary: bool = False
    ) -> None:
        self._answers = answers
        self._settings = settings
        self._is_temporary = is_temporary
        self.rule: CacheRule | None = None
        """What holds for this run; ``None`` is what the settings say for the app."""

    def reuse(self) -> CacheScope:
        """Return how the requests of one plan use our cache."""
        rule = self._rule_in_force()
        return CacheScope(self._answers, rule.max_age) if rule.is_on else CacheScope()

    def offered(self, requests: Sequence[ChatRequest]) -> list[ChatRequest]:
        """Return requests so that the service may answer them from its own cache, where that is wanted.

        It compares all that is sent, so the id of the conversation stays out. A model that is asked twice at
        once is to give two answers.
        """
        if not self._rule_in_force().of_service:
            return list(requests)
        found: list[ChatRequest] = []
        for request in requests:
            is_first = all(request.model != other.model for other in found)
            found.append(replace(request, session_id="", may_be_cached=True) if is_first else request)
        return found

    def _rule_in_force(self) -> CacheRule:
        """Nothing of a temporary conversation is kept anywhere, unless a run was told to."""
        if self.rule is not None:
            return self.rule
        return CacheRule() if self._is_temporary else rule_of(self._settings(), is_shell=False)


class Twins:
    """Who is asked just now. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[str, str] = {}
        """What is asked, by who asks it."""

    def enter(self, name: str, key: str) -> bool:
        """Begin to ask ``key``; ``False`` while somebody else does. An empty key is equal to no other."""
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
