"""How the charging server behaves, by the id of the model that is asked: ``test/cut``, ``test/no-usage``, …"""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

TOKENS_A_PIECE = 10
"""Every piece of an answer counts as so many tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """How one request goes."""

    status: int = 200
    """Anything else is a refusal before the first byte of an answer."""
    thoughts: int = 0
    pieces: int = 6
    ends: str = "whole"
    """``whole``, ``cut`` (the connection closes), ``error`` (an event says so) or ``hang`` (until the asker leaves)."""
    usage: str = "told"
    """``told``, ``missing``, ``negative``, ``nan``, ``absurd`` or ``emptied`` (an empty one follows the true one)."""
    cost: Decimal | None = None
    """A fixed charge instead of tokens at a price."""
    is_charged: bool = True
    is_slow: bool = False
    """Waits a little before each piece."""
    is_gated: bool = False
    """Waits before its last piece until the gate is opened."""
    uses_fallback: bool = False
    """Served by the last of the models that were named, or by ``test/costly``."""
    has_id: bool = True
    """Whether its headers tell the generation id."""


_QUARTER = Decimal("0.25")
SCRIPTS = {
    "ok": Script(),
    "costly": Script(),
    "long": Script(pieces=60),
    "dense": Script(),
    "fee": Script(),
    "free": Script(),
    "thinking": Script(thoughts=8),
    "no-usage": Script(usage="missing"),
    "cut": Script(ends="cut"),
    "cut-before-token": Script(ends="cut", pieces=0),
    "error-in-stream": Script(ends="error", usage="missing"),
    "error-with-usage": Script(ends="error"),
    "error-first-charged": Script(ends="error", pieces=0, cost=_QUARTER),
    "empty-charged": Script(pieces=0, cost=_QUARTER),
    "429": Script(status=429, is_charged=False, has_id=False),
    "500": Script(status=500, is_charged=False, has_id=False),
    "500-charged": Script(status=500, cost=Decimal("0.0123")),
    "500-fair": Script(status=500, cost=Decimal("0.003")),
    "402": Script(status=402, is_charged=False, has_id=False),
    "404": Script(status=404, is_charged=False, has_id=False),
    "slow": Script(is_slow=True, pieces=40),
    "gated": Script(is_gated=True),
    "hang": Script(ends="hang", pieces=2),
    "hang-before-token": Script(ends="hang", pieces=0),
    "negative-cost": Script(usage="negative"),
    "nan-cost": Script(usage="nan"),
    "absurd-cost": Script(usage="absurd"),
    "usage-then-empty-usage": Script(usage="emptied"),
    "fallback": Script(uses_fallback=True),
    "no-id-cut": Script(ends="cut", has_id=False),
}
_THEN_OK = ("429", "500", "500-charged", "empty-charged", "error-first-charged", "cut-before-token")
SEQUENCES = {f"{name}-then-ok": (name, "ok") for name in _THEN_OK} | {
    "empty-charged": ("empty-charged", "ok"),
    "empty-charged-always": ("empty-charged",),
}
"""What happens to the first request of a question, the second, …; the last one repeats."""
_MIX = {
    "ok": 40,
    "no-usage": 10,
    "cut": 10,
    "error-in-stream": 8,
    "error-with-usage": 4,
    "thinking": 6,
    "fallback": 3,
    "usage-then-empty-usage": 3,
    "negative-cost": 2,
    "nan-cost": 1,
    "absurd-cost": 1,
    "429": 4,
    "500": 2,
    "500-charged": 2,
    "empty-charged": 1,
    "error-first-charged": 2,
    "cut-before-token": 1,
}
"""Parts of a hundred. Those that are sent again are rare: the program waits half a second before that."""
NAMES = (*SCRIPTS, *(n for n in SEQUENCES if n not in SCRIPTS), "mix", "free:free")
_USUAL = {"prompt": "0.000003", "completion": "0.000015"}
_PRICES = {
    "costly": {"prompt": "0.00003", "completion": "0.00015"},
    "fee": {**_USUAL, "request": "0.004"},
    "free:free": {"prompt": "0", "completion": "0"},
    "mix": {"prompt": "0.00000213", "completion": "0.00001507"},
}


def prices_of(model: str) -> dict[str, str]:
    """Return the prices of a model, in dollars per unit."""
    return _PRICES.get(model.removeprefix("test/"), _USUAL)


def script_of(model: str, question: str, attempt: int, seed: int = 0) -> Script:
    """Return how a request goes: always the same for the same model, question and attempt."""
    name = model.removeprefix("test/").removesuffix(":free")
    if name == "mix":
        draw = random.Random(f"{seed}/{question}/{attempt}")
        name = draw.choices(list(_MIX), list(_MIX.values()))[0]
        # Whatever happens, the fourth attempt of a question succeeds.
        return SCRIPTS[name if attempt < 4 else "ok"]
    sequence = SEQUENCES.get(name, (name,))
    return SCRIPTS[sequence[min(attempt, len(sequence)) - 1]]


def prompt_tokens(model: str, body: Any) -> int:
    """Count what was asked: a token for four characters; ``test/dense`` has one for each character."""
    said = sum(len(_text(m.get("content"))) for m in body.get("messages", ()))
    return said if model == "test/dense" else -(-said // 4) + 4 * len(body.get("messages", ()))


def cost_of(model: str, prompt: int, completion: int) -> Decimal:
    """Return what so many tokens cost, exactly."""
    prices = {name: Decimal(price) for name, price in prices_of(model).items()}
    return prompt * prices["prompt"] + completion * prices["completion"] + prices.get("request", Decimal(0))


def question_in(body: Any) -> str:
    """Return the last words of the user."""
    said = [_text(m.get("content")) for m in body.get("messages", ()) if m.get("role") == "user"]
    return said[-1] if said else ""


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content)
    return str(content or "")
