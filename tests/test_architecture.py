"""Imports run down the floors of the house, and heavy packages are imported where they are used.

| floor | rooms |
|---|---|
| 0 | circuit, aig, numbers, errors, config, tensors, checkpoint (they may use one another) |
| 1 | spice, graph |
| 2 | rules, structures |
| 3 | schematic, plots |
| 4 | links, topology, surrogate, logic, filters |
| 5 | datasets |
| 6 | agents |
| 7 | bench |
| 8 | cli |

``eda/__init__.py`` is the face and exempt: it names all of them, and loads them when used.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("agents", "cli", "datasets", "spice")

FLOORS = {
    **dict.fromkeys(
        ("circuit", "aig", "numbers", "errors", "config", "tensors", "checkpoint", "process"), 0
    ),
    **dict.fromkeys(("spice", "graph"), 1),
    **dict.fromkeys(("rules", "structures"), 2),
    **dict.fromkeys(("schematic", "plots"), 3),
    **dict.fromkeys(("links", "topology", "surrogate", "logic", "filters"), 4),
    "datasets": 5,
    "agents": 6,
    "bench": 7,
    "cli": 8,
}

FACE_FLOOR = 7
"""From this floor on the flat names of ``eda`` itself may be used."""

BY_NAME_ONLY = {("eda.circuit.circuit", "eda.spice.pyspice_bridge")}
"""Ways up: a name given to ``import_module``, taken only when a method is called."""

HEAVY = ("torch", "torch_geometric", "networkx", "PySpice", "matplotlib", "stable_baselines3")

MEANT_FOR_IT = {
    "eda/links/network.py": {"torch"},
    "eda/surrogate/network.py": {"torch"},
    "eda/topology/network.py": {"torch"},
}
"""Files that import heavy packages at their top, because their classes derive from them.

