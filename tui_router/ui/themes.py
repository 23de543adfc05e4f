"""Converts a palette to a Textual theme and transcript styles, deriving every colour that the palette omits."""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import BUILTIN_THEMES, Theme

from tui_router.domain.palette import TEXT_KEYS, Palette

_ACCENTS = ("primary", "success", "warning", "accent", "secondary", "error", "primary", "success")
_WORDS_OF_COLOR = frozenset({"bold", "dim", "italic", "underline", "strike", "reverse", "none"})


def to_theme(palette: Palette) -> Theme:
    """Return the Textual theme for a palette. Never raises for a palette that storage has validated."""
    colors = palette.colors
    theme = Theme(
        name=palette.name,
        primary=colors["primary"],
        secondary=colors.get("secondary"),
        accent=colors.get("accent"),
        foreground=colors.get("foreground"),
        background=colors.get("background"),
        surface=colors.get("surface"),
        panel=colors.get("panel"),
        boost=colors.get("boost"),
        warning=colors.get("warning"),
        error=colors.get("error"),
        success=colors.get("success"),
        dark=palette.dark,
        ansi=palette.ansi,
        variables=_ansi_variables(palette) if palette.ansi else _variables(palette),
    )
    theme.to_color_system().generate()  # an invalid colour raises here, not during a repaint
    return theme


def transcript_styles(palette: Palette) -> Mapping[str, str]:
    """Return a Rich style for every name in ``TEXT_KEYS``: the palette's own, or else a derived one."""
    derived = _ansi_styles(palette) if palette.ansi else _rgb_styles(palette)
    return {key: palette.text.get(key, derived[key]) for key in TEXT_KEYS}


def without_color(palette: Palette) -> Palette:
    """Return ``palette`` for ``NO_COLOR``: the terminal's default colours with bold, italic and reverse.

    The app must also be created with ``ansi_color=True``; otherwise Textual converts colours to greys.
    """
    plain = palette._replace(ansi=True, colors=dict.fromkeys(palette.colors, "ansi_default"), text={})
    styles = {key: _bare(style) for key, style in transcript_styles(plain).items()}
    return plain._replace(text=styles)


def mix(one: str, other: str, share: float) -> str:
    """Return a mix of two ``#rrggbb`` colours; ``share`` (0 to 1) is the weight of the first."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def foreground_of(style: str, default: str) -> str:
    """Return the foreground colour of a style, or ``default`` if it has none."""
    words = style.partition(" on ")[0].split()
    return next((w for w in words if w not in _WORDS_OF_COLOR and w != "on"), default)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _bare(style: str) -> str:
    kept = [w for w in style.partition(" on ")[0].split() if w in _WORDS_OF_COLOR]
    return " ".join(kept) or "none"


def _variables(palette: Palette) -> dict[str, str]:
    """Return CSS variables for Textual's own widgets where its derived colours are hard to read."""
    c = _Colors(palette)
    muted = foreground_of(transcript_styles(palette)["muted"], c.foreground)
    line = mix(c.foreground, c.background, 0.22)
    return {
        "text": c.foreground,
        "text-muted": muted,
        "foreground-muted": muted,
        "text-disabled": mix(c.foreground, c.background, 0.56),
        **{f"text-{name}": c[name] for name in ("primary", "secondary", "accent", "warning", "error", "success")},
        "block-cursor-background": c.primary,
        "block-cursor-foreground": c.background,
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": mix(c.primary, c.background, 0.25),
        "block-cursor-blurred-foreground": c.foreground,
        "input-cursor-background": c.foreground,
        "input-cursor-foreground": c.background,
        "input-selection-background": mix(c.primary, c.background, 0.35),
        "screen-selection-background": mix(c.primary, c.background, 0.35),
        "screen-selection-foreground": c.foreground,
        "border": c.primary,
        "border-blurred": line,
        "scrollbar": line,
        "scrollbar-hover": mix(c.foreground, c.background, 0.4),
        "scrollbar-active": c.primary,
        "scrollbar-background": c.background,
        "scrollbar-background-hover": c.background,
        "scrollbar-background-active": c.background,
        "scrollbar-corner-color": c.background,
        "footer-key-foreground": c.accent,
        "link-color": c.primary,
        "link-background-hover": c.primary,
        "link-color-hover": c.background,
        "button-color-foreground": c.background,
    }


def _ansi_variables(palette: Palette) -> dict[str, str]:
    # Textual's style sheet uses names such as $ansi-background, which only its own themes define.
    base = dict(BUILTIN_THEMES["ansi-dark" if palette.dark else "ansi-light"].variables)
    if set(palette.colors.values()) == {"ansi_default"}:
        plain = {key: "ansi_default" for key, value in base.items() if value.startswith("ansi_")}
        return base | plain | {"block-cursor-text-style": "reverse", "input-cursor-text-style": "reverse"}
    return base


