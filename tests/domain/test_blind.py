"""No answer names its author before the vote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_router.domain.blind import COVER, CoveredStream, NameCover, shuffled

NAMES = ("anthropic/claude-sonnet-4.5", "Anthropic: Claude Sonnet 4.5", "mistralai/zephyrion-7b:free")


def test_the_order_is_fixed_by_the_batch_and_holds_every_lane() -> None:
    assert shuffled(8, "batch") == shuffled(8, "batch")
    assert sorted(shuffled(8, "batch")) == list(range(8))
    assert len({shuffled(4, str(seed)) for seed in range(50)}) > 5


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("I am Claude, made by Anthropic.", f"I am {COVER}, made by {COVER}."),
        ("I'm Gemini 2.5 Pro, here to help", f"I'm {COVER}, here to help"),
        ("As a GPT-4o model I cannot", f"As a {COVER} model I cannot"),
        ("My name is **Grok** and", f"My name is **{COVER}** and"),
        ("I was trained by Google and", f"I was trained by {COVER} and"),
        ("Powered by Zephyrion!", f"Powered by {COVER}!"),
        ("ask zephyrion 7b or Claude Sonnet 4.5.", f"ask {COVER} or {COVER}."),
        ("ChatGPT said so", f"{COVER} said so"),
        ("I am deepseek-v3.1", f"I am {COVER}"),
    ],
)
def test_a_name_is_covered(text: str, hidden: str) -> None:
    assert NameCover(NAMES).cover(text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "Shakespeare wrote a sonnet; a haiku is shorter.",
        "The Gemini constellation and the llama herd.",
        "I am a step further, as the command says.",
        "Press Command and use meta tags.",
        "Pi is about 3.14.",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert NameCover(NAMES).cover(text) == text


def test_names_that_the_question_holds_stay_but_for_naming_oneself() -> None:
    veil = NameCover(NAMES, question="Is ChatGPT better than DeepSeek?")
    assert veil.cover("ChatGPT is older. I am ChatGPT.") == f"ChatGPT is older. I am {COVER}."


PIECES = st.lists(
    st.sampled_from(
        ["I am ", "Claude", " Sonnet", " 4.5", ", made by ", "Anthropic", ". ", "Chat", "GPT", " and ", "words ", "\n"]
    ),
    max_size=120,
)


@given(PIECES)
def test_a_stream_in_pieces_never_shows_a_name_that_the_whole_hides(pieces: list[str]) -> None:
    stream = CoveredStream(NameCover(NAMES))
    shown = "".join(stream.feed(p) for p in pieces) + stream.flush()
    assert shown == NameCover(NAMES).cover("".join(pieces))


@pytest.mark.parametrize("size", [1, 3, 7, 50, 333])
def test_a_long_stream_is_covered_like_the_whole_however_it_is_cut(size: int) -> None:
    text = "Some plain words here. I am Claude Sonnet 4.5, made by Anthropic, and ChatGPT is not me.\n" * 40
    stream = CoveredStream(NameCover(NAMES))
    pieces = [stream.feed(text[at : at + size]) for at in range(0, len(text), size)]
    assert "".join(pieces) + stream.flush() == NameCover(NAMES).cover(text)
    assert len("".join(pieces)) > 1000


def test_a_long_stream_flows_before_its_end() -> None:
    stream = CoveredStream(NameCover(NAMES))
    assert stream.feed("plain words " * 40)
