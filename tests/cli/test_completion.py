"""Completion scripts, run by the shells that they are for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tui_router.cli.entry import SHELL

_ASK = """
source {script}
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_tui_router
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The scripts, made once."""
    folder = tmp_path_factory.mktemp("completion")
    shell = Shell(folder, "http://127.0.0.1:9/api/v1")
    paths = {}
    for name in ("bash", "zsh", "fish"):
        done = shell.run("completion", name)
        assert (done.code, done.err) == (0, "")
        paths[name] = folder / name
        paths[name].write_text(done.out)
    return paths


def offered(scripts: dict[str, Path], folder: Path, *words: str) -> list[str]:
    """Return what bash offers for the last of these words."""
    quoted = " ".join(f"'{word}'" for word in ("tui-router", *words))
    done = subprocess.run(
        ["bash", "--norc", "-c", _ASK.format(script=scripts["bash"], words=quoted)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


def test_bash_offers_every_command(scripts: dict[str, Path], tmp_path: Path) -> None:
    assert offered(scripts, tmp_path, "") == list(SHELL)
    assert offered(scripts, tmp_path, "mo") == ["models"]
    assert offered(scripts, tmp_path, "--demo", "le") == ["leaderboard"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["ask", "--max"], ["--max-cost", "--max-tokens", "--max-age"]),
        (["models", "--so"], ["--sort"]),
        (["models", "--sort", ""], ["price", "context", "new", "name"]),
        (["models", "--sort", "n"], ["new", "name"]),
        (["export", "--format", "h"], ["html"]),
        (["keys", "ch"], ["check"]),
        (["completion", "z"], ["zsh"]),
        (["--comp"], ["--compare"]),
        (["ask", "--config-dir", "x", "--no"], ["--no-save", "--no-cache"]),
    ],
)
def test_bash_offers_flags_and_what_they_take(
    scripts: dict[str, Path], tmp_path: Path, words: list[str], found: list[str]
) -> None:
    assert offered(scripts, tmp_path, *words) == found


def test_bash_offers_files_with_blanks_in_their_names(scripts: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "two words.json").write_text("")
    assert offered(scripts, tmp_path, "import", "tw") == ["two words.json"]


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_shell_itself_can_read_its_script(scripts: dict[str, Path], name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    done = subprocess.run([name, "-n", str(scripts[name])], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_every_command_and_flag_is_in_every_script(scripts: dict[str, Path], name: str) -> None:
    text = scripts[name].read_text()
    spelled = "-l " if name == "fish" else "--"
    for word in (*SHELL, f"{spelled}max-cost", f"{spelled}refresh", f"{spelled}config-dir", f"{spelled}compare"):
        assert word in text


def test_an_unknown_shell_is_wrong_usage(shell: Shell) -> None:
    assert shell.run("completion", "tcsh").code == 2
