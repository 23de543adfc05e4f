"""``ask`` as a person uses it: in a terminal, in a pipe, with files, in conversations."""

from __future__ import annotations

import pytest

from tests.cli.shell import Shell
from tui_router.demo_server.server import DemoServer

_PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16


def test_an_answer_goes_to_standard_output_and_nothing_else_does(shell: Shell) -> None:
    done = shell.run("ask", "-m", "demo/echo", "Is this a question?")
    assert (done.code, done.out, done.err) == (0, "Is this a question?\n", "")


def test_piped_text_is_added_to_the_question(shell: Shell) -> None:
    done = shell.run("ask", "-m", "demo/echo", "What", "is", "this?", stdin=b"\xef\xbb\xbfa diff\r\n")
    assert done.out == "What is this?\n\na diff\n"
    assert shell.run("ask", "-m", "demo/echo", "-", stdin=b"only this").out == "only this\n"


def test_a_megabyte_is_piped_through(shell: Shell) -> None:
    shell.settings('[chat]\nmodel = "x-ai/grok-4.1-fast"\n')
    text = "a long line of words\n" * 50_000
    assert shell.run("ask", "what is it?", stdin=text.encode()).code == 0
    assert shell.run("export", "-o", "-").out.count("a long line of words") >= 50_000
    refused = shell.run("ask", "-m", "demo/echo", stdin=text.encode())
    assert (refused.code, refused.out) == (6, "")
    assert "does not fit" in refused.err


def test_binary_in_a_pipe_is_refused(shell: Shell) -> None:
    done = shell.run("ask", "-m", "demo/echo", stdin=b"\x7fELF\x00\x00")
    assert (done.code, done.out) == (2, "")
    assert "binary" in done.err


def test_a_file_goes_along(shell: Shell) -> None:
    (shell.folder / "notes.txt").write_text("milk and eggs")
    done = shell.run("ask", "-m", "demo/echo", "-f", "notes.txt", "Read this", "--json")
    assert done.json["ending"] == "complete"
    assert "milk and eggs" in shell.run("show", "last").out


@pytest.mark.parametrize(("name", "data"), [("gone.txt", None), ("program", b"\x7fELF\x00\x01")])
def test_a_file_that_cannot_be_sent_stops_the_question(shell: Shell, name: str, data: bytes | None) -> None:
    if data is not None:
        (shell.folder / name).write_bytes(data)
    done = shell.run("ask", "-m", "demo/echo", "-f", name, "Read this")
    assert (done.code, done.out) == (2, "")
    assert name in done.err


def test_a_file_alone_is_a_question(shell: Shell) -> None:
    (shell.folder / "a.png").write_bytes(_PICTURE)
    assert shell.run("ask", "-m", "demo/quick", "-f", "a.png").code in (0, 6)


@pytest.mark.parametrize("words", [[], ["  "], ["-m", "demo/echo", ""]])
def test_an_empty_question_is_wrong_usage(shell: Shell, words: list[str]) -> None:
    done = shell.run("ask", *words, stdin=b" \n")
    assert (done.code, done.out) == (2, "")
    assert "no question" in done.err


def test_a_conversation_goes_on_and_its_model_answers_again(shell: Shell) -> None:
    shell.run("ask", "-m", "demo/echo", "first")
    done = shell.run("ask", "-c", "second")
    assert (done.code, done.out) == (0, "second\n")
    (row,) = shell.run("list", "--json").json
    assert row["messages"] == 4
    assert shell.run("ask", "--resume", row["id"][:6], "third").out == "third\n"


def test_going_on_where_nothing_is_says_so(shell: Shell) -> None:
    assert shell.run("ask", "-c", "hi").code == 2
    assert shell.run("ask", "--resume", "abc", "hi").code == 2


def test_no_save_leaves_nothing_on_disk(shell: Shell) -> None:
    shell.run("ask", "-m", "demo/echo", "kept")
    done = shell.run("ask", "-c", "--no-save", "hidden words", "--json")
    assert done.json["text"] == "hidden words"
    assert "conversation" not in done.json
    assert "hidden" not in shell.run("show", "last").out
    (row,) = shell.run("list", "--json").json
    assert row["messages"] == 2
    everything = b"".join(p.read_bytes() for p in (shell.folder / "config").rglob("*") if p.is_file())
    assert b"hidden words" not in everything


