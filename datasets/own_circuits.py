"""Reads a folder of one's own netlists, in any dialect, as circuits to train on.

A unit is the top level of a file, or a subcircuit that nothing in the file instantiates, flat.
One that contains many others, as the top of a library does, stands aside for those it contains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.datasets.records import CorpusCircuit
from eda.errors import DatasetError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from eda.circuit import Circuit
    from eda.circuit.circuit import Scope

SUFFIXES: Final = frozenset(
    (
        *(".sp", ".spi", ".spice", ".cir", ".ckt", ".net", ".cdl", ".sub", ".subckt"),
        *(".lib", ".inc", ".hsp"),
    )
)
MOST_FILES: Final = 20_000
MOST_BYTES: Final = 20_000_000
"""A larger file is passed over: such ones are extracted layouts."""
MOST_PINS: Final = 1_000
"""A larger circuit would take a training by itself; its parts are better teachers."""
LEAST_DEVICES: Final = 3
MOST_CONTAINED: Final = 10
"""A unit that contains more others than this stands aside for them."""
TOP: Final = ""


@dataclass(frozen=True)
class OwnCircuits:
    """What a folder holds.

    Attributes:
        circuits: The units found.
        files: How many netlists were read.
        passed_over: Why netlists were not used, by path.
    """

    circuits: tuple[CorpusCircuit, ...]
    files: int
    passed_over: dict[str, str]


def read_own(folder: Path, *, log: Callable[[str], None] | None = None) -> OwnCircuits:
    """Read every netlist in a folder and the folders in it.

    A file with errors is passed over, with a remark; nothing is executed, and files are
    included from inside their own folder only.

    Args:
        folder: Where the netlists are; a single netlist will do too.
        log: Called with a line on each file that is passed over.

    Raises:
        DatasetError: There is no such folder, or no netlist in it.
    """
    say = log or (lambda _: None)
    paths = [folder] if folder.is_file() else _netlists(folder)
    circuits: list[CorpusCircuit] = []
    passed_over: dict[str, str] = {}
    for path in paths:
        name = path.name if path == folder else path.relative_to(folder).as_posix()
        try:
            circuits += _units(path, name)
        except InputError as problem:
            passed_over[name] = str(problem).splitlines()[0]
            say(f"passed over {name}: {passed_over[name]}")
    return OwnCircuits(tuple(circuits), len(paths) - len(passed_over), passed_over)


def _netlists(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise DatasetError(f"{folder}: no such folder; name one that holds netlists")
    found = sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()
    )
    if not found:
        raise DatasetError(
            f"{folder}: holds no netlist; files are known by their ending:"
            f" {', '.join(sorted(SUFFIXES))}"
        )
    if len(found) > MOST_FILES:
        raise DatasetError(
            f"{folder}: holds {len(found):,} netlists, more than {MOST_FILES:,}; name a part of it"
        )
    return found


def _units(path: Path, name: str) -> Iterator[CorpusCircuit]:
    from eda.spice import read_netlist

    if path.stat().st_size > MOST_BYTES:
        raise DatasetError(f"{path}: larger than {MOST_BYTES:,} bytes")
    circuit = read_netlist(path, strict=False)
    if circuit.errors:
        raise DatasetError(f"{len(circuit.errors)} errors, the first: {circuit.errors[0]}")
    for unit in _chosen(_contained(circuit)):
        flat = circuit.flatten(subcircuit=unit or None)
        pins = sum(len(device.roles) for device in flat.devices)
        if len(flat.devices) >= LEAST_DEVICES and pins <= MOST_PINS:
            yield CorpusCircuit(
                name=f"{name}:{unit}" if unit else name, corpus="own", circuit=flat, group=""
            )


def _contained(circuit: Circuit) -> dict[str, set[str]]:
    """Return for each unit the units it instantiates; ``TOP`` is the top level."""
    defined = circuit.subcircuits
    scopes: dict[str, Scope] = dict(defined)
    if circuit.devices:
        scopes[TOP] = circuit
    return {
        name: {
            device.model.lower()
            for device in scope.devices
            if device.kind == "subcircuit" and device.model.lower() in defined
        }
        for name, scope in scopes.items()
    }


def _chosen(direct: dict[str, set[str]]) -> list[str]:
    """Return the units to take: the outermost ones that contain few others."""
    inner = set().union(*direct.values()) if direct else set()
    waiting = [unit for unit in direct if unit not in inner]
    chosen: dict[str, None] = {}
    seen = set(waiting)
    while waiting:
        unit = waiting.pop()
        if len(_inside(unit, direct)) <= MOST_CONTAINED:
            chosen[unit] = None
        else:
            new = direct[unit] - seen
            seen |= new
            waiting += sorted(new)
    return sorted(chosen)


def _inside(unit: str, direct: dict[str, set[str]]) -> set[str]:
    """Return all units in a unit, however deep."""
    inside: set[str] = set()
    waiting = list(direct[unit])
    while waiting:
        other = waiting.pop()
        if other not in inside:
            inside.add(other)
            waiting += direct[other]
    return inside
