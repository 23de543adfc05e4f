"""What holds for every test."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.memory_store import close_memory_stores


def pytest_configure() -> None:
    """Stop ignoring Ctrl+C if the runner was started that way, as a shell does for ``nohup … &``.

    Child processes inherit an ignored signal, and Python then installs no handler for it: a test that interrupts
    the program would wait in vain. A caught signal is reset to its default in children instead.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _stores_in_memory_end_with_their_test() -> Iterator[None]:
    yield
    close_memory_stores()
