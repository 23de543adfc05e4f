"""How finished answers are printed: as text, code or JSON, with an ending that is said and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tui_router.cli.output import problem_fields, report_trouble, say
from tui_router.domain.answer_cache import age_words
from tui_router.domain.message import ENDING_WORDS, EndingKind, Image, Message
from tui_router.domain.model_names import is_same_model
from tui_router.domain.problem import ABOUT_MODELS, AppError, ErrorKind, exit_code
from tui_router.domain.safe import clean_line
from tui_router.domain.usage import money
from tui_router.services import model_resolution
from tui_router.services.catalog import Catalog


def answer_text(message: Message) -> str:
    """Return an answer under the name of its model, for one of several."""
    return f"## {message.model}\n\n{message.text.strip() or '(no text)'}\n"


def answer_code(message: Message) -> str:
    """Return the code blocks of an answer, an empty line between them."""
    from tui_router.formats.markdown import fenced_blocks

    return "\n".join(b.code for b in fenced_blocks(message.text))


def with_suggestions(message: Message, catalog: Catalog) -> Message:
    """Return an answer that failed for its model with the nearest ids in its problem."""
    ending = message.ending
    problem = ending.problem if ending else None
    if not (ending and problem and message.model):
        return message
    if problem.kind in ABOUT_MODELS and not catalog.models:
        with suppress(AppError):
            catalog.refresh()
    better = model_resolution.with_suggestions(problem, message.model.id, catalog)
    return message if better is problem else replace(message, ending=replace(ending, problem=better))


def say_ending(message: Message, *, is_one_of_many: bool) -> None:
    """Say on standard error how an answer ended when that was not by itself, its sources, and what it cost."""
    ending = message.ending
    who = str(message.model) if is_one_of_many else "tui-router"
    if ending is not None and ending.problem is not None:
        problem = ending.problem
        if problem.kind is ErrorKind.INTERRUPTED and not message.text:
            problem = replace(problem, hint="Try again")  # nothing came that could be continued
        report_trouble(problem, who=who)
    elif ending is not None and ending.kind in ENDING_WORDS:
        say(f"{who}: {ENDING_WORDS[ending.kind]}")
    elif is_one_of_many:
        say(f"{who}: complete · {figures(message)}")
    for number, source in enumerate(message.citations, start=1):
        say(f"  {number}. {clean_line(source.title, 80)} {clean_line(source.url, 300)}")
    if pictures := sum(isinstance(p, Image) for p in message.parts):
        say(f"  {pictures} {'picture' if pictures == 1 else 'pictures'}, not shown here: tui-router open last")
    is_seen = sys.stderr is not None and sys.stderr.isatty() and message.usage is not None
    if not is_one_of_many and (is_seen or message.cached_age is not None):
        say(f"  {_who_answered(message)} · {figures(message)}")


def _who_answered(message: Message) -> str:
    """Return the id of the model that answered and, where a fallback did, which one was asked."""
    asked, served = str(message.model), message.served_model
    return asked if not served or is_same_model(asked, served, None) else f"{served} (asked: {asked})"


def figures(message: Message) -> str:
    """Return how long an answer took and what it cost, in a line."""
    usage, timing = message.usage, message.timing
    found = [] if timing.total is None else [f"{timing.total:.1f} s"]
    if message.cached_age is not None:
        found.append(f"from the cache, {age_words(message.cached_age)} old")
    elif usage is not None:
        found.append(f"{usage.total_tokens:,} tokens")
    if usage is not None:
        found.append(money(message.cost, approximate=usage.is_estimate))
    return " · ".join(found)


def as_json(message: Message) -> dict[str, Any]:
    """Return an answer as ``ask --json`` prints it; ``error`` has the fields of a problem."""
    usage, ending = message.usage, message.ending
    value: dict[str, Any] = {
        "id": message.id,
        "model": str(message.model),
        "served_model": message.served_model,
        "provider": message.provider,
        "attempts": [
            {
                "model": a.model,
                "provider": a.provider,
                "status": a.status,
                "reason": a.reason,
                "wait": a.wait,
                "cost": None if a.cost is None else float(a.cost),
            }
            for a in message.attempts
        ],
        "text": message.text,
        "reasoning": message.reasoning,
        "citations": [{"url": c.url, "title": c.title} for c in message.citations],
        "images": [
            {"media_type": p.media_type, "data": p.data, "url": p.url} for p in message.parts if isinstance(p, Image)
        ],
        "ending": ending.kind.value if ending else None,
        "generation_id": message.generation_id,
        "seconds": {"first_token": message.timing.first_token, "total": message.timing.total},
        "usage": None,
        "cost": None if message.cost is None else float(message.cost),
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
    if message.cached_age is not None:
        value["cached"] = {"age_seconds": message.cached_age.total_seconds()}
    if ending is not None and ending.problem is not None:
        value["error"] = problem_fields(ending.problem)
    return value


def exit_of(messages: Sequence[Message]) -> int:
    """Return 0 when any answer is whole, else the code of the first failure."""
    codes = [_code(m) for m in messages]
    return 0 if 0 in codes else codes[0]


def _code(message: Message) -> int:
    ending = message.ending
    if ending is None or ending.kind is EndingKind.CANCELLED:
        return 130
    if ending.problem is not None:
        return exit_code(ending.problem.kind)
    unsaid = {
        EndingKind.FILTERED: ErrorKind.BLOCKED,
        EndingKind.FAILED: ErrorKind.PROVIDER,
        EndingKind.INTERRUPTED: ErrorKind.NETWORK,
    }
    return exit_code(unsaid[ending.kind]) if ending.kind in unsaid else 0
