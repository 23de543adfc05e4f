"""A title for a conversation, made by a cheap model when a person asks for one."""

from __future__ import annotations

from tui_router.domain.charge import Purpose
from tui_router.domain.message import Message, Role, new_id
from tui_router.domain.model import ModelRef
from tui_router.domain.problem import Kind, Problem, Trouble
from tui_router.services.conversation import ConversationBase
from tui_router.services.library import title_request
from tui_router.services.submission import Plan
from tui_router.services.turn import Turn


def title_plan(chat: ConversationBase, model: ModelRef) -> Plan:
    """Plan a request for a title. Its answer belongs to no tree; raises ``Trouble`` when there are no words yet."""
    request = title_request(chat.thread, model.id, chat.now(), chat.model_row(model.id))
    if request is None:
        raise Trouble(Problem(kind=Kind.USAGE, title="There is nothing to name yet"))

    def begin() -> list[Turn]:
        answer = Message(
            id=new_id(), parent_id=None, role=Role.ASSISTANT, parts=(), created=chat.now(), model=model, ending=None
        )
        return [chat.turn_of(answer, request, purpose=Purpose.TITLE)]

    return chat.plan([request], begin)
