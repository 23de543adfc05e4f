"""The library screen: rows, search results, every key, at every size."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.memory_store import memory_store
from tests.ui.still_host import Holding, StillHost, screen_text
from tests.values import NOON, a_conversation, a_message, an_answer
from tui_router.domain.draft import Draft
from tui_router.domain.model import ModelRef
from tui_router.domain.usage import Usage
from tui_router.services.library import Library
from tui_router.ui.screens.library import LibraryChoice, LibraryScreen

LATER = NOON + timedelta(days=3)


def a_library() -> Library:
    """Four conversations: a pinned one, a tagged one, one with a hostile title, an archived one."""
    library = Library(memory_store(), lambda: LATER)
    add(library, "c1", "Parsing dates", "How do I parse dates?", "Use the chrono crate.", tags=("rust", "time 🕰"))
    add(library, "c2", "Dinner", "What shall we eat?", "A pumpkin soup.", is_pinned=True)
    add(library, "c3", "\x1b]0;pwned\x07\u202e[bold]x[/bold]\n二重", "Hostile", "Words about dates too.")
    add(library, "c4", "Old stuff", "Forgotten", "An archived pumpkin.", is_archived=True)
    return library


def add(library: Library, name: str, title: str, question: str, answer: str, **known: Any) -> None:
    number = int(name[1:])
    at = NOON + timedelta(hours=number)
    ref = ModelRef("demo/quick")
    library.conversations.save(
        a_conversation(name, title=title, updated=at, is_temporary=True, model=ref, **known), None
    )
    usage = Usage(prompt_tokens=9, completion_tokens=9, cost=Decimal("0.0123"))
    messages = [
        a_message(f"{name}-q", None, question, after=60 * number),
        an_answer(f"{name}-a", f"{name}-q", answer, after=60 * number, model=ref, usage=usage),
    ]
    library.messages.add_messages(name, messages, head=f"{name}-a")


def opened(library: Library, *, hold: bool = False, **known: Any) -> Holding:
    return Holding(lambda host: LibraryScreen(library, host, now=lambda: LATER, delay=0, **known), hold=hold)


async def type_in(pilot: Pilot[Any], text: str) -> None:
    names = {" ": "space", ":": "colon", '"': "quotation_mark", "*": "asterisk", "(": "left_parenthesis"}
    for character in text:
        await pilot.press(names.get(character, character))
    await pilot.pause(0.01)
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_list_shows_pinned_ones_first_with_what_is_known(size: tuple[int, int]) -> None:
    app = opened(a_library(), current="c1")
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        text = screen_text(app)
        assert text.index("Dinner") < text.index("Parsing dates")
        row = next(line for line in text.splitlines() if "#rust" in line)
        for words in ("▪", "Parsing dates", "demo/quick", " 2 ", "2d"):
            assert words in row
        assert "★" in next(line for line in text.splitlines() if "Dinner" in line)
        assert "Old stuff" not in text
        assert "3 conversations" in text
        assert "␛]0;pwned␇" in text
        assert "[bold]x[/bold] 二重" in text
        assert "\x1b" not in text
        assert max(len(line) for line in text.splitlines()) <= size[0]


async def test_enter_opens_the_conversation_under_the_cursor_which_starts_on_the_present_one() -> None:
    app = opened(a_library(), current="c1")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == LibraryChoice("c1")


async def test_typing_searches_every_word_and_enter_jumps_to_the_hit() -> None:
    app = opened(a_library())
    async with app.run_test(size=(80, 24)) as pilot:
        await type_in(pilot, "chrono")
        text = screen_text(app)
        assert "Use the chrono crate." in text
        assert "Dinner" not in text
        assert "1 conversation, 1 place" in text
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == LibraryChoice("c1", "c1-a")


async def test_a_title_that_fits_can_be_chosen_itself() -> None:
    app = opened(a_library())
    async with app.run_test(size=(80, 24)) as pilot:
        await type_in(pilot, "dinner")
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == LibraryChoice("c2")


@pytest.mark.parametrize(
    ("typed", "found", "missing"),
    [
        ("tag:rust", "Parsing dates", "Dinner"),
        ("pinned:yes", "Dinner", "Parsing"),
        ("archived:yes", "Old stuff", "Dinner"),
        ("model:quick pumpkin", "A pumpkin soup.", "Parsing"),
        ("before:2026-11-22", "Nothing found", "Dinner"),
        ("after:2026-11-22", "Dinner", "Nothing found"),
        ('"" * (', "Nothing found", "Dinner"),
    ],
)
async def test_prefixes_narrow_the_search_and_operators_alone_find_nothing(
    typed: str, found: str, missing: str
) -> None:
    app = opened(a_library(), query=typed)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        text = screen_text(app)
        assert found in text
        assert missing not in text.replace(typed, "")


async def test_clearing_the_search_shows_the_list_again() -> None:
    app = opened(a_library(), query="chrono")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+u")
        await pilot.pause()
        assert "Dinner" in screen_text(app)


async def test_an_empty_library_says_what_to_do() -> None:
    app = opened(Library(memory_store(), lambda: LATER))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "ctrl+d", "ctrl+r", "ctrl+z")
        await pilot.pause()
        assert "No conversations yet. Ask something" in screen_text(app)
        assert app.result == "open"


async def test_a_conversation_is_renamed_pinned_tagged_and_archived_and_the_change_reported() -> None:
    library = a_library()
    changed: list[str] = []
    app = opened(library, current="c1", changed=changed.append)
    async with app.run_test(size=(110, 24)) as pilot:
        await pilot.press("ctrl+r", "ctrl+u", "N", "e", "w", "enter")
        await pilot.pause()
        assert "Called “New”" in screen_text(app)
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press("ctrl+t", "ctrl+u", "a", "comma", "b", "enter")
        await pilot.pause()
        assert "#a #b" in screen_text(app)
        found = library.conversations.find("c1")
        assert found is not None
        assert (found.title, found.is_pinned, found.tags) == ("New", True, ("a", "b"))
        await pilot.press("ctrl+e")
        await pilot.pause()
        assert "still found by a search" in screen_text(app)
        assert "New" not in screen_text(app).replace("“New”", "")
        await pilot.press("f6")
        await pilot.pause()
        assert "New" in screen_text(app)
        assert set(changed) == {"c1"}


async def test_z_restores_a_deleted_conversation_while_the_field_is_empty() -> None:
    library = a_library()
    app = opened(library, current="c1")
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("ctrl+d")
        await pilot.pause()
        assert "Deleted “Parsing dates”. z brings it back" in screen_text(app)
        assert "2 conversations" in screen_text(app)
        await pilot.press("z")
        await pilot.pause()
        assert "“Parsing dates” is back" in screen_text(app)
        assert "3 conversations" in screen_text(app)
        await pilot.press("z", "enter")
        await pilot.pause(0.01)
        assert app.result == "open" or app.result.conversation_id != "c1"


async def test_a_delete_among_hits_is_undone_by_its_key() -> None:
    app = opened(a_library(), query="chrono")
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        await pilot.press("ctrl+d")
        await pilot.pause()
        assert "Nothing found" in screen_text(app)
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert "Use the chrono crate." in screen_text(app)


async def test_the_wide_list_shows_the_last_words_beside_it() -> None:
    library = a_library()
    library.drafts.save("c1", Draft(text="half a question"))
    app = opened(library, current="c1", name_of=lambda i: f"«{i}»")
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.pause()
        text = screen_text(app)
        for words in ("How do I parse dates?", "Use the chrono crate.", "You", "«demo/quick»", "waits to be sent", "✎"):
            assert words in text
        await type_in(pilot, "soup")
        assert "What shall we eat?" in screen_text(app)


async def test_answers_that_come_late_never_replace_newer_ones() -> None:
    app = opened(a_library(), hold=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await type_in(pilot, "ch")
        await type_in(pilot, "rono")
        app.host.run_held()
        await pilot.pause()
        app.host.run_held()
        await pilot.pause()
        assert "Use the chrono crate." in screen_text(app)


async def test_fingers_that_are_quicker_than_the_search_act_on_what_it_finds() -> None:
    app = opened(a_library(), hold=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await type_in(pilot, "chrono")
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.result == "open"
        while app.host.held:
            app.host.run_held()
            await pilot.pause()
        assert app.result == LibraryChoice("c1", "c1-a")


async def test_ten_thousand_conversations_are_read_a_page_at_a_time() -> None:
    library = Library(memory_store(), lambda: LATER)
    with library.messages._database.write() as connection:
        connection.executemany(
            "INSERT INTO conversations (id, title, created, updated) VALUES (?, ?, ?, ?)",
            [(f"n{i}", f"Number {i}", i, i) for i in range(1_000)],
        )
    app = opened(library)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "1,000 conversations" in screen_text(app)
        assert "Number 999" in screen_text(app)
        await pilot.press("ctrl+end")
        await pilot.pause()
        assert "Number 0 " in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == LibraryChoice("n0")


@pytest.mark.parametrize("size", [(20, 5), (3, 2), (1, 1), (200, 60)])
async def test_the_list_survives_every_size(size: tuple[int, int]) -> None:
    app = opened(a_library(), query="dates")
    async with app.run_test(size=size) as pilot:
        await pilot.press("down", "pagedown", "x", "f6", "escape")
        await pilot.pause()
        assert app.result is None


async def test_a_refusing_disk_is_reported_and_nothing_breaks() -> None:
    library = a_library()
    app = opened(library, current="c1")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        library.conversations.delete("c1")
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert [p.title for p in app.host.problems] == ["No conversation is called c1"]


def test_the_fake_host_is_a_host() -> None:
    from tui_router.ui.host import Host

    host: Host = StillHost()
    host.redraw()
