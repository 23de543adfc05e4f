"""Files become parts, or a reason why not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui_router.domain.message import File, Image
from tui_router.domain.problem import AppError, ErrorKind
from tui_router.services.attachments import SIZE_LIMIT, decode_text, media_type, read_attachments

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


def refused(path: str, folder: Path) -> AppError:
    with pytest.raises(AppError) as caught:
        read_attachments(path, str(folder))
    assert caught.value.problem.kind is ErrorKind.FILE
    return caught.value


def test_a_text_file_is_sent_as_text_and_made_safe(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"\xef\xbb\xbfprint(1)\r\n\x1b[31m")
    (found,) = read_attachments("a.py", str(tmp_path))
    assert found == ("a.py, 2 lines", File("a.py", text="print(1)\n␛[31m"))


def test_a_picture_is_known_by_its_bytes_not_its_name(tmp_path: Path) -> None:
    (tmp_path / "photo.txt").write_bytes(PNG)
    ((_, part),) = read_attachments("photo.txt", str(tmp_path))
    assert isinstance(part, Image)
    assert (part.media_type, part.size) == ("image/png", len(PNG))


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
        (b"RIFF\x00\x00\x00\x00WAVE", ""),
        (b"", ""),
    ],
)
def test_kinds_are_told_by_signature(head: bytes, kind: str) -> None:
    assert media_type(head) == kind


def test_a_pdf_is_sent_as_data(tmp_path: Path) -> None:
    (tmp_path / "p.pdf").write_bytes(b"%PDF-1.4 x")
    ((_, part),) = read_attachments("p.pdf", str(tmp_path))
    assert isinstance(part, File)
    assert part.media_type == "application/pdf"
    assert part.data


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\x7fELF\x00\x01")
    assert "binary" in refused("x.bin", tmp_path).problem.detail


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(SIZE_LIMIT + 1)
    assert refused("huge.txt", tmp_path).problem.title == "Too big to attach"


def test_a_missing_file_is_answered_with_the_nearest_names(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("x")
    trouble = refused("READM.md", tmp_path)
    assert trouble.problem.title == "No such file"
    assert "README.md" in trouble.problem.hint


def test_a_name_with_a_null_or_an_escape_is_only_missing(tmp_path: Path) -> None:
    assert "\x1b" not in refused("a\x1b[31m", tmp_path).problem.detail
    refused("a\x00b", tmp_path)


def test_a_pipe_is_never_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refused("pipe", tmp_path).problem.title == "Not a file"


def test_a_folder_gives_its_text_files(tmp_path: Path) -> None:
    (tmp_path / "src" / "deep").mkdir(parents=True)
    (tmp_path / "src" / "a.py").write_text("a")
    (tmp_path / "src" / "deep" / "b.py").write_text("b")
    (tmp_path / "src" / "c.png").write_bytes(PNG)
    (tmp_path / "src" / ".hidden").write_text("h")
    found = read_attachments("src/", str(tmp_path))
    assert [part.name for _, part in found] == ["src/a.py", "src/deep/b.py"]


def test_a_folder_without_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert refused("empty", tmp_path).problem.title == "Nothing to attach"


def test_old_encodings_are_read_and_binary_is_not() -> None:
    assert decode_text("é".encode("latin-1")) == "é"
    assert decode_text("hi".encode("utf-16")) == "hi"
    assert decode_text(b"a\x00b") is None
    assert decode_text(bytes(range(1, 32)) * 4 + b"\xff") is None
