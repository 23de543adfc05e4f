"""Which word a menu belongs to, and what stays marked."""

from __future__ import annotations

import pytest

from tui_router.ui.prompt.completion import CompletionState, ItemIndex, MenuItem, MenuKind, Token, find_token

COMMAND, FILE = MenuKind.COMMAND, MenuKind.FILE


@pytest.mark.parametrize(
    ("text", "cursor", "token"),
    [
        ("/mo", 3, Token(COMMAND, 0, 3, "mo")),
        ("/mo", 1, Token(COMMAND, 0, 3, "")),
        ("/mo", 0, None),
        ("/model x", 8, None),
        ("//mo", 4, None),
        ("/etc/hosts", 10, None),
        ("a /mo", 5, None),
        ("see @src", 8, Token(FILE, 4, 8, "src")),
        ("@", 1, Token(FILE, 0, 1, "")),
        ("a@b.c", 5, None),
        ("see @a b", 8, None),
        ("x\n@a", 4, Token(FILE, 2, 4, "a")),
        ("/attach @a", 10, Token(FILE, 8, 10, "a")),
    ],
)
def test_the_word_at_the_cursor_decides(text: str, cursor: int, token: Token | None) -> None:
    assert find_token(text, cursor) == token


def test_an_alias_and_the_help_are_found_too() -> None:
    index = ItemIndex([MenuItem(value="new", aliases=("clear",), help="A fresh start"), MenuItem(value="quit")])
    assert [item.value for item in index.search("cle")] == ["new"]
    assert [item.value for item in index.search("fresh")] == ["new"]


def test_the_mark_goes_round_and_begins_anew_with_other_items() -> None:
    state = CompletionState()
    items = (MenuItem(value="a"), MenuItem(value="b"))
    state.show(Token(FILE, 0, 1, ""), items)
    state.move(-1)
    assert state.marked == items[1]
    state.show(Token(FILE, 0, 2, "a"), items[:1])
    assert state.marked == items[0]


def test_a_dismissed_menu_stays_away_until_another_word() -> None:
    state = CompletionState()
    items = (MenuItem(value="model"),)
    state.show(Token(COMMAND, 0, 2, "m"), items)
    state.dismiss()
    state.show(Token(COMMAND, 0, 3, "mo"), items)
    assert not state.is_open
    state.show(None, ())
    state.show(Token(COMMAND, 0, 2, "m"), items)
    assert state.is_open


def test_the_rest_of_the_marked_word_is_shown_behind_the_cursor() -> None:
    state = CompletionState()
    state.show(Token(COMMAND, 0, 3, "mo"), (MenuItem(value="model"),))
    assert state.ghost() == "del"
    state.show(Token(COMMAND, 0, 3, "od"), (MenuItem(value="model"),))
    assert state.ghost() == ""
