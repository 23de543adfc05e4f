"""The program's ledger beside the server's: every charge, row by row."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tests.charging_book import Book

PICO = Decimal(10) ** -12
EXACT = Decimal("1e-9")
"""Dollars that sums may differ by."""
_COLUMNS = "state, model, served_model, cost, reserved, generation_id, attempt, ending, purpose, look_up_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the program's ledger."""

    state: str
    model: str
    served_model: str
    cost: Decimal | None
    reserved: Decimal
    generation_id: str
    attempt: int
    ending: str
    purpose: str
    is_asked_about: bool
    """True while the service is still to be asked what it cost."""

    @property
    def is_known(self) -> bool:
        """True when the row claims to know what was charged."""
        return self.state == "settled" or (self.state == "void" and not self.is_asked_about)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the two ledgers say of each other."""

    charged: Decimal
    """By the server, everything."""
    booked: Decimal
    """By the program, what it says it knows."""
    guessed: Decimal
    """By the program, estimates."""
    difference: Decimal
    """Booked minus charged, over the generations that both have."""
    wrong: tuple[str, ...]
    """Generations that are booked as known, with another cost."""
    missing: tuple[str, ...]
    """Generations that cost something and are in no row."""
    invented: tuple[str, ...]
    """Rows with a known cost that the server never charged."""
    twice: tuple[str, ...]
    """Generations with several rows."""
    unknown: int
    """Open and estimated rows."""
    unnamed: int
    """Those of them without a generation id: a missing charge may be one of these."""

    def faults(self) -> list[str]:
        """Say in words what is wrong; open and estimated rows are not."""
        found = [f"charged {self.charged}, booked {self.booked} (+ ~{self.guessed} guessed)"] if self.wrong else []
        found += [f"{len(self.wrong)} with another cost: {self.wrong[:3]}"] if self.wrong else []
        found += [f"{len(self.invented)} never charged: {self.invented[:3]}"] if self.invented else []
        found += [f"{len(self.twice)} booked twice: {self.twice[:3]}"] if self.twice else []
        if len(self.missing) > self.unnamed:
            found.append(f"{len(self.missing)} charges are in no row, only {self.unnamed} rows could be theirs")
        return found


def rows_of(folder: Path) -> list[Row]:
    """Return the ledger of a configuration folder."""
    with closing(sqlite3.connect(f"file:{folder / 'conversations.db'}?mode=ro", uri=True)) as connection:
        found = connection.execute(f"SELECT {_COLUMNS} FROM charges ORDER BY seq").fetchall()
    return [
        Row(
            state=state,
            model=model,
            served_model=served,
            cost=None if cost is None else cost * PICO,
            reserved=(reserved or 0) * PICO,
            generation_id=generation,
            attempt=attempt,
            ending=ending,
            purpose=purpose,
            is_asked_about=look_up_at is not None,
        )
        for state, model, served, cost, reserved, generation, attempt, ending, purpose, look_up_at in found
    ]


def compare(rows: list[Row], book: Book) -> Comparison:
    """Set the program's rows against the server's charges."""
    by_id = {r.generation_id: r for r in rows if r.generation_id}
    known = [r for r in rows if r.is_known]
    both = [(by_id[i], c) for i, c in book.charges.items() if i in by_id and by_id[i].is_known]
    counted = Counter(r.generation_id for r in rows if r.generation_id)
    unknown = [r for r in rows if not r.is_known]
    return Comparison(
        charged=book.total,
        booked=sum((r.cost or Decimal(0) for r in known), Decimal(0)),
        guessed=sum((r.cost or Decimal(0) for r in unknown), Decimal(0)),
        difference=sum(((r.cost or Decimal(0)) - c.cost for r, c in both), Decimal(0)),
        wrong=tuple(c.id for r, c in both if abs((r.cost or Decimal(0)) - c.cost) > EXACT),
        missing=tuple(i for i, c in book.charges.items() if i not in by_id and c.cost),
        invented=tuple(
            r.generation_id or r.model for r in known if (r.cost or 0) != 0 and r.generation_id not in book.charges
        ),
        twice=tuple(i for i, times in counted.items() if times > 1),
        unknown=len(unknown),
        unnamed=sum(not r.generation_id for r in unknown),
    )
