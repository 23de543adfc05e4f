"""Builds the core: opens stores, ledger, keys and catalogue, and connects them. Not needed for the first frame."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui_router.domain.problem import AppError, Problem
from tui_router.openrouter.client import OpenRouter
from tui_router.services.account import Account
from tui_router.services.answer_cache import AnswerCache
from tui_router.services.app_state import AppState
from tui_router.services.budget_limits import open_limits
from tui_router.services.catalog import Catalog
from tui_router.services.clients import Clients, shared_limits
from tui_router.services.core import Core, Parts, utc_now
from tui_router.services.estimates import Estimates
from tui_router.services.free_requests import FreeRequests
from tui_router.services.ledger import Ledger
from tui_router.services.library import Library
from tui_router.services.model_resolution import Identity
from tui_router.services.notices import Notices
from tui_router.services.overflow import OverflowFiles, OverflowWriter
from tui_router.services.preferences import Preferences
from tui_router.services.writer import StoreWriter
from tui_router.storage.bootstrap import open_database, open_in_memory
from tui_router.storage.caches import Answers, ModelCache
from tui_router.storage.charges import Charges
from tui_router.storage.comparisons import Lineups
from tui_router.storage.database import Database
from tui_router.storage.environment import Environment
from tui_router.storage.keys import KeyRing
from tui_router.storage.log import open_log
from tui_router.storage.paths import AppPaths
from tui_router.storage.state import KeyValueStore

if TYPE_CHECKING:
    from tui_router.services.leaderboard import Leaderboard
    from tui_router.services.spending import Spending


def build_core(
    paths: AppPaths, environment: Environment, preferences: Preferences, log_level: str = "", usual: str = ""
) -> Core:
    """Build the core. If the database cannot be used it is not touched, and conversations stay in memory.

    ``usual`` is the id of the default model if none was ever chosen.
    """
    problems = [*environment.problems, *preferences.problems]
    if complaint := open_log(paths, log_level or preferences.current.log.level):
        problems.append(complaint)
    database, temporary = _stores(paths, problems)
    notices = Notices()
    overflow_files = OverflowFiles(paths, database, notices)
    writes = StoreWriter(notices, OverflowWriter(overflow_files.words, notices))
    state = AppState(KeyValueStore(database), writes)
    clients = Clients(lambda: preferences.current)
    ring = KeyRing(paths, environment)
    problems.extend(ring.repair())
    charges = Charges(database)
    money = open_limits(paths, preferences, state, notices.publish, utc_now)
    ledger = Ledger(book=charges, limits=money, now=utc_now)
    account, free = _account_of(preferences, ring, clients, ledger, state)
    catalog = _catalog_of(paths, preferences, clients, account, state)
    parts = Parts(
        library=Library(database, utc_now, writes),
        temporary=Library(temporary, utc_now),
        catalog=catalog,
        identity=Identity(catalog, lambda: preferences.current.chat.model, usual),
        account=account,
        free=free,
        charges=charges,
        ledger=ledger,
        money=money,
        estimates=Estimates(state, utc_now, catalog.get, catalog.serving.known),
        limits=shared_limits(paths, lambda: preferences.current, account, state),
        make_spending=lambda: _spending_of(database, ledger, catalog, account),
        make_leaderboard=lambda: _leaderboard_of(database, charges, writes),
        lineups=Lineups(database),
        state=state,
        notices=notices,
        writes=writes,
        overflow_files=overflow_files,
        answers=AnswerCache(Answers(database), writes, lambda: preferences.current.network.base_url, utc_now),
        databases=(database, temporary),
    )
    for problem in problems:
        notices.publish(problem)
    if overflow_files.has_words:  # before anything else is written or read
        writes.put(overflow_files.take_in_words)
    return Core(paths, parts, preferences, clients)


def _stores(paths: AppPaths, problems: list[Problem]) -> tuple[Database, Database]:
    """Return the store on disk and the one in memory; the latter twice if the disk cannot be used."""
    temporary = open_in_memory()
    try:
        database = open_database(paths)
    except AppError as trouble:
        problems.append(replace(trouble.problem, hint=f"{trouble.problem.hint}. Until then nothing is saved"))
        return temporary, temporary
    problems.extend(database.notices)
    return database, temporary


def _account_of(
    preferences: Preferences, ring: KeyRing, clients: Clients, ledger: Ledger, state: AppState
) -> tuple[Account, FreeRequests]:
    """Return the account, and what its key checks say of free requests."""
    free = FreeRequests(state, utc_now)
    account = Account(
        ring=ring,
        settings=lambda: preferences.current,
        stored=lambda: preferences.stored,
        connect=clients.apart,
        now=utc_now,
        spent_since=ledger.spent_since,
        learn=free.learn,
    )
    return account, free


def _spending_of(database: Database, ledger: Ledger, catalog: Catalog, account: Account) -> Spending:
    from tui_router.services.spending import Spending
    from tui_router.storage.charge_reports import ChargeReports

    return Spending(reports=ChargeReports(database), ledger=ledger, catalog=catalog, account=account, now=utc_now)


def _leaderboard_of(database: Database, charges: Charges, writes: StoreWriter) -> Leaderboard:
    from tui_router.services.leaderboard import Leaderboard
    from tui_router.storage.comparisons import Votes

    return Leaderboard(ballots=Votes(database), speeds=charges.speeds, now=utc_now, writes=writes)


def _keyed(account: Account, clients: Clients) -> OpenRouter | None:
    """Return the client of the active key at its own address; ``None`` without a usable key."""
    try:
        found = account.find()
        return clients.get(found.secret, found.base_url) if found else None
    except AppError:  # the key command failed or the key is malformed; endpoints are public anyway
        return None


def _catalog_of(
    paths: AppPaths, preferences: Preferences, clients: Clients, account: Account, app_state: AppState
) -> Catalog:
    return Catalog(
        source=lambda: clients.get(None, preferences.current.network.base_url),
        keyed=lambda: _keyed(account, clients),
        cache=ModelCache(paths, preferences.current.network.base_url),
        app_state=app_state,
        now=utc_now,
    )
