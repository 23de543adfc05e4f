"""``tui-router logout``: forget the key in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_router.cli.output import say
from tui_router.cli.session import add_common, services_of

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of ``logout``."""
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Forget the stored key in use."""
    with services_of(args) as services:
        say(services.core.account.log_out())
    return 0
