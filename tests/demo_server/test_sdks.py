"""The official SDKs work against the demo server."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest
from openrouter import OpenRouter
from openrouter.components import ChatResult, ChatUserMessage
from openrouter.errors import NotFoundResponseError, UnauthorizedResponseError

from tui_router.demo_server.server import DEMO_KEY, DemoServer

QUESTION = "How do I compare models?"
MESSAGES = [ChatUserMessage(role="user", content=QUESTION)]


@pytest.fixture
def router(demo_server: DemoServer) -> Iterator[OpenRouter]:
    """The official OpenRouter client."""
    with OpenRouter(api_key=DEMO_KEY, server_url=demo_server.base_url) as client:
        yield client


@pytest.fixture
def openai_client(demo_server: DemoServer) -> Iterator[openai.OpenAI]:
    """The official OpenAI client."""
    with openai.OpenAI(api_key=DEMO_KEY, base_url=demo_server.base_url, max_retries=0) as client:
        yield client


def test_the_openrouter_sdk_reads_the_whole_catalogue(router: OpenRouter) -> None:
    listed = router.models.list()
    assert listed is not None
    assert len(listed.result.data) == listed.result.total_count == router.models.count().data.count


def test_the_openrouter_sdk_pages_through_the_catalogue(router: OpenRouter) -> None:
    page = router.models.list(limit=200, offset=0)
    assert page is not None
    assert len(page.result.data) == 200
    assert page.result.links.next is not None


@pytest.mark.filterwarnings("ignore:.*DEPRECATED:DeprecationWarning")  # the SDK's own, for a field of /key
def test_the_openrouter_sdk_reads_key_credits_providers_and_endpoints(router: OpenRouter) -> None:
    assert router.api_keys.get_current_key_metadata().data.limit == 100
    assert router.credits.get_credits().data.total_credits == 25
    assert router.providers.list().data
    assert router.endpoints.list(author="openai", slug="gpt-4o").data.endpoints[0].provider_name == "OpenAI"


def test_the_openrouter_sdk_gets_a_whole_answer(router: OpenRouter) -> None:
    result = router.chat.send(model="demo/thinking", messages=MESSAGES, stream=False)
    assert isinstance(result, ChatResult)
    assert "F3" in str(result.choices[0].message.content)
    assert result.choices[0].message.reasoning
    assert result.usage is not None
    assert result.usage.cost


def test_the_openrouter_sdk_streams_an_answer_and_finds_its_record(router: OpenRouter) -> None:
    words: list[str] = []
    chunk = None
    stream = router.chat.send(model="demo/thinking", messages=MESSAGES, stream=True)
    assert not isinstance(stream, ChatResult)
    with stream:
        for chunk in stream:
            words += [str(c.delta.content) for c in chunk.choices if c.delta.content]
    assert chunk is not None
    assert chunk.usage is not None
    assert "F3" in "".join(words)
    with pytest.raises(NotFoundResponseError):
        router.generations.get_generation(id=chunk.id)
    assert router.generations.get_generation(id=chunk.id).data.total_cost == chunk.usage.cost


def test_the_openrouter_sdk_reports_a_bad_key(demo_server: DemoServer) -> None:
    with (
        OpenRouter(api_key="sk-or-v1-bad", server_url=demo_server.base_url) as client,
        pytest.raises(UnauthorizedResponseError),
    ):
        client.api_keys.get_current_key_metadata()


def test_the_openai_sdk_lists_models(openai_client: openai.OpenAI) -> None:
    assert "openai/gpt-4o" in {model.id for model in openai_client.models.list()}


def test_the_openai_sdk_gets_a_whole_answer_and_a_stream_of_the_same_words(openai_client: openai.OpenAI) -> None:
    whole = openai_client.chat.completions.create(model="demo/quick", messages=[{"role": "user", "content": QUESTION}])
    stream = openai_client.chat.completions.create(
        model="demo/quick", messages=[{"role": "user", "content": QUESTION}], stream=True
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert text == whole.choices[0].message.content
    assert whole.usage is not None


def test_the_openai_sdk_reads_tool_calls(openai_client: openai.OpenAI) -> None:
    schema: dict[str, object] = {"type": "object", "properties": {"zone": {"type": "string"}}, "required": ["zone"]}
    answer = openai_client.chat.completions.create(
        model="demo/tools",
        messages=[{"role": "user", "content": "What time is it?"}],
        tools=[{"type": "function", "function": {"name": "get_time", "parameters": schema}}],
    )
    calls = answer.choices[0].message.tool_calls
    assert calls is not None
    assert calls[0].type == "function"
    assert (calls[0].function.name, calls[0].function.arguments) == ("get_time", '{"zone": "zone"}')


def test_the_openai_sdk_raises_the_error_of_a_scenario(openai_client: openai.OpenAI) -> None:
    with pytest.raises(openai.RateLimitError):
        openai_client.chat.completions.create(
            model="demo/error-429-seconds", messages=[{"role": "user", "content": "Hi"}]
        )
