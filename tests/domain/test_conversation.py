"""The tree of a conversation, whole and damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.values import a_message, an_answer
from tui_router.domain.conversation import Tree, title_from
from tui_router.domain.message import Message


def _ids(messages: tuple[Message, ...]) -> list[str]:
    return [m.id for m in messages]


def _tree() -> Tree:
    return Tree(
        [
            a_message("q"),
            an_answer("a", "q", batch="b", lane=1),
            an_answer("b", "q", batch="b", lane=0),
            a_message("q2", "a"),
            an_answer("c", "q2"),
        ]
    )


def test_the_thread_leads_from_the_root_to_its_head() -> None:
    tree = _tree()
    assert _ids(tree.thread("c")) == ["q", "a", "q2", "c"]
    assert _ids(tree.thread("b")) == ["q", "b"]
    assert tree.thread(None) == tree.thread("gone") == ()


def test_siblings_children_and_leaves_are_found() -> None:
    tree = _tree()
    assert _ids(tree.siblings("b")) == ["a", "b"]
    assert _ids(tree.children(None)) == ["q"]
    assert _ids(tree.children("gone")) == []
    assert (tree.leaf("q"), tree.leaf("a"), tree.last_leaf()) == ("b", "c", "c")
    assert sorted(tree.descendants("a")) == ["a", "c", "q2"]
    assert _ids(tree.batch("b")) == ["b", "a"]
    assert tree.get("a") is not None
    assert tree.get(None) is None
    assert (len(tree), "q" in tree, "gone" in tree) == (5, True, False)


def test_an_empty_tree_has_no_leaf() -> None:
    assert Tree().last_leaf() is None


def test_the_newer_state_of_an_answer_takes_its_place() -> None:
    tree = _tree()
    tree.add(an_answer("a", "q", "more"))
    assert [m.text for m in tree.siblings("a")] == ["more", "b"]
    assert len(tree) == 5


def test_what_is_deleted_is_gone_and_can_come_back() -> None:
    tree = _tree()
    gone = [m for m in tree if m.id in set(tree.descendants("a"))]
    tree.discard(m.id for m in gone)
    assert _ids(tuple(tree)) == ["q", "b"]
    assert _ids(tree.siblings("b")) == ["b"]
    assert tree.thread("c") == ()
    for message in gone:
        tree.add(message)
    assert _ids(tree.thread("c")) == ["q", "a", "q2", "c"]


def test_a_child_whose_parent_is_missing_is_a_root_until_the_parent_comes() -> None:
    tree = Tree([an_answer("b", "a"), an_answer("c", "a")])
    assert _ids(tree.siblings("b")) == _ids(tree.children(None)) == ["b", "c"]
    assert _ids(tree.thread("b")) == ["b"]
    tree.add(a_message("a"))
    assert _ids(tree.children(None)) == ["a"]
    assert _ids(tree.thread("c")) == ["a", "c"]
    assert _ids(tree.siblings("b")) == ["b", "c"]


def test_deleting_a_parent_alone_leaves_its_children_as_roots() -> None:
    tree = _tree()
    tree.discard(["a"])
    assert _ids(tree.children(None)) == ["q", "q2"]
    assert _ids(tree.thread("c")) == ["q2", "c"]
    tree.add(an_answer("a", "q"))
    assert _ids(tree.thread("c")) == ["q", "a", "q2", "c"]


@given(st.lists(st.tuples(st.integers(0, 6), st.none() | st.integers(0, 7)), max_size=12), st.lists(st.integers(0, 6)))
def test_any_damage_leaves_every_message_reachable_once(
    links: list[tuple[int, int | None]], deleted: list[int]
) -> None:
    tree = Tree(a_message(str(i), None if parent is None else str(parent)) for i, parent in links)
    tree.discard(str(i) for i in deleted)
    roots = [m.id for m in tree.children(None)]
    reached = [i for root in roots for i in tree.descendants(root)]
    assert sorted(reached) == sorted(m.id for m in tree)
    for message in tree:
        assert tree.thread(message.id)[-1] is message
        assert message in tree.siblings(message.id)
        assert tree.leaf(message.id) in tree


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("", ""),
        ("\n \n", ""),
        ("## Why is `x` slow?\nmore", "Why is `x` slow?"),
        ("- > first\nsecond", "first"),
        ("***\nwords", "words"),
        ("one two three four", "one two…"),
        ("x" * 30, "x" * 9 + "…"),
        ("exactly 10", "exactly 10"),
        ("漢" * 11, "漢" * 9 + "…"),
    ],
)
def test_a_title_is_made_of_the_first_words(text: str, title: str) -> None:
    assert title_from(text, limit=10 if len(title) <= 10 else 60) == title


@given(st.text(), st.integers(min_value=2, max_value=80))
def test_a_title_is_one_line_and_short(text: str, limit: int) -> None:
    title = title_from(text, limit)
    assert len(title) <= limit + 1
    assert title == " ".join(title.split())
