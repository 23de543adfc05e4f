"""The first run: no key, four choices of one letter each, and a key that is saved."""

from __future__ import annotations

import re
import stat
from urllib.request import urlopen

import pytest

from tests.ui.app.driver import Home
from tui_router.demo_server.server import DEMO_KEY
from tui_router.ui.app_host import ExitReason
from tui_router.ui.screens.dialogs import Dialog


@pytest.fixture
def newcomer(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home without a key, on a machine without a browser."""
    del home.environ["OPENROUTER_API_KEY"]
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    return home


async def test_the_card_offers_four_choices_and_the_prompt_takes_text(newcomer: Home) -> None:
    async with newcomer.talking() as chat:
        await chat.sees("Welcome to tui-router")
        for choice in ("b Sign in with the browser", "c Sign in elsewhere", "p Paste a key", "d Try the offline demo"):
            await chat.sees(choice)
        await chat.type("what is a monad")
        await chat.sees_prompt("what is a monad")


async def test_without_key_and_network_the_key_is_asked_for_and_no_empty_list_shown(newcomer: Home) -> None:
    newcomer.environ["OPENROUTER_BASE_URL"] = "http://127.0.0.1:9/api/v1"
    newcomer.settings(model="")
    async with newcomer.talking(is_online=False) as chat:
        await chat.sees("Welcome to tui-router")
        await chat.send("what is a monad")
        await chat.is_told("key")
        await chat.sees_prompt("what is a monad")
        assert chat.app.screen is chat.app.get_default_screen()


async def test_over_ssh_the_code_is_the_usual_way(newcomer: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 5000 10.0.0.2 22")
    async with newcomer.talking() as chat:
        await chat.sees("paste a code (usual here)")


async def test_a_word_that_begins_with_a_choice_is_a_word(newcomer: Home) -> None:
    async with newcomer.talking() as chat:
        await chat.sees("Welcome")
        done: list[bool] = []
        for word in ("do you know", "because", "please help", "could you"):
            await chat.press("ctrl+c")
            await chat.type(word)
        chat.app.set_timer(0.5, lambda: done.append(True))  # set after the timers that make a letter a choice
        await chat.until(lambda: done, "the moment in which a letter alone is a choice")
        await chat.sees_prompt("could you")
        assert not isinstance(chat.app.screen, Dialog)
        assert chat.app.is_running


async def test_a_question_without_a_key_returns_unsent(newcomer: Home) -> None:
    async with newcomer.talking() as chat:
        await chat.send("what is a monad")
        await chat.sees_prompt("what is a monad")
        await chat.sees("Welcome to tui-router")
    assert newcomer.asked() == []


async def test_d_and_enter_lead_to_the_demo(newcomer: Home) -> None:
    async with newcomer.talking() as chat:
        await chat.sees("Welcome")
        await chat.send("d")
        await chat.until(lambda: chat.app.return_value is ExitReason.TO_DEMO, "the demo")


async def test_a_letter_alone_is_taken_for_a_choice_after_a_moment(newcomer: Home) -> None:
    async with newcomer.talking() as chat:
        await chat.sees("Welcome")
        await chat.type("p")
        await chat.until(lambda: isinstance(chat.app.screen, Dialog), "the dialog")
        await chat.sees("Paste a key")
        await chat.press("escape")
        await chat.sees_prompt("")


async def test_a_pasted_key_is_checked_saved_privately_and_used(newcomer: Home) -> None:
    async with newcomer.talking() as chat:
        await chat.send("p")
        await chat.sees("Paste a key")
        await chat.paste(f'  "{DEMO_KEY}"\n')
        assert DEMO_KEY[9:] not in chat.screen
        await chat.press("enter")
        await chat.sees("The key is saved. limit $100.00 a month", "Which model do you want to ask?")
        await chat.ask("hello", "demo")
    keys = newcomer.folder / "keys.toml"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert stat.S_IMODE(newcomer.folder.stat().st_mode) == 0o700
    assert DEMO_KEY in keys.read_text()
    async with newcomer.talking() as chat:
        await chat.sees("Using the key sk-or-…de30 from")


@pytest.mark.parametrize("key", ["sk-or-v1-ключ", "sk or v1", "\x1b[31mred"])
async def test_what_cannot_be_a_key_is_refused_in_the_dialog(newcomer: Home, key: str) -> None:
    async with newcomer.talking() as chat:
        await chat.send("p")
        await chat.sees("Paste a key")
        await chat.paste(key)
        await chat.press("enter")
        await chat.until(lambda: isinstance(chat.app.screen, Dialog), "the dialog to stay")
        await chat.press("escape")
    assert not (newcomer.folder / "keys.toml").exists()


async def test_a_key_that_the_service_refuses_is_not_saved(newcomer: Home) -> None:
    async with newcomer.talking() as chat:
        await chat.send("p")
        await chat.sees("Paste a key")
        await chat.paste("sk-or-v1-bad" + "0" * 61)
        await chat.press("enter")
        await chat.is_told("The key was not accepted")
        await chat.sees("Welcome to tui-router")
    assert not (newcomer.folder / "keys.toml").exists()


async def test_a_code_from_another_browser_signs_in(newcomer: Home) -> None:
    async with newcomer.talking(size=(160, 30)) as chat:
        await chat.send("c")
        await chat.sees("paste the code")
        found = re.search(r"http://127\.0\.0\.1\S+", "".join(re.split(r"[\s│]+", chat.screen)).replace("code", "code"))
        assert found is not None
        pending = next(iter(chat.app.screen.query("#text Static").results())).render()
        url = str(pending).split()[-1]
        with urlopen(url) as page:  # the person's other browser
            code = re.search(r"<code>(.*?)</code>", page.read().decode())
        assert code is not None
        await chat.paste(code.group(1))
        await chat.press("enter")
        await chat.sees("The key is saved")
        await chat.ask("hello", "demo")


async def test_signing_in_with_the_browser_shows_the_address_where_there_is_none(newcomer: Home) -> None:
    async with newcomer.talking() as chat:
        await chat.send("b")
        await chat.sees("Open this in a browser of this machine", "http://127.0.0.1")
        await chat.press("escape", "escape")
        await chat.sees("Welcome to tui-router")


async def test_the_catalogue_can_be_browsed_without_a_key(newcomer: Home) -> None:
    async with newcomer.talking() as chat:
        await chat.press("ctrl+l")
        await chat.type("opinion")
        await chat.sees("Opinion A", "Opinion B")
        await chat.press("escape")
        await chat.sees("Welcome to tui-router")


async def test_a_card_offers_three_models_of_all(home: Home) -> None:
    async with home.talking() as chat:
        await chat.sees("Which model do you want to ask?", "3 of", "1 Free to try", "2 Good and cheap", "3 Strongest")
        await chat.send("2")
        await chat.is_told("answers from now on")
        await chat.sees_no_more("Which model do you want to ask?")
        assert home.asked() == []


async def test_the_first_answer_ever_is_followed_by_one_quiet_line(home: Home) -> None:
    home.folder.mkdir(mode=0o700)
    (home.folder / "settings.toml").write_text('[chat]\nmodel = "demo/quick"\n')
    async with home.talking() as chat:
        await chat.ask("hello")
        await chat.sees("F3 compare · Tab then y copies")
        await chat.ask("hello again")
        assert chat.said.count("Tab then y copies") == 0
    async with home.talking() as chat:
        await chat.ask("and again")
        assert "Tab then y copies" not in chat.said
