"""The conversation list over 10,000 conversations with 100,000 messages, beside the floor: a bare list of Textual.

    python -m tests.benchmarks.bench_library [messages]

Opening is measured from the key to the painted rows, on a database on disk; a search from the last letter to the
painted hits. Prints milliseconds (median and worst of several) and the ratio to the floor of the same run.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textual.app import App
from textual.events import Key
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import OptionList

from tests.benchmarks.bench_search import fill
from tests.ui.still_host import screen_text
from tui_router.domain.conversation import Tree
from tui_router.domain.message import Message, Role, Text
from tui_router.services.library import Library
from tui_router.storage.bootstrap import open_database
from tui_router.storage.paths import AppPaths
from tui_router.ui.screens.library import LibraryScreen
from tui_router.ui.screens.tree import TreeScreen
from tui_router.ui.widgets.line_list import LineList

ROUNDS = 9
SIZE = (120, 36)


class Threaded(App[None]):
    """Shows screens and runs their jobs on threads, as the program does."""

    ENABLE_COMMAND_PALETTE = False

    def tell(self, sentence: str) -> None:
        """Ignore it."""

    def work(self, job: Callable[[], Any], done: Callable[[Any], None], failed: Any = None) -> None:
        """Run ``job`` on a thread."""

        def run() -> None:
            result = job()
            self.call_from_thread(done, result)

        self.run_worker(run, thread=True)


class BareList(ModalScreen[None]):
    """Textual's own list with a screenful of rows."""

    def compose(self) -> Any:
        """One list."""
        yield OptionList(*(f"Talk {i}" for i in range(SIZE[1])))


async def painted(pilot: Pilot[Any], is_there: Callable[[], bool]) -> str:
    """Wait until a screen has its rows, paint it, and return what it shows."""
    while not is_there():
        await asyncio.sleep(0.0005)
    return screen_text(pilot.app)


async def opened(pilot: Pilot[Any], make: Callable[[], ModalScreen[Any]], words: str) -> list[float]:
    """Open a screen several times; milliseconds until its rows are painted."""
    times = []
    for number in range(ROUNDS + 1):
        start = time.perf_counter()
        screen = make()
        pilot.app.push_screen(screen)
        text = await painted(pilot, lambda screen=screen: screen.is_mounted and rows_of(screen) > 1)  # type: ignore[misc]
        if number:
            times.append((time.perf_counter() - start) * 1000)
        assert words in text, text
        screen.dismiss(None)
        await pilot.pause()
    return times


async def searched(pilot: Pilot[Any], library: Library, query: str, words: str) -> list[float]:
    """Type a search several times; milliseconds from its last letter to the painted hits."""
    times = []
    for number in range(ROUNDS + 1):
        screen = LibraryScreen(library, pilot.app, delay=0)  # type: ignore[arg-type]
        pilot.app.push_screen(screen)
        await pilot.pause(0.2)
        await pilot.press(*query[:-1])
        await pilot.pause(0.3)
        before = screen.searched_for
        start = time.perf_counter()
        pilot.app.post_message(Key(query[-1], query[-1]))
        text = await painted(pilot, lambda screen=screen, before=before: screen.searched_for != before)  # type: ignore[misc]
        if number:
            times.append((time.perf_counter() - start) * 1000)
        assert words in text, text
        screen.dismiss(None)
        await pilot.pause()
    return times


def rows_of(screen: ModalScreen[Any]) -> int:
    """Return how many rows its list has."""
    lists = screen.query(LineList)
    return lists.first().row_count if lists else screen.query_one(OptionList).option_count


def show(label: str, times: list[float], base: float) -> None:
    """Print one row."""
    middle = statistics.median(times)
    print(f"{label:44} {middle:8.1f} ms   worst {max(times):7.1f} ms   {middle / base:6.2f} of the floor")


def tree(size: int) -> Tree:
    """Return a conversation in which every tenth question was asked twice."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    messages, parent = [], None
    for i in range(size):
        role = Role.ASSISTANT if i % 2 else Role.USER
        messages.append(Message(id=f"m{i}", parent_id=parent, role=role, parts=(Text(f"Words {i} " * 20),), created=at))
        parent = parent if i % 20 == 10 else f"m{i}"
    return Tree(messages)


async def main(count: int) -> None:
    """Build, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        database = open_database(AppPaths(config=root, cache=root, log=root))
        start = time.perf_counter()
        fill(database, count)
        print(f"{count:,} messages in {time.perf_counter() - start:.1f} s")
        library = Library(database, lambda: datetime.now(UTC))
        app = Threaded()
        async with app.run_test(size=SIZE) as pilot:
            floor = await opened(pilot, BareList, "Talk 3")
            base = statistics.median(floor)
            show("floor: a bare list of one screen", floor, base)
            show(
                "the list of conversations",
                await opened(pilot, lambda: LibraryScreen(library, app), "Talk"),  # type: ignore[arg-type]
                base,
            )
            show("a search for a rare word, last letter", await searched(pilot, library, "needle", "places"), base)
            big = tree(5_000)
            head = big.last_leaf()
            show("the tree of 5,000 messages", await opened(pilot, lambda: TreeScreen(big, head), "5,000 mess"), base)
        database.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
