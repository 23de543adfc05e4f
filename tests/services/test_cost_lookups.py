"""Finding out what answers cost that ended without saying so: by look-up, over restarts, or by estimate."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.memory_store import memory_store
from tui_router.domain.account import GenerationRecord
from tui_router.domain.charge import RETRIED, Charge, ChargeState, OpenCharge, Settlement
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.usage import Usage
from tui_router.services.cost_lookups import CostLookups
from tui_router.storage.charges import Charges

PATIENCE = 10.0
GUESS = Usage(prompt_tokens=10, completion_tokens=5, cost=Decimal("0.5"), is_estimate=True)


def record(cost: str | None = "0.25") -> GenerationRecord:
    known = None if cost is None else Decimal(cost)
    return GenerationRecord(id="gen-1", cost=known, provider="Prov", prompt_tokens=11, completion_tokens=7)


class Service:
    """Answers look-ups in turn with what it was given; the last answer again and again."""

    def __init__(self, *answers: GenerationRecord | Problem | None) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def find(self, generation_id: str) -> GenerationRecord | None:
        self.asked.append(generation_id)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Problem):
            raise AppError(answer)
        return answer


class House:
    """A ledger in memory and what looks costs up for it."""

    def __init__(self, service: Service, delays: tuple[float, ...] = (0.0, 0.0), key: str = "mine") -> None:
        self.charges = Charges(memory_store())
        self.found: list[tuple[str, Usage]] = []
        self._lock = threading.Lock()
        self.cost_lookups = CostLookups(
            ledger=self.charges,
            put=self._write,
            find=service.find,
            estimate=lambda charge: replace(GUESS, prompt_tokens=charge.usage.prompt_tokens),
            fingerprint=lambda: key,
            found=lambda message_id, usage: self.found.append((message_id, usage)),
            now=lambda: datetime.now(UTC),
            delays=delays,
        )

    def _write(self, write: Callable[[], object]) -> None:
        with self._lock:
            write()

    def estimated(self, key: str = "mine", look_up_at: datetime | None = None, ending: str = "") -> OpenCharge:
        """Book an answer of which only an estimate is known."""
        charge = Charge(
            id="c", at=datetime.now(UTC), model=ModelRef("a/b"), message_id="m", key=key, reserved=Decimal(1)
        )
        self.charges.open(charge)
        self.charges.settle(
            "c",
            Settlement(
                state=ChargeState.ESTIMATED,
                usage=GUESS,
                generation_id="gen-1",
                look_up_at=look_up_at or datetime.now(UTC),
                is_counted=False,
                ending=ending,
            ),
        )
        return OpenCharge(
            id="c", at=charge.at, model=charge.model, message_id="m", generation_id="gen-1", key=key,
            state=ChargeState.ESTIMATED, look_ups=0, usage=GUESS,
        )  # fmt: skip

    @property
    def row(self) -> Any:
        """The one row of the ledger, by model."""
        (row,) = self.charges.spend_by("model")
        return row


def test_the_cost_that_is_found_replaces_the_estimate_and_is_told() -> None:
    service = Service(None, record())
    house = House(service)
    house.cost_lookups.watch(house.estimated(), after=0)
    assert house.cost_lookups.wait(PATIENCE)
    assert (house.row.cost, house.row.estimated, house.row.completion_tokens) == (Decimal("0.25"), 0, 7)
    assert [(m, u.cost) for m, u in house.found] == [("m", Decimal("0.25"))]
    assert service.asked == ["gen-1", "gen-1"]
    assert house.charges.held_since(datetime(2020, 1, 1, tzinfo=UTC)) == 0


def test_what_a_retried_attempt_cost_is_booked_but_is_no_cost_of_the_answer() -> None:
    service = Service(record())
    house = House(service)
    house.estimated(ending=RETRIED)
    house.cost_lookups.adopt()
    assert house.cost_lookups.wait(PATIENCE)
    assert house.row.cost == Decimal("0.25")
    assert house.found == []


@pytest.mark.parametrize(
    "answer", [None, record(None), record("-1"), record("NaN"), Problem(kind=ErrorKind.NETWORK, title="No network")]
)
def test_what_is_never_found_stays_an_estimate_and_is_asked_no_more(answer: GenerationRecord | Problem | None) -> None:
    service = Service(answer)
    house = House(service)
    house.cost_lookups.watch(house.estimated(), after=0)
    assert house.cost_lookups.wait(PATIENCE)
    assert len(service.asked) == 3
    assert (house.row.cost, house.row.estimated) == (Decimal("0.5"), Decimal("0.5"))
    assert house.charges.pending() == ()
    assert house.charges.held_since(datetime(2020, 1, 1, tzinfo=UTC)) == 0
    assert house.found == []


def test_a_charge_is_looked_up_once_however_often_it_is_watched() -> None:
    service = Service(record())
    house = House(service)
    charge = house.estimated()
    for _ in range(3):
        house.cost_lookups.watch(charge, after=0)
    assert house.cost_lookups.wait(PATIENCE)
    assert service.asked == ["gen-1"]


def test_the_next_start_asks_for_what_the_last_one_left() -> None:
    service = Service(record())
    house = House(service)
    house.estimated()
    house.cost_lookups.adopt()
    assert house.cost_lookups.wait(PATIENCE)
    assert (house.row.cost, house.row.estimated) == (Decimal("0.25"), 0)


def test_another_key_cannot_ask() -> None:
    service = Service(record())
    house = House(service, key="another")
    house.estimated()
    house.cost_lookups.adopt()
    assert house.cost_lookups.wait(0.0)
    assert service.asked == []


@pytest.mark.parametrize("generation", ["gen-9", ""])
def test_what_a_crash_left_open_is_estimated_and_asked_for_where_that_is_possible(
    generation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(record())
    house = House(service)
    house.charges.open(
        Charge(id="c", at=datetime.now(UTC), model=ModelRef("a/b"), key="mine", reserved=Decimal(2), prompt_tokens=4)
    )
    if generation:
        house.charges.note_generation("c", generation)
    monkeypatch.setattr(type(house.charges._database.instance), "is_running", lambda window, token: False)
    house.cost_lookups.adopt()
    assert house.cost_lookups.wait(PATIENCE)
    assert service.asked == [generation] * bool(generation)
    assert house.row.cost == (Decimal("0.25") if generation else Decimal("0.5"))
    held = house.charges.held_since(datetime(2020, 1, 1, tzinfo=UTC))
    assert held == (0 if generation else Decimal("1.5")), "nobody can tell what it cost: caps count the most"


def test_waiting_gives_up_on_what_is_not_due_soon() -> None:
    house = House(Service(record()))
    house.cost_lookups.watch(house.estimated(), after=3600)
    assert not house.cost_lookups.wait(0.0)
    house.cost_lookups.close()
    assert house.cost_lookups.wait(0.0)
