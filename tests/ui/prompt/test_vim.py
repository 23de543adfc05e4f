"""Vim keys: each row is what a Vim user's fingers expect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_router.ui.prompt.vim import Mode, PromptAction, Step, Vim


def play(keys: str, text: str, cursor: int = 0) -> tuple[str, int, Vim, Step]:
    """Press ``keys`` one by one in normal mode and do what the machine says."""
    vim = Vim()
    step = vim.escape(text, cursor)
    cursor = step.cursor
    for key in keys:
        if vim.mode is Mode.INSERT:
            text, cursor = text[:cursor] + key + text[cursor:], cursor + 1
            continue
        step = vim.press(key, text, cursor)
        if step.insert is not None:
            text = text[: step.start] + step.insert + text[step.end :]
        cursor = step.cursor
    return text, cursor, vim, step


@pytest.mark.parametrize(
    ("keys", "before", "after"),
    [
        ("x", "abc", "bc"),
        ("2x", "abc", "c"),
        ("dw", "one two", "two"),
        ("d2w", "one two three", "three"),
        ("2dw", "one two three", "three"),
        ("dw", "one\ntwo", "\ntwo"),
        ("de", "one two", " two"),
        ("d$", "one two", ""),
        ("wD", "one two", "one "),
        ("dd", "one\ntwo", "two"),
        ("jdd", "one\ntwo", "one"),
        ("2dd", "a\nb\nc", "c"),
        ("dj", "a\nb\nc", "c"),
        ("dG", "a\nb\nc", ""),
        ("Gdgg", "a\nb\nc", ""),
        ("dfc", "abcd", "d"),
        ("dtc", "abcd", "cd"),
        ("$dF ", "one two", "oneo"),
        ("cwxy", "one two", "xy two"),
        ("ciwxy", "one two", "xy two"),
        ("wdaw", "one two", "one"),
        ('wci"x', 'say "hello you" now', 'say "x" now'),
        ("fbdi(", "f(a, b) c", "f() c"),
        ("fbda(", "f(a, b) c", "f c"),
        ("Sx", "one\ntwo", "x\ntwo"),
        ("wCx", "one two", "one x"),
        ("ox", "a\nb", "a\nx\nb"),
        ("Ox", "a", "x\na"),
        ("Ax", "ab", "abx"),
        ("wIx", "  ab cd", "  xab cd"),
        ("ylp", "ab", "aab"),
        ("yyp", "a\nb", "a\na\nb"),
        ("yyP", "a\nb", "a\na\nb"),
        ("ddp", "a\nb\nc", "b\na\nc"),
        ("yw3P", "a b", "a a a a b"),
        ("rz", "abc", "zbc"),
        ("3rz", "abc", "zzz"),
        ("~~", "abc", "ABc"),
        ("J", "a\n  b", "a b"),
        ("x.", "abcd", "cd"),
        ("dw.", "a b c d", "c d"),
        ("vex", "one two", " two"),
        ("vjd", "ab\ncd", "d"),
        ("Vd", "a\nb", "b"),
        ("viwd", "one two", " two"),
        ("v~", "abc", "Abc"),
        ("vey$p", "ab c", "ab cab"),
        ("fb;x", "abab", "aba"),
        ("fb;,x", "abab", "aab"),
        ("wbx", "one two", "ne two"),
        ("d", "abc", "abc"),
        ("dq", "abc", "abc"),
    ],
)
def test_keys_edit_as_in_vim(keys: str, before: str, after: str) -> None:
    assert play(keys, before)[0] == after


@pytest.mark.parametrize(
    ("keys", "text", "cursor"),
    [
        ("$", "abc", 2),
        ("w", "foo.bar", 3),
        ("W", "foo.bar baz", 8),
        ("e", "foo bar", 2),
        ("wb", "foo bar", 0),
        ("j", "abc\nd", 4),
        ("G", "a\nb\n  c", 6),
        ("Ggg", "a\nb", 0),
        ("$^", "  ab", 2),
        ("5l", "abc", 2),
        ("h", "abc", 0),
    ],
)
def test_motions_lead_where_vim_leads(keys: str, text: str, cursor: int) -> None:
    assert play(keys, text)[1] == cursor


def test_up_at_the_first_line_asks_for_older_history() -> None:
    assert play("k", "abc")[3].action is PromptAction.OLDER
    assert play("j", "abc")[3].action is PromptAction.NEWER


def test_undo_and_redo_are_the_owners() -> None:
    assert play("u", "abc")[3].action is PromptAction.UNDO
    assert Vim().press("ctrl+r", "abc", 0).action is PromptAction.REDO


def test_typing_types_until_escape() -> None:
    vim = Vim()
    modes = [vim.mode]
    assert vim.escape("ab", 2) == Step(cursor=1)
    assert [*modes, vim.mode] == [Mode.INSERT, Mode.NORMAL]


def test_escape_drops_a_half_typed_command() -> None:
    vim = Vim()
    vim.escape("abc", 0)
    vim.press("d", "abc", 0)
    assert vim.pending == "d"
    vim.escape("abc", 0)
    assert vim.pending == ""


def test_a_visual_selection_has_both_ends() -> None:
    step = play("vl", "abc")[3]
    assert (step.anchor, step.cursor) == (0, 1)


@given(
    st.text(alphabet="dcyvVwbeEhjklxpPrJ~fFtT;,.ia\"'()0$^gGuoO123 ", max_size=14), st.text("ab (\n\"'x.)", max_size=24)
)
def test_no_keys_break_the_text_or_leave_it(keys: str, text: str) -> None:
    after, cursor, _, step = play(keys, text)
    assert 0 <= cursor <= len(after)
    assert step.insert is None or 0 <= step.start <= step.end
