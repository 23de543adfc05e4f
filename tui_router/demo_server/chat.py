"""``POST /chat/completions``: chooses model and endpoint, checks limits and credits, builds the response."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from tui_router.demo_server.answers import answer_for, apply_limits
from tui_router.demo_server.billing import AnswerBill
from tui_router.demo_server.catalog import METADATA_HEADER, choose_endpoint, routing_metadata
from tui_router.demo_server.chat_request import DemoChatRequest
from tui_router.demo_server.models import MODEL_PREFIX, SCENARIO_HEADER, find_scenario, speed_of
from tui_router.demo_server.payloads import (
    CannedResponse,
    CompletionInfo,
    JsonObject,
    bad_request,
    chat_completion,
    encode_json,
)
from tui_router.demo_server.responses import EventStream, HttpResponse, NoResponse, Response
from tui_router.demo_server.script import (
    Alter,
    CloseConnection,
    DemoAnswer,
    Disconnect,
    ModelSpeed,
    NeverRespond,
    ReturnError,
    Scenario,
    SendChunk,
    SendDone,
    SendFinish,
    SendText,
    Stall,
    StreamStep,
    answer_steps,
)
from tui_router.demo_server.state import RecordedRequest, ServerState
from tui_router.demo_server.validation import validation_error

_ALPHABET = string.ascii_letters + string.digits
_MEDIA = {"image_url": ("image", "image input"), "input_audio": ("audio", "audio input"),
          "video_url": ("video", "video input")}  # fmt: skip
_UNALTERED = Alter()


def _generation_id(now: float) -> str:
    return f"gen-{int(now)}-" + "".join(secrets.choice(_ALPHABET) for _ in range(20))


def to_http(response: CannedResponse, now: float, headers: dict[str, str] | None = None) -> HttpResponse:
    """Render a canned response, with its times relative to ``now`` in Unix seconds."""
    return HttpResponse(
        status=response.status,
        body=response.body(now),
        content_type=response.content_type,
        headers={**(headers or {}), **response.headers_at(now)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _AnsweringModel:
    """The model that answers, its endpoint, the id it was requested by, and the scenario's alteration."""

    row: JsonObject
    endpoint: JsonObject
    requested_id: str
    alteration: Alter
    failures: tuple[JsonObject, ...] = ()
    """Earlier attempts, in the format of routing metadata."""


def _unknown_model(requested_id: str) -> CannedResponse:
    availability = {
        "code": "model_not_found",
        "retryable": False,
        "retry_after": None,
        "requested_models": [requested_id],
    }
    return replace(bad_request(f"{requested_id} is not a valid model ID"), extra={"availability": availability})


def _capability_error(row: JsonObject, chat: DemoChatRequest) -> CannedResponse | None:
    """Return why a model cannot serve this request, or ``None``."""
    inputs = row["architecture"]["input_modalities"]
    for kind in chat.media:
        if kind in _MEDIA and _MEDIA[kind][0] not in inputs:
            return CannedResponse(status=404, message=f"No endpoints found that support {_MEDIA[kind][1]}")
    window = row["context_length"] or 0
    if window and chat.prompt_tokens > window:
        output = chat.max_tokens or 0
        return bad_request(
            f"This endpoint's maximum context length is {window} tokens. However, you requested about "
            f"{chat.prompt_tokens + output} tokens ({chat.prompt_tokens} of text input, {output} in the output). "
            "Please reduce the length of either one.",
            "context_length_exceeded",
        )
    mandatory = row.get("reasoning", {}).get("mandatory")
    if mandatory and chat.effort == "none":
        return bad_request("Reasoning is mandatory for this endpoint and cannot be disabled.")
    return None


def _find_row(state: ServerState, requested_id: str) -> JsonObject | CannedResponse:
    row = state.catalog.find(requested_id)
    if row is not None:
        return state.catalog.resolve(row)
    base, _, suffix = requested_id.rpartition(":")
    if suffix == "free" and state.catalog.find(base) is not None:
        availability = {"code": "free_variant_ended", "retryable": False, "requested_models": [requested_id]}
        extra = {"availability": {**availability, "fallback_models": [base]}, "error_type": "not_found"}
        return CannedResponse(status=404, message=f"No endpoints found for {requested_id}.", extra=extra)
    return _unknown_model(requested_id)


