"""``eda bench schematic``: are drawings true, free of overlaps, and how tangled are they?

The full form can be stopped: every drawing that is measured is kept, until the drawer changes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import eda.schematic
from eda.bench.links_data import kept_folder
from eda.bench.schematic_gallery import write_gallery
from eda.bench.table import Cell, Table, render, result_of
from eda.datasets.corpora import CORPORA, data_folder
from eda.datasets.links import read_corpus
from eda.schematic import draw
from eda.schematic.verify import picture_faults
from eda.spice import parse_netlist, read_netlist

if TYPE_CHECKING:
    from collections.abc import Callable

    from eda.circuit import Circuit
    from eda.schematic import Sheet

__all__ = ["render", "run"]

SAMPLE, FULL = 20, 300
SIZES: Final = (5, 10, 15, 20, 30, 40)
"""Circuits are told apart by these numbers of devices."""

_COLUMNS = (
    *("circuit", "devices", "crossings", "bends", "length", "wired", "signals"),
    *("overlaps", "faults", "CPU s"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of one drawing.

    Attributes:
        faults: In what the circuit read out of the SVG differs from the netlist.
        level: Whether both of every pair stand at one height, each other's mirror image.
    """

    name: str
    devices: int
    crossings: int
    bends: int
    length: int
    wired: int
    signals: int
    overlaps: int
    faults: int
    level: bool
    seconds: float

    @property
    def cells(self) -> tuple[Cell, ...]:
        """As the table by circuit has it."""
        return (
            *(self.name, self.devices, self.crossings, self.bends, self.length),
            *(self.wired, self.signals, self.overlaps, self.faults, round(self.seconds, 2)),
        )


def run(
    *,
    full: bool = False,
    seed: int = 0,
    data: Path | None = None,
    gallery: Path | None = None,
    log: Callable[[str], object] = lambda _text: None,
) -> dict[str, Any]:
    """Draw circuits of the corpora, and read every picture back.

    Args:
        full: Whether 300 hand-drawn and 300 machine-made circuits are drawn (else 20 of each);
            what is measured is kept, so it can be stopped.
        seed: Chooses them, and seeds the drawings.
        data: Folder of the corpora; by default what ``EDA_DATA`` names. What is not there is
            left out.
        gallery: A folder for ``gallery.md`` and its pictures.
        log: Called with what is being done.
    """
    folder = data if data is not None else data_folder()
    tables = [size_table(seed)]
    netlists = folder / "schematics/netlists" if folder is not None else None
    if netlists is not None and netlists.is_dir():
        log("drawing the annotated circuits")
        circuits = [(path.stem, read_netlist(path).flatten()) for path in _decks(netlists)]
        rows = [measured(name, circuit, seed) for name, circuit in circuits]
        tables.append(_by_circuit(rows))
        if gallery is not None:
            log(f"writing {gallery / 'gallery.md'}")
            write_gallery(gallery, netlists, seed=seed)
    corpus = folder / CORPORA["analoggenie"].folder if folder is not None else None
    if corpus is not None and corpus.is_dir():
        everything = [item for item in read_corpus("analoggenie", corpus) if item.clean]
        for title, drawn in (("Hand-drawn circuits", True), ("Machine-made circuits", False)):
            there = [item for item in everything if item.drawn == drawn]
            random = np.random.default_rng(seed)
            chosen = random.permutation(len(there))[: FULL if full else SAMPLE].tolist()
            some = [(there[at].name, there[at].circuit) for at in sorted(chosen)]
            rows = []
            for number, (name, circuit) in enumerate(some, 1):
                log(f"{title.lower()}: {number} of {len(some)}")
                rows.append(_kept(name, circuit, seed) if full else measured(name, circuit, seed))
            tables.append(by_size(title, rows))
    return result_of("schematic", tables, full=full, seed=seed)


