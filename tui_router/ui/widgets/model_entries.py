"""Which rows the model list shows, in which order. Pure; the list draws what this says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from tui_router.domain.catalog import ModelFilter, Sort, find_model, in_order, typed_filter, typed_id
from tui_router.domain.model import Model, is_chat_model
from tui_router.domain.recommendations import sections
from tui_router.domain.safe import clean_line
from tui_router.domain.usage import per_million
from tui_router.ui import fuzzy
from tui_router.ui.widgets.line_list import Part, fit, spans_of, split_parts
from tui_router.ui.widgets.status_line import compact


class ModelRowKind(StrEnum):
    """What a row is."""

    HEAD = "head"
    MODEL = "model"
    TYPED = "typed"
    """An id that a person typed and the catalogue lacks."""
    GONE = "gone"
    """A favourite or recent model that has vanished from the catalogue."""
    LINE_UP = "line_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One row."""

    kind: ModelRowKind
    id: str = ""
    """Model id; of a line-up its name."""
    model: Model | None = None
    text: str = ""
    """Title of a heading, note of a typed id, members of a line-up."""
    warn: bool = False


@dataclass(frozen=True, slots=True)
class LineUp:
    """A saved choice of models for comparison."""

    name: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """What is shown now."""

    entries: tuple[ModelRow, ...]
    shown: int
    """How many different models of the catalogue."""
    total: int
    heads: frozenset[int] = frozenset()
    """Which entries are headings."""


class ModelIndex:
    """The catalogue, made ready once for being searched on every key."""

    def __init__(self, models: Iterable[Model], today: date) -> None:
        everything = list(models)
        self.total = len(everything)
        """All rows, those that cannot chat included: the count says what is hidden."""
        self.today = today
        self.models = in_order(filter(is_chat_model, everything), Sort.NEW)
        self.by_id: Mapping[str, Model] = {m.id: m for m in self.models}
        self._folded = [fuzzy.fold(f"{m.name} {m.id}") for m in self.models]
        self._entries = [ModelRow(kind=ModelRowKind.MODEL, id=m.id, model=m) for m in self.models]
        self._entry_of = {e.id: e for e in self._entries}
        self._sections = tuple(s for s in sections(self.models, today) if s.models)

    def listing(
        self,
        query: str,
        chosen: ModelFilter,
        sort: Sort,
        *,
        favourites: Sequence[str] = (),
        recent: Sequence[str] = (),
        line_ups: Sequence[LineUp] = (),
    ) -> Listing:
        """Return the rows for a query and a filter: sections while nothing is typed, matches otherwise."""
        words, wanted = typed_filter(query, chosen)
        if words.strip():
            return self._matches(words, wanted, sort, favourites)
        entries: list[ModelRow] = []
        saved = [ModelRow(kind=ModelRowKind.LINE_UP, id=u.name, text=", ".join(u.ids)) for u in line_ups]
        _add(entries, "Line-ups", saved)
        for title, ids in (("Favourites", favourites), ("Recent", recent)):
            _add(entries, title, [e for i in ids if (e := self._entry(i, wanted)) is not None])
        if wanted == ModelFilter() and sort is Sort.BEST:
            for section in self._sections:
                _add(entries, section.title, [self._entry_of[m.id] for m in section.models])
        rest = self._entries if wanted == ModelFilter() else [e for e in self._entries if _fits(e, wanted)]
        ordered = rest if sort in (Sort.NEW, Sort.BEST) else self._in_order(rest, sort)
        heads_above = frozenset(i for i, e in enumerate(entries) if e.kind is ModelRowKind.HEAD)
        heads = heads_above | {len(entries)} if ordered else heads_above
        _add(entries, "All models", ordered)
        return Listing(tuple(entries), len(rest), self.total, heads)

    def _matches(self, words: str, wanted: ModelFilter, sort: Sort, favourites: Sequence[str]) -> Listing:
        starred = frozenset(favourites)
        found = [self._entries[index] for index, _ in fuzzy.rank(words, self._folded)]
        if wanted != ModelFilter():
            found = [e for e in found if _fits(e, wanted)]
        if sort is not Sort.BEST:
            found = self._in_order(found, sort)
        elif starred:
            # Only lifts a favourite over equals in the reader's mind: within the first matches.
            found[:10] = sorted(found[:10], key=lambda e: e.id not in starred)
        entries = list(found)
        typed = typed_id(words, self.by_id)
        if typed is not None:
            row = ModelRow(
                kind=ModelRowKind.TYPED,
                id=typed.id,
                model=find_model(typed.id, self.by_id),
                text=typed.note,
                warn=not typed.is_known,
            )
            entries.insert(0 if typed.is_known or not entries else len(entries), row)
        return Listing(tuple(entries), len(found), self.total)

    def _in_order(self, entries: Iterable[ModelRow], sort: Sort) -> list[ModelRow]:
        return [self._entry_of[m.id] for m in in_order((e.model for e in entries if e.model), sort)]

    def _entry(self, model_id: str, wanted: ModelFilter) -> ModelRow | None:
        known = self._entry_of.get(model_id)
        if known is not None:
            return known if _fits(known, wanted) else None
        if wanted != ModelFilter():
            return None
        typed = typed_id(model_id, self.by_id)
        if typed is not None and typed.is_known:
            return ModelRow(
                kind=ModelRowKind.TYPED, id=model_id, model=find_model(model_id, self.by_id), text=typed.note
            )
        return ModelRow(kind=ModelRowKind.GONE, id=model_id, text="no longer in the catalogue", warn=True)


