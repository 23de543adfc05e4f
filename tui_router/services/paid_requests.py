"""What all paid requests share: checks, bills, cost lookups and learning."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from tui_router.domain.account import GenerationRecord
from tui_router.domain.charge import Charge, OpenCharge, Purpose, Settlement
from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import AppError
from tui_router.domain.request import ChatRequest
from tui_router.domain.secret import fingerprint
from tui_router.domain.token_estimate import estimate_tokens
from tui_router.domain.usage import Usage, cost_of
from tui_router.services.account import Account
from tui_router.services.billing import Bill, BillingContext, WriteQueue
from tui_router.services.catalog import Catalog
from tui_router.services.cost_lookups import CostLookups
from tui_router.services.estimates import Estimates
from tui_router.services.free_requests import FreeRequests
from tui_router.services.ledger import BudgetRules, Ledger
from tui_router.services.library import Library
from tui_router.services.submission import Submission
from tui_router.storage.charges import Charges


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidRequestParts:
    """What the road is built of."""

    account: Account
    free: FreeRequests
    catalog: Catalog
    charges: Charges
    estimates: Estimates
    ledger: Ledger
    money: BudgetRules
    libraries: tuple[Library, ...]
    """The libraries that store messages, the one on disk first."""
    writes: WriteQueue
    spare: Callable[[Charge, Settlement | None], bool]
    """Saves charges elsewhere while the store fails."""
    connect: Callable[[], object]
    """Raises ``AppError`` if the active key or address cannot be used."""
    find_generation: Callable[[str], GenerationRecord | None]
    """Fetches the generation record of an answer; raises ``AppError``."""
    now: Callable[[], datetime]


class PaidRequests:
    """The checks before a request, the bill of each turn, and lookups of late costs."""

    def __init__(self, parts: PaidRequestParts) -> None:
        self._parts = parts
        self._listeners: list[Callable[[str, Usage], None]] = []
        self._run_budgets: list[Callable[[str, Decimal], None]] = []
        self.submission = Submission(
            account=parts.account,
            free=parts.free,
            catalog=parts.catalog,
            estimates=parts.estimates,
            ledger=parts.ledger,
            connect=parts.connect,
        )
        self.cost_lookups = CostLookups(
            ledger=parts.charges,
            put=parts.writes.put,
            find=parts.find_generation,
            estimate=self._estimate_of_fallen,
            fingerprint=self._fingerprint,
            found=self._found,
            booked=self._booked,
            now=parts.now,
        )
        self._context = BillingContext(
            store=parts.charges,
            writes=parts.writes,
            caps=parts.money.caps,
            explain=parts.money.explain,
            find=parts.catalog.get,
            fingerprint=self._fingerprint,
            look_up=self.cost_lookups.watch,
            spare=parts.spare,
            now=parts.now,
        )

    def listen_for_costs(self, found: Callable[[str, Usage], None]) -> Callable[[], None]:
        """Call ``found`` with message id and usage of each late cost; call the returned function to stop."""
        self._listeners.append(found)
        return lambda: self._listeners.remove(found)

    def listen_for_charges(self, booked: Callable[[str, Decimal], None]) -> None:
        """Tell ``booked`` the charge and the dollars of each attempt whose cost is found out late."""
        self._run_budgets.append(booked)

    def bill(self, conversation: Conversation, answer: Message, request: ChatRequest, purpose: Purpose) -> Bill:
        """Return the bill of an answer that is about to be requested."""
        estimates = self._parts.estimates
        charge = Charge(
            id=answer.id,
            at=answer.created,
            model=answer.model or ModelRef(request.model),
            purpose=purpose,
            conversation_id=None if conversation.is_temporary else conversation.id,
            message_id=answer.id,
            lane=answer.lane,
            reserved=estimates.bound([request]) or Decimal(0),
            prompt_tokens=estimates.tokens(request),
        )
        return Bill(self._context, charge)

    def learn(self, request: ChatRequest, usage: Usage) -> None:
        """Improve the estimates with the usage of a complete answer."""
        with suppress(AppError):  # a full disk loses an estimate, not the answer
            self._parts.estimates.learn(request, usage)

    def _fingerprint(self) -> str:
        found = self._parts.account.find()
        return fingerprint(found.secret) if found else ""

    def _estimate_of_fallen(self, charge: OpenCharge) -> Usage:
        """Estimate the usage of a request interrupted by a crash: counted prompt tokens and the received text."""
        words = ""
        for library in self._parts.libraries[:1] if charge.message_id else ():
            found = library.messages.find_message(charge.message_id or "")
            words = found[1].text + found[1].reasoning if found else ""
        usage = replace(charge.usage, completion_tokens=estimate_tokens(words) if words else 0, cost=None)
        model = self._parts.catalog.get(charge.model.id)
        cost = cost_of(usage, model.pricing, charge.at.time()) if model is not None else None
        return replace(usage, cost=cost)

    def _booked(self, charge_id: str, cost: Decimal) -> None:
        for booked in tuple(self._run_budgets):
            booked(charge_id, cost)

    def _found(self, message_id: str, usage: Usage) -> None:
        for library in self._parts.libraries:
            self._parts.writes.put(lambda messages=library.messages: messages.price(message_id, usage))  # type: ignore[misc]
        for found in tuple(self._listeners):
            found(message_id, usage)
