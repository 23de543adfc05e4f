"""The real program in a terminal: what it writes, what it does with keys and signals, and how it gives it back."""

from __future__ import annotations

import os
import re
import signal

import pytest

from tests.e2e.machine import APP, Machine, is_ready
from tests.pty_harness import Child
from tui_router.domain.message import EndingKind, Role

_ESCAPES = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # control sequences
    rb"|\x1b[()][A-Za-z0-9]|\x1b[=>78]"  # character sets, keypad, cursor
    rb"|\x1bP[^\x1b]*\x1b\\"  # asking the terminal
    rb"|\x1b\]2;[^\x07\x1b]*\x07|\x1b\]22;[a-z-]*\x07"  # the title, the pointer's shape
)


def _restored(child: Child) -> bool:
    """The terminal's modes are those of before; the alternate screen, the mouse, pastes and kitty keys are left."""
    output = bytes(child.output)
    pairs = ((b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?2004h", b"\x1b[?2004l"), (b"\x1b[?1003h", b"\x1b[?1003l"),
             (b"\x1b[>1u", b"\x1b[<u"), (b"\x1b[?25l", b"\x1b[?25h"))  # fmt: skip
    return child.modes_now() == child.modes and all(output.rfind(off) >= output.rfind(on) for on, off in pairs)


def test_what_is_typed_before_the_app_is_there_arrives_once(machine: Machine) -> None:
    with machine.start() as child:
        child.wait_for("Ask anything")
        child.send("typed ahead of everything")
        child.wait_until(lambda s: is_ready(s) and "typed ahead of everything" in s)
        child.send(" and after\r")
        child.wait_until(lambda s: s.count("typed ahead of everything and after") == 2)
    assert machine.saved()[0].text == "typed ahead of everything and after"


def test_a_question_sent_before_the_app_is_there_is_asked_once(machine: Machine) -> None:
    with machine.start() as child:
        child.wait_for("Ask anything")
        child.send("quick fingers\r")
        child.wait_until(lambda s: is_ready(s) and s.count("quick fingers") == 2)
    assert [m.text for m in machine.saved() if m.role is Role.USER] == ["quick fingers"]


def test_control_c_twice_quits_and_gives_the_terminal_back(machine: Machine) -> None:
    with machine.start() as child:
        child.wait_until(is_ready)
        child.send("\x03")
        child.wait_until(lambda s: "again to quit" in s)
        child.send("\x03")
        child.wait_exit()
        assert child.status == 0
        assert _restored(child)
        # one kitty flag is asked for and no more: others lose what an input method composes
        assert set(re.findall(rb"\x1b\[>(\d+)u", child.output)) == {b"1"}


@pytest.mark.parametrize("keys", ["\x04", "/quit\r"])
def test_other_ways_out(machine: Machine, keys: str) -> None:
    with machine.start() as child:
        child.wait_until(is_ready)
        child.send(keys)
        child.wait_exit()
        assert child.status == 0
        assert _restored(child)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_saves_what_came_and_gives_the_terminal_back(machine: Machine, number: signal.Signals) -> None:
    with machine.start(model="demo/error-hang") as child:
        child.wait_until(is_ready)
        child.send("hello\r")
        child.wait_until(lambda s: "answering" in s)
        os.kill(child.pid, number)
        child.wait_exit()
        assert child.status == 0
        assert _restored(child)
    answer = machine.saved()[-1]
    assert answer.text
    assert answer.ending is not None
    assert answer.ending.kind is EndingKind.CANCELLED


def test_what_a_signal_stopped_is_there_at_the_next_start(machine: Machine) -> None:
    with machine.start(model="demo/error-hang") as child:
        child.wait_until(is_ready)
        child.send("hello\r")
        child.wait_until(lambda s: "answering" in s)
        child.send("a draft")
        child.wait_until(lambda s: "a draft" in s)
        os.kill(child.pid, signal.SIGTERM)
        child.wait_exit()
    with machine.start("-c") as child:
        child.wait_until(lambda s: is_ready(s) and "Stopped" in s and "a draft" in s)


def test_quitting_ends_though_eight_answers_hang(machine: Machine) -> None:
    with machine.start(model="demo/error-hang") as child:
        child.wait_until(is_ready)
        for number in range(8):
            child.send(f"question {number}\r")
            child.wait_until(lambda s, n=number: f"question {n}" in s and "answering" in s)  # type: ignore[misc]
            child.send("\x0e")
            child.wait_until(lambda s, n=number: f"question {n}" not in s)  # type: ignore[misc]
        child.send("\x11")
        child.wait_exit()
        assert child.status == 0
        assert _restored(child)


def test_a_hostile_answer_reaches_the_terminal_as_text_only(machine: Machine) -> None:
    with machine.start(model="demo/hostile") as child:
        child.wait_until(is_ready)
        child.send("hello\r")
        child.wait_until(lambda s: "all of it failed" in s)
        child.wait_until(is_ready)
        for keys, sign, is_shown in (
            ("\t", "▎", True),
            ("i", "model asked", True),
            ("\x1b", "model asked", False),
            ("t", "Tree of this conversation", True),
            ("\x1b", "Tree of this conversation", False),
            ("\x1b", "▎", False),
            ("\x1b[5~", "▌ hello", True),
        ):
            child.send(keys)
            child.wait_until(lambda s, sign=sign, is_shown=is_shown: (sign in s) is is_shown)  # type: ignore[misc]
        child.send("\x11")
        child.wait_exit()
        assert _restored(child)
        written = bytes(child.output)
    rest = _ESCAPES.sub(b"", written).decode()
    harmful = {c for c in rest if (ord(c) < 32 and c not in "\r\n") or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066"}
    assert harmful == set(), [rest[max(0, m.start() - 20) : m.end() + 30] for m in re.finditer("[\x07\x1b]", rest)]
    for sequence in (b"\x1b]52", b"\x1b]0;owned", b"\x1b]8;;https://evil", b"\x1bc"):
        assert sequence not in written
    assert b"\x1b[6n" not in written


def test_copying_by_the_person_may_use_the_clipboard_of_the_terminal(machine: Machine) -> None:
    """The measure of the test above: what a person asks for is written, and only that."""
    with machine.start(environ={"PATH": "/nonexistent", "DISPLAY": "", "WAYLAND_DISPLAY": ""}) as child:
        child.wait_until(is_ready)
        child.send("copy me\r")
        child.wait_until(lambda s: s.count("copy me") == 2)
        child.send("\x19")
        child.wait_for("\x1b]52;c;Y29weSBtZQ==")


def test_piped_text_is_the_draft_and_the_keyboard_works(machine: Machine) -> None:
    machine.settings("demo/echo")
    with machine.run(["/bin/sh", "-c", f"printf 'piped words' | {' '.join(APP)} - please explain"]) as child:
        child.wait_until(lambda s: is_ready(s) and "piped words" in s and "please explain" in s)
        child.send(" now\r")
        child.wait_until(lambda s: s.count("please explain now") == 2)
    assert machine.saved()[0].text == "piped words\n\nplease explain now"


def test_a_dumb_terminal_is_refused_with_the_way_to_go(machine: Machine) -> None:
    with machine.start(environ={"TERM": "dumb"}) as child:
        child.wait_exit()
        assert child.status == 2
        child.wait_for("tui-router ask")
        assert b"\x1b" not in child.output


def test_resizing_at_any_moment_is_followed(machine: Machine) -> None:
    with machine.start() as child:
        child.wait_for("Ask anything")
        child.resize(60, 12)
        child.wait_until(lambda s: is_ready(s) and max(map(len, s.splitlines())) <= 60)
        child.send("hello\r")
        child.wait_until(lambda s: s.count("hello") == 2)
        child.resize(20, 5)
        child.wait_until(lambda s: "Ask anything" in s and "─" not in s)
        child.resize(100, 30)
        child.wait_until(lambda s: s.count("hello") == 2 and is_ready(s))


def test_a_key_of_a_command_pressed_before_the_app_is_there_is_not_lost(machine: Machine) -> None:
    with machine.start() as child:
        child.wait_for("Ask anything")
        child.send("a draft\x1bOP")
        child.wait_until(lambda s: "Shift+Enter" in s and "Esc close" in s)
        child.send("\x1b")
        child.wait_until(lambda s: is_ready(s) and "a draft" in s)
