"""The prompt under the fingers: menus, attachments, drafts, Vim keys."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from textual import events

from tests.ui.prompt.prompt_app import PromptApp, until
from tui_router.domain.draft import Attachment
from tui_router.domain.message import File
from tui_router.ui.prompt.completion import MenuItem
from tui_router.ui.prompt.completion_menu import CompletionMenu
from tui_router.ui.prompt.pastes import FoldRule
from tui_router.ui.prompt.vim import Mode
from tui_router.ui.prompt.widget import Prompt

COMMANDS = [
    MenuItem(value="model", help="Choose who answers", takes_words=True),
    MenuItem(value="merge", help="Fuse the answers"),
    MenuItem(value="new", help="A new conversation", aliases=("clear",)),
    MenuItem(value="review", help="A snippet", insert="Review this: "),
]


async def test_the_command_menu_filters_and_enter_runs() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.prompt.completer.set_commands(COMMANDS)
        await pilot.press("/", "m")
        await until(pilot, lambda: "Fuse the answers" in app.screen_text())
        await pilot.press("e", "enter")
        await until(pilot, lambda: app.heard(Prompt.SlashTyped))
        assert app.heard(Prompt.SlashTyped)[0].name == "merge"
        await until(pilot, lambda: "Fuse the answers" not in app.screen_text())


async def test_what_enter_runs_is_marked_and_where_nothing_is_clear_nothing_is() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.prompt.completer.set_commands(COMMANDS)
        await pilot.press("/", "m")
        await until(pilot, lambda: app.query(CompletionMenu) and app.query_one(CompletionMenu).option_count)
        menu = app.query_one(CompletionMenu)
        assert menu.highlighted is None
        await pilot.press("enter")
        await until(pilot, lambda: app.heard(Prompt.SlashTyped))
        assert app.heard(Prompt.SlashTyped)[0].name == "m"
        await pilot.press("/", "m", "down")
        await until(pilot, lambda: menu.highlighted == 0)
        marked = app.prompt.completer.state.marked
        assert marked is not None
        assert not marked.takes_words
        await pilot.press("enter")
        await until(pilot, lambda: len(app.heard(Prompt.SlashTyped)) == 2)
        assert app.heard(Prompt.SlashTyped)[1].name == marked.value


async def test_a_beginning_of_an_alias_marks_its_command() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.prompt.completer.set_commands(COMMANDS)
        await pilot.press(*"/cl", "enter")
        await until(pilot, lambda: app.heard(Prompt.SlashTyped))
        assert app.heard(Prompt.SlashTyped)[0].name == "new"


async def test_a_command_that_wants_words_is_completed_and_waits() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.completer.set_commands(COMMANDS)
        await pilot.press("/", "m", "o", "tab")
        assert app.prompt.text == "/model "
        await pilot.press("x", "enter")
        await until(pilot, lambda: app.heard(Prompt.SlashTyped))
        assert app.heard(Prompt.SlashTyped)[0].rest == "x"


async def test_a_command_written_in_full_runs_even_if_it_could_take_words() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.completer.set_commands(COMMANDS)
        await pilot.press(*"/model", "enter")
        await until(pilot, lambda: app.heard(Prompt.SlashTyped))


async def test_a_snippet_takes_the_place_of_its_name() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.completer.set_commands(COMMANDS)
        await pilot.press(*"/rev", "enter")
        assert app.prompt.text == "Review this: "
        assert not app.heard(Prompt.SlashTyped)


async def test_escape_closes_the_menu_and_it_stays_closed_for_this_word() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.completer.set_commands(COMMANDS)
        await pilot.press("/", "m", "escape", "o")
        assert not app.prompt.completer.state.is_open
        assert app.prompt.text == "/mo"
        await pilot.press("backspace", "backspace", "backspace", "/")
        assert app.prompt.completer.state.is_open


async def test_a_file_is_offered_mentioned_and_asked_for() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press(*"see @")
        await until(pilot, lambda: app.heard(Prompt.FilesRequested))
        app.prompt.completer.set_files(["src/", "src/main.py", "README.md"])
        await pilot.press(*"main")
        await until(pilot, lambda: "@src/main.py" in app.screen_text())
        await pilot.press("enter")
        assert app.prompt.text == "see @src/main.py "
        await until(pilot, lambda: app.heard(Prompt.AttachRequested))
        assert app.heard(Prompt.AttachRequested)[0].path == "src/main.py"
        assert len(app.heard(Prompt.FilesRequested)) == 1


async def test_tab_opens_a_folder_in_the_file_menu() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.completer.set_files(["src/", "src/main.py"])
        await pilot.press(*"@src", "tab")
        assert app.prompt.text == "@src/"
        assert app.prompt.completer.state.is_open
        assert not app.heard(Prompt.AttachRequested)


async def test_attachments_are_shown_sent_and_taken_away() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.prompt.attachments.add(
            [("a.py, 3 lines", File("a.py", text="x")), ("b.py, 1 line", File("b.py", text="y"))]
        )
        await until(pilot, lambda: "[a.py, 3 lines]  [b.py, 1 line]" in app.screen_text())
        await pilot.press("backspace", "enter")
        await until(pilot, lambda: app.heard(Prompt.Submitted))
        sent = app.heard(Prompt.Submitted)[0]
        assert sent.draft.attachments == (Attachment("a.py, 3 lines", File("a.py", text="x")),)
        await until(pilot, lambda: "a.py" not in app.screen_text())


async def test_a_dragged_picture_is_asked_for_and_not_typed(tmp_path: Path) -> None:
    picture = tmp_path / "a b.png"
    picture.write_bytes(base64.b64decode("iVBORw0KGgo="))
    app = PromptApp()
    async with app.run_test() as pilot:
        app.post_message(events.Paste(str(picture).replace(" ", "\\ ")))
        await until(pilot, lambda: app.heard(Prompt.AttachRequested))
        assert app.heard(Prompt.AttachRequested)[0].path == str(picture)
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
        await until(pilot, lambda: app.heard(Prompt.HelpRequested))
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
        app.prompt.browser.history.add("before")
        await pilot.press("escape", "k")
        assert app.prompt.text == "before"


@pytest.mark.parametrize("size", [(20, 5), (8, 3), (300, 80)])
async def test_menus_survive_every_size_of_terminal(size: tuple[int, int]) -> None:
    app = PromptApp()
    async with app.run_test(size=size) as pilot:
        app.prompt.completer.set_commands(COMMANDS)
        await pilot.press("/", "m")
        await pilot.pause()
        assert app.prompt.text == "/m"


async def test_a_markup_like_command_is_shown_as_it_is() -> None:
    app = PromptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.prompt.completer.set_commands([MenuItem(value="x", help="[/nope] [@click=app.quit]x[/]")])
        await pilot.press("/")
        await until(pilot, lambda: "[/nope] [@click=app.quit]x[/]" in app.screen_text())
