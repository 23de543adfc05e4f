"""The bridge between turns and frames: what waits for what. Its clock and its loop are moved by hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tui_router.domain.events import Cancelled, Event, Finished, TextDelta
from tui_router.ui import relay as bridge
from tui_router.ui.relay import Relay


class StillLoop:
    """Keeps what it was asked to run; a test runs it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.soon: list[Callable[[], None]] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.after_paint: list[Callable[[], None]] = []
        self.is_gone = False

    def call_later(self, callback: Callable[[], None]) -> object:
        if self.is_gone:
            raise RuntimeError("no loop")
        self.soon.append(callback)
        return None

    def set_timer(self, delay: float, callback: Callable[[], None]) -> object:
        self.timers.append((self.now + delay, callback))
        return None

    def call_after_refresh(self, callback: Callable[[], None]) -> object:
        self.after_paint.append(callback)
        return None

    def step(self) -> None:
        """Run what is due now."""
        due = [c for at, c in self.timers if at <= self.now + 1e-9]
        self.timers = [(at, c) for at, c in self.timers if at > self.now + 1e-9]
        soon, self.soon = self.soon, []
        for callback in (*soon, *due):
            callback()

    def paint(self) -> None:
        """End a frame."""
        done, self.after_paint = self.after_paint, []
        for callback in done:
            callback()

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.step()


class StillTurn:
    """Streams nothing until it is cancelled."""

    def __init__(self, name: str = "t") -> None:
        self.id = name
        self._cancelled = threading.Event()

    def run(self, tell: Callable[[Event], None]) -> None:
        self._cancelled.wait(30)
        tell(Cancelled())

    def cancel(self) -> None:
        self._cancelled.set()


class Scene:
    """A relay over a loop that stands still, and what it has shown."""

    def __init__(self) -> None:
        self.loop = StillLoop()
        self.shown: list[tuple[str, list[Event]]] = []
        self.relay = Relay(self.loop, self._show, fps=25, crowd_fps=10)

    def _show(self, turn: Any, events: Sequence[Event]) -> None:
        self.shown.append((turn.id, list(events)))

    def put(self, text: str, turn: Any) -> None:
        self.relay.put(turn, TextDelta(text))

    def begin(self) -> None:
        """Have a frame behind it, and the next one due."""
        self.put("before", StillTurn())
        self.loop.step()
        self.loop.paint()
        self.loop.now += 0.05
        self.shown.clear()


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = Scene()
    monkeypatch.setattr(bridge, "perf_counter", lambda: made.loop.now)
    monkeypatch.setattr(bridge, "thread_time", lambda: made.loop.now)
    return made


def test_what_comes_within_a_frame_is_shown_as_one_piece(scene: Scene) -> None:
    turn = StillTurn()
    for letter in "abc":
        scene.put(letter, turn)
    assert len(scene.loop.soon) == 1
    scene.loop.step()
    assert scene.shown == [("t", [TextDelta("abc")])]


def test_the_next_piece_waits_for_the_next_frame(scene: Scene) -> None:
    turn = StillTurn()
    scene.put("first", turn)
    scene.loop.step()
    scene.loop.paint()
    scene.loop.pass_time(0.01)
    scene.put("second", turn)
    scene.loop.step()
    scene.loop.pass_time(0.029)
    assert len(scene.shown) == 1
    scene.loop.pass_time(0.002)
    assert scene.shown[1:] == [("t", [TextDelta("second")])]


def test_a_frame_that_was_dear_to_paint_makes_the_next_one_wait(scene: Scene) -> None:
    turn = StillTurn()
    scene.put("first", turn)
    scene.loop.step()
    scene.loop.now += 0.2
    scene.loop.paint()
    scene.put("second", turn)
    scene.loop.step()
    scene.loop.pass_time(0.099)
    assert len(scene.shown) == 1
    scene.loop.pass_time(0.002)
    assert len(scene.shown) == 2


def test_nothing_wakes_while_nothing_streams(scene: Scene) -> None:
    scene.put("all", StillTurn())
    scene.loop.step()
    scene.loop.paint()
    assert not scene.loop.soon
    assert not scene.loop.timers


def test_a_key_is_painted_before_the_batch_and_the_batch_right_after_it(scene: Scene) -> None:
    scene.begin()
    scene.relay.key_pressed()
    scene.put("words", StillTurn())
    scene.loop.step()
    assert scene.shown == []
    scene.loop.paint()
    assert scene.shown == [("t", [TextDelta("words")])]
    scene.loop.pass_time(1)
    assert len(scene.shown) == 1


def test_a_key_that_is_never_painted_holds_nothing_up(scene: Scene) -> None:
    scene.begin()
    scene.relay.key_pressed()
    scene.put("words", StillTurn())
    scene.loop.step()
    scene.loop.pass_time(0.029)
    assert scene.shown == []
    scene.loop.pass_time(0.002)
    assert len(scene.shown) == 1


def test_the_first_word_of_an_answer_waits_for_no_key(scene: Scene) -> None:
    scene.relay.key_pressed()
    scene.put("first", StillTurn())
    scene.loop.step()
    assert len(scene.shown) == 1


def test_fast_typing_does_not_keep_an_answer_back_for_long(scene: Scene) -> None:
    turn = StillTurn()
    scene.put("first", turn)
    scene.loop.step()
    scene.put("second", turn)
    scene.loop.step()
    waited = 0.0
    while len(scene.shown) < 2:
        scene.relay.key_pressed()
        scene.loop.pass_time(0.01)
        waited += 0.01
        assert waited < 0.2
    assert waited >= 0.11


def test_many_turns_share_slower_frames(scene: Scene) -> None:
    turns = [StillTurn(f"t{n}") for n in range(4)]
    for turn in turns:
        scene.relay.start(turn)  # type: ignore[arg-type]
    scene.put("first", turns[0])
    scene.loop.step()
    scene.loop.paint()
    scene.put("second", turns[1])
    scene.loop.step()
    scene.loop.pass_time(0.098)
    assert len(scene.shown) == 1
    scene.loop.pass_time(0.004)
    assert len(scene.shown) == 2
    scene.relay.close()
    assert len(scene.relay.running) == 4  # their endings were on the way; nobody drains after closing


def test_the_ending_takes_the_road_of_the_tokens(scene: Scene) -> None:
    turn = StillTurn()
    scene.relay.start(turn)  # type: ignore[arg-type]
    scene.put("last words", turn)
    scene.relay.put(turn, Finished())  # type: ignore[arg-type]
    assert len(scene.relay.running) == 1
    scene.loop.step()
    assert scene.shown == [("t", [TextDelta("last words"), Finished()])]
    assert list(scene.relay.running) == []
    turn.cancel()


def test_an_event_after_the_app_has_gone_is_no_error(scene: Scene) -> None:
    scene.loop.is_gone = True
    scene.put("late", StillTurn())
    assert scene.shown == []


def test_closing_cancels_all_and_ends_every_pause(scene: Scene) -> None:
    turns = [StillTurn(f"t{n}") for n in range(3)]
    ended: list[str] = []
    for turn in turns:
        scene.relay.start(turn, after=lambda t: ended.append(t.id))  # type: ignore[arg-type]
    assert not scene.relay.pause(0)
    scene.relay.close(patience=20)
    assert sorted(ended) == ["t0", "t1", "t2"]
    assert scene.relay.pause(20)
