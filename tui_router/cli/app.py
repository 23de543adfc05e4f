"""``tui-router`` alone: the app on the screen."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tui_router.domain.problem import AppError, ErrorKind, Problem

if TYPE_CHECKING:
    import argparse

    from tui_router.cli.first_frame import Splash
    from tui_router.services.startup import Services
    from tui_router.ui.app_host import ExitReason
    from tui_router.ui.screens.chat.launch_options import LaunchOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of the app."""
    parser.add_argument("text", nargs="*", metavar="TEXT", help="the draft; piped standard input is put before it")
    parser.add_argument("-m", "--model", default="", metavar="MODEL", help="who answers")
    parser.add_argument("-c", "--continue", dest="continues", action="store_true", help="open the last conversation")
    parser.add_argument("--resume", default="", metavar="ID", help="open this conversation")
    parser.add_argument("--compare", default="", metavar="A,B,C", help="ask several models side by side")
    parser.add_argument("-V", "--version", action="store_true", help="show the version")
    from tui_router.cli.session import add_common

    add_common(parser)


def run(args: argparse.Namespace, splash: Splash | None) -> int:
    """Open the app, and again with the demo when that was chosen; returns the exit code."""
    if args.version:
        from tui_router import __version__

        print(f"tui-router {__version__}")
        return 0
    draft = _draft(args)
    _refuse_without_terminal()
    is_demo = args.demo
    while True:
        left, code = _once(args, draft, splash, is_demo=is_demo)
        if left is None or left.value != "to demo":
            return code
        is_demo, draft, splash = True, "", None


def _once(
    args: argparse.Namespace, draft: str, splash: Splash | None, *, is_demo: bool
) -> tuple[ExitReason | None, int]:
    # Textual paints in slots of a clock. Shorter ones: a letter, or a token, waits half as long for the next.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    from tui_router.cli.session import close, start_demo_server
    from tui_router.services.startup import open_services
    from tui_router.ui.app import TuiRouter
    from tui_router.ui.prompt import terminal_input
    from tui_router.ui.screens.chat.launch_options import LaunchOptions

    with ExitStack() as stack:
        services: Services = open_services(
            config_dir=args.config_dir,
            environ=os.environ,
            cwd=os.getcwd(),
            log_level="debug" if args.debug else "",
            start_demo=(lambda: start_demo_server(stack)) if is_demo else None,
        )
        stack.callback(close, services)
        options: LaunchOptions = LaunchOptions(
            text=draft,
            model=args.model,
            resume=args.resume or ("last" if args.continues else ""),
            compare=tuple(m.strip() for m in args.compare.split(",") if m.strip()),
            terminal_modes=splash.attributes if splash is not None else None,
        )
        terminal_input.install()
        app = TuiRouter(services, options)
        if splash is not None:
            splash.hand_over()
        left = app.run(mouse=services.preferences.current.look.mouse)
        return left, app.return_code or 0


def _draft(args: argparse.Namespace) -> str:
    """Return the draft of the command line and of a pipe; a pipe gives the keyboard back."""
    from tui_router.cli.session import words_of

    words = words_of(args)
    if sys.stdin is None or sys.stdin.isatty():
        return words
    from tui_router.cli.session import piped_text
    from tui_router.ui.terminal import reopen_keyboard

    piped = piped_text().strip()
    reopen_keyboard()
    return "\n\n".join(t for t in (piped, words) if t)


def _refuse_without_terminal() -> None:
    """Textual itself would run for ever without a word."""
    if os.environ.get("TERM", "dumb") in ("", "dumb") or not (os.isatty(0) and os.isatty(2)):
        raise AppError(
            Problem(
                kind=ErrorKind.USAGE,
                title="The app needs a terminal",
                detail="Standard input or standard error is none, or TERM is dumb",
                hint='Use `tui-router ask "…"` in scripts and pipes',
            )
        )
