"""The table of providers: cursor, pin, ban, undo, sort and clear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from tests.ui.screens.test_models import FACTS, OPUS, Picker, screen_text, shown
from tui_router.domain.account import DataPolicy, Endpoint
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.routing import Routing
from tui_router.domain.usage import Pricing
from tui_router.ui.screens.providers import ProvidersScreen

M = Decimal(1_000_000)
ACME = Endpoint(
    provider="Acme", tag="acme/fp8", quantization="fp8", context=128_000, max_output=8_000, uptime=99.95, latency=0.6,
    throughput=88, pricing=Pricing(prompt=4 / M, completion=20 / M, input_cache_read=Decimal("0.4") / M),
    policy=DataPolicy(retains=False),
)  # fmt: skip
BOLT = Endpoint(
    provider="Bolt", tag="bolt", context=64_000, latency=0.2, throughput=300, is_down=True, uptime=50,
    pricing=Pricing(prompt=1 / M, completion=2 / M), policy=DataPolicy(trains=True),
)  # fmt: skip


class Table(App[None]):
    """Holds the screen and what was kept."""

    def __init__(self, routing: Routing = Routing(), forced: Routing | None = None) -> None:  # noqa: B008
        super().__init__()
        self.kept: list[Routing] = []
        self.forced = forced
        self.table = ProvidersScreen("Big", routing, change=self.keep, name_of=str.title)

    def keep(self, routing: Routing) -> Routing:
        self.kept.append(routing)
        return self.forced or routing

    def on_mount(self) -> None:
        self.push_screen(self.table)


def rows(app: Table) -> list[str]:
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


async def press(app: Table, pilot: Pilot[Any], *keys: str) -> str:
    await pilot.press(*keys)
    await pilot.pause()
    return "\n".join(rows(app))


def row(text: str, provider: str) -> str:
    return next(line for line in text.splitlines() if f" {provider} " in line and "│" in line)


@pytest.mark.parametrize("width", [80, 120])
async def test_everything_that_is_known_is_in_the_table_or_under_it(width: int) -> None:
    app = Table()
    async with app.run_test(size=(width, 24)) as pilot:
        app.table.show_endpoints((ACME, BOLT))
        text = await press(app, pilot)
        for fact in ("4", "20", "0.4", "0.6s", "88", "99.9%", "128k", "fp8", "not kept"):
            assert f" {fact} " in row(text, "Acme"), fact
        for fact in ("down", "trains"):
            assert f" {fact} " in row(text, "Bolt"), fact
        assert "acme/fp8 · window 128k · answers up to 8k" in text
        assert "keeps no prompts" in text
        assert "bolt · window 64k" in await press(app, pilot, "down")
        assert all(strip.cell_length == width for strip in app.screen._compositor.render_strips())


async def test_one_key_pins_one_bans_and_again_takes_it_back() -> None:
    app = Table()
    async with app.run_test(size=(100, 24)) as pilot:
        app.table.show_endpoints((ACME, BOLT))
        text = await press(app, pilot, "p")
        assert "✓ Acme" in text
        assert "only Acme/Fp8, in this conversation" in text
        text = await press(app, pilot, "down", "b")
        assert "✗ Bolt" in text
        assert "not Bolt" in text
        text = await press(app, pilot, "b", "up", "enter")
        assert "✓" not in text
        assert "Any provider" in text
    assert app.kept == [
        Routing(only=("acme/fp8",)),
        Routing(only=("acme/fp8",), ignore=("bolt",)),
        Routing(only=("acme/fp8",)),
        Routing(),
    ]


async def test_clicks_do_the_same() -> None:
    app = Table()
    async with app.run_test(size=(100, 24)) as pilot:
        app.table.show_endpoints((ACME, BOLT))
        await press(app, pilot)
        await pilot.click("#chips", offset=(10, 0))
        await pilot.pause()
    assert app.kept == [Routing(ignore=("acme/fp8",))]


async def test_the_cursor_stays_with_its_row_when_the_order_changes() -> None:
    app = Table()
    async with app.run_test(size=(100, 24)) as pilot:
        app.table.show_endpoints((ACME, BOLT))
        text = await press(app, pilot, "s")
        assert "sort: price" in text
        assert text.index(" Bolt ") < text.index(" Acme ")
        assert "acme/fp8 · window" in text
        for order in ("latency", "throughput", "listed"):
            assert f"sort: {order}" in await press(app, pilot, "s")


async def test_clearing_forgets_all_and_the_settings_may_still_say_otherwise() -> None:
    app = Table(Routing(only=("bolt",), order=("acme",)), forced=Routing(ignore=("acme",)))
    async with app.run_test(size=(100, 24)) as pilot:
        app.table.show_endpoints((ACME, BOLT))
        assert "only Bolt" in await press(app, pilot)
        assert "not Acme, in this conversation" in await press(app, pilot, "x")
    assert app.kept == [Routing()]


async def test_a_routing_without_providers_is_reported() -> None:
    app = Table(Routing(only=("nobody",)))
    async with app.run_test(size=(100, 24)) as pilot:
        assert "asking…" in await press(app, pilot)
        app.table.show_endpoints((ACME,))
        assert "nobody is left to serve this model" in await press(app, pilot)
        app.table.show_endpoints(Problem(kind=ErrorKind.NETWORK, title="No network"))
        assert "No network." in await press(app, pilot, "p")
    assert app.kept == []


async def test_the_providers_of_the_highlighted_model_are_shown_and_marked_when_one_is_pinned() -> None:
    wanted: list[tuple[str, Callable[[Routing], None]]] = []
    app = Picker(replace(FACTS, query="opus"))
    app.picker._want_providers = lambda model_id, changed: wanted.append((model_id, changed))
    async with app.run_test(size=(140, 40)) as pilot:
        app.picker.show_endpoints(OPUS.id, (Endpoint(provider="Bedrock", tag="bedrock"),))
        assert "✓" not in await shown(app, pilot, "f4")
        ((model_id, changed),) = wanted
        assert model_id == OPUS.id
        changed(Routing(only=("bedrock",)))
        assert "✓ Bedrock" in await shown(app, pilot)


async def test_no_row_of_the_table_is_wider_than_the_pane() -> None:
    app = Picker(replace(FACTS, query="opus"))
    full = Endpoint(
        provider="A provider with a long name", tag="long/fp8", quantization="fp8", latency=12.34, throughput=1234,
        uptime=100, context=1_000_000, max_output=128_000, pricing=OPUS.pricing, policy=DataPolicy(retains=True),
    )  # fmt: skip
    async with app.run_test(size=(80, 24)) as pilot:
        app.picker.show_endpoints(OPUS.id, (full,) * 30)
        text = await shown(app, pilot, "tab", "pagedown")
        await pilot.pause()
        rows = [line for line in screen_text(app).splitlines() if "A provider" in line]
        assert rows
        assert all("may keep" in line for line in rows), text


async def test_what_comes_after_the_table_was_closed_does_no_harm() -> None:
    app = Table()
    async with app.run_test(size=(100, 24)) as pilot:
        app.table.show_endpoints((ACME,))
        await press(app, pilot, "escape")
        app.table.show_endpoints((ACME, BOLT))
        await pilot.pause()
        assert app.is_running


async def test_what_comes_after_the_picker_was_closed_does_no_harm() -> None:
    app = Picker(replace(FACTS, query="opus"))
    async with app.run_test(size=(140, 40)) as pilot:
        await shown(app, pilot, "escape")
        app.picker.show_endpoints(OPUS.id, (ACME, BOLT))
        await pilot.pause()
        assert app.is_running
