"""Themes on the screen: contrast, derived styles, no colour."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.widgets import Button, Input, OptionList

from tui_router.domain.palette import COLOR_KEYS, PLAIN, TEXT_KEYS, Palette
from tui_router.storage.themes import bundled_themes, load_palettes
from tui_router.ui.themes import mix, to_theme, transcript_styles, without_color

PALETTES, _ = load_palettes(bundled_themes(), Path("/nonexistent"))
COLORED = [p for p in PALETTES if not p.ansi]
DECORATION = {"quote_bar", "rule"}
"""Drawn lines, not text: WCAG asks 3:1 of what must be seen, and nothing of ornament."""


def interface_colors(palette: Palette) -> dict[str, str]:
    """Return every colour of the interface: the theme's own, the others as Textual derives them."""
    generated = to_theme(palette).to_color_system().generate()
    return {name: palette.colors.get(name) or Color.parse(generated[name]).hex6.lower() for name in COLOR_KEYS}


def contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    channels = [v / 255 for v in Color.parse(color).rgb]
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("palette", COLORED, ids=lambda p: p.name)
def test_every_word_of_every_theme_can_be_read(palette: Palette) -> None:
    """WCAG AA: 4.5 to 1 on the style's own background, or on each background it may stand on."""
    colors = interface_colors(palette)
    foreground, background, surface = colors["foreground"], colors["background"], colors["surface"]
    for key, text in transcript_styles(palette).items():
        if key in DECORATION:
            continue
        style = Style.parse(text)
        ink = style.color.get_truecolor().hex if style.color else foreground
        grounds = [style.bgcolor.get_truecolor().hex] if style.bgcolor else [background, surface]
        for ground in grounds:
            assert contrast(ink, ground) >= 4.5, (palette.name, key, ink, ground)


@pytest.mark.parametrize("palette", COLORED, ids=lambda p: p.name)
def test_the_colours_of_the_interface_can_be_read_on_its_grounds(palette: Palette) -> None:
    colors = interface_colors(palette)
    for name in ("foreground", "primary", "secondary", "accent", "warning", "error", "success"):
        for ground in ("background", "surface", "panel"):
            assert contrast(colors[name], colors[ground]) >= 4.5, (palette.name, name, ground)
    generated = to_theme(palette).to_color_system().generate()
    pairs = [("block-cursor-foreground", "block-cursor-background"), ("text-muted", "panel"), ("text", "panel")]
    for ink, ground in pairs:
        assert contrast(generated[ink], generated[ground]) >= 4.5, (palette.name, ink)


@pytest.mark.parametrize("name", ["contrast-dark", "contrast-light"])
def test_the_high_contrast_themes_reach_seven_to_one(name: str) -> None:
    palette = next(p for p in PALETTES if p.name == name)
    for key, text in transcript_styles(palette).items():
        style = Style.parse(text)
        if key not in DECORATION and style.color and not style.bgcolor:
            assert contrast(style.color.get_truecolor().hex, palette.colors["background"]) >= 7, key


@pytest.mark.parametrize("palette", [*PALETTES, PLAIN], ids=lambda p: p.name)
def test_every_style_of_the_transcript_is_there_and_can_be_parsed(palette: Palette) -> None:
    styles = transcript_styles(palette)
    assert set(styles) == set(TEXT_KEYS)
    for text in styles.values():
        Style.parse(text)


def test_a_theme_of_three_colours_is_completed() -> None:
    palette = Palette(name="bare", colors={"primary": "#00aaff", "foreground": "#eeeeee", "background": "#101010"})
    assert to_theme(palette).primary == "#00aaff"
    styles = transcript_styles(palette)
    assert styles["codeblock"] == f"#eeeeee on {mix('#eeeeee', '#101010', 0.05)}"
    assert contrast(styles["muted"], "#101010") >= 4.5


def test_a_theme_may_override_any_style() -> None:
    palette = PALETTES[0]._replace(text={"link": "bold red"})
    assert transcript_styles(palette)["link"] == "bold red"


@pytest.mark.parametrize("palette", [p for p in PALETTES if p.name in {"midnight", "terminal"}], ids=lambda p: p.name)
def test_without_colour_only_weight_slant_and_reverse_remain(palette: Palette) -> None:
    plain = without_color(palette)
    assert set(plain.colors.values()) == {"ansi_default"}
    styles = [Style.parse(s) for s in transcript_styles(plain).values()]
    assert not any(s.color or s.bgcolor for s in styles)
    assert transcript_styles(plain)["selection"] == "reverse"


class Sample(App[None]):
    def compose(self) -> ComposeResult:
        yield Input("text")
        yield OptionList("one", "two")
        yield Button("Go")


async def test_every_theme_can_be_switched_to_and_from() -> None:
    app = Sample()
    async with app.run_test(size=(40, 12)) as pilot:
        for palette in (*PALETTES, PLAIN, without_color(PALETTES[0])):
            theme = to_theme(palette._replace(name=f"{palette.name}-x{palette.ansi}"))
            app.register_theme(theme)
            app.theme = theme.name
            await pilot.pause()
        assert app.theme.startswith(PALETTES[0].name)
