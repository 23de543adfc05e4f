"""Everything that comes after the first frame: conversations, catalogue, money, keys, and the client."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from tui_router.domain.account import Health
from tui_router.domain.charge import Cap, Shortfall
from tui_router.domain.conversation import Conversation
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.openrouter.client import OpenRouter
from tui_router.services.account import Account
from tui_router.services.catalog import Catalog
from tui_router.services.chat import Chat, Desk
from tui_router.services.clients import Clients, KeyGate
from tui_router.services.doctor import Doctor, TerminalFacts
from tui_router.services.estimates import Estimates
from tui_router.services.journal import Scribe
from tui_router.services.keeping import Keeping
from tui_router.services.ledger import Ledger
from tui_router.services.library import Library
from tui_router.services.limits import Limits
from tui_router.services.outbox import Background, Outboxes
from tui_router.services.preferences import Preferences
from tui_router.services.road import Road, RoadParts
from tui_router.services.settling import Settling
from tui_router.services.submission import Submission
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
    charges: Charges
    ledger: Ledger
    money: _Money
    estimates: Estimates
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
        self.estimates = parts.estimates
        self.election = parts.election
        self.lineups = parts.lineups
        self.state = parts.state
        self._places = places
        self._databases = parts.databases
        self._preferences = preferences
        self._clients = clients
        self.problems = list(problems)
        """What there is to say since the start: said once by whoever shows things."""
        self.writes = _Direct()
        self._background = Background(self.problems.append)
        self.put = self._background.put
        """Has something written on the thread for it, in the order that it was handed over."""
        self.outboxes = Outboxes(parts.library.drafts, self.put)
        self._scribes = {
            False: Scribe(parts.library.messages, self.problems.append),
            True: Scribe(parts.temporary.messages, self.problems.append),
        }
        self.road = Road(
            RoadParts(
                account=parts.account,
                catalog=parts.catalog,
                charges=parts.charges,
                estimates=parts.estimates,
                ledger=parts.ledger,
                money=parts.money,
                libraries=(parts.library, parts.temporary),
                writes=self.writes,
                connect=self.client,
                find_generation=lambda generation_id: self.client().generation(generation_id),
                now=_now,
            )
        )
        self._desk = Desk(
            connect=self.client,
            gate=KeyGate(parts.limits, parts.account),
            settings=lambda: preferences.current,
            model=parts.catalog.get,
            bill=self.road.bill,
            learn=self.road.learn,
            journal=self._keeping,
            keeper=self._keeping,
            now=_now,
        )

    @property
    def submission(self) -> Submission:
        """What is checked before anything is sent."""
        return self.road.submission

    @property
    def settling(self) -> Settling:
        """What finds costs out later."""
        return self.road.settling

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

    def close(self) -> None:
        """Write what is unwritten; let go of connections and files."""
        self.settling.close()
        self.outboxes.flush()
        self._background.close()
        for scribe in self._scribes.values():
            scribe.close()
        self._clients.close()
        for database in self._databases:
            database.close()

    def _keeping(self, conversation: Conversation) -> Keeping:
        return Keeping(
            conversation,
            library=self.library_of(conversation),
            scribe=self._scribes[conversation.is_temporary],
        )


class _Direct:
    def put(self, write: Callable[[], object]) -> None:
        with suppress(Trouble):
            write()


class _Money:
    def __init__(self, preferences: Preferences) -> None:
        self._p = preferences

    @property
    def warn_above(self) -> Decimal:
        return self._p.current.money.warn_above

    def problem(self) -> Problem | None:
        return None

    def caps(self, conversation_id: str | None) -> tuple[Cap, ...]:
        day = _now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        money = self._p.current.money
        found = []
        if money.daily_budget:
            found.append(Cap(name="day", limit=money.daily_budget, since=day))
        if money.monthly_budget:
            found.append(Cap(name="month", limit=money.monthly_budget, since=day.replace(day=1)))
        return tuple(found)

    def explain(self, shortfall: Shortfall, wanted: Decimal) -> Problem:
        return Problem(kind=Kind.BUDGET, title="Today's budget is used up", hint="/budget")


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
    state = State(database)
    clients = Clients(lambda: preferences.current)
    ring = KeyRing(places, environment)
    problems.extend(ring.repair())
    charges = Charges(database)
    money = _Money(preferences)
    ledger = Ledger(book=charges, limits=money, now=_now)
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
        charges=charges,
        ledger=ledger,
        money=money,
        estimates=Estimates(state, _now, catalog.get),
        limits=Limits(lambda: preferences.current.network.tier, account.info),
        election=Election(ballots=Votes(database), speeds=charges.speeds, now=_now),
        lineups=Lineups(database),
        state=state,
        databases=(database, temporary),
    )
    return Core(places, parts, preferences, clients, problems)


def _now() -> datetime:
    return datetime.now(UTC)
