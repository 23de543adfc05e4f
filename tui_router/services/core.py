"""Everything that comes after the first frame: conversations, catalogue, money, keys, and the client."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from tui_router.domain.account import Health
from tui_router.domain.conversation import Conversation
from tui_router.domain.events import Queued
from tui_router.domain.message import Message, Part, Role, new_id
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import Problem, Trouble
from tui_router.domain.secret import Secret
from tui_router.domain.settings import Settings
from tui_router.domain.usage import Usage
from tui_router.openrouter.cancel import Cancel
from tui_router.openrouter.client import OpenRouter
from tui_router.openrouter.retry import RetryPolicy
from tui_router.openrouter.transport import AppIdentity, Timeouts
from tui_router.services.account import Account
from tui_router.services.catalog import Catalog
from tui_router.services.chat import Chat, Desk
from tui_router.services.doctor import Doctor, TerminalFacts
from tui_router.services.journal import Scribe
from tui_router.services.keeping import Keeping
from tui_router.services.ledger import Estimate, Ledger
from tui_router.services.library import Library
from tui_router.services.limits import Limits, Slot
from tui_router.services.preferences import Preferences
from tui_router.services.turn import Gate
from tui_router.services.votes import Election
from tui_router.storage.charges import Charges
from tui_router.storage.database import Database
from tui_router.storage.environment import Environment
from tui_router.storage.keys import KeyRing
from tui_router.storage.lineups import Lineups
from tui_router.storage.log import open_log
from tui_router.storage.models import ModelCache
from tui_router.storage.opening import open_database, open_temporary
from tui_router.storage.places import Places
from tui_router.storage.state import State
from tui_router.storage.votes import Votes


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The built services, each of which stands alone."""

    library: Library
    temporary: Library
    """Conversations that never reach the disk."""
    catalog: Catalog
    account: Account
    ledger: Ledger
    limits: Limits
    election: Election
    lineups: Lineups
    state: State
    databases: tuple[Database, ...]


class Core:
    """What the program does, put together. Safe to use from any thread."""

    def __init__(
        self, places: Places, parts: Parts, preferences: Preferences, clients: Clients, problems: Sequence[Problem]
    ) -> None:
        self.library = parts.library
        self.temporary = parts.temporary
        self.catalog = parts.catalog
        self.account = parts.account
        self.ledger = parts.ledger
        self.election = parts.election
        self.lineups = parts.lineups
        self.state = parts.state
        self._places = places
        self._limits = parts.limits
        self._databases = parts.databases
        self._preferences = preferences
        self._clients = clients
        self.problems = list(problems)
        """What there is to say since the start: said once by whoever shows things."""
        self._scribes = {
            False: Scribe(parts.library.messages, self.problems.append),
            True: Scribe(parts.temporary.messages, self.problems.append),
        }
        self._desk = Desk(
            connect=self.client,
            gate=self._gate(),
            settings=lambda: preferences.current,
            model=parts.catalog.get,
            price=parts.ledger.priced,
            journal=self._keeping,
            keeper=self._keeping,
            now=_now,
        )

    def client(self) -> OpenRouter:
        """Return the client for the key and address in force; raises ``Trouble`` when there is no key."""
        found = self.account.need()
        return self._clients.get(found.secret, found.base_url)

    def public_client(self) -> OpenRouter:
        """Return a client for what needs no key."""
        return self._clients.get(None, self._preferences.current.network.base_url)

    def new_chat(self, *, is_temporary: bool = False, model: str = "") -> Chat:
        """Return a fresh conversation. It reaches the disk with its first question."""
        settings = self._preferences.current
        wanted = model or self.default_model_id()
        conversation = self.library.new(
            temporary=is_temporary, system=settings.chat.system, model=ModelRef(wanted) if wanted else None
        )
        return Chat(self._desk, conversation)

    def open_chat(self, named: str, *, is_temporary: bool = False) -> Chat:
        """Return a saved conversation by id, the beginning of one, or ``last``; raises ``Trouble``.

        A temporary one is a copy in memory: the saved one stays as it is.
        """
        conversation, messages = self.library.open(named)
        if is_temporary:
            conversation = replace(conversation, is_temporary=True)
            self.temporary.conversations.save(conversation)
            self.temporary.messages.add_messages(conversation.id, messages)
        return Chat(self._desk, conversation, messages)

    def library_of(self, conversation: Conversation) -> Library:
        """Return the store that a conversation lives in."""
        return self.temporary if conversation.is_temporary else self.library

    def default_model_id(self) -> str:
        """Return who answers a new conversation; empty while no catalogue is known."""
        wanted = self._preferences.current.chat.model
        choice = self.catalog.choose(wanted)
        return choice.model.id if choice else wanted

    def title_model_id(self) -> str:
        """Return the model that makes titles when asked to."""
        return self._preferences.current.chat.title_model

    def doctor(self, environ: Mapping[str, str], terminal: TerminalFacts | None = None) -> Doctor:
        """Return what checks the health of everything."""
        seen: list[Health] = []

        def health() -> Health:
            seen.append(self._health())
            return seen[-1]

        return Doctor(
            places=self._places,
            settings=self._preferences.current,
            environ=environ,
            find_key=self.account.find,
            health=health,
            server_time=lambda: seen[-1].server_time if seen else None,
            database=lambda: tuple(self._databases[0].notices),
            now=_now,
            terminal=terminal,
        )

    def _health(self) -> Health:
        problem: Problem | None = None
        for connect in (self.client, self.public_client):
            try:
                return connect().health_check()
            except Trouble as trouble:
                problem = trouble.problem
        return Health(reachable=False, detail=problem.sentence() if problem else "")

    def estimate(self, chat: Chat, parts: Sequence[Part], models: Sequence[ModelRef]) -> Estimate:
        """Guess what a question costs, all models together."""
        draft = Message(id=new_id(), parent_id=None, role=Role.USER, parts=tuple(parts), created=_now())
        rows = [m for ref in models if (m := self.catalog.get(ref.id)) is not None]
        return self.ledger.estimate(
            rows, (*chat.thread, draft), system=chat.conversation.system, options=chat.options_in_force()
        )

    def refuse_if_too_dear(
        self, chat: Chat, parts: Sequence[Part], models: Sequence[ModelRef], limit: Decimal | None = None
    ) -> None:
        """Raise ``Trouble`` when a budget is used up or the question may cost more than ``limit`` dollars."""
        problem = self.ledger.refusal(self.estimate(chat, parts, models), max_cost=limit)
        if problem is not None:
            raise Trouble(problem)

    def cost_of_stopped(self, generation_id: str) -> Usage | None:
        """Ask what a stopped answer cost; ``None`` while it is not written down, or when it cannot be asked."""
        try:
            record = self.client().generation(generation_id)
        except Trouble:
            return None
        if record is None or record.cost is None:
            return None
        return Usage(prompt_tokens=record.prompt_tokens, completion_tokens=record.completion_tokens, cost=record.cost)

    def close(self) -> None:
        """Write what is unwritten; let go of connections and files."""
        for scribe in self._scribes.values():
            scribe.close()
        self._clients.close()
        for database in self._databases:
            database.close()

    def _gate(self) -> Gate:
        return _KeyGate(self._limits, self.account)

    def _keeping(self, conversation: Conversation) -> Keeping:
        return Keeping(
            conversation,
            library=self.library_of(conversation),
            scribe=self._scribes[conversation.is_temporary],
            ledger=self.ledger,
        )


