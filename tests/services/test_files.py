"""The files that an @ offers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tui_router.services.files import is_ignored, list_files, read_ignore_file


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")


def test_near_files_come_first_and_folders_have_a_slash(tmp_path: Path) -> None:
    make(tmp_path, "b.txt", "a/c.txt")
    assert list_files(str(tmp_path)) == ("a/", "b.txt", "a/c.txt")


def test_hidden_ignored_and_cache_files_are_left_out(tmp_path: Path) -> None:
    make(tmp_path, ".env", ".git/x", "node_modules/x", "a.pyc", "keep.pyc", "out/x", "sub/b.log", "sub/ok.txt")
    (tmp_path / ".gitignore").write_text("*.pyc\n!keep.pyc\n/out/\n# note\n\n")
    (tmp_path / "sub" / ".gitignore").write_text("*.log\n")
    assert list_files(str(tmp_path)) == ("keep.pyc", "sub/", "sub/ok.txt")


@pytest.mark.parametrize(
    ("rule", "path", "is_folder", "ignored"),
    [
        ("*.log", "a/b.log", False, True),
        ("/top", "top", False, True),
        ("/top", "a/top", False, False),
        ("docs/*.md", "docs/a.md", False, True),
        ("only/", "only", False, False),
        ("only/", "a/only", True, True),
        ("[", "x", False, False),
        ("/x.txt", "x.txt", False, True),
        ("/x.txt", "doc/x.txt", False, False),
        ("doc/*.txt", "doc/a.txt", False, True),
        ("doc/*.txt", "doc/deep/a.txt", False, False),
        ("doc/*.txt", "other/doc/a.txt", False, False),
        ("doc/**/*.txt", "doc/deep/a.txt", False, True),
        ("**/doc", "a/doc", True, True),
        ("a/**", "a/b/c", False, True),
        ("x?.t[xy]t", "x1.tyt", False, True),
        ("x?.txt", "x/.txt", False, False),
        ("*.log\n!keep.log", "keep.log", False, False),
        ("!keep.log\n*.log", "keep.log", False, True),
        ("\\#file", "#file", False, True),
        ("\\!file", "!file", False, True),
        ("name ", "name", False, True),
        ("!\n*.log", "a.log", False, True),
        ("bad\\\n*.log", "a.log", False, True),
    ],
)
def test_the_rules_of_git_hold(rule: str, path: str, is_folder: bool, ignored: bool) -> None:
    assert is_ignored(path, is_folder, [read_ignore_file(rule)]) is ignored


def test_a_nested_ignore_file_is_relative_to_its_folder_and_overrides_the_ones_above(tmp_path: Path) -> None:
    make(tmp_path, "x.txt", "a.log", "sub/x.txt", "sub/a.log", "sub/doc/b.txt", "sub/deep/x.txt", "sub/deep/doc/b.txt")
    (tmp_path / ".gitignore").write_text("*.log\n")
    (tmp_path / "sub" / ".gitignore").write_text("/x.txt\ndoc/*.txt\n!a.log\n")
    assert list_files(str(tmp_path)) == (
        "sub/",
        "x.txt",
        "sub/a.log",
        "sub/deep/",
        "sub/doc/",
        "sub/deep/doc/",
        "sub/deep/x.txt",
        "sub/deep/doc/b.txt",
    )


def test_a_file_in_an_ignored_folder_cannot_be_included_again(tmp_path: Path) -> None:
    make(tmp_path, "out/keep", "kept/a", "kept/b")
    (tmp_path / ".gitignore").write_text("out/\n!out/keep\n/kept/*\n!/kept/b\n")
    assert list_files(str(tmp_path)) == ("kept/", "kept/b")


def test_ignore_files_are_parsed_only_where_there_are_some(tmp_path: Path) -> None:
    make(tmp_path, "a.txt")
    code = f"import sys; from tui_router.services.files import list_files; list_files({str(tmp_path)!r}); "
    done = subprocess.run([sys.executable, "-c", code + "print('pathspec' in sys.modules)"], capture_output=True)
    assert done.stdout.strip() == b"False", done.stderr


def test_a_list_is_bounded_in_what_it_finds_and_what_it_looks_at(tmp_path: Path) -> None:
    make(tmp_path, *(f"{i}/{j}" for i in range(10) for j in range(10)))
    assert len(list_files(str(tmp_path), limit=5)) == 5
    assert len(list_files(str(tmp_path), looked_at=15)) == 20


def test_a_name_that_could_drive_a_terminal_is_left_out(tmp_path: Path) -> None:
    make(tmp_path, "ok", "bad\x1b[31m", "two\nlines")
    assert list_files(str(tmp_path)) == ("ok",)


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    make(tmp_path, "a/x")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    assert list_files(str(tmp_path)) == ("a/", "a/loop", "a/x")


def test_a_missing_folder_has_no_files() -> None:
    assert list_files("/no/such/folder") == ()
