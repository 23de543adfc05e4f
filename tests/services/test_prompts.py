"""Finding, filling in and keeping prompts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.values import NOON
from tui_router.domain.problem import AppError
from tui_router.domain.prompt_template import Template
from tui_router.services.prompts import PromptLibrary, open_prompts, persona_text
from tui_router.storage.paths import AppPaths


@pytest.fixture
def shelf(tmp_path: Path) -> PromptLibrary:
    shelf = open_prompts(AppPaths(config=tmp_path, cache=tmp_path, log=tmp_path), lambda: NOON)
    for name in ("Review", "review deeply", "Translate"):
        shelf.save(name, f"{name} {{{{input}}}} {{{{tone=kind}}}} {{{{date}}}}")
    return shelf


@pytest.mark.parametrize(
    ("typed", "found"), [("Review", "Review"), ("review", "Review"), ("review d", "review deeply"), ("TR", "Translate")]
)
def test_a_prompt_is_found_by_name_or_beginning(shelf: PromptLibrary, typed: str, found: str) -> None:
    assert shelf.find(typed).name == found


@pytest.mark.parametrize(
    ("typed", "words"), [("revi", "Several prompts begin"), ("Translat3", "Did you mean Translate")]
)
def test_what_is_not_clear_is_said(shelf: PromptLibrary, typed: str, words: str) -> None:
    with pytest.raises(AppError, match=words):
        shelf.find(typed)


def test_only_what_is_not_known_is_asked_for(shelf: PromptLibrary) -> None:
    template = shelf.find("Review")
    assert [v.name for v in shelf.to_ask(template, shelf.known_values("x = 1"))] == ["tone"]
    assert [v.name for v in shelf.to_ask(template, shelf.known_values(" "))] == ["input", "tone"]
    values = {**shelf.known_values("x = 1"), "tone": "dry"}
    assert template.filled(values) == f"Review x = 1 dry {NOON.astimezone():%Y-%m-%d}"


def test_one_that_cannot_be_read_does_not_hide_the_others(shelf: PromptLibrary, tmp_path: Path) -> None:
    (tmp_path / "prompts" / "folder.md").mkdir()
    assert [t.name for t in shelf.all()] == ["Review", "review deeply", "Translate"]


def test_an_empty_prompt_is_not_kept_and_a_taken_name_is_known(shelf: PromptLibrary) -> None:
    with pytest.raises(AppError, match="nothing to save"):
        shelf.save("empty", " \n")
    assert shelf.exists("Review")
    assert shelf.exists("Review.md")
    assert not shelf.exists("other")
    assert shelf.folder.endswith("prompts")


def test_a_persona_is_the_system_prompt_of_a_file_or_its_text() -> None:
    assert persona_text(Template(name="a", text="Be {{who}}"), {"who": "kind"}) == "Be kind"
    assert persona_text(Template(name="a", text="Question", system="Be kind"), {}) == "Be kind"