class _KeyGate:
    """The limiter of whichever key is in use when a request wants to start."""

    def __init__(self, limits: Limits, account: Account) -> None:
        self._limits = limits
        self._account = account

    def acquire(self, cancel: Cancel, notify: Callable[[Queued], None]) -> Slot | None:
        """Wait for a place of that key; ``None`` when cancelled."""
        found = self._account.find()
        key = (found.secret, found.base_url) if found else None
        return self._limits.of(key).acquire(cancel, notify)


class Clients:
    """One client for each key and address, made anew when the network settings change."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._made: dict[tuple[object, ...], OpenRouter] = {}

    def get(self, key: Secret | None, base_url: str) -> OpenRouter:
        """Return the client for a key at an address; raises ``Trouble`` when either cannot be used."""
        network = self._settings().network
        name = (key, base_url, replace(network, base_url=base_url))
        with self._lock:
            client = self._made.get(name)
            if client is None:
                client = self._made[name] = _client(key, base_url, self._settings())
            return client

    def close(self) -> None:
        """Close idle connections."""
        with self._lock:
            made, self._made = list(self._made.values()), {}
        for client in made:
            client.close()


def build_core(places: Places, environment: Environment, preferences: Preferences, log_level: str = "") -> Core:
    """Open everything. A database that cannot be used is left alone: what is said then stays in memory."""
    problems = [*environment.problems, *preferences.problems]
    if complaint := open_log(places, log_level or preferences.current.log.level):
        problems.append(complaint)
    temporary = open_temporary()
    try:
        database = open_database(places)
        problems.extend(database.notices)
    except Trouble as trouble:
        problems.append(replace(trouble.problem, hint=f"{trouble.problem.hint}. Until then nothing is saved"))
        database = temporary
    state, book = State(database), Charges(database)
    clients = Clients(lambda: preferences.current)
    ring = KeyRing(places, environment)
    problems.extend(ring.repair())
    ledger = Ledger(book=book, notebook=state, limits=lambda: preferences.current.money, now=_now)
    account = Account(
        ring=ring,
        settings=lambda: preferences.current,
        stored=lambda: preferences.stored,
        connect=clients.get,
        now=_now,
        spent_since=ledger.spent_since,
    )
    catalog = Catalog(
        source=lambda: clients.get(None, preferences.current.network.base_url),
        cache=ModelCache(places, preferences.current.network.base_url),
        notebook=state,
        now=_now,
    )
    parts = Parts(
        library=Library(database, _now),
        temporary=Library(temporary, _now),
        catalog=catalog,
        account=account,
        ledger=ledger,
        limits=Limits(lambda: preferences.current.network.tier, account.info),
        election=Election(ballots=Votes(database), speeds=book.speeds, now=_now),
        lineups=Lineups(database),
        state=state,
        databases=(database, temporary),
    )
    return Core(places, parts, preferences, clients, problems)


def _client(key: Secret | None, base_url: str, settings: Settings) -> OpenRouter:
    network = settings.network
    return OpenRouter(
        key,
        base_url=base_url,
        retry=RetryPolicy(
            max_retries=network.max_retries,
            initial_delay=network.initial_delay,
            max_delay=network.max_delay,
            multiplier=network.multiplier,
        ),
        timeouts=Timeouts(connect=network.connect_timeout, read=network.read_timeout),
        proxy=network.proxy,
        ca_bundle=network.ca_bundle,
        app=AppIdentity(referer=network.referer, title=network.title, categories=network.categories),
    )


def _now() -> datetime:
    return datetime.now(UTC)
