"""Files that are whole or not there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_router.domain.problem import AppError
from tui_router.storage.files import (
    keep_beside,
    locked,
    make_private_folder,
    read_bytes,
    safe_file_name,
    tighten,
    write_new,
    write_private,
)


def mode_of(path: Path) -> int:
    """The permission bits of a path."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_private_whatever_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_private(tmp_path / "deep" / "er" / "f", "x")
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "deep" / "er" / "f") == 0o600
    assert mode_of(tmp_path / "deep" / "er") == 0o700


def test_an_existing_file_keeps_its_mode_unless_one_is_forced(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    path.chmod(0o640)
    write_private(path, "new")
    assert (path.read_text(), mode_of(path)) == ("new", 0o640)
    write_private(path, b"newer", mode=0o600)
    assert (path.read_text(), mode_of(path)) == ("newer", 0o600)


def test_a_symbolic_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "real"
    target.parent.mkdir()
    target.write_text("old")
    link = tmp_path / "link"
    link.symlink_to(target)
    write_private(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    with pytest.raises(AppError) as caught:
        write_private(tmp_path / "f", "x")
    assert caught.value.problem.hint
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_a_file_where_a_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("")
    with pytest.raises(AppError) as caught:
        make_private_folder(tmp_path / "config")
    assert "folder should be" in caught.value.problem.title
    with pytest.raises(AppError):
        write_private(tmp_path / "config" / "f", "x")


def test_a_loose_folder_is_tightened(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    make_private_folder(folder)
    assert mode_of(folder) == 0o700


def test_a_loose_file_is_tightened_and_reported_once(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    assert tighten(path) is None
    path.write_text("")
    path.chmod(0o644)
    problem = tighten(path)
    assert problem is not None
    assert "0644" in problem.detail
    assert mode_of(path) == 0o600
    assert tighten(path) is None


def test_a_path_through_a_file_is_reported_not_raised(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert tighten(tmp_path / "file" / "x") is not None
    with pytest.raises(AppError):
        read_bytes(tmp_path / "file" / "x")


def test_write_new_never_replaces_what_is_there(tmp_path: Path) -> None:
    first = write_new(tmp_path / "a.md", "1")
    second = write_new(tmp_path / "a.md", "2")
    third = write_new(tmp_path / "a.md", b"3")
    assert [p.name for p in (first, second, third)] == ["a.md", "a (2).md", "a (3).md"]
    assert [p.read_text() for p in (first, second, third)] == ["1", "2", "3"]
    assert mode_of(second) == 0o600
    assert len(list(tmp_path.iterdir())) == 3


def test_write_new_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AppError):
        write_new(tmp_path / "file" / "x.md", "x")


def test_copies_are_kept_once_and_never_lost(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text("one")
    assert keep_beside(path, ".bad").name == "s.toml.bad"
    assert keep_beside(path, ".bad").name == "s.toml.bad"
    path.write_text("two")
    assert keep_beside(path, ".bad").name == "s.toml.bad-2"
    assert (tmp_path / "s.toml.bad").read_text() == "one"


def test_a_lock_is_given_back(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path / "new"):
            assert (tmp_path / "new").is_dir()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Plain words", "Plain words.md"),
        ("../../etc/passwd", "etc passwd.md"),
        (".hidden", "hidden.md"),
        ("-rf ~", "rf ~.md"),
        ("a\x1b[31mb\nc", "a [31mb c.md"),
        ("CON", "chat CON.md"),
        ("", "chat.md"),
        ("?*:", "chat.md"),
        ("日本語", "日本語.md"),
    ],
)
def test_titles_become_safe_names(title: str, name: str) -> None:
    assert safe_file_name(title, ".md", fallback="chat") == name


@given(st.text(max_size=400))
def test_any_title_becomes_one_usable_name(title: str) -> None:
    name = safe_file_name(title, ".md")
    assert 4 <= len(name.encode()) <= 255
    assert "/" not in name
    assert "\0" not in name
    assert not name.startswith((".", "-"))
    assert name.isprintable() or not name.isascii()


@pytest.mark.parametrize(("mode", "left"), [(0o444, 0o400), (0o440, 0o400), (0o664, 0o600), (0o755, 0o600)])
def test_a_file_that_its_owner_made_read_only_stays_so(tmp_path: Path, mode: int, left: int) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    path.chmod(mode)
    problem = tighten(path)
    assert stat.S_IMODE(path.stat().st_mode) == left
    assert problem is not None
    assert f"it is {left:04o} now" in problem.detail
