"""Equal requests at the same time."""

from __future__ import annotations

from tui_router.services.answer_cache import Twins


def test_the_second_waits_for_the_first_and_others_do_not() -> None:
    twins = Twins()
    assert twins.enter("a", "key")
    assert not twins.enter("b", "key")
    assert twins.enter("c", "other")
    twins.leave("b")
    assert not twins.enter("b", "key"), "who did not come in cannot open the door"
    twins.leave("a")
    assert twins.enter("b", "key")


def test_what_must_not_be_reused_waits_for_nobody() -> None:
    twins = Twins()
    assert twins.enter("a", "")
    assert twins.enter("b", "")
