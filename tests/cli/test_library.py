"""Conversations in the shell: listed, shown, searched, carried out and in, opened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.pty_harness import Child


@pytest.fixture
def kept(shell: Shell) -> Shell:
    """A shell with two conversations, the newer one a comparison."""
    shell.call("ask", "-m", "demo/echo", "The *needle* in the haystack")
    shell.call("ask", "-m", "demo/echo", "-m", "demo/opinion-a", "Which is best?")
    return shell


def test_the_list_shows_ids_that_every_command_takes(kept: Shell) -> None:
    lines = kept.call("list", environ={"COLUMNS": "200"}).out.splitlines()
    assert lines[0].split() == ["id", "changed", "turns", "cost", "model", "title"]
    assert [line.endswith(("Which is best?", "haystack")) for line in lines[1:]] == [True, True]
    short = lines[2].split()[0]
    assert len(short) == 8
    assert "needle" in kept.call("show", short).out
    assert [r["title"] for r in kept.call("list", "--json", "-n", "1").json] == ["Which is best?"]


def test_an_empty_house_says_so(shell: Shell) -> None:
    assert shell.call("list").err == "No conversations yet\n"
    assert shell.call("list", "--json").out == "[]\n"
    assert shell.call("show").code == 2
    assert shell.call("export").code == 2
    assert shell.call("search", "x").err == "Nothing found\n"
    assert shell.call("open").code == 2


@pytest.mark.parametrize("limit", ["0", "-3", "many"])
def test_a_limit_is_a_number_of_at_least_one(shell: Shell, limit: str) -> None:
    assert shell.call("list", f"--limit={limit}").code == 2


def test_show_prints_every_format(kept: Shell) -> None:
    assert kept.call("show").out.startswith("# Which is best?")
    assert kept.call("show", "--format", "html").out.startswith("<!doctype html>")
    assert kept.call("show", "--format", "json").json["format"] == "tui-router"
    gone = kept.call("show", "ffffffff")
    assert (gone.code, "tui-router list" in gone.err) == (2, True)


def test_a_search_marks_its_hits_and_takes_prefixes(kept: Shell) -> None:
    found = kept.call("search", "needl")
    assert "«needl" in found.out
    assert "haystack" in found.out.splitlines()[0]
    (first, *_) = kept.call("search", "needle", "--json").json
    start, end = first["marks"][0]
    assert first["snippet"][start:end].lower() == "needle"
    assert kept.call("search", "needle", "model:opinion").out == ""
    assert kept.call("search", "model:opinion", "best").out
    assert kept.call("search", '"in the haystack"').out
    assert kept.call("search", 'AND OR ("').code == 0


def test_an_export_goes_into_files_and_over_none(kept: Shell) -> None:
    first = kept.call("export", "--format", "html", "-o", "out")
    assert first.code == 0
    names = [Path(line) for line in first.out.splitlines()]
    assert len(names) == len(set(names)) == 2
    again = kept.call("export", "last", "--format", "html", "-o", "out")
    assert Path(again.out.strip()) not in names
    assert len(list((kept.folder / "out").iterdir())) == 3
    assert kept.call("export", "last", "last", "-o", "-").out.count("# Which is best?") == 1


def test_what_was_exported_comes_back(kept: Shell) -> None:
    text = kept.call("export", "--format", "json", "-o", "-").out
    (kept.folder / "all.json").write_text(text)
    again = kept.call("import", "all.json")
    assert (again.code, again.out) == (0, "")
    assert "were here already" in again.err
    fresh = {"TUI_ROUTER_CONFIG_DIR": str(kept.folder / "fresh")}
    done = kept.call("import", "all.json", environ=fresh)
    shown = [kept.call("show", i, environ=fresh).out for i in done.out.split()]
    assert sorted("needle" in text for text in shown) == [False, True]


def test_one_bad_file_keeps_no_good_one_out(kept: Shell) -> None:
    (kept.folder / "bad.json").write_text("{")
    (kept.folder / "good.json").write_text(kept.call("show", "--format", "json").out)
    fresh = {"TUI_ROUTER_CONFIG_DIR": str(kept.folder / "fresh")}
    done = kept.call("import", "gone.json", "bad.json", "good.json", environ=fresh)
    assert done.code == 2
    assert "gone.json" in done.err
    assert "bad.json" in done.err
    assert len(done.out.split()) == 1


def test_a_title_of_control_characters_is_harmless(shell: Shell) -> None:
    shell.call("ask", "-m", "demo/echo", "\x1b]0;title\x07 and \u202e more")
    assert "\x1b" not in shell.call("list").out + json.dumps(shell.call("list", "--json").json, ensure_ascii=False)


def test_open_hands_over_to_the_app(kept: Shell) -> None:
    with Child(kept.argv("open", "last"), environ=kept.environ) as child:
        child.wait_until(lambda screen: "Which is best?" in screen)
        child.send("\x11")
        child.wait_exit()
    assert child.status == 0


def test_the_app_without_a_terminal_names_what_works(shell: Shell) -> None:
    done = shell.call("open", "last")
    assert done.code == 2
    shell.call("ask", "-m", "demo/echo", "hi")
    done = shell.call("open", "last")
    assert (done.code, done.out) == (2, "")
    assert "tui-router ask" in done.err


def test_tags_with_blanks_narrow_lists_and_searches(kept: Shell) -> None:
    record = kept.call("show", "--format", "json").json
    record["conversation"] |= {"id": "0123456789abcdef", "tags": ["to do 🎉"]}
    for message in record["messages"]:
        message["id"] = f"new{message['id']}"
        message["parent_id"] = message.get("parent_id") and f"new{message['parent_id']}"
    record["conversation"]["head"] = f"new{record['conversation']['head']}"
    (kept.folder / "tagged.json").write_text(json.dumps(record))
    assert kept.call("import", "tagged.json").out == "0123456789abcdef\n"
    assert [r["tags"] for r in kept.call("list", "--tag", "to do 🎉", "--json").json] == [["to do 🎉"]]
    assert "#to do 🎉" in kept.call("list", environ={"COLUMNS": "200"}).out
    assert kept.call("list", "--tag", "other").err == "No conversation is tagged other\n"
    assert kept.call("search", "tag:to do 🎉", "best").out.startswith("01234567")
