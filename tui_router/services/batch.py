"""Answers many questions from a file into another file, and resumes after an interruption.

Each complete answer is one line of the output. The line carries the key of its question, and a question whose key
is present is not asked again. Failures are not written, so the next run asks those questions again.
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

from tui_router.domain.message import Message
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.safe import clean
from tui_router.services.turn import Turn
from tui_router.storage.files import read_bytes

_PROMPT_NAMES = ("prompt", "question", "text")
_MONEY_RETRY = 0.2
"""Seconds before retrying a question whose budget is reserved by other requests."""
MOST_BYTES = 256 * 1024 * 1024
"""Maximum size of the question file, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question for one model."""

    key: str
    """Stable hash of the question, its system prompt, its id and the model."""
    line: int
    """Line number in the file, from 1."""
    id: str | int | None
    """As given in the file."""
    prompt: str
    system: str | None
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOutcome:
    """The result of one question: a finished answer, or the problem that kept it from starting."""

    item: Item
    message: Message | None = None
    problem: Problem | None = None


def read_items(path: Path, models: Sequence[str], given: bytes | None = None) -> tuple[Item, ...]:
    """Read questions, one a line: a JSON text, or an object with ``prompt``, perhaps ``id``, ``system``, ``model``.

    ``models`` answer those that name no model; ``given`` is what was read already, e.g. from a pipe.
    Raises ``AppError`` that says which line is wrong.
    """
    data = read_bytes(path) if given is None else given
    if data is None:
        raise AppError(Problem(kind=ErrorKind.FILE, title=f"{path} is not there", hint="Check the path"))
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


class Batch:
    """Runs questions on a few threads; reports results on the thread that called ``run``.

    Args:
        begin: Returns the turn of a question, ``None`` if other requests reserve the budget for now,
            or raises ``AppError``; called on a worker.
        ended: Told each turn as it ends, on its worker.
        at_once: How many run at the same time at most (the limiter may allow fewer).
    """

    def __init__(self, begin: Callable[[Item], Turn | None], at_once: int, ended: Callable[[Item, Turn], None]) -> None:
        self._begin = begin
        self._ended = ended
        self._at_once = at_once
        self._changed = threading.Condition()
        self._running: set[Turn] = set()
        self._is_stopped = False
        self._left = 0
        self._outcomes: queue.SimpleQueue[BatchOutcome | None] = queue.SimpleQueue()

    def run(self, items: Iterable[Item], on_outcome: Callable[[BatchOutcome], None]) -> None:
        """Ask all questions; returns when the last one has ended."""
        waiting = deque(items)
        self._left = min(self._at_once, len(waiting))
        for _ in range(self._left):
            threading.Thread(target=self._work, args=(waiting,), daemon=True).start()
        self.finish(on_outcome)

    def finish(self, on_outcome: Callable[[BatchOutcome], None]) -> None:
        """Collect the remaining results. After ``stop`` there may still be complete answers among them."""
        while self._left:
            outcome = self._outcomes.get()
            if outcome is None:
                self._left -= 1
            else:
                on_outcome(outcome)

    @property
    def running(self) -> int:
        """Number of requests in flight."""
        return len(self._running)

    def stop(self, *, cancel: bool = True) -> None:
        """Start no more questions, and cancel the running ones unless ``cancel`` is false (they are paid for)."""
        with self._changed:
            self._is_stopped = True
            running = tuple(self._running)
            self._changed.notify_all()
        for turn in running if cancel else ():
            turn.cancel()

    def _work(self, waiting: deque[Item]) -> None:
        try:
            while not self._is_stopped:
                try:
                    item = waiting.popleft()
                except IndexError:
                    return
                outcome = self._ask(item)
                if outcome is not None:
                    self._outcomes.put(outcome)
        finally:
            self._outcomes.put(None)

    def _ask(self, item: Item) -> BatchOutcome | None:
        """Ask one question; ``None`` if the batch was stopped before it could start."""
        while True:
            try:
                turn = self._begin(item)
            except AppError as trouble:
                return BatchOutcome(item=item, problem=trouble.problem)
            if turn is not None:
                self._run(item, turn)
                if not _was_outrun(turn):
                    return BatchOutcome(item=item, message=turn.message)
            if not self._wait_for_money():
                return None

    def _run(self, item: Item, turn: Turn) -> None:
        with self._changed:
            self._running.add(turn)
            if self._is_stopped:
                turn.cancel()
        turn.run(lambda event: None)
        self._ended(item, turn)
        with self._changed:
            self._running.discard(turn)
            self._changed.notify_all()

    def _wait_for_money(self) -> bool:
        """Wait until another reservation may have been released; ``False`` when stopped."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopped, _MONEY_RETRY)
            return not self._is_stopped


def _was_outrun(turn: Turn) -> bool:
    """Return whether another process used the budget between check and reservation, so nothing was sent."""
    ending = turn.message.ending
    problem = ending.problem if ending is not None else None
    return problem is not None and problem.kind is ErrorKind.BUDGET and problem.status is None and not problem.was_sent


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


def _bad(path: Path, line: int, wrong: str) -> AppError:
    where = f"{path.name}, line {line}" if line else path.name
    return AppError(
        Problem(kind=ErrorKind.FILE, title="The file cannot be used", detail=f"{clean(where)}: {wrong}", hint=_FORM)
    )


_FORM = 'One question a line: {"prompt": "…"}, with "id", "system" and "model" where they are wanted'
