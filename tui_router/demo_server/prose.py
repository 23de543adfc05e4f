"""The tour of the program that the demo server gives instead of a model's answer, in three manners."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import assert_never

from tui_router.demo_server.asked import Asked
from tui_router.demo_server.families import seed_of

DISCLAIMER = "This is the offline demo and no model is behind it."
_LATER = DISCLAIMER[0].lower() + DISCLAIMER[1:]
_QUOTED = 90
_WORD = re.compile(r"[a-z0-9]+")


class Voice(StrEnum):
    """A manner of answering."""

    DRY = "dry"
    ORDERED = "ordered"
    WARM = "warm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One thing that the tour can tell about."""

    name: str
    keywords: frozenset[str]
    title: str
    gist: str
    """One sentence."""
    points: tuple[tuple[str, str], ...]
    """(what, what it does)."""
    language: str = ""
    code: str = ""
    tip: str = ""


def _parse(block: str) -> Topic:
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
    return Topic(name=name, keywords=frozenset(keywords.split()), title=fields["title"], gist=fields["gist"],
                 points=tuple(points), language=language, code=code.replace("\\n", "\n"),
                 tip=fields.get("tip", ""))  # fmt: skip


@cache
def topics() -> tuple[Topic, ...]:
    """Return all topics, in the order of the text."""
    text = (files("tui_router.demo_server") / "texts" / "tour.txt").read_text("utf-8")
    return tuple(_parse(block) for block in re.split(r"^== ", text, flags=re.MULTILINE)[1:])


def topic_for(question: str) -> Topic | None:
    """Return the topic that a question is about: the most keywords win, an earlier word breaks a tie."""
    words = _WORD.findall(question.lower())
    best: tuple[int, int] | None = None
    found: Topic | None = None
    for topic in topics():
        places = [n for n, word in enumerate(words) if word in topic.keywords]
        if places and (best is None or (len(places), -places[0]) > best):
            best, found = (len(places), -places[0]), topic
    return found


def _quoted(question: str) -> str:
    flat = " ".join(question.split())
    short = flat if len(flat) <= _QUOTED else flat[: _QUOTED - 1].rstrip() + "…"
    return short.replace("`", "'")


def _dry(topic: Topic) -> Iterator[str]:
    yield topic.gist
    yield "\n".join(f"- **{what}**: {does}" for what, does in topic.points[:3])
    yield DISCLAIMER


def _ordered(topic: Topic) -> Iterator[str]:
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


def _warm(topic: Topic) -> Iterator[str]:
    yield f"Good question! {topic.gist}"
    yield "Here is what I would try, in this order:"
    yield "\n".join(f"{n}. **{what}** – {does}." for n, (what, does) in enumerate(topic.points, start=1))
    if topic.code:
        yield "And if you like to see it typed out:"
        yield f"```{topic.language}\n{topic.code}\n```"
    if topic.tip:
        yield f"One more thing. {topic.tip}"
    yield f"I should be honest with you: {_LATER} What I know is this program."


def _general(asked: Asked, voice: Voice, name: str) -> Iterator[str]:
    question = _quoted(asked.question) or "nothing at all"
    offers = ("keys", "comparing models", "costs", "choosing a model", "files and pictures", "privacy", "the shell")
    match voice:
        case Voice.DRY:
            yield f"You asked: “{question}” {DISCLAIMER} I can tell you about the program:"
            yield "\n".join(f"- {offer}" for offer in offers[:4])
        case Voice.ORDERED:
            yield "## What I can and cannot say"
            yield f"**You asked:** “{question}”"
            yield f"{DISCLAIMER} **{name}** answers in its own words once you are signed in; `/login` does that."
            yield "| ask me about | and learn |\n|---|---|\n" + "\n".join(
                f"| {t.title.lower()} | {t.gist} |" for t in topics()[:5]
            )
            yield "```sh\ntui-router login\n```"
        case Voice.WARM:
            yield f"You asked “{question}” – and I would love to say something wise about it."
            yield f"But I have to be honest: {_LATER} What I *can* do is show you around."
            start = seed_of(asked.question) % len(topics())
            picks = [topics()[(start + step) % len(topics())] for step in range(3)]
            yield "\n".join(f"- **{t.title}.** {t.gist}" for t in picks)
            yield f"Or ask me about {', '.join(offers[:-1])} or {offers[-1]}. Which one shall it be?"
        case _:
            assert_never(voice)


def _summary(asked: Asked) -> str:
    asks = [f"- The user asked: {_quoted(q)}" for q in asked.questions[:-1]] or ["- Nothing was said before."]
    return "**Summary so far**\n\n" + "\n".join(asks) + f"\n\n{DISCLAIMER}"


def _notes(asked: Asked) -> Iterator[str]:
    if asked.files:
        yield f"I was given {', '.join(asked.files)}, and I cannot read."
    elif asked.media:
        yield f"I was given {len(asked.media)} attachment{'s' if len(asked.media) > 1 else ''}, and I cannot see."
    if asked.tool_results:
        yield "The tool's result has arrived here, too."


def reply(asked: Asked, voice: Voice, name: str) -> str:
    """Return the answer of the model called ``name`` as Markdown."""
    if re.search(r"\bsummar", asked.question.lower()):
        return _summary(asked)
    topic = topic_for(asked.question)
    match voice:
        case _ if topic is None:
            parts = _general(asked, voice, name)
        case Voice.DRY:
            parts = _dry(topic)
        case Voice.ORDERED:
            parts = _ordered(topic)
        case Voice.WARM:
            parts = _warm(topic)
        case _:
            assert_never(voice)
    return "\n\n".join([*_notes(asked), *parts])


def continuation(begun: str) -> str:
    """Return an end for an answer that somebody else began."""
    space = "" if begun[-1:].isspace() else " "
    return f"{space}… and so on, from where it was cut. {DISCLAIMER}"


def is_about_titles(text: str) -> bool:
    """Say whether a text asks for the title of a conversation."""
    return re.search(r"\btitle\b", text.lower()) is not None


def title_for(asked: Asked) -> str:
    """Return a short title from the first words that were asked."""
    topic = next((t for q in asked.questions if (t := topic_for(q))), None)
    if topic is not None and len(asked.questions) > 1:
        return topic.title
    words = " ".join(asked.questions[0].split()[:5]).strip(".,:;!?\"'") if asked.questions else ""
    return words[:48] or "A conversation"
