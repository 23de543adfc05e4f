"""Who answers: the model that was named or chosen, or nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.offline_dependencies import offline_dependencies
from tests.services.test_catalog import Notes, Shelf, Wire, catalog, row
from tests.values import NOON
from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message, Text
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import AppError, ErrorKind
from tui_router.services.billing import Bill
from tui_router.services.catalog import Catalog
from tui_router.services.chat import Chat, fork
from tui_router.services.comparison import Comparison
from tui_router.services.model_resolution import Answerer, Identity, go_on_with, undecided

ROWS = (row("openai/gpt", "50"), row("openai/mini", "1"), row("a/opinion-c"), row("b/opinion-d"))
HELLO = (Text("Hello?"),)


def a_chat(model: str = "") -> Chat:
    dependencies = replace(offline_dependencies(), bill=lambda conversation, answer, request, purpose: cast(Bill, None))
    return Chat(
        dependencies, Conversation(id="c", created=NOON, updated=NOON, model=ModelRef(model) if model else None)
    )


def identity(found: Catalog | None = None, setting: str = "", usual: str = "") -> Identity:
    return Identity(found or catalog(Wire(), Shelf(*ROWS)), lambda: setting, usual)


def who(answerer: Answerer) -> str:
    """Return who answers, and check that it is one or the other: a model or a problem."""
    assert (answerer.model is None) is (answerer.problem is not None)
    return str(answerer.model or "")


def test_the_conversations_own_model_answers() -> None:
    assert who(identity(setting="openai/gpt").of(a_chat("openai/mini"))) == "openai/mini"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("openai/gpt", "openai/gpt"),
        ("openrouter/openai/gpt", "openai/gpt"),
        ("gpt", "openai/gpt"),
        ("opinion-c", "a/opinion-c"),
        ("openai/gpt:nitro", "openai/gpt:nitro"),
    ],
)
def test_the_name_in_the_settings_is_resolved(typed: str, meant: str) -> None:
    assert who(identity(setting=typed).fresh()) == meant


def test_a_name_of_this_run_beats_the_conversations_model_until_it_stands_for_somebody() -> None:
    chat = a_chat("openai/mini")
    chat.wanted = "opinion"
    found = identity().of(chat)
    assert who(found) == ""
    assert found.wanted == "opinion"
    assert found.problem is not None
    assert found.problem.suggestions == ("a/opinion-c", "b/opinion-d")
    go_on_with(chat, ModelRef("b/opinion-d"))
    assert who(identity().of(chat)) == "b/opinion-d"


def test_a_short_name_waits_for_the_list_and_nobody_else_is_asked() -> None:
    found = catalog(Wire(*ROWS))
    found.used("openai/gpt")
    waiting = identity(found, setting="opinion-c").fresh()
    assert who(waiting) == ""
    assert waiting.waits
    assert waiting.problem is not None
    assert waiting.problem.kind is ErrorKind.UNKNOWN_MODEL
    assert "catalogue is not here yet" in waiting.problem.title
    assert "opinion-c" in waiting.problem.detail
    found.refresh()
    assert who(identity(found, setting="opinion-c").fresh()) == "a/opinion-c"


def test_a_list_that_came_is_looked_at_by_the_same_identity() -> None:
    found = catalog(Wire(*ROWS))
    asked = identity(found, setting="opinion-c")
    assert who(asked.fresh()) == ""
    found.refresh()
    assert who(asked.fresh()) == "a/opinion-c"


def test_why_the_list_is_not_here_is_said() -> None:
    found = catalog(Wire(offline=True))
    with pytest.raises(AppError):
        found.refresh()
    problem = identity(found, setting="opinion-c").fresh().problem
    assert problem is not None
    assert "No network" in problem.title


def test_without_a_list_a_whole_id_goes_as_it_is() -> None:
    assert who(identity(catalog(Wire()), setting="openrouter/any/thing").fresh()) == "any/thing"


def test_a_wanted_id_that_left_the_list_is_not_replaced_by_one_like_it() -> None:
    """``openai/gpt`` became ``openai/gpt-5-pro``? Whoever named the one did not name the other."""
    found = catalog(Wire(), Shelf(row("openai/gpt-5-pro", "100")))
    answerer = identity(found, setting="openai/gpt-5").fresh()
    assert who(answerer) == "openai/gpt-5"
    assert "not in the catalogue" in answerer.notice
    assert who(identity(found, setting="gpt-5").fresh()) == "openai/gpt-5-pro"


def test_a_chosen_id_that_left_the_list_is_asked_itself_and_said() -> None:
    found = identity().of(a_chat("gone/away"))
    assert who(found) == "gone/away"
    assert "gone/away is not in the catalogue" in found.notice
    assert identity().of(a_chat("openai/gpt")).notice == ""


def test_a_stale_list_is_fetched_again_before_a_name_is_given_up() -> None:
    stale = catalog(Wire(*ROWS), Shelf(row("x/y"), age=timedelta(days=3)))
    assert identity(stale, setting="opinion-c").fresh().waits


def test_without_a_name_whoever_was_asked_last_answers_though_the_list_lacks_it() -> None:
    found = catalog(Wire(), Shelf(*ROWS))
    found.used("openai/mini")
    found.used("gone/away")
    answerer = identity(found).fresh()
    assert who(answerer) == "gone/away"
    assert answerer.notice


def test_nobody_named_and_nobody_chosen_asks_nobody_and_names_three() -> None:
    rows = (*ROWS, row("meta-llama/gift:free", "0"))
    found = identity(catalog(Wire(), Shelf(*rows))).fresh()
    assert who(found) == ""
    assert found.problem is not None
    assert "Free to try: meta-llama/gift:free" in found.problem.detail
    assert "Strongest: openai/gpt" in found.problem.detail
    assert len(found.problem.suggestions) == 3


def test_the_demo_names_its_own() -> None:
    notes = Notes()
    found = catalog(Wire(), Shelf(*ROWS), notes)
    assert who(identity(found, usual="openai/mini").fresh()) == "openai/mini"
    found.used("openai/gpt")
    assert who(identity(found, usual="openai/mini").fresh()) == "openai/gpt"


def test_a_name_that_an_earlier_version_kept_as_an_id_is_a_name() -> None:
    assert who(identity().of(a_chat("opinion-c"))) == "a/opinion-c"
    assert who(identity().of(a_chat("opinion"))) == ""


# Comparisons


def compared(chat: Chat, *models: str) -> tuple[Message, ...]:
    Comparison.fresh(chat, models).ask(HELLO).plan.begin()
    return tuple(m for m in chat.tree if m.batch)


def test_after_a_comparison_nobody_goes_on_until_somebody_is_chosen() -> None:
    chat = a_chat("openai/mini")
    chat.ask(HELLO, [ModelRef("openai/mini")]).begin()
    compared(chat, "a/opinion-c", "b/opinion-d")
    found = identity(setting="openai/gpt").of(chat)
    assert who(found) == ""
    assert found.problem is not None
    assert found.problem.detail == "a/opinion-c and b/opinion-d were asked: who goes on?"
    assert found.problem.suggestions == ("a/opinion-c", "b/opinion-d", "openai/mini")


def test_so_it_is_after_one_question_to_several() -> None:
    chat = a_chat("openai/mini")
    chat.ask(HELLO, [ModelRef("a/opinion-c"), ModelRef("b/opinion-d")]).begin()
    assert who(identity().of(chat)) == ""


def test_the_kept_answer_brings_its_model() -> None:
    chat = a_chat("openai/mini")
    comparison = Comparison.fresh(chat, ("a/opinion-c", "b/opinion-d"))
    comparison.ask(HELLO).plan.begin()
    comparison.keep(comparison.answers[1].id)
    assert who(identity().of(chat)) == "b/opinion-d"
    comparison.again(0).begin()
    assert who(identity().of(chat)) == ""


def test_whoever_goes_on_does_so_below_its_own_answer() -> None:
    chat = a_chat()
    answers = compared(chat, "a/opinion-c", "b/opinion-d")
    assert go_on_with(chat, ModelRef("b/opinion-d"))
    assert chat.conversation.head == answers[1].id
    assert undecided(chat) == ()
    other = a_chat()
    first, _ = compared(other, "a/opinion-c", "b/opinion-d")
    assert not go_on_with(other, ModelRef("openai/gpt"))
    assert (other.conversation.head, who(identity().of(other))) == (first.id, "openai/gpt")


def test_the_lane_in_view_stays_where_a_model_has_several() -> None:
    chat = a_chat()
    _, second = compared(chat, "a/opinion-c", "a/opinion-c")
    chat.update(head=second.id)
    assert not go_on_with(chat, ModelRef("a/opinion-c"))
    assert chat.conversation.head == second.id


def test_what_is_left_of_a_comparison_alone_is_the_choice() -> None:
    chat = a_chat()
    first, second = compared(chat, "a/opinion-c", "b/opinion-d")
    chat.deletions.delete(second.id)
    assert chat.conversation.head == first.id
    assert who(identity(setting="openai/gpt").of(chat)) == "a/opinion-c"


def test_a_fork_goes_on_with_the_answer_that_it_was_made_from() -> None:
    chat = a_chat()
    _, second = compared(chat, "a/opinion-c", "b/opinion-d")
    twin, _ = fork(chat, second.id)
    assert who(identity(setting="openai/gpt").of(twin)) == "b/opinion-d"


IDS = ("openai/gpt", "openai/mini", "a/opinion-c", "b/opinion-d")
NAMES = (*IDS, "gpt", "opinion-c", "opinion", "no-such", "gone/away", "")


@given(
    setting=st.sampled_from(NAMES),
    wanted=st.sampled_from(NAMES),
    own=st.sampled_from(("", *IDS, "gone/away")),
    recent=st.sampled_from(("", *IDS, "gone/away")),
    listed=st.booleans(),
)
def test_only_who_was_named_or_chosen_is_ever_asked(
    setting: str, wanted: str, own: str, recent: str, listed: bool
) -> None:
    """The strongest claim: of what was named, chosen or used, the first that there is decides, and it alone."""
    found = catalog(Wire(), Shelf(*ROWS) if listed else None)
    if recent:
        found.used(recent)
    chat = a_chat(own)
    chat.wanted = wanted
    asked = who(identity(found, setting).of(chat))
    first = next((n for n in (wanted, own, setting, recent) if n), "")
    means = {"gpt": "openai/gpt", "opinion-c": "a/opinion-c"}
    if asked:
        assert asked == (means.get(first, first) if listed else first)
    else:
        assert "/" not in first
        assert not (listed and first in means)
