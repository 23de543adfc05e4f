"""The registry of formats, and errors about unreadable files."""

from __future__ import annotations

import pytest

from tests.values import a_conversation, a_message
from tui_router.domain.problem import AppError, ErrorKind
from tui_router.domain.safe import clean
from tui_router.formats.document import build_document
from tui_router.formats.registry import EXPORTERS, IMPORTERS, find_exporter, import_text


def test_exporters_write_and_are_found_by_name_and_suffix() -> None:
    document = build_document(a_conversation(), (a_message("m"),))
    for known in EXPORTERS:
        assert find_exporter(known.name) is known
        assert find_exporter(known.suffix).suffix == known.suffix
        assert known.write(document).endswith("\n")
        assert known.help
    assert find_exporter("Markdown").name == "md"


def test_an_unknown_format_lists_the_known_ones() -> None:
    with pytest.raises(AppError) as caught:
        find_exporter("docx")
    assert caught.value.problem.kind is ErrorKind.USAGE
    assert "md, md-all, json, html" in caught.value.problem.hint


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("# Markdown", "line 1: not JSON"),
        ('{"a": 1}\n{"b', "not JSON"),
        ('{"a": 1}', "in no known format"),
        ("[]", "in no known format"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 10_000, "not JSON"),
        ('{"\x1b[31m', "line 1: not JSON"),
    ],
)
def test_unreadable_files_are_explained(text: str, complaint: str) -> None:
    with pytest.raises(AppError) as caught:
        import_text(text)
    problem = caught.value.problem
    assert problem.kind is ErrorKind.FILE
    assert complaint in problem.detail
    assert clean(problem.detail) == problem.detail


def test_names_of_formats_are_unique() -> None:
    for names in ([e.name for e in EXPORTERS], [i.name for i in IMPORTERS]):
        assert len(names) == len(set(names))
