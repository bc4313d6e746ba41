"""Table of `eda bench spice`: netlists of all corpora, written in every dialect, read again."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from eda.bench.spice_files import CORPORA, HangError, alarm, files_of, is_netlist
from eda.bench.table import Cell, Table
from eda.circuit import Circuit
from eda.errors import ConversionError, EdaError
from eda.graph import compare
from eda.spice import parse_netlist, read_netlist
from eda.spice.convert import WRITTEN, canonical, convert
from eda.spice.convert.respell import Renaming

TARGETS: Final = tuple(name for name in WRITTEN if name != "verilog")
SAMPLE: Final = 8
"""Netlists of a corpus that the quick form asks about."""

LARGEST: Final = 3000
"""Devices of a flat circuit above which it is left to the tables of speed."""

SECONDS: Final = 60


@dataclass(slots=True)
class Trips:
    """How the netlists of one corpus came back, by dialect.

    Attributes:
        equal, reported, failed: Counts by dialect: back unchanged; not, and it was listed what
            could not be said; not, and nothing was listed.
        differing: What came back otherwise, with nothing said: file, dialect, why.
    """

    netlists: int = 0
    equal: Counter[str] = field(default_factory=Counter)
    reported: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    differing: list[tuple[str, str, str]] = field(default_factory=list)
    seconds: float = 0.0


def round_trips_table(
    data: Path, log: Callable[[str], object], *, full: bool = False, seed: int = 0
) -> list[Table]:
    """Return, by corpus and dialect, how many netlists come back equal, and those that do not."""
    rows: list[tuple[Cell, ...]] = []
    odd: list[tuple[Cell, ...]] = []
    total = Trips()
    for corpus in CORPORA:
        log(f"there and back: {corpus}")
        found = round_trips(data / "spice" / corpus, full=full, seed=seed)
        rows.append(_row(corpus, found))
        odd += [(corpus, *item) for item in found.differing]
        total.netlists += found.netlists
        total.seconds += found.seconds
        for name in ("equal", "reported", "failed"):
            getattr(total, name).update(getattr(found, name))
    rows.append(_row("all", total))
    return [
        Table(
            "Netlists written in a dialect and read again",
            ("corpus", "netlists", *(f"to {name}" for name in TARGETS), "s"),
            tuple(rows),
            (
                "equal + reported / netlists: equal in kinds, nets, models and values; reported: "
                "not equal, and the conversion lists what the dialect cannot say.",
                f"Flat circuits of at most {LARGEST:,} devices.",
            ),
        ),
        Table(
            "Netlists that came back otherwise, unreported",
            ("corpus", "file", "dialect", "what"),
            tuple(odd[:40]),
        ),
    ]


def _row(name: str, found: Trips) -> tuple[Cell, ...]:
    cells = [f"{found.equal[to]} + {found.reported[to]} / {found.netlists}" for to in TARGETS]
    return name, found.netlists, *cells, round(found.seconds, 1)


def round_trips(folder: Path, *, full: bool = True, seed: int = 0) -> Trips:
    """Write every netlist below a folder in every dialect, and read it again."""
    found = Trips()
    paths = [path for path in files_of(folder) if is_netlist(path)]
    if not full and len(paths) > SAMPLE:
        paths = sorted(random.Random(seed).sample(paths, SAMPLE))
    for path in paths:
        start = time.perf_counter()
        try:
            with alarm(SECONDS):
                before = read_netlist(path)
                if len(before.flatten().devices) > LARGEST:
                    continue
                found.netlists += 1
                for to in TARGETS:
                    _try(found, path, before, to)
        except (EdaError, HangError):
            continue  # the tables of reading tell
        finally:
            found.seconds += time.perf_counter() - start
    return found


def _try(found: Trips, path: Path, before: Circuit, to: str) -> None:
    said, why = trip(before, to)
    if said == "failed":
        found.differing.append((path.name, to, why))
    getattr(found, said)[to] += 1


def trip(before: Circuit, to: str) -> tuple[str, str]:
    """Write a circuit in a dialect and read it again.

    Returns:
        ``equal``, ``reported`` or ``failed``, and what it is that was listed, or differs.
    """
    try:
        made = convert(before, to=to)
        after = parse_netlist(made.text, dialect=to, strict=False)
        lost = [str(item) for item in made.dropped if "pins of cell" not in item.message]
        if after.errors:
            # A model that cannot be said is missing where it was used.
            why = " ".join(str(after.errors[0]).split())[:300]
            return ("reported", lost[0]) if lost else ("failed", why)
        found = compare(_flat(before, made.renamed), _flat(after), sizes=True)
    except ConversionError as problem:
        return "reported", str(problem)
    except EdaError as problem:
        return "failed", " ".join(str(problem).split())[:300]
    if found.equal:
        return "equal", ""
    why = str(found.differences[0])[:300] if found.differences else "wired otherwise"
    return ("reported", lost[0]) if lost else ("failed", why)


def _flat(circuit: Circuit, renamed: Sequence[Renaming] = ()) -> Circuit:
    """Return a circuit flat, in canonical form, its models called as in the text."""
    flat = canonical(circuit).flatten()
    renamed = [item for item in renamed if item.kind in ("model", "subcircuit")]
    names = {(item.kind == "subcircuit", item.old.lower()): item.new for item in renamed}
    return flat.replace_devices(
        tuple(
            replace(
                device,
                model=names.get((device.kind == "subcircuit", device.model.lower()), device.model),
            )
            for device in flat.devices
        )
    )
