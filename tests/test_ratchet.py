"""House style that no linter knows: sizes, colours, who reaches for what. Raising a number needs a reason."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping

from tests.source import ROOT, Module, functions, modules

MAX_FILE, MAX_FUNCTION, MAX_METHODS = 350, 50, 22
MAX_ALONG_LINE = 30
"""Methods of one object: those of its class and of every base class of ours."""
_SAME_NAME: dict[str, str] = {
    "Line": "a server's connection on the wire, and a line on the screen, never meet",
}
"""Class names that may occur twice, and why."""
_CATCH_ALL = {
    "tui_router/services/turn.py": "a worker's whole turn: a bug becomes an ending, never silence",
    "tui_router/cli/entry.py": "the front door: a crash prints no locals and no key",
    "tui_router/ui/app.py": "a failed start must be reported on the screen that is already up",
    "tui_router/ui/app_host.py": "a worker thread would swallow the traceback: it is reported",
    "tui_router/storage/key_sources.py": "keyring backends raise what they like",
    "tui_router/openrouter/cancel.py": "carried over to the thread that waits, and raised there",
    "tui_router/services/writer.py": "the thread of all writes must not die of one: it is told instead",
}
"""Files that may catch everything once, and why. A handler that ends in a bare ``raise`` only tidies up."""
_SELF_CONTAINED = ("tui_router/ui/widgets/", "tui_router/ui/transcript/", "tui_router/ui/prompt/")
_COLOUR_HOMES = ("tui_router/ui/themes.py",)
_HEX = re.compile(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6})\b|\brgba?\(")
_NAMES = "red|green|blue|yellow|white|black|cyan|magenta|gray|grey|orange|purple"
_CSS_NAME = re.compile(rf"(?:color|background|tint|border[\w-]*|outline[\w-]*)\s*:[^;$]*\b(?:{_NAMES})\b")
_STYLE_NAME = re.compile(
    rf"(?:(?:bold|dim|italic|underline|reverse|not|on)\s+)*(?:bright_|ansi_|dark_)?(?:{_NAMES})(?:\s+on\s+\w+)?"
)
_UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")


def test_files_functions_and_classes_stay_small() -> None:
    offenders = []
    for module in modules("tui_router", "tests"):
        lines = len(module.path.read_text(encoding="utf-8").splitlines())
        if lines > MAX_FILE:
            offenders.append(f"{module.place}: {lines} lines")
        for function in functions(module):
            size = (function.end_lineno or function.lineno) - function.lineno + 1
            if size > MAX_FUNCTION:
                offenders.append(f"{module.place}:{function.lineno} {function.name}: {size} lines")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                methods = sum(isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) for n in node.body)
                if methods > MAX_METHODS:
                    offenders.append(f"{module.place}:{node.lineno} {node.name}: {methods} methods")
    assert not offenders, "\n".join(offenders)


def test_objects_stay_small_along_their_line_of_classes() -> None:
    classes = {node.name: node for _, node in _classes()}
    sizes = {name: len(_methods(name, classes)) for name in classes}
    assert {name: size for name, size in sizes.items() if size > MAX_ALONG_LINE} == {}


def test_a_class_name_occurs_once() -> None:
    places: dict[str, list[str]] = {}
    for module, node in _classes():
        places.setdefault(node.name, []).append(module.place)
    assert {n: p for n, p in places.items() if len(p) > 1 and n not in _SAME_NAME} == {}


def _classes() -> Iterator[tuple[Module, ast.ClassDef]]:
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                yield module, node


def _methods(name: str, classes: Mapping[str, ast.ClassDef]) -> set[str]:
    """Return the names of all methods of a class, those of its bases in this program included."""
    node = classes.get(name)
    if node is None:
        return set()
    own = {n.name for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    bases = (ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases)
    return own.union(*(_methods(base, classes) for base in bases if base != name))


def test_every_module_says_what_it_is_for_in_words_of_its_own() -> None:
    said = {m.place: ast.get_docstring(m.tree) for m in modules()}
    assert [place for place, text in said.items() if not text] == []
    assert [text for text, times in Counter(said.values()).items() if times > 1] == []


def test_public_things_have_a_docstring() -> None:
    offenders = []
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef | ast.Module):
                offenders += [f"{module.place}:{line} {name}" for name, line in _silent(node)]
    assert not offenders, "\n".join(offenders)


def test_everything_is_caught_only_where_a_reason_is_given() -> None:
    found: Counter[str] = Counter()
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ExceptHandler) and _catches_all(node) and not _raises_again(node):
                found[module.place] += 1
    assert {place: times for place, times in found.items() if times > 1 or place not in _CATCH_ALL} == {}


def test_colours_live_in_theme_files_only() -> None:
    offenders = [
        f"{module.place}:{line} {text[:60]!r}"
        for module in modules("tui_router/ui")
        if module.place not in _COLOUR_HOMES
        for text, line in _texts(module.tree)
        if _HEX.search(text) or _CSS_NAME.search(text) or _STYLE_NAME.fullmatch(text)
    ]
    for sheet in sorted((ROOT / "tui_router").rglob("*.tcss")):
        rules = sheet.read_text(encoding="utf-8")
        offenders += [f"{sheet.name}: {hit.group()}" for rule in (_HEX, _CSS_NAME) for hit in rule.finditer(rules)]
    assert not offenders, "\n".join(offenders)


def test_widgets_never_reach_for_the_app() -> None:
    offenders = [
        f"{module.place}:{node.lineno}"
        for module in modules("tui_router/ui")
        if module.place.startswith(_SELF_CONTAINED)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr == "app"
        if isinstance(node.value, ast.Name) and node.value.id == "self"
    ]
    assert not offenders, "\n".join(offenders)


def test_nothing_is_left_for_later() -> None:
    offenders = [
        f"{module.place}:{number}"
        for module in modules("tui_router", "tests")
        for number, line in enumerate(module.path.read_text(encoding="utf-8").splitlines(), start=1)
        if _UNFINISHED.search(line)
    ]
    assert not offenders, "\n".join(offenders)


def test_no_module_is_named_after_nothing() -> None:
    empty_words = {"manager", "helper", "helpers", "utils", "util", "coordinator", "base", "common", "misc"}
    assert [m.place for m in modules("tui_router", "tests") if m.path.stem in empty_words] == []


def _silent(owner: ast.ClassDef | ast.Module) -> list[tuple[str, int]]:
    found = [n for n in owner.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    return [
        (n.name, n.lineno)
        for n in found
        if not n.name.startswith("_") and not ast.get_docstring(n)
        if not any(ast.unparse(d).endswith(".setter") for d in n.decorator_list)  # its property has it
    ]


def _catches_all(handler: ast.ExceptHandler) -> bool:
    caught = "" if handler.type is None else ast.unparse(handler.type)
    return handler.type is None or bool(re.search(r"\b(?:Base)?Exception\b", caught))


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _texts(tree: ast.Module) -> list[tuple[str, int]]:
    """Return (text, line) of the text constants of a file that are not docstrings."""
    docstrings = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    constants = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and id(n) not in docstrings]
    return [(n.value, n.lineno) for n in constants if isinstance(n.value, str)]