def _decks(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.sp"))


def measured(name: str, circuit: Circuit, seed: int) -> Row:
    """Draw a circuit, and return what can be said of the picture."""
    start = process_time()
    drawing = draw(circuit, seed=seed)
    seconds = process_time() - start
    own = drawing.measures[0]
    return Row(
        name,
        *(own.devices, own.crossings, own.bends, round(own.wire_length)),
        *(own.wired_nets, own.signal_nets, own.overlaps),
        faults=len(picture_faults(circuit, drawing.svg())) if len(drawing.sheets) == 1 else 0,
        level=pairs_are_level(drawing.sheets[0]),
        seconds=seconds,
    )


def pairs_are_level(sheet: Sheet) -> bool:
    """Return whether both of every pair stand at one height, each other's mirror image."""
    at = {item.device.name: item for item in sheet.placed}
    return all(
        at[a].y == at[b].y and at[a].symbol.mirrored().pins == at[b].symbol.pins
        for a, b in sheet.pairs
    )


def _kept(name: str, circuit: Circuit, seed: int) -> Row:
    """Return what an earlier run kept of a drawing, or draw it."""
    digest = sha256(f"{name}:{seed}:{circuit.devices!r}:{circuit.ports!r}".encode())
    for path in sorted(Path(eda.schematic.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    path = kept_folder() / "schematic" / f"{digest.hexdigest()[:20]}.json"
    if path.exists():
        return Row(**json.loads(path.read_text("utf-8")))
    row = measured(name, circuit, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(asdict(row)), "utf-8")
    part.replace(path)
    return row


def _by_circuit(rows: list[Row]) -> Table:
    cells = [row.cells for row in rows]
    sums = [sum(float(row[at] or 0) for row in cells) for at in range(1, len(_COLUMNS))]
    cells.append(("all", *(round(value) for value in sums[:-1]), round(sums[-1], 2)))
    notes = (
        "wired: signal nets whose pins wires alone join; faults: where the circuit read out of",
        "the SVG differs from the netlist; CPU s: seconds of processor time",
    )
    return Table("Annotated circuits", _COLUMNS, tuple(cells), notes)


def by_size(title: str, rows: list[Row]) -> Table:
    """Return the figures of many drawings, by number of devices."""
    cells: list[tuple[Cell, ...]] = []
    lower = 0
    for upper in (*SIZES, 10**9):
        some = [row for row in rows if lower < row.devices <= upper]
        name = f"{lower + 1}-{upper}" if upper < 10**9 else f"over {lower}"
        lower = upper
        if some:
            cells.append(_summary(name, some))
    if rows:
        cells.append(_summary("all", rows))
    columns = (
        *("devices", "circuits", "crossings: none", "median", "90 %", "most"),
        *("nets wired", "overlaps", "not level", "faults", "CPU s: median", "most"),
    )
    notes = (
        "crossings: share of drawings without any, and how many the others have; nets wired:",
        "share of signal nets joined by wires alone; not level: drawings with a pair that is not",
    )
    return Table(title, columns, tuple(cells), notes)


def _summary(name: str, rows: list[Row]) -> tuple[Cell, ...]:
    crossings = np.array([row.crossings for row in rows])
    seconds = np.array([row.seconds for row in rows])
    signals = sum(row.signals for row in rows)
    return (
        *(name, len(rows), round(float((crossings == 0).mean()), 2)),
        *(round(float(np.median(crossings)), 1), round(float(np.quantile(crossings, 0.9)), 1)),
        int(crossings.max()),
        round(sum(row.wired for row in rows) / signals, 3) if signals else None,
        *(sum(row.overlaps for row in rows), sum(not row.level for row in rows)),
        sum(row.faults for row in rows),
        *(round(float(np.median(seconds)), 2), round(float(seconds.max()), 2)),
    )


def size_table(seed: int) -> Table:
    """Return the time that ladders of growing size take: five transistors a stage."""
    rows: list[tuple[Cell, ...]] = []
    for stages in (1, 2, 4, 8):
        circuit = chain(stages)
        start = process_time()
        drawing = draw(circuit, seed=seed)
        seconds = process_time() - start
        own = drawing.measures[0]
        rows.append((own.devices, own.crossings, own.overlaps, round(seconds, 2)))
    return Table("Time against size", ("devices", "crossings", "overlaps", "CPU s"), tuple(rows))


def chain(stages: int) -> Circuit:
    """Return amplifiers of five transistors in a chain."""
    cards = "".join(
        f"MA{i} x{i} in{i} t{i} 0 nch\nMB{i} in{i + 1} x{i} t{i} 0 nch\n"
        f"MT{i} t{i} vb 0 0 nch\nMC{i} x{i} x{i} vdd vdd pch\n"
        f"MD{i} in{i + 1} x{i} vdd vdd pch\n"
        for i in range(stages)
    )
    text = f"* stages\n.subckt s in0 vb vdd\n{cards}.ends\n.model nch nmos\n.model pch pmos\n"
    return parse_netlist(text).flatten()
