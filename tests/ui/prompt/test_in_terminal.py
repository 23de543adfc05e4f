"""The prompt in a real pseudo-terminal: the bytes that terminals send, in bursts, as they come."""

from __future__ import annotations

import sys

import pytest

from tests.pty_harness import Child

TOY = [sys.executable, "-m", "tests.prompt_toy"]
LIVE = "ready"
"""What the toy's status line says when Textual has painted."""


def test_only_the_kitty_flag_that_loses_no_text_is_asked_for() -> None:
    with Child(TOY) as child:
        child.wait_until(lambda s: LIVE in s)
        assert b"\x1b[>1u" in child.output
        assert b"\x1b[>25u" not in child.output


@pytest.mark.parametrize("keys", ["\x1b\r", "\x1b\n", "\n", "\x1b[13;2u", "\x1b[27;2;13~", "\\\r"])
def test_every_byte_form_of_new_line_breaks_the_line(keys: str) -> None:
    with Child(TOY) as child:
        child.wait_until(lambda s: LIVE in s)
        child.send("a" + keys)
        child.wait_until(lambda s: s.count("│") >= 4)
        child.send("b\r")
        child.wait_until(lambda s: "sent 'a\\nb' 3" in s)


def test_a_megabyte_is_pasted_whole() -> None:
    with Child(TOY) as child:
        child.wait_until(lambda s: LIVE in s)
        child.send("\x1b[200~" + "x" * 99 + ("y" * 99 + "\r") * 10_000 + "\x1b[201~!\r")
        child.wait_until(lambda s: "1000101" in s)


def test_keys_in_a_burst_keep_their_order() -> None:
    with Child(TOY) as child:
        child.wait_until(lambda s: LIVE in s)
        child.send("bcd\x1b[Ha\x1b[Fe\rnext")
        child.wait_until(lambda s: "sent 'abcde' 5" in s and "│ next" in s)


def test_alt_enter_of_a_terminal_without_kitty_keys_breaks_the_line() -> None:
    with Child(TOY, environ={"TEXTUAL_DISABLE_KITTY_KEY": "1"}) as child:
        child.wait_until(lambda s: LIVE in s)
        child.send("a\x1b[13;2ub\r")
        child.wait_until(lambda s: "sent 'a\\nb' 3" in s)


def test_text_from_an_input_method_arrives_whole() -> None:
    with Child(TOY) as child:
        child.wait_until(lambda s: LIVE in s)
        child.send("日本語 👩\u200d👧 é\r")
        child.wait_until(lambda s: "日本語" in s.replace(" ", "") and "sent" in s)
