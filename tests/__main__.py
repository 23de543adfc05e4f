"""``python -m tests``: format, lint, types, contracts and tests, in this order; the first failure is the exit code.

Every step runs even when an earlier one failed, and pytest comes last, so that its count is the last
thing on the screen. Words after it go to pytest: ``python -m tests tests/domain -k safe``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_STEPS = (
    ("format", ("-m", "ruff", "format", "--check", ".")),
    ("lint", ("-m", "ruff", "check", ".")),
    ("types", ("-m", "mypy")),
    ("contracts", ("-c", "import importlinter.cli as c; raise SystemExit(c.lint_imports(no_logo=True))")),
)
_TESTS = ("-m", "pytest", "-n", "3", "-p", "no:cacheprovider")


def main(words: list[str]) -> int:
    """Run all steps and return the exit code of the first that failed, or 0."""
    codes = [_run(name, step) for name, step in _STEPS]
    failed = [name for (name, _), code in zip(_STEPS, codes, strict=True) if code]
    if failed:
        print(f"failed before the tests: {', '.join(failed)}", flush=True)
    codes.append(_run("tests", (*_TESTS, *words)))
    return next((code for code in codes if code), 0)


def _run(name: str, step: tuple[str, ...]) -> int:
    print(f"== {name}", flush=True)
    return subprocess.run([sys.executable, *step], cwd=_ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
