"""Reads corpora that are folders of netlists: each file's circuits, flat, with what they resemble.

A file's top level is one circuit; a file of only subcircuits holds one circuit for each that
nobody instantiates. What flattens to more than `MAX_DEVICES` devices is taken apart into the
subcircuits it is made of. Files that cannot be read without errors are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.datasets.records import CorpusCircuit
from eda.errors import DatasetError, EdaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from eda.circuit import Circuit, Device, Subcircuit

MIN_DEVICES: Final = 3
MAX_DEVICES: Final = 400
MAX_BYTES: Final = 4_000_000
MAX_FILES: Final = 20_000

_STRENGTH: Final = re.compile(r"(_x?\d+|_?x\d+(p\d+)?|_m)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NetlistFolder:
    """How the netlists of a corpus lie in its folder.

    Attributes:
        files: Patterns of the files that are read, as `pathlib.Path.glob` has them.
        without: Parts of a path that keep a file out.
        alike: What circuits that resemble one another share: the ``family`` of a cell (its name
            without the drive strength), the ``folder`` of the file, or the ``file``.
    """

    files: tuple[str, ...]
    without: tuple[str, ...] = ()
    alike: str = "file"


NETLIST_FOLDERS: Final[dict[str, NetlistFolder]] = {
    "sky130_cells": NetlistFolder(("**/*.spice",), alike="family"),
    "stdcells": NetlistFolder(("**/spice/*.sp",), alike="family"),
    "ihp": NetlistFolder(("**/*.cdl", "**/*.spice", "**/*.spi"), alike="family"),
    "align": NetlistFolder(("**/*.sp",), without=("Unsized_Netlists",), alike="folder"),
    "openfasoc": NetlistFolder(
        ("**/*.sp", "**/*.spice", "**/*.cdl", "**/*.net"), without=("platforms",), alike="folder"
    ),
    "analoggym": NetlistFolder(("**/*",), without=(".md", ".txt", ".lib", "spectre", "LICENSE")),
    "ngspice": NetlistFolder(("**/*.cir", "**/*.sp", "**/*.net"), alike="folder"),
    "ltspice": NetlistFolder(("**/*.net",)),
}


def read_netlists(folder: Path, *, corpus: str) -> Iterator[CorpusCircuit]:
    """Yield the circuits of a folder of netlists, by path; equal ones once.

    Raises:
        DatasetError: The folder holds no netlists, or far too many.
    """
    from eda.datasets.splits import split_hash

    plan = NETLIST_FOLDERS[corpus]
    files = sorted(
        {
            path
            for pattern in plan.files
            for path in folder.glob(pattern)
            if path.is_file()
            and not any(part in str(path.relative_to(folder)) for part in plan.without)
        }
    )
    if not files or len(files) > MAX_FILES:
        raise DatasetError(
            f"{folder}: {len(files)} netlists there; set EDA_DATA to the folder of the corpora, "
            f"or fetch them with: eda datasets get {corpus}"
        )
    seen: set[str] = set()
    for path in files:
        if path.stat().st_size > MAX_BYTES:
            continue
        inner = path.relative_to(folder)
        for circuit in file_circuits(path):
            name = f"{corpus}/{inner.as_posix()}"
            if circuit.name and circuit.name.lower() != path.stem.lower():
                name = f"{name}:{circuit.name}"
            item = CorpusCircuit(
                name=name,
                corpus=corpus,
                circuit=circuit,
                group=f"{corpus}:{_alike(plan.alike, path, circuit.name or path.stem)}",
                digital=_mostly_boxes(circuit),
            )
            key = split_hash(item)
            if key not in seen:
                seen.add(key)
                yield item


def file_circuits(path: Path) -> Iterator[Circuit]:
    """Yield the circuits of one file, flat, of `MIN_DEVICES` to `MAX_DEVICES` devices each."""
    from eda.spice import read_netlist

    try:
        circuit = read_netlist(path, strict=False)
    except (EdaError, OSError):
        return
    if circuit.errors:
        return
    tops = _roots(circuit)
    done: set[str] = set()
    while tops:
        top = tops.pop(0)
        if top in done:
            continue
        done.add(top)
        count = _count(circuit, top)
        if count > MAX_DEVICES:
            tops += _used(circuit, top)
        elif count >= MIN_DEVICES:
            try:
                flat = circuit.flatten(subcircuit=top or None)
            except EdaError:
                continue
            if len(flat.devices) >= MIN_DEVICES:
                yield flat


def _roots(circuit: Circuit) -> list[str]:
    """Return the top level (as an empty name), or the subcircuits that nobody instantiates."""
    if circuit.devices:
        return [""]
    used = {name for top in circuit.subcircuits for name in _used(circuit, top)}
    return [name for name in circuit.subcircuits if name not in used]


def _devices(circuit: Circuit, top: str) -> tuple[Device, ...]:
    scope: Circuit | Subcircuit = circuit.subcircuits[top] if top else circuit
    return scope.devices


def _used(circuit: Circuit, top: str) -> list[str]:
    """Return the subcircuits that this one instantiates, each once."""
    names = (item.model.lower() for item in _devices(circuit, top) if item.kind == "subcircuit")
    return [name for name in dict.fromkeys(names) if name in circuit.subcircuits]


def _count(circuit: Circuit, top: str) -> int:
    """Return the number of devices that a circuit flattens to, or enough to call it too large."""
    known: dict[str, int] = {}
    # Depth first without recursion: a name is counted when all that it uses are.
    stack = [top]
    while stack:
        name = stack[-1]
        waiting = [used for used in _used(circuit, name) if used not in known]
        if waiting and len(stack) <= len(circuit.subcircuits) + 1:
            stack += waiting[:1]
            continue
        stack.pop()
        known[name] = sum(
            known.get(item.model.lower(), 1) if item.kind == "subcircuit" else 1
            for item in _devices(circuit, name)
        )
    return known[top]


def _alike(rule: str, path: Path, name: str) -> str:
    if rule == "family":
        # Both the file and the circuit may carry the strength: nand2_1, sg13g2_nand2_2.
        return _STRENGTH.sub("", name.lower()).rsplit("__", 1)[-1]
    return path.parent.name if rule == "folder" else path.stem.lower()


def _mostly_boxes(circuit: Circuit) -> bool:
    """Return whether more than half of the devices are black boxes, as gates are."""
    boxes = sum(device.kind == "subcircuit" for device in circuit.devices)
    return 2 * boxes > len(circuit.devices)
