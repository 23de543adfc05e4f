"""Composes answers: showcase models have special ones, all others give the tour."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from tui_router.demo_server.chat_request import DemoChatRequest, tokens
from tui_router.demo_server.payloads import JsonObject
from tui_router.demo_server.samples import sample_image_url, sample_json, stable_hash
from tui_router.demo_server.script import DemoAnswer, DemoToolCall
from tui_router.demo_server.tour import (
    DISCLAIMER,
    AnswerStyle,
    TourTopic,
    asks_for_title,
    continuation,
    title_for,
    topic_for,
    topics,
    tour_answer,
)

LONG_CHARACTERS = 200_000
"""About 50,000 tokens."""
_SEED = 20261122
_SUBJECTS = ("the reader", "a lane", "the transcript", "the prompt", "an answer", "the picker", "a theme", "the queue")
_VERBS = ("waits for", "keeps", "shows", "follows", "remembers", "measures", "folds", "finds", "passes")
_OBJECTS = (
    "the last word", "a long table", "every key", "the next turn", "a broken line", "the cost so far", "an old draft",
    "the first token",
)  # fmt: skip
_ENDS = ("at once", "without a sound", "before the paint dries", "and never twice", "line by line", "to the end")


@cache
def load_page(name: str) -> str:
    """Return a Markdown page from the folder ``texts``."""
    return (files("tui_router.demo_server") / "texts" / f"{name}.md").read_text("utf-8")


def _sentence(rng: random.Random) -> str:
    words = f"{rng.choice(_SUBJECTS)} {rng.choice(_VERBS)} {rng.choice(_OBJECTS)} {rng.choice(_ENDS)}"
    marks = rng.random()
    if marks < 0.12:
        words = words.replace(" the ", " *the* ", 1)
    elif marks < 0.24:
        first, _, rest = words.partition(" ")
        words = f"{first} **{rest.split(' ', 1)[0]}** {rest.partition(' ')[2]}"
    return words[0].upper() + words[1:] + "."


def _paragraph(rng: random.Random) -> str:
    return " ".join(_sentence(rng) for _ in range(rng.randint(3, 8)))


def _list(rng: random.Random) -> str:
    lines: list[str] = []
    for number in range(1, rng.randint(4, 8)):
        lines.append(f"{number}. {_sentence(rng)}")
        lines += [f"   - {_sentence(rng)}" for _ in range(rng.randint(0, 2))]
    return "\n".join(lines)


def _table(rng: random.Random) -> str:
    rows = [
        f"| {rng.choice(_SUBJECTS)} | {rng.choice(_VERBS)} | {rng.randint(1, 9999):,} |"
        for _ in range(rng.randint(3, 9))
    ]
    return "\n".join(["| what | does | count |", "|:--|:-:|--:|", *rows])


def _code(rng: random.Random) -> str:
    name = rng.choice(_OBJECTS).replace(" ", "_")
    lines = [f"def {name}(count: int = {rng.randint(1, 99)}) -> list[str]:", f'    """Return {name}."""']
    lines += [f'    step_{n} = "{rng.choice(_ENDS)}" * count' for n in range(rng.randint(2, 7))]
    return "```python\n" + "\n".join([*lines, "    return [step_0]"]) + "\n```"


def _quote(rng: random.Random) -> str:
    return f"> {_sentence(rng)}\n>\n> > {_sentence(rng)}"


_BLOCKS: tuple[Callable[[random.Random], str], ...] = (
    _paragraph, _paragraph, _paragraph, _list, _table, _code, _quote,
)  # fmt: skip


@cache
def long_text() -> str:
    """Return 200,000 characters of varied Markdown, always the same."""
    rng = random.Random(_SEED)
    purpose = "The following text is long, so that you can try scrolling, searching and stopping."
    blocks = ["# A long answer", f"{DISCLAIMER} {purpose}"]
    size = sum(map(len, blocks))
    section = 0
    while size < LONG_CHARACTERS:
        section += 1
        block = f"## Section {section}" if section % 6 == 1 else rng.choice(_BLOCKS)(rng)
        blocks.append(block)
        size += len(block) + 2
    return "\n\n".join(blocks)[: LONG_CHARACTERS - 10].rstrip() + "\n\nThe end."


def hostile_text() -> str:
    """Return text with attacks on a terminal: escape sequences, bidi controls, markup, unsafe links."""
    return (
        "# Nothing happens here\n\n"
        f"{DISCLAIMER} Each line below attempts something; you should see visible marks, and nothing else.\n\n"
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


def with_sources(text: str) -> tuple[str, tuple[JsonObject, ...]]:
    """Return the text with citation marks, and made-up citations on example.org."""
    subjects = ("The handbook", "A second opinion", "Notes from the field")
    paragraphs = text.split("\n\n")
    found: list[JsonObject] = []
    position = 0
    for number, subject in enumerate(subjects):
        if number >= len(paragraphs) or paragraphs[number].startswith(("|", "```", "#")):
            position += len(paragraphs[number]) + 2 if number < len(paragraphs) else 0
            continue
        url = f"https://example.org/demo/{number + 1}"
        mark = f" [example.org]({url})"
        start = position + len(paragraphs[number])
        paragraphs[number] += mark
        citation = {"url": url, "title": f"{subject} (made up)", "content": "A made-up excerpt.",
                    "start_index": start + 1, "end_index": start + len(mark)}  # fmt: skip
        found.append({"type": "url_citation", "url_citation": citation})
        position += len(paragraphs[number]) + 2
    return "\n\n".join(paragraphs), tuple(found)


def reasoning_text(question: str, effort: str) -> str:
    """Return reasoning about a question; higher effort returns more."""
    topic: TourTopic = topic_for(question) or topics()[-1]
    steps = [
        f"The question is about {topic.title.lower()}.",
        "There is no model here, so I can only look it up in the tour of the program.",
        *(f"Worth mentioning: {what} – {does}." for what, does in topic.points),
        "The shortest true answer first, then the details, then what to try.",
        "And I must say clearly that this is the demo.",
    ]
    share = {"minimal": 2, "low": 3, "medium": 6, "": 6}.get(effort, len(steps))
    return "\n\n".join(steps[:share])


_STYLES = {
    "demo/opinion-a": AnswerStyle.DRY,
    "demo/opinion-b": AnswerStyle.ORDERED,
    "demo/opinion-c": AnswerStyle.WARM,
}


def style_of(model_id: str) -> AnswerStyle:
    """Return the answer style of a model, determined by its id."""
    voices = tuple(AnswerStyle)
    return _STYLES.get(model_id, voices[stable_hash(model_id.partition(":")[0]) % len(voices)])


def _tools_answer(chat: DemoChatRequest) -> DemoAnswer:
    if chat.tool_results:
        got = "\n\n".join(f"```\n{result.strip()[:2000]}\n```" for result in chat.tool_results)
        return DemoAnswer(text=f"The tool answered:\n\n{got}\n\nThat is all from the tool. {DISCLAIMER}")
    if not chat.functions:
        text = "I call a tool if the request offers one; this request offered none. "
        return DemoAnswer(text=f"{text}Switch tools on with `/tools` and ask again. {DISCLAIMER}")
    return _tool_call(chat)


def _tool_call(chat: DemoChatRequest) -> DemoAnswer:
    choice = chat.body.get("tool_choice")
    wanted = choice.get("function", {}).get("name") if isinstance(choice, dict) else None
    words = chat.question.lower()
    named = [f for f in chat.functions if f["name"] == wanted]
    meant = [f for f in chat.functions if f["name"].lower() in words]
    function = [*named, *meant, *chat.functions][0]
    arguments = json.dumps(sample_json(function.get("parameters", {})), ensure_ascii=False)
    call_id = f"call_{stable_hash(function['name'] + str(len(chat.messages))):08x}"
    call = DemoToolCall(id=call_id, name=function["name"], arguments=arguments)
    return DemoAnswer(text="", tool_calls=(call,), finish="tool_calls", native_finish="tool_use")


def _image_answer(chat: DemoChatRequest) -> DemoAnswer:
    text = f"Here is an image generated from your words. {DISCLAIMER}"
    return DemoAnswer(text=text, images=(sample_image_url(chat.question),))


def _echo_answer(chat: DemoChatRequest) -> DemoAnswer:
    return DemoAnswer(text=chat.question)


def _fixed(text: Callable[[], str]) -> Callable[[DemoChatRequest], DemoAnswer]:
    return lambda chat: DemoAnswer(text=text())


_SHOWCASE_ANSWERS = MappingProxyType(
    {
        "demo/tools": _tools_answer,
        "demo/image": _image_answer,
        "demo/echo": _echo_answer,
        "demo/long": _fixed(long_text),
        "demo/markdown": _fixed(lambda: load_page("markdown")),
        "demo/code": _fixed(lambda: load_page("code")),
        "demo/table": _fixed(lambda: load_page("table")),
        "demo/hostile": _fixed(hostile_text),
    }
)


def _json_answer(wanted: JsonObject) -> DemoAnswer | None:
    match wanted.get("type"):
        case "json_schema":
            return DemoAnswer(
                text=json.dumps(sample_json(wanted.get("json_schema", {}).get("schema", {})), ensure_ascii=False)
            )
        case "json_object":
            return DemoAnswer(text=json.dumps({"answer": "demo", "note": DISCLAIMER}))
        case _:
            return None


def _with_citations(answer: DemoAnswer) -> DemoAnswer:
    text, found = with_sources(answer.text)
    return replace(answer, text=text, annotations=found, web_searches=1)


def _basic_answer(row: JsonObject, chat: DemoChatRequest) -> DemoAnswer:
    if asks_for_title(chat.system):
        return DemoAnswer(text=title_for(chat))
    if answer := _json_answer(chat.body.get("response_format", {})):
        return answer
    if showcase := _SHOWCASE_ANSWERS.get(row["id"]):
        return showcase(chat)
    choice = chat.body.get("tool_choice")
    if chat.functions and (choice == "required" or isinstance(choice, dict)):
        return _tool_call(chat)
    return DemoAnswer(text=tour_answer(chat, style_of(row["id"]), row["name"]))


def _has_reasoning(row: JsonObject, chat: DemoChatRequest) -> bool:
    reasoning = row.get("reasoning")
    if reasoning is None or chat.effort == "none":
        return False
    return bool(reasoning["mandatory"] or chat.effort or row["id"] == "demo/thinking")


def _remainder(text: str, partial_answer: str) -> str:
    """Return the rest of ``text`` after a partial answer, or a generic ending if it is not a prefix."""
    stem = partial_answer.rstrip()
    return text[len(stem) :] if text.startswith(stem) else continuation(partial_answer)


def answer_for(row: JsonObject, chat: DemoChatRequest) -> DemoAnswer:
    """Return the complete answer of a model, before output limits."""
    answer = _basic_answer(row, chat.without_partial_answer)
    if chat.partial_answer:
        answer = replace(answer, text=_remainder(answer.text, chat.partial_answer))
    if (row["id"] == "demo/citations" or chat.wants_search) and answer.text and not chat.partial_answer:
        answer = _with_citations(answer)
    if "image" in chat.body.get("modalities", ()) and "image" in row["architecture"]["output_modalities"]:
        answer = replace(answer, images=(sample_image_url(chat.question),))
    if _has_reasoning(row, chat):
        hide = bool(chat.body.get("reasoning", {}).get("exclude")) or chat.body.get("include_reasoning") is False
        answer = replace(answer, reasoning=reasoning_text(chat.question, chat.effort), hide_reasoning=hide)
    return answer


def _truncate_at_stop(answer: DemoAnswer, stops: list[str]) -> DemoAnswer:
    ends = [found for stop in stops if stop and (found := answer.text.find(stop)) >= 0]
    return replace(answer, text=answer.text[: min(ends)], native_finish="stop_sequence") if ends else answer


def apply_limits(answer: DemoAnswer, chat: DemoChatRequest, max_tokens: int) -> DemoAnswer:
    """Truncate the answer at its stop sequences and at ``max_tokens``, including reasoning."""
    stop = chat.body.get("stop", [])
    answer = _truncate_at_stop(answer, [stop] if isinstance(stop, str) else stop)
    if answer.tool_calls or tokens(len(answer.reasoning)) + tokens(len(answer.text)) <= max_tokens:
        return answer
    thinking = answer.reasoning[: max_tokens * 4]
    left = (max_tokens - tokens(len(thinking))) * 4
    return replace(answer, reasoning=thinking, text=answer.text[:left], annotations=(), finish="length",
                   native_finish="max_tokens")  # fmt: skip
