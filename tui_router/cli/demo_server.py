"""``tui-router demo-server``: the offline demo server alone, for scripts and for other clients."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

from tui_router.cli.output import say, write
from tui_router.domain.problem import AppError, ErrorKind, Problem

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``demo-server``."""
    parser.add_argument("--port", type=int, default=0, metavar="N", help="port on 127.0.0.1; a free one by default")
    parser.add_argument("--speed", type=float, default=1.0, metavar="X", help="speed of the answers; 0 disables delays")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from tui_router.demo_server.server import DEMO_KEY, DemoServer

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        server = DemoServer(port=args.port, speed=args.speed)
        server.start()
    except (OSError, OverflowError) as error:
        raise AppError(
            Problem(
                kind=ErrorKind.NETWORK,
                title=f"Port {args.port} cannot be used",
                detail=str(error),
                hint="Choose another --port, or omit it to use a free one",
            )
        ) from None
    try:
        write(server.base_url)
        say(f"Serves OpenRouter's API without any model. Accepts any key, for example {DEMO_KEY}")
        say("Use it: OPENROUTER_BASE_URL=" + server.base_url + " OPENROUTER_API_KEY=" + DEMO_KEY + " tui-router")
        say("Press Ctrl+C to stop")
        while not stopped.wait(3600):
            pass
    finally:
        server.close()
    return 0
