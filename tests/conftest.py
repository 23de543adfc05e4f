"""What holds for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.memory_store import close_memory_stores


@pytest.fixture(autouse=True)
def _stores_in_memory_end_with_their_test() -> Iterator[None]:
    yield
    close_memory_stores()
