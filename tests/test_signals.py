"""Programs under test can be interrupted, however the test runner was started."""

from __future__ import annotations

import signal
import subprocess
import sys


def test_a_child_of_the_test_runner_does_not_ignore_ctrl_c() -> None:
    code = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_the_test_runner_itself_can_be_interrupted() -> None:
    assert signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, None)
