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
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate
from pathlib import Path

from tui_router.domain.conversation import Conversation
from tui_router.domain.message import Message, Role, Text
from tui_router.domain.model import ModelRef
from tui_router.domain.query import parse_query
from tui_router.storage.conversations import Conversations
from tui_router.storage.database import Database
from tui_router.storage.messages import Messages
from tui_router.storage.opening import open_database
from tui_router.storage.places import Places
from tui_router.storage.search import Search

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


def main(count: int) -> None:
    """Build, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        database = open_database(Places(config=root, cache=root, log=root))
        start = time.perf_counter()
        fill(database, count)
        print(f"{count:,} messages in {time.perf_counter() - start:.1f} s, {database_size(root):.0f} MB")
        search, conversations = Search(database), Conversations(database)

        def floor() -> object:
            with database.read() as connection:
                return connection.execute("SELECT count(*), sum(length(text)) FROM messages").fetchone()

        base = median(floor)
        print(f"{'floor: SELECT count over all texts':44} {base:8.1f} ms")
        common = words(20_000)
        for label, query in [
            ("one rare word", "needle"),
            ("beginning of a word, one letter", "n"),
            ("beginning of a word, three letters", "nee"),
            ("the commonest word", common[0] + " "),
            ("the commonest word and a rare one", f"{common[0]} needle"),
            ("three common words", " ".join(common[:3])),
            ("a phrase of common words", f'"{common[0]} {common[1]}"'),
            ("a word and model:", f"{common[5]} model:quick"),
            ("only model:", "model:quick"),
        ]:
            cost = median(partial(search.find, parse_query(query)))
            print(f"{'search: ' + label:44} {cost:8.1f} ms   {cost / base:6.2f} of the floor")
        for label, run in [
            ("list of 10,000 conversations", lambda: conversations.list_summaries(limit=10_000)),
            ("list, first 200", lambda: conversations.list_summaries()),
        ]:
            cost = median(run)
            print(f"{label:44} {cost:8.1f} ms   {cost / base:6.2f} of the floor")
        database.close()


def database_size(root: Path) -> float:
    """Megabytes on disk."""
    return sum(p.stat().st_size for p in root.glob("conversations.db*")) / 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
