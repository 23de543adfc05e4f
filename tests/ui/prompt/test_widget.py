"""The prompt under the fingers, headless: keys in, messages out."""

from __future__ import annotations

import pytest
from textual import events

from tests.ui.prompt.prompt_app import PromptApp, until
from tui_router.domain.draft import Attachment, Draft
from tui_router.domain.message import File
from tui_router.ui.prompt.completion import MenuItem
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.prompt.widget import Prompt

COMMANDS = [
    MenuItem(value="model", help="Choose who answers", takes_words=True),
    MenuItem(value="merge", help="Fuse the answers"),
    MenuItem(value="new", help="A new conversation", aliases=("clear",)),
    MenuItem(value="review", help="A snippet", insert="Review this: "),
]


async def test_enter_sends_and_empties_the_prompt() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("h", "i", "enter")
        await until(pilot, lambda: app.heard(Prompt.Submitted))
        assert app.heard(Prompt.Submitted)[0].text == "hi"
        assert app.prompt.text == ""
        await pilot.press("enter", "space", "enter")
        await pilot.pause()
        assert len(app.heard(Prompt.Submitted)) == 1


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter", "alt+enter", "ctrl+enter"])
async def test_every_new_line_key_breaks_the_line(key: str) -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("a", key, "b")
        assert app.prompt.text == "a\nb"
        assert not app.heard(Prompt.Submitted)


async def test_a_backslash_before_enter_breaks_the_line() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("a", "backslash", "enter", "b")
        assert app.prompt.text == "a\nb"


async def test_an_empty_prompt_invites() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: "Ask anything" in app.screen_text())


async def test_the_prompt_grows_to_a_third_of_the_screen() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 30)) as pilot:
        await pilot.press(*["ctrl+j"] * 30)
        await until(pilot, lambda: app.prompt.size.height == 9)


async def test_a_big_paste_is_folded_and_sent_whole() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        pasted = "line\r\n" * 214
        app.post_message(events.Paste(pasted))
        await until(pilot, lambda: app.prompt.text)
        assert app.prompt.text == "[pasted 214 lines] "
        await pilot.press("o", "k", "enter")
        await until(pilot, lambda: app.heard(Prompt.Submitted))
        sent = app.heard(Prompt.Submitted)[0]
        assert sent.text == "line\n" * 214 + " ok"
        assert sent.draft.text == "[pasted 214 lines] ok"


async def test_a_small_paste_is_inserted_once_and_made_safe() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.post_message(events.Paste("a\x1b[31mb\r\nc"))
        await until(pilot, lambda: app.prompt.text)
        assert app.prompt.text == "a␛[31mb\nc"


async def test_a_megabyte_in_one_line_is_a_chip_and_typing_stays_quick() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.post_message(events.Paste("x" * 1_000_000))
        await until(pilot, lambda: app.prompt.text)
        assert app.prompt.text == "[pasted 1,000,000 characters] "
        await pilot.press("enter")
        await until(pilot, lambda: app.heard(Prompt.Submitted))
        assert len(app.heard(Prompt.Submitted)[0].text) == 1_000_001


async def test_backspace_takes_a_chip_whole_and_undo_brings_it_back() -> None:
    app = PromptApp(fold=FoldRule(lines=2))
    async with app.run_test() as pilot:
        app.post_message(events.Paste("a\nb\nc"))
        await until(pilot, lambda: app.prompt.text)
        await pilot.press("backspace", "backspace")
        assert app.prompt.text == ""
        app.prompt.undo()
        assert app.prompt.draft.chips == {"[pasted 3 lines]": "a\nb\nc"}


async def test_tab_opens_the_chip_at_the_cursor() -> None:
    app = PromptApp(fold=FoldRule(lines=2))
    async with app.run_test() as pilot:
        app.post_message(events.Paste("a\nb\nc"))
        await until(pilot, lambda: app.prompt.text)
        await pilot.press("left", "tab")
        assert app.prompt.text == "a\nb\nc "


async def test_a_chip_too_big_to_open_is_refused_with_a_reason() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.post_message(events.Paste("x\n" * 60_000))
        await until(pilot, lambda: app.prompt.text)
        await pilot.press("left", "tab")
        await until(pilot, lambda: app.heard(Prompt.KeyRejected))
        assert "Ctrl+G" in app.heard(Prompt.KeyRejected)[0].sentence


async def test_up_and_down_walk_the_history_and_keep_the_draft() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("o", "n", "e", "enter", "t", "w", "o", "enter", "d", "up")
        assert app.prompt.text == "two"
        await pilot.press("up")
        assert app.prompt.text == "one"
        await pilot.press("down", "down")
        assert app.prompt.text == "d"


