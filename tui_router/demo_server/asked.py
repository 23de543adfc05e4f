"""A chat request as the demo server's authors read it: the last question, the rules, what came before."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tui_router.demo_server.pricing import MEDIA_TOKENS, tokens
from tui_router.demo_server.wire import Wire

_GO_ON = re.compile(r"(?i)\s*(please\s+)?(continue|go on)\b")


def text_of(message: Wire) -> str:
    """Return the text of a message, whatever form its content has."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content or () if part["type"] == "text")


def _media(message: Wire) -> list[str]:
    content = message.get("content")
    return [part["type"] for part in content if part["type"] != "text"] if isinstance(content, list) else []


@dataclass(frozen=True, slots=True)
class Asked:
    """The body of a valid request."""

    body: Wire

    @property
    def messages(self) -> list[Wire]:
        """All messages."""
        messages: list[Wire] = self.body["messages"]
        return messages

    @property
    def question(self) -> str:
        """The text of the last user turn."""
        return next((text_of(m) for m in reversed(self.messages) if m["role"] == "user"), "")

    @property
    def questions(self) -> list[str]:
        """The text of every user turn."""
        return [text_of(m) for m in self.messages if m["role"] == "user"]

    @property
    def system(self) -> str:
        """The text of the system messages."""
        return "\n".join(text_of(m) for m in self.messages if m["role"] in {"system", "developer"})

    @property
    def begun(self) -> str:
        """The answer to be continued: the last turn is the assistant's, or the user says no more than to go on."""
        messages = self.messages
        if messages[-1]["role"] == "user" and _GO_ON.match(text_of(messages[-1])):
            messages = messages[:-1]
        last = messages[-1] if messages else {"role": ""}
        return text_of(last) if last["role"] == "assistant" else ""

    @property
    def origin(self) -> Asked:
        """The request as it was before the answer that is to be continued."""
        if not self.begun:
            return self
        upto = max(n for n, m in enumerate(self.messages) if m["role"] == "assistant")
        return Asked({**self.body, "messages": self.messages[:upto]})

    @property
    def tool_results(self) -> list[str]:
        """The results that end the conversation so far."""
        found: list[str] = []
        for message in reversed(self.messages):
            if message["role"] != "tool":
                break
            found.append(text_of(message))
        return found[::-1]

    @property
    def media(self) -> list[str]:
        """The part types beside text, of all messages."""
        return [kind for m in self.messages for kind in _media(m)]

    @property
    def files(self) -> list[str]:
        """Names of the files in the last user turn."""
        last = next((m for m in reversed(self.messages) if m["role"] == "user"), {})
        content = last.get("content")
        parts = content if isinstance(content, list) else []
        return [part["file"].get("filename", "a file") for part in parts if part["type"] == "file"]

    @property
    def prompt_tokens(self) -> int:
        """Four characters of text are one token; pictures, files and tool calls count too."""
        characters = 0
        for message in self.messages:
            characters += len(text_of(message))
            calls = message.get("tool_calls", ())
            characters += sum(len(c["function"]["name"]) + len(c["function"]["arguments"]) for c in calls)
        return max(1, tokens(characters)) + MEDIA_TOKENS * len(self.media)

    @property
    def limit(self) -> int | None:
        """The most tokens that may be answered."""
        limit: int | None = self.body.get("max_tokens", self.body.get("max_completion_tokens"))
        return limit

    @property
    def effort(self) -> str:
        """How hard to think: a word, ``""`` when nothing was said."""
        reasoning = self.body.get("reasoning", {})
        if reasoning.get("enabled") is False:
            return "none"
        word = reasoning.get("effort") or self.body.get("reasoning_effort") or ""
        return str(word or ("medium" if reasoning.get("enabled") or reasoning.get("max_tokens") else ""))

    @property
    def wants_search(self) -> bool:
        """True when the web is to be searched."""
        plugins = (p.get("id") for p in self.body.get("plugins", ()) if p.get("enabled", True))
        tools = (t["type"] for t in self.body.get("tools", ()))
        is_online = str(self.body.get("model", "")).endswith(":online")
        return is_online or "web" in plugins or "openrouter:web_search" in tools

    @property
    def functions(self) -> list[Wire]:
        """The caller's own tools."""
        return [t["function"] for t in self.body.get("tools", ()) if t["type"] == "function"]
