"""Sentences with and without a counterpart."""

from __future__ import annotations

from tui_router.domain.agreement import LABEL, overlap_map, summary


def cut(answers: list[str]) -> list[list[str]]:
    found = overlap_map(answers)
    return [[text[s.start : s.end] for s in sentences] for text, sentences in zip(answers, found, strict=True)]


def test_a_sentence_with_the_same_words_has_a_counterpart() -> None:
    found = overlap_map(["Paris is the capital of France. It rains.", "The capital of France is Paris!", "Bananas."])
    assert found[0][0].shared_with == (1,)
    assert found[0][0].overlap == 1.0
    assert found[0][1].is_alone
    assert found[1][0].shared_with == (0,)
    assert found[2][0].is_alone


def test_lists_headings_and_lines_are_cut_into_sentences() -> None:
    assert cut(["# Title here\n- first point. second point\n2) third one"]) == [
        ["Title here", "first point.", "second point", "third one"]
    ]


def test_code_blocks_hold_no_sentences() -> None:
    assert cut(["Before.\n```python\nprint(1)\n~~~\n```\nAfter."]) == [["Before.", "After."]]


def test_abbreviated_numbers_do_not_end_a_sentence() -> None:
    assert cut(["Version 3.14 is out. Use it."]) == [["Version 3.14 is out.", "Use it."]]


def test_text_without_spaces_is_compared_by_pairs_of_characters() -> None:
    found = overlap_map(["東京は日本の首都です。", "日本の首都は東京です。"])
    assert found[0][0].shared_with == (1,)


def test_a_sentence_of_small_words_is_compared_by_them() -> None:
    found = overlap_map(["It is.", "It is not."])
    assert found[0][0].shared_with == (1,)


def test_marks_without_words_are_no_sentences() -> None:
    assert cut(["---\n* * *\nWord."]) == [["Word."]]


def test_one_answer_stands_alone() -> None:
    found = overlap_map(["Just me. And me."])
    assert all(s.is_alone for s in found[0])


def test_the_summary_says_what_was_compared() -> None:
    found = overlap_map(["Same words here. Other thing.", "Same words here."])
    assert summary(found) == f"1 of 3 sentences have no counterpart in another answer ({LABEL})"
