"""Charges that the store does not take just now: lines of a spare file, which the next start takes in.

A request must be written down before it leaves, and a locked or full store is no reason to forget what it cost.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from tui_router.domain.charge import Charge, ChargeState, Purpose, Settlement
from tui_router.domain.model import ModelRef
from tui_router.domain.usage import Usage
from tui_router.storage.spare import SpareFile

_log = logging.getLogger(__name__)

_DAMAGED = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError)
Take = Callable[[Charge, Settlement | None], None]


class SpareCharges:
    """The charges in spare files. Safe from any thread."""

    def __init__(self, file: SpareFile) -> None:
        self._file = file

    def keep(self, charge: Charge, settlement: Settlement | None = None) -> bool:
        """Write a charge, or what became of it, through to the disk; ``False`` when no folder takes it."""
        return self._file.keep((json.dumps(_plain(charge, settlement)) + "\n").encode())

    def drop(self) -> None:
        """Forget what was kept: the store has taken everything."""
        self._file.drop()

    def adopt(self, take: Take) -> int:
        """Give ``take`` every charge that processes left which are gone; returns how many lines cannot be read.

        Raises ``Trouble``. ``take`` must bear to be given a charge twice.
        """
        damaged = 0

        def take_all(lines: Iterator[object]) -> None:
            nonlocal damaged
            for line in lines:
                try:
                    charge, settlement = _parsed(line)
                except _DAMAGED:
                    _log.warning("a spare line of the ledger cannot be read: %.200r", line)
                    damaged += 1
                else:
                    take(charge, settlement)

        self._file.adopt(take_all)
        return damaged


def _plain(charge: Charge, settlement: Settlement | None) -> dict[str, Any]:
    about: dict[str, Any] = {
        "id": charge.id,
        "at": charge.at.isoformat(),
        "model": [charge.model.id, charge.model.connection],
        "purpose": charge.purpose.value,
        "conversation": charge.conversation_id,
        "message": charge.message_id,
        "lane": charge.lane,
        "attempt": charge.attempt,
        "key": charge.key,
        "reserved": str(charge.reserved),
        "prompt_tokens": charge.prompt_tokens,
    }
    if settlement is not None:
        usage = settlement.usage or Usage()
        about["end"] = {
            "state": settlement.state.value,
            "cost": None if usage.cost is None else str(usage.cost),
            "tokens": [usage.prompt_tokens, usage.completion_tokens],
            "is_estimate": usage.is_estimate,
            "served": settlement.served_model,
            "provider": settlement.provider,
            "generation": settlement.generation_id,
            "ending": settlement.ending,
            "look_up_at": settlement.look_up_at.isoformat() if settlement.look_up_at else None,
            "is_counted": settlement.is_counted,
        }
    return about


def _parsed(about: Any) -> tuple[Charge, Settlement | None]:
    model, connection = about["model"]
    charge = Charge(
        id=str(about["id"]),
        at=datetime.fromisoformat(about["at"]),
        model=ModelRef(str(model), str(connection)),
        purpose=Purpose(about["purpose"]),
        conversation_id=about["conversation"],
        message_id=about["message"],
        lane=int(about["lane"]),
        attempt=int(about["attempt"]),
        key=str(about["key"]),
        reserved=Decimal(about["reserved"]),
        prompt_tokens=int(about["prompt_tokens"]),
    )
    end = about.get("end")
    if end is None:
        return charge, None
    prompt, completion = end["tokens"]
    cost = None if end["cost"] is None else Decimal(end["cost"])
    settlement = Settlement(
        state=ChargeState(end["state"]),
        usage=Usage(
            prompt_tokens=int(prompt),
            completion_tokens=int(completion),
            cost=cost,
            is_estimate=bool(end["is_estimate"]),
        ),
        served_model=str(end["served"]),
        provider=str(end["provider"]),
        generation_id=str(end["generation"]),
        ending=str(end["ending"]),
        look_up_at=datetime.fromisoformat(end["look_up_at"]) if end["look_up_at"] else None,
        is_counted=bool(end["is_counted"]),
    )
    return charge, settlement
