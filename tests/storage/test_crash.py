"""``kill -9`` at any moment, and two processes that write at once: everything committed is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.values import a_conversation
from tui_router.domain.message import EndingKind
from tui_router.storage.bootstrap import open_database
from tui_router.storage.conversations import Conversations
from tui_router.storage.messages import Messages
from tui_router.storage.paths import AppPaths

STREAMER = """
import sys
from pathlib import Path
from typing import NamedTuple
from tests.values import a_conversation, a_message, an_answer
from tui_router.storage.conversations import Conversations
from tui_router.storage.messages import Messages
from tui_router.storage.bootstrap import open_database
from tui_router.storage.paths import AppPaths

class Piece(NamedTuple):
    message_id: str
    text: str
    reasoning: str

root = Path(sys.argv[1])
database = open_database(AppPaths(config=root / "config", cache=root / "cache", log=root / "log"))
conversations, messages = Conversations(database), Messages(database)
conversations.save(a_conversation("c1"))
lanes = [f"a{n}" for n in range(3)]
messages.add_messages("c1", [a_message("q"), *(an_answer(i, "q", parts=(), ending=None, batch="b") for i in lanes)])
number = 0
while True:
    messages.append_pieces([Piece(i, f"{number} ", f"t{number} ") for i in lanes])
    number += 1
    print(number, flush=True)
"""

WRITER = """
import sys
from pathlib import Path
from tests.values import a_message
from tui_router.storage.messages import Messages
from tui_router.storage.bootstrap import open_database
from tui_router.storage.paths import AppPaths

root = Path(sys.argv[1])
with open_database(AppPaths(config=root / "config", cache=root / "cache", log=root / "log")) as database:
    for number in range(50):
        Messages(database).add_messages("c1", [a_message(f"{sys.argv[2]}-{number}")])
"""


def start(code: str, *words: str) -> subprocess.Popen[str]:
    """Run code in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("commits", [1, 7, 60])
def test_after_kill_9_everything_up_to_the_last_commit_is_there(paths: AppPaths, tmp_path: Path, commits: int) -> None:
    with start(STREAMER, str(tmp_path)) as process:
        assert process.stdout is not None
        told = 0
        while told < commits:
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            told = int(line)
        process.kill()
        rest = process.stdout.read().split("\n")
        told = max([told, *(int(n) for n in rest[:-1] if n)])
    with open_database(paths) as database:
        assert database.notices == ()
        messages = Messages(database)
        assert messages.recover_unfinished() == ("c1",)
        question, *answers = messages.load_messages("c1")
        assert question.text == "q"
        assert len(answers) == 3
        lengths = set()
        for answer in answers:
            assert answer.ending is not None
            assert answer.ending.kind is EndingKind.INTERRUPTED
            numbers = [int(n) for n in answer.text.split()]
            assert numbers == list(range(len(numbers)))
            assert len(numbers) in (told, told + 1)
            assert len(answer.reasoning.split()) == len(numbers)
            lengths.add(len(numbers))
        assert len(lengths) == 1
        assert Conversations(database).list_summaries()[0].is_unfinished
    assert list(paths.instances.iterdir()) == []


def test_a_window_that_opens_meanwhile_leaves_the_streaming_one_alone(paths: AppPaths, tmp_path: Path) -> None:
    with start(STREAMER, str(tmp_path)) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        with open_database(paths) as database:
            messages = Messages(database)
            before = database.data_version()
            assert messages.recover_unfinished() == ()
            assert all(m.ending is None for m in messages.load_messages("c1")[1:])
            while database.data_version() == before:  # lines that were printed before wait in the pipe
                assert process.stdout.readline()
            process.kill()
            process.wait()
            assert messages.recover_unfinished() == ("c1",)


def test_two_processes_write_at_once_and_nothing_is_lost(paths: AppPaths, tmp_path: Path) -> None:
    with open_database(paths) as database:
        Conversations(database).save(a_conversation())
        processes = [start(WRITER, str(tmp_path), name) for name in ("left", "right")]
        for process in processes:
            _, errors = process.communicate()
            assert (process.returncode, errors) == (0, "")
        found = [m.id for m in Messages(database).load_messages("c1")]
    assert len(found) == 100
    for name in ("left", "right"):
        assert [i for i in found if i.startswith(name)] == [f"{name}-{n}" for n in range(50)]
