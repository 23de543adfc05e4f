"""A toy app around the real prompt, run in a pseudo-terminal by tests and benchmarks.

``python -m tests.prompt_toy [--splash] [--plain] [--slow]``: with the splash, with a bare ``TextArea`` in the
prompt's place, with a wait before Textual is imported (until a file named by ``TOY_GATE`` exists).
"""

from __future__ import annotations

import os
import sys
import time


def main() -> None:
    splash = None
    if "--splash" in sys.argv:
        from tui_router.cli.first_frame import paint

        splash = paint("demo/quick")
    try:
        gate = os.environ.get("TOY_GATE")
        while gate and not os.path.exists(gate):
            time.sleep(0.01)
        if "--crash" in sys.argv:
            raise SystemExit(3)
        run(splash)
    finally:
        if splash is not None:
            splash.restore()


def run(splash: object) -> None:
    from textual.app import App, ComposeResult
    from textual.widgets import Static, TextArea

    from tui_router.cli.first_frame import Splash

    if "--plain" in sys.argv:

        class Plain(App[None]):
            def compose(self) -> ComposeResult:
                yield TextArea(placeholder="Ask anything")

        Plain().run()
        return

    from tui_router.ui.prompt import terminal_input
    from tui_router.ui.prompt.box import PromptBox
    from tui_router.ui.prompt.widget import Prompt

    terminal_input.install()

    class Toy(App[None]):
        CSS = "#above { height: 1fr; } #status { height: 1; }"

        def compose(self) -> ComposeResult:
            yield Static(id="above", markup=False)
            yield PromptBox()
            yield Static("ready", id="status", markup=False)

        def on_mount(self) -> None:
            self.query_one(Prompt).focus()
            if isinstance(splash, Splash):
                terminal_input.adopt_terminal_modes(self._driver, splash.attributes)

        def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
            self.query_one("#above", Static).update(f"sent {event.text!r}"[:60] + f" {len(event.text)}")

    if isinstance(splash, Splash):
        splash.hand_over()
    Toy().run()


if __name__ == "__main__":
    main()
