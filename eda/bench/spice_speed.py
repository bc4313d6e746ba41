"""Tables of `eda bench spice` about speed: beside other readers, on large decks, and by size."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from eda.bench.spice_ngspice import sample_of
from eda.bench.table import Cell, Table
from eda.errors import EdaError
from eda.spice import read_netlist

_MEASURE: Final = """
import json, sys, time
from eda.graph import circuit_graph
from eda.spice import read_netlist
path = sys.argv[1]
t0 = time.perf_counter()
circuit = read_netlist(path)
t1 = time.perf_counter()
flat = circuit.flatten()
t2 = time.perf_counter()
graph = circuit_graph(flat)
t3 = time.perf_counter()
# Not getrusage: its figure is never below that of the process that started this one.
status = open("/proc/self/status").read()
peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
cards = circuit.source.text.count("\\n") - circuit.source.text.count("\\n+")
print(json.dumps({"read": t1 - t0, "flatten": t2 - t1, "graph": t3 - t2, "peak": peak,
                  "devices": graph.num_devices, "nets": graph.num_nets, "cards": cards}))
"""
_COMPARED: Final = ("ngspice", "ltspice-dialect-gpl3", "align")
_SIZES: Final = (10_000, 30_000, 100_000, 300_000, 1_000_000)
_QUICK_SIZES: Final = (10_000, 30_000, 100_000)


def measured(path: Path, *, times: int = 3) -> dict[str, float]:
    """Return seconds, counts and peak memory of one deck: the quickest of some processes."""
    runs = [_measured_once(path) for _ in range(times)]
    return min(runs, key=lambda run: run["read"] + run["flatten"] + run["graph"])


def _measured_once(path: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def scale_table(data: Path, log: Callable[[str], object]) -> Table:
    """Return seconds and memory on the large decks of the corpora."""
    rows = []
    for path in sorted((data / "spice" / "scale").glob("*.gz"), key=lambda p: p.stat().st_size):
        log(f"measuring {path.name}")
        rows.append((path.name.removesuffix(".gz"), *_row(measured(path))))
    return Table("Large decks: read, flattened, turned into a graph", _COLUMNS, tuple(rows), _NOTES)


def series_table(log: Callable[[str], object], *, full: bool) -> Table:
    """Return the same on generated hierarchical decks of growing size."""
    rows = []
    with TemporaryDirectory() as folder:
        for devices in _SIZES if full else _QUICK_SIZES:
            log(f"measuring a generated deck of {devices:,} devices")
            path = Path(folder) / "made.sp"
            path.write_text(generated_deck(devices), encoding="utf-8")
            rows.append((f"generated, {devices:,}", *_row(measured(path))))
            path.write_text(flat_deck(devices), encoding="utf-8")
            rows.append((f"generated flat, {devices:,}", *_row(measured(path))))
    return Table("Linear in size: generated decks", _COLUMNS, tuple(rows), _NOTES)


_COLUMNS: Final = (
    *("deck", "devices", "nets", "read s", "flatten s", "graph s", "total s"),
    *("s per 100k devices", "us per card (read)", "peak MB"),
)
_NOTES: Final = (
    "The quickest of three processes on one core; peak is that of the whole process, Python and"
    " numpy included.",
)


def _row(figures: dict[str, float]) -> tuple[Cell, ...]:
    total = figures["read"] + figures["flatten"] + figures["graph"]
    return (
        int(figures["devices"]),
        int(figures["nets"]),
        *(round(figures[name], 3) for name in ("read", "flatten", "graph")),
        round(total, 3),
        round(total / figures["devices"] * 1e5, 3),
        round(figures["read"] / max(figures["cards"], 1) * 1e6, 2),
        round(figures["peak"]),
    )


def generated_deck(devices: int, *, seed: int = 0) -> str:
    """Return a deck of that many devices: rows of cells of inverters, with parameters.

    Example:
        >>> from eda.spice import parse_netlist
        >>> len(parse_netlist(generated_deck(1000)).flatten().devices)
        1000
    """
    chance = random.Random(seed)
    lines = [
        "* rows of cells of inverters",
        ".model nch nmos level=1",
        ".model pch pmos level=1",
        ".subckt inv a y vdd wn=1u",
        "mn y a 0 0 nch w={wn} l=0.18u",
        "mp y a vdd vdd pch w={2*wn} l=0.18u",
        ".ends",
        ".subckt cell a y vdd",
        *(f"x{i} n{i} n{i + 1} vdd inv wn={i % 3 + 1}u" for i in range(1, 5)),
        "r1 a n1 1k",
        "r2 n5 y 1k",
        ".ends",
    ]
    cells, rest = divmod(devices, 10)
    lines += [f"xc{i} w{chance.randrange(cells)} w{i} vdd cell" for i in range(cells)]
    lines += [f"r{i} w{i} 0 1k" for i in range(rest)]
    return "\n".join([*lines, ".end", ""])


def flat_deck(devices: int, *, seed: int = 0) -> str:
    """Return a flat deck of transistors, resistors and capacitors."""
    chance = random.Random(seed)
    nets = max(devices // 2, 2)
    lines = ["* flat", ".model nch nmos level=1"]
    for i in range(devices):
        a, b, c = (chance.randrange(nets) for _ in range(3))
        if i % 4 < 2:
            lines.append(f"M{i} n{a} n{b} n{c} 0 nch w=1.2u l=0.18u m=2")
        elif i % 4 == 2:
            lines.append(f"R{i} n{a} n{b} 4.7k")
        else:
            lines.append(f"C{i} n{a} 0 10f")
    return "\n".join([*lines, ".end", ""])


def side_by_side_table(data: Path, log: Callable[[str], object], *, full: bool, seed: int) -> Table:
    """Return the time we and other readers take for the files that both read."""
    rows: list[tuple[Cell, ...]] = []
    notes = ["Same files, same run, one core; a ratio above 1 means ours takes longer."]
    readers: list[tuple[str, Callable[[Path], object]]] = [("PySpice SpiceParser", _pyspice)]
    if find_spec("spicelib") is not None:
        readers.append(("spicelib SpiceEditor", _spicelib))
    else:
        notes.append("spicelib is not installed here; `pip install spicelib` adds its row.")
    notes.append(
        "PySpice evaluates no expressions and flattens nothing; spicelib edits text. Both"
        " are asked for their usual parse only."
    )
    paths = [
        path
        for name in _COMPARED
        for path in sample_of(data / "spice" / name, full=full, seed=seed)
    ]
    large = sorted((data / "spice" / "scale").glob("*_ann.net.gz"))[:1]
    with TemporaryDirectory() as folder:
        for packed in large:
            plain = Path(folder) / packed.name.removesuffix(".gz")
            plain.write_bytes(gzip.decompress(packed.read_bytes()))
            paths.append(plain)
        for name, reader in readers:
            log(f"reading side by side with {name}")
            rows.append((name, *_race(paths, reader)))
    columns = ("reader", "files", "it reads", "we read", "both", "its s", "our s", "ratio")
    return Table("Side by side with other readers", columns, tuple(rows), tuple(notes))


def _race(paths: list[Path], reader: Callable[[Path], object]) -> tuple[Cell, ...]:
    theirs = ours = both = 0
    their_s = our_s = 0.0
    for path in paths:
        one, one_s = _timed(read_netlist, path)
        two, two_s = _timed(reader, path)
        ours += one
        theirs += two
        if one and two:
            both += 1
            our_s += one_s
            their_s += two_s
    ratio = round(our_s / their_s, 2) if their_s else None
    return len(paths), theirs, ours, both, round(their_s, 3), round(our_s, 3), ratio


def _timed(read: Callable[[Path], object], path: Path) -> tuple[bool, float]:
    """Return whether a reader reads a file, and the better of two times."""
    best = float("inf")
    for _ in range(2):
        start = time.perf_counter()
        try:
            read(path)
        except EdaError:
            return False, 0.0
        except Exception:  # whatever another project's reader raises is its refusal
            return False, 0.0
        best = min(best, time.perf_counter() - start)
    return True, best


def _pyspice(path: Path) -> object:
    import logging

    from PySpice.Spice.Parser import SpiceParser

    logging.disable(logging.CRITICAL)
    try:
        return SpiceParser(path=str(path)).build_circuit()
    finally:
        logging.disable(logging.NOTSET)


def _spicelib(path: Path) -> object:
    import logging

    import spicelib  # a tool of this bench only, never a dependency

    logging.disable(logging.CRITICAL)
    try:
        editor: Any = spicelib.SpiceEditor(str(path))
        return editor.get_components()
    finally:
        logging.disable(logging.NOTSET)
