"""``eda bench schematic``: are drawings true, free of overlaps, and how tangled are they?"""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.bench.table import Cell, Table, render, result_of
from eda.datasets.corpora import CORPORA, data_folder
from eda.datasets.links import read_corpus
from eda.schematic import draw
from eda.schematic.verify import picture_faults
from eda.spice import parse_netlist, read_netlist

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from eda.circuit import Circuit

__all__ = ["render", "run"]

SAMPLE, FULL = 30, 300
_COLUMNS = (
    *("circuit", "devices", "crossings", "bends", "length", "wired", "signals"),
    *("overlaps", "faults", "CPU s"),
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
        full: Whether 300 hand-drawn circuits are drawn (else 30).
        seed: Chooses them, and seeds the drawings.
        data: Folder of the corpora; by default what ``EDA_DATA`` names. What is not there is
            left out.
        gallery: A folder for the pictures.
        log: Called with what is being done.
    """
    folder = data if data is not None else data_folder()
    tables = [size_table(seed)]
    if gallery is not None:
        gallery.mkdir(parents=True, exist_ok=True)
    netlists = folder / "schematics/netlists" if folder is not None else None
    if netlists is not None and netlists.is_dir():
        log("drawing the annotated circuits")
        circuits = [(path.stem, read_netlist(path).flatten()) for path in _decks(netlists)]
        tables.append(_table("Annotated circuits", circuits, seed, gallery, log))
    corpus = folder / CORPORA["analoggenie"].folder if folder is not None else None
    if corpus is not None and corpus.is_dir():
        drawn = [item for item in read_corpus("analoggenie", corpus) if item.drawn and item.clean]
        random = np.random.default_rng(seed)
        chosen = random.permutation(len(drawn))[: FULL if full else SAMPLE].tolist()
        circuits = [(drawn[at].name.rpartition("/")[2], drawn[at].circuit) for at in sorted(chosen)]
        tables.append(_table("Hand-drawn circuits", circuits, seed, gallery, log))
    return result_of("schematic", tables, full=full, seed=seed)


def _decks(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.sp"))


def _table(
    title: str,
    circuits: list[tuple[str, Circuit]],
    seed: int,
    gallery: Path | None,
    log: Callable[[str], object],
) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, circuit in circuits:
        log(name)
        start = process_time()
        drawing = draw(circuit, seed=seed)
        seconds = process_time() - start
        if gallery is not None:
            drawing.write(gallery / f"{name}.svg")
        own = drawing.measures[0]
        rows.append(
            (
                name,
                *(own.devices, own.crossings, own.bends, round(own.wire_length)),
                *(own.wired_nets, own.signal_nets, own.overlaps),
                len(picture_faults(circuit, drawing.svg())) if len(drawing.sheets) == 1 else None,
                round(seconds, 2),
            )
        )
    sums = [sum(float(row[at] or 0) for row in rows) for at in range(1, len(_COLUMNS))]
    rows.append(("all", *(round(value) for value in sums[:-1]), round(sums[-1], 2)))
    notes = (
        "wired: signal nets whose pins wires alone join; faults: where the circuit read out of",
        "the SVG differs from the netlist; CPU s: seconds of processor time",
    )
    return Table(title, _COLUMNS, tuple(rows), notes)


def size_table(seed: int) -> Table:
    """Return the time that ladders of growing size take: five transistors a stage."""
    rows: list[tuple[Cell, ...]] = []
    for stages in (1, 2, 4, 8):
        cards = "".join(
            f"MA{i} x{i} in{i} t{i} 0 nch\nMB{i} in{i + 1} x{i} t{i} 0 nch\n"
            f"MT{i} t{i} vb 0 0 nch\nMC{i} x{i} x{i} vdd vdd pch\n"
            f"MD{i} in{i + 1} x{i} vdd vdd pch\n"
            for i in range(stages)
        )
        text = f"* stages\n.subckt s in0 vb vdd\n{cards}.ends\n.model nch nmos\n.model pch pmos\n"
        circuit = parse_netlist(text).flatten()
        start = process_time()
        drawing = draw(circuit, seed=seed)
        seconds = process_time() - start
        own = drawing.measures[0]
        rows.append((own.devices, own.crossings, own.overlaps, round(seconds, 2)))
    return Table("Time against size", ("devices", "crossings", "overlaps", "CPU s"), tuple(rows))
