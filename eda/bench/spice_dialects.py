"""Tables of `eda bench spice` about dialects: Spectre files read, and any dialect to any other."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from eda.bench.spice_files import read_guarded
from eda.bench.table import Cell, Table
from eda.circuit import Circuit
from eda.errors import EdaError
from eda.graph import compare
from eda.spice import parse_netlist, read_netlist
from eda.spice.convert import WRITTEN, canonical, convert

_TARGETS: Final = tuple(name for name in WRITTEN if name != "verilog")
_CELLS: Final = 20


def spectre_table(data: Path, log: Callable[[str], object]) -> Table:
    """Return how many of the Spectre netlists of the corpora are read."""
    log("Spectre netlists")
    snippets = data / "spice/simulator-manual-snippets/corpus/spectre"
    groups = {
        "stdcells-3dialect": (data / "spice/stdcells-3dialect/spectre").glob("*.scs"),
        "analoggym": [
            *(data / "spice/analoggym/Amplifier/spectre_netlist").glob("*"),
            *(data / "spice/analoggym/Sensing_Front_End").glob("spectre_*"),
            *(data / "spice/analoggym/Sensing_Front_End").glob("front_end_*"),
        ],
        "aicircuit": (data / "sizing/aicircuit").glob("*.spectre.netlist"),
        "manual snippets": (p for p in snippets.rglob("*.scs") if "err_" not in p.name),
        "manual snippets, wrong on purpose": snippets.rglob("err_*.scs"),
    }
    rows: list[tuple[Cell, ...]] = []
    for name, paths in groups.items():
        outcomes = [read_guarded(path) for path in sorted(paths)]
        read = [outcome for outcome in outcomes if outcome.status == "read"]
        bad = [outcome for outcome in outcomes if outcome.status in ("crash", "hang")]
        seconds = sum(outcome.seconds for outcome in outcomes)
        devices = sum(outcome.devices for outcome in read)
        rows.append(
            (
                name,
                len(outcomes),
                len(read),
                len(outcomes) - len(read),
                len(bad),
                devices,
                round(seconds, 3),
            )
        )
    return Table(
        "Spectre netlists",
        ("corpus", "files", "read", "refused", "crashes and hangs", "devices", "s"),
        tuple(rows),
    )


def conversion_table(
    data: Path, log: Callable[[str], object], *, full: bool = False, seed: int = 0
) -> Table:
    """Return, by source dialect and target, how many circuits come back equal.

    Equal means: kinds, nets, models and parameters of the flat circuits, up to names.
    """
    log("any dialect to any other")
    counts: dict[tuple[str, str], list[float]] = {}
    for path in _files(data, full=full, seed=seed):
        before = read_netlist(path)
        for to in _TARGETS:
            cell = counts.setdefault((before.dialect, to), [0, 0, 0, 0.0])
            start = time.perf_counter()
            equal, dropped = _comes_back(before, to)
            cell[0] += 1
            cell[1] += equal
            cell[2] += dropped
            cell[3] += time.perf_counter() - start
    sources = sorted({source for source, _ in counts})
    rows: list[tuple[Cell, ...]] = []
    for source in sources:
        cells = [counts[source, to] for to in _TARGETS]
        rows.append(
            (
                source,
                int(cells[0][0]),
                *(f"{int(equal)}/{int(count)}" for count, equal, _, _ in cells),
                int(sum(dropped for _, _, dropped, _ in cells)),
                round(sum(seconds for *_, seconds in cells), 2),
            )
        )
    return Table(
        "Any dialect to any other: written, read again, equal",
        ("from", "circuits", *(f"to {name}" for name in _TARGETS), "reported", "s"),
        tuple(rows),
        (
            "Data: schematics/dialects and cells of stdcells-3dialect; equal in kinds, nets, "
            "models and values, names free.",
            "CDL has no controlled sources and no mutual inductance: the filter cannot be said in "
            "it, and each part is reported.",
        ),
    )


def _comes_back(before: Circuit, to: str) -> tuple[bool, bool]:
    """Return whether a circuit comes back equal, and whether anything was reported."""
    made = convert(before, to=to)
    try:
        after = parse_netlist(made.text, dialect=to)
        equal = compare(canonical(before), canonical(after), sizes=True).equal
    except EdaError:
        equal = False
    return equal, bool(made.dropped)


def _files(data: Path, *, full: bool, seed: int) -> Iterable[Path]:
    decks = sorted((data / "schematics/dialects").glob("*/*.*"))
    yield from (path for path in decks if path.suffix != ".json")
    home = data / "spice/stdcells-3dialect"
    names = sorted(path.stem for path in (home / "spectre").glob("*.scs"))
    if not full:
        names = random.Random(seed).sample(names, min(_CELLS, len(names)))
    for name in names:
        yield home / "spice" / f"{name}.sp"
        yield home / "cdl" / f"{name}.cdl"
        yield home / "spectre" / f"{name}.scs"
