"""A comparison inside a conversation: lanes, each with its own thread in the shared message tree.

Answers requested together share a batch; a lane is a number in it. The first question is one
message with all answers below it; later ones stand below each lane's own answer. Who shows the lanes
runs the turns and settles them into the ``chat``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tui_router.domain.blind import shuffled
from tui_router.domain.charge import Purpose
from tui_router.domain.merge import MergeKind, MergePrompt, merge_prompt
from tui_router.domain.message import Message, Part, Role, new_id
from tui_router.domain.model import Model, ModelRef
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.request import ChatRequest
from tui_router.services.answer_cache import CacheScope
from tui_router.services.chat import Chat
from tui_router.services.conversation import Trimming, with_draft
from tui_router.services.submission import Plan
from tui_router.services.turn import Turn

LEAST, MOST = 2, 8
"""Minimum and maximum number of lanes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One lane: its model, and the end of its thread."""

    number: int
    """Index within its batch, from 0; never changes."""
    model: ModelRef
    head: str | None = None
    """The last message of its thread; the next question is added below it."""
    answer: str = ""
    """Id of its answer in the current batch; empty before the first, or if it was skipped in this round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRequest:
    """The result for one lane of a question to all lanes."""

    lane: Lane
    turn: Turn | None = None
    problem: Problem | None = None
    """Why the question was not sent to this lane."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRound:
    """A planned question to all lanes. Once the plan has begun, ``asked`` holds the turns."""

    plan: Plan
    asked: list[LaneRequest]
    """One entry per lane, in order; before the plan has begun it holds problems only."""


def check_line_up(typed: Sequence[str], resolve: Callable[[str], Model]) -> tuple[str, ...]:
    """Resolve the model names of a line-up to ids; raises ``AppError`` for too few, too many or unknown ones."""
    return tuple(resolve(name).id for name in check_count(typed))


def check_count(typed: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a line-up without empty ones; raises ``AppError`` for too few or too many."""
    names = [t.strip() for t in typed if t.strip()]
    if len(names) < LEAST:
        hint = f"The same one twice is fine: /compare {names[0]}, {names[0]}" if names else "Name two to eight"
        raise AppError(Problem(kind=ErrorKind.USAGE, title=f"A comparison needs {LEAST} models", hint=hint))
    if len(names) > MOST:
        title = f"{len(names)} models are too many"
        raise AppError(Problem(kind=ErrorKind.USAGE, title=title, hint=f"A comparison has at most {MOST}"))
    return tuple(names)


def lanes_of(chat: Chat, batch: str) -> tuple[Lane, ...]:
    """Return the lanes of a stored comparison, also after a crash; empty if there is no such batch."""
    kept = next((m.id for m in chat.thread if m.batch == batch and m.role is Role.ASSISTANT), None)
    return tuple(
        Lane(number=m.lane, model=m.model or ModelRef(""), head=m.id, answer=m.id) for m in chat.tree.lanes(batch, kept)
    )


def batch_in_view(chat: Chat) -> str:
    """Return the batch of the last comparison on the current branch; empty if there is none."""
    for message in reversed(chat.thread):
        if message.batch and message.role is Role.ASSISTANT and len(chat.tree.lanes(message.batch)) > 1:
            return message.batch
    return ""


