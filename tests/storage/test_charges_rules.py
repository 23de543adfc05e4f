"""The ledger under anything that may happen: several instances, kills, lanes at once. Caps hold, and sums are true."""

from __future__ import annotations

import random
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.values import NOON
from tui_router.domain.charge import Cap, Charge, ChargeState, Settlement
from tui_router.domain.message import new_id
from tui_router.domain.model import ModelRef
from tui_router.domain.usage import Usage
from tui_router.storage.bootstrap import open_database
from tui_router.storage.charges import Charges
from tui_router.storage.database import Database
from tui_router.storage.paths import AppPaths

_MILLI = Decimal("0.001")
_INSTANCES = 3
_CONVERSATIONS = ("c1", "c2", None)
_TOMORROW = NOON + timedelta(days=1)
amounts = st.integers(0, 20).map(lambda n: n * _MILLI) | st.decimals("0.001", "0.02", places=12)
limits = st.integers(15, 60).map(lambda n: n * _MILLI)
instances = st.integers(0, _INSTANCES - 1)


def _paths(folder: str) -> AppPaths:
    return AppPaths(config=Path(folder), cache=Path(folder) / "cache", log=Path(folder) / "log")


def _fall(database: Database) -> None:
    """End an instance as a kill does: the kernel lets the lock go, and nothing is said."""
    database.instance.release()
    database.close()


