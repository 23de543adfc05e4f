"""``kill -9`` while somebody writes: the next start has the draft, and every question that waited."""

from __future__ import annotations

import os
import signal
import time

from tests.e2e.machine import Machine, is_ready
from tests.pty_harness import TIMEOUT, Child


def kill(machine: Machine, child: Child, *words: str) -> None:
    """End the program by force once these words are on disk: nobody presses a key meanwhile."""
    deadline = time.monotonic() + TIMEOUT
    while not all(w.encode() in machine.bytes_on_disk() for w in words):
        assert time.monotonic() < deadline, f"never on disk: {words}; the screen:\n{child.screen()}"
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    child.wait_exit()


def test_a_draft_of_a_new_conversation_outlives_a_kill(machine: Machine) -> None:
    with machine.start() as child:
        child.wait_until(is_ready)
        child.send("half a thought")
        kill(machine, child, "half a thought")
    with machine.start() as child:
        child.wait_until(lambda s: is_ready(s) and "half a thought" in s)


def test_draft_and_queue_of_a_chat_outlive_a_kill_and_wait_for_the_person(machine: Machine) -> None:
    with machine.start(model="demo/error-hang") as child:
        child.wait_until(is_ready)
        child.send("the question\r")
        child.wait_until(lambda s: "answering" in s)
        child.send("second one\r")
        child.send("third one\r")
        child.wait_until(lambda s: "2 queued" in s)
        child.send("half a thought")
        kill(machine, child, "second one", "third one", "half a thought")
    with machine.start("-c") as child:
        child.wait_until(lambda s: is_ready(s) and "half a thought" in s and "2 queued" in s)
        child.wait_until(lambda s: "/queue send" in s)
        child.send("\x03")
        child.wait_until(lambda s: "half a thought" not in s)
        child.send("/queue\r")
        child.wait_until(lambda s: "1. second one" in s and "2. third one" in s)
    assert [m.text for m in machine.saved()][0::2] == ["the question"]


def test_draft_and_queue_of_lanes_outlive_a_kill(machine: Machine) -> None:
    with machine.start(model="demo/error-hang") as child:
        child.wait_until(is_ready)
        child.send("/compare demo/error-hang, demo/error-hang\r")
        child.wait_until(lambda s: "ask all" in s)
        child.send("the question\r")
        child.wait_until(lambda s: "answering" in s)
        child.wait_until(lambda s: "ask all" in s)
        child.send("second one\r")
        child.send("third one\r")
        child.wait_until(lambda s: "2 questions wait" in s)
        child.send("half a thought")
        kill(machine, child, "second one", "third one", "half a thought")
    with machine.start("-c") as child:
        child.wait_until(lambda s: is_ready(s) and "half a thought" in s and "2 queued" in s)


def test_a_question_sent_is_there_once_after_a_kill(machine: Machine) -> None:
    with machine.start(model="demo/error-hang") as child:
        child.wait_until(is_ready)
        child.send("the question\r")
        child.wait_until(lambda s: "answering" in s)
        child.send("next")
        kill(machine, child, "the question", '"text":"next"')
    with machine.start("-c") as child:
        screen = child.wait_until(lambda s: is_ready(s) and "Interrupted" in s and "next" in s)
    assert "queued" not in screen


def test_a_prompt_that_was_cleared_is_in_the_history_after_a_kill(machine: Machine) -> None:
    with machine.start() as child:
        child.wait_until(is_ready)
        child.send("thrown away")
        child.wait_until(lambda s: "thrown away" in s)
        child.send("\x03")
        child.wait_until(lambda s: "thrown away" not in s)
        child.send("half a thought")  # is written after what was thrown away
        kill(machine, child, "half a thought")
    with machine.start() as child:
        child.wait_until(lambda s: is_ready(s) and "half a thought" in s)
        child.send("\x03")
        child.wait_until(lambda s: "half a thought" not in s)
        child.send("\x1b[A\x1b[A")
        child.wait_until(lambda s: "thrown away" in s)