def _scenario(request: RecordedRequest, requested_id: str) -> Scenario | None:
    named = request.headers.get(SCENARIO_HEADER.lower())
    return find_scenario(named or requested_id.removeprefix(MODEL_PREFIX))


def _try_model(
    state: ServerState, request: RecordedRequest, chat: DemoChatRequest, requested_id: str
) -> _AnsweringModel | CannedResponse | NoResponse:
    """Return the model for one requested id, or its failure."""
    scenario = _scenario(request, requested_id)
    alteration = _UNALTERED
    match scenario.effect if scenario else None:
        case ReturnError(response=response, failures=failures):
            if scenario and state.account.should_fail(scenario.name, failures):
                return response
        case CloseConnection(failures=failures):
            if scenario and state.account.should_fail(scenario.name, failures):
                return NoResponse(hang=False)
        case NeverRespond():
            return NoResponse(hang=True)
        case Alter() as unusual:
            alteration = unusual
        case None:
            pass
    row = _find_row(state, requested_id)
    if isinstance(row, CannedResponse):
        return row
    if error := _capability_error(row, chat):
        return error
    endpoint = choose_endpoint(row, chat.body.get("provider", {}))
    if isinstance(endpoint, CannedResponse):
        return endpoint
    return _AnsweringModel(row=row, endpoint=endpoint, requested_id=requested_id, alteration=alteration)


def _requested_models(chat: DemoChatRequest) -> list[str]:
    wanted = [chat.body.get("model") or "", *chat.body.get("models", ())]
    return list(dict.fromkeys(w for w in wanted if w)) or ["demo/quick"]


def _choose_model(
    state: ServerState, request: RecordedRequest, chat: DemoChatRequest
) -> _AnsweringModel | CannedResponse | NoResponse:
    """Try the model and its fallbacks; if all fail, return the first failure."""
    first: _AnsweringModel | CannedResponse | NoResponse | None = None
    failures: list[JsonObject] = []
    for requested_id in _requested_models(chat):
        tried = _try_model(state, request, chat, requested_id)
        if isinstance(tried, _AnsweringModel):
            return replace(tried, failures=tuple(failures))
        first = first or tried
        status = tried.status if isinstance(tried, CannedResponse) else 502
        failures.append({"provider": "Demo", "model": requested_id, "status": status})
    assert first is not None
    return first


def _credit_error(state: ServerState, row: JsonObject, chat: DemoChatRequest) -> CannedResponse | None:
    """Return a 402 if the balance does not cover the request."""
    balance = state.account.balance
    metadata = {"limit_source": "openrouter_credits"}
    if balance < 0 or (balance == 0 and row["pricing"]["completion"] != "0"):
        message = "Insufficient credits. Add more using https://openrouter.ai/settings/credits"
        return CannedResponse(status=402, message=message, metadata=metadata)
    price, max_tokens = Decimal(row["pricing"]["completion"]), chat.max_tokens or 0
    if price > 0 and price * max_tokens > balance:
        message = (
            f"This request requires more credits, or fewer max_tokens. You requested up to {max_tokens} tokens, but "
            f"can only afford {int(balance / price)}. To increase, visit https://openrouter.ai/settings/credits"
        )
        return CannedResponse(status=402, message=message, metadata={**metadata, "reason": "weight_exceeds_budget"})
    return None


def _message_json(answer: DemoAnswer) -> JsonObject:
    message: JsonObject = {"content": answer.text or (None if answer.tool_calls or answer.images else "")}
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


def _step_errors(steps: list[StreamStep]) -> Iterator[object]:
    for step in steps:
        if isinstance(step, SendChunk):
            if error := step.fields.get("error"):
                yield error
            for choice in step.fields.get("choices") or ():  # type: ignore[attr-defined]
                if isinstance(choice, dict) and (error := choice.get("error")):
                    yield error


