"""``POST /chat/completions``: who answers, what it costs, in which of its many ways it arrives."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from tui_router.demo_server.answers import answer_for, within_limits
from tui_router.demo_server.asked import Asked
from tui_router.demo_server.checks import what_is_wrong
from tui_router.demo_server.demo_models import PREFIX, tempo_of
from tui_router.demo_server.ledger import Ledger
from tui_router.demo_server.parts import Answer, Cut, Done, Event, Finish, Hang, Part, Tempo, Word, script
from tui_router.demo_server.refusal import Refusal, bad_request
from tui_router.demo_server.routing import METADATA_HEADER, choose_endpoint, metadata
from tui_router.demo_server.scenario import HangUp, Play, Refuse, Scenario, Silence
from tui_router.demo_server.scenarios import HEADER, find_scenario
from tui_router.demo_server.site import Abandon, Outcome, Received, Reply, Site, Stream
from tui_router.demo_server.wire import Envelope, Wire, completion, encode

_ALPHABET = string.ascii_letters + string.digits
_MEDIA = {"image_url": ("image", "image input"), "input_audio": ("audio", "audio input"),
          "video_url": ("video", "video input")}  # fmt: skip
_NORMAL = Play()


def _generation_id(now: float) -> str:
    return f"gen-{int(now)}-" + "".join(secrets.choice(_ALPHABET) for _ in range(20))


def as_reply(refusal: Refusal, now: float, headers: dict[str, str] | None = None) -> Reply:
    """Return a refusal as an HTTP answer."""
    return Reply(
        status=refusal.status,
        body=refusal.body(now),
        content_type=refusal.content_type,
        headers={**(headers or {}), **refusal.head(now)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """The row that answers, through which endpoint, the id it was asked by, and how."""

    row: Wire
    endpoint: Wire
    asked_id: str
    play: Play
    failures: tuple[Wire, ...] = ()
    """What was tried before, as routing metadata has it."""


def _unknown(asked_id: str) -> Refusal:
    availability = {"code": "model_not_found", "retryable": False, "retry_after": None, "requested_models": [asked_id]}
    return replace(bad_request(f"{asked_id} is not a valid model ID"), extra={"availability": availability})


def _unfit(row: Wire, asked: Asked) -> Refusal | None:
    """Say why a row cannot take this request."""
    inputs = row["architecture"]["input_modalities"]
    for kind in asked.media:
        if kind in _MEDIA and _MEDIA[kind][0] not in inputs:
            return Refusal(status=404, message=f"No endpoints found that support {_MEDIA[kind][1]}")
    window = row["context_length"] or 0
    if window and asked.prompt_tokens > window:
        output = asked.limit or 0
        return bad_request(
            f"This endpoint's maximum context length is {window} tokens. However, you requested about "
            f"{asked.prompt_tokens + output} tokens ({asked.prompt_tokens} of text input, {output} in the output). "
            "Please reduce the length of either one.",
            "context_length_exceeded",
        )
    mandatory = row.get("reasoning", {}).get("mandatory")
    if mandatory and asked.effort == "none":
        return bad_request("Reasoning is mandatory for this endpoint and cannot be disabled.")
    return None


def _find_row(site: Site, asked_id: str) -> Wire | Refusal:
    row = site.catalogue.find(asked_id)
    if row is not None:
        return site.catalogue.served_by(row)
    base, _, suffix = asked_id.rpartition(":")
    if suffix == "free" and site.catalogue.find(base) is not None:
        gone = {"code": "free_variant_ended", "retryable": False, "requested_models": [asked_id]}
        extra = {"availability": {**gone, "fallback_models": [base]}, "error_type": "not_found"}
        return Refusal(status=404, message=f"No endpoints found for {asked_id}.", extra=extra)
    return _unknown(asked_id)


def _scenario(request: Received, asked_id: str) -> Scenario | None:
    named = request.headers.get(HEADER.lower())
    return find_scenario(named or asked_id.removeprefix(PREFIX))


def _try(site: Site, request: Received, asked: Asked, asked_id: str) -> _Chosen | Refusal | Abandon:
    """Return who answers, or why this one does not."""
    scenario = _scenario(request, asked_id)
    play = _NORMAL
    match scenario.fault if scenario else None:
        case Refuse(refusal=refusal, tries=tries):
            if scenario and site.account.fails_again(scenario.name, tries):
                return refusal
        case HangUp(tries=tries):
            if scenario and site.account.fails_again(scenario.name, tries):
                return Abandon(hang=False)
        case Silence():
            return Abandon(hang=True)
        case Play() as unusual:
            play = unusual
        case None:
            pass
    row = _find_row(site, asked_id)
    if isinstance(row, Refusal):
        return row
    if unfit := _unfit(row, asked):
        return unfit
    endpoint = choose_endpoint(row, asked.body.get("provider", {}))
    if isinstance(endpoint, Refusal):
        return endpoint
    return _Chosen(row=row, endpoint=endpoint, asked_id=asked_id, play=play)


def _candidates(asked: Asked) -> list[str]:
    wanted = [asked.body.get("model") or "", *asked.body.get("models", ())]
    return list(dict.fromkeys(w for w in wanted if w)) or ["demo/quick"]


def _choose(site: Site, request: Received, asked: Asked) -> _Chosen | Refusal | Abandon:
    """Go through the model and its fallbacks; the first failure is told when none of them answers."""
    first: _Chosen | Refusal | Abandon | None = None
    failures: list[Wire] = []
    for asked_id in _candidates(asked):
        tried = _try(site, request, asked, asked_id)
        if isinstance(tried, _Chosen):
            return replace(tried, failures=tuple(failures))
        first = first or tried
        status = tried.status if isinstance(tried, Refusal) else 502
        failures.append({"provider": "Demo", "model": asked_id, "status": status})
    assert first is not None
    return first


def _afford(site: Site, row: Wire, asked: Asked) -> Refusal | None:
    """Say that the balance does not bear this request."""
    balance = site.account.balance
    metadata = {"limit_source": "openrouter_credits"}
    if balance < 0 or (balance == 0 and row["pricing"]["completion"] != "0"):
        return Refusal(status=402, message="Insufficient credits. Add more using https://openrouter.ai/settings/credits",
                       metadata=metadata)  # fmt: skip
    price, limit = Decimal(row["pricing"]["completion"]), asked.limit or 0
    if price > 0 and price * limit > balance:
        message = (
            f"This request requires more credits, or fewer max_tokens. You requested up to {limit} tokens, but can "
            f"only afford {int(balance / price)}. To increase, visit https://openrouter.ai/settings/credits"
        )
        return Refusal(status=402, message=message, metadata={**metadata, "reason": "weight_exceeds_budget"})
    return None


def _message(answer: Answer) -> Wire:
    message: Wire = {"content": answer.text or (None if answer.tool_calls or answer.images else "")}
    message["refusal"] = answer.refusal or None
    if answer.reasoning and not answer.hide_reasoning:
        detail = {"type": "reasoning.text", "text": answer.reasoning, "format": "unknown", "index": 0}
        message |= {"reasoning": answer.reasoning, "reasoning_details": [detail]}
    if answer.tool_calls:
        message["tool_calls"] = [
            {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}}
            for c in answer.tool_calls
        ]
    if answer.images:
        message["images"] = [{"type": "image_url", "image_url": {"url": url}} for url in answer.images]
    if answer.annotations:
        message["annotations"] = list(answer.annotations)
    return message


def _errors(parts: list[Part]) -> Iterator[object]:
    for part in parts:
        if isinstance(part, Event):
            if error := part.fields.get("error"):
                yield error
            for choice in part.fields.get("choices") or ():  # type: ignore[attr-defined]
                if isinstance(choice, dict) and (error := choice.get("error")):
                    yield error


def _whole(play: Play, parts: list[Part], answer: Answer, ledger: Ledger, envelope: Envelope, routed: Wire) -> Outcome:
    """Return the answer in one body, with what a scenario does to streams done to it as far as that makes sense."""
    if any(isinstance(p, Hang) for p in parts):
        return Abandon(hang=True)
    headers = {"X-Generation-Id": envelope.id}
    ending = next((p for p in parts if isinstance(p, Finish)), None)
    error = next(_errors(parts), None)
    if error is not None or (ending and ending.reason == "error"):
        partial = "".join(p.text for p in parts if isinstance(p, Word))
        body = completion(envelope, {"content": partial}, "error", ending.native if ending else "error", None)
        if error is not None:
            body["choices"][0]["error"] = error
        ledger.settle(ledger.played_whole(answer, failed=True))
        return Reply(body=encode(body), headers=headers)
    played = ledger.played_whole(answer, failed=False)
    finish = ending or Finish(answer.finish, answer.native)
    body = completion(envelope, _message(answer), finish.reason, finish.native, ledger.bill(played))
    data = play.padding.encode() + encode({**body, **routed})
    ledger.settle(played)
    return Reply(body=data, headers=headers, cut_at=len(data) // 2 if any(isinstance(p, Cut) for p in parts) else None)


def _answer(site: Site, request: Received, asked: Asked, chosen: _Chosen) -> Outcome:
    row, play, now = chosen.row, chosen.play, site.clock()
    answer = answer_for(row, asked)
    if play.rewrite is not None:
        answer = play.rewrite(answer)
    most = row["top_provider"]["max_completion_tokens"] or row["context_length"] or 10**9
    if answer.finish == "stop":
        answer = within_limits(answer, asked, min(asked.limit or most, most))
    tempo = tempo_of(row["id"])
    tempo = Tempo(first_token=tempo.first_token, rate=tempo.rate / play.slow)
    parts = script(answer, tempo)
    if play.change is not None:
        parts = play.change(parts)
    envelope = Envelope(
        id=_generation_id(now),
        created=int(now),
        model=chosen.asked_id if play.echo_model else row["canonical_slug"],
        provider=chosen.endpoint["provider_name"],
    )
    routed: Wire = {}
    if request.headers.get(METADATA_HEADER) == "enabled":
        routed = {"openrouter_metadata": metadata(asked.body.get("model") or "", chosen.endpoint, chosen.failures)}
        told = Event({"choices": [], **routed})
        parts = [q for p in parts for q in ((told, p) if isinstance(p, Done) else (p,))]
    streamed = bool(asked.body.get("stream"))
    ledger = Ledger(site=site, request=request, asked=asked, row=row, answer=answer, envelope=envelope,
                    streamed=streamed, byok=play.byok, started=now)  # fmt: skip
    if not streamed or play.as_json:
        return _whole(play, parts, answer, ledger, envelope, routed)
    return Stream(parts=parts, envelope=envelope, delivery=play.delivery, tempo=tempo, bill=ledger.bill,
                  settle=ledger.settle)  # fmt: skip


def complete(site: Site, request: Received) -> Outcome:
    """Answer a chat request."""
    now = site.clock()
    if wrong := what_is_wrong(request.body):
        return as_reply(bad_request(wrong), now)
    assert isinstance(request.body, dict)
    asked = Asked(request.body)
    chosen = _choose(site, request, asked)
    if isinstance(chosen, Abandon):
        return chosen
    if isinstance(chosen, _Chosen):
        poor = _afford(site, chosen.row, asked)
        if poor is None:
            return _answer(site, request, asked, chosen)
        chosen = poor
    return as_reply(chosen, now, {"X-Generation-Id": _generation_id(now)})
