"""Decides what an answer says: the demo's own models have their own ways, all others give the tour."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from tui_router.demo_server import showpieces
from tui_router.demo_server.asked import Asked
from tui_router.demo_server.families import seed_of
from tui_router.demo_server.parts import Answer, ToolCall
from tui_router.demo_server.picture import data_url
from tui_router.demo_server.pricing import tokens
from tui_router.demo_server.prose import DISCLAIMER, Voice, continuation, is_about_titles, reply, title_for
from tui_router.demo_server.schema import sample
from tui_router.demo_server.wire import Wire

_OWN_VOICES = {"demo/opinion-a": Voice.DRY, "demo/opinion-b": Voice.ORDERED, "demo/opinion-c": Voice.WARM}


def voice_of(model_id: str) -> Voice:
    """Return the manner of a model; always the same for the same id."""
    voices = tuple(Voice)
    return _OWN_VOICES.get(model_id, voices[seed_of(model_id.partition(":")[0]) % len(voices)])


def _tools(asked: Asked) -> Answer:
    if asked.tool_results:
        got = "\n\n".join(f"```\n{result.strip()[:2000]}\n```" for result in asked.tool_results)
        return Answer(text=f"The tool answered:\n\n{got}\n\nSo much from the tool. {DISCLAIMER}")
    if not asked.functions:
        text = "I call a tool when the request offers one; this request offered none. "
        return Answer(text=f"{text}Switch tools on with `/tools` and ask again. {DISCLAIMER}")
    return _call(asked)


def _call(asked: Asked) -> Answer:
    choice = asked.body.get("tool_choice")
    wanted = choice.get("function", {}).get("name") if isinstance(choice, dict) else None
    words = asked.question.lower()
    named = [f for f in asked.functions if f["name"] == wanted]
    meant = [f for f in asked.functions if f["name"].lower() in words]
    function = [*named, *meant, *asked.functions][0]
    arguments = json.dumps(sample(function.get("parameters", {})), ensure_ascii=False)
    call_id = f"call_{seed_of(function['name'] + str(len(asked.messages))):08x}"
    call = ToolCall(id=call_id, name=function["name"], arguments=arguments)
    return Answer(text="", tool_calls=(call,), finish="tool_calls", native="tool_use")


def _image(asked: Asked) -> Answer:
    text = f"Here is a picture made of nothing but the words you sent. {DISCLAIMER}"
    return Answer(text=text, images=(data_url(asked.question),))


def _echo(asked: Asked) -> Answer:
    return Answer(text=asked.question)


def _said(text: Callable[[], str]) -> Callable[[Asked], Answer]:
    return lambda asked: Answer(text=text())


_OWN = MappingProxyType(
    {
        "demo/tools": _tools,
        "demo/image": _image,
        "demo/echo": _echo,
        "demo/long": _said(showpieces.long_text),
        "demo/markdown": _said(lambda: showpieces.page("markdown")),
        "demo/code": _said(lambda: showpieces.page("code")),
        "demo/table": _said(lambda: showpieces.page("table")),
        "demo/hostile": _said(showpieces.hostile_text),
    }
)


def _json_answer(wanted: Wire) -> Answer | None:
    match wanted.get("type"):
        case "json_schema":
            return Answer(text=json.dumps(sample(wanted.get("json_schema", {}).get("schema", {})), ensure_ascii=False))
        case "json_object":
            return Answer(text=json.dumps({"answer": "demo", "note": DISCLAIMER}))
        case _:
            return None


def _cite(answer: Answer) -> Answer:
    text, found = showpieces.with_sources(answer.text)
    return replace(answer, text=text, annotations=found, searches=1)


def _plain(row: Wire, asked: Asked) -> Answer:
    if is_about_titles(asked.system):
        return Answer(text=title_for(asked))
    if answer := _json_answer(asked.body.get("response_format", {})):
        return answer
    if own := _OWN.get(row["id"]):
        return own(asked)
    choice = asked.body.get("tool_choice")
    if asked.functions and (choice == "required" or isinstance(choice, dict)):
        return _call(asked)
    return Answer(text=reply(asked, voice_of(row["id"]), row["name"]))


def _thinks(row: Wire, asked: Asked) -> bool:
    reasoning = row.get("reasoning")
    if reasoning is None or asked.effort == "none":
        return False
    return bool(reasoning["mandatory"] or asked.effort or row["id"] == "demo/thinking")


def _continued(text: str, begun: str) -> str:
    """Return what follows ``begun``: the rest of the same answer, or a few closing words for another one."""
    stem = begun.rstrip()
    return text[len(stem) :] if text.startswith(stem) else continuation(begun)


def answer_for(row: Wire, asked: Asked) -> Answer:
    """Return everything that the model of ``row`` says to ``asked``, before limits."""
    answer = _plain(row, asked.origin)
    if asked.begun:
        answer = replace(answer, text=_continued(answer.text, asked.begun))
    if (row["id"] == "demo/citations" or asked.wants_search) and answer.text and not asked.begun:
        answer = _cite(answer)
    if "image" in asked.body.get("modalities", ()) and "image" in row["architecture"]["output_modalities"]:
        answer = replace(answer, images=(data_url(asked.question),))
    if _thinks(row, asked):
        hide = bool(asked.body.get("reasoning", {}).get("exclude")) or asked.body.get("include_reasoning") is False
        answer = replace(answer, reasoning=showpieces.thoughts(asked.question, asked.effort), hide_reasoning=hide)
    return answer


def _stopped(answer: Answer, stops: list[str]) -> Answer:
    ends = [found for stop in stops if stop and (found := answer.text.find(stop)) >= 0]
    return replace(answer, text=answer.text[: min(ends)], native="stop_sequence") if ends else answer


def within_limits(answer: Answer, asked: Asked, most: int) -> Answer:
    """Return the answer cut at its stop words and at ``most`` tokens, thinking included."""
    stop = asked.body.get("stop", [])
    answer = _stopped(answer, [stop] if isinstance(stop, str) else stop)
    if answer.tool_calls or tokens(len(answer.reasoning)) + tokens(len(answer.text)) <= most:
        return answer
    thinking = answer.reasoning[: most * 4]
    left = (most - tokens(len(thinking))) * 4
    return replace(answer, reasoning=thinking, text=answer.text[:left], annotations=(), finish="length",
                   native="max_tokens")  # fmt: skip
