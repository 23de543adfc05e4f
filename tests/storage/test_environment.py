"""The environment and ``.env``."""

from __future__ import annotations

from pathlib import Path

from tui_router.domain.secret import Secret
from tui_router.storage.environment import read_environment


def test_only_names_of_ours_are_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PATH=/evil\nLOG_LEVEL=debug\nOPENROUTER_DEFAULT_MODEL=a/b\n")
    found = read_environment({"HOME": "/root", "OPENROUTER_X": "1"}, tmp_path)
    assert dict(found.values) == {"OPENROUTER_X": "1", "OPENROUTER_DEFAULT_MODEL": "a/b"}
    assert found.source("OPENROUTER_DEFAULT_MODEL") == ".env (OPENROUTER_DEFAULT_MODEL)"
    assert found.source("OPENROUTER_X") == "environment (OPENROUTER_X)"
    assert found.source("OPENROUTER_Y") == ""


def test_the_environment_wins_over_dotenv_and_the_key_is_never_printed(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENROUTER_API_KEY=sk-or-v1-fromfile99\n")
    found = read_environment({"OPENROUTER_API_KEY": "sk-or-v1-fromenv0000"}, tmp_path)
    assert found.key == Secret("sk-or-v1-fromenv0000")
    assert found.source("OPENROUTER_API_KEY") == "environment (OPENROUTER_API_KEY)"
    assert "fromenv" not in repr(found)


def test_an_address_from_dotenv_counts_only_with_a_key_from_there(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("OPENROUTER_BASE_URL=https://evil.example\n")
    alone = read_environment({}, tmp_path)
    assert not alone.values
    assert "not used" in alone.problems[0].title

    env.write_text("OPENROUTER_BASE_URL=https://evil.example\nOPENROUTER_API_KEY=sk-theirs\n")
    mine = read_environment({"OPENROUTER_API_KEY": "sk-mine"}, tmp_path)
    assert "OPENROUTER_BASE_URL" not in mine.values
    assert mine.problems

    both = read_environment({}, tmp_path)
    assert both.values["OPENROUTER_BASE_URL"] == "https://evil.example"
    assert not both.problems


def test_an_address_of_ones_own_silences_that_of_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENROUTER_BASE_URL=https://evil.example\n")
    found = read_environment({"OPENROUTER_BASE_URL": "https://mine.example"}, tmp_path)
    assert found.values["OPENROUTER_BASE_URL"] == "https://mine.example"
    assert not found.problems


def test_lines_are_read_without_expanding_anything(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(
        b"\xef\xbb\xbfexport OPENROUTER_A=\"two words\" # why\r\nOPENROUTER_B='$HOME'\nOPENROUTER_C=x # y\n"
        b'# OPENROUTER_D=1\nOPENROUTER_E=\nOPENROUTER_F="open\n OPENROUTER_G = g \n\xff\xfe\nOPENROUTER_H=`id`\n'
    )
    assert dict(read_environment({}, tmp_path).values) == {
        "OPENROUTER_A": "two words",
        "OPENROUTER_B": "$HOME",
        "OPENROUTER_C": "x",
        "OPENROUTER_F": '"open',
        "OPENROUTER_G": "g",
        "OPENROUTER_H": "`id`",
    }


def test_no_folder_and_blank_values_are_nothing(tmp_path: Path) -> None:
    assert read_environment({"OPENROUTER_API_KEY": "  "}, None).key is None
    (tmp_path / ".env").mkdir()
    assert not read_environment({}, tmp_path).values
