"""A tour of the program, which demo models give as their answer in three styles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import assert_never

from tui_router.demo_server.chat_request import DemoChatRequest
from tui_router.demo_server.samples import stable_hash

DISCLAIMER = "This is the offline demo and no model is behind it."
_LATER = DISCLAIMER[0].lower() + DISCLAIMER[1:]
_QUOTED = 90
_WORD = re.compile(r"[a-z0-9]+")


class AnswerStyle(StrEnum):
    """The style of a model's answers."""

    DRY = "dry"
    ORDERED = "ordered"
    WARM = "warm"


@dataclass(frozen=True, slots=True, kw_only=True)
class TourTopic:
    """A topic of the tour."""

    name: str
    keywords: frozenset[str]
    title: str
    gist: str
    """One sentence."""
    points: tuple[tuple[str, str], ...]
    """Pairs of a feature and what it does."""
    language: str = ""
    code: str = ""
    tip: str = ""


def _parse(block: str) -> TourTopic:
    head, *lines = block.strip().splitlines()
    name, _, keywords = head.partition(" | ")
    fields: dict[str, str] = {}
    points: list[tuple[str, str]] = []
    for line in lines:
        if line.startswith("- "):
            what, _, does = line[2:].partition(" :: ")
            points.append((what, does))
        else:
            label, _, rest = line.partition(": ")
            fields[label] = rest
    language, _, code = fields.get("code", "").partition(" | ")
    return TourTopic(name=name, keywords=frozenset(keywords.split()), title=fields["title"], gist=fields["gist"],
                 points=tuple(points), language=language, code=code.replace("\\n", "\n"),
                 tip=fields.get("tip", ""))  # fmt: skip


@cache
def topics() -> tuple[TourTopic, ...]:
    """Return all topics, in file order."""
    text = (files("tui_router.demo_server") / "texts" / "tour.txt").read_text("utf-8")
    return tuple(_parse(block) for block in re.split(r"^== ", text, flags=re.MULTILINE)[1:])


def topic_for(question: str) -> TourTopic | None:
    """Return the topic with the most keywords in the question; ties go to the earliest keyword."""
    words = _WORD.findall(question.lower())
    best: tuple[int, int] | None = None
    found: TourTopic | None = None
    for topic in topics():
        places = [n for n, word in enumerate(words) if word in topic.keywords]
        if places and (best is None or (len(places), -places[0]) > best):
            best, found = (len(places), -places[0]), topic
    return found


def _quoted(question: str) -> str:
    flat = " ".join(question.split())
    short = flat if len(flat) <= _QUOTED else flat[: _QUOTED - 1].rstrip() + "…"
    return short.replace("`", "'")


def _dry(topic: TourTopic) -> Iterator[str]:
    yield topic.gist
    yield "\n".join(f"- **{what}**: {does}" for what, does in topic.points[:3])
    yield DISCLAIMER


def _ordered(topic: TourTopic) -> Iterator[str]:
    yield f"## {topic.title}"
    yield topic.gist
    rows = "\n".join(f"| **{what}** | {does} |" for what, does in topic.points)
    yield f"| what | what it does |\n|---|---|\n{rows}"
    if topic.code:
        yield "### To try"
        yield f"```{topic.language}\n{topic.code}\n```"
    if topic.tip:
        yield f"> {topic.tip}"
    yield f"*{DISCLAIMER}*"


def _warm(topic: TourTopic) -> Iterator[str]:
    yield f"Good question! {topic.gist}"
    yield "Here is what I would try, in this order:"
    yield "\n".join(f"{n}. **{what}** – {does}." for n, (what, does) in enumerate(topic.points, start=1))
    if topic.code:
        yield "And if you want to see it typed out:"
        yield f"```{topic.language}\n{topic.code}\n```"
    if topic.tip:
        yield f"One more thing. {topic.tip}"
    yield f"I should be honest with you: {_LATER} All I know is this program."


def _general(chat: DemoChatRequest, style: AnswerStyle, name: str) -> Iterator[str]:
    question = _quoted(chat.question) or "nothing at all"
    offers = ("keys", "comparing models", "costs", "choosing a model", "files and pictures", "privacy", "the shell")
    match style:
        case AnswerStyle.DRY:
            yield f"You asked: “{question}” {DISCLAIMER} I can tell you about the program:"
            yield "\n".join(f"- {offer}" for offer in offers[:4])
        case AnswerStyle.ORDERED:
            yield "## What I can and cannot say"
            yield f"**You asked:** “{question}”"
            yield f"{DISCLAIMER} **{name}** answers in its own words once you are signed in; `/login` does that."
            yield "| ask me about | and learn |\n|---|---|\n" + "\n".join(
                f"| {t.title.lower()} | {t.gist} |" for t in topics()[:5]
            )
            yield "```sh\ntui-router login\n```"
        case AnswerStyle.WARM:
            yield f"You asked “{question}” – and I would love to say something wise about it."
            yield f"But I have to be honest: {_LATER} What I *can* do is show you around."
            start = stable_hash(chat.question) % len(topics())
            picks = [topics()[(start + step) % len(topics())] for step in range(3)]
            yield "\n".join(f"- **{t.title}.** {t.gist}" for t in picks)
            yield f"Or ask me about {', '.join(offers[:-1])} or {offers[-1]}. Which one would you like?"
        case _:
            assert_never(style)


def _summary(chat: DemoChatRequest) -> str:
    asks = [f"- The user asked: {_quoted(q)}" for q in chat.questions[:-1]] or ["- There were no earlier messages."]
    return "**Summary so far**\n\n" + "\n".join(asks) + f"\n\n{DISCLAIMER}"


def _notes(chat: DemoChatRequest) -> Iterator[str]:
    if chat.files:
        yield f"I received {', '.join(chat.files)}, but I cannot read files."
    elif chat.media:
        yield f"I received {len(chat.media)} attachment{'s' if len(chat.media) > 1 else ''}, but I cannot see them."
    if chat.tool_results:
        yield "I also received the result of the tool."


def tour_answer(chat: DemoChatRequest, style: AnswerStyle, name: str) -> str:
    """Return the Markdown answer of the model ``name``."""
    if re.search(r"\bsummar", chat.question.lower()):
        return _summary(chat)
    topic = topic_for(chat.question)
    match style:
        case _ if topic is None:
            parts = _general(chat, style, name)
        case AnswerStyle.DRY:
            parts = _dry(topic)
        case AnswerStyle.ORDERED:
            parts = _ordered(topic)
        case AnswerStyle.WARM:
            parts = _warm(topic)
        case _:
            assert_never(style)
    return "\n\n".join([*_notes(chat), *parts])


def continuation(partial_answer: str) -> str:
    """Return a generic ending for a partial answer."""
    space = "" if partial_answer[-1:].isspace() else " "
    return f"{space}… and so on, from where it was cut. {DISCLAIMER}"


def asks_for_title(text: str) -> bool:
    """Return whether a system prompt asks for a conversation title."""
    return re.search(r"\btitle\b", text.lower()) is not None


def title_for(chat: DemoChatRequest) -> str:
    """Return a short title based on the first question."""
    topic = next((t for q in chat.questions if (t := topic_for(q))), None)
    if topic is not None and len(chat.questions) > 1:
        return topic.title
    words = " ".join(chat.questions[0].split()[:5]).strip(".,:;!?\"'") if chat.questions else ""
    return words[:48] or "A conversation"
