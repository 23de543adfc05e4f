"""The prompt under the fingers, headless: keys in, messages out."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from textual import events

from tests.ui.prompt.prompt_app import PromptApp, until
from tui_router.domain.message import File
from tui_router.ui.prompt.completion import MenuItem
from tui_router.ui.prompt.draft import Attachment
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.prompt.vim import Mode
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
        assert sent.shown == "[pasted 214 lines] ok"


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
        await until(pilot, lambda: app.heard(Prompt.Refused))
        assert "Ctrl+G" in app.heard(Prompt.Refused)[0].sentence


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
        app.prompt.past.add("older")
        app.prompt.load("word " * 10)
        await until(pilot, lambda: app.prompt.size.height > 2)
        await pilot.press("up")
        assert app.prompt.text.startswith("word")
        await pilot.press("up", "up", "up", "up")
        assert app.prompt.text == "older"


async def test_up_with_a_queue_asks_for_the_last_queued_turn() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.past.add("old")
        app.prompt.has_queue = True
        await pilot.press("up")
        await until(pilot, lambda: app.heard(Prompt.HistoryWanted))
        assert app.prompt.text == ""


async def test_ctrl_r_searches_and_escape_brings_the_draft_back() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        for text in ("write a poem", "fix the bug", "fix the other bug"):
            app.prompt.past.add(text)
        await pilot.press("d", "ctrl+r", *"bug")
        await until(pilot, lambda: "fix the other bug" in app.screen_text())
        assert app.prompt.draft.text == "d"
        await pilot.press("escape")
        assert app.prompt.text == "d"
        await pilot.press("ctrl+r", *"bug", "ctrl+r", "enter")
        assert app.prompt.text == "fix the bug"
        assert not app.prompt.is_searching
        assert not app.heard(Prompt.Submitted)


async def test_escape_twice_clears_and_the_history_keeps_it() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("h", "i", "escape", "escape")
        assert app.prompt.text == ""
        await pilot.press("up")
        assert app.prompt.text == "hi"


async def test_escape_twice_on_an_empty_prompt_wants_an_earlier_turn() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.heard(Prompt.RewindWanted))


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


async def test_the_command_menu_filters_and_enter_runs() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.prompt.set_commands(COMMANDS)
        await pilot.press("/", "m")
        await until(pilot, lambda: "Fuse the answers" in app.screen_text())
        await pilot.press("e", "enter")
        await until(pilot, lambda: app.heard(Prompt.SlashTyped))
        assert app.heard(Prompt.SlashTyped)[0].name == "merge"
        await until(pilot, lambda: "Fuse the answers" not in app.screen_text())


async def test_a_command_that_wants_words_is_completed_and_waits() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.set_commands(COMMANDS)
        await pilot.press("/", "m", "o", "tab")
        assert app.prompt.text == "/model "
        await pilot.press("x", "enter")
        await until(pilot, lambda: app.heard(Prompt.SlashTyped))
        assert app.heard(Prompt.SlashTyped)[0].rest == "x"


async def test_a_command_written_in_full_runs_even_if_it_could_take_words() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.set_commands(COMMANDS)
        await pilot.press(*"/model", "enter")
        await until(pilot, lambda: app.heard(Prompt.SlashTyped))


async def test_a_snippet_takes_the_place_of_its_name() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.set_commands(COMMANDS)
        await pilot.press(*"/rev", "enter")
        assert app.prompt.text == "Review this: "
        assert not app.heard(Prompt.SlashTyped)


async def test_escape_closes_the_menu_and_it_stays_closed_for_this_word() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.set_commands(COMMANDS)
        await pilot.press("/", "m", "escape", "o")
        assert not app.prompt.completion.is_open
        assert app.prompt.text == "/mo"
        await pilot.press("backspace", "backspace", "backspace", "/")
        assert app.prompt.completion.is_open


async def test_a_file_is_offered_mentioned_and_asked_for() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press(*"see @")
        await until(pilot, lambda: app.heard(Prompt.FilesWanted))
        app.prompt.set_files(["src/", "src/main.py", "README.md"])
        await pilot.press(*"main")
        await until(pilot, lambda: "@src/main.py" in app.screen_text())
        await pilot.press("enter")
        assert app.prompt.text == "see @src/main.py "
        await until(pilot, lambda: app.heard(Prompt.AttachWanted))
        assert app.heard(Prompt.AttachWanted)[0].path == "src/main.py"
        assert len(app.heard(Prompt.FilesWanted)) == 1


async def test_tab_opens_a_folder_in_the_file_menu() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.set_files(["src/", "src/main.py"])
        await pilot.press(*"@src", "tab")
        assert app.prompt.text == "@src/"
        assert app.prompt.completion.is_open
        assert not app.heard(Prompt.AttachWanted)


async def test_attachments_are_shown_sent_and_taken_away() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.prompt.attach([("a.py, 3 lines", File("a.py", text="x")), ("b.py, 1 line", File("b.py", text="y"))])
        await until(pilot, lambda: "[a.py, 3 lines]  [b.py, 1 line]" in app.screen_text())
        await pilot.press("backspace", "enter")
        await until(pilot, lambda: app.heard(Prompt.Submitted))
        sent = app.heard(Prompt.Submitted)[0]
        assert sent.attachments == (Attachment("a.py, 3 lines", File("a.py", text="x")),)
        await until(pilot, lambda: "a.py" not in app.screen_text())


async def test_a_dragged_picture_is_asked_for_and_not_typed(tmp_path: Path) -> None:
    picture = tmp_path / "a b.png"
    picture.write_bytes(base64.b64decode("iVBORw0KGgo="))
    app = PromptApp()
    async with app.run_test() as pilot:
        app.post_message(events.Paste(str(picture).replace(" ", "\\ ")))
        await until(pilot, lambda: app.heard(Prompt.AttachWanted))
        assert app.heard(Prompt.AttachWanted)[0].path == str(picture)
        assert app.prompt.text == ""


async def test_a_draft_comes_back_with_its_chips() -> None:
    app = PromptApp(fold=FoldRule(lines=2))
    async with app.run_test() as pilot:
        app.post_message(events.Paste("a\nb\nc"))
        await until(pilot, lambda: app.prompt.text)
        draft = app.prompt.draft
        app.prompt.load("")
        app.prompt.load(draft.text, draft.chips, draft.attachments)
        assert app.prompt.draft == draft
        await pilot.press("enter")
        await until(pilot, lambda: app.heard(Prompt.Submitted))
        assert app.heard(Prompt.Submitted)[0].text == "a\nb\nc "


async def test_the_owner_hears_of_every_change_of_the_draft() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("a", "b")
        await until(pilot, lambda: app.heard(Prompt.DraftChanged))
        assert app.heard(Prompt.DraftChanged)[-1].draft.text == "ab"


async def test_a_typed_family_stays_together() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        for c in "👩\u200d👧":
            app.prompt.post_message(events.Key(c, c))
        await until(pilot, lambda: len(app.prompt.text) == 3)
        assert app.prompt.text == "👩\u200d👧"


async def test_a_question_mark_on_an_empty_prompt_asks_for_help() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("?")
        await until(pilot, lambda: app.heard(Prompt.HelpWanted))
        await pilot.press("a", "?")
        assert app.prompt.text == "a?"


async def test_vim_keys_edit_and_the_mode_is_shown() -> None:
    app = PromptApp(vim=True)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press(*"one two", "escape")
        await until(pilot, lambda: "NORMAL" in app.screen_text())
        await pilot.press("0", "d", "w")
        assert app.prompt.text == "two"
        await pilot.press("u")
        assert app.prompt.text == "one two"
        await pilot.press("v")
        await until(pilot, lambda: app.heard(Prompt.ModeChanged)[-1].mode is Mode.VISUAL)
        await pilot.press("escape", "enter")
        await until(pilot, lambda: app.heard(Prompt.Submitted))


async def test_vim_k_on_the_first_line_walks_the_history() -> None:
    app = PromptApp(vim=True)
    async with app.run_test() as pilot:
        app.prompt.past.add("before")
        await pilot.press("escape", "k")
        assert app.prompt.text == "before"


@pytest.mark.parametrize("size", [(20, 5), (8, 3), (300, 80)])
async def test_menus_survive_every_size_of_terminal(size: tuple[int, int]) -> None:
    app = PromptApp()
    async with app.run_test(size=size) as pilot:
        app.prompt.set_commands(COMMANDS)
        await pilot.press("/", "m")
        await pilot.pause()
        assert app.prompt.text == "/m"


async def test_a_markup_like_command_is_shown_as_it_is() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.prompt.set_commands([MenuItem(value="x", help="[/nope] [@click=app.quit]x[/]")])
        await pilot.press("/")
        await until(pilot, lambda: "[/nope] [@click=app.quit]x[/]" in app.screen_text())
