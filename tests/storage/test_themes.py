"""Theme files: what is read, what is refused, and that nothing in them can stop the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui_router.domain.palette import DEFAULT_THEME, PLAIN
from tui_router.storage.themes import bundled_themes, find_palette, load_palette, load_palettes, theme_files

GOOD = '[colors]\nprimary = "#0af"\nforeground = "#eeeeee"\nbackground = "#101010"\n'


def write(folder: Path, name: str, text: str | bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_twelve_themes_come_with_the_program_and_none_has_a_fault(tmp_path: Path) -> None:
    palettes, problems = load_palettes(bundled_themes(), tmp_path)
    assert problems == ()
    assert len(palettes) == 12
    assert {"midnight", "paper", "contrast-dark", "contrast-light", "terminal"} <= {p.name for p in palettes}
    assert any(p.ansi for p in palettes)


def test_the_default_theme_is_found_by_its_name(tmp_path: Path) -> None:
    palette, problems = find_palette(DEFAULT_THEME, bundled_themes(), tmp_path)
    assert (palette.name, problems) == (DEFAULT_THEME, ())


def test_a_users_theme_stands_beside_the_bundled_ones_and_replaces_its_namesake(tmp_path: Path) -> None:
    write(tmp_path, "mine.toml", GOOD)
    write(tmp_path, "midnight.toml", GOOD + '[text]\nheading1 = "bold primary on #222"\n')
    assert "mine" in theme_files(bundled_themes(), tmp_path)
    palette, problems = find_palette("midnight", bundled_themes(), tmp_path)
    assert problems == ()
    assert palette.colors["primary"] == "#00aaff"
    assert palette.text["heading1"] == "bold #00aaff on #222222"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (GOOD + 'accent = "octarine"\n', "colors.accent"),
        (GOOD + "accent = 7\n", "colors.accent"),
        (GOOD + 'accent = "ansi_blue"\n', "colors.accent"),
        (GOOD + 'sparkle = "#ffffff"\n', "colors.sparkle"),
        (GOOD + '[text]\nlink = "bold bold blau"\n', "text.link"),
        (GOOD + '[text]\nlink = "red on"\n', "text.link"),
        (GOOD + '[text]\nlink = "red blue"\n', "text.link"),
        (GOOD + '[text]\nlink = "link=https://x"\n', "text.link"),
        (GOOD + '[text]\nhumour = "red"\n', "text.humour"),
        ("wings = 2\n" + GOOD, "wings"),
        ('dark = "yes"\n' + GOOD, "dark"),
        ("title = 3\n" + GOOD, "title"),
        ("text = 3\n" + GOOD, "text"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_of_the_theme_is_used(tmp_path: Path, body: str, named: str) -> None:
    palette, problems = load_palette(write(tmp_path, "mine.toml", body))
    assert palette is not None
    assert palette.colors["primary"] == "#00aaff"
    assert len(problems) == 1
    assert "mine.toml" in problems[0].title
    assert named in problems[0].title
    assert problems[0].hint.startswith("Expected")


@pytest.mark.parametrize("missing", ["primary", "foreground", "background"])
def test_a_missing_colour_that_no_theme_can_do_without_is_named(tmp_path: Path, missing: str) -> None:
    body = "".join(line + "\n" for line in GOOD.splitlines() if not line.startswith(missing))
    palette, problems = load_palette(write(tmp_path, "mine.toml", body))
    assert palette is None
    assert [f"colors.{missing} is missing" in p.title for p in problems] == [True]


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\x00", b"[colors", b"colors = 1", b"x" * 70_000, b'title = "a\\u001b[31m"'], ids=repr
)
def test_a_file_that_is_no_theme_is_refused_with_a_reason(tmp_path: Path, body: bytes) -> None:
    palette, problems = load_palette(write(tmp_path, "mine.toml", body))
    assert palette is None
    assert problems
    assert all("mine.toml" in p.title for p in problems)
    assert "\x1b" not in "".join(p.sentence() for p in problems)


def test_a_folder_named_like_a_theme_and_a_wild_file_name_are_problems(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    write(tmp_path, "wild \x1b]0;name.toml", GOOD)
    palettes, problems = load_palettes(tmp_path / "none", tmp_path)
    assert palettes == ()
    assert len(problems) == 2
    assert "\x1b" not in "".join(p.sentence() for p in problems)


@pytest.mark.parametrize("name", ["nothing", "../midnight", "", "a\x1b[31m"])
def test_an_unknown_theme_gives_the_default_one_and_says_which_there_are(tmp_path: Path, name: str) -> None:
    palette, problems = find_palette(name, bundled_themes(), tmp_path)
    assert palette.name == DEFAULT_THEME
    assert "midnight" in problems[0].hint


def test_a_broken_active_theme_gives_the_default_one_and_the_reason(tmp_path: Path) -> None:
    write(tmp_path, "mine.toml", "[colors")
    palette, problems = find_palette("mine", bundled_themes(), tmp_path)
    assert palette.name == DEFAULT_THEME
    assert "mine.toml" in problems[0].title


def test_a_broken_theme_of_the_user_does_not_hide_the_bundled_one(tmp_path: Path) -> None:
    write(tmp_path, "midnight.toml", "[colors")
    palette, problems = find_palette("midnight", bundled_themes(), tmp_path)
    assert palette.title == "Midnight"
    assert problems


def test_without_any_theme_file_the_colours_of_the_terminal_remain(tmp_path: Path) -> None:
    palette, problems = find_palette(DEFAULT_THEME, tmp_path, tmp_path)
    assert palette is PLAIN
    assert problems
