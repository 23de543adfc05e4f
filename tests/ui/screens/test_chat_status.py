"""Queue position and expected wait of a rate-limited request, in the status line and elsewhere."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tui_router.cli.progress import Watcher
from tui_router.domain.events import Connecting, Queued, TextDelta
from tui_router.domain.stream import StreamState
from tui_router.ui.screens.chat.status import activity
from tui_router.ui.screens.compare.lane_header import metric_items
from tui_router.ui.screens.compare.metrics import LaneMeter


def turn(*events: Any) -> Any:
    state = StreamState()
    for event in events:
        state.apply(event)
    return SimpleNamespace(state=state, id="a", parts=SimpleNamespace(request=SimpleNamespace(model="demo/echo")))


@pytest.mark.parametrize(
    ("queued", "words"),
    [
        (Queued(1, 0.2), "queued · 1st · ~1 s"),
        (Queued(2), "queued · 2nd"),
        (Queued(3, 11.2), "queued · 3rd · ~12 s"),
        (Queued(11, 119.5), "queued · 11th · ~2 min"),
        (Queued(22, 600), "queued · 22nd · ~10 min"),
        (Queued(113, 60), "queued · 113th · ~60 s"),
    ],
)
def test_a_queue_position_reads_naturally(queued: Queued, words: str) -> None:
    assert queued.words == words
    assert activity((turn(queued),), 0) == words


def test_the_status_line_tells_those_that_stream_from_those_in_line() -> None:
    answering = turn(Connecting(), TextDelta("a"))
    both = (answering, answering, turn(Queued(1, 4)), turn(Queued(2, 9)))
    assert activity(both, 1) == "2 streaming · 2 in line · ~9 s · 1 queued"
    assert activity((answering, answering), 0) == "2 streaming"
    assert activity((turn(Queued(1)), turn(Queued(2))), 0) == "2 in line"


def test_a_lane_shows_its_place_until_it_starts() -> None:
    meter = LaneMeter(0.0)
    meter.add([Queued(3, 12)], 0.0)
    assert [part[0] for item in metric_items(meter.metrics(0.0), "lane1") for part in item] == ["3rd · ~12 s"]
    meter.add([Connecting()], 1.0)
    assert metric_items(meter.metrics(1.0), "lane1") == []


def test_the_shell_says_a_place_once_and_not_every_second(capsys: pytest.CaptureFixture[str]) -> None:
    waiting = turn()
    watch = Watcher([], on_text=lambda text: None, on_end=lambda turn: None)
    for queued in (Queued(2, 12), Queued(2, 11), Queued(1, 10), Queued(1, 9), Queued(1, 30)):
        watch._say(waiting, queued)
    said = ["queued · 2nd · ~12 s", "queued · 1st · ~10 s", "queued · 1st · ~30 s"]
    assert capsys.readouterr().err.splitlines() == said
