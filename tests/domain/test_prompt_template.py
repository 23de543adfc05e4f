"""Prompts with variables: what is to be filled in, and what becomes of the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_router.domain.prompt_template import Template, Variable, fill, variables_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no variable", ()),
        ("{{name}}", (Variable("name"),)),
        ("{{ my name }} and {{my name=you}}", (Variable("my name", "you"),)),
        ("{{a}}{{b|x y}}{{a=1}}", (Variable("a", "1"), Variable("b", "x y"))),
        ("{{a=}} {{}} {{ }} {name} {{{}}} {{=x}}", (Variable("a"),)),
        ("{% raw %} {{#if x}} {{ünïcode 二}}", (Variable("#if x"), Variable("ünïcode 二"))),
    ],
)
def test_variables_are_named_once_with_what_is_usual(text: str, found: tuple[Variable, ...]) -> None:
    assert variables_of(text) == found


def test_values_are_filled_in_once_and_never_looked_through() -> None:
    text = "{{a}} {{ b = two }} {{c}} {{a=one}}"
    assert fill(text, {"a": "{{b}}", "c": ""}) == "{{b}} two  {{b}}"
    assert fill(text, {}) == "{{a}} two {{c}} one"


def test_the_system_prompt_is_filled_in_too() -> None:
    template = Template(name="t", text="Translate {{text}}", system="You speak {{language=French}}")
    assert [v.name for v in template.variables] == ["language", "text"]
    assert template.filled({"text": "hello"}) == "Translate hello"


@given(st.text(alphabet="{}=|a \n", max_size=60), st.text(alphabet="{}a", max_size=6))
def test_filling_in_never_fails(text: str, value: str) -> None:
    fill(text, {v.name: value for v in variables_of(text)})
