"""The two tuples, and what is said of files that cannot be read."""

from __future__ import annotations

import pytest

from tests.values import a_conversation, a_message
from tui_router.domain.problem import Kind, Trouble
from tui_router.domain.safe import clean
from tui_router.formats.document import document_of
from tui_router.formats.registry import EXPORTERS, IMPORTERS, exporter, import_text


def test_every_exporter_writes_and_is_found_by_its_name_and_suffix() -> None:
    document = document_of(a_conversation(), (a_message("m"),))
    for known in EXPORTERS:
        assert exporter(known.name) is known
        assert exporter(known.suffix).suffix == known.suffix
        assert known.write(document).endswith("\n")
        assert known.help
    assert exporter("Markdown").name == "md"


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(Trouble) as caught:
        exporter("docx")
    assert caught.value.problem.kind is Kind.USAGE
    assert "md, md-all, json, html" in caught.value.problem.hint


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("# Markdown", "line 1: not JSON"),
        ('{"a": 1}\n{"b', "not JSON"),
        ('{"a": 1}', "of no format that is known here"),
        ("[]", "of no format that is known here"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 10_000, "not JSON"),
        ('{"\x1b[31m', "line 1: not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_was_wrong(text: str, complaint: str) -> None:
    with pytest.raises(Trouble) as caught:
        import_text(text)
    problem = caught.value.problem
    assert problem.kind is Kind.FILE
    assert complaint in problem.detail
    assert clean(problem.detail) == problem.detail


def test_names_of_formats_are_unique() -> None:
    for names in ([e.name for e in EXPORTERS], [i.name for i in IMPORTERS]):
        assert len(names) == len(set(names))
