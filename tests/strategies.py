"""Hypothesis strategies for the values of ``domain``, used by several test folders."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import strategies as st

from tui_router.domain.conversation import Conversation
from tui_router.domain.message import (
    COMPLETE,
    Citation,
    Ending,
    EndingKind,
    File,
    Image,
    Message,
    Part,
    Reasoning,
    Role,
    RouteAttempt,
    Text,
    Timing,
    ToolCall,
    ToolResult,
)
from tui_router.domain.model import ModelRef
from tui_router.domain.options import ChatOptions
from tui_router.domain.problem import ErrorKind, Problem
from tui_router.domain.safe import clean
from tui_router.domain.usage import Usage

NASTY = "\x1b\x00\x07\r\x7f\x85\x9b\u202e\u2066\u200e\u200b\ufeff\U000e0041\udc00\ud800\u2028"
"""One of each kind of character that must not reach a terminal."""

any_text = st.text(max_size=40) | st.text(alphabet=st.sampled_from(NASTY + "ab \n\t[;m`#<&"), max_size=40)
"""Text as the world sends it."""
safe_text = any_text.map(clean)
"""Text as it is inside the program."""
moments = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC))
seconds = st.none() | st.floats(min_value=0, max_value=1e6)
amounts = st.none() | st.decimals(min_value=0, max_value=1000, places=8).map(Decimal)
counts = st.integers(min_value=0, max_value=10**7)
refs = st.builds(ModelRef, safe_text, safe_text)
problems = st.builds(
    Problem,
    kind=st.sampled_from(ErrorKind),
    title=safe_text,
    detail=safe_text,
    retry_after=seconds,
    suggestions=st.lists(safe_text, max_size=2).map(tuple),
    status=st.none() | st.integers(min_value=100, max_value=599),
)
parts: st.SearchStrategy[Part] = st.one_of(
    st.builds(Text, safe_text),
    st.builds(Reasoning, safe_text, st.lists(safe_text, max_size=2).map(tuple), seconds),
    st.builds(Image, st.just("image/png"), st.just("iVBORw0KGgo="), safe_text, safe_text),
    st.builds(File, safe_text, st.just("text/plain"), safe_text),
    st.builds(ToolCall, safe_text, safe_text, safe_text),
    st.builds(ToolResult, safe_text, safe_text, st.booleans()),
    st.builds(Citation, safe_text, safe_text, safe_text, counts, counts),
)
attempts = st.lists(
    st.builds(
        RouteAttempt, model=safe_text, provider=safe_text, status=st.none() | counts, reason=safe_text, wait=seconds
    ),
    max_size=2,
).map(tuple)
usages = st.builds(Usage, prompt_tokens=counts, completion_tokens=counts, cost=amounts, is_estimate=st.booleans())
endings = st.none() | st.just(COMPLETE) | st.builds(Ending, st.sampled_from(EndingKind), st.none() | problems)
options = st.builds(
    ChatOptions,
    temperature=st.none() | st.floats(min_value=0, max_value=2),
    stop=st.lists(safe_text, max_size=2).map(tuple),
    reasoning_effort=st.none() | st.sampled_from(("low", "high")),
    max_prompt_price=amounts,
    web_search=st.none() | st.booleans(),
)


@st.composite
def message_lists(draw: st.DrawFn) -> tuple[Message, ...]:
    """Messages of one conversation: parents come before children; some are comparisons."""
    found: list[Message] = []
    for number in range(draw(st.integers(min_value=0, max_value=6))):
        found.append(
            Message(
                id=f"m{number}",
                parent_id=draw(st.sampled_from([None, *(m.id for m in found)])),
                role=draw(st.sampled_from(Role)),
                parts=tuple(draw(st.lists(parts, max_size=3))),
                created=draw(moments),
                model=draw(st.none() | refs),
                served_model=draw(safe_text),
                provider=draw(safe_text),
                attempts=draw(attempts),
                usage=draw(st.none() | usages),
                timing=draw(st.builds(Timing, first_token=seconds, total=seconds)),
                ending=draw(endings),
                batch=draw(st.sampled_from(("", "b1"))),
                lane=draw(st.integers(min_value=0, max_value=7)),
                sources=draw(st.sampled_from(((), ("m0",)))),
            )
        )
    return tuple(found)


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    """A conversation; its head may be anything, as after a crash."""
    return Conversation(
        id=draw(safe_text),
        title=draw(safe_text),
        head=draw(st.sampled_from((None, "m0", "m2", "gone"))),
        system=draw(safe_text),
        model=draw(st.none() | refs),
        options=draw(options),
        created=draw(moments),
        updated=draw(moments),
        tags=tuple(draw(st.lists(safe_text, max_size=2))),
        is_pinned=draw(st.booleans()),
        is_archived=draw(st.booleans()),
        is_temporary=draw(st.booleans()),
    )
