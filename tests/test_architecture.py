"""Who may know whom: the floors of the house at rest (imports) and in motion (what gets loaded)."""

from __future__ import annotations

import graphlib
import json
import subprocess
import sys

import pytest

from tests.source import ROOT, imports, modules

_LENT = {"tui_router.formats": {"markdown_it", "pygments"}}
"""What a pure room may borrow besides the standard library, inside functions only."""
_PURE = ("tui_router.domain", "tui_router.formats")
_NEVER_LOADED = {
    "tui_router.domain": {"textual", "rich", "httpx", "sqlite3", "tomllib", "asyncio", "markdown_it", "pygments"},
    "tui_router.openrouter": {"textual", "rich", "httpx", "sqlite3", "asyncio"},
    "tui_router.storage": {"textual", "rich", "httpx"},
    "tui_router.formats": {"textual", "rich", "httpx", "sqlite3", "markdown_it", "pygments"},
    "tui_router.services": {"textual", "rich", "httpx"},
    "tui_router.cli": {"textual", "rich", "httpx"},
    "tui_router.demo_server": {"textual", "rich", "httpx", "sqlite3"},
}
"""Room to what importing all of it must not load."""
_MAX_LEVELS = {"tui_router.ui.screens.compare": 6}
"""Folder to how many modules deep its imports may go."""
_BEFORE_FIRST_PAINT = ("tui_router.ui.app", "tui_router.ui.screens.chat", "tui_router.ui.commands")
_LATE = {"httpx", "sqlite3", "markdown_it", "pygments", "difflib"}


def test_the_import_contracts_hold() -> None:
    done = _python("import importlinter.cli as c; raise SystemExit(c.lint_imports(no_cache=True, no_logo=True))")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_pure_rooms_import_only_the_standard_library() -> None:
    offenders = []
    for module in modules():
        room = ".".join(module.name.split(".")[:2])
        if room not in _PURE:
            continue
        at_top = {name for name, _ in imports(module, top_only=True)}
        for name, line in imports(module):
            first = name.partition(".")[0]
            is_lent = first in _LENT.get(room, set()) and name not in at_top
            if first != "tui_router" and first not in sys.stdlib_module_names and not is_lent:
                offenders.append(f"{module.place}:{line} {name}")
    assert not offenders, "\n".join(offenders)


def test_annotations_are_postponed_everywhere() -> None:
    offenders = [
        module.place
        for module in modules("tui_router", "tests")
        if list(imports(module)) and "__future__.annotations" not in {name for name, _ in imports(module)}
    ]
    assert not offenders, "\n".join(offenders)


def test_no_folder_holds_a_circle_of_imports_not_even_of_types() -> None:
    known = {m.name for m in modules()}
    graphs: dict[str, dict[str, set[str]]] = {}
    for module in modules():
        folder = module.path.parent.as_posix()
        edges = graphs.setdefault(folder, {}).setdefault(module.name, set())
        for name, _ in imports(module):
            while name and name not in known:
                name = name.rpartition(".")[0]
            if name != module.name:
                edges.add(name)
    circles = []
    for graph in graphs.values():
        inside = {name: {e for e in edges if e in graph} for name, edges in graph.items()}
        try:
            graphlib.TopologicalSorter(inside).prepare()
        except graphlib.CycleError as error:
            circles.append(" → ".join(error.args[1]))
    assert not circles, "\n".join(circles)


@pytest.mark.parametrize(("folder", "most"), _MAX_LEVELS.items())
def test_imports_inside_a_folder_stay_shallow(folder: str, most: int) -> None:
    found = {m.name: m for m in modules() if m.name.startswith(f"{folder}.")}
    levels: dict[str, int] = {}

    def level(name: str) -> int:
        if name not in levels:
            imported = {n.rpartition(".")[0] for n, _ in imports(found[name])} & found.keys()
            levels[name] = 1 + max(map(level, imported), default=0)
        return levels[name]

    assert max(map(level, found)) <= most, sorted(levels.items(), key=lambda item: item[1])


@pytest.mark.parametrize("room", _NEVER_LOADED)
def test_importing_a_room_loads_nothing_that_it_must_not(room: str) -> None:
    names = [m.name for m in modules() if m.name == room or m.name.startswith(f"{room}.")]
    assert _loaded(*names) & _NEVER_LOADED[room] == set()


@pytest.mark.parametrize("name", _BEFORE_FIRST_PAINT)
def test_what_is_needed_before_the_first_paint_loads_nothing_slow(name: str) -> None:
    if name not in {m.name for m in modules()}:
        pytest.skip(f"{name} is not built yet")
    # What Textual loads by itself is its own affair; it is measured in the same way and taken off.
    floor = _loaded("textual.app", "textual.widgets", "textual.screen")
    assert (_loaded(name) - floor) & _LATE == set()


def test_of_its_own_the_first_frame_loads_little() -> None:
    """Every module here is waited for by everybody at every start: see ``tests.benchmarks.bench_startup``."""
    done = _python(
        "import sys, json, tui_router.cli.entry, tui_router.cli.app, tui_router.cli.session, tui_router.ui.app\n"
        "print(json.dumps([n for n in sys.modules if n.startswith('tui_router.')]))"
    )
    loaded = set(json.loads(done.stdout))
    rooms = ("ui.commands", "ui.keymap", "ui.transcript", "openrouter", "formats", "demo_server", "services.core")
    assert [n for n in loaded if n.startswith(tuple(f"tui_router.{room}" for room in rooms))] == []
    assert loaded & {f"tui_router.domain.{n}" for n in ("usage", "model", "message", "conversation", "events")} == set()
    assert len(loaded) <= 60, sorted(loaded)


def test_the_version_costs_nothing() -> None:
    done = _python(
        "import sys, runpy; sys.argv = ['tui-router', '--version']; before = set(sys.modules)\n"
        "runpy.run_module('tui_router', run_name='__main__', alter_sys=True)\n"
        "import json; print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    version, _, loaded = done.stdout.partition("\n")
    assert version.startswith("tui-router 1.")
    assert {name.partition(".")[0] for name in json.loads(loaded)} & {
        "textual",
        "httpx",
        "argparse",
        "sqlite3",
    } == set()


def test_the_library_is_imported_without_loading_a_network_or_a_screen() -> None:
    done = _python(
        "import sys, json; from tui_router.openrouter import OpenRouter, RetryPolicy\n"
        "RetryPolicy(max_retries=5, initial_delay=2.0, max_delay=60.0, multiplier=2.0)\n"
        "print(json.dumps(sorted({n.partition('.')[0] for n in sys.modules} & {'httpx', 'textual', 'asyncio'})))"
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def _loaded(*names: str) -> set[str]:
    """Return the top names of everything that importing these modules in a fresh interpreter loads."""
    lines = "; ".join(f"import {name}" for name in names)
    done = _python(
        f"import sys, json; {lines}; print(json.dumps(sorted({{n.partition('.')[0] for n in sys.modules}})))"
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return set(json.loads(done.stdout))


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
