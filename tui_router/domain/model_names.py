"""From what a person types to a model: ids, parts of names, aliases, variants and presets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tui_router.domain.model import Model, is_chat_model, nearest_ids, normal_id
from tui_router.domain.problem import AppError, ErrorKind, Problem
from tui_router.domain.usage import Pricing

ROUTING_SUFFIXES = (":nitro", ":floor", ":online", ":exacto")
"""Endings that steer routing and work with every model; ``:free`` and others are models of their own."""

PRESET = "@preset/"
_LEAST_INSIDE, _LEAST_AT_START = 3, 2
"""Letters of a single word that say which model is meant, inside a word of its name and at the beginning of one."""
_MOST_NAMED = 8
"""How many of the models that a name fits are offered."""
_WHOLE_ID = re.compile(r"~?[\w.-]+/[\w.-]+(?::[\w-]+)*(?:@preset/[\w.-]+)?")
_SPLIT = re.compile(r"[\s/:._~-]+")
_DATE = re.compile(r"-\d{3,8}(?:-\d{2}){0,2}")
"""What a dated id has behind the plain one: ``-0925``, ``-20251101``, ``-2024-08-06``, ``-001``."""
_DASHED_VERSION = re.compile(r"(?<=\d)-(?=\d)")


def is_whole_id(typed: str) -> bool:
    """Say whether a text has the form of an id: then it means that model only, and never one whose name is alike."""
    return _WHOLE_ID.fullmatch(normal_id(typed)) is not None


def find_exact(typed: str, models: Mapping[str, Model]) -> Model | None:
    """Return the model of a full id: as listed, its permanent name, an alias, with a routing suffix or a preset."""
    text = normal_id(typed)
    base, at, preset = text.partition(PRESET)
    if at and preset:
        if not base:
            return Model(id=text, name=f"Preset {preset}", pricing=Pricing(varies=True))
        found = find_exact(base, models)
        return replace(found, id=found.id + at + preset, name=f"{found.name} with preset {preset}") if found else None
    for suffix in ROUTING_SUFFIXES:
        if text.endswith(suffix) and text not in models:
            found = find_exact(text.removesuffix(suffix), models)
            return replace(found, id=found.id + suffix) if found else None
    return _listed(text, models)


def is_same_model(asked: str, served: str, row: Model | None) -> bool:
    """Say whether a served id is the model that was asked: itself, its permanent name, or a dated form of it.

    ``row`` is what the catalogue has of the asked one. An alias or a router is not the model that it leads to.
    """
    wanted = normal_id(asked)
    if served in (wanted, *((row.id, row.canonical) if row else ())):
        return True
    ours, theirs = _plain_name(wanted), _plain_name(served)
    return theirs == ours or (theirs.startswith(ours) and _DATE.fullmatch(theirs[len(ours) :]) is not None)


def _plain_name(model_id: str) -> str:
    name = model_id.lower().partition(PRESET)[0].rpartition("/")[2]
    return name.partition(":")[0].replace(".", "-")


def resolve(typed: str, models: Mapping[str, Model]) -> Model:
    """Return the model that a person means; raises ``AppError`` with the nearest ids.

    A whole id means that model or none. Of anything else, words that fit one model only are enough: ``opus 4.5``.
    Where they fit several, the one whose name they are in full wins (``gpt-4o`` is not ``gpt-4o-mini``).
    """
    text = normal_id(typed)
    if not text:
        raise AppError(
            Problem(kind=ErrorKind.UNKNOWN_MODEL, title="No model was named", hint="Press Ctrl+L to choose one")
        )
    found = find_exact(text, models)
    if found is not None:
        return found
    base, suffix = _without_suffix(text)
    fitting = [] if is_whole_id(text) else _fitting(base, models.values())
    if len(fitting) == 1:
        return replace(fitting[0], id=fitting[0].id + suffix) if suffix else fitting[0]
    raise _unknown(typed, text, fitting, models)


def fits_several(typed: str, models: Mapping[str, Model]) -> bool:
    """Say whether the words that a person typed fit more than one model."""
    base, _ = _without_suffix(normal_id(typed))
    return not is_whole_id(typed) and len(_fitting(base, models.values())) > 1


def _listed(text: str, models: Mapping[str, Model]) -> Model | None:
    for candidate in (text, f"~{text}", _DASHED_VERSION.sub(".", text)):
        if candidate in models:
            return models[candidate]
    lowered = text.lower()
    for model in models.values():
        if lowered in (model.id.lower(), model.canonical.lower()):
            return model
    return None


def _without_suffix(text: str) -> tuple[str, str]:
    for suffix in ROUTING_SUFFIXES:
        if text.endswith(suffix):
            return text.removesuffix(suffix), suffix
    return text, ""


def _fitting(text: str, models: Iterable[Model]) -> list[Model]:
    words = [w for w in _SPLIT.split(text.lower()) if w]
    if not words:
        return []
    wants_variant = ":" in text
    fitting = [
        m
        for m in models
        if is_chat_model(m) and (wants_variant or ":" not in m.id) and not m.id.startswith("~") and _fits(words, m)
    ]
    if len(fitting) > 1:
        full = [m for m in fitting if words in (_words(m.id.rpartition("/")[2]), _words(m.id), _words(m.short_name))]
        return full if len(full) == 1 else fitting
    return fitting


def _fits(words: Sequence[str], model: Model) -> bool:
    """Say whether a model may be meant: a name is not found in a letter or two that happen to be in it.

    One word: anywhere from three letters on, two at the beginning of a word. Several: in a row, from the beginning of
    a word (the last may be cut short), or each a whole word of the model, wherever it stands.
    """
    rows = (_words(model.id), _words(model.name))
    if len(words) == 1:
        word = words[0]
        fits = str.__contains__ if len(word) >= _LEAST_INSIDE else str.startswith
        return len(word) >= _LEAST_AT_START and any(fits(own, word) for row in rows for own in row)
    joined = " ".join(words)
    in_a_row = any(" ".join(row[place:]).startswith(joined) for row in rows for place in range(len(row)))
    return in_a_row or all(any(word in row for row in rows) for word in words)


def _words(text: str) -> list[str]:
    return [w for w in _SPLIT.split(text.lower()) if w]


def _unknown(typed: str, text: str, fitting: Sequence[Model], models: Mapping[str, Model]) -> AppError:
    if fitting:
        names = tuple(m.id for m in sorted(fitting, key=lambda m: (len(m.id), m.id)))[:_MOST_NAMED]
        detail = f"{len(fitting)} models fit"
        title = f"{text} is not one model"
    else:
        free = text.endswith(":free") and _listed(text.removesuffix(":free"), models)
        names = ((free.id,) if free else ()) + nearest_ids(text.lstrip("~"), models)
        names = tuple(dict.fromkeys(names))[:3]
        detail = "Its free variant is not listed" if free else "The catalogue does not list it"
        title = f"No such model: {typed.strip()}"
    return AppError(
        Problem(
            kind=ErrorKind.UNKNOWN_MODEL,
            title=title,
            detail=detail,
            hint=f"Did you mean {', '.join(names)}?" if names else "See `tui-router models`, or press Ctrl+L",
            suggestions=names,
        )
    )
