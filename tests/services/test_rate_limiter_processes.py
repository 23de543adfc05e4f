"""The limit over several processes, as a server sees it: on a clock of their own, and once for real."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.services.processes import Crowd, Seen
from tests.source import ROOT
from tui_router.domain.rate_limit import Limit

_SENDER = """
import sys, threading, urllib.request
from pathlib import Path
from tui_router.domain.rate_limit import Limit, CountingWindow
from tui_router.openrouter.cancel import Cancel
from tui_router.services.rate_limiter import Limiter
from tui_router.storage.rate import RateFile

span = CountingWindow(window=1.0, margin=0.2, linger=0.1)
limiter = Limiter(lambda: Limit(6, 2), exchange=RateFile(Path(sys.argv[1]), "key", span), span=span)

def send() -> None:
    for _ in range(3):
        with limiter.acquire(Cancel(), lambda queued: None) as slot:
            with urllib.request.urlopen(sys.argv[2]) as answer:
                slot.arrived()
                answer.read()

threads = [threading.Thread(target=send) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
limiter.close()
"""


@given(
    seed=st.integers(0, 10_000),
    limit=st.sampled_from([Limit(20, 5), Limit(6, 2), Limit(30, 3), Limit(None, 2), Limit(10, None)]),
    processes=st.integers(2, 3),
    killed_after=st.none() | st.floats(1, 60),
)
@settings(max_examples=10, deadline=None, phases=(Phase.generate,))  # a seed has no simpler form
def test_no_server_ever_sees_more_than_the_tier(
    seed: int, limit: Limit, processes: int, killed_after: float | None
) -> None:
    with TemporaryDirectory() as folder:
        crowd = Crowd(Path(folder), limit, [40] * processes, seed)
        crowd.run(150, lanes=4, kills={} if killed_after is None else {0: killed_after})
    if limit.per_minute is not None:
        assert crowd.seen.most_in_a_window() <= limit.per_minute
    if limit.at_once is not None:
        assert crowd.seen.most_at_once() <= limit.at_once
    alive = [len(p.waited) for p in crowd.processes if not p.is_dead]
    assert min(alive) >= max(alive) / 3 > 1, "nobody starves"


def test_ten_minutes_of_the_free_tier(tmp_path: Path) -> None:
    crowd = Crowd(tmp_path, Limit(20, 5), [200, 200], seed=3)
    crowd.run(600, lanes=4)
    assert crowd.seen.most_in_a_window() == 20
    assert crowd.seen.most_at_once() == 5
    assert len(crowd.seen.arrivals) > 9 * 20, "what the tier allows is used"


def test_the_places_of_a_killed_process_come_free(tmp_path: Path) -> None:
    crowd = Crowd(tmp_path, Limit(None, 2), [50, 50], seed=1)
    crowd.run(120, lanes=2, kills={0: 5.0})
    first, second = crowd.processes
    assert first.is_dead
    late = [a for a in crowd.seen.arrivals if a > crowd.clock.now - 60]
    # One place would do for a fifth of this at most: an answer takes about nine seconds.
    assert len(late) >= 9
    assert len(second.waited) > len(first.waited)


def test_without_a_shared_file_two_processes_send_twice_as_much(tmp_path: Path) -> None:
    """What the file is for, and that the server of these tests can see it."""
    apart = Crowd(tmp_path / "apart", Limit(20, 5), [100, 100], seed=2, shared=False)
    apart.run(120, lanes=6)
    assert (apart.seen.most_in_a_window(), apart.seen.most_at_once()) == (40, 10)
    shared = Crowd(tmp_path / "shared", Limit(20, 5), [100, 100], seed=2)
    shared.run(120, lanes=6)
    assert shared.seen.most_in_a_window() == 20
    assert shared.seen.most_at_once() == 5


def test_two_real_processes_and_a_real_server(tmp_path: Path) -> None:
    """Six a second and two at once; 24 requests from eight threads take four seconds and a little."""
    seen, lock = Seen(), threading.Lock()

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with lock:
                now = time.monotonic()
                seen.arrivals.append(now)
                seen.changes.append((now, 1))
            time.sleep(0.05)
            # Before the body ends: the client may go on the moment it has the last byte.
            with lock:
                seen.changes.append((time.monotonic(), -1))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        command = [sys.executable, "-c", _SENDER, str(tmp_path / "rate"), address]
        senders = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
        codes = [s.wait(60) for s in senders]
        server.shutdown()
    assert codes == [0, 0]
    assert len(seen.arrivals) == 24
    assert seen.most_in_a_window(1.0) <= 6
    assert seen.most_at_once() <= 2
    assert sorted(p.name for p in (tmp_path / "rate" / "running").iterdir()) == []
