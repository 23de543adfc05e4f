"""TOML files are edited in place: only the edited lines change."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest

from tui_router.storage.toml import TomlEdit, dump_toml, edit_toml, parse_toml

FILE = """\
# My settings, do not touch

[look]   # how it looks
  theme   =  "paper"   # bright

# about the width
width=100

'single' = '#1'  # literal

# my keys
[keys]
"chat.new" = [ "f5",   # old habit
  "f6" ]

[[profiles]]  # later
name = "work" # one

[[profiles]]
name = "home"
"""


def edited(text: str, *edits: tuple[str, str, object]) -> str:
    """Return the text after the edits."""
    data = edit_toml(text.encode(), [TomlEdit(*edit) for edit in edits])
    assert data is not None
    return data.decode()


def test_an_edit_changes_one_line() -> None:
    assert edited(FILE, ("look", "width", 80)) == FILE.replace("width=100", "width=80")
    assert edited(FILE, ("look", "theme", "night")) == FILE.replace('"paper"', '"night"')


def test_the_same_value_changes_nothing() -> None:
    assert edited(FILE, ("look", "theme", "paper"), ("keys", "chat.new", ["f5", "f6"])) == FILE
    price = "[money]\nwarn_above = 0.10  # dollars\n"
    assert edited(price, ("money", "warn_above", Decimal("0.1"))) == price


def test_a_new_value_goes_to_the_end_of_its_group_and_a_new_group_to_the_end() -> None:
    text = edited(FILE, ("keys", "chat.stop", "ctrl+x"), ("money", "daily_budget", Decimal("1.50")))
    lines = text.splitlines()
    assert lines[lines.index("[[profiles]]  # later") - 2] == '"chat.stop" = "ctrl+x"'
    assert text.endswith('[[profiles]]\nname = "home"\n\n[money]\ndaily_budget = 1.50\n')
    assert all(line in lines for line in FILE.splitlines())


def test_a_removed_value_leaves_its_comments() -> None:
    text = edited(FILE, ("look", "theme", None), ("look", "width", None), ("look", "single", None))
    assert "[look]   # how it looks" in text
    assert "# bright\n" in text
    assert "# about the width\n" in text
    assert "# literal\n" in text
    assert tomllib.loads(text) == {k: v if k != "look" else {} for k, v in tomllib.loads(FILE).items()}


def test_a_group_without_values_and_comments_is_removed() -> None:
    assert edited("[a]\nx = 1\n\n[look]\nwidth = 3\n", ("look", "width", None)).strip() == "[a]\nx = 1"


def test_number_signs_in_texts_are_no_comments() -> None:
    text = dump_toml({"a": {"x": "x # y", "y": "it's", "c": 'say "#1"', "d": "two\n# lines"}}, "# head")
    assert tomllib.loads(edited(text, ("a", "n", 1)))["a"] == {
        "x": "x # y",
        "y": "it's",
        "c": 'say "#1"',
        "d": "two\n# lines",
        "n": 1,
    }
    text = 'e = \'\'\'\n# in\n\'\'\' # out\n[b]\nb = """# \\" """\n'
    assert edited(text, ("b", "n", 1)) == text + "n = 1\n"


@pytest.mark.parametrize(
    "text",
    [
        'look.theme = "paper"  # dotted\nlook.width = 90\n',
        'look = { theme = "paper", width = 90 }  # inline\n',
        '["look"]\n"theme" = "paper"\n\n\n\n\twidth = 9_0 # odd\n',
        '[look]\ntheme = "paper"\nwidth = 90',
        "[a]\n[look]\nwidth = 90\n[a.b]\nc = 1 # deep\n[look.sub]\nx = 2\n",
        "\ufeff[look]\r\n# windows\r\nwidth = 90 # mine\r\n",
    ],
)
def test_any_layout_is_kept(text: str) -> None:
    before, _ = parse_toml(text.encode(), "")
    after = edited(text, ("look", "width", 80), ("look", "motion", False), ("chat", "system", "é\n#"))
    found, broken = parse_toml(after.encode(), "")
    assert broken is None
    assert found == before | {"look": before["look"] | {"width": 80, "motion": False}, "chat": {"system": "é\n#"}}
    for comment in ("# dotted", "# inline", "# odd", "# deep", "# windows\r\n", "# mine\r\n"):
        assert (comment in after) == (comment in text)


def test_a_value_in_place_of_a_group_is_replaced() -> None:
    assert edited("look = 3\n", ("look", "width", 80)).strip() == "[look]\nwidth = 80"
    assert edited("look = 3 # old\nx = 1\n", ("look", "width", None)) == "x = 1\n"


def test_a_number_that_is_none_does_not_lose_the_layout() -> None:
    text = "[look]\nratio = nan # odd\n"
    assert edited(text, ("look", "width", 80)) == text + "width = 80\n"
