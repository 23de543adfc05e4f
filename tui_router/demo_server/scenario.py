"""What can go wrong, or odd, on purpose: the words in which the tables of scenarios are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tui_router.demo_server.parts import PLAIN, Answer, Delivery, Part
from tui_router.demo_server.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """The request gets an HTTP error (or a 200 that is one)."""

    refusal: Refusal
    tries: int = 0
    """After so many refusals the next request is answered, and the count begins again; 0 refuses for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """The connection is closed before any answer."""

    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """The request is taken and no byte ever comes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """The request is answered, in some unusual way."""

    rewrite: Callable[[Answer], Answer] | None = None
    """Changes what is said."""
    change: Callable[[list[Part]], list[Part]] | None = None
    """Changes the steps of the stream."""
    delivery: Delivery = PLAIN
    as_json: bool = False
    """One JSON body although a stream was asked for."""
    padding: str = ""
    """Sent before a JSON body."""
    echo_model: bool = False
    """The answer names the id that was asked for instead of the dated one."""
    byok: bool = False
    slow: float = 1.0
    """Divides the pace."""


Fault: TypeAlias = Refuse | HangUp | Silence | Play


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One row: chosen with the model id ``demo/<name>`` or the header ``X-Demo-Scenario: <name>``."""

    name: str
    about: str
    """One sentence; the description of the catalogue row."""
    fault: Fault
    listed: bool = True
    """Whether the catalogue shows it; an id that is not listed works all the same."""
