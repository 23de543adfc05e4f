"""What is typed before the prompt is there: in the real app, on a terminal."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.pty_harness import Child


def test_what_is_typed_before_the_prompt_is_there_is_in_it_in_order(tmp_path: Path) -> None:
    with Child([sys.executable, "-m", "tui_router", "--demo", "--config-dir", str(tmp_path)]) as child:
        child.wait_for("Ask anything")
        child.send("early ")
        child.wait_for("\x1b[?1003h")
        child.send("birds")
        child.wait_until(lambda screen: "│ early birds " in screen)
