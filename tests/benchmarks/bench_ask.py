"""``tui-router ask`` beside ``curl -N``: from start to the first byte of the answer, against the demo server.

    python -m tests.benchmarks.bench_ask [runs]

Prints milliseconds (median after one warm-up, runs interleaved), the difference and the ratio to curl of the same run.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence

from tests.benchmarks.figures import Figure
from tui_router.demo_server.server import DEMO_KEY

BOUND = 250.0
"""Milliseconds that ``ask`` may take on top of curl."""
_MODEL = "demo/echo"


def first_byte(argv: Sequence[str], environ: dict[str, str]) -> tuple[float, float]:
    """Run a program; returns milliseconds until its first byte of output, and until its end."""
    began = time.perf_counter()
    with subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ
    ) as process:
        assert process.stdout is not None
        if not os.read(process.stdout.fileno(), 1):
            raise SystemExit(f"{argv[0]} printed nothing")
        first = time.perf_counter() - began
        process.stdout.read()
        process.wait()
    return first * 1000, (time.perf_counter() - began) * 1000


def measured(runs: int) -> dict[str, list[tuple[float, float]]]:
    """Return milliseconds to the first byte and to the end, of every run of every program."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tui_router", "demo-server", "--speed", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    base_url = server.stdout.readline().strip()
    body = json.dumps({"model": _MODEL, "stream": True, "messages": [{"role": "user", "content": "hello"}]})
    curl = [
        "curl", "-sN", f"{base_url}/chat/completions", "-H", f"Authorization: Bearer {DEMO_KEY}",
        "-H", "Content-Type: application/json", "-d", body,
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "OPENROUTER_BASE_URL": base_url, "OPENROUTER_API_KEY": DEMO_KEY}
        environ |= {"TUI_ROUTER_CONFIG_DIR": folder, "PYTHONPYCACHEPREFIX": f"{folder}/compiled"}
        # An installed program is compiled; one that is started where nothing may be written would not be.
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        programs = {
            "curl -N": curl,
            "python -c pass (floor)": [sys.executable, "-c", "print(1)"],
            "tui-router ask": [sys.executable, "-m", "tui_router", "ask", "-m", _MODEL, "hello"],
            "tui-router ask --no-save": [sys.executable, "-m", "tui_router", "ask", "--no-save", "-m", _MODEL, "hello"],
        }
        try:
            for argv in programs.values():
                first_byte(argv, environ)
            taken: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
            for _ in range(runs):
                for name, argv in programs.items():
                    taken[name].append(first_byte(argv, environ))
        finally:
            server.terminate()
            server.wait()
    return taken


def held(runs: int = 15) -> Iterator[Figure]:
    """Yield what ``ask`` is held to."""
    taken = measured(runs)
    floor, ours = (statistics.median(first for first, _ in taken[name]) for name in ("curl -N", "tui-router ask"))
    beside = f"curl {floor:.0f} ms"
    yield Figure("tui-router ask over curl -N, start to first byte", ours - floor, BOUND, "ms", beside)


def main(runs: int) -> None:
    """Measure and print."""
    taken = measured(runs)
    floor = statistics.median(first for first, _ in taken["curl -N"])
    print(f"{'start to first byte':28} {'median':>9} {'over curl':>11} {'ratio':>7} {'to the end':>11}")
    for name, times in taken.items():
        first, end = (statistics.median(t[i] for t in times) for i in (0, 1))
        print(f"{name:28} {first:6.0f} ms {first - floor:+8.0f} ms {first / floor:7.1f} {end:8.0f} ms")
    over = statistics.median(first for first, _ in taken["tui-router ask"]) - floor
    print(f"bound: {BOUND:.0f} ms over curl: {'kept' if over <= BOUND else 'BROKEN'}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
