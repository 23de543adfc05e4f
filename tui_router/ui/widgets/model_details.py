"""Details of one model: facts, prices, and the table of providers that serve it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from tui_router.domain.account import Endpoint
from tui_router.domain.model import Model
from tui_router.domain.problem import Problem
from tui_router.domain.routing import Routing, Standing, slug_of
from tui_router.domain.safe import clean, clean_line
from tui_router.domain.usage import money, per_million
from tui_router.ui.widgets.line_list import Part, fit
from tui_router.ui.widgets.model_entries import ModelRow, ModelRowKind
from tui_router.ui.widgets.status_line import compact

MARKS = {Standing.PINNED: "✓", Standing.BANNED: "✗", Standing.FIRST: "1"}
"""What stands before an endpoint about which something was decided."""
_LOOKS = {Standing.PINNED: "good", Standing.BANNED: "bad", Standing.FIRST: "accent"}
_LEAST_NAME, _MOST_NAME = 11, 26


@dataclass(frozen=True, slots=True)
class _Column:
    head: str
    width: int
    cell: Callable[[Endpoint], str]
    look: str = ""


_PRICE_IN = _Column("in $/M", 7, lambda e: per_million(e.pricing.prompt))
_PRICE_OUT = _Column("out", 7, lambda e: per_million(e.pricing.completion))
_CACHE = _Column("cached", 7, lambda e: per_million(e.pricing.input_cache_read) if e.pricing.input_cache_read else "")
_LATENCY = _Column("1st", 6, lambda e: "" if e.latency is None else f"{e.latency:.1f}s")
_SPEED = _Column("tok/s", 6, lambda e: "" if e.throughput is None else f"{e.throughput:.0f}")
_UPTIME = _Column("up", 6, lambda e: "down" if e.is_down else "" if e.uptime is None else f"{_percent(e.uptime)}%")
_WINDOW = _Column("window", 7, lambda e: compact(e.context) if e.context else "", "muted")
_LONGEST = _Column("answer", 7, lambda e: compact(e.max_output) if e.max_output else "", "muted")
_QUANTIZATION = _Column("quant", 6, lambda e: clean_line(e.quantization, 6), "muted")
_POLICY = _Column("prompts", 9, lambda e: e.policy.label, "muted")

_SHOWN = (
    _PRICE_IN, _PRICE_OUT, _CACHE, _LATENCY, _SPEED, _UPTIME, _WINDOW, _LONGEST, _QUANTIZATION, _POLICY,
)  # fmt: skip
"""From left to right."""
_BY_WORTH = (
    _PRICE_IN, _PRICE_OUT, _UPTIME, _SPEED, _LATENCY, _QUANTIZATION, _POLICY, _WINDOW, _CACHE, _LONGEST,
)  # fmt: skip
"""The most telling first: what does not fit goes from the end."""


def columns(width: int) -> tuple[_Column, ...]:
    """Return the columns that fit beside the name."""
    room = width - 2 - _LEAST_NAME
    kept: list[_Column] = []
    for column in _BY_WORTH:
        if column.width > room:
            break
        kept.append(column)
        room -= column.width
    return tuple(c for c in _SHOWN if c in kept)


def heads(width: int) -> str:
    """Return the line over the rows."""
    shown = columns(width)
    return fit("  provider", _name_room(shown, width) + 2) + "".join(fit(c.head, c.width, right=True) for c in shown)


def draw_endpoint(endpoint: Endpoint, routing: Routing, width: int) -> list[Part]:
    """Return one row."""
    shown = columns(width)
    standing = routing.standing(endpoint)
    quiet = "muted" if standing in (Standing.BANNED, Standing.SHUT_OUT) else ""
    parts = [
        Part(f"{MARKS.get(standing, ' ')} ", _LOOKS.get(standing, "")),
        Part(fit(_name(endpoint), _name_room(shown, width)), quiet),
    ]
    for column in shown:
        look = "bad" if column is _UPTIME and endpoint.is_down else quiet or column.look
        parts.append(Part(fit(column.cell(endpoint), column.width, right=True), look))
    return parts


def about(endpoint: Endpoint) -> str:
    """Return all that is known of an endpoint as one sentence, for the row under the cursor."""
    price = endpoint.pricing
    facts = [
        slug_of(endpoint),
        f"window {compact(endpoint.context)}" if endpoint.context else "",
        f"answers up to {compact(endpoint.max_output)}" if endpoint.max_output else "",
        f"cache read ${per_million(price.input_cache_read)}" if price.input_cache_read else "",
        f"cache write ${per_million(price.input_cache_write)}" if price.input_cache_write else "",
        f"{_percent(endpoint.uptime)}% up in a day" if endpoint.uptime is not None else "",
        "down at the moment" if endpoint.is_down else "",
        {"not kept": "keeps no prompts", "may keep": "may keep prompts", "trains": "trains on prompts"}.get(
            endpoint.policy.label, f"keeps prompts {endpoint.policy.label}" if endpoint.policy.days else ""
        ),
    ]
    return " · ".join(clean_line(f) for f in facts if f)


def _name(endpoint: Endpoint) -> str:
    name, variant = clean_line(endpoint.provider), slug_of(endpoint).partition("/")[2]
    is_told = not variant or variant == endpoint.quantization.lower()
    return name if is_told else f"{name} {clean_line(variant)}"


def _name_room(shown: Sequence[_Column], width: int) -> int:
    return max(1, min(width - 2 - sum(c.width for c in shown), _MOST_NAME))


def _percent(uptime: float) -> str:
    return f"{int(uptime * 10) / 10:g}"


Endpoints = Sequence[Endpoint] | Problem | None
"""Who serves a model; why that is not known; ``None`` while it is being asked."""

_LONGEST_DESCRIPTION = 1_500
_FREE = Routing()
_KEY = "F4 pins, bans and sorts them"
_STYLES = {"muted": "$text-muted", "good": "$text-success", "bad": "$text-error", "accent": "$text-accent"}


def details(entry: ModelRow | None, endpoints: Endpoints, width: int, today: date, routing: Routing = _FREE) -> Content:
    """Return the text of the details pane for a row, in lines of at most ``width`` cells where that matters."""
    if entry is None:
        return Content("")
    if entry.kind is ModelRowKind.LINE_UP:
        members = "\n".join(f"· {clean_line(i)}" for i in entry.text.split(", "))
        return Content.assemble((clean_line(entry.id), "bold $primary"), "\n", members)
    lines: list[Content] = []
    if entry.kind is not ModelRowKind.MODEL:
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


class ModelAbout(VerticalScroll, can_focus=False):
    """What is known of the highlighted model."""

    def __init__(self, today: date, want_endpoints: Callable[[str], None] | None, delay: float, *, id: str) -> None:
        """Make an empty pane; ``delay`` is how many seconds a row must be looked at before the wire is used."""
        super().__init__(id=id)
        self._today = today
        self._want = want_endpoints
        self._delay = delay
        self._entry: ModelRow | None = None
        self._endpoints: dict[str, Endpoints] = {}
        self._asking: Timer | None = None
        self._routing = Routing()
        self._text = Static(id="details", markup=False)

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

    def on_resize(self) -> None:
        """Lay the text out for the new width; the pane may have come into sight."""
        self._draw()
        self._ask_soon()

    def show(self, entry: ModelRow | None) -> None:
        """Show another row."""
        if entry != self._entry:
            self._entry = entry
            self.scroll_home(animate=False)
            self._draw()
        self._ask_soon()

    def show_endpoints(self, model_id: str, endpoints: Endpoints) -> None:
        """Take the answer to ``want_endpoints``."""
        self._endpoints[model_id] = endpoints
        self._draw()

    def show_routing(self, routing: Routing) -> None:
        """Mark what is pinned and banned."""
        self._routing = routing
        self._draw()

    def _draw(self) -> None:
        if self.is_mounted and self.size.width > 0:
            endpoints = self._endpoints.get(self._entry.id) if self._entry else None
            room = self.size.width - 1  # the scroll bar comes and goes
            text = details(self._entry, endpoints, room, self._today, self._routing)
            self._text.update(text)

    def _ask_soon(self) -> None:
        if self._asking is not None:
            self._asking.stop()
        if self._want is None or self.size.width == 0 or not self.display:
            return
        if self._delay > 0:
            self._asking = self.set_timer(self._delay, self._ask)
        else:
            self._ask()

    def _ask(self) -> None:
        entry = self._entry
        if entry is None or entry.model is None or entry.id in self._endpoints or self._want is None:
            return
        self._endpoints[entry.id] = None
        self._want(entry.id)
