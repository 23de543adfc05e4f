"""A file that was dragged onto the terminal is a path, however it is quoted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_router.ui.prompt.dropped import dropped_file

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.mark.parametrize("form", ["{}", "'{}'", '"{}"', "file://{}", "{}\n"])
def test_a_dragged_path_is_read_in_every_quoting(tmp_path: Path, form: str) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(PNG)
    assert dropped_file(form.format(picture)) == str(picture)


@pytest.mark.parametrize("text", ["", "hello", "/etc/passwd", "/no/such.png", "a.png b.png", "x\ny.png", "'broken.png"])
def test_other_pastes_are_words(text: str) -> None:
    assert dropped_file(text) is None
