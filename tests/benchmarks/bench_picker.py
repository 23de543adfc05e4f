"""The model picker, per key, beside the floor: the same key in a bare Textual app with one field.

    python tests/benchmarks/bench_picker.py [rows ...]

Headless. For each size of catalogue: opening, and each key of a query typed and deleted again, from
the key to the painted screen; milliseconds of processor (median, p95, worst) and the ratio to the
floor. The clock on the wall would show Textual's frame slot (16.7 ms) in every row. The garbage
collector is set as the program sets it after its first frame.
"""

from __future__ import annotations

import asyncio
import gc
import random
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Input

from tests.benchmarks.figures import Figure, percentile
from tui_router.domain.model import Model
from tui_router.domain.usage import Pricing
from tui_router.ui.screens.models import ModelsScreen, PickerFacts

TODAY = date(2026, 9, 30)
KEYS = [*"claude", "space", *"son", *["backspace"] * 10, *"qwen coder".replace(" ", ""), *["backspace"] * 9]
AUTHORS = ("openai", "anthropic", "google", "qwen", "deepseek", "mistralai", "x-ai", "meta-llama")
KINDS = ("Claude Sonnet", "Claude Opus", "GPT Mini", "Coder", "Flash Lite", "Large Instruct", "R1 Distill", "Nemo")


class Bare(App[None]):
    """The floor."""

    def compose(self) -> ComposeResult:
        yield Input()


class Picker(App[None]):
    """The picker alone."""

    def __init__(self, models: tuple[Model, ...]) -> None:
        super().__init__()
        self._facts = PickerFacts(models=models, today=TODAY, favourites=(models[0].id,))

    def open(self) -> None:
        self.push_screen(ModelsScreen(self._facts, star=lambda _: None))


def catalogue(count: int) -> tuple[Model, ...]:
    """Made-up rows that look like real ones."""
    rng = random.Random(7)
    rows = []
    for n in range(count):
        author, kind = rng.choice(AUTHORS), rng.choice(KINDS)
        price = Decimal(rng.choice((0, 1, 3, 10, 30, 150))) / 10_000_000
        rows.append(
            Model(
                id=f"{author}/{kind.lower().replace(' ', '-')}-{n}",
                name=f"{author.title()}: {kind} {n}",
                created=TODAY - timedelta(days=rng.randrange(900)),
                context=rng.choice((32_000, 131_072, 200_000, 1_048_576)),
                parameters=frozenset(rng.sample(("tools", "reasoning", "temperature", "top_p"), 3)),
                pricing=Pricing(prompt=price, completion=price * 4),
            )
        )
    return tuple(rows)


async def settle(app: App[None]) -> None:
    """Return when every message so far was handled and the screen was painted."""
    painted = asyncio.Event()
    app.screen.call_after_refresh(painted.set)
    await painted.wait()


async def time_keys(app: App[None]) -> list[float]:
    """Return milliseconds of processor per key."""
    times = []
    for name in KEYS:
        character = " " if name == "space" else name if len(name) == 1 else None
        start = time.process_time()
        app.post_message(Key(name, character))
        for _ in range(3):  # the key reaches the field, the field's change the list, the list the screen
            await settle(app)
        times.append((time.process_time() - start) * 1000)
    return times


def line(label: str, times: list[float], floor: float) -> str:
    """Return one row of the table."""
    ordered = sorted(times)
    median, p95 = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
    return f"{label:<22}{median:8.1f}{p95:8.1f}{ordered[-1]:8.1f}{median / floor:8.1f}x"


async def bare() -> list[float]:
    """Return milliseconds per key of the floor."""
    app = Bare()
    async with app.run_test(size=(120, 40)):
        await time_keys(app)
        return await time_keys(app)


async def picker(size: int) -> tuple[list[float], float]:
    """Return milliseconds per key over ``size`` rows, and to open."""
    app = Picker(catalogue(size))
    async with app.run_test(size=(120, 40)) as pilot:
        start = time.perf_counter()
        app.open()
        await pilot.pause()
        await settle(app)
        opened = (time.perf_counter() - start) * 1000
        await time_keys(app)
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 50, 100)
        return await time_keys(app), opened


def held() -> Iterator[Figure]:
    """Yield what the picker is held to."""
    floor = f"bare field {percentile(asyncio.run(bare()), 0.95):.1f} ms"
    for size, bound in ((500, 15), (5_000, 20)):
        times, _ = asyncio.run(picker(size))
        yield Figure(f"picker, per key over {size:,} models, CPU p95", percentile(times, 0.95), bound, "ms", floor)


async def main(sizes: list[int]) -> None:
    """Print the table."""
    print(f"{'ms per key':<22}{'median':>8}{'p95':>8}{'worst':>8}{'floor':>9}")
    times = await bare()
    floor = statistics.median(times)
    print(line("bare field", times, floor))
    for size in sizes:
        times, opened = await picker(size)
        print(line(f"{size:,} rows", times, floor), f"  opened in {opened:.0f} ms")


if __name__ == "__main__":
    asyncio.run(main([int(a) for a in sys.argv[1:]] or [500, 5_000]))
