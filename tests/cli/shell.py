"""The real command in a process of its own, with a folder of its own, against a demo server."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.source import ROOT
from tui_router.cli.entry import run as enter
from tui_router.demo_server.server import DEMO_KEY

PATIENCE = 30.0
"""Seconds after which a command counts as hung."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


class Shell:
    """Runs commands. Nothing of the machine's own configuration or environment reaches them."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self.folder = folder
        self.environ = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(folder / "home"),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "TUI_ROUTER_CONFIG_DIR": str(folder / "config"),
            "OPENROUTER_BASE_URL": base_url,
            "OPENROUTER_API_KEY": DEMO_KEY,
            "PYTHONPATH": str(ROOT),
            **{n: v for n, v in os.environ.items() if n.startswith(("COV_", "COVERAGE_", "PYTHONPYCACHE"))},
        }

    def settings(self, text: str) -> None:
        """Write the settings file."""
        path = self.folder / "config" / "settings.toml"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text)

    def argv(self, *words: str) -> list[str]:
        """Return the command line of a command."""
        return [sys.executable, "-m", "tui_router", *words]

    def call(self, *words: str, stdin: bytes = b"", environ: Mapping[str, str] | None = None) -> Done:
        """Run a command to its end inside this process: the same door, ten times as fast as ``run``."""
        changed = {n: v for n, v in {**self.environ, **(environ or {})}.items() if v}
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        with (
            patch.dict(os.environ, changed, clear=True),
            patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8")),
            redirect_stdout(out),
            redirect_stderr(err),
            chdir(self.folder),
        ):
            code = enter(list(words))
        return Done(code=code, out=_text(out), err=_text(err))

    def start(self, *words: str, environ: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a command with nothing on standard input; it is the caller's to end."""
        return subprocess.Popen(
            self.argv(*words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**self.environ, **(environ or {})},
            cwd=self.folder,
        )

    def run(self, *words: str, stdin: bytes = b"", environ: Mapping[str, str] | None = None) -> Done:
        """Run a command to its end; an empty value in ``environ`` unsets a name."""
        changed = {n: v for n, v in {**self.environ, **(environ or {})}.items() if v}
        done = subprocess.run(
            self.argv(*words),
            input=stdin,
            capture_output=True,
            env=changed,
            cwd=self.folder,
            check=False,
            timeout=PATIENCE,
        )
        return Done(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()