def _json_response(
    alteration: Alter,
    steps: list[StreamStep],
    answer: DemoAnswer,
    bill: AnswerBill,
    info: CompletionInfo,
    routing: JsonObject,
) -> Response:
    """Return the answer as one JSON body, applying the scenario's stream faults where they make sense."""
    if any(isinstance(s, Stall) for s in steps):
        return NoResponse(hang=True)
    headers = {"X-Generation-Id": info.id}
    ending = next((s for s in steps if isinstance(s, SendFinish)), None)
    error = next(_step_errors(steps), None)
    if error is not None or (ending and ending.reason == "error"):
        partial = "".join(s.text for s in steps if isinstance(s, SendText))
        body = chat_completion(info, {"content": partial}, "error", ending.native_finish if ending else "error", None)
        if error is not None:
            body["choices"][0]["error"] = error
        bill.settle(bill.progress_of_whole(answer, failed=True))
        return HttpResponse(body=encode_json(body), headers=headers)
    progress = bill.progress_of_whole(answer, failed=False)
    finish = ending or SendFinish(answer.finish, answer.native_finish)
    body = chat_completion(info, _message_json(answer), finish.reason, finish.native_finish, bill.make_usage(progress))
    data = alteration.padding.encode() + encode_json({**body, **routing})
    bill.settle(progress)
    return HttpResponse(
        body=data, headers=headers, cut_at=len(data) // 2 if any(isinstance(s, Disconnect) for s in steps) else None
    )


def _respond(state: ServerState, request: RecordedRequest, chat: DemoChatRequest, chosen: _AnsweringModel) -> Response:
    row, alteration, now = chosen.row, chosen.alteration, state.clock()
    answer = answer_for(row, chat)
    if alteration.edit_answer is not None:
        answer = alteration.edit_answer(answer)
    max_tokens = row["top_provider"]["max_completion_tokens"] or row["context_length"] or 10**9
    if answer.finish == "stop":
        answer = apply_limits(answer, chat, min(chat.max_tokens or max_tokens, max_tokens))
    model_speed = speed_of(row["id"])
    model_speed = ModelSpeed(first_token=model_speed.first_token, rate=model_speed.rate / alteration.slowdown)
    steps = answer_steps(answer, model_speed)
    if alteration.edit_steps is not None:
        steps = alteration.edit_steps(steps)
    info = CompletionInfo(
        id=_generation_id(now),
        created=int(now),
        model=chosen.requested_id if alteration.echo_requested_id else row["canonical_slug"],
        provider=chosen.endpoint["provider_name"],
    )
    routing: JsonObject = {}
    if request.headers.get(METADATA_HEADER) == "enabled":
        routing = {
            "openrouter_metadata": routing_metadata(chat.body.get("model") or "", chosen.endpoint, chosen.failures)
        }
        routing_step = SendChunk({"choices": [], **routing})
        steps = [t for s in steps for t in ((routing_step, s) if isinstance(s, SendDone) else (s,))]
    streamed = bool(chat.body.get("stream"))
    bill = AnswerBill(
        state=state, request=request, chat=chat, row=row, answer=answer, info=info,
        streamed=streamed, byok=alteration.byok, started=now,
    )  # fmt: skip
    if not streamed or alteration.as_json:
        return _json_response(alteration, steps, answer, bill, info, routing)
    return EventStream(
        steps=steps,
        info=info,
        framing=alteration.framing,
        model_speed=model_speed,
        make_usage=bill.make_usage,
        settle=bill.settle,
    )


def complete_chat(state: ServerState, request: RecordedRequest) -> Response:
    """Handle a chat completion request."""
    now = state.clock()
    if message := validation_error(request.body):
        return to_http(bad_request(message), now)
    assert isinstance(request.body, dict)
    chat = DemoChatRequest(request.body)
    chosen = _choose_model(state, request, chat)
    if isinstance(chosen, NoResponse):
        return chosen
    if isinstance(chosen, _AnsweringModel):
        credit_error = _credit_error(state, chosen.row, chat)
        if credit_error is None:
            return _respond(state, request, chat, chosen)
        chosen = credit_error
    return to_http(chosen, now, {"X-Generation-Id": _generation_id(now)})
