"""What the transcript costs: frames while streaming, opening, scrolling. Run it alone: it prints CPU time.

python tests/benchmarks/bench_transcript.py
"""

from __future__ import annotations

import asyncio
import gc
import random
import resource
import statistics
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from time import perf_counter, process_time
from typing import NamedTuple

from textual.app import App, ComposeResult
from textual.geometry import Region

from tests.benchmarks.figures import Figure, percentile
from tui_router.domain.events import Finished, TextDelta
from tui_router.domain.message import Message, Role, Text
from tui_router.domain.model import ModelRef
from tui_router.ui.transcript.code import highlight
from tui_router.ui.transcript.entry import Entry
from tui_router.ui.transcript.pane import TranscriptPane
from tui_router.ui.transcript.transcript import Transcript

SIZE = (120, 45)
VOCABULARY = (
    "the model routes a question to **several** providers and `returns` what each one answered in its own time with"
    " [sources](https://there.example/a) and numbers like 42 so that a reader can compare them"
)
WORDS = VOCABULARY.split()


def paragraph(chance: random.Random) -> str:
    """Return one Markdown block."""
    kind = chance.random()
    if kind < 0.1:
        body = "\n".join(f"    value_{n} = compute({n})  # step" for n in range(chance.randint(3, 12)))
        return f"```python\ndef f(x):\n{body}\n```"
    if kind < 0.25:
        return "\n".join(f"- {' '.join(chance.choices(WORDS, k=9))}" for _ in range(chance.randint(2, 6)))
    if kind < 0.3:
        rows = "\n".join(f"| {n} | {' '.join(chance.choices(WORDS, k=4))} |" for n in range(4))
        return f"| n | words |\n|--:|---|\n{rows}"
    if kind < 0.36:
        return f"## {' '.join(chance.choices(WORDS, k=4))}"
    return " ".join(chance.choices(WORDS, k=chance.randint(12, 70)))


def text_of(size: int, seed: int) -> str:
    """Return Markdown of about ``size`` characters."""
    chance = random.Random(seed)
    parts: list[str] = []
    total = 0
    while total < size:
        parts.append(paragraph(chance))
        total += len(parts[-1]) + 2
    return "\n\n".join(parts)


def conversation(turns: int, size: int = 2500) -> list[Entry]:
    """Return saved turns, questions and answers by turns."""
    pool = [text_of(size, n) for n in range(50)]
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        Entry.of(
            Message(
                id=f"m{n}",
                parent_id=None,
                role=Role.ASSISTANT if n % 2 else Role.USER,
                parts=(Text(f"{n} {pool[n % len(pool)]}"),),
                created=when,
                model=ModelRef("demo/quick"),
            )
        )
        for n in range(turns)
    ]


class Bench(App[None]):
    """One pane."""

    def __init__(self) -> None:
        super().__init__()
        self.pane = TranscriptPane()

    def compose(self) -> ComposeResult:
        yield self.pane


async def painted(app: App[None]) -> None:
    """Wait until what was asked for is on the screen."""
    done = asyncio.Event()
    app.call_after_refresh(done.set)
    await done.wait()


def spent(times: list[float]) -> str:
    """Return median and 95th percentile in milliseconds."""
    times = sorted(times)
    return f"median {statistics.median(times) * 1000:6.2f} ms   p95 {times[int(len(times) * 0.95)] * 1000:6.2f} ms"


async def frames(app: Bench, view: Transcript, already: int, turns: int, count: int = 150) -> list[float]:
    """Return CPU seconds of each frame of 8 tokens, with ``already`` tokens there and ``turns`` above."""
    view.show(conversation(turns))
    view.append(Entry.live("live", name="Quick"))
    tokens = text_of(already * 4, 1000) + "\n\n"
    for at in range(0, len(tokens), 4000):
        view.apply("live", [TextDelta(tokens[at : at + 4000])])
    more = text_of(count * 32 + 100, 2000)
    await painted(app)
    gc.collect()
    times: list[float] = []
    for number in range(count):
        started = process_time()
        view.apply("live", [TextDelta(more[number * 32 : number * 32 + 32])])
        view.tick(number / 30)
        await painted(app)
        times.append(process_time() - started)
    return times


async def measured(
    name: str, work: Callable[[], None], app: Bench, rounds: int = 5, prepare: Callable[[], None] | None = None
) -> None:
    """Print CPU of ``work`` until it is painted: the first, cold round, and the median of the others.

    ``prepare`` makes fresh material before each round, outside of the measured time: an entry that
    was shown once is laid out already and would cost nothing.
    """
    cpu: list[float] = []
    wall: list[float] = []
    for _ in range(rounds + 1):
        if prepare is not None:
            app.pane.transcript.show([])
            prepare()
        highlight.cache_clear()
        await painted(app)
        gc.collect()
        a, b = process_time(), perf_counter()
        work()
        await painted(app)
        cpu.append(process_time() - a)
        wall.append(perf_counter() - b)
    first, *others = (c * 1000 for c in cpu)
    print(
        f"{name:44} CPU first {first:7.1f}   then {statistics.median(others):7.1f} ms"
        f"   wall {statistics.median(wall) * 1000:7.1f} ms"
    )


