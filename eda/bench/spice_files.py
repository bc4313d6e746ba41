"""Tables of `eda bench spice` about reading: which files are read, and that none crash."""

from __future__ import annotations

import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from eda.bench.ngspice_oracle import listing
from eda.bench.table import Cell, Table
from eda.circuit import Circuit
from eda.errors import EdaError, NetlistError
from eda.graph import circuit_graph, isomorphic
from eda.spice import read_netlist

CORPORA: Final = (
    *("align", "sky130_fd_sc_hd", "stdcells-3dialect", "ngspice", "openfasoc", "ihp-sg13g2"),
    *("analoggym", "simulator-manual-snippets", "ltspice-dialect-gpl3"),
)

SECONDS: Final = 60
"""Time a file may take before it counts as a hang; the largest takes a tenth of it."""

_NO_NETLISTS: Final = frozenset({"license", "copying", "provenance.md", "readme", "readme.md"})
_LIBRARY_LIST: Final = re.compile(r"(?i)(?:#|--|(?:soft)?include\b|(?:un)?define\b|assign\b|$)")


class HangError(Exception):
    """A file was not done in its time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reading a file came to.

    Attributes:
        status: ``read refused crash hang``.
        reason: Why it was refused, the first sentence.
        devices: Devices of the flat circuit.
    """

    path: Path
    status: str
    reason: str = ""
    devices: int = 0
    seconds: float = 0.0


@contextmanager
def alarm(seconds: int) -> Iterator[None]:
    """Raise `HangError` in the block once it has taken so long."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise HangError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def files_of(folder: Path) -> list[Path]:
    """Return every file below a folder, in a stable order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def is_netlist(path: Path) -> bool:
    """Return whether a file of a corpus is meant as a netlist (in whatever dialect).

    Licences, notes and scripts are not, nor are the lists of libraries that Virtuoso keeps in
    ``cds.lib``.
    """
    if path.name.lower() in _NO_NETLISTS or path.suffix in (".md", ".py", ".json"):
        return False
    if path.suffix == ".lib":
        lines = path.read_text(encoding="latin-1").splitlines()
        return not all(_LIBRARY_LIST.match(line.strip()) for line in lines)
    return True


def read_guarded(path: Path, *, seconds: int = SECONDS) -> Outcome:
    """Read and flatten a file as a user would, and say what came of it."""
    start = time.perf_counter()
    try:
        with alarm(seconds):
            devices = len(read_netlist(path).flatten().devices)
        status, reason = "read", ""
    except HangError:
        status, reason, devices = "hang", f"not done in {seconds} s", 0
    except EdaError as problem:
        reason = " ".join(str(problem).split("\n")[0].split())
        status, devices = "refused", 0
    except Exception as problem:  # the very thing that is looked for
        status, reason, devices = "crash", f"{type(problem).__name__}: {problem}", 0
    return Outcome(path, status, reason, devices, time.perf_counter() - start)


def reading_tables(data: Path, log: Callable[[str], object]) -> list[Table]:
    """Return the table of files read per corpus, and the list of those refused."""
    rows: list[tuple[Cell, ...]] = []
    refused: list[tuple[Cell, ...]] = []
    total: Counter[str] = Counter()
    for corpus in CORPORA:
        log(f"reading {corpus}")
        folder = data / "spice" / corpus
        paths = files_of(folder)
        outcomes = [read_guarded(path) for path in paths if is_netlist(path)]
        counts = Counter(outcome.status for outcome in outcomes)
        counts["other"] = len(paths) - len(outcomes)
        rows.append((corpus, *_row(counts)))
        total.update(counts)
        for outcome in outcomes:
            if outcome.status != "read":
                place = str(outcome.path.relative_to(folder))
                refused.append((corpus, place, _shown(outcome), _of_ngspice(outcome.path)))
    rows.append(("all", *_row(total)))
    columns = ("corpus", "netlists", "read", "refused", "% read", "no netlist")
    return [
        Table(
            "Netlists read",
            columns,
            tuple(rows),
            ("Files that are no netlists are counted apart.",),
        ),
        Table(
            "Netlists refused, each with its first error",
            ("corpus", "file", "reason", "what ngspice does"),
            tuple(refused),
        ),
    ]


def _row(counts: Counter[str]) -> tuple[Cell, ...]:
    netlists = counts["read"] + counts["refused"] + counts["crash"] + counts["hang"]
    share = round(100 * counts["read"] / netlists, 2) if netlists else 0.0
    return (
        netlists,
        counts["read"],
        netlists - counts["read"],
        share,
        counts["other"],
    )


def _shown(outcome: Outcome) -> str:
    """Return the reason with the place in its file, without the folder."""
    reason = outcome.reason.replace(str(outcome.path), "").replace(": error:", "")
    return reason.lstrip(":")[:150]


def _of_ngspice(path: Path) -> str:
    """Return whether ngspice reads a file that we refuse."""
    try:
        circuit: Circuit = read_netlist(path, strict=False)
        cards, ran = listing(circuit)
    except NetlistError:
        return ""
    return "reads it" if cards is not None else f"refuses: {ran.complaint[:60]}"


def every_file_table(data: Path, log: Callable[[str], object]) -> Table:
    """Return what reading every file of the data folder comes to, whatever it holds."""
    rows: list[tuple[Cell, ...]] = []
    notes: list[str] = []
    total: Counter[str] = Counter()
    slowest = Outcome(data, "read")
    for folder in sorted(path for path in data.iterdir() if path.is_dir()):
        log(f"reading every file of {folder.name}")
        outcomes = [read_guarded(path) for path in files_of(folder)]
        counts = Counter(outcome.status for outcome in outcomes)
        total.update(counts)
        rows.append((folder.name, len(outcomes), *_kinds(counts)))
        slowest = max([slowest, *outcomes], key=lambda outcome: outcome.seconds)
        notes += [
            f"{outcome.path.relative_to(data)}: {outcome.reason}"
            for outcome in outcomes
            if outcome.status in ("crash", "hang")
        ]
    rows.append(("all", sum(total.values()), *_kinds(total)))
    notes.append(f"slowest: {slowest.path.relative_to(data)}, {slowest.seconds:.1f} s")
    columns = ("folder", "files", "read", "refused with a message", "crashes", "hangs")
    return Table("Every file of the data folder", columns, tuple(rows), tuple(notes))


def _kinds(counts: Counter[str]) -> tuple[Cell, ...]:
    return counts["read"], counts["refused"], counts["crash"], counts["hang"]


def dialect_pairs_table(folder: Path, log: Callable[[str], object]) -> Table:
    """Return how many cells are the same circuit in SPICE and in CDL, and which are not."""
    log("the same cells in two dialects")
    home = folder / "spice" / "stdcells-3dialect"
    pairs = [
        (cdl, home / "spice" / f"{cdl.stem}.sp")
        for cdl in sorted((home / "cdl").glob("*.cdl"))
        if (home / "spice" / f"{cdl.stem}.sp").is_file()
    ]
    other = []
    for cdl, spice in pairs:
        graphs = [circuit_graph(read_netlist(path).flatten()) for path in (cdl, spice)]
        if not isomorphic(*graphs):
            other.append(cdl.stem)
    return Table(
        "Standard cells written in SPICE and in CDL",
        ("cells", "isomorphic", "different"),
        ((len(pairs), len(pairs) - len(other), " ".join(other) or "none"),),
    )
