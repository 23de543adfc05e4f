"""OpenRouter client: streams answers as events, and calls the account and catalog endpoints.

``stream`` never raises for server or network errors; the other calls raise ``AppError``. Importing this
module is cheap, as httpx is imported with the first request.
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
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.request import ChatRequest
from tui_router.domain.secret import Secret
from tui_router.domain.settings import DEFAULT_BASE_URL
from tui_router.domain.stream import StreamState
from tui_router.openrouter import error_rules
from tui_router.openrouter.attempt import AFTER_FINISH, Attempt
from tui_router.openrouter.cancel import Cancel
from tui_router.openrouter.fetch import fetch_json
from tui_router.openrouter.request import encode, has_reasoning_details, to_body
from tui_router.openrouter.request_log import log_resend, log_retry
from tui_router.openrouter.resources import (
    ModelCatalog,
    parse_credits,
    parse_endpoints,
    parse_generation,
    parse_key_info,
    parse_models,
    parse_zdr_endpoints,
)
from tui_router.openrouter.retry import RetryPolicy, server_time
from tui_router.openrouter.server_errors import RequestFailure, failure_from_rule
from tui_router.openrouter.transport import ApiRequest, AppIdentity, Timeouts, Transport, check_key

FALLBACK_MODEL = "openrouter/auto"
"""Model used if none is specified."""
_RETRY, _TIMEOUTS, _APP = RetryPolicy(), Timeouts(), AppIdentity()


class OpenRouter:
    """Client for the OpenRouter API. A context manager; thread-safe.

    Args:
        key: API key; without one, only public endpoints work.
        base_url: https URL, or http on this machine.
        retry: Retries before the first token.
        timeouts: Timeouts in seconds.
        proxy: Proxy URL; empty uses the environment variables.
        ca_bundle: File of trusted certificates; empty uses the default ones.
        app: Attribution of the app.
        default_model: Model of plain text questions that name none.
        clock: Returns monotonic seconds.
        rng: Returns numbers from 0 to 1, for jitter.
        grace: Seconds without data after a finish reason that end an answer.
        log_content: Include prompts and answers in the debug log.

    Raises:
        AppError: The base URL or the key is invalid.
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
        """Create a client from ``OPENROUTER_API_KEY``, ``_BASE_URL`` and ``_DEFAULT_MODEL``.

        Raises:
            AppError: There is no key.
        """
        key = environ.get("OPENROUTER_API_KEY", "").strip()
        if not key:
            raise AppError(_no_key())
        options.setdefault("base_url", environ.get("OPENROUTER_BASE_URL") or DEFAULT_BASE_URL)
        options.setdefault("default_model", environ.get("OPENROUTER_DEFAULT_MODEL") or FALLBACK_MODEL)
        return cls(Secret(key), **options)

    @property
    def site(self) -> str:
        """Scheme and host of the service, for sign-in pages."""
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
        """Yield the events of one answer; exactly the last one is its ending. Never raises.

        Args:
            request: The request, or a plain text question.
            cancel: Cancels the answer from any thread.
            model: Model for a plain text question.
            system: System prompt for a plain text question.
            options: Request options for a plain text question.
        """
        if isinstance(request, str):
            request = self._question(request, model, system, options)
        try:
            yield from self._stream(request, cancel or Cancel())
        except AppError as error:
            yield Failed(error.problem)

    def complete(
        self,
        question: ChatRequest | str,
        *,
        model: str = "",
        system: str = "",
        options: ChatOptions | None = None,
        cancel: Cancel | None = None,
    ) -> StreamState:
        """Return the complete answer: its text in ``.text``, its ending in ``.ending``.

        Raises:
            AppError: It failed before any content arrived. Interrupted answers are returned.
        """
        state = StreamState()
        for event in self.stream(question, cancel, model=model, system=system, options=options):
            state.apply(event)
        if state.problem is not None and not state.parts():
            raise AppError(state.problem)
        return state

    def models(self) -> tuple[Model, ...]:
        """Return the model catalog. Needs no key."""
        return self.catalogue().models

    def catalogue(self) -> ModelCatalog:
        """Return the model catalog with the number of unreadable records. Needs no key."""
        try:
            payload = self._get("/models", key=None)
        except AppError as error:
            if error.problem.kind is not ErrorKind.BAD_KEY or self._key is None:
                raise
            payload = self._get("/models", key=self._key)  # some servers require a key even for this
        catalog = parse_models(payload)
        if not isinstance(untrusted.mapping(payload).get("data"), list) or (catalog.skipped and not catalog.models):
            raise AppError(failure_from_rule(error_rules.UNREADABLE, "The list of models is not a list").problem)
        return catalog

    def endpoints(self, model_id: str) -> tuple[Endpoint, ...]:
        """Return the endpoints of a model. Latency and throughput require a key."""
        path = "/".join(quote(segment, safe="") for segment in model_id.split("/"))
        return parse_endpoints(self._get(f"/models/{path}/endpoints", key=self._key))

    def zero_retention(self) -> frozenset[tuple[str, str]]:
        """Return (dated model id, tag) of every endpoint with zero data retention. Needs no key."""
        return parse_zdr_endpoints(self._get("/endpoints/zdr", key=None))

    def key_info(self) -> KeyInfo:
        """Return limits and usage of the key. Free of charge, and the cheapest way to check a key."""
        return parse_key_info(self._get("/key", key=self._required_key()))

    def credits(self) -> Credits | None:
        """Return the balance; ``None`` if the key has no access to it."""
        try:
            return parse_credits(self._get("/credits", key=self._required_key()))
        except AppError as error:
            if error.problem.status in (401, 403, 404):
                return None
            raise

    def generation(self, generation_id: str) -> GenerationRecord | None:
        """Return the record of an answer; ``None`` until it is available, which takes seconds."""
        try:
            return parse_generation(
                self._get(f"/generation?{urlencode({'id': generation_id})}", key=self._required_key())
            )
        except AppError as error:
            if error.problem.status == 404:
                return None
            raise

    def health_check(self) -> Health:
        """Return whether the service is reachable and the key is valid. Never raises."""
        started_at = self._clock()
        try:
            payload = self._get("/key", key=self._key)
        except AppError as error:
            problem = error.problem
            latency = self._clock() - started_at if problem.status else None
            reachable, detail = problem.status is not None, problem.sentence()
            return Health(reachable=reachable, latency=latency, detail=detail, server_time=self._server_time)
        return Health(
            reachable=True,
            latency=self._clock() - started_at,
            key=parse_key_info(payload),
            detail="The key is accepted",
            server_time=self._server_time,
        )

    def redeem_code(self, code: str, verifier: str) -> Secret:
        """Exchange a sign-in code for a key. A code is valid once, for ten minutes."""
        body = {"code": code.strip(), "code_verifier": verifier, "code_challenge_method": "S256"}
        payload = self._fetch(ApiRequest(method="POST", path="/auth/keys", body=json.dumps(body).encode()))
        key = untrusted.text(untrusted.mapping(payload).get("key"))
        if not key:
            raise AppError(failure_from_rule(error_rules.UNREADABLE, "The service sent no key").problem)
        return check_key(key)

    def close(self) -> None:
        """Close idle connections. Running streams continue until they end or are cancelled."""
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
        key = self._required_key()
        body = to_body(request)
        attempts = retried = 0
        started_at = self._clock()
        while not cancel.is_set:
            attempts += 1
            yield Connecting(attempts)
            api_request = ApiRequest(
                method="POST",
                path="/chat/completions",
                key=key,
                body=encode(body),
                is_stream=True,
                model=request.model,
                attempt=attempts,
                may_be_cached=request.may_be_cached,
            )
            attempt = Attempt(self._transport, api_request, cancel, clock=self._clock, grace=self._grace)
            yield from attempt.events()
            failure = attempt.failure
            if failure is None or attempt.has_content or attempt.was_paid:
                yield attempt.ending
                return
            if failure.rejected_reasoning and has_reasoning_details(body):
                body = to_body(request, with_reasoning_details=False)
                log_resend()
                continue
            retried += 1
            wait = _retry_delay(self._retry, failure, retried, self._random)
            if wait is None:
                yield attempt.ending
                return
            retrying = Retrying(retried, min(self._retry.max_retries, failure.retries), wait, failure.problem)
            log_retry(retrying)
            yield retrying
            cancel.wait(wait)
        yield Cancelled(self._clock() - started_at)

    def _required_key(self) -> Secret:
        if self._key is None:
            raise AppError(_no_key())
        return self._key

    def _get(self, path: str, *, key: Secret | None) -> object:
        return self._fetch(ApiRequest(method="GET", path=path, key=key))

    def _fetch(self, api_request: ApiRequest) -> object:
        headers: dict[str, str] = {}
        try:
            return fetch_json(self._transport, api_request, clock=self._clock, headers=headers.update)
        finally:
            self._server_time = server_time(headers)


def _retry_delay(policy: RetryPolicy, failure: RequestFailure, retry: int, rng: Callable[[], float]) -> float | None:
    if retry > min(policy.max_retries, failure.retries):
        return None
    return policy.wait(retry, failure.problem.retry_after, rng)


def _no_key() -> Problem:
    return Problem(
        kind=ErrorKind.NO_KEY,
        title="There is no key",
        detail="This requires an OpenRouter API key",
        hint="Set OPENROUTER_API_KEY, or sign in with tui-router login",
    )
