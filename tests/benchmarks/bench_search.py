"""Search and lists over a large database, beside the floor: SQLite counting the same rows.

    python tests/benchmarks/bench_search.py [messages]

Prints milliseconds (median of 9 after one warm-up) and the ratio to the floor of the same run.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate
from pathlib import Path

from tests.benchmarks.figures import Figure
from tui_router.domain.conversation import Conversation
from tui_router.domain.library import parse_query
from tui_router.domain.message import Message, Role, Text
from tui_router.domain.model import ModelRef
from tui_router.storage.bootstrap import open_database
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database
from tui_router.storage.messages import Messages
from tui_router.storage.paths import AppPaths
from tui_router.storage.search import ConversationSearch

CONVERSATIONS = 10_000
START = datetime(2024, 1, 1, tzinfo=UTC)


def words(count: int) -> list[str]:
    """Made-up words whose use falls off as in real text."""
    rng = random.Random(1)
    return ["".join(rng.choice("abcdefghijklmnoprstuvwz") for _ in range(rng.randint(3, 9))) for _ in range(count)]


def fill(database: Database, count: int) -> None:
    """Put ``count`` messages of about sixty words into the database."""
    rng = random.Random(2)
    vocabulary = words(20_000)
    weights = list(accumulate(1 / (rank + 1) for rank in range(len(vocabulary))))
    conversations, messages = Conversations(database), Messages(database)
    each = max(1, count // CONVERSATIONS)
    for number in range(count // each):
        at = START + timedelta(minutes=number)
        identity = f"c{number}"
        conversations.save(
            Conversation(id=identity, title=f"Talk {number}", created=at, updated=at, model=ModelRef("demo/quick"))
        )
        batch = [
            Message(
                id=f"{identity}-{i}",
                parent_id=f"{identity}-{i - 1}" if i else None,
                role=Role.ASSISTANT if i % 2 else Role.USER,
                parts=(
                    Text(
                        " ".join(rng.choices(vocabulary, cum_weights=weights, k=60))
                        + (" needle" if number % 500 == 7 else "")
                    ),
                ),
                created=at,
                model=ModelRef("demo/quick"),
            )
            for i in range(each)
        ]
        messages.add_messages(identity, batch, head=batch[-1].id)


def median(run: Callable[[], object]) -> float:
    """Milliseconds of one run."""
    run()
    times = []
    for _ in range(9):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


@contextmanager
def filled(count: int) -> Iterator[tuple[Database, str]]:
    """Make a database of ``count`` messages on disk; also yields how it went, in words."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        database = open_database(AppPaths(config=root, cache=root, log=root))
        start = time.perf_counter()
        fill(database, count)
        yield database, f"{count:,} messages in {time.perf_counter() - start:.1f} s, {database_size(root):.0f} MB"
        database.close()


def floor(database: Database) -> float:
    """Return milliseconds of counting over all texts."""

    def count() -> object:
        with database.read() as connection:
            return connection.execute("SELECT count(*), sum(length(text)) FROM messages").fetchone()

    return median(count)


def searches(database: Database) -> Iterator[tuple[str, float]]:
    """Yield kinds of queries with their milliseconds."""
    search, common = ConversationSearch(database), words(20_000)
    for label, query in (
        ("one rare word", "needle"),
        ("beginning of a word, one letter", "n"),
        ("beginning of a word, three letters", "nee"),
        ("the commonest word", common[0] + " "),
        ("the commonest word and a rare one", f"{common[0]} needle"),
        ("three common words", " ".join(common[:3])),
        ("a phrase of common words", f'"{common[0]} {common[1]}"'),
        ("a word and model:", f"{common[5]} model:quick"),
        ("only model:", "model:quick"),
    ):
        yield label, median(partial(search.find, parse_query(query)))


def held() -> Iterator[Figure]:
    """Yield what searching is held to."""
    with filled(100_000) as (database, _):
        beside = f"SELECT count over all texts {floor(database):.0f} ms"
        slowest = max(cost for _, cost in searches(database))
    yield Figure("search over 100,000 messages, slowest of 9 queries", slowest, 50, "ms", beside)


def main(count: int) -> None:
    """Build, measure, print."""
    with filled(count) as (database, story):
        print(story)
        base = floor(database)
        print(f"{'floor: SELECT count over all texts':44} {base:8.1f} ms")
        for label, cost in searches(database):
            print(f"{'search: ' + label:44} {cost:8.1f} ms   {cost / base:6.2f} of the floor")
        conversations = Conversations(database)
        for label, run in [
            ("list of 10,000 conversations", lambda: conversations.list_summaries(limit=10_000)),
            ("list, first 200", lambda: conversations.list_summaries()),
        ]:
            cost = median(run)
            print(f"{label:44} {cost:8.1f} ms   {cost / base:6.2f} of the floor")


def database_size(root: Path) -> float:
    """Megabytes on disk."""
    return sum(p.stat().st_size for p in root.glob("conversations.db*")) / 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
