"""ChatGPT import: tree, hidden messages, thoughts, malformed data."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_router.domain.message import Role
from tui_router.domain.problem import AppError
from tui_router.formats.registry import import_text


def _node(
    parent: str | None, role: str = "", text: str = "", *, at: float | None = 1.7e9, **more: Any
) -> dict[str, Any]:
    content = more.pop("content", {"content_type": "text", "parts": [text]})
    message = {"author": {"role": role}, "create_time": at, "content": content, "metadata": more} if role else None
    return {"parent": parent, "children": [], "message": message}


def _export(nodes: dict[str, Any], **about: Any) -> str:
    return json.dumps([{"title": "A \x1b[31mred title", "create_time": 1.7e9, "mapping": nodes, "id": "x", **about}])


_TREE = {
    "root": _node(None),
    "sys": _node("root", "system", "hidden"),
    "q": _node("sys", "user", "Why?"),
    "think": _node("q", "assistant", content={"content_type": "thoughts", "thoughts": [{"content": "Hm."}]}),
    "a": _node("think", "assistant", "Because.", at=1.7e9 + 1, model_slug="gpt-5"),
    "b": _node("q", "assistant", "No reason.", at=1.7e9 + 2, model_slug="gpt-4o"),
    "q2": _node("a", "user", "Go on", at=None),
}


def test_the_tree_is_imported_without_empty_nodes() -> None:
    (document,) = import_text(_export(_TREE, current_node="q2")).documents
    assert document.conversation.title == "A ␛[31mred title"
    assert [m.text for m in document.thread] == ["Why?", "Because.", "Go on"]
    answer = document.thread[1]
    assert (answer.role, str(answer.model), answer.reasoning) == (Role.ASSISTANT, "openai/gpt-5", "Hm.")
    assert [m.text for m in document.messages if m.parent_id == document.thread[0].id] == ["Because.", "No reason."]
    assert document.thread[0].parent_id is None


def test_importing_a_file_twice_gives_the_same_ids() -> None:
    assert import_text(_export(_TREE)).documents == import_text(_export(_TREE)).documents


def test_pictures_become_placeholders_and_code_is_fenced() -> None:
    picture = {"content_type": "multimodal_text", "parts": [{"asset_pointer": "file://1"}, "What is it?"]}
    code = {"content_type": "code", "language": "python", "text": "print(1)"}
    nodes = {"q": _node(None, "user", content=picture), "a": _node("q", "assistant", content=code)}
    found = import_text(_export(nodes))
    assert [m.text for m in found.documents[0].thread] == [
        "*[picture, not in the export]*\n\nWhat is it?",
        "```python\nprint(1)\n```",
    ]
    assert found.notes == ("Pictures missing from the export and replaced by a placeholder: 1.",)


def test_empty_conversations_are_skipped_with_a_note() -> None:
    both = json.loads(_export(_TREE)) + json.loads(_export({"root": _node(None)}))
    found = import_text(json.dumps(both))
    assert len(found.documents) == 1
    assert found.notes == ("Empty conversations skipped: 1.",)


def test_dangling_and_circular_links_are_tolerated() -> None:
    nodes = {
        "a": _node("gone", "user", "one"),
        "b": _node("c", "user", "lost"),
        "c": _node("b", "user", "lost"),
        "d": _node("d", "user", "two"),
    }
    (document,) = import_text(_export(nodes, current_node="nowhere")).documents
    assert sorted(m.text for m in document.messages) == ["one", "two"]


def test_a_conversation_without_a_mapping_is_located() -> None:
    broken = [*json.loads(_export(_TREE)), {"title": "no tree"}]
    with pytest.raises(AppError) as caught:
        import_text(json.dumps(broken))
    assert "[1].mapping" in caught.value.problem.detail


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["message", "parent", "content", "parts", "author", "role", "metadata", "create_time"]), inner
    ),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(st.text(max_size=3), _JSON, max_size=5))
def test_nodes_of_any_shape_are_read_or_skipped(nodes: dict[str, Any]) -> None:
    import_text(_export(nodes))
