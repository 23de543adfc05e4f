"""A validated chat request and the properties that its answer depends on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tui_router.demo_server.payloads import JsonObject

_CONTINUE = re.compile(r"(?i)\s*(please\s+)?(continue|go on)\b")


MEDIA_TOKENS = 258
"""Prompt tokens counted for one image, file, audio clip or video."""


def tokens(characters: int) -> int:
    """Convert a number of characters to tokens: four characters each, rounded up."""
    return -(-characters // 4)


def text_of(message: JsonObject) -> str:
    """Return a message's text; its content may be a string or a list of parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content or () if part["type"] == "text")


def _media(message: JsonObject) -> list[str]:
    content = message.get("content")
    return [part["type"] for part in content if part["type"] != "text"] if isinstance(content, list) else []


@dataclass(frozen=True, slots=True)
class DemoChatRequest:
    """A validated request body."""

    body: JsonObject

    @property
    def messages(self) -> list[JsonObject]:
        """All messages."""
        messages: list[JsonObject] = self.body["messages"]
        return messages

    @property
    def question(self) -> str:
        """Text of the last user message."""
        return next((text_of(m) for m in reversed(self.messages) if m["role"] == "user"), "")

    @property
    def questions(self) -> list[str]:
        """Text of every user message."""
        return [text_of(m) for m in self.messages if m["role"] == "user"]

    @property
    def system(self) -> str:
        """Text of the system and developer messages."""
        return "\n".join(text_of(m) for m in self.messages if m["role"] in {"system", "developer"})

    @property
    def partial_answer(self) -> str:
        """Text of the answer to continue: a trailing assistant message, or one followed by just "continue"."""
        messages = self.messages
        if messages[-1]["role"] == "user" and _CONTINUE.match(text_of(messages[-1])):
            messages = messages[:-1]
        last = messages[-1] if messages else {"role": ""}
        return text_of(last) if last["role"] == "assistant" else ""

    @property
    def without_partial_answer(self) -> DemoChatRequest:
        """The request without the partial answer."""
        if not self.partial_answer:
            return self
        upto = max(n for n, m in enumerate(self.messages) if m["role"] == "assistant")
        return DemoChatRequest({**self.body, "messages": self.messages[:upto]})

    @property
    def tool_results(self) -> list[str]:
        """Trailing tool results, oldest first."""
        found: list[str] = []
        for message in reversed(self.messages):
            if message["role"] != "tool":
                break
            found.append(text_of(message))
        return found[::-1]

    @property
    def media(self) -> list[str]:
        """Types of all non-text content parts."""
        return [kind for m in self.messages for kind in _media(m)]

    @property
    def files(self) -> list[str]:
        """File names in the last user message."""
        last = next((m for m in reversed(self.messages) if m["role"] == "user"), {})
        content = last.get("content")
        parts = content if isinstance(content, list) else []
        return [part["file"].get("filename", "a file") for part in parts if part["type"] == "file"]

    @property
    def prompt_tokens(self) -> int:
        """Estimated prompt tokens: text, tool calls and media."""
        characters = 0
        for message in self.messages:
            characters += len(text_of(message))
            calls = message.get("tool_calls", ())
            characters += sum(len(c["function"]["name"]) + len(c["function"]["arguments"]) for c in calls)
        return max(1, tokens(characters)) + MEDIA_TOKENS * len(self.media)

    @property
    def max_tokens(self) -> int | None:
        """Maximum output tokens, or ``None``."""
        max_tokens: int | None = self.body.get("max_tokens", self.body.get("max_completion_tokens"))
        return max_tokens

    @property
    def effort(self) -> str:
        """Reasoning effort, or ``""`` if unspecified."""
        reasoning = self.body.get("reasoning", {})
        if reasoning.get("enabled") is False:
            return "none"
        word = reasoning.get("effort") or self.body.get("reasoning_effort") or ""
        return str(word or ("medium" if reasoning.get("enabled") or reasoning.get("max_tokens") else ""))

    @property
    def wants_search(self) -> bool:
        """Whether the request enables web search."""
        plugins = (p.get("id") for p in self.body.get("plugins", ()) if p.get("enabled", True))
        tools = (t["type"] for t in self.body.get("tools", ()))
        is_online = str(self.body.get("model", "")).endswith(":online")
        return is_online or "web" in plugins or "openrouter:web_search" in tools

    @property
    def functions(self) -> list[JsonObject]:
        """The client's function tools."""
        return [t["function"] for t in self.body.get("tools", ()) if t["type"] == "function"]