class Comparison:
    """The lanes of one comparison and their operations. Use it only on the thread that owns ``chat``."""

    def __init__(self, chat: Chat, lanes: Sequence[Lane], batch: str = "") -> None:
        self.chat = chat
        self.lanes = tuple(lanes)
        self.batch = batch
        """The batch of the visible answers; empty before the first question."""

    @classmethod
    def fresh(cls, chat: Chat, models: Sequence[str]) -> Comparison:
        """Return a new comparison that continues from the head of the conversation."""
        head = chat.conversation.head
        return cls(chat, [Lane(number=n, model=ModelRef(m), head=head) for n, m in enumerate(models)])

    @classmethod
    def reopened(cls, chat: Chat, batch: str) -> Comparison:
        """Return a stored comparison; raises ``AppError`` if the conversation has no such batch."""
        lanes = lanes_of(chat, batch)
        if len(lanes) < LEAST:
            raise AppError(Problem(kind=ErrorKind.USAGE, title="There is no comparison here", hint="F3 starts one"))
        return cls(chat, lanes, batch)

    @property
    def models(self) -> tuple[str, ...]:
        """The line-up."""
        return tuple(lane.model.id for lane in self.lanes)

    @property
    def answers(self) -> tuple[Message, ...]:
        """The answers of the current batch, by lane."""
        found = (self.chat.tree.get(lane.answer) for lane in self.lanes)
        return tuple(m for m in found if m is not None)

    @property
    def question(self) -> str:
        """The text of the current question; empty before the first."""
        answers = self.answers
        return self.chat.question_of(answers[0].id).text if answers else ""

    def lane(self, number: int) -> Lane:
        """Return a lane by its number; raises ``AppError``."""
        for lane in self.lanes:
            if lane.number == number:
                return lane
        raise AppError(Problem(kind=ErrorKind.USAGE, title=f"There is no lane {number + 1}"))

    def misfit(self, lane: Lane, parts: Sequence[Part]) -> Problem | None:
        """Return why a lane cannot take a question: its context window, or unsupported attachments."""
        about = self.chat.model_row(lane.model.id)
        if about is None or self.chat.trimming is not Trimming.NOTHING:
            return None
        request = self.chat.request(with_draft(self.chat, parts, lane.head), lane.model)
        return self.chat.fit(request, about).problem(about)

    def ask(self, parts: Sequence[Part]) -> ComparisonRound:
        """Plan a question to all lanes, each below its own answer. A lane that cannot take it is skipped.

        Lanes with the same head share one question. The conversation's head moves to the first lane's answer
        without choosing a model: none is chosen until an answer is kept or a model is named.
        """
        problems = {lane.number: self.misfit(lane, parts) for lane in self.lanes}
        willing = [lane for lane in self.lanes if problems[lane.number] is None]
        batch = new_id()
        questions: dict[str | None, Message] = {}
        requests: dict[int, ChatRequest] = {}
        for lane in willing:
            if lane.head not in questions:
                is_shared = all(other.head == lane.head for other in willing)
                questions[lane.head] = self.chat.draft_question(
                    parts, lane.model, parent=lane.head, batch="" if is_shared else batch, lane=lane.number
                )
            thread = (*self.chat.tree.thread(lane.head), questions[lane.head])
            requests[lane.number] = self.chat.request(thread, lane.model)
        reuse = self.chat.caching.reuse()
        requests = dict(zip(requests, self.chat.caching.offered(tuple(requests.values())), strict=True))
        asked = [LaneRequest(lane=replace(lane, answer=""), problem=problems[lane.number]) for lane in self.lanes]

        def begin() -> list[Turn]:
            asked[:] = self._begin(batch, questions, requests, asked, reuse)
            return [a.turn for a in asked if a.turn is not None]

        return ComparisonRound(plan=self.chat.plan(tuple(requests.values()), begin, reuse), asked=asked)

    def again(self, number: int, model: str = "") -> Plan:
        """Plan another answer to a lane's question, by its model or another. The old answer is kept as a sibling."""
        lane = self.lane(number)
        old = self.chat.tree.get(lane.answer)
        if old is None:
            raise AppError(Problem(kind=ErrorKind.USAGE, title="This lane has no question yet", hint="Ask one first"))
        asked = replace(lane, model=ModelRef(model) if model else lane.model)
        return self._one(asked, old.parent_id, old.batch)

    def add(self, model: str, beside: int) -> tuple[Lane, Plan | None]:
        """Plan another lane: its model answers the current question, in the thread of lane ``beside``.

        Before the first question there is nothing to ask, and the lane is added immediately.
        """
        if len(self.lanes) >= MOST:
            title = f"A comparison has at most {MOST} lanes"
            raise AppError(Problem(kind=ErrorKind.USAGE, title=title, hint="- takes one away"))
        other = self.lane(beside)
        taken = {lane.number for lane in self.lanes} | {m.lane for m in self.chat.tree.batch(self.batch)}
        lane = Lane(number=max(taken, default=-1) + 1, model=ModelRef(model), head=other.head)
        old = self.chat.tree.get(other.answer)
        if old is None:
            self.lanes = (*self.lanes, lane)
            return lane, None
        return lane, self._one(lane, old.parent_id, self.batch)

    def remove(self, number: int) -> None:
        """Remove a lane; its answers stay in the conversation."""
        if len(self.lanes) <= LEAST:
            hint = "Enter keeps one answer and closes the rest"
            raise AppError(Problem(kind=ErrorKind.USAGE, title=f"A comparison needs {LEAST} lanes", hint=hint))
        self.lanes = tuple(lane for lane in self.lanes if lane.number != number)

    def keep(self, message_id: str) -> None:
        """Continue the conversation from an answer, with its model."""
        model = self.chat.message(message_id).model
        self.chat.wanted = ""
        self.chat.update(head=message_id, model=model or self.chat.conversation.model)

    def shuffle(self) -> None:
        """Shuffle the lanes for a blind comparison."""
        order = shuffled(len(self.lanes), new_id())
        self.lanes = tuple(self.lanes[place] for place in order)

    def merge_prompt(self, kind: MergeKind, instruction: str = "") -> MergePrompt:
        """Return the prompt that merges the answers, lettered in lane order; raises ``AppError``."""
        return merge_prompt(kind, self.question, self.answers, instruction)

    def merge(self, prompt: MergePrompt, model: str, kind: MergeKind = MergeKind.FUSE) -> Plan:
        """Plan an answer that merges several: a sibling message that lists them as its sources."""
        request = self.merge_request(prompt, model)
        purpose = Purpose.JUDGE if kind is MergeKind.JUDGE else Purpose.MERGE

        def begin() -> list[Turn]:
            first = self.chat.message(prompt.sources[0])
            answer = self.chat.new_answer(first.parent_id, ModelRef(model), sources=prompt.sources)
            return [self.chat.turn_of(answer, request, purpose=purpose)]

        return self.chat.plan([request], begin)

    def merge_request(self, prompt: MergePrompt, model: str) -> ChatRequest:
        """Return the request of a merge. It contains neither the thread nor the conversation's system prompt."""
        question = prompt.message(self.chat.now())
        request = self.chat.request((question,), ModelRef(model))
        return replace(request, messages=(question,), system=prompt.system)

    def _begin(
        self,
        batch: str,
        questions: Mapping[str | None, Message],
        requests: Mapping[int, ChatRequest],
        refused: Sequence[LaneRequest],
        reuse: CacheScope,
    ) -> list[LaneRequest]:
        if not requests:
            return list(refused)
        for question in questions.values():
            self.chat.add_question(question)
        found = []
        for asked in refused:
            lane = asked.lane
            if lane.number in requests:
                answer = self.chat.new_answer(questions[lane.head].id, lane.model, batch=batch, lane=lane.number)
                turn = self.chat.turn_of(answer, requests[lane.number], reuse=reuse)
                asked = LaneRequest(lane=replace(lane, head=answer.id, answer=answer.id), turn=turn)
            found.append(asked)
        self.batch = batch
        asked_lanes = {a.lane.number: a.lane for a in found}
        self.lanes = tuple(asked_lanes.get(lane.number, lane) for lane in self.lanes)
        self.chat.update(head=next(lane.answer for lane in self.lanes if lane.number in requests), model=None)
        self.chat.write(tuple(questions.values()))
        return found

    def _one(self, lane: Lane, question_id: str | None, batch: str) -> Plan:
        """Plan an answer of one lane. Beginning the plan adds the lane or replaces its earlier state."""
        request = self.chat.request(self.chat.tree.thread(question_id), lane.model)

        def begin() -> list[Turn]:
            answer = self.chat.new_answer(question_id, lane.model, batch=batch, lane=lane.number)
            asked = replace(lane, head=answer.id, answer=answer.id)
            others = {known.number: known for known in self.lanes}
            self.lanes = tuple((others | {lane.number: asked}).values())
            self.chat.update(head=answer.id, model=None)
            return [self.chat.turn_of(answer, request)]

        return self.chat.plan([request], begin)
