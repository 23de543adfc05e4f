"""Nothing is said to nobody: every message of our widgets has a handler, and everything offered can be done."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump

from tests.source import modules
from tui_router.domain.draft import Draft
from tui_router.ui.screens.chat.account import SIGN_IN
from tui_router.ui.screens.chat.cards import SIGN_IN_KEYS
from tui_router.ui.screens.chat.controller import ACTIONS
from tui_router.ui.screens.chat.screen import ChatScreen
from tui_router.ui.screens.chat.sender import RETRY_ACTIONS
from tui_router.ui.screens.compare.actions import LANE_ACTIONS
from tui_router.ui.screens.compare.lane_grid import LaneGrid, LanePane
from tui_router.ui.screens.compare.questions import ComparePromptBox
from tui_router.ui.screens.compare.screen import CompareScreen
from tui_router.ui.transcript.pane import TranscriptPane

CHAT = (ChatScreen, TranscriptPane)
LANES = (CompareScreen, LaneGrid, LanePane, TranscriptPane, ComparePromptBox)
"""The widgets that a message of prompt or transcript passes on its way up."""
_OF_NO_LANE = {
    "EntryClicked": "a click focuses the lane, by the focus itself",
    "CursorMoved": "lanes have no block cursor",
}


def _messages() -> list[type[Message]]:
    for module in modules("tui_router/ui"):
        importlib.import_module(module.name)
    found: list[type[Message]] = []
    waiting: list[type[Message]] = [Message]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.startswith("tui_router.ui"):
                found.append(kind)
    return found


def _handles(owner: type[MessagePump], kind: type[Message]) -> bool:
    """Say whether a class or one of its parents of ours has a handler, by name or by ``@on``."""
    for part in owner.__mro__:
        if not part.__module__.startswith("tui_router.ui"):
            continue
        by_type = part.__dict__.get("_decorated_handlers", {})
        if any(issubclass(kind, handled) for handled in by_type) or kind.handler_name in part.__dict__:
            return True
    return False


def _pumps() -> Iterator[type[MessagePump]]:
    waiting: list[type[MessagePump]] = [MessagePump]
    while waiting:
        for owner in waiting.pop().__subclasses__():
            waiting.append(owner)
            if owner.__module__.startswith("tui_router.ui"):
                yield owner


def _of(*packages: str) -> list[type[Message]]:
    return [m for m in _messages() if m.__module__.startswith(tuple(f"tui_router.ui.{p}" for p in packages))]


def test_every_message_is_handled_by_somebody() -> None:
    kinds = _messages()
    pumps = list(_pumps())
    assert len(kinds) > 20
    assert [k.__qualname__ for k in kinds if not any(_handles(p, k) for p in pumps)] == []


@pytest.mark.parametrize(("screens", "spared"), [(CHAT, {}), (LANES, _OF_NO_LANE)], ids=["chat", "lanes"])
def test_chat_and_lanes_hear_all_that_prompt_and_transcript_say(
    screens: tuple[type[MessagePump], ...], spared: dict[str, str]
) -> None:
    kinds = _of("prompt", "transcript")
    inside = [p for p in _pumps() if p.__module__.startswith(("tui_router.ui.prompt", "tui_router.ui.transcript"))]
    deaf = [
        kind.__qualname__
        for kind in kinds
        if kind.__name__ not in spared and not any(_handles(owner, kind) for owner in (*screens, *inside))
    ]
    assert deaf == []


def _offered() -> set[str]:
    """Return the ids of all actions that are made anywhere, cut at the colon before what changes."""
    found = set(SIGN_IN_KEYS.values())
    for module in modules("tui_router/ui"):
        for node in ast.walk(module.tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Action"):
                continue
            first = next((k.value for k in node.keywords if k.arg == "id"), node.args[0] if node.args else None)
            if isinstance(first, ast.JoinedStr):
                first = first.values[0]
            if isinstance(first, ast.Constant):
                found.add(str(first.value).partition(":")[0])
            else:
                assert isinstance(first, ast.Subscript), f"{module.place}:{node.lineno}: an id that cannot be read"
    return found


class _Controller:
    """Notes what it is asked to do."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def guard(self, act: Callable[[Any], object]) -> None:
        act(self)

    def submit(self, draft: Draft) -> None:
        self.asked.append(draft.text)

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None if name in ("typed", "refresh") else self

    @property
    def host(self) -> Any:
        return self

    @property
    def drafts(self) -> Any:
        return self

    def run_slash(self, name: str, words: str, line: str) -> None:
        self.asked.append(line)


async def test_what_is_said_before_there_is_a_room_is_handled_once_and_in_its_order() -> None:
    class Early(App[None]):
        def get_default_screen(self) -> ChatScreen:
            return chat

    chat, controller = ChatScreen(), _Controller()
    async with Early().run_test() as pilot:
        await pilot.press(*"one", "enter", *"/x", "enter", *"two", "enter")
        await pilot.pause()
        assert controller.asked == []
        chat.attach(cast(Any, controller))
        assert controller.asked == ["one", "/x", "two"]
        await pilot.press(*"three", "enter")
        await pilot.pause()
        assert controller.asked == ["one", "/x", "two", "three"]


def test_everything_that_is_offered_in_the_chat_can_be_done_there() -> None:
    offered = _offered()
    assert {"retry", "continue", "open", "model", "sign_in"} <= offered
    assert offered - set(ACTIONS) - set(RETRY_ACTIONS) - set(SIGN_IN) == set()


def test_everything_that_is_offered_under_an_answer_can_be_done_in_a_lane() -> None:
    from tui_router.domain.message import Ending, EndingKind
    from tui_router.domain.problem import ErrorKind, Problem
    from tui_router.ui.transcript.actions import actions_in_lane

    problems = [None, *(Problem(kind=k, title="x", suggestions=("a/b",), affordable_tokens=99) for k in ErrorKind)]
    endings = [Ending(kind=k, problem=p) for k in EndingKind for p in problems]
    offered = {a.id.partition(":")[0] for e in endings for a in actions_in_lane(e)}
    assert {"retry", "settings", "use", "resend", "leave_out", "sign_in"} <= offered
    assert offered - set(LANE_ACTIONS) == set()
