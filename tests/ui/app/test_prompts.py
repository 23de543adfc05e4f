"""Saved prompts in the app: save, choose, fill in, use as system prompt."""

from __future__ import annotations

from tests.ui.app.driver import Home


def keep(home: Home, name: str, text: str) -> None:
    folder = home.folder / "prompts"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(text)


async def test_a_prompt_is_filled_in_by_questions_and_waits_to_be_sent(home: Home) -> None:
    keep(home, "translate", "---\nsystem: You are {{who=a translator}}.\n---\nInto {{language}}: {{input}}")
    async with home.talking() as chat:
        await chat.send("/prompt translate")
        await chat.sees("who", "translate · 2 more to fill in")
        await chat.press("enter")
        await chat.sees("language")
        await chat.send("French")
        await chat.sees("input")
        await chat.send("good day")
        await chat.sees_prompt("Into French: good day")
        assert chat.app._notifications
        await chat.ask("")
        body = home.asked()[-1]
        assert body["messages"][0] == {"role": "system", "content": "You are a translator."}
        assert body["messages"][1]["content"] == "Into French: good day"


async def test_esc_in_a_dialog_changes_nothing(home: Home) -> None:
    keep(home, "ask", "Ask {{what}}")
    async with home.talking() as chat:
        await chat.send("/prompt ask")
        await chat.sees("what")
        await chat.press("escape")
        await chat.sees_prompt("")


async def test_a_prompt_is_chosen_from_the_list(home: Home) -> None:
    keep(home, "alpha", "The first")
    keep(home, "beta", "---\ndescription: The [second] one\n---\nThe second")
    async with home.talking() as chat:
        await chat.send("/prompt")
        await chat.sees("alpha", "beta", "The [second] one")
        await chat.send("second")
        await chat.sees_prompt("The second")


async def test_without_a_saved_prompt_the_hint_says_how_to_save_one(home: Home) -> None:
    async with home.talking() as chat:
        await chat.send("/prompt")
        await chat.is_told("No saved prompts yet")
        await chat.press("ctrl+c")
        await chat.send("/prompt nothing")
        await chat.is_told("No prompt is called nothing")
        await chat.press("ctrl+c")
        await chat.send("/save-prompt x")
        await chat.is_told("There is nothing to save")


async def test_the_last_question_is_saved_and_replacing_a_prompt_is_confirmed(home: Home) -> None:
    async with home.talking() as chat:
        await chat.ask("What is a monad?")
        await chat.send("/save-prompt monad")
        await chat.is_told("Saved as “monad”")
        await chat.send("/save-prompt monad")
        await chat.sees("Replace the prompt “monad”?")
        await chat.press("n")
        await chat.send("/save-prompt")
        await chat.sees("Save as")
        await chat.send("other")
        await chat.is_told("Saved as “other”")
        assert (home.folder / "prompts" / "monad.md").read_text() == "What is a monad?\n"
        assert (home.folder / "prompts" / "other.md").read_text() == "What is a monad?\n"


async def test_a_persona_is_set_saved_and_cleared(home: Home) -> None:
    keep(home, "pirate", "You are a pirate called {{name=Jack}}.")
    async with home.talking() as chat:
        await chat.send("/persona pirate")
        await chat.sees("name")
        await chat.send("y")
        await chat.is_told("System prompt: “pirate”")
        await chat.ask("Hello")
        assert home.asked()[-1]["messages"][0]["content"] == "You are a pirate called Jacky."
        await chat.send("/persona save jacky")
        await chat.is_told("Saved as “jacky”")
        assert (home.folder / "prompts" / "jacky.md").read_text() == "You are a pirate called Jacky.\n"
        await chat.send("/persona none")
        await chat.is_told("No system prompt")
        await chat.ask("Hello again")
        assert home.asked()[-1]["messages"][0]["role"] == "user"
