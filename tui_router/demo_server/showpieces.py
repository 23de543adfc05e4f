"""Set pieces: pages that show what the screen can do, a very long one, a hostile one, made-up sources and thoughts."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from tui_router.demo_server.prose import DISCLAIMER, Topic, topic_for, topics
from tui_router.demo_server.wire import Wire

LONG_CHARACTERS = 200_000
"""50,000 tokens."""
_SEED = 20261122
_SUBJECTS = ("the reader", "a lane", "the transcript", "the prompt", "an answer", "the picker", "a theme", "the queue")
_VERBS = ("waits for", "keeps", "shows", "follows", "remembers", "measures", "folds", "finds", "passes")
_OBJECTS = (
    "the last word", "a long table", "every key", "the next turn", "a broken line", "the cost so far", "an old draft",
    "the first token",
)  # fmt: skip
_ENDS = ("at once", "without a sound", "before the paint dries", "and never twice", "line by line", "to the end")


@cache
def page(name: str) -> str:
    """Return the text of one of the pages in ``texts``."""
    return (files("tui_router.demo_server") / "texts" / f"{name}.md").read_text("utf-8")


def _sentence(dice: random.Random) -> str:
    words = f"{dice.choice(_SUBJECTS)} {dice.choice(_VERBS)} {dice.choice(_OBJECTS)} {dice.choice(_ENDS)}"
    marks = dice.random()
    if marks < 0.12:
        words = words.replace(" the ", " *the* ", 1)
    elif marks < 0.24:
        first, _, rest = words.partition(" ")
        words = f"{first} **{rest.split(' ', 1)[0]}** {rest.partition(' ')[2]}"
    return words[0].upper() + words[1:] + "."


def _paragraph(dice: random.Random) -> str:
    return " ".join(_sentence(dice) for _ in range(dice.randint(3, 8)))


def _list(dice: random.Random) -> str:
    lines: list[str] = []
    for number in range(1, dice.randint(4, 8)):
        lines.append(f"{number}. {_sentence(dice)}")
        lines += [f"   - {_sentence(dice)}" for _ in range(dice.randint(0, 2))]
    return "\n".join(lines)


def _table(dice: random.Random) -> str:
    rows = [
        f"| {dice.choice(_SUBJECTS)} | {dice.choice(_VERBS)} | {dice.randint(1, 9999):,} |"
        for _ in range(dice.randint(3, 9))
    ]
    return "\n".join(["| what | does | count |", "|:--|:-:|--:|", *rows])


def _code(dice: random.Random) -> str:
    name = dice.choice(_OBJECTS).replace(" ", "_")
    lines = [f"def {name}(count: int = {dice.randint(1, 99)}) -> list[str]:", f'    """Return {name}."""']
    lines += [f'    step_{n} = "{dice.choice(_ENDS)}" * count' for n in range(dice.randint(2, 7))]
    return "```python\n" + "\n".join([*lines, "    return [step_0]"]) + "\n```"


def _quote(dice: random.Random) -> str:
    return f"> {_sentence(dice)}\n>\n> > {_sentence(dice)}"


_BLOCKS: tuple[Callable[[random.Random], str], ...] = (
    _paragraph, _paragraph, _paragraph, _list, _table, _code, _quote,
)  # fmt: skip


@cache
def long_text() -> str:
    """Return 200,000 characters of varied Markdown; the same every time."""
    dice = random.Random(_SEED)
    why = "What follows is long, so that scrolling, finding and stopping can be tried."
    blocks = ["# A long answer", f"{DISCLAIMER} {why}"]
    size = sum(map(len, blocks))
    section = 0
    while size < LONG_CHARACTERS:
        section += 1
        block = f"## Section {section}" if section % 6 == 1 else dice.choice(_BLOCKS)(dice)
        blocks.append(block)
        size += len(block) + 2
    return "\n\n".join(blocks)[: LONG_CHARACTERS - 10].rstrip() + "\n\nThe end."


def hostile_text() -> str:
    """Return text that tries everything a terminal should not do. Nothing of it may happen."""
    return (
        "# Nothing happens here\n\n"
        f"{DISCLAIMER} Each line below tries something; you should see marks, and nothing else.\n\n"
        "- Colour: \x1b[31mred\x1b[0m and \x9b32mgreen\x9b0m\n"
        "- Clear the screen: \x1b[2J\x1b[H and the title: \x1b]0;owned\x07\n"
        "- Write your clipboard: \x1b]52;c;b3duZWQ=\x07 and \x1b]52;c;b3duZWQ=\x1b\\\n"
        "- A link in disguise: \x1b]8;;https://evil.invalid/\x07https://example.org\x1b]8;;\x07\n"
        "- Ask the terminal: \x1b[6n \x1b[c \x1bP$qm\x1b\\ \x05\n"
        "- Another screen: \x1b[?1049h \x1bc and the mouse: \x1b[?1000h\n"
        "- Right to left: \u202egnp.exe\u202c and \u2066isolated\u2069 and \u200emark\u200f\n"
        "- Invisible: a\u200bb\u2060c\ufeffd and tags \U000e0041\U000e0042\n"
        "- Markup: [bold red]not bold[/] [@click=app.quit()]do not press[/] \\[escaped]\n"
        "- HTML: <script>alert(1)</script> <img src=x onerror=alert(1)>\n"
        "- Links: [a file](file:///etc/passwd) [a script](javascript:alert(1)) [ftp](ftp://example.org)\n"
        "- Overwriting: 12345\rxxxxx and back\x08\x08\x08\x08 and a bell \x07 and a null \x00\n"
        "- Lines: one\u2028two\u2029three\x0bfour\x0cfive\x85six\n"
        "- Zalgo: z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334a\u0357\u035e l\u0358\u0321\u0353go\n\n"
        "```text\x1b[2J\nIn a fence, too: \x1b]52;c;b3duZWQ=\x07\n```\n\n"
        "If you can read this, all of it failed."
    )


def with_sources(text: str) -> tuple[str, tuple[Wire, ...]]:
    """Return the text with source marks in it, and the sources: made up, on example.org."""
    subjects = ("The handbook", "A second opinion", "Notes from the field")
    paragraphs = text.split("\n\n")
    found: list[Wire] = []
    position = 0
    for number, subject in enumerate(subjects):
        if number >= len(paragraphs) or paragraphs[number].startswith(("|", "```", "#")):
            position += len(paragraphs[number]) + 2 if number < len(paragraphs) else 0
            continue
        url = f"https://example.org/demo/{number + 1}"
        mark = f" [example.org]({url})"
        start = position + len(paragraphs[number])
        paragraphs[number] += mark
        citation = {"url": url, "title": f"{subject} (made up)", "content": "An excerpt that nobody wrote.",
                    "start_index": start + 1, "end_index": start + len(mark)}  # fmt: skip
        found.append({"type": "url_citation", "url_citation": citation})
        position += len(paragraphs[number]) + 2
    return "\n\n".join(paragraphs), tuple(found)


def thoughts(question: str, effort: str) -> str:
    """Return what is thought about a question: more of it for more effort."""
    topic: Topic = topic_for(question) or topics()[-1]
    steps = [
        f"The question is about {topic.title.lower()}.",
        "There is no model here, so I can only look it up in the tour of the program.",
        *(f"Worth a word: {what} – {does}." for what, does in topic.points),
        "The shortest true answer first, then the details, then what to try.",
        "And I must say plainly that this is the demo.",
    ]
    share = {"minimal": 2, "low": 3, "medium": 6, "": 6}.get(effort, len(steps))
    return "\n\n".join(steps[:share])
