"""Many questions from a file, answered into another. Stopped at any moment, it goes on where it was.

Every answer is one line of the output, written when it is whole; a line carries the key of its question,
and a question whose key is there is not asked again. What failed is not written, so it is asked again next time.
"""

from __future__ import annotations

import hashlib
import json
import queue
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tui_router.domain.message import Message
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.safe import clean
from tui_router.services.turn import Turn
from tui_router.storage.files import read_bytes

_PROMPT_NAMES = ("prompt", "question", "text")
MOST_BYTES = 256 * 1024 * 1024
"""Longest file of questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question for one model."""

    key: str
    """Stays the same as long as the question, its system prompt, its id and the model do."""
    line: int
    """In the file, from 1."""
    id: str | int | None
    """As the file gives it."""
    prompt: str
    system: str | None
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one question went: an answer that ended, or a problem before it began."""

    item: Item
    message: Message | None = None
    problem: Problem | None = None


def read_items(path: Path, models: Sequence[str]) -> tuple[Item, ...]:
    """Read questions, one a line: a JSON text, or an object with ``prompt``, perhaps ``id``, ``system``, ``model``.

    ``models`` answer those that name no model. Raises ``Trouble`` that says which line is wrong.
    """
    data = read_bytes(path)
    if data is None:
        raise Trouble(Problem(kind=Kind.FILE, title=f"{path} is not there", hint="Check the path"))
    if len(data) > MOST_BYTES:
        raise _bad(path, 0, f"it is longer than {MOST_BYTES // 1024**2} MB")
    items: list[Item] = []
    seen: Counter[str] = Counter()
    for number, line in enumerate(data.decode("utf-8-sig", "replace").split("\n"), start=1):
        if line.strip():
            for item in _items(path, number, line, models):
                seen[item.key] += 1
                times = seen[item.key]
                items.append(item if times == 1 else _again(item, times))
    if not items:
        raise _bad(path, 0, "it holds no question")
    return tuple(items)


class AnswerFile:
    """The output: one JSON object a line."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keys(self) -> frozenset[str]:
        """Return the keys of the questions that are answered; a last line that was cut off is taken away.

        Raises ``Trouble`` when the file is something else.
        """
        data = read_bytes(self._path) or b""
        whole, _, torn = data.rpartition(b"\n")
        if torn:
            self._cut(len(data) - len(torn))
        found = set()
        for number, line in enumerate(whole.splitlines(), start=1):
            if line.strip():
                found.add(self._key(number, line))
        return frozenset(found)

    def add(self, record: dict[str, Any]) -> None:
        """Append an answer."""
        line = json.dumps(record, ensure_ascii=True, default=str)
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def _key(self, number: int, line: bytes) -> str:
        try:
            key = json.loads(line)["key"]
        except (ValueError, KeyError, TypeError, RecursionError):
            key = None
        if not isinstance(key, str):
            raise _bad(self._path, number, "not an answer of an earlier batch; choose another file for the output")
        return key

    def _cut(self, size: int) -> None:
        try:
            with self._path.open("rb+") as file:
                file.truncate(size)
        except OSError as error:
            raise _unwritable(self._path, error) from error


class Batch:
    """Runs questions on a few threads; outcomes are told on the thread that called ``run``.

    Args:
        begin: Makes the turn of a question, or raises ``Trouble``; called on a worker.
        at_once: How many run at the same time at most (the limiter may allow fewer).
    """

    def __init__(self, begin: Callable[[Item], Turn], at_once: int) -> None:
        self._begin = begin
        self._at_once = at_once
        self._lock = threading.Lock()
        self._running: set[Turn] = set()
        self._is_stopped = False
        self._left = 0
        self._outcomes: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()

    def run(self, items: Iterable[Item], on_outcome: Callable[[Outcome], None]) -> None:
        """Ask everything; returns when the last one ended."""
        waiting = deque(items)
        self._left = min(self._at_once, len(waiting))
        for _ in range(self._left):
            threading.Thread(target=self._work, args=(waiting,), daemon=True).start()
        self.finish(on_outcome)

    def finish(self, on_outcome: Callable[[Outcome], None]) -> None:
        """Take what is still to come; after ``stop`` that is little, but whole answers may be among it."""
        while self._left:
            outcome = self._outcomes.get()
            if outcome is None:
                self._left -= 1
            else:
                on_outcome(outcome)

    def stop(self) -> None:
        """Stop what runs and start nothing more."""
        with self._lock:
            self._is_stopped = True
            running = tuple(self._running)
        for turn in running:
            turn.cancel()

    def _work(self, waiting: deque[Item]) -> None:
        try:
            while not self._is_stopped:
                try:
                    item = waiting.popleft()
                except IndexError:
                    return
                self._outcomes.put(self._ask(item))
        finally:
            self._outcomes.put(None)

    def _ask(self, item: Item) -> Outcome:
        try:
            turn = self._begin(item)
        except Trouble as trouble:
            return Outcome(item=item, problem=trouble.problem)
        with self._lock:
            self._running.add(turn)
            if self._is_stopped:
                turn.cancel()
        turn.run(lambda event: None)
        with self._lock:
            self._running.discard(turn)
        return Outcome(item=item, message=turn.message)


def _items(path: Path, number: int, line: str, models: Sequence[str]) -> list[Item]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise _bad(path, number, "not JSON") from None
    record = {"prompt": value} if isinstance(value, str) else value
    if not isinstance(record, dict):
        raise _bad(path, number, "a text or an object was expected")
    prompt = next((record[name] for name in _PROMPT_NAMES if name in record), None)
    if not isinstance(prompt, str) or not prompt.strip():
        raise _bad(path, number, 'it has no "prompt"')
    own, system, given = record.get("model"), record.get("system"), record.get("id")
    for name, found in (("model", own), ("system", system)):
        if found is not None and not isinstance(found, str):
            raise _bad(path, number, f'"{name}" is not a text')
    if not isinstance(given, str | int | None):
        raise _bad(path, number, '"id" is neither a text nor a number')
    asked = [own] if own else list(models)
    if not asked:
        raise _bad(path, number, "no model is named, there or with -m")
    return [
        Item(
            key=_key(given, prompt, system, model),
            line=number,
            id=given,
            prompt=clean(prompt),
            system=None if system is None else clean(system),
            model=model,
        )
        for model in asked
    ]


def _key(given: object, prompt: str, system: str | None, model: str) -> str:
    told = json.dumps([given, prompt, system, model])
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def _again(item: Item, times: int) -> Item:
    return replace(item, key=f"{item.key}-{times}")


def _bad(path: Path, line: int, wrong: str) -> Trouble:
    where = f"{path.name}, line {line}" if line else path.name
    return Trouble(
        Problem(kind=Kind.FILE, title="The file cannot be used", detail=f"{clean(where)}: {wrong}", hint=_FORM)
    )


_FORM = 'One question a line: {"prompt": "…"}, with "id", "system" and "model" where they are wanted'


def _unwritable(path: Path, error: OSError) -> Trouble:
    detail = f"{path}: {error.strerror or error}"
    return Trouble(Problem(kind=Kind.STORAGE, title="The answers cannot be written", detail=detail))