def test_the_first_words_become_the_title_and_the_model_the_usual_one(shell: Shell) -> None:
    shell.run("ask", "-m", "demo/echo", "A title of words")
    assert shell.run("list", "--json").json[0]["title"] == "A title of words"
    assert shell.run("ask", "who?").out == "who?\n"


def test_json_tells_everything_once(shell: Shell) -> None:
    done = shell.run("ask", "-m", "demo/quick", "--json", "costs?")
    told = done.json
    assert (done.code, done.err) == (0, "")
    assert told["model"] == "demo/quick"
    assert told["usage"]["cost"] > 0
    assert told["text"]
    assert told["seconds"]["total"] >= told["seconds"]["first_token"] >= 0
    assert shell.run("show", told["conversation"]).code == 0


def test_the_system_prompt_is_kept_with_the_conversation(shell: Shell) -> None:
    shell.run("ask", "-m", "demo/echo", "-s", "Be brief.", "hi")
    assert "Be brief." in shell.run("show").out


def test_only_code_is_printed_when_asked_for(shell: Shell) -> None:
    done = shell.run("ask", "--code", "-m", "demo/echo", "Before\n```py\nprint(1)\n```\nafter\n~~~\nx\n~~~")
    assert done.out == "print(1)\n\nx\n"


def test_an_answer_without_code_says_so(shell: Shell) -> None:
    done = shell.run("ask", "--code", "-m", "demo/echo", "no code")
    assert (done.code, done.out) == (2, "")
    assert "no code block" in done.err


def test_several_models_answer_as_they_finish(shell: Shell) -> None:
    done = shell.run("ask", "-m", "demo/echo", "-m", "demo/opinion-a,demo/opinion-b", "hello")
    assert done.code == 0
    for model in ("demo/echo", "demo/opinion-a", "demo/opinion-b"):
        assert f"## {model}\n" in done.out
        assert f"{model}: complete" in done.err
    assert "Comparison of 3 answers" in shell.run("show").out


def test_one_that_fails_does_not_take_the_others_along(shell: Shell) -> None:
    done = shell.run("ask", "-m", "demo/error-402", "-m", "demo/echo", "hello", "--json")
    failed, whole = done.json["answers"]
    assert done.code == 0
    assert failed["error"]["exit_code"] == 4
    assert whole["text"] == "hello"


def test_all_failing_is_a_failure(shell: Shell) -> None:
    assert shell.run("ask", "-m", "demo/error-402", "-m", "demo/error-403", "hello").code == 4


def test_columns_stand_side_by_side_where_there_is_room(shell: Shell) -> None:
    words = ("ask", "-m", "demo/echo", "-m", "demo/echo", "--columns", "same")
    assert "same" + " " * 54 + " │ same" in shell.run(*words, environ={"COLUMNS": "120"}).out
    assert "│" not in shell.run(*words, environ={"COLUMNS": "60"}).out


def test_nine_models_are_too_many(shell: Shell) -> None:
    done = shell.run("ask", *["-m", "demo/echo"] * 9, "hi")
    assert (done.code, "too many" in done.err) == (2, True)


@pytest.mark.parametrize("typed", ["openrouter/demo/echo", "demo/echo", "echo"])
def test_ids_are_understood_as_people_write_them(shell: Shell, typed: str) -> None:
    shell.run("models", "--refresh")
    done = shell.run("ask", "-m", typed, "hi", "--json")
    assert (done.code, done.json["model"]) == (0, "demo/echo")


def test_an_unknown_model_gets_suggestions_with_and_without_a_list(shell: Shell) -> None:
    done = shell.run("ask", "-m", "demo/quik", "hi", "--json")
    assert done.code == 6
    assert "demo/quick" in done.json["error"]["suggestions"]
    shell.run("models", "--refresh")
    again = shell.run("ask", "-m", "demo/quik", "hi")
    assert (again.code, again.out) == (6, "")
    assert "demo/quick" in again.err


