"""Drafts and queues."""

from __future__ import annotations

import pytest

from tests.values import a_conversation
from tui_router.domain.draft import Attachment, Draft
from tui_router.domain.message import File, Image
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database
from tui_router.storage.drafts import Drafts

FULL = Draft(
    text="see [pasted 20 lines] \ud800",
    chips={"[pasted 20 lines]": "line\n" * 20},
    attachments=(
        Attachment("cat.png", Image("image/png", data="iVBO")),
        Attachment("a.txt", File("a.txt", text="body")),
    ),
)


def test_a_draft_and_its_queue_come_back(database: Database) -> None:
    drafts = Drafts(database)
    drafts.save("c1", FULL, [Draft(text="first"), FULL])
    saved = drafts.load("c1")
    assert saved.draft == FULL
    assert saved.queue == (Draft(text="first"), FULL)


def test_what_a_question_edits_comes_back(database: Database) -> None:
    drafts = Drafts(database)
    question = Draft(text="in other words", edits="m1")
    drafts.save("c1", question, [question])
    assert drafts.load("c1").draft == question
    assert drafts.load("c1").queue == (question,)


def test_an_attachment_is_written_once_and_goes_with_the_last_that_has_it(database: Database) -> None:
    drafts = Drafts(database)
    with_file = Draft(text="a", attachments=FULL.attachments[:1])
    drafts.save("c1", with_file, [FULL])
    before = _parts(database)
    assert len(before) == 2
    drafts.save("c1", Draft(text="ab", attachments=FULL.attachments[:1]), [FULL])
    assert _parts(database) == before
    drafts.save("c1", with_file)
    assert len(_parts(database)) == 1
    drafts.save("c1", Draft())
    assert _parts(database) == []


def test_a_draft_of_an_earlier_version_is_read(database: Database) -> None:
    row = '{"text":"t","chips":{},"attachments":[{"label":"a.txt","part":{"t":"file","name":"a.txt","text":"body"}}]}'
    with database.write() as connection:
        connection.execute("INSERT INTO drafts VALUES ('', ?, '[]', 0)", (row,))
    drafts = Drafts(database)
    drafts.adopt()
    found = drafts.load(None)
    assert found.draft == Draft(text="t", attachments=(Attachment("a.txt", File("a.txt", text="body")),))


def _parts(database: Database) -> list[object]:
    with database.read() as connection:
        return connection.execute("SELECT rowid, digest FROM draft_parts ORDER BY rowid").fetchall()


def test_the_next_conversation_has_a_draft_of_its_own(database: Database) -> None:
    drafts = Drafts(database)
    drafts.save(None, Draft(text="new"))
    assert drafts.load(None).draft.text == "new"
    assert drafts.load("c1").is_empty


def test_an_empty_draft_is_forgotten_unless_something_waits(database: Database) -> None:
    drafts = Drafts(database)
    drafts.save("c1", FULL)
    drafts.save("c1", Draft(text="  "))
    assert drafts.load("c1").is_empty
    drafts.save("c1", Draft(), [Draft(text="waits")])
    assert drafts.load("c1").queue == (Draft(text="waits"),)


def test_the_returning_user_is_told_what_waits(database: Database) -> None:
    drafts = Drafts(database)
    Conversations(database).save(a_conversation("c1"))
    Conversations(database).save(a_conversation("c2"))
    for name in ("c1", "c2", None, "unknown"):
        drafts.save(name, Draft(text="x"))
    Conversations(database).delete("c1")
    assert drafts.with_drafts() == ("c2",)


@pytest.mark.parametrize(
    ("draft", "queue", "text"),
    [
        ("[]", "3", ""),
        ('{"text":"t","chips":3,"attachments":[{"part":{"t":"text","s":"x"}},3]}', "[]", "t"),
        ("{", "{", ""),
    ],
)
def test_an_odd_row_is_what_can_be_read_of_it(database: Database, draft: str, queue: str, text: str) -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO drafts VALUES ('c1', ?, ?, 0)", (draft, queue))
    saved = Drafts(database).load("c1")
    assert saved.draft == Draft(text=text)
    assert saved.queue == ()
