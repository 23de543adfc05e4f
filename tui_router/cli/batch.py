"""``tui-router batch``: many questions from a file through the limiter; it may be stopped and started again."""

from __future__ import annotations

import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_router.cli.answers import as_json
from tui_router.cli.ask import need_a_ledger, read_dollars
from tui_router.cli.cache_flags import add_cache_flags, cache_rule
from tui_router.cli.model_arguments import know_list, resolve_listed
from tui_router.cli.output import report_trouble, say, write
from tui_router.cli.parser import amount, at_least
from tui_router.cli.progress import signals_interrupt
from tui_router.cli.session import add_common, say_problems, services_of
from tui_router.domain.answer_cache import CacheRule
from tui_router.domain.message import EndingKind, Text
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import AppError, ErrorKind, Problem, exit_code
from tui_router.domain.usage import money
from tui_router.services.answer_cache import Twins
from tui_router.services.answer_file import AnswerFile, as_line
from tui_router.services.batch import MOST_BYTES, Batch, BatchOutcome, Item, read_items
from tui_router.services.run_budget import RunBudget
from tui_router.services.submission import Refused

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from tui_router.services.core import Core
    from tui_router.services.submission import Plan
    from tui_router.services.turn import Turn

_WHOLE = {EndingKind.COMPLETE, EndingKind.LENGTH, EndingKind.TOOL_CALLS}
_BAR = 30
_LAST_LOOK = 5.0
"""Seconds to wait for what cut answers cost."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``batch``."""
    add = parser.add_argument
    add(
        "file",
        metavar="FILE.jsonl",
        help='questions, one a line: {"prompt": "…"}, perhaps with id, system and model; - is stdin',
    )
    add("-o", "--output", required=True, metavar="OUT.jsonl", help="answers, one a line; those that are there stay")
    add("-m", "--model", action="append", default=[], metavar="MODEL", help="who answers; several answer each question")
    add("-s", "--system", metavar="TEXT", help="system prompt of those that have none of their own")
    add("-j", "--jobs", type=at_least(1, "a number"), default=8, metavar="N", help="at most N at once; 8 by default")
    dollars = amount(read_dollars, "an amount of dollars, e.g. 0.05")
    add("--max-cost", type=dollars, metavar="USD", help="spend at most this in this run; stops before it could be more")
    add("--max-tokens", type=at_least(1, "a number"), metavar="N", help="longest answer")
    add_cache_flags(parser)
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Ask what has no answer yet, and return the exit code."""
    source, target = Path(args.file).expanduser(), Path(args.output).expanduser()
    if args.output == "-":
        title = "The answers need a file"
        hint = "Name a file with -o: a batch reads its answers back to go on where it was"
        raise AppError(Problem(kind=ErrorKind.USAGE, title=title, hint=hint))
    if args.file != "-" and source.resolve() == target.resolve():
        raise AppError(Problem(kind=ErrorKind.USAGE, title="Questions and answers need two files"))
    is_counting = False
    try:
        with services_of(args) as services:
            core = services.core
            say_problems(services)
            core.account.need()
            know_list(core)
            models = [resolve_listed(core, name).id for words in args.model for name in words.split(",")]
            items = read_items(source, models, _piped() if args.file == "-" else None)
            with AnswerFile(target) as answers:
                known = answers.keys()
                todo = [i for i in items if i.key not in known]
                named = _named(core, {i.model for i in todo})
                core.settle_behind()
                rule = cache_rule(args, services.preferences.current)
                clerk = _Clerk(args, core, answers, named, rule, len(items), len(items) - len(todo))
                is_counting = True
                return clerk.run(todo)
    except KeyboardInterrupt:
        if not is_counting:  # otherwise the summary has said it
            say("Stopped before anything was asked. 0 answered · $0 · run it again to ask them")
        return 130


class _Clerk:
    """Asks, writes answers down, and shows how far it is."""

    def __init__(
        self,
        args: argparse.Namespace,
        core: Core,
        answers: AnswerFile,
        named: Mapping[str, ModelRef | Problem],
        rule: CacheRule,
        count: int,
        before: int,
    ) -> None:
        self._args = args
        self._core = core
        self._answers = answers
        self._named = named
        self._rule = rule
        self._twins = Twins()
        self._count = count
        self._before = before
        self._done = self._cached = self._printed = 0
        self._codes: list[int] = []
        self._run_budget = RunBudget(args.max_cost)
        self._batch = Batch(self._begin, args.jobs, self._ended)
        core.paid_requests.listen_for_charges(self._run_budget.confirm)
        self._shows = sys.stderr is not None and sys.stderr.isatty()

    def run(self, todo: list[Item]) -> int:
        """Ask all; Ctrl+C ends it soon, with every whole answer written."""
        was_interrupted = False
        with signals_interrupt():
            try:
                self._show()
                self._batch.run(todo, self._take)
            except KeyboardInterrupt:
                was_interrupted = True
            was_interrupted = self._end(was_interrupted=was_interrupted)
        self._say(self._summary(len(todo), was_interrupted))
        if was_interrupted:
            return 130
        return self._codes[0] if self._codes else 0

    def _end(self, *, was_interrupted: bool) -> bool:
        """Take the last answers and costs; says whether it was interrupted. Impatience ends a wait, never the summary.

        The first further Ctrl+C ends the wait for what is being stopped, another one that for costs.
        """
        try:
            if was_interrupted:
                self._batch.stop()
                self._batch.finish(self._take)
        except KeyboardInterrupt:
            was_interrupted = True
        try:
            self._core.cost_lookups.wait(_LAST_LOOK)
        except KeyboardInterrupt:
            was_interrupted = True
        return was_interrupted

    def _begin(self, item: Item) -> Turn | None:
        """Check one question; ``None`` when it has to wait for others that run."""
        core, model = self._core, self._named[item.model]
        if isinstance(model, Problem):
            raise AppError(model)
        chat = core.new_chat(is_temporary=True, model=model.id)
        chat.caching.rule = self._rule
        chat.overrides = replace(chat.overrides, max_tokens=self._args.max_tokens)
        system = item.system if item.system is not None else self._args.system
        if system is not None:
            chat.update(system=system)
        plan = chat.ask([Text(item.prompt)], [model])
        if not self._twins.enter(item.key, plan.reuse.key(plan.requests[0])):
            return None  # the same is being asked just now: its answer will do for both
        turn = None
        try:
            turn = self._reserve(item, plan)
        finally:
            if turn is None:
                self._twins.leave(item.key)
        return turn

    def _reserve(self, item: Item, plan: Plan) -> Turn | None:
        """Check a plan and begin it; ``None`` when its money is reserved by others that run."""
        core = self._core
        core.submission.fetch_prices(plan, max_cost=self._args.max_cost)
        known = core.submission.bound(plan)
        need_a_ledger(core, known)
        bound = known or Decimal(0)
        could_hold = self._run_budget.could_hold(bound)
        prepared = core.submission.prepare(plan, max_cost=None if could_hold else self._run_budget.left)
        if isinstance(prepared, Refused):
            if prepared.problem.kind is ErrorKind.BUDGET and could_hold and core.ledger.fits_later(bound):
                return None
            raise AppError(prepared.problem)
        if not self._run_budget.reserve(item.key, bound):
            # What is in doubt comes back when the service has told its cost; if it never does, it counts as spent.
            if not self._batch.running and core.cost_lookups.is_idle:
                self._run_budget.give_up()
            return None
        turn = plan.begin()[0]
        turn.parts.bill.charge_to(self._run_budget, item.key)
        return turn

    def _ended(self, item: Item, turn: Turn) -> None:
        self._twins.leave(item.key)

    def _take(self, outcome: BatchOutcome) -> None:
        message, problem = outcome.message, outcome.problem
        ending = message.ending if message else None
        if message is not None and ending is not None and ending.kind in _WHOLE:
            self._keep(_record(outcome.item, as_json(message)))
            self._cached += message.cached_at is not None
        elif ending is None or ending.kind is not EndingKind.CANCELLED:
            self._fail(outcome.item, problem or (ending.problem if ending else None))
        self._show()

    def _keep(self, record: dict[str, Any]) -> None:
        """Write an answer down; what the disk refuses is paid for, so it goes to standard output."""
        try:
            self._answers.add(record)
            self._done += 1
        except AppError as trouble:
            self._batch.stop(cancel=False)
            self._clear()
            if not self._printed:
                self._codes.insert(0, report_trouble(trouble.problem))
            self._printed += 1
            write(as_line(record))

    def _fail(self, item: Item, problem: Problem | None) -> None:
        problem = problem or Problem(kind=ErrorKind.BLOCKED, title="Filtered")
        self._clear()
        # One that had no money left for another attempt says nothing of those that follow.
        if (
            problem.kind in (ErrorKind.BUDGET, ErrorKind.NO_KEY, ErrorKind.BAD_KEY, ErrorKind.NO_CREDIT)
            and not problem.was_sent
        ):
            # Nothing that follows would fare better; what runs is paid for, and ends by itself.
            self._batch.stop(cancel=False)
            if exit_code(problem.kind) in self._codes:
                return
        self._codes.append(report_trouble(problem, who=f"line {item.line}, {item.model}"))

    def _summary(self, wanted: int, was_interrupted: bool) -> str:
        pieces = [f"{self._done} answered"]
        if self._before:
            pieces.append(f"{self._before} were there already")
        if self._cached:
            pieces.append(f"{self._cached} from the cache")
        if self._printed:
            pieces.append(f"{self._printed} on standard output, for they could not be written: add them to the file")
        if missing := wanted - self._done - self._printed:
            pieces.append(f"{missing} missing: run it again to ask those")
        pieces.append(self._spent())
        return ("Stopped. " if was_interrupted else "") + " · ".join(pieces)

    def _spent(self) -> str:
        return money(self._run_budget.spent, approximate=self._run_budget.is_guessed)

    def _show(self) -> None:
        if self._shows:
            done = self._before + self._done
            filled = _BAR * done // max(1, self._count)
            failed = f" · {len(self._codes)} failed" if self._codes else ""
            sys.stderr.write(
                f"\r[{'#' * filled}{'.' * (_BAR - filled)}] {done}/{self._count} · {self._spent()}{failed} "
            )
            sys.stderr.flush()

    def _clear(self) -> None:
        if self._shows:
            sys.stderr.write("\r" + " " * (_BAR + 40) + "\r")

    def _say(self, line: str) -> None:
        self._clear()
        say(line)


def _piped() -> bytes:
    """Return the questions on standard input."""
    return b"" if sys.stdin is None else sys.stdin.buffer.read(MOST_BYTES + 1)


def _named(core: Core, names: set[str]) -> dict[str, ModelRef | Problem]:
    """Return whom each name stands for, or why for no one: found out once, before anything is sent."""
    found: dict[str, ModelRef | Problem] = {}
    for name in sorted(names):
        try:
            found[name] = resolve_listed(core, name)
        except AppError as trouble:
            found[name] = trouble.problem
    return found


def _record(item: Item, answer: dict[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {"key": item.key, "line": item.line}
    if item.id is not None:
        about["id"] = item.id
    del answer["id"]
    return {**about, "prompt": item.prompt, **answer}