class _Colors:
    """The colours of a palette, with omitted ones derived from the required ones."""

    def __init__(self, palette: Palette) -> None:
        given = palette.colors
        self.primary = given["primary"]
        self.foreground = given["foreground"]
        self.background = given["background"]
        self.surface = given.get("surface", mix(self.foreground, self.background, 0.05))
        self.panel = given.get("panel", mix(self.foreground, self.background, 0.1))
        self.accent = given.get("accent", self.primary)
        self._given = given

    def __getitem__(self, name: str) -> str:
        return self._given.get(name, self.primary)


def _rgb_styles(palette: Palette) -> dict[str, str]:
    c = _Colors(palette)
    muted = palette.text.get("muted", mix(c.foreground, c.background, 0.72))
    line = mix(c.foreground, c.background, 0.22)
    hues = {name: c[name] for name in ("secondary", "warning", "error", "success")}
    return {
        "text": c.foreground,
        "muted": muted,
        "heading1": f"bold underline {c.primary}",
        "heading2": f"bold {c.primary}",
        "heading3": f"bold {hues['secondary']}",
        "strong": "bold",
        "emphasis": "italic",
        "code": f"{c.accent} on {c.surface}",
        "codeblock": f"{c.foreground} on {c.surface}",
        "codeblock_frame": muted,
        "link": f"underline {c.primary}",
        "bullet": c.accent,
        "quote": f"italic {muted}",
        "quote_bar": line,
        "rule": line,
        "table_head": f"bold {c.primary}",
        "user": c.foreground,
        "user_bar": c.accent,
        "assistant": f"bold {c.primary}",
        "reasoning": f"italic {muted}",
        "notice": muted,
        "warning": hues["warning"],
        "error": hues["error"],
        "success": hues["success"],
        "cursor": f"{c.foreground} on {mix(c.primary, c.background, 0.18)}",
        "selection": f"{c.foreground} on {mix(c.primary, c.background, 0.3)}",
        "find": f"{c.foreground} on {mix(hues['warning'], c.background, 0.3)}",
        "find_current": f"{c.background} on {hues['warning']}",
        "syntax_keyword": c.accent,
        "syntax_name": c.primary,
        "syntax_string": hues["success"],
        "syntax_number": hues["warning"],
        "syntax_comment": f"italic {muted}",
        "syntax_operator": c.foreground,
        "syntax_type": hues["secondary"],
        "diff_add": f"{c.foreground} on {mix(hues['success'], c.background, 0.22)}",
        "diff_remove": f"{c.foreground} on {mix(hues['error'], c.background, 0.22)}",
        **{f"lane{n}": c[name] for n, name in enumerate(_ACCENTS, start=1)},
    }


def _ansi_styles(palette: Palette) -> dict[str, str]:
    c = {name: value.removeprefix("ansi_") for name, value in palette.colors.items()}
    primary = c["primary"]
    hue = {name: c.get(name, primary) for name in ("secondary", "accent", "warning", "error", "success")}
    return {
        **dict.fromkeys(("text", "user", "codeblock", "syntax_operator"), "default"),
        **dict.fromkeys(("muted", "notice", "rule", "quote_bar", "codeblock_frame"), "dim"),
        **dict.fromkeys(("quote", "reasoning", "syntax_comment"), "dim italic"),
        "heading1": f"bold underline {primary}",
        "heading2": f"bold {primary}",
        "heading3": f"bold {hue['secondary']}",
        "strong": "bold",
        "emphasis": "italic",
        "code": f"bold {hue['accent']}",
        "link": f"underline {primary}",
        "bullet": hue["accent"],
        "table_head": f"bold {primary}",
        "user_bar": hue["accent"],
        "assistant": f"bold {primary}",
        "warning": hue["warning"],
        "error": hue["error"],
        "success": hue["success"],
        "cursor": "bold",
        "selection": "reverse",
        "find": f"underline {hue['warning']}",
        "find_current": "reverse bold",
        "syntax_keyword": hue["accent"],
        "syntax_name": primary,
        "syntax_string": hue["success"],
        "syntax_number": hue["warning"],
        "syntax_type": hue["secondary"],
        "diff_add": hue["success"],
        "diff_remove": f"strike {hue['error']}",
        **{f"lane{n}": c.get(name, primary) for n, name in enumerate(_ACCENTS, start=1)},
    }
