"""The house: rooms, each of which imports only from itself and those before it, nothing private,
and every name from where it is defined."""

import ast
import io
import pkgutil
import tokenize
from importlib import import_module
from pathlib import Path

import pytest

import backprop_lab
from backprop_lab import explore

PACKAGE = Path(backprop_lab.__file__).parent
ROOMS = ("data", "core", "formulas", "lectures", "picture", "page", "explore", "exercise")
"""From the ground up."""
MODULES = sorted(PACKAGE.rglob("*.py"))


def imports(path):
    """(module, name) of all that a file imports from the package, wherever in it that stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, "by the full name"
            if node.module.split(".")[0] == "backprop_lab":
                yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((n.name, "") for n in node.names if n.name.startswith("backprop_lab"))


def by_path(path):
    return str(path.relative_to(PACKAGE))


def test_every_file_stands_in_a_room():
    found = {path.relative_to(PACKAGE).parts[0] for path in MODULES}
    assert found == {*ROOMS, "__init__.py"}


@pytest.mark.parametrize("path", MODULES, ids=by_path)
def test_imports_run_downwards(path):
    room = path.relative_to(PACKAGE).parts[0]
    allowed = ROOMS[: ROOMS.index(room) + 1] if room in ROOMS else ROOMS[:4]
    for module, name in imports(path):
        _, there, *_ = *module.split("."), name
        assert there in allowed, f"{module} import {name}"


@pytest.mark.parametrize("path", MODULES, ids=by_path)
def test_no_private_name_is_imported(path):
    for module, name in imports(path):
        assert not name.startswith("_"), f"{module} import {name}"


NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
LONGEST = 300
"""Lines of code, blanks, comments and docstrings left out: a longer file has two purposes."""
LONGEST_TEST = 500
"""Lines of a file of tests, all of them."""


def lines_of_code(path):
    text = path.read_text(encoding="utf-8")
    said = [
        range(node.lineno, node.end_lineno + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", 0), str)
    ]
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    lines = {
        line
        for token in tokens
        if token.type not in NO_CODE and token.string
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(lines.difference(*said))


@pytest.mark.parametrize("path", MODULES, ids=by_path)
def test_no_file_is_long(path):
    assert lines_of_code(path) <= LONGEST


def test_no_file_of_tests_is_long():
    tests = PACKAGE.parent / "tests"
    lines = {path.name: path.read_text("utf-8").count("\n") for path in tests.rglob("*.py")}
    assert {name for name, count in lines.items() if count > LONGEST_TEST} == set()


def defined(path):
    """The names that a file defines, other than by an import."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            names = (n for n in ast.walk(node) if isinstance(n, ast.Name))
            yield from (n.id for n in names if isinstance(n.ctx, ast.Store))


@pytest.mark.parametrize("path", MODULES, ids=by_path)
def test_a_name_is_imported_from_where_it_is_defined(path):
    for module, name in imports(path):
        file = PACKAGE.parent.joinpath(*module.split(".")).with_suffix(".py")
        assert not file.exists() or name in defined(file), f"{module} import {name}"


def test_no_two_files_import_each_other():
    names = [name for _, name, _ in pkgutil.walk_packages([str(PACKAGE)], "backprop_lab.")]
    assert len(names) == len(MODULES) - 1
    waits = {name: set() for name in names}
    for name in names:
        file = Path(import_module(name).__file__)
        for module, part in imports(file):
            waits[name] |= {there for there in (module, f"{module}.{part}") if there in waits}
        waits[name].discard(name)
    while waits:
        free = {name for name, on in waits.items() if not on & waits.keys()}
        free |= {name for name, on in waits.items() if on & waits.keys() <= free}
        assert free, f"in a circle: {sorted(waits)}"
        waits = {name: on for name, on in waits.items() if name not in free}


def test_an_app_its_function_and_its_file_have_one_name():
    """But for pictures that nothing moves: they share a file."""
    files = {path.stem for path in (PACKAGE / "explore").glob("*.py")} - {"__init__", "still"}
    assert files <= set(explore.__all__)
