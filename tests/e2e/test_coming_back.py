"""After a violent end, a crash or a bad start: nothing is lost, nothing secret is shown."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from tests.e2e.machine import APP, Machine, is_ready
from tests.source import PACKAGE
from tui_router.domain.message import EndingKind

_CRASH = """
import os
from tui_router.services.startup import open_services
from tui_router.ui.app import TuiRouter

class Broken(TuiRouter):
    CSS_PATH = "{css}"

    def action_command(self, command_id):
        local_secret = os.environ["OPENROUTER_API_KEY"]
        raise RuntimeError("boom with " + local_secret)

services = open_services(environ=os.environ)
app = Broken(services)
app.run()
services.close()
raise SystemExit(app.return_code)
"""


def test_what_came_before_a_kill_is_there_and_called_interrupted(machine: Machine) -> None:
    with machine.start(model="demo/error-hang") as child:
        child.wait_until(is_ready)
        child.send("hello\r")
        child.wait_until(lambda s: "tui-router is a client" in s)
        machine_has_it = b"tui-router is a client"
        child.wait_until(lambda _: machine_has_it in machine.bytes_on_disk())
        os.kill(child.pid, signal.SIGKILL)
        child.wait_exit()
    with machine.start("-c") as child:
        child.wait_until(lambda s: is_ready(s) and "Interrupted" in s and "tui-router is a client" in s)
        child.wait_until(lambda s: "Continue" in s)
    ending = machine.saved()[-1].ending
    assert ending is not None
    assert ending.kind is EndingKind.INTERRUPTED


def test_the_next_start_says_what_was_left_unfinished(machine: Machine) -> None:
    with machine.start(model="demo/error-hang") as child:
        child.wait_until(is_ready)
        child.send("hello\r")
        child.wait_until(lambda s: "answering" in s)
        os.kill(child.pid, signal.SIGKILL)
        child.wait_exit()
    with machine.start() as child:
        child.wait_until(lambda s: is_ready(s) and "nterrupted" in s)


def test_a_crash_shows_no_locals_and_no_key_and_gives_the_terminal_back(machine: Machine) -> None:
    machine.settings("demo/echo")
    script = machine.folder / "broken.py"
    script.write_text(_CRASH.replace("{css}", str(PACKAGE / "ui" / "app.tcss")))
    with machine.run([sys.executable, str(script)]) as child:
        child.wait_until(is_ready)
        child.send("\x10")
        child.wait_exit()
        assert child.status != 0
        child.wait_for("tui-router failed: RuntimeError")
        output = bytes(child.output)
        assert child.modes_now() == child.modes
    assert machine.key.encode() not in output
    assert b"local_secret" not in output
    assert b"Traceback" not in output
    log = next((machine.config / "log").glob("*.log")).read_text()
    assert "RuntimeError" in log
    assert machine.key not in log


def test_the_key_is_nowhere_but_where_it_belongs(machine: Machine) -> None:
    """Not on the screen, in the log (all of it), the database, the cache or an export."""
    machine.settings("demo/error-flaky-503", "[network]\ninitial_delay = 0.5\n")
    with machine.start("--debug") as child:
        child.wait_until(is_ready)
        child.send("hello\r")
        child.wait_until(lambda s: "no model is behind it" in " ".join(s.split()))
        child.send(f"/export json {machine.folder}\r")
        child.wait_until(lambda s: "Written to" in s)
        child.send("/doctor\r")
        child.wait_until(lambda s: "Health" in s)
        child.send("\x1b\x11")
        child.wait_exit()
        output = bytes(child.output)
    tail = machine.key[-24:].encode()
    assert tail not in output
    assert tail not in machine.bytes_on_disk()
    assert list(machine.folder.glob("*.json"))
    assert (machine.config / "log").exists()


def test_without_a_terminal_it_says_so_and_ends_with_2(machine: Machine) -> None:
    done = subprocess.run(
        APP, stdin=subprocess.DEVNULL, capture_output=True, env={**os.environ, **machine.environ}, check=False,
        timeout=30, cwd=machine.folder,
    )  # fmt: skip
    assert done.returncode == 2
    assert b"tui-router ask" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_bad_start_is_said_on_the_screen(machine: Machine) -> None:
    machine.settings("demo/echo")
    (machine.config / "conversations.db").write_bytes(b"this is no database at all" * 100)
    with machine.start() as child:
        child.wait_until(lambda s: is_ready(s) and "damaged" in s)
        child.send("hello\r")
        child.wait_until(lambda s: s.count("hello") >= 2)


def test_the_demo_needs_nothing_and_leaves_what_is_real_alone(machine: Machine) -> None:
    with machine.start("--demo", "-m", "demo/echo", environ={"OPENROUTER_API_KEY": ""}) as child:
        child.wait_until(lambda s: is_ready(s) and "offline demo" in s)
        child.send("hello\r")
        child.wait_until(lambda s: s.count("hello") == 2)
        child.send("\x11")
        child.wait_exit()
        assert child.status == 0
    assert not (machine.config / "conversations.db").exists()
    assert (machine.config / "demo" / "conversations.db").exists()
