"""What is known of one model, as text: facts, prices, who serves it, what it is for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from textual.content import Content

from tui_router.domain.account import Endpoint
from tui_router.domain.model import Model
from tui_router.domain.problem import Problem
from tui_router.domain.routing import Routing
from tui_router.domain.safe import clean, clean_line
from tui_router.domain.usage import money, per_million
from tui_router.ui.widgets.endpoint_table import draw_endpoint, heads
from tui_router.ui.widgets.line_list import Part
from tui_router.ui.widgets.model_entries import Entry, EntryKind
from tui_router.ui.widgets.status_line import compact

Endpoints = Sequence[Endpoint] | Problem | None
"""Who serves a model; why that is not known; ``None`` while it is being asked."""

_LONGEST_DESCRIPTION = 1_500
_FREE = Routing()
_KEY = "F4 pins, bans and sorts them"
_STYLES = {"muted": "$text-muted", "good": "$text-success", "bad": "$text-error", "accent": "$text-accent"}


def details(entry: Entry | None, endpoints: Endpoints, width: int, today: date, routing: Routing = _FREE) -> Content:
    """Return the text of the details pane for a row, in lines of at most ``width`` cells where that matters."""
    if entry is None:
        return Content("")
    if entry.kind is EntryKind.LINE_UP:
        members = "\n".join(f"· {clean_line(i)}" for i in entry.text.split(", "))
        return Content.assemble((clean_line(entry.id), "bold $primary"), "\n", members)
    lines: list[Content] = []
    if entry.kind is not EntryKind.MODEL:
        style = "$warning" if entry.warn else "$text-muted"
        lines.append(Content.assemble((clean_line(entry.id), "bold"), "\n", (clean_line(entry.text), style)))
    if entry.model is not None:
        lines += _facts(entry.model, today)
        lines += _served_by(endpoints, routing, width)
        lines += _description(entry.model)
    return Content("\n").join(lines)


def _facts(model: Model, today: date) -> list[Content]:
    lines = [
        Content.assemble((clean_line(model.name), "bold $primary")),
        Content.assemble((clean_line(model.id), "$text-muted")),
    ]
    if model.alias_of:
        lines.append(_fact("stands for", clean_line(model.alias_of)))
    if model.expires is not None:
        past = model.expires < today
        lines.append(
            Content.assemble((f"{'expired' if past else 'leaves'} {model.expires}", "$error" if past else "$warning"))
        )
    lines += [Content(""), _fact("price", _prices(model))]
    if model.pricing.steps:
        lines.append(_fact("", "other prices above some prompt length or at some hours"))
    longest = f", answers up to {compact(model.max_output)}" if model.max_output else ""
    lines.append(_fact("window", f"{compact(model.context) if model.context else 'unknown'}{longest}"))
    reads = ", ".join(sorted(clean_line(i) for i in model.inputs))
    writes = ", ".join(sorted(clean_line(o) for o in model.outputs))
    lines.append(_fact("reads", f"{reads}; writes {writes}"))
    if model.reasoning is not None:
        efforts = ", ".join(clean_line(e) for e in model.reasoning.efforts)
        lines.append(_fact("thinks", ("always" if model.reasoning.mandatory else "when asked") + _colon(efforts)))
    if model.created is not None:
        lines.append(_fact("since", str(model.created)))
    if model.is_moderated:
        lines.append(_fact("", "prompts are moderated"))
    if model.parameters:
        lines.append(_fact("takes", ", ".join(sorted(clean_line(p) for p in model.parameters))))
    return lines


def _colon(text: str) -> str:
    return f": {text}" if text else ""


def _prices(model: Model) -> str:
    price = model.pricing
    if price.varies:
        return "varies with the model that answers"
    if model.is_free:
        return "free"
    text = f"${per_million(price.prompt)} in, ${per_million(price.completion)} out per million tokens"
    if price.input_cache_read:
        text += f"; cached ${per_million(price.input_cache_read)}"
    if price.request:
        text += f"; {money(price.request)} a request"
    if price.web_search:
        text += f"; {money(price.web_search)} a search"
    return text.replace("$?", "?").replace("$free", "$0")


def _fact(name: str, text: str) -> Content:
    return Content.assemble((f"{name:<11}", "$text-muted"), text)


def _served_by(endpoints: Endpoints, routing: Routing, width: int) -> list[Content]:
    head = Content.assemble("\n", ("Served by", "bold $secondary"))
    if endpoints is None:
        return []
    if isinstance(endpoints, Problem):
        return [head, Content.assemble((clean_line(endpoints.sentence()), "$warning"))]
    if not endpoints:
        return [head, Content.assemble(("nobody at the moment", "$warning"))]
    rows = [_row(draw_endpoint(e, routing, width)) for e in endpoints]
    return [head, _muted(heads(width)), *rows, *(_muted(t) for t in (_privacy(endpoints), _KEY) if t)]


def _privacy(endpoints: Sequence[Endpoint]) -> str:
    """Say how many keep no prompts, once that is known: the column has no room in a narrow pane."""
    told = [e.policy.retains for e in endpoints if e.policy.retains is not None]
    if not told:
        return ""
    private = told.count(False)
    return f"{private or 'none'} of {len(endpoints)} {'keeps' if private == 1 else 'keep'} no prompts"


def _muted(text: str) -> Content:
    return Content.styled(text, "$text-muted")


def _row(parts: Sequence[Part]) -> Content:
    return Content.assemble(*((text, _STYLES.get(look, "")) for text, look in parts))


def _description(model: Model) -> list[Content]:
    text = clean(model.description).strip()
    if not text:
        return []
    cut = text[:_LONGEST_DESCRIPTION] + ("…" if len(text) > _LONGEST_DESCRIPTION else "")
    return [Content(""), Content(cut)]
