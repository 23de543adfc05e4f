"""Loads the libraries of Markdown and of code ahead of the first answer: on the UI thread they would halt it."""

from __future__ import annotations

from tui_router.ui.transcript.blocks import parser
from tui_router.ui.transcript.code import highlight


def load_libraries() -> None:
    """Load markdown-it and pygments (some 60 ms). Any thread; may be called while the transcript is used."""
    parser()
    highlight("pass\n", "python")
