"""What the documentation says is what the program does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.doc_tables import PAGES, key_name, rewritten, tables
from tests.source import ROOT

_TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
_README = _TEXTS[ROOT / "README.md"]
_all_pages = pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)


@_all_pages
def test_the_tables_are_those_that_the_code_generates(page: Path) -> None:
    assert rewritten(_TEXTS[page]) == _TEXTS[page], "run `python -m tests.doc_tables`"


@pytest.mark.parametrize("name", tables())
def test_every_table_is_in_the_documentation_once(name: str) -> None:
    assert sum(text.count(f"<!-- table: {name} -->\n") for text in _TEXTS.values()) == 1


def test_the_test_command_is_one_line_that_ci_runs_too() -> None:
    commands = re.findall(r"^python3 -m venv .* -m tests$", _README, re.MULTILINE)
    assert len(commands) == 1
    assert "-m tests" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_python_example_can_be_parsed() -> None:
    found = (re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL) for text in _TEXTS.values())
    examples = [example for examples in found for example in examples]
    assert len(examples) >= 3
    for example in examples:
        ast.parse(example)


@_all_pages
def test_every_file_that_is_linked_exists(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", _TEXTS[page])
    assert [t for t in targets if not (page.parent / t).exists()] == []


def test_every_module_that_contributors_are_sent_to_exists() -> None:
    named = re.findall(r"`((?:\w+/)+\w+\.py)`", _TEXTS[ROOT / "CONTRIBUTING.md"])
    assert len(named) > 8
    assert [n for n in named if not (ROOT / n).exists() and not (ROOT / "tui_router" / n).exists()] == []


def test_every_page_is_linked_from_the_index() -> None:
    index = _TEXTS[ROOT / "docs" / "README.md"]
    pages = {p.name for p in PAGES if p.parent.name == "docs"} - {"README.md"}
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", index)) == pages


@pytest.mark.parametrize(
    ("key", "name"),
    [("ctrl+p", "Ctrl+P"), ("shift+f2", "Shift+F2"), ("f1", "F1"), ("g", "g"), ("R", "R"), ("question_mark", "?")],
)
def test_keys_are_written_as_people_read_them(key: str, name: str) -> None:
    assert key_name(key) == name