class Windows(RuleBasedStateMachine):
    """Several instances on one file.

    ``open`` maps what has no cost yet to (instance, reserved, conversation), ``estimated`` what has a guessed one to
    (guess, the most that it may turn out to be, conversation).
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.databases = [open_database(_paths(self.folder.name)) for _ in range(_INSTANCES)]
        self.caps: list[Cap] = []
        self.open: dict[str, tuple[int, Decimal, str | None]] = {}
        self.estimated: dict[str, tuple[Decimal, Decimal, str | None]] = {}
        self.spent: dict[str | None, Decimal] = dict.fromkeys(_CONVERSATIONS, Decimal(0))

    def teardown(self) -> None:
        for database in self.databases:
            database.close()
        self.folder.cleanup()

    def charges(self, instance: int) -> Charges:
        """Return the ledger as an instance sees it; what a fallen one (-1) left is settled by the first."""
        return Charges(self.databases[max(instance, 0)])

    count = 0
    """Charges so far; ids come from it, since a rule must draw the same when it is played again."""

    @initialize(day=limits, month=limits, conversation=limits)
    def limit(self, day: Decimal, month: Decimal, conversation: Decimal) -> None:
        self.caps = [
            Cap(name="day", limit=day, since=NOON),
            Cap(name="month", limit=month, since=NOON - timedelta(days=20)),
            *(Cap(name="conversation", limit=conversation, conversation_id=c) for c in ("c1", "c2")),
        ]

    @rule(instance=instances, reserved=amounts, conversation=st.sampled_from(_CONVERSATIONS))
    def ask(self, instance: int, reserved: Decimal, conversation: str | None) -> None:
        self.count += 1
        charge = Charge(
            id=f"c{self.count:05}", at=NOON, model=ModelRef("a/b"), reserved=reserved, conversation_id=conversation
        )
        caps = [c for c in self.caps if c.conversation_id in (None, conversation)]
        refused = self.charges(instance).open(charge, caps)
        fits = all(self.used(c) + reserved <= c.limit for c in caps)
        assert (refused is None) is (fits or reserved == 0), (refused, reserved)
        if refused is None:
            self.open[charge.id] = (instance, reserved, conversation)
        else:
            assert (refused.spent, refused.held) == self.parts(refused.cap)

    @precondition(lambda self: self.open)
    @rule(data=st.data(), share=st.integers(0, 100), is_guess=st.booleans(), is_counted=st.booleans())
    def answer(self, data: st.DataObject, share: int, is_guess: bool, is_counted: bool) -> None:
        charge = data.draw(st.sampled_from(sorted(self.open)))
        instance, reserved, conversation = self.open.pop(charge)
        cost = (reserved * share / 100).quantize(Decimal("1e-12"))
        state = ChargeState.ESTIMATED if is_guess else ChargeState.SETTLED
        settlement = Settlement(state=state, usage=Usage(cost=cost), is_counted=is_counted)
        self.charges(instance).settle(charge, settlement)
        if is_guess:
            self.estimated[charge] = (cost, cost if is_counted else reserved, conversation)
        else:
            self.spent[conversation] += cost

    @precondition(lambda self: self.estimated)
    @rule(data=st.data(), instance=instances, share=st.integers(0, 100))
    def look_up(self, data: st.DataObject, instance: int, share: int) -> None:
        charge = data.draw(st.sampled_from(sorted(self.estimated)))
        _, most, conversation = self.estimated.pop(charge)
        cost = (most * share / 100).quantize(Decimal("1e-12"))
        self.charges(instance).settle(charge, Settlement(state=ChargeState.SETTLED, usage=Usage(cost=cost)))
        self.spent[conversation] += cost

    @precondition(lambda self: self.estimated)
    @rule(data=st.data(), instance=instances, is_last=st.booleans())
    def look_up_in_vain(self, data: st.DataObject, instance: int, is_last: bool) -> None:
        charge = data.draw(st.sampled_from(sorted(self.estimated)))
        cost, _, conversation = self.estimated[charge]
        self.charges(instance).missed(charge, None if is_last else _TOMORROW)
        if is_last:  # the guess stands, and nothing is held for it any more
            self.estimated[charge] = (cost, cost, conversation)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def refuse(self, data: st.DataObject) -> None:
        charge = data.draw(st.sampled_from(sorted(self.open)))
        instance, _, _ = self.open.pop(charge)
        self.charges(instance).settle(charge, Settlement(state=ChargeState.VOID))

    @rule(instance=instances)
    def kill(self, instance: int) -> None:
        _fall(self.databases[instance])
        self.databases[instance] = open_database(_paths(self.folder.name))
        left = {i for i, (w, _, _) in self.open.items() if w in (instance, -1)}
        assert {c.id for c in self.charges(instance).fallen()} == left
        self.open = {i: (-1 if i in left else w, r, c) for i, (w, r, c) in self.open.items()}

    def parts(self, cap: Cap) -> tuple[Decimal, Decimal]:
        """Return what is spent and held below a cap, by the model of this test."""
        own = (lambda c: True) if cap.conversation_id is None else (lambda c: c == cap.conversation_id)
        spent = sum((v for c, v in self.spent.items() if own(c)), Decimal(0))
        guessed = sum((cost for cost, _, c in self.estimated.values() if own(c)), Decimal(0))
        held = sum((r for _, r, c in self.open.values() if own(c)), Decimal(0))
        # What is guessed from words alone may still cost all that was reserved.
        held += sum((most - cost for cost, most, c in self.estimated.values() if own(c)), Decimal(0))
        return spent + guessed, held

    def used(self, cap: Cap) -> Decimal:
        return sum(self.parts(cap), Decimal(0))

    @invariant()
    def no_cap_is_broken_and_sums_are_true(self) -> None:
        for cap in self.caps:
            assert self.used(cap) <= cap.limit
            charges = self.charges(0)
            found = (
                (charges.spent_in(cap.conversation_id), charges.held_in(cap.conversation_id))
                if cap.conversation_id
                else (charges.spent_between(NOON - timedelta(days=30), _TOMORROW), charges.held_since(NOON))
            )
            assert found == self.parts(cap)


TestWindows = Windows.TestCase
TestWindows.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)


def test_lanes_of_several_windows_never_spend_the_same_dollar_twice(tmp_path: Path) -> None:
    cap = Cap(name="day", limit=Decimal("0.5"), since=NOON)
    databases = [open_database(_paths(str(tmp_path))) for _ in range(4)]
    lanes = [(number, Charges(databases[number % 4])) for number in range(8)]

    def spend(number: int, charges: Charges) -> tuple[int, Decimal]:
        draw, refused, spent = random.Random(number), 0, Decimal(0)
        while refused < 5:
            reserved = draw.randint(10, 40) * _MILLI
            charge = Charge(id=new_id(), at=NOON, model=ModelRef("a/b"), reserved=reserved)
            if charges.open(charge, [cap]) is not None:
                refused += 1
                continue
            cost = draw.randint(0, int(reserved / _MILLI)) * _MILLI
            charges.settle(charge.id, Settlement(state=ChargeState.SETTLED, usage=Usage(cost=cost)))
            spent += cost
        return refused, spent

    with ThreadPoolExecutor(len(lanes)) as pool:
        results = list(pool.map(lambda lane: spend(*lane), lanes))
    total = sum((spent for _, spent in results), Decimal(0))
    assert lanes[0][1].spent_between(NOON, _TOMORROW) == total
    # Nothing is held any more, and no lane gave up while there was room for the smallest question five times over.
    assert Decimal("0.46") <= total <= cap.limit
    for database in databases:
        database.close()