Such a file is itself imported inside functions only.
"""


@dataclass(frozen=True)
class Import:
    """One import: who, whom, in which line, and whether merely importing the file does it."""

    importer: str
    imported: str
    place: str
    at_top: bool


def modules() -> dict[str, Path]:
    """Every module of the package by its name, whichever folder it lives in."""
    found = {}
    for folder in ("eda", *FOLDERS):
        base = ROOT / folder
        for path in sorted(base.rglob("*.py")):
            # eda/spice and its like are links to folders that are visited by themselves.
            if any(parent.is_symlink() for parent in path.parents if parent != ROOT):
                continue
            parts = path.relative_to(ROOT).with_suffix("").parts
            parts = parts if folder == "eda" else ("eda", *parts)
            found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imports_of(name: str, source: str, path: str) -> Iterator[Import]:
    """Every import in a module, those in functions and for type checkers included."""
    yield from _walk(ast.parse(source), name, path, at_top=True)


def _walk(node: ast.AST, name: str, path: str, *, at_top: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        place = f"{path}:{getattr(child, 'lineno', 0)}"
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(name, alias.name, place, at_top)
        elif isinstance(child, ast.ImportFrom):
            module = "." * child.level + (child.module or "")
            for alias in child.names:
                whole = f"{module}.{alias.name}" if module == "eda" else module
                yield Import(name, whole, place, at_top)
        elif isinstance(child, ast.Call) and _calls_import_module(child):
            argument = child.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield Import(name, argument.value, place, at_top)
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for part in child.body:
                yield from _walk(ast.Module([part], []), name, path, at_top=False)
            for part in child.orelse:
                yield from _walk(ast.Module([part], []), name, path, at_top=at_top)
            continue
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from _walk(child, name, path, at_top=at_top and not inside)


def _calls_import_module(call: ast.Call) -> bool:
    return bool(call.args) and ast.unparse(call.func).rpartition(".")[2] == "import_module"


def room(module: str) -> str:
    """Return the room of a module: ``spice`` for ``eda.spice.lines``, "" for the face."""
    return module.split(".")[1] if "." in module else ""


def objection(item: Import) -> str:
    """Return what is wrong with an import, or nothing."""
    here, there = room(item.importer), item.imported
    if there.startswith("."):
        return f"{item.place}: relative import; write `from eda.{here}... import`"
    if there.split(".")[0] in FOLDERS:
        return f"{item.place}: imports {there}; write eda.{there}"
    if there.split(".")[0] != "eda" or (item.importer, there) in BY_NAME_ONLY:
        return ""
    other = room(there)
    if other not in FLOORS:
        if FLOORS[here] >= FACE_FLOOR:
            return ""
        return f"{item.place}: {here} imports the face ({there}); name the room it comes from"
    if other == here or FLOORS[here] == FLOORS[other] == 0 or FLOORS[other] < FLOORS[here]:
        return ""
    if FLOORS[other] == FLOORS[here]:
        return f"{item.place}: {here} imports {other}, a room of the same floor"
    return f"{item.place}: {here} (floor {FLOORS[here]}) imports {other} (floor {FLOORS[other]})"


def all_imports() -> Iterator[Import]:
    for name, path in modules().items():
        if name != "eda":
            source = path.read_text(encoding="utf-8")
            yield from imports_of(name, source, str(path.relative_to(ROOT)))


def test_every_room_is_on_a_floor() -> None:
    rooms = {room(name) for name in modules()} - {""}
    assert rooms <= set(FLOORS)
    assert {"circuit", "spice", "graph", "rules", "links", "datasets", "cli"} <= rooms


def test_imports_run_down_only() -> None:
    assert [text for item in all_imports() if (text := objection(item))] == []


def test_heavy_packages_are_imported_inside_functions() -> None:
    found = [
        f"{item.place}: imports {item.imported} at its top; import it inside the function"
        for item in all_imports()
        if item.at_top
        and (top := item.imported.split(".")[0]) in HEAVY
        and top not in MEANT_FOR_IT.get(item.place.rpartition(":")[0], set())
    ]
    assert found == []


def test_the_table_of_heavy_files_is_not_stale() -> None:
    used: dict[str, set[str]] = {}
    for item in all_imports():
        top = item.imported.split(".")[0]
        if item.at_top and top in HEAVY:
            used.setdefault(item.place.rpartition(":")[0], set()).add(top)
    assert used == MEANT_FOR_IT


def test_importing_every_room_loads_nothing_heavy() -> None:
    rooms = sorted(f"eda.{name}" for name in {room(name) for name in modules()} - {""})
    script = (
        "import sys\nfrom importlib import import_module\n"
        f"for name in {rooms}: import_module(name)\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("eda.graph.build", "from eda.circuit import Circuit", ""),
        ("eda.circuit.device", "from eda.errors import EdaError", ""),
        ("eda.cli.info", "def f():\n    import eda\n", ""),
        ("eda.links.train", "from eda.graph.build import circuit_graph", ""),
        (
            "eda.graph.build",
            "def f():\n    from eda.rules import check\n",
            "x.py:2: graph (floor 1) imports rules (floor 2)",
        ),
        (
            "eda.graph.build",
            "if TYPE_CHECKING:\n    from eda.spice import Ac\n",
            "x.py:2: graph imports spice, a room of the same floor",
        ),
        ("eda.rules.base", "from eda import spice, links", "x.py:1: rules (floor 2) imports links"),
        ("eda.rules.base", "import eda", "x.py:1: rules imports the face (eda)"),
        ("eda.rules.base", "from eda import check", "x.py:1: rules imports the face (eda.check)"),
        ("eda.rules.base", "from . import x", "x.py:1: relative import"),
        ("eda.rules.base", "import spice", "x.py:1: imports spice; write eda.spice"),
        (
            "eda.circuit.x",
            "import importlib\nimportlib.import_module('eda.cli')",
            "x.py:2: circuit (floor 0) imports cli (floor 8)",
        ),
    ],
)
def test_objections(module: str, source: str, expected: str) -> None:
    found = [text for item in imports_of(module, source, "x.py") if (text := objection(item))]
    assert len(found) == (1 if expected else 0)
    assert "".join(found).startswith(expected)


def test_imports_for_type_checkers_and_in_functions_are_not_at_the_top() -> None:
    source = (
        "import torch\n"
        "if TYPE_CHECKING:\n    import networkx\n"
        "class A:\n    import scipy\n    def f(self):\n        import matplotlib\n"
    )
    found = {item.imported: item.at_top for item in imports_of("eda.links.x", source, "x.py")}
    assert found == {"torch": True, "networkx": False, "scipy": True, "matplotlib": False}
