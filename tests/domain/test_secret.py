"""A key is never seen by accident."""

from __future__ import annotations

import copy
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_router.domain.secret import Secret, redact

_KEY = "sk-or-v1-0123456789abcdef0123456789abcdef"


def test_only_reveal_gives_the_key_away() -> None:
    key = Secret(_KEY)
    for shown in (str(key), repr(key), f"{key}", f"{key!r:>40}", key.masked, str([key]), str({"k": key})):
        assert _KEY not in shown
        assert "cdef" in shown
    assert key.reveal() == _KEY


def test_a_short_key_shows_nothing_at_all() -> None:
    assert str(Secret("hunter2")) == "…"


def test_a_key_cannot_be_pickled_and_has_no_attributes_to_print() -> None:
    with pytest.raises(TypeError, match="not copied"):
        pickle.dumps(Secret(_KEY))
    with pytest.raises(TypeError, match="not copied"):
        copy.deepcopy(Secret(_KEY))
    assert not hasattr(Secret(_KEY), "__dict__")


def test_equal_keys_are_equal_and_other_things_are_not() -> None:
    assert Secret(_KEY) == Secret(_KEY)
    assert hash(Secret(_KEY)) == hash(Secret(_KEY))
    assert Secret(_KEY) != _KEY
    assert Secret(_KEY) != Secret("other")


@pytest.mark.parametrize("kind", ["sk-or-v1-", "sk-or-", "sk-", "sk-proj-", "sk-ant-api03-"])
@given(body=st.text(alphabet="abcdefABCDEF0123456789_-", min_size=16, max_size=64))
def test_a_key_in_a_log_line_is_masked(kind: str, body: str) -> None:
    line = redact(f"sent {kind}{body} to host")
    assert body[:8] not in line
    assert line.startswith("sent sk-…")
    assert line.endswith(" to host")


def test_a_bearer_header_and_a_traceback_are_masked() -> None:
    assert redact("Authorization: Bearer abc.def") == "Authorization: Bearer …"
    try:
        raise ValueError(f"bad key {_KEY}")
    except ValueError:
        assert _KEY not in redact(traceback.format_exc())


def test_ordinary_words_are_left_alone() -> None:
    assert redact("a risk-orientated task-force asks") == "a risk-orientated task-force asks"
