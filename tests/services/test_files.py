"""The files that an @ offers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_router.services.files import is_ignored, list_files, read_rules


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
    ],
)
def test_the_common_rules_of_git_hold(rule: str, path: str, is_folder: bool, ignored: bool) -> None:
    assert is_ignored(path, is_folder, read_rules(rule)) is ignored


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
