"""All scenarios in one table, found by name."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from tui_router.demo_server.mishaps import MISHAPS
from tui_router.demo_server.refusals import REFUSALS
from tui_router.demo_server.scenario import HangUp, Refuse, Scenario

SCENARIOS = MappingProxyType({row.name: row for row in (*REFUSALS, *MISHAPS)})
"""Every scenario by its name, in the order of the tables."""

HEADER = "X-Demo-Scenario"


def find_scenario(name: str) -> Scenario | None:
    """Return a scenario; ``name=3`` is a flaky one that fails three times."""
    bare, _, number = name.partition("=")
    row = SCENARIOS.get(bare)
    if row is None or not number.isdecimal():
        return row
    match row.fault:
        case Refuse() | HangUp():
            return replace(row, fault=replace(row.fault, tries=int(number)))
        case _:
            return row
