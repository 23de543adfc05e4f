"""What the README says is what the program does."""

from __future__ import annotations

import ast
import re

import pytest

from tests.readme_tables import README, key_name, rewritten, tables
from tests.source import ROOT

_TEXT = README.read_text(encoding="utf-8")


def test_the_tables_are_those_that_the_code_makes() -> None:
    assert rewritten(_TEXT) == _TEXT, "run `python -m tests.readme_tables`"


@pytest.mark.parametrize("name", tables())
def test_every_table_is_in_the_readme_once(name: str) -> None:
    assert _TEXT.count(f"<!-- table: {name} -->\n") == 1


def test_the_test_command_is_one_line_that_ci_runs_too() -> None:
    commands = re.findall(r"^python3 -m venv .* -m tests$", _TEXT, re.MULTILINE)
    assert len(commands) == 1
    assert "-m tests" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_python_example_can_be_parsed() -> None:
    examples = re.findall(r"^```python\n(.*?)^```", _TEXT, re.MULTILINE | re.DOTALL)
    assert len(examples) >= 3
    for example in examples:
        ast.parse(example)


def test_every_file_that_is_linked_exists() -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)]+)\)", _TEXT)
    pictures = {t for t in targets if t.startswith("screenshots/")}
    assert [t for t in targets if t not in pictures and not (ROOT / t.partition("#")[0]).exists()] == []
    have = {p.name for p in (ROOT / "screenshots").glob("*.png")}
    assert not have or {p.removeprefix("screenshots/") for p in pictures} <= have


@pytest.mark.parametrize(
    ("key", "name"),
    [("ctrl+p", "Ctrl+P"), ("shift+f2", "Shift+F2"), ("f1", "F1"), ("g", "g"), ("R", "R"), ("question_mark", "?")],
)
def test_keys_are_written_as_people_read_them(key: str, name: str) -> None:
    assert key_name(key) == name
