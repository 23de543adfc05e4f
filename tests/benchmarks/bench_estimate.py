"""How near estimates of prompt tokens come, against the real tokenizer, before and after ten turns of learning.

``python -m tests.benchmarks.bench_estimate``. The npm package ``gpt-tokenizer`` (o200k) is installed into a folder
that is thrown away; where there is no npm or no network, nothing is measured and that is said.
"""

from __future__ import annotations

import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.benchmarks.figures import Figure, percentile
from tests.benchmarks.token_corpus import KINDS, corpus
from tests.values import NOON, a_message
from tui_router.domain.request import ChatRequest
from tui_router.domain.token_estimate import estimate_tokens
from tui_router.domain.usage import Usage
from tui_router.services.estimates import Estimates

_PACKAGE = "gpt-tokenizer@4.0.0"
_COUNT = """
import {encode} from 'gpt-tokenizer/encoding/o200k_base'
import fs from 'fs'
const texts = JSON.parse(fs.readFileSync(0, 'utf8'))
console.log(JSON.stringify(texts.map(text => encode(text).length)))
"""
_MESSAGE_TOKENS = 7
"""What a service adds to one question: role marks, and the beginning of the answer."""
_ROUNDS = 40
_TURNS = 10
MODEL = "openai/gpt-4o"


class Notes:
    """A notebook in memory."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """Return a fact."""
        return self.facts.get(name)

    def change(self, name: str, how: Callable[[Any], Any]) -> Any:
        """Replace a fact."""
        self.facts[name] = how(self.facts.get(name))
        return self.facts[name]


def real_counts(texts: Sequence[str]) -> list[int] | None:
    """Return what the tokenizer counts; ``None`` when it cannot be had."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, _PACKAGE]
        if subprocess.run(install, capture_output=True, check=False).returncode != 0:
            return None
        command = ["node", "--input-type=module", "-e", _COUNT]
        found = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, cwd=folder, check=True)
        return [int(n) for n in json.loads(found.stdout)]


def request_of(text: str) -> ChatRequest:
    """Return a first question."""
    return ChatRequest(model=MODEL, messages=(a_message("q", text=text),))


def errors(kinds_and_texts: Sequence[tuple[str, str]], counts: Sequence[int], turns: int) -> list[tuple[str, float]]:
    """Return (kind, relative error) of each text after so many other turns were learned from, over many orders."""
    rng = random.Random(3)
    rows = [(kind, text, count + _MESSAGE_TOKENS) for (kind, text), count in zip(kinds_and_texts, counts, strict=True)]
    found = []
    for _ in range(_ROUNDS):
        rng.shuffle(rows)
        estimates = Estimates(Notes(), lambda: NOON, lambda _: None)
        for _, text, used in rows[:turns]:
            estimates.learn(request_of(text), Usage(prompt_tokens=used, completion_tokens=100))
        found += [(kind, abs(estimates.tokens(request_of(text)) / used - 1)) for kind, text, used in rows[turns:]]
    return found


def paste_milliseconds() -> float:
    """Return the time that a paste of 84 kB takes to count, median of nine."""
    text = "".join(text for kind, text in corpus(60) if kind == "Python")[:84_000]
    times = []
    for _ in range(9):
        start = time.perf_counter()
        estimate_tokens(text)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def held() -> Iterator[Figure]:
    """Yield what estimates are held to."""
    yield Figure("tokens of an 84 kB paste counted", paste_milliseconds(), 20, "ms")
    texts = corpus()
    counts = real_counts([text for _, text in texts])
    if counts is None:
        print("estimates: skipped, npm or its package gpt-tokenizer cannot be had", flush=True)
        return
    before = [error * 100 for _, error in errors(texts, counts, 0)]
    after = [error * 100 for _, error in errors(texts, counts, _TURNS)]
    floor = f"{len(texts)} texts of {len(KINDS)} kinds"
    yield Figure("prompt tokens guessed, nothing learned, median error", statistics.median(before), 12, "%", floor)
    yield Figure("prompt tokens guessed, after 10 turns, median error", statistics.median(after), 8, "%", floor)
    yield Figure("prompt tokens guessed, after 10 turns, p90 error", percentile(after, 0.9), 20, "%", floor)


def main() -> None:
    """Measure, and print each kind of text."""
    texts = corpus()
    counts = real_counts([text for _, text in texts])
    if counts is None:
        sys.exit("npm or its package gpt-tokenizer cannot be had")
    print(f"{'kind':<28} {'median, unlearned':>18} {'median, learned':>16} {'worst, learned':>15}")
    before, after = errors(texts, counts, 0), errors(texts, counts, _TURNS)
    for kind in KINDS:
        first, then = ([e for k, e in found if k == kind] for found in (before, after))
        print(f"{kind:<28} {statistics.median(first):>18.1%} {statistics.median(then):>16.1%} {max(then):>15.1%}")
    for figure in held():
        print(figure.line())


if __name__ == "__main__":
    main()
