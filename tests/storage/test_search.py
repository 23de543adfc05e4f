"""Full-text search."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import any_text
from tests.values import NOON, a_conversation, a_message, an_answer
from tui_router.domain.library import Hit, Query, parse_query
from tui_router.domain.model import ModelRef
from tui_router.storage.bootstrap import open_in_memory
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database
from tui_router.storage.messages import Messages
from tui_router.storage.search import ConversationSearch


def fill(database: Database) -> ConversationSearch:
    """Two conversations with a few words."""
    conversations, messages = Conversations(database), Messages(database)
    conversations.save(a_conversation("c1", title="Sea and shore", tags=("Trip North", "🙂"), is_pinned=True))
    conversations.save(a_conversation("c2", title="Cooking", is_archived=True))
    messages.add_messages(
        "c1",
        [
            a_message("q1", text="Where do lighthouses stand? See foo_bar and e-mail."),
            an_answer("a1", "q1", "On cliffs. " * 30 + "The lighthouse keeper waves.", model=ModelRef("acme/claude")),
            an_answer(
                "a2", "q1", "Straße, Größe, naïve café. 日本語の灯台です。", model=ModelRef("b/gpt"), after=60 * 24 * 3
            ),
        ],
    )
    messages.add_messages("c2", [a_message("q2", text="A keeper of recipes"), an_answer("a3", "q2", "Salt.")])
    return ConversationSearch(database)


def ids(hits: tuple[Hit, ...]) -> list[str]:
    """Which messages were found; a title is its conversation's id in brackets."""
    return [h.message_id or f"[{h.conversation.id}]" for h in hits]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("keeper", {"a1", "q2"}),
        ("keep", {"a1", "q2"}),
        ("KEEPER waves", {"a1"}),
        ("keep waves", set()),
        ('"lighthouse keeper"', {"a1"}),
        ('"keeper lighthouse"', set()),
        ('"lighthouse kee"', set()),
        ("lighthou", {"q1", "a1"}),
        ("groß", {"a2"}),
        ("grosse", set()),
        ("cafe naive", {"a2"}),
        ("nai\u0308ve", {"a2"}),
        ("灯台", {"a2"}),
        ("台灯", set()),
        ("foo_bar", {"q1"}),
        ("e-mail", {"q1"}),
        ("bar", {"q1"}),
        ("sea", {"[c1]"}),
        ("sho", {"[c1]"}),
        ("model:claude keeper", {"a1"}),
        ("model:CLAUDE", {"[c1]"}),
        ("model:nothing keeper", set()),
        ('tag:"trip north" keeper', {"a1"}),
        ("tag:🙂", {"[c1]"}),
        ("pinned:yes keeper", {"a1"}),
        ("archived:yes keeper", {"q2"}),
        ("archived:no", {"[c1]"}),
        ("after:2026-11-24", {"[c1]"}),
        ("before:2026-11-01", set()),
        ("before:2026-11-24 keeper", {"a1", "q2"}),
        ("after:2026-11-24 keeper", set()),
        ('"', set()),
        ("AND OR NOT", set()),
        ("* ( ) : ^", set()),
        ("keeper NEAR(", set()),
        ('tag:🙂 "', {"[c1]"}),
        ("", {"[c1]", "[c2]"}),
    ],
)
def test_what_is_typed_is_found(database: Database, typed: str, found: set[str]) -> None:
    assert set(ids(fill(database).find(parse_query(typed)))) == found


def test_titles_come_first_and_the_limit_holds(database: Database) -> None:
    search = fill(database)
    Messages(database).add_messages("c2", [a_message("q3", text="cooking by the sea")])
    assert ids(search.find(parse_query("cooking"))) == ["[c2]", "q3"]
    assert ids(search.find(parse_query("cooking"), limit=1)) == ["[c2]"]


def test_the_best_hit_comes_first(database: Database) -> None:
    search = fill(database)
    Messages(database).add_messages("c2", [a_message("q3", text="keeper keeper keeper")])
    assert ids(search.find(parse_query("keeper")))[0] == "q3"


def test_a_snippet_shows_the_hit_on_one_line_with_marks(database: Database) -> None:
    (hit, *_) = (h for h in fill(database).find(parse_query("lighthouse keep")) if h.message_id == "a1")
    assert hit.snippet.startswith("…")
    assert "\n" not in hit.snippet
    assert [hit.snippet[a:b] for a, b in hit.marks] == ["lighthouse", "keep"]


def test_a_snippet_holds_nothing_that_drives_a_terminal(database: Database) -> None:
    search = fill(database)
    Messages(database).add_messages("c1", [a_message("x", text="zebra \x1b[31m\r\n\x00\u202e stripes")])
    (hit,) = search.find(parse_query("zebra"))
    assert "\x1b" not in hit.snippet
    assert "\u202e" not in hit.snippet
    assert hit.snippet[slice(*hit.marks[0])] == "zebra"


def test_a_renamed_conversation_is_found_by_its_new_title_only(database: Database) -> None:
    search = fill(database)
    Conversations(database).save(a_conversation("c1", title="Mountains"))
    assert search.find(parse_query("shore")) == ()
    assert ids(search.find(parse_query("mountain"))) == ["[c1]"]


def test_completion_finds_titles_by_their_beginning(database: Database) -> None:
    search = fill(database)
    assert [s.id for s in search.find_prefix("sea sh")] == ["c1"]
    assert search.find_prefix("  ") == ()


def test_a_word_that_is_everywhere_is_still_narrowed_by_a_filter(database: Database) -> None:
    Conversations(database).save(a_conversation("c1", tags=("old",)))
    Conversations(database).save(a_conversation("c2"))
    messages = Messages(database)
    messages.add_messages("c1", [a_message("first", text="common")])
    messages.add_messages("c2", [a_message(f"m{i}", text="common") for i in range(5_001)])
    search = ConversationSearch(database)
    assert ids(search.find(parse_query("common tag:old"))) == ["first"]
    assert len(search.find(parse_query("common"), limit=20)) == 20


def test_a_day_out_of_reach_is_no_error(database: Database) -> None:
    search = fill(database)
    assert search.find(Query(words=("keeper",), after=date.max)) == ()
    assert len(search.find(Query(words=("keeper",), after=date.min))) == 2


@settings(max_examples=60)
@given(st.lists(any_text, max_size=3), any_text)
def test_no_text_and_no_query_breaks_the_search(texts: list[str], typed: str) -> None:
    with open_in_memory() as database:
        Conversations(database).save(a_conversation(title=typed))
        Messages(database).add_messages("c1", [a_message(f"m{i}", text=t) for i, t in enumerate(texts)])
        for text in [typed, *texts, f'"{typed}"', f"tag:{typed}"]:
            for hit in ConversationSearch(database).find(parse_query(text, NOON.date())):
                assert all(0 <= a < b <= len(hit.snippet) for a, b in hit.marks)
            ConversationSearch(database).find_prefix(text)
