"""Money: the server's figure wins, guesses learn, budgets hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from tests.memory_store import memory_store
from tui_router.domain.charge import Cap, Charge, Settlement, Shortfall
from tui_router.domain.library import Spend
from tui_router.domain.message import Image, Message, Role, Text
from tui_router.domain.model import Model, ModelRef, ReasoningAbility
from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import Kind
from tui_router.domain.settings import MoneySettings
from tui_router.domain.usage import Pricing, Usage
from tui_router.domain.window import thread_tokens
from tui_router.services.ledger import Estimate, Ledger
from tui_router.storage.charges import Charges
from tui_router.storage.state import State

NOW = datetime(2026, 6, 15, 23, 30, tzinfo=UTC)
DOLLAR_A_TOKEN = Pricing(prompt=Decimal(1), completion=Decimal(2))


class Notes:
    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}

    def get(self, name: str) -> Any:
        return self.facts.get(name)

    def change(self, name: str, how: Callable[[Any], Any]) -> Any:
        self.facts[name] = how(self.facts.get(name))
        return self.facts[name]


class Spent:
    """Spent so much since any of these moments."""

    def __init__(self, amount: str = "0") -> None:
        self.amount = Decimal(amount)
        self.asked: list[datetime] = []
        self.recorded: list[tuple[str | None, Usage]] = []

    def spent_between(self, start: datetime, end: datetime) -> Decimal:
        self.asked.append(start)
        return self.amount

    def open(self, charge: Charge, caps: Sequence[Cap] = ()) -> Shortfall | None:
        return None

    def settle(self, charge_id: str, settlement: Settlement) -> None:
        assert settlement.usage is not None
        self.recorded.append((charge_id, settlement.usage))

    def spend_by(self, group: str, since: datetime | None = None) -> tuple[Spend, ...]:
        return (Spend(label=group, cost=self.amount, requests=1, prompt_tokens=0, completion_tokens=0),)


def ledger(spent: Spent | None = None, notes: Notes | None = None, **limits: str) -> Ledger:
    money = MoneySettings(**{name: Decimal(value) for name, value in limits.items()})
    return Ledger(book=spent or Spent(), notebook=notes or Notes(), limits=lambda: money, now=lambda: NOW, zone=UTC)


def model(name: str = "a/b", pricing: Pricing = DOLLAR_A_TOKEN, context: int = 1000, thinks: bool = False) -> Model:
    ability = ReasoningAbility() if thinks else None
    return Model(id=name, name=name, context=context, pricing=pricing, reasoning=ability)


def question(text: str = "x" * 40, *images: Image) -> Message:
    return Message(id="q", parent_id=None, role=Role.USER, parts=(Text(text), *images), created=NOW)


def test_the_cost_of_the_server_wins() -> None:
    usage = Usage(prompt_tokens=1, completion_tokens=1, cost=Decimal("0.5"))
    assert ledger().priced(model(), usage) is usage


def test_a_cost_that_nobody_said_is_estimated_and_marked() -> None:
    priced = ledger().priced(model(), Usage(prompt_tokens=10, completion_tokens=5))
    assert priced.cost == 20
    assert priced.is_estimate


@pytest.mark.parametrize("about", [None, model(pricing=Pricing(varies=True)), model(pricing=Pricing())])
def test_without_a_price_the_cost_stays_unknown(about: Model | None) -> None:
    usage = Usage(prompt_tokens=10)
    assert ledger().priced(about, usage) is usage


def test_an_estimate_has_a_low_a_usual_and_a_highest_cost() -> None:
    found = ledger().estimate([model()], [question()], options=ChatOptions(max_tokens=1000))
    assert found.tokens == 14
    assert [found.low, found.typical, found.most] == [14, 14 + 2 * 400, 14 + 2 * 1000]
    assert found.share == pytest.approx(0.014)
    assert found.label == "~$814.00"


def test_a_draft_counts_with_the_thread() -> None:
    assert ledger().estimate([model()], [question()], draft_tokens=6).tokens == 20


def test_a_thinking_model_is_expected_to_say_more() -> None:
    found = ledger().estimate([model(thinks=True)], [question()])
    assert found.typical == 14 + 2 * 1500


def test_pictures_and_searches_cost_too() -> None:
    pricing = Pricing(prompt=Decimal(0), completion=Decimal(0), image=Decimal(3), web_search=Decimal(5))
    found = ledger().estimate(
        [model(pricing=pricing)], [question("hi", Image("image/png"))], options=ChatOptions(web_search=True)
    )
    assert found.low == found.most == 8


def test_several_models_add_up_and_the_unpriced_are_counted() -> None:
    router = model("openrouter/auto", Pricing(varies=True), context=0)
    found = ledger().estimate([model(), model("c/d"), router], [question()])
    assert found.typical == 2 * 814
    assert found.label == "with 3 models ~$1,628.00 + 1 without a price"
    assert ledger().estimate([router], [question()]).label == "price varies"
    assert ledger().estimate([router], [question()]).share is None


def test_free_is_called_free() -> None:
    free = model(pricing=Pricing(prompt=Decimal(0), completion=Decimal(0)))
    assert ledger().estimate([free], [question()]).label == "free"
    assert ledger().estimate([], [question()]).label == ""


def test_guesses_learn_from_answers() -> None:
    notes = Notes()
    books = ledger(notes=notes)
    thread = [question("x" * 4000)]
    guess = thread_tokens(thread)
    for _ in range(3):
        books.learn("a/b", thread, Usage(prompt_tokens=guess * 2, completion_tokens=50))
    assert books.scale("a/b") == pytest.approx(2)
    assert books.usual_answer(model()) == 50
    again = ledger(notes=notes)
    assert again.estimate([model()], thread).tokens == guess * 2
    assert again.scale("other/model") == 1.0


def test_one_absurd_answer_does_not_spoil_the_guesses() -> None:
    books = ledger()
    books.learn("a/b", [question("hi")], Usage(prompt_tokens=100_000, completion_tokens=1))
    assert books.scale("a/b") == 4.0


@pytest.mark.parametrize("usage", [Usage(), Usage(prompt_tokens=5), Usage(completion_tokens=5)])
def test_nothing_is_learned_of_nothing(usage: Usage) -> None:
    notes = Notes()
    ledger(notes=notes).learn("a/b", [question()], usage)
    assert notes.facts == {}


def test_only_so_many_models_are_remembered() -> None:
    notes = Notes()
    books = ledger(notes=notes)
    for number in range(205):
        books.learn(f"a/{number}", [question()], Usage(prompt_tokens=9, completion_tokens=9))
    kept = notes.facts["money.learned"]
    assert isinstance(kept, dict)
    assert len(kept) == 200
    assert "a/0" not in kept


def test_damaged_memories_are_forgotten() -> None:
    notes = Notes()
    notes.facts["money.learned"] = {"a/b": "oops", "c/d": [1.5, 10, 1]}
    assert ledger(notes=notes).scale("a/b") == 1.0
    assert ledger(notes=notes).scale("c/d") == 1.5
    notes.facts["money.learned"] = 7
    assert ledger(notes=notes).scale("c/d") == 1.0


def guess(typical: str | None = "1", most: str | None = "2", unpriced: int = 0) -> Estimate:
    return Estimate(
        tokens=1,
        share=None,
        low=Decimal(0),
        typical=None if typical is None else Decimal(typical),
        most=None if most is None else Decimal(most),
        unpriced=unpriced,
    )


def test_without_a_budget_nothing_is_refused() -> None:
    assert ledger(Spent("1000")).refusal(guess()) is None


@pytest.mark.parametrize(
    ("limits", "title", "setting"),
    [
        ({"daily_budget": "10"}, "Today's budget is used up", "daily_budget"),
        ({"monthly_budget": "10"}, "This month's budget is used up", "monthly_budget"),
    ],
)
def test_a_budget_that_is_used_up_stops_the_next_question(limits: dict[str, str], title: str, setting: str) -> None:
    problem = ledger(Spent("10"), None, **limits).refusal(guess("0"))
    assert problem is not None
    assert (problem.kind, problem.title) == (Kind.BUDGET, title)
    assert setting in problem.hint
    assert problem.detail == "$10.00 of $10.00 is spent"


def test_a_question_that_would_break_the_budget_is_stopped_before() -> None:
    problem = ledger(Spent("9.50"), daily_budget="10").refusal(guess("1"))
    assert problem is not None
    assert "this would cost about ~$1.00" in problem.detail
    assert ledger(Spent("9.50"), daily_budget="10").refusal(guess("0.50")) is None
    assert ledger(Spent("9.50"), daily_budget="10").refusal(guess(None)) is None


def test_a_day_and_a_month_begin_at_local_midnight() -> None:
    spent = Spent()
    books = Ledger(
        book=spent,
        notebook=Notes(),
        limits=MoneySettings,
        now=lambda: NOW,
        zone=timezone(timedelta(hours=2)),
    )
    books.spent_today()
    books.spent_this_month()
    books.spent_since(NOW)
    assert [a.isoformat() for a in spent.asked] == [
        "2026-06-16T00:00:00+02:00",
        "2026-06-01T00:00:00+02:00",
        "2026-06-15T23:30:00+00:00",
    ]


def test_a_limit_for_one_run_is_held_against_the_highest_cost() -> None:
    problem = ledger().refusal(guess(most="2"), max_cost=Decimal(1))
    assert problem is not None
    assert problem.kind is Kind.BUDGET
    assert ledger().refusal(guess(most="1"), max_cost=Decimal(1)) is None


def test_a_limit_for_one_run_refuses_what_has_no_price() -> None:
    problem = ledger().refusal(guess(None, None, unpriced=1), max_cost=Decimal(1))
    assert problem is not None
    assert "not known" in problem.title


def test_a_dear_turn_asks_first() -> None:
    assert ledger().asks_first(guess(most="0.51"))
    assert not ledger().asks_first(guess(most="0.50"))
    assert not ledger(warn_above="0").asks_first(guess(most="100"))
    assert not ledger().asks_first(guess(most=None))


def test_what_an_answer_used_is_written_down_once_it_is_known() -> None:
    spent = Spent()
    books = ledger(spent)
    usage = Usage(prompt_tokens=5, cost=Decimal(1))
    answer = Message(
        id="answer", parent_id="q", role=Role.ASSISTANT, parts=(), created=NOW, model=ModelRef("a/b"), usage=usage
    )
    books.record(answer, "conversation")
    books.record(question(), "conversation")
    assert spent.recorded == [("answer", usage)]
    assert books.spend_by("model")[0].label == "model"


def test_the_real_book_and_notebook_fit() -> None:
    database = memory_store()
    books = Ledger(book=Charges(database), notebook=State(database), limits=MoneySettings, now=lambda: NOW, zone=UTC)
    usage = Usage(prompt_tokens=20, completion_tokens=7, cost=Decimal("0.25"))
    books.record(
        Message(id="a", parent_id="q", role=Role.ASSISTANT, parts=(), created=NOW, model=ModelRef("a/b"), usage=usage)
    )
    books.learn("a/b", [question()], usage)
    assert books.spent_today() == Decimal("0.25")
    assert books.usual_answer(model()) == 7
