"""``tui-router ask``: one answer streamed to standard output; with several models, all of them."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tui_router.cli.output import problem_fields, report_trouble, say, write, write_json
from tui_router.cli.session import add_common, piped_text, say_problems, services_of
from tui_router.domain.events import Cancelled, Event, Failed, Finished, Queued, Retrying, TextDelta
from tui_router.domain.message import ENDING_WORDS, EndingKind, Message, Part, Text
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import Kind, Problem, Trouble, exit_code
from tui_router.domain.safe import clean
from tui_router.domain.usage import money
from tui_router.services.chat import Chat
from tui_router.services.turn import Turn
from tui_router.services.wiring import Services

if TYPE_CHECKING:
    import argparse
    from decimal import Decimal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of ``ask``."""
    parser.add_argument("text", nargs="*", metavar="TEXT", help="the question; standard input is added to it")
    parser.add_argument("-m", "--model", action="append", default=[], metavar="MODEL", help="who answers; several compare")
    parser.add_argument("-f", "--file", action="append", default=[], metavar="FILE", help="attach a file or a folder")
    parser.add_argument("-s", "--system", metavar="TEXT", help="system prompt")
    parser.add_argument("-c", "--continue", dest="continues", action="store_true", help="go on with the last conversation")
    parser.add_argument("--resume", metavar="ID", help="go on with this conversation")
    parser.add_argument("--code", action="store_true", help="print only the code blocks of the answer")
    parser.add_argument("--json", action="store_true", help="print one JSON value with text, usage and cost")
    parser.add_argument("--columns", action="store_true", help="with several models: side by side, when all are done")
    parser.add_argument("--max-cost", type=_dollars, metavar="USD", help="do not send what may cost more")
    parser.add_argument("--no-save", action="store_true", help="keep nothing of it on disk")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Ask, print, and return the exit code."""
    with services_of(args) as services:
        say_problems(services)
        parts = _question(args)
        chat = _conversation(args, services)
        core = services.core
        models = [ModelRef(core.catalog.resolve(m).id) for m in args.model] or [_usual_model(services, chat)]
        if args.system is not None:
            chat.update(system=args.system)
        core.refuse_if_too_dear(chat, parts, models, args.max_cost)
        turns = chat.ask_all(parts, models)
        plain = not (args.json or args.code or args.columns) and len(turns) == 1
        watcher = _Watcher(turns, stream_text=plain)
        try:
            watcher.run()
        finally:
            for turn in turns:
                chat.settle(turn)
        return _report(args, turns, streamed=plain)


class _Watcher:
    """Runs turns on threads and prints what the reader should see while they run."""

    def __init__(self, turns: Sequence[Turn], *, stream_text: bool) -> None:
        self._turns = turns
        self._stream_text = stream_text
        self._events: queue.SimpleQueue[tuple[Turn, Event]] = queue.SimpleQueue()
        self._ended: set[Turn] = set()

    def run(self) -> None:
        """Return when all have ended; Ctrl+C stops them, saves, and is raised again."""
        for turn in self._turns:
            thread = threading.Thread(target=turn.run, args=(self._putter(turn),), daemon=True, name=f"turn-{turn.id}")
            thread.start()
        try:
            self._watch()
        except (KeyboardInterrupt, BrokenPipeError):
            for turn in self._turns:
                turn.cancel()
            self._stream_text = False
            self._watch()
            raise

    def _putter(self, turn: Turn) -> Any:
        return lambda event: self._events.put((turn, event))

    def _watch(self) -> None:
        running = set(self._turns) - self._ended
        while running:
            turn, event = self._events.get()
            if isinstance(event, Finished | Failed | Cancelled):
                running.discard(turn)
                self._ended.add(turn)
                self._finished(turn)
            elif isinstance(event, TextDelta) and self._stream_text:
                sys.stdout.write(clean(event.text))
                sys.stdout.flush()
            else:
                self._status(turn, event)

    def _status(self, turn: Turn, event: Event) -> None:
        who = f"{turn.parts.request.model}: " if len(self._turns) > 1 else ""
        if isinstance(event, Retrying):
            say(f"{who}{event.problem.title}, again in {event.wait:.0f} s (try {event.attempt} of {event.of})")
        elif isinstance(event, Queued):
            say(f"{who}waiting for our own limit, place {event.place}")

    def _finished(self, turn: Turn) -> None:
        if len(self._turns) > 1 and turn.message.ending is not None:
            say(f"{turn.parts.request.model}: {turn.message.ending.kind.value}")


def _report(args: argparse.Namespace, turns: Sequence[Turn], *, streamed: bool) -> int:
    answers = [t.message for t in turns]
    if args.json:
        values = [_as_json(m) for m in answers]
        write_json(values[0] if len(values) == 1 else {"answers": values})
        return _exit_of(answers)
    if streamed:
        _end_line(answers[0].text)
    elif args.code:
        for message in answers:
            _write_code(message)
    elif args.columns:
        from tui_router.cli.columns import side_by_side  # only for this layout

        write(side_by_side(answers))
    else:
        for message in answers:
            write(f"## {message.model}\n\n{message.text.rstrip()}\n")
    for message in answers:
        _say_ending(message, len(answers) > 1)
    return _exit_of(answers)


def _write_code(message: Message) -> None:
    from tui_router.formats.code_blocks import code_blocks

    blocks = code_blocks(message.text)
    if not blocks:
        raise Trouble(Problem(kind=Kind.USAGE, title="The answer holds no code block", hint="Ask again without --code"))
    write("\n\n".join(b.code.rstrip("\n") for b in blocks))


def _end_line(text: str) -> None:
    if text and not text.endswith("\n"):
        sys.stdout.write("\n")
        sys.stdout.flush()


def _say_ending(message: Message, several: bool) -> None:
    who = f"{message.model}: " if several else ""
    ending = message.ending
    if ending is not None and ending.kind in ENDING_WORDS:
        if ending.problem is not None:
            report_trouble(ending.problem)
        else:
            say(f"{who}{ENDING_WORDS[ending.kind]}")
    if sys.stderr.isatty() and message.usage is not None:
        total = f"{message.timing.total:.1f} s" if message.timing.total is not None else ""
        say(f"{who}{message.usage.total_tokens} tokens · {money(message.usage.cost)} · {total}")


def _as_json(message: Message) -> dict[str, Any]:
    usage, ending = message.usage, message.ending
    value: dict[str, Any] = {
        "id": message.id,
        "model": str(message.model),
        "served_model": message.served_model,
        "provider": message.provider,
        "text": message.text,
        "reasoning": message.reasoning,
        "citations": [{"url": c.url, "title": c.title} for c in message.citations],
        "ending": ending.kind.value if ending else None,
        "generation_id": message.generation_id,
        "seconds": {"first_token": message.timing.first_token, "total": message.timing.total},
    }
    if usage is not None:
        value["usage"] = {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
            "cached_tokens": usage.cached_tokens,
            "cost": None if usage.cost is None else float(usage.cost),
            "is_estimate": usage.is_estimate,
        }
    if ending is not None and ending.problem is not None:
        value["error"] = problem_fields(ending.problem)
    return value


def _exit_of(answers: Sequence[Message]) -> int:
    """Return 0 when any answer is whole, else the code of the first failure."""
    codes = [_code(m) for m in answers]
    return 0 if 0 in codes else codes[0]


def _code(message: Message) -> int:
    ending = message.ending
    if ending is None or ending.kind is EndingKind.CANCELLED:
        return 130
    if ending.kind is EndingKind.FILTERED:
        return exit_code(Kind.BLOCKED)
    return exit_code(ending.problem.kind) if ending.problem is not None else 0


def _question(args: argparse.Namespace) -> list[Part]:
    typed = " ".join(args.text).strip()
    text = "\n\n".join(t for t in (typed, piped_text().strip()) if t)
    parts: list[Part] = [p for name in args.file for p in read_parts(name)]
    if not text and not parts:
        raise Trouble(
            Problem(kind=Kind.USAGE, title="There is no question", hint='Try: tui-router ask "What is a monad?"')
        )
    return [Text(clean(text)), *parts] if text else parts


def _conversation(args: argparse.Namespace, services: Services) -> Chat:
    if args.resume:
        return services.core.open_chat(args.resume)
    if args.continues:
        return services.core.open_chat("last")
    return services.core.new_chat(is_temporary=args.no_save)


def _usual_model(services: Services, chat: Chat) -> ModelRef:
    """Return who answers when nobody was named: the conversation's model, else the usual one."""
    core = services.core
    if chat.conversation.model is None and not core.catalog.models:
        core.catalog.refresh()
    model_id = chat.conversation.model.id if chat.conversation.model else core.default_model_id()
    if not model_id:
        raise Trouble(Problem(kind=Kind.USAGE, title="No model chosen", hint="Name one with -m, e.g. -m openrouter/auto"))
    return ModelRef(model_id)


def _dollars(text: str) -> Decimal:
    from argparse import ArgumentTypeError
    from decimal import Decimal, InvalidOperation

    try:
        amount = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise ArgumentTypeError(f"{text!r} is not an amount of dollars, e.g. 0.05")
    return amount

