"""The core: all services that are needed after the first frame, connected to each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from tui_router.domain.account import Health
from tui_router.domain.conversation import Conversation
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import AppError, Problem
from tui_router.openrouter.client import OpenRouter
from tui_router.services.account import Account
from tui_router.services.answer_cache import AnswerCache
from tui_router.services.app_state import AppState
from tui_router.services.budget_limits import MoneyLimits
from tui_router.services.catalog import Catalog
from tui_router.services.chat import Chat, ConversationDependencies
from tui_router.services.clients import Clients, KeyGate
from tui_router.services.conversation_journal import ConversationJournal, JournalWriter
from tui_router.services.cost_lookups import CostLookups
from tui_router.services.estimates import Estimates
from tui_router.services.free_requests import FreeRequests
from tui_router.services.ledger import Ledger
from tui_router.services.library import Library
from tui_router.services.model_resolution import Identity, with_suggestions
from tui_router.services.notices import Notices
from tui_router.services.outbox import Outboxes
from tui_router.services.overflow import OverflowFiles, refuges
from tui_router.services.paid_requests import PaidRequestParts, PaidRequests
from tui_router.services.preferences import Preferences
from tui_router.services.rate_limiter import RateLimits
from tui_router.services.rescue import Rescue
from tui_router.services.submission import Submission
from tui_router.services.writer import READ_PATIENCE, StoreWriter
from tui_router.storage.charges import Charges
from tui_router.storage.comparisons import LAST, Lineups
from tui_router.storage.database import Database
from tui_router.storage.paths import AppPaths

if TYPE_CHECKING:
    from tui_router.services.doctor import Doctor, TerminalFacts
    from tui_router.services.leaderboard import Leaderboard
    from tui_router.services.spending import Spending

_START_PATIENCE = 0.5
"""Seconds that start-up waits for the disk."""
_CLOSE_PATIENCE = 1.0
"""Seconds that shutdown waits for the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The independent services that the core connects."""

    library: Library
    temporary: Library
    """Temporary conversations, kept in memory only."""
    catalog: Catalog
    identity: Identity
    account: Account
    free: FreeRequests
    charges: Charges
    ledger: Ledger
    money: MoneyLimits
    estimates: Estimates
    limits: RateLimits
    make_spending: Callable[[], Spending]
    make_leaderboard: Callable[[], Leaderboard]
    lineups: Lineups
    state: AppState
    notices: Notices
    writes: StoreWriter
    overflow_files: OverflowFiles
    answers: AnswerCache
    databases: tuple[Database, ...]


class Core:
    """Connects the services and owns their shutdown. Thread-safe."""

    def __init__(self, paths: AppPaths, parts: Parts, preferences: Preferences, clients: Clients) -> None:
        self.library = parts.library
        self.temporary = parts.temporary
        self.catalog = parts.catalog
        self.identity = parts.identity
        self.account = parts.account
        self.ledger = parts.ledger
        self.money = parts.money
        self.charges = parts.charges
        self.estimates = parts.estimates
        self.lineups = parts.lineups
        self.state = parts.state
        self._paths = paths
        self._databases = parts.databases
        self._limits = parts.limits
        self.preferences = preferences
        self._clients = clients
        self.notices = parts.notices
        self.writes = parts.writes
        self.answers = parts.answers
        self.outboxes = Outboxes(parts.library.drafts, self.writes.put)
        self.rescue = Rescue(parts.library, self.outboxes, refuges(paths), utc_now)
        self._journal_writers = {
            False: JournalWriter(parts.library.messages, self.writes.put),
            True: JournalWriter(parts.temporary.messages, parts.temporary.writes.put),
        }
        self._overflow_files = parts.overflow_files
        self.paid_requests = PaidRequests(
            PaidRequestParts(
                account=parts.account,
                free=parts.free,
                catalog=parts.catalog,
                charges=parts.charges,
                estimates=parts.estimates,
                ledger=parts.ledger,
                money=parts.money,
                libraries=(parts.library, parts.temporary),
                writes=self.writes,
                spare=self._overflow_files.charges.keep,
                connect=self.client,
                find_generation=lambda generation_id: self.client().generation(generation_id),
                now=utc_now,
            )
        )
        self._make_spending, self._make_leaderboard = parts.make_spending, parts.make_leaderboard
        self._dependencies = self._conversation_dependencies(KeyGate(parts.limits, parts.account))

    @cached_property
    def spending(self) -> Spending:
        """Spending reports. Built on first use, which ``ask`` does not need."""
        return self._make_spending()

    @cached_property
    def leaderboard(self) -> Leaderboard:
        """Votes and ratings. Built on first use."""
        return self._make_leaderboard()

    @property
    def submission(self) -> Submission:
        """The checks before a request is sent."""
        return self.paid_requests.submission

    @property
    def cost_lookups(self) -> CostLookups:
        """Looks up costs that were not reported."""
        return self.paid_requests.cost_lookups

    def unbookable(self) -> Problem | None:
        """Return why the store cannot be written, so that costs could not be recorded. Blocks."""
        return self._databases[0].refusal()

    def settle_earlier(self, patience: float) -> None:
        """Look up costs of earlier runs, including crashed ones. Waits up to ``patience`` seconds."""
        self._adopt()
        self.cost_lookups.wait(patience)
        self.writes.wait(patience)

    def settle_behind(self) -> None:
        """Look up costs of earlier runs in the background."""
        threading.Thread(target=self._adopt, name="settling", daemon=True).start()

    def _adopt(self) -> None:
        self._overflow_files.take_in_charges()
        self.cost_lookups.adopt()

    def client(self) -> OpenRouter:
        """Return the client for the active key and address; raises ``AppError`` without a key."""
        found = self.account.need()
        return self._clients.get(found.secret, found.base_url)

    def public_client(self) -> OpenRouter:
        """Return a client for requests that need no key."""
        return self._clients.get(None, self.preferences.current.network.base_url)

    def new_chat(self, *, is_temporary: bool = False, model: str = "") -> Chat:
        """Return a new conversation. It is saved with its first question.

        Without ``model`` it uses the model in the settings, or else the one used last.
        """
        settings = self.preferences.current
        conversation = self.library.new(
            temporary=is_temporary,
            system=settings.chat.system,
            model=ModelRef(model) if model else self.identity.fresh().model,
        )
        return Chat(self._dependencies, conversation)

    def open_chat(self, named: str, *, is_temporary: bool = False) -> Chat:
        """Return a saved conversation by id, unique id prefix, or ``last``; raises ``AppError``.

        With ``is_temporary`` it is a copy in memory; the saved conversation does not change.
        """
        conversation, messages = self.library.open(named)
        if is_temporary:
            conversation = replace(conversation, is_temporary=True)
            self.temporary.conversations.save(conversation)
            self.temporary.messages.add_messages(conversation.id, messages)
        return Chat(self._dependencies, conversation, messages)

    def come_back(self) -> None:
        """Adopt what earlier instances left, before anything is shown. Waits at most half a second for the disk."""
        self.library.tidy()
        self.outboxes.adopt()
        self.writes.wait(_START_PATIENCE)

    def hurry(self, thread: threading.Thread) -> None:
        """Make store reads on a thread fail with ``AppError`` instead of waiting (for the UI thread)."""
        for database in self._databases:
            database.hurry(thread)

    def keep_line_up(self, models: Sequence[str], name: str = LAST) -> None:
        """Save the models of a comparison as the last line-up, or under a name."""
        self.writes.do(lambda: self.lineups.save(models, name), READ_PATIENCE)

    def library_of(self, conversation: Conversation) -> Library:
        """Return the library that stores a conversation."""
        return self.temporary if conversation.is_temporary else self.library

    def doctor(self, environ: Mapping[str, str], terminal: TerminalFacts | None = None) -> Doctor:
        """Return the health checks."""
        from tui_router.services.doctor import Doctor

        seen: list[Health] = []

        def health() -> Health:
            seen.append(self._health())
            return seen[-1]

        return Doctor(
            paths=self._paths,
            settings=self.preferences.current,
            environ=environ,
            find_key=self.account.find,
            health=health,
            server_time=lambda: seen[-1].server_time if seen else None,
            database=lambda: tuple(self._databases[0].notices),
            now=utc_now,
            terminal=terminal,
        )

    def _health(self) -> Health:
        problem: Problem | None = None
        for connect in (self.client, self.public_client):
            try:
                return connect().health_check()
            except AppError as trouble:
                problem = trouble.problem
        return Health(reachable=False, detail=problem.sentence() if problem else "")

    def close(self, patience: float = _CLOSE_PATIENCE) -> Problem | None:
        """Write pending changes and close connections and files. Returns what could not be saved, and where it is."""
        self.cost_lookups.close()
        self.outboxes.flush()
        for journal_writer in self._journal_writers.values():
            journal_writer.close()
        self._limits.close()
        if self.writes.close(patience) == 0:
            self._overflow_files.charges.discard()
        unsaved = self.rescue.write()
        if self.rescue.is_settled:
            self._overflow_files.words.discard()
        self._clients.close()
        for database in self._databases:
            database.close()
        return unsaved

    def _conversation_dependencies(self, gate: KeyGate) -> ConversationDependencies:
        return ConversationDependencies(
            connect=self.client,
            gate=gate,
            settings=lambda: self.preferences.current,
            model=self.catalog.get,
            bill=self.paid_requests.bill,
            learn=self.paid_requests.learn,
            advise=lambda model, problem: with_suggestions(problem, model, self.catalog),
            journal=self._conversation_journal,
            keeper=self._conversation_journal,
            now=utc_now,
            scale=self.estimates.scale,
            answers=self.answers,
        )

    def _conversation_journal(self, conversation: Conversation) -> ConversationJournal:
        return ConversationJournal(
            conversation,
            library=self.library_of(conversation),
            journal_writer=self._journal_writers[conversation.is_temporary],
        )


def utc_now() -> datetime:
    """Return the current time in UTC; the clock of all services."""
    return datetime.now(UTC)
