"""The model picker: contents at four widths, every key, and results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from tui_router.domain.account import Endpoint
from tui_router.domain.model import Model, ReasoningAbility
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.usage import Pricing
from tui_router.ui.screens.models import ModelsScreen, PickerFacts
from tui_router.ui.widgets.model_entries import LineUp

TODAY = date(2026, 9, 30)


def priced(prompt: str, completion: str) -> Pricing:
    return Pricing(prompt=Decimal(prompt) / 1_000_000, completion=Decimal(completion) / 1_000_000)


OPUS = Model(
    id="anthropic/claude-opus-5.5",
    name="Anthropic: Claude Opus 5.5",
    description="The strongest. \x1b]0;pwned\x07[bold]",
    created=date(2026, 9, 20),
    context=1_000_000,
    max_output=128_000,
    inputs=frozenset({"text", "image", "file"}),
    parameters=frozenset({"tools", "temperature"}),
    pricing=priced("4", "20"),
    reasoning=ReasoningAbility(efforts=("high", "low")),
)
MINI = Model(
    id="openai/gpt-5-mini",
    name="OpenAI: GPT-5 Mini",
    created=date(2025, 8, 7),
    context=400_000,
    parameters=frozenset({"tools"}),
    pricing=priced("0.25", "2"),
)
FREE = Model(
    id="qwen/qwen3.8-27b:free",
    name="Qwen: Qwen3.8 27B (free)",
    created=date(2026, 8, 14),
    context=262_144,
    pricing=priced("0", "0"),
    expires=TODAY + timedelta(days=9),
)
OLD = replace(MINI, id="old/relic", name="Old: Relic", context=8_000, expires=TODAY - timedelta(days=1))
AUTO = Model(id="openrouter/auto", name="Auto Router", context=2_000_000, pricing=Pricing(varies=True))
BATCH = replace(MINI, id="openai/gpt-5-mini:batch", name="OpenAI: GPT-5 Mini (batch)")
MODELS = (OPUS, MINI, FREE, OLD, AUTO, BATCH)
FACTS = PickerFacts(models=MODELS, today=TODAY, question_tokens=1_000)
Pressed = tuple[str, ...]


class Picker(App[None]):
    """Holds the screen and what came out of it."""

    def __init__(self, facts: PickerFacts = FACTS, want: Callable[[str], None] | None = None) -> None:
        super().__init__()
        self.stars: list[str] = []
        self.picker = ModelsScreen(facts, star=self.stars.append, want_endpoints=want, details_delay=0)
        self.result: Any = "open"

    def on_mount(self) -> None:
        self.push_screen(self.picker, self.keep)

    def keep(self, result: Any) -> None:
        self.result = result


def screen_text(app: App[Any]) -> str:
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def shown(app: Picker, pilot: Pilot[Any], *keys: str) -> str:
    await pilot.press(*keys)
    await pilot.pause()
    return screen_text(app)


def letters(text: str) -> list[str]:
    names = {
        " ": "space",
        "/": "slash",
        ":": "colon",
        "@": "at",
        "-": "minus",
        ".": "full_stop",
        ">": "greater_than_sign",
    }
    return [names.get(c, c) for c in text]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
async def test_prices_are_shown_at_every_width_and_nothing_runs_over(width: int) -> None:
    app = Picker()
    async with app.run_test(size=(width, 30)) as pilot:
        text = await shown(app, pilot)
        row = next(line for line in text.splitlines() if "Claude Opus 5.5" in line)
        assert "  4  " in row
        assert "20" in row
        assert "1M" in row
        assert ("ift" in row) == (width >= 80)
        assert ("2026-09" in row) == (width in (80, 200)) or width == 120
        assert "5 of 6 shown" in text
        assert max(map(len, text.splitlines())) <= width


async def test_the_wide_picker_shows_the_details_beside_the_rows() -> None:
    app = Picker(replace(FACTS, current=OPUS.id))
    async with app.run_test(size=(140, 30)) as pilot:
        text = await shown(app, pilot)
        for fact in (
            "$4 in, $20 out per million",
            "answers up to 128k",
            "when asked: high, low",
            "[bold]",
            "␛]0;pwned",
        ):
            assert fact in text
        assert "\x1b" not in text


async def test_the_narrow_picker_shows_details_on_tab() -> None:
    app = Picker()
    async with app.run_test(size=(60, 20)) as pilot:
        await shown(app, pilot, *letters("opus"))
        assert "per million" not in screen_text(app)
        assert "per million" in await shown(app, pilot, "tab")
        assert "per million" not in await shown(app, pilot, "tab")


async def test_every_key_filters_and_enter_chooses_the_best_match() -> None:
    app = Picker()
    async with app.run_test(size=(80, 24)) as pilot:
        text = await shown(app, pilot, *letters("claude op"))
        assert "1 of 6 shown" in text
        assert "Mini" not in text
        await shown(app, pilot, "enter")
        assert app.result == (OPUS.id,)


async def test_escape_closes_without_a_choice() -> None:
    app = Picker()
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(app, pilot, "o", "escape")
        assert app.result is None


async def test_sections_are_in_order_while_the_field_is_empty() -> None:
    facts = replace(FACTS, favourites=(MINI.id, "lost/model"), recent=(OPUS.id, "@preset/work"))
    app = Picker(facts)
    async with app.run_test(size=(100, 40)) as pilot:
        text = await shown(app, pilot)
        heads = ["Favourites", "Recent", "Free to try", "Strongest", "All models"]
        places = [text.index(f"{head} ") for head in heads if f"{head} " in text or head == "Favourites"]
        assert places == sorted(places)
        assert "lost/model  ⚠ no longer in the catalogue" in text
        assert "@preset/work  a preset of your account" in text
        assert "until 09 Oct" in text
        assert "expired" in text
        assert "(batch)" not in text


async def test_the_cursor_starts_on_the_current_model() -> None:
    app = Picker(replace(FACTS, current=MINI.id))
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(app, pilot, "enter")
        assert app.result == (MINI.id,)


@pytest.mark.parametrize(
    ("keys", "count"),
    [
        (("alt+f",), 1),
        (("alt+t",), 3),
        (("alt+v",), 1),
        (("alt+r",), 1),
        (("alt+c",), 4),
        (("alt+p",), 1),
        (("alt+f", "alt+f"), 5),
        (tuple(letters(">300k")), 3),
    ],
)
async def test_filters_narrow_the_list_and_the_count_says_so(keys: Pressed, count: int) -> None:
    app = Picker()
    async with app.run_test(size=(100, 24)) as pilot:
        assert f"{count} of 6 shown" in await shown(app, pilot, *keys)


async def test_a_switch_can_be_clicked() -> None:
    app = Picker()
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.click("#chips", offset=(6, 0))
        assert "1 of 6 shown" in await shown(app, pilot)


async def test_the_order_is_changed_by_a_key() -> None:
    app = Picker()
    async with app.run_test(size=(100, 24)) as pilot:
        text = await shown(app, pilot, "f5")
        assert "Sort price" in text
        assert text.index("Qwen3.8") < text.index("GPT-5 Mini") < text.index("Opus") < text.index("Auto Router")
        text = await shown(app, pilot, "f5")
        assert text.index("Auto Router") < text.index("Opus") < text.index("GPT-5 Mini")


async def test_a_star_is_toggled_and_reported() -> None:
    app = Picker()
    async with app.run_test(size=(80, 24)) as pilot:
        text = await shown(app, pilot, *letters("opus"), "asterisk")
        assert "★ Anthropic: Claude Opus" in text
        await shown(app, pilot, "asterisk")
        assert app.stars == [OPUS.id, OPUS.id]


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        ("who/knows", "⚠ not in the catalogue"),
        ("@preset/work", "a preset of your account"),
        ("openai/gpt-5-mini:floor", "cheapest provider first"),
        ("openrouter/who/knows", "⚠ not in the catalogue"),
    ],
)
async def test_an_id_typed_by_hand_can_be_chosen_with_a_note(typed: str, note: str) -> None:
    app = Picker()
    async with app.run_test(size=(100, 24)) as pilot:
        text = await shown(app, pilot, *letters(typed))
        assert note in text
        await shown(app, pilot, "enter")
        assert app.result == (typed.removeprefix("openrouter/"),)


async def test_endpoints_are_asked_for_once_and_shown() -> None:
    asked: list[str] = []
    app = Picker(want=asked.append)
    async with app.run_test(size=(140, 40)) as pilot:
        await shown(app, pilot, *letters("opus"))
        assert asked.count(OPUS.id) == 1
        app.picker.show_endpoints(
            OPUS.id,
            (
                Endpoint(
                    provider="Bedrock",
                    quantization="fp8",
                    uptime=99.95,
                    throughput=88,
                    latency=0.6,
                    pricing=OPUS.pricing,
                ),
                Endpoint(provider="Sleepy\x1b", is_down=True),
            ),
        )
        text = await shown(app, pilot)
        assert "Bedrock" in text
        row = next(line for line in text.splitlines() if "Bedrock" in line)
        assert row.partition("Bedrock")[2].split()[:5] == ["4", "20", "0.6s", "88", "99.9%"]
        for fact in ("tok/s", "Sleepy␛", " down", "F4 pins"):
            assert fact in text
        await shown(app, pilot, "down", "up")
        assert asked.count(OPUS.id) == 1


async def test_endpoints_that_cannot_be_had_say_why() -> None:
    app = Picker(replace(FACTS, query="opus"))
    async with app.run_test(size=(140, 40)) as pilot:
        app.picker.show_endpoints(OPUS.id, Problem(kind=ErrorKind.NETWORK, title="No network"))
        assert "No network." in await shown(app, pilot)


async def test_a_line_up_is_gathered_with_its_cost_and_the_same_model_twice() -> None:
    app = Picker(replace(FACTS, many=True))
    async with app.run_test(size=(120, 30)) as pilot:
        assert "needs at least 2" in await shown(app, pilot, *letters("opus"), "enter", "f3")
        text = await shown(app, pilot, "enter")
        assert "2 of 8 · one question ~$0.048 · claude-opus-5.5, claude-opus-5.5" in text
        assert "2 Anthropic: Claude Opus" in text
        await shown(app, pilot, "f3")
        assert app.result == (OPUS.id, OPUS.id)


async def test_the_last_of_a_line_up_is_taken_back_and_the_ninth_is_refused() -> None:
    app = Picker(replace(FACTS, many=True, query="auto"))
    async with app.run_test(size=(120, 30)) as pilot:
        text = await shown(app, pilot, *["enter"] * 9)
        assert "at most 8 models" in text
        assert "8 of 8" in text
        assert "8 unknown" in text
        await shown(app, pilot, *["backspace"] * 4)
        assert "7 of 8" in await shown(app, pilot, "backspace")


async def test_a_saved_line_up_is_taken_whole() -> None:
    app = Picker(replace(FACTS, many=True, line_ups=(LineUp("daily", (OPUS.id, "gone/one", MINI.id)),)))
    async with app.run_test(size=(120, 30)) as pilot:
        assert "daily" in await shown(app, pilot)
        assert "~$0.026 + 1 unknown" in await shown(app, pilot, "enter")
        await shown(app, pilot, "f3")
        assert app.result == (OPUS.id, "gone/one", MINI.id)


async def test_a_fresher_catalogue_keeps_search_and_cursor() -> None:
    app = Picker()
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(app, pilot, *letters("mini"))
        app.picker.show_models((*MODELS, replace(MINI, id="a/mini-mini", name="A: Mini Mini")))
        assert "2 of 7 shown" in await shown(app, pilot)
        await shown(app, pilot, "enter")
        assert app.result == (MINI.id,)


async def test_an_empty_catalogue_takes_ids_all_the_same() -> None:
    app = Picker(replace(FACTS, models=(), note="no network, no list yet"))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "0 of 0 shown · no network, no list yet" in await shown(app, pilot, "enter", "down")
        await shown(app, pilot, *letters("a/b"), "enter")
        assert app.result == ("a/b",)


@pytest.mark.parametrize("size", [(20, 5), (8, 2), (1, 1), (300, 80)])
async def test_every_size_of_terminal_is_survived(size: tuple[int, int]) -> None:
    app = Picker(replace(FACTS, many=True, line_ups=(LineUp("x", (OPUS.id,)),)))
    async with app.run_test(size=size) as pilot:
        await shown(app, pilot, "tab", "down", "o", "p", "tab", "up", "asterisk", "enter", "alt+f", "pagedown")
        assert app.result == "open"
        if size == (20, 5):
            assert "shown" in screen_text(app) or "of 6" in screen_text(app)