async def test_up_moves_within_wrapped_lines_before_it_leaves_them() -> None:
    app = PromptApp()
    async with app.run_test(size=(20, 20)) as pilot:
        app.prompt.browser.history.add("older")
        app.prompt.load("word " * 10)
        await until(pilot, lambda: app.prompt.size.height > 2)
        await pilot.press("up")
        assert app.prompt.text.startswith("word")
        await pilot.press("up", "up", "up", "up")
        assert app.prompt.text == "older"


async def test_up_with_a_queue_asks_for_the_last_queued_turn() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.browser.history.add("old")
        app.prompt.has_queue = True
        await pilot.press("up")
        await until(pilot, lambda: app.heard(Prompt.QueueRecallRequested))
        assert app.prompt.text == ""


async def test_ctrl_r_searches_and_escape_brings_the_draft_back() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        for text in ("write a poem", "fix the bug", "fix the other bug"):
            app.prompt.browser.history.add(text)
        await pilot.press("d", "ctrl+r", *"bug")
        await until(pilot, lambda: "fix the other bug" in app.screen_text())
        assert app.prompt.draft.text == "d"
        await pilot.press("escape")
        assert app.prompt.text == "d"
        await pilot.press("ctrl+r", *"bug", "ctrl+r", "enter")
        assert app.prompt.text == "fix the bug"
        assert not app.prompt.browser.is_searching
        assert not app.heard(Prompt.Submitted)


async def test_escape_twice_clears_and_the_history_keeps_it() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("h", "i", "escape", "escape")
        assert app.prompt.text == ""
        await pilot.press("up")
        assert app.prompt.text == "hi"


A_FILE, ANOTHER = (Attachment(f"{n}, 3 lines", File(n, text="x")) for n in ("a.py", "b.py"))


async def test_what_was_attached_comes_back_with_the_words_that_were_cleared() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        prompt = app.prompt
        prompt.load("look", attachments=[A_FILE])
        prompt.load("")
        assert prompt.draft.is_empty
        prompt.attachments.add([ANOTHER])
        await pilot.press("d", "up")
        assert prompt.draft == Draft(text="look", attachments=(ANOTHER, A_FILE))
        assert prompt.unsent == Draft(text="d", attachments=(ANOTHER,)), "the draft that waits has only its own"
        await pilot.press("down")
        assert prompt.draft == Draft(text="d", attachments=(ANOTHER,))
        await pilot.press("up", "!", "up", "down", "down")
        assert prompt.draft.text == "look!"
        assert A_FILE in prompt.draft.attachments, "an entry that was changed is the draft now"


async def test_what_was_attached_is_found_with_the_words() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.load("look", attachments=[A_FILE])
        app.prompt.load("")
        await pilot.press("ctrl+r", *"loo", "enter")
        assert app.prompt.draft == Draft(text="look", attachments=(A_FILE,))


async def test_what_was_attached_and_sent_is_not_attached_again() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.load("look", attachments=[A_FILE])
        await pilot.press("enter", "up")
        assert app.heard(Prompt.Submitted)[0].draft.attachments == (A_FILE,)
        assert app.prompt.draft == Draft(text="look")


async def test_escape_twice_on_an_empty_prompt_wants_an_earlier_turn() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.heard(Prompt.RewindRequested))


async def test_a_slash_word_is_a_command_and_never_words() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press(*"/nonsense a b", "enter")
        await until(pilot, lambda: app.heard(Prompt.SlashTyped))
        typed = app.heard(Prompt.SlashTyped)[0]
        assert (typed.name, typed.rest, typed.text) == ("nonsense", "a b", "/nonsense a b")
        assert not app.heard(Prompt.Submitted)


async def test_two_slashes_send_one() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press(*"//etc", "enter")
        await until(pilot, lambda: app.heard(Prompt.Submitted))
        assert app.heard(Prompt.Submitted)[0].text == "/etc"


async def test_a_pasted_text_that_begins_with_a_slash_is_no_command() -> None:
    app = PromptApp(fold=FoldRule(lines=2))
    async with app.run_test() as pilot:
        app.post_message(events.Paste("/usr\n/bin\n/etc"))
        await until(pilot, lambda: app.prompt.text)
        await pilot.press("enter")
        await until(pilot, lambda: app.heard(Prompt.Submitted))


async def test_a_command_takes_its_pasted_words_whole() -> None:
    app = PromptApp(fold=FoldRule(lines=2))
    async with app.run_test() as pilot:
        await pilot.press(*"/system ")
        app.post_message(events.Paste("a\nb\nc"))
        await until(pilot, lambda: "pasted" in app.prompt.text)
        await pilot.press("enter")
        await until(pilot, lambda: app.heard(Prompt.SlashTyped))
        assert app.heard(Prompt.SlashTyped)[0].rest == "a\nb\nc"
