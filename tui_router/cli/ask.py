"""``tui-router ask``: one answer streamed to standard output; with several models, all of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from tui_router.cli.answers import answer_code, answer_text, as_json, exit_of, say_ending, with_suggestions
from tui_router.cli.cache_flags import add_cache_flags, cache_rule
from tui_router.cli.model_arguments import answerer_of, know_list, resolve_model
from tui_router.cli.output import say, write, write_json
from tui_router.cli.parser import amount, at_least
from tui_router.cli.progress import Watcher
from tui_router.cli.session import add_common, piped_text, say_problems, services_of, words_of
from tui_router.domain.message import EndingKind, Message, Part, Text
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.safe import clean
from tui_router.services.model_resolution import go_on_with, undecided
from tui_router.services.submission import Refused

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tui_router.services.chat import Chat
    from tui_router.services.core import Core
    from tui_router.services.submission import Plan
    from tui_router.services.turn import Turn

MOST_MODELS = 8
"""Models that one question may be put to."""
_LAST_LOOK = 2.5
"""Seconds to wait for what a cut answer cost; what is not known by then is asked for at the next start."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of ``ask``."""
    add = parser.add_argument
    add("text", nargs="*", metavar="TEXT", help="the question; standard input is added to it")
    add("-m", "--model", action="append", default=[], metavar="MODEL", help="who answers; several compare")
    add("-f", "--file", action="append", default=[], metavar="FILE", help="attach a file, or the texts of a folder")
    add("-s", "--system", metavar="TEXT", help="system prompt")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "-c", "--continue", dest="continues", action="store_true", help="go on with the last conversation"
    )
    which.add_argument("--resume", metavar="ID", help="go on with this conversation")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--code", action="store_true", help="print only the code blocks of the answer")
    form.add_argument("--json", action="store_true", help="print one JSON object with text, usage and cost")
    form.add_argument("--columns", action="store_true", help="several answers side by side, when all are done")
    dollars = amount(read_dollars, "an amount of dollars, e.g. 0.05")
    add("--max-cost", type=dollars, metavar="USD", help="do not send what may cost more")
    add("--max-tokens", type=at_least(1, "a number"), metavar="N", help="longest answer, for this question only")
    add("--no-save", action="store_true", help="keep nothing of it on disk")
    add_cache_flags(parser)
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Ask, print, and return the exit code."""
    parts = _question(args)
    with services_of(args) as services:
        core = services.core
        say_problems(services)
        core.account.need()
        chat = _conversation(args, core)
        chat.caching.rule = cache_rule(args, services.preferences.current, keeps_nothing=args.no_save)
        chat.overrides = replace(chat.overrides, max_tokens=args.max_tokens)
        models = _models(args, core, chat)
        if args.max_cost is not None:
            _need_prices(core, models)
        if args.system is not None:
            chat.update(system=clean(args.system))
        if len(models) == 1 and undecided(chat):
            go_on_with(chat, models[0])
        know_list(core)
        turns = submit(core, chat.ask(parts, models), args.max_cost)
        core.settle_behind()
        try:
            was_interrupted = _watcher(args, turns, core).run()
        finally:
            for turn in turns:
                chat.settle(turn)
        if len(turns) == 1:
            _remember(core, turns[0])
        core.cost_lookups.wait(_LAST_LOOK)
        messages = [with_suggestions(t.message, core.catalog) for t in turns]
        return _finish(args, chat, messages, was_interrupted=was_interrupted)


def read_dollars(text: str) -> Decimal | None:
    """Return an amount of dollars as a person types it; ``None`` when it is none."""
    try:
        found = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        return None
    return found if found.is_finite() and found >= 0 else None


def _question(args: argparse.Namespace) -> list[Part]:
    typed = clean(words_of(args)).strip()
    text = "\n\n".join(t for t in (typed, piped_text().strip()) if t)
    parts: list[Part] = [Text(text)] if text else []
    if args.file:
        from tui_router.services.attachments import read_attachments

        parts += [part for name in args.file for _, part in read_attachments(name)]
    if not parts:
        raise AppError(
            Problem(kind=ErrorKind.USAGE, title="There is no question", hint='Try: tui-router ask "What is a monad?"')
        )
    return parts


def _conversation(args: argparse.Namespace, core: Core) -> Chat:
    if args.resume or args.continues:
        return core.open_chat(args.resume or "last", is_temporary=args.no_save)
    return core.new_chat(is_temporary=args.no_save)


def _models(args: argparse.Namespace, core: Core, chat: Chat) -> list[ModelRef]:
    """Return who answers: those named, else who was chosen: in the conversation, in the settings, last time."""
    typed = [name for words in args.model for name in words.split(",")]
    if len(typed) > MOST_MODELS:
        problem = Problem(
            kind=ErrorKind.USAGE, title=f"{len(typed)} models are too many", hint=f"Name {MOST_MODELS} at most"
        )
        raise AppError(problem)
    if typed:
        return [resolve_model(core, name) for name in typed]
    return [answerer_of(core, chat)]


def _need_prices(core: Core, models: Sequence[ModelRef]) -> None:
    """Have a price for every model, or refuse: a limit on cost that cannot be held is none."""
    for model in models:
        if core.catalog.get(model.id) is None:
            core.catalog.resolve(model.id)  # raises with the nearest ids


def _watcher(args: argparse.Namespace, turns: Sequence[Turn], core: Core) -> Watcher:
    several = len(turns) > 1
    waits = args.json or args.columns

    def on_text(text: str) -> None:
        if not (several or waits or args.code):
            write(text, end="")

    def on_end(turn: Turn) -> None:
        message = turn.message
        if args.code:
            write(answer_code(message), end="")
        elif several and not waits:
            write(answer_text(message))
        elif not waits and message.text and not message.text.endswith("\n"):
            write("")
        if several or not args.json:
            say_ending(with_suggestions(message, core.catalog), is_one_of_many=several)

    return Watcher(turns, on_text=on_text, on_end=on_end)


def _finish(args: argparse.Namespace, chat: Chat, messages: Sequence[Message], *, was_interrupted: bool) -> int:
    code = 130 if was_interrupted else exit_of(messages)
    if args.json:
        about = {} if args.no_save else {"conversation": chat.conversation.id}
        answers = [as_json(m) for m in messages]
        write_json({**about, **answers[0]} if len(answers) == 1 else {**about, "answers": answers})
        return code
    if args.columns:
        from tui_router.cli.columns import side_by_side  # only for this layout

        write(side_by_side(messages))
    if was_interrupted and not args.no_save:
        say("What came is kept: tui-router show last")
    if args.code and code == 0 and not any(answer_code(m) for m in messages):
        hint = "Ask again without --code" if args.no_save else "The whole answer: tui-router show last"
        raise AppError(Problem(kind=ErrorKind.USAGE, title="The answer holds no code block", hint=hint))
    return code


def submit(core: Core, plan: Plan, max_cost: Decimal | None = None) -> list[Turn]:
    """Begin what was checked; raises ``AppError`` with the reason why it must not be sent.

    Whoever types a command has consented to what it may cost; ``--max-cost`` and budgets are the guards here.
    """
    core.submission.fetch_prices(plan, max_cost=max_cost)
    prepared = core.submission.prepare(plan, max_cost=max_cost)
    if isinstance(prepared, Refused):
        raise AppError(prepared.problem)
    need_a_ledger(core, core.submission.bound(plan))
    turns = prepared.plan.begin()
    if max_cost is not None:
        from tui_router.services.run_budget import RunBudget, share_run_budget  # only for who sets a limit

        run_budget = RunBudget(max_cost)
        core.paid_requests.listen_for_charges(run_budget.confirm)
        share_run_budget(run_budget, turns)
    return turns


def need_a_ledger(core: Core, bound: Decimal | None) -> None:
    """Raise ``AppError`` when a paid request could not be booked: a command cannot wait for the disk."""
    refusal = core.unbookable() if bound != 0 else None
    if refusal is not None:
        raise AppError(
            Problem(
                kind=ErrorKind.STORAGE,
                title="Not sent: what it costs could not be written down",
                detail=f"{refusal.title}. {refusal.detail}",
                hint="Mend that, or keep everything elsewhere with --config-dir; free models can be asked",
            )
        )


def _remember(core: Core, turn: Turn) -> None:
    """Keep who was asked last, once an answer is whole."""
    ending = turn.message.ending
    if ending is not None and ending.kind is EndingKind.COMPLETE:
        with suppress(AppError):
            core.catalog.used(turn.parts.request.model)
