"""The colours of a theme, before any screen library has seen them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """A theme as its file says it. Colours are ``#rrggbb`` or, in a theme for ANSI terminals, ``ansi_…`` names."""

    name: str
    title: str = ""
    dark: bool = True
    ansi: bool = False
    """Use the terminal's own sixteen colours and its background."""
    colors: Mapping[str, str] = field(default_factory=dict)
    """The named colours of the interface: primary, secondary, accent, foreground, background, surface, panel, …"""
    text: Mapping[str, str] = field(default_factory=dict)
    """Styles of the transcript by name (heading, code, link, …), e.g. ``bold #89b4fa``."""