def test_a_limit_on_cost_is_held_even_before_a_list_of_prices_was_seen(shell: Shell) -> None:
    done = shell.run("ask", "-m", "demo/opinion-c", "--max-cost", "0.0001", "hello", "--json")
    assert (done.code, done.json["error"]["kind"]) == (4, "budget")
    assert shell.run("ask", "-m", "demo/echo", "--max-cost", "$0", "hello").code == 0
    assert shell.run("list", "--json").json[0]["title"] == "hello"


@pytest.mark.parametrize("amount", ["-1", "nan", "lots"])
def test_a_limit_that_is_none_is_refused(shell: Shell, amount: str) -> None:
    assert shell.run("ask", f"--max-cost={amount}", "hi").code == 2


def test_sources_and_pictures_are_said_beside_the_answer(shell: Shell) -> None:
    cited = shell.run("ask", "-m", "demo/citations", "what is new?")
    assert "  1. " in cited.err
    assert "https://" in cited.err
    assert "1 picture" in shell.run("ask", "-m", "demo/image", "draw").err


def test_hostile_text_cannot_drive_the_terminal(shell: Shell) -> None:
    for words in (["ask", "-m", "demo/hostile", "hi"], ["ask", "-m", "demo/hostile", "--json", "hi"], ["show"]):
        done = shell.run(*words)
        for text in (done.out, done.err):
            assert not set(text) & {chr(c) for c in (*range(9), *range(11, 32), *range(127, 160), 0x202E, 0x2066)}


def test_the_demo_needs_neither_key_nor_network(shell: Shell) -> None:
    nothing = {"OPENROUTER_API_KEY": "", "OPENROUTER_BASE_URL": ""}
    done = shell.run("--demo", "ask", "-m", "demo/echo", "hi there", environ=nothing)
    assert (done.code, done.out) == (0, "hi there\n")
    assert shell.run("list", "--json").json == []


def test_ask_loads_no_screen(shell: Shell) -> None:
    done = shell.run("ask", "-m", "demo/echo", "hi", environ={"PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.err.splitlines()}
    assert "httpx" in loaded
    assert loaded & {"textual", "rich", "click", "markdown_it", "pygments", "asyncio"} == set()


def test_a_broken_setting_is_said_and_does_not_stop_the_answer(shell: Shell) -> None:
    shell.settings("[look]\ntheme = 3\n")
    done = shell.run("ask", "-m", "demo/echo", "hi")
    assert (done.code, done.out) == (0, "hi\n")
    assert "look.theme" in done.err


def test_a_folder_that_is_none_is_refused_before_anything_is_asked(shell: Shell, demo_server: DemoServer) -> None:
    (shell.folder / "file").write_text("not a folder")
    before = len(demo_server.requests)
    done = shell.run("ask", "-m", "demo/echo", "hi", "--config-dir", "file")
    assert (done.code, done.out) == (1, "")
    assert "another --config-dir" in done.err
    assert len(demo_server.requests) == before


def test_a_longest_answer_is_asked_for_once_and_not_kept(shell: Shell, demo_server: DemoServer) -> None:
    assert shell.call("ask", "-m", "demo/quick", "--max-tokens", "33", "hi").code == 0
    assert _longest(demo_server) == 33
    assert shell.call("ask", "-c", "again").code == 0
    assert _longest(demo_server) != 33
    assert shell.call("ask", "--max-tokens", "0", "hi").code == 2


def _longest(demo_server: DemoServer) -> object:
    body = [r.body for r in demo_server.requests if r.path.endswith("/chat/completions")][-1]
    assert isinstance(body, dict)
    return body["max_tokens"]


def test_a_bad_line_anywhere_in_the_settings_lifts_no_budget(shell: Shell, demo_server: DemoServer) -> None:
    good = "[money]\ndaily_budget = 0.00000001\n"
    shell.settings(good)
    shell.call("models", "--refresh")
    shell.settings(f"{good}[look]\ntheme = fjord\n")
    before = len(demo_server.requests)
    done = shell.call("ask", "-m", "demo/quick", "hello")
    assert (done.code, done.out) == (4, "")
    assert "line 4" in done.err
    assert "last good limits go on counting" in done.err
    assert not [r for r in demo_server.requests[before:] if r.path.endswith("/chat/completions")]
