"""Reads a folder of one's own netlists, in any dialect, as circuits to train on.

A unit is the top level of a file or one of its subcircuits, flat. A unit and those it contains
belong to one group, and so do equal units of different files, so that nothing is trained on and
tested on at once. A unit that contains many others is left out: they are there by themselves.
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

SUFFIXES: Final = frozenset(
    (
        *(".sp", ".spi", ".spice", ".cir", ".ckt", ".net", ".cdl", ".sub", ".subckt"),
        *(".lib", ".inc", ".hsp"),
    )
)
MOST_FILES: Final = 20_000
MOST_BYTES: Final = 20_000_000
"""A larger file is passed over: such ones are extracted layouts."""
MOST_PINS: Final = 5_000
LEAST_DEVICES: Final = 3
MOST_CONTAINED: Final = 10
"""A unit that contains more others than this is left out."""
TOP: Final = ""


@dataclass(frozen=True)
class OwnCircuits:
    """What a folder holds.

    Attributes:
        circuits: The units found; their group says which of one file belong together.
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
    contains = _contains(circuit)
    group = _groups(contains)
    for unit, inside in contains.items():
        if len(inside) > MOST_CONTAINED:
            continue
        flat = circuit.flatten(subcircuit=unit or None)
        pins = sum(len(device.roles) for device in flat.devices)
        if len(flat.devices) >= LEAST_DEVICES and pins <= MOST_PINS:
            yield CorpusCircuit(
                name=f"{name}:{unit}" if unit else name,
                corpus="own",
                circuit=flat,
                group=f"{name}:{group[unit]}",
            )


def _contains(circuit: Circuit) -> dict[str, set[str]]:
    """Return for each unit the units that it contains, however deep; ``TOP`` is the top level."""
    defined = circuit.subcircuits
    direct = {
        name: {
            device.model.lower()
            for device in sub.devices
            if device.kind == "subcircuit" and device.model.lower() in defined
        }
        for name, sub in defined.items()
    }
    if circuit.devices:
        direct[TOP] = {
            device.model.lower()
            for device in circuit.devices
            if device.kind == "subcircuit" and device.model.lower() in defined
        }
    contains: dict[str, set[str]] = {}
    for unit in direct:
        inside: set[str] = set()
        waiting = list(direct[unit])
        while waiting:
            other = waiting.pop()
            if other not in inside:
                inside.add(other)
                waiting += direct[other]
        contains[unit] = inside
    return contains


def _groups(contains: dict[str, set[str]]) -> dict[str, str]:
    """Return a name for the group of each unit: those that contain one another, small ones."""
    root = {unit: unit for unit in contains}

    def find(unit: str) -> str:
        while root[unit] != unit:
            unit = root[unit]
        return unit

    for unit, inside in contains.items():
        for other in inside if len(inside) <= MOST_CONTAINED else ():
            root[find(unit)] = find(other)
    return {unit: find(unit) for unit in contains}
