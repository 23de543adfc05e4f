"""The client: one question to one stream of events, and the small calls around it.

``stream`` never raises for anything a server or a network does; the other calls raise ``Trouble``.
Importing this module is cheap: httpx comes with the first request.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode

from tui_router.domain import untrusted
from tui_router.domain.account import Credits, Endpoint, GenerationRecord, Health, KeyInfo
from tui_router.domain.events import Cancelled, Connecting, Event, Failed, Retrying
from tui_router.domain.message import Message, Role, Text, new_id
from tui_router.domain.model import Model
from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.domain.request import ChatRequest
from tui_router.domain.secret import Secret
from tui_router.domain.settings import DEFAULT_BASE_URL
from tui_router.domain.stream import StreamState
from tui_router.openrouter import sentences
from tui_router.openrouter.account import parse_credits, parse_generation, parse_key_info
from tui_router.openrouter.attempt import AFTER_FINISH, Attempt
from tui_router.openrouter.cancel import Cancel
from tui_router.openrouter.catalog import Catalogue, parse_endpoints, parse_models, parse_zero_retention
from tui_router.openrouter.fetch import fetch
from tui_router.openrouter.problems import Verdict, plain_verdict
from tui_router.openrouter.request import encode, has_details, to_body
from tui_router.openrouter.retry import RetryPolicy, server_time
from tui_router.openrouter.trace import trace_resend, trace_retry
from tui_router.openrouter.transport import AppIdentity, Call, Timeouts, Transport, check_key

FALLBACK_MODEL = "openrouter/auto"
"""Who answers when nobody was named."""
_RETRY, _TIMEOUTS, _APP = RetryPolicy(), Timeouts(), AppIdentity()


class OpenRouter:
    """A connection to OpenRouter. A context manager; safe to use from several threads.

    Args:
        key: The API key; without one only the public calls work.
        base_url: https, or http on this machine.
        retry: How often a request is sent again before its first token.
        timeouts: Seconds; ``read`` is the longest silence.
        proxy: Address of a proxy; empty is what the environment says.
        ca_bundle: File of trusted certificates; empty is the built-in list.
        app: How the service lists this app.
        default_model: Who answers a question that names no model.
        clock: Monotonic seconds.
        rng: Numbers from 0 to 1, for jitter.
        grace: Seconds of silence after a finish reason that end an answer.
        log_content: Let the debug log hold questions and answers.

    Raises:
        Trouble: The address or the key cannot be used.
    """

    def __init__(
        self,
        key: Secret | str | None = None,
        *,
        base_url: str = DEFAULT_BASE_URL,
        retry: RetryPolicy = _RETRY,
        timeouts: Timeouts = _TIMEOUTS,
        proxy: str = "",
        ca_bundle: str = "",
        app: AppIdentity = _APP,
        default_model: str = FALLBACK_MODEL,
        clock: Callable[[], float] = time.monotonic,
        rng: Callable[[], float] = random.random,
        grace: float = AFTER_FINISH,
        log_content: bool = False,
    ) -> None:
        self._key = None if key is None else check_key(key)
        self._transport = Transport(
            base_url, timeouts=timeouts, proxy=proxy, ca_bundle=ca_bundle, app=app, log_content=log_content
        )
        self._retry = retry
        self._default_model = default_model
        self._clock = clock
        self._random = rng
        self._grace = grace
        self._server_time: datetime | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ, **options: Any) -> OpenRouter:
        """Return a client as ``OPENROUTER_API_KEY``, ``_BASE_URL`` and ``_DEFAULT_MODEL`` say.

        Raises:
            Trouble: There is no key.
        """
        key = environ.get("OPENROUTER_API_KEY", "").strip()
        if not key:
            raise Trouble(_no_key())
        options.setdefault("base_url", environ.get("OPENROUTER_BASE_URL") or DEFAULT_BASE_URL)
        options.setdefault("default_model", environ.get("OPENROUTER_DEFAULT_MODEL") or FALLBACK_MODEL)
        return cls(Secret(key), **options)

    @property
    def site(self) -> str:
        """Scheme and host of the service, where people sign in."""
        return self._transport.site

    def stream(
        self,
        request: ChatRequest | str,
        cancel: Cancel | None = None,
        *,
        model: str = "",
        system: str = "",
        options: ChatOptions | None = None,
    ) -> Iterator[Event]:
        """Yield the events of one answer; the last one, and only it, is its ending. Never raises.

        Args:
            request: What is asked; a plain text is a conversation of one question.
            cancel: Stops it, from any thread.
            model: Who answers a plain text.
            system: The system prompt of a plain text.
            options: The request options of a plain text.
        """
        if isinstance(request, str):
            request = self._question(request, model, system, options)
        try:
            yield from self._stream(request, cancel or Cancel())
        except Trouble as trouble:
            yield Failed(trouble.problem)

    def complete(
        self,
        question: ChatRequest | str,
        *,
        model: str = "",
        system: str = "",
        options: ChatOptions | None = None,
        cancel: Cancel | None = None,
    ) -> StreamState:
        """Return the whole answer; its words are in ``.text``, how it ended in ``.ending``.

        Raises:
            Trouble: It failed before anything came. An answer that was cut off later is returned.
        """
        state = StreamState()
        for event in self.stream(question, cancel, model=model, system=system, options=options):
            state.apply(event)
        if state.problem is not None and not state.parts():
            raise Trouble(state.problem)
        return state

    def models(self) -> tuple[Model, ...]:
        """Return the catalogue. Needs no key."""
        return self.catalogue().models

    def catalogue(self) -> Catalogue:
        """Return the catalogue and how many of its records could not be read. Needs no key."""
        try:
            payload = self._get("/models", key=None)
        except Trouble as trouble:
            if trouble.problem.kind is not Kind.BAD_KEY or self._key is None:
                raise
            payload = self._get("/models", key=self._key)  # other servers want one even for this
        found = parse_models(payload)
        if not isinstance(untrusted.mapping(payload).get("data"), list) or (found.skipped and not found.models):
            raise Trouble(plain_verdict(sentences.UNREADABLE, "The list of models is not a list").problem)
        return found

    def endpoints(self, model_id: str) -> tuple[Endpoint, ...]:
        """Return who serves a model. How fast they are is told to those who have a key."""
        path = "/".join(quote(segment, safe="") for segment in model_id.split("/"))
        return parse_endpoints(self._get(f"/models/{path}/endpoints", key=self._key))

    def zero_retention(self) -> frozenset[tuple[str, str]]:
        """Return (dated model id, tag) of every endpoint that keeps no prompts. Needs no key."""
        return parse_zero_retention(self._get("/endpoints/zdr", key=None))

    def key_info(self) -> KeyInfo:
        """Return what the key may do. Costs nothing: the cheapest way to check a key."""
        return parse_key_info(self._get("/key", key=self._needed_key()))

    def credits(self) -> Credits | None:
        """Return the balance; ``None`` when this key may not see it."""
        try:
            return parse_credits(self._get("/credits", key=self._needed_key()))
        except Trouble as trouble:
            if trouble.problem.status in (401, 403, 404):
                return None
            raise

    def generation(self, generation_id: str) -> GenerationRecord | None:
        """Return what was written down about an answer; ``None`` while it is not (it takes seconds)."""
        try:
            return parse_generation(
                self._get(f"/generation?{urlencode({'id': generation_id})}", key=self._needed_key())
            )
        except Trouble as trouble:
            if trouble.problem.status == 404:
                return None
            raise

    def health_check(self) -> Health:
        """Return whether the service answers and the key is good. Never raises."""
        began = self._clock()
        try:
            payload = self._get("/key", key=self._key)
        except Trouble as trouble:
            problem = trouble.problem
            took = self._clock() - began if problem.status else None
            reachable, detail = problem.status is not None, problem.sentence()
            return Health(reachable=reachable, latency=took, detail=detail, server_time=self._server_time)
        return Health(
            reachable=True,
            latency=self._clock() - began,
            key=parse_key_info(payload),
            detail="The key is accepted",
            server_time=self._server_time,
        )

    def redeem_code(self, code: str, verifier: str) -> Secret:
        """Return the key that a sign-in code stands for. The code works once, for ten minutes."""
        body = {"code": code.strip(), "code_verifier": verifier, "code_challenge_method": "S256"}
        payload = self._fetch(Call(method="POST", path="/auth/keys", body=json.dumps(body).encode()))
        key = untrusted.text(untrusted.mapping(payload).get("key"))
        if not key:
            raise Trouble(plain_verdict(sentences.UNREADABLE, "The service sent no key").problem)
        return check_key(key)

    def close(self) -> None:
        """Close idle connections. Streams that run go on until they end or are cancelled."""
        self._transport.close()

    def __enter__(self) -> OpenRouter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _question(self, text: str, model: str, system: str, options: ChatOptions | None) -> ChatRequest:
        message = Message(id=new_id(), parent_id=None, role=Role.USER, parts=(Text(text),), created=datetime.now(UTC))
        return ChatRequest(
            model=model or self._default_model, messages=(message,), system=system, options=options or ChatOptions()
        )

    def _stream(self, request: ChatRequest, cancel: Cancel) -> Iterator[Event]:
        key = self._needed_key()
        body = to_body(request)
        sent = retried = 0
        began = self._clock()
        while not cancel.is_set:
            sent += 1
            yield Connecting(sent)
            call = Call(
                method="POST",
                path="/chat/completions",
                key=key,
                body=encode(body),
                is_stream=True,
                model=request.model,
                attempt=sent,
                may_be_cached=request.may_be_cached,
            )
            attempt = Attempt(self._transport, call, cancel, clock=self._clock, grace=self._grace)
            yield from attempt.events()
            verdict = attempt.verdict
            if verdict is None or attempt.has_content or attempt.was_paid:
                yield attempt.ending
                return
            if verdict.blames_reasoning and has_details(body):
                body = to_body(request, with_details=False)
                trace_resend()
                continue
            retried += 1
            wait = _wait(self._retry, verdict, retried, self._random)
            if wait is None:
                yield attempt.ending
                return
            retrying = Retrying(retried, min(self._retry.max_retries, verdict.retries), wait, verdict.problem)
            trace_retry(retrying)
            yield retrying
            cancel.wait(wait)
        yield Cancelled(self._clock() - began)

    def _needed_key(self) -> Secret:
        if self._key is None:
            raise Trouble(_no_key())
        return self._key

    def _get(self, path: str, *, key: Secret | None) -> object:
        return self._fetch(Call(method="GET", path=path, key=key))

    def _fetch(self, call: Call) -> object:
        headers: dict[str, str] = {}
        try:
            return fetch(self._transport, call, clock=self._clock, headers=headers.update)
        finally:
            self._server_time = server_time(headers)


def _wait(policy: RetryPolicy, verdict: Verdict, retry: int, rng: Callable[[], float]) -> float | None:
    if retry > min(policy.max_retries, verdict.retries):
        return None
    return policy.wait(retry, verdict.problem.retry_after, rng)


def _no_key() -> Problem:
    return Problem(
        kind=Kind.NO_KEY,
        title="There is no key",
        detail="OpenRouter wants an API key for this",
        hint="Set OPENROUTER_API_KEY, or sign in with tui-router login",
    )
