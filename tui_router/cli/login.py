"""``tui-router login``: a key through the browser (PKCE), here or on another machine. The key is never shown."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from typing import TYPE_CHECKING

from tui_router.cli.keys import read_secretly
from tui_router.cli.output import say, write
from tui_router.cli.session import add_common, say_problems, services_of
from tui_router.cli.shell_hints import is_elsewhere
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.openrouter.cancel import Cancel
from tui_router.services.account import Checked
from tui_router.services.sign_in import SignIn

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of ``login``."""
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--code", action="store_true", help="open the address anywhere, paste the code that it shows")
    way.add_argument("--browser", action="store_true", help="use the browser of this machine, even over SSH")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Sign in and say what the key may do."""
    with services_of(args) as services:
        core = services.core
        say_problems(services)
        sign_in = SignIn(
            account=core.account,
            site=lambda: core.public_client().site,
            redeem=lambda code, verifier: core.public_client().redeem_code(code, verifier),
            open_browser=_open_behind,
        )
        with_code = args.code or not (args.browser or has_browser())
        checked = _by_code(sign_in) if with_code else _by_browser(sign_in)
        say(core.account.where())
        say(checked.sentence if checked else "It could not be checked now; tui-router keys check does it later")
    return 0


def has_browser() -> bool:
    """Say whether a browser of this machine would be seen by the person."""
    if is_elsewhere():
        return False
    if sys.platform == "linux" and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))):
        return False  # what is found then would be a browser of text, in this very terminal
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _by_browser(sign_in: SignIn) -> Checked | None:
    def show(url: str, is_open: bool) -> None:
        say("Your browser asks whether tui-router may have a key." if is_open else "Open this address in a browser:")
        say(f"  {url}")
        say("Waiting for it. Ctrl+C gives up; tui-router login --code works without a browser here")

    return sign_in.with_browser(Cancel(), show)


def _open_behind(url: str) -> bool:
    """Open a browser without waiting for it: one that stays in front would wait for our listener, and we for it."""
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
    return True


def _by_code(sign_in: SignIn) -> Checked | None:
    pending = sign_in.begin()
    say("Open this address in any browser, on any machine:")
    write(pending.url)
    say("It shows a code that works once, for ten minutes. Paste it here:")
    pasted = read_secretly("Code (nothing is shown): ")
    if not pasted.strip():
        raise AppError(
            Problem(kind=ErrorKind.USAGE, title="No code was pasted", hint="Run it again when you have the code")
        )
    return sign_in.finish(pending, pasted)