def _fits(entry: ModelRow, wanted: ModelFilter) -> bool:
    return entry.model is not None and wanted.accepts(entry.model)


def _add(entries: list[ModelRow], title: str, rows: Sequence[ModelRow]) -> None:
    if rows:
        entries.append(ModelRow(kind=ModelRowKind.HEAD, text=title))
        entries += rows


_ABILITIES = (("i", "image"), ("f", "file"), ("t", "tools"), ("r", "reasoning"))


def abilities(model: Model) -> str:
    """Return what a model can do in four letters: ``ift·`` for images, files, tools, not reasoning."""
    has = (model.sees_images, model.takes_files, model.uses_tools, model.thinks)
    return "".join(letter if yes else "·" for yes, (letter, _) in zip(has, _ABILITIES, strict=True))


def expiry(model: Model, today: date) -> str:
    """Return a short flag for a model that leaves soon or should have left, else nothing."""
    if model.expires is None:
        return ""
    return "expired" if model.expires < today else f"until {model.expires:%d %b}"


def _price(model: Model, value: Decimal | None) -> str:
    return "varies" if model.pricing.varies else per_million(value)


def draw_entry(entry: ModelRow, width: int, query: str, mark: str, today: date) -> list[Part]:
    """Return one row of the list for ``width`` cells; ``mark`` is a star, a count, or a space."""
    if entry.kind is ModelRowKind.HEAD:
        return [Part(clean_line(entry.text), "head")]
    if entry.kind is ModelRowKind.LINE_UP:
        name = clean_line(entry.id, 40)
        return [Part(f"{mark} "), Part(name, "accent"), Part("  " + clean_line(entry.text, 400), "muted")]
    model = entry.model
    if model is None or entry.kind is not ModelRowKind.MODEL:
        look = "warn" if entry.warn else "muted"
        note = ("⚠ " if entry.warn else "") + clean_line(entry.text)
        return [Part(f"{mark} ", "accent"), Part(clean_line(entry.id)), Part("  " + note, look)]
    columns = _columns(model, width)
    room = max(4, width - 2 - sum(len(p.text) for p in columns))
    flag = expiry(model, today)
    name = clean_line(model.name if width >= 60 else model.short_name)
    parts = [Part(f"{mark} ", "accent"), *_name(name, clean_line(model.id), query, room, flag)]
    return parts + columns


def _name(name: str, id: str, query: str, room: int, flag: str) -> list[Part]:
    """Return name, id where there is room for it, and flag, in exactly ``room`` cells."""
    if flag:
        room -= len(flag) + 1
    with_id = room >= 64
    name_room = min(44, room // 2) if with_id else room
    spans = spans_of(query, name)
    parts = split_parts(fit(name, name_room), spans)
    if with_id:
        # Where the name explains the match already the id stays quiet.
        parts.append(Part(" "))
        parts += split_parts(fit(id, room - name_room - 1), [] if spans else spans_of(query, id), "muted")
    if flag:
        parts.append(Part(f" {flag}", "bad" if flag == "expired" else "warn"))
    return parts


def _columns(model: Model, width: int) -> list[Part]:
    """Return the right-hand columns that fit: prices first, then window, abilities, date."""
    price = model.pricing
    prompt, completion = _price(model, price.prompt), _price(model, price.completion)
    look = "good" if model.is_free else ""
    parts = [Part(fit(prompt, 7, right=True), look), Part(fit(completion, 7, right=True), look)]
    if width < 34:
        return parts[1:]
    if width >= 46:
        parts.append(Part(fit(compact(model.context) if model.context else "?", 8, right=True), "muted"))
    if width >= 60:
        parts.append(Part(f" {abilities(model)}", "muted"))
    if width >= 76:
        parts.append(Part(fit(f"{model.created:%Y-%m}" if model.created else "", 9, right=True), "muted"))
    return parts


def column_heads(width: int) -> str:
    """Return the line over the list, for the same width as its rows."""
    if width < 34:
        return fit("out $/M", width, right=True)
    heads = fit("in $/M", 7, right=True) + fit("out", 7, right=True)
    heads += fit("window", 8, right=True) if width >= 46 else ""
    heads += " able" if width >= 60 else ""
    heads += fit("since", 9, right=True) if width >= 76 else ""
    return fit("  model", width - len(heads)) + heads
