"""Who may use the answer caches, ours and that of the service: the settings, the flags of a run, and for what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from tui_router.domain.cached import CacheRule, read_age
from tui_router.domain.request import ChatRequest
from tui_router.domain.settings import DEFAULT_AGE, Settings
from tui_router.services.cache import AnswerCache, Reuse


def rule_of(settings: Settings, *, is_shell: bool) -> CacheRule:
    """Return what the settings say for the app, or for the shell."""
    on = ("shell", "all") if is_shell else ("all",)
    age = read_age(settings.cache.max_age) or read_age(DEFAULT_AGE) or timedelta(0)
    return CacheRule(is_on=settings.cache.answers in on, max_age=age, of_service=settings.cache.server)


class Caching:
    """The answer caches as one conversation uses them, for questions that are asked for the first time."""

    def __init__(
        self, answers: AnswerCache | None, settings: Callable[[], Settings], *, is_temporary: bool = False
    ) -> None:
        self._answers = answers
        self._settings = settings
        self._is_temporary = is_temporary
        self.rule: CacheRule | None = None
        """What holds for this run; ``None`` is what the settings say for the app."""

    def reuse(self) -> Reuse:
        """Return how the requests of one plan use our cache."""
        rule = self._rule_in_force()
        return Reuse(self._answers, rule.max_age) if rule.is_on else Reuse()

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
