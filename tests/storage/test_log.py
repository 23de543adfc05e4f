"""The log."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tui_router.storage.log import PrivateRotatingFile, close_log, open_log
from tui_router.storage.paths import AppPaths


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Leave no handler behind."""
    yield
    close_log()


def test_keys_are_masked_in_lines_and_tracebacks_and_nothing_drives_a_terminal(paths: AppPaths) -> None:
    assert open_log(paths, "info") is None
    logger = logging.getLogger("tui_router.test")
    logger.info("key %s", "sk-or-v1-0123456789abcdef\x1b[31m")
    logger.debug("not this")
    try:
        raise ValueError("Authorization: Bearer sk-or-v1-0123456789abcdef")
    except ValueError:
        logger.exception("failed")
    text = paths.log_file.read_text()
    assert "0123456789" not in text
    assert "\x1b" not in text
    assert "ValueError" in text
    assert "not this" not in text
    assert paths.log_file.stat().st_mode & 0o777 == 0o600


def test_a_log_that_cannot_be_opened_is_a_problem_not_a_crash(paths: AppPaths) -> None:
    paths.log.write_text("")
    assert open_log(paths, "info") is not None
    logging.getLogger("tui_router.test").error("goes nowhere")
    paths.log.unlink()
    paths.log_file.mkdir(parents=True)
    assert open_log(paths, "info") is not None


def test_it_rotates_and_stays_private(paths: AppPaths) -> None:
    paths.log.mkdir()
    handler = PrivateRotatingFile(paths.log_file, maxBytes=50, backupCount=1)
    try:
        for number in range(4):
            handler.handle(logging.LogRecord("x", logging.INFO, "", 0, f"{number} " + "x" * 40, (), None))
    finally:
        handler.close()
    files = sorted(paths.log.iterdir())
    assert [p.name for p in files] == ["tui-router.log", "tui-router.log.1"]
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in files)


def test_a_line_that_cannot_be_written_is_lost_quietly(paths: AppPaths, capsys: pytest.CaptureFixture[str]) -> None:
    paths.log.mkdir()
    handler = PrivateRotatingFile(paths.log_file)
    handler.handle(logging.LogRecord("x", logging.INFO, "", 0, "%d", ("not a number",), None))
    handler.close()
    assert capsys.readouterr().err == ""
