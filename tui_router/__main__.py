"""``python -m tui_router`` and the ``tui-router`` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the program and leave with its exit code."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        from tui_router import __version__  # the answer must cost nothing

        print(f"tui-router {__version__}")
        return
    try:
        from tui_router.cli.entry import run  # after the shortest way out

        code = run(arguments)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