def resident() -> float:
    """Return the memory in use now, in MB."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize() / 1e6


class Frames(NamedTuple):
    """CPU seconds of each frame while streaming, by what is there already."""

    small: list[float]
    """1,000 tokens."""
    large: list[float]
    """50,000 tokens."""
    above: list[float]
    """1,000 tokens with 2,000 turns above."""


async def all_frames(app: Bench, view: Transcript, count: int = 150) -> Frames:
    """Measure frames of a growing answer."""
    await frames(app, view, 200, 2, 30)
    small = await frames(app, view, 1_000, 0, count)
    large = await frames(app, view, 50_000, 0, count)
    return Frames(small, large, await frames(app, view, 1_000, 2_000, count))


async def streaming(app: Bench, view: Transcript) -> None:
    """A frame of a growing answer, by how much is there already."""
    small, large, above = await all_frames(app, view)
    print("A frame of 8 tokens while streaming, painted (CPU)")
    for name, times in (
        ("1,000 tokens", small),
        ("50,000 tokens", large),
        ("1,000 tokens, 2,000 turns above", above),
    ):
        ratio = statistics.median(times) / statistics.median(small)
        print(f"  {name:34} {spent(times)}   x {ratio:.2f}")


async def opening(app: Bench, view: Transcript) -> None:
    """A conversation whose turns were never shown."""
    print("Opening, turns never shown before")
    fresh: list[Entry] = []
    for turns in (100, 2000, 5000):

        def make(count: int = turns) -> None:
            fresh[:] = conversation(count)

        make()
        megabytes = sum(len(e.text) for e in fresh) / 1e6
        before = resident()
        await measured(f"  {turns:,} turns, {megabytes:.1f} MB", lambda: view.show(fresh), app, prepare=make)
        print(f"  {'':42} memory since before the first {resident() - before:+.1f} MB")
    last = "".join(strip.text for strip in view.render_lines(Region(0, 0, view.size.width, view.size.height)))
    assert last.strip(), "nothing was painted"


async def pages(app: Bench, view: Transcript) -> list[float]:
    """Return CPU seconds of each of 200 pages of scroll through 2,000 turns."""
    view.show(conversation(2000))
    times = []
    for number in range(200):
        started = process_time()
        view.viewport.scroll_page(-1 if number % 50 < 40 else 3)
        await painted(app)
        times.append(process_time() - started)
    return times


async def moving(app: Bench, view: Transcript) -> None:
    """Scrolling, the block cursor, finding, resizing, other colours."""
    print("Moving in 2,000 turns (5 MB)")
    print(f"  a page of scroll                   {spent(await pages(app, view))}")
    times = []
    for _ in range(300):
        started = process_time()
        view.entry_cursor.move(-1)
        await painted(app)
        times.append(process_time() - started)
    print(f"  a step of the block cursor         {spent(times)}")
    counted: list[int] = []
    await measured("  find a word everywhere", lambda: counted.append(view.search.find("compare")), app)
    look, viewport = view.entries.appearance, view.viewport
    await measured("  a resize step", lambda: view.set_appearance(look, 60 if viewport.max_width != 60 else 90), app)
    await measured("  other colours", lambda: view.set_text_styles({"text": "#eeeeee"}), app)


async def one_answer(app: Bench, view: Transcript) -> None:
    """Long answers, whole and in a flood."""
    fresh: list[Entry] = []
    print("One answer at once")
    for name, text in (
        ("50,000 tokens", text_of(200_000, 5)),
        ("1 MB of Markdown", text_of(1_000_000, 6)),
        ("1 MB on one line", "x" * 1_000_000),
        ("1 MB of CJK on one line", "漢" * 333_333),
    ):

        def one(words: str = text, size: str = name) -> None:
            when = datetime(2026, 1, 1, tzinfo=UTC)
            parts = (Text(words),)
            fresh[:] = [Entry.of(Message(id=size, parent_id=None, role=Role.ASSISTANT, parts=parts, created=when))]

        await measured(f"  {name}", lambda: view.show(fresh), app, 3, prepare=one)

    def flood() -> None:
        view.show([Entry.live("flood", name="Quick")])
        tokens = text_of(200_000, 8)
        for at in range(0, len(tokens), 2_000):
            view.apply("flood", [TextDelta(tokens[at : at + 2_000])])
        view.apply("flood", [Finished()])

    await measured("  50,000 tokens in 100 frames", flood, app, 3)
    assert view.render_lines(Region(0, 0, view.size.width, view.size.height))


async def measured_rounds(rounds: int = 7) -> tuple[list[Frames], list[float]]:
    """Measure frames, in rounds so that a change of the machine's pace touches few of them, and pages of scroll."""
    app = Bench()
    gc.set_threshold(20_000, 50, 100)  # as the program has it
    async with app.run_test(size=SIZE):
        view = app.pane.transcript
        return [await all_frames(app, view, 50) for _ in range(rounds)], await pages(app, view)


def held() -> Iterator[Figure]:
    """Yield what the transcript is held to."""
    rounds, scrolled = asyncio.run(measured_rounds())
    small = [statistics.median(r.small) for r in rounds]
    beside = f"after 1,000 tokens {statistics.median(small) * 1000:.1f} ms of CPU"
    # "The same" for 50 times the text leaves a quarter for the noise of two milliseconds on a shared machine.
    for what, times in (
        ("a frame after 50,000 tokens", [statistics.median(r.large) for r in rounds]),
        ("a frame with 2,000 turns above it", [statistics.median(r.above) for r in rounds]),
    ):
        yield Figure(what, statistics.median(a / b for a, b in zip(times, small, strict=True)), 1.25, "x", beside)
    yield Figure("a page of scroll in 2,000 turns, CPU p95", percentile(scrolled, 0.95) * 1000, 10, "ms")


async def run() -> None:
    """Print every number."""
    app = Bench()
    async with app.run_test(size=SIZE):
        view = app.pane.transcript
        for part in (streaming, opening, moving, one_answer):
            await part(app, view)


if __name__ == "__main__":
    asyncio.run(run())
