"""The file that a batch answers into."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from tui_router.domain.problem import AppError
from tui_router.services.answer_file import AnswerFile

KEY = "0123456789abcdef01234567"
OURS = f'{{"key": "{KEY}", "line": 1}}'


def keys(path: Path) -> frozenset[str]:
    with AnswerFile(path) as file:
        return file.keys()


@pytest.mark.parametrize(
    "text",
    [
        "my only notes",
        "{",
        '{"key": "0123',
        '{"key": "my own key',
        OURS + "\nmy own words",
        OURS + '\n{"key": "my own key',
        OURS + '\n{"other": 1}',
        'words\n{"key": "',
        '{"key": "a"}\n{"ke',
        '{"a": 1}',
        "[3",
    ],
)
def test_what_is_not_ours_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "out"
    path.write_text(text)
    with pytest.raises(AppError) as caught:
        keys(path)
    assert path.read_text() == text
    assert "not an answer of an earlier batch" in caught.value.problem.detail


@pytest.mark.parametrize("tail", ["{", '{"key": "', '{"key": "0123', OURS[:-1]])
def test_a_torn_answer_after_a_whole_one_is_taken_away(tmp_path: Path, tail: str) -> None:
    path = tmp_path / "out"
    path.write_text(f"{OURS}\n{tail}")
    assert keys(path) == {KEY}
    assert path.read_text() == f"{OURS}\n"


def test_a_torn_answer_alone_is_taken_away_if_its_key_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text(OURS[:-1])
    assert keys(path) == frozenset()
    assert path.read_text() == ""


def test_a_whole_answer_without_its_newline_stays(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text(OURS)
    with AnswerFile(path) as file:
        assert file.keys() == {KEY}
        file.add({"key": "b"})
        file.add({"key": "c"})
    assert path.read_text() == f'{OURS}\n{{"key": "b"}}\n{{"key": "c"}}\n'


def test_one_batch_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with AnswerFile(path), pytest.raises(AppError, match="Another batch"), AnswerFile(path):
        pass
    assert keys(path) == frozenset()


def test_an_answer_that_does_not_fit_leaves_no_part_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text(OURS)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with AnswerFile(path) as file:
        file.keys()
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(OURS) + 10, hard))
        try:
            with pytest.raises(AppError):
                file.add({"key": "b", "text": "long" * 40})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert path.read_text() == OURS
        file.add({"key": "c"})
    assert path.read_text() == f'{OURS}\n{{"key": "c"}}\n'
