"""``eda bench structures``: recall, agreement with VF2, what circuits hold, speed."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from eda.bench.structures_speed import growth_table, rival_table
from eda.bench.structures_vf2 import Oracle
from eda.bench.table import Cell, Table, render, result_of
from eda.datasets.corpora import CORPORA, data_folder, find_corpus
from eda.datasets.links import read_corpus
from eda.datasets.records import CorpusCircuit
from eda.errors import DatasetError
from eda.graph import circuit_graph
from eda.spice import read_netlist
from eda.structures import PATTERNS, find_structures
from eda.structures.join import Tables, find_matches
from eda.structures.search import search

__all__ = ["render", "run"]

ANNOTATED: Final = "schematics/netlists"
SAMPLE: Final = 40
SMALL_PATTERN: Final = 6
"""Patterns of at most two devices and so many nets are compared with VF2 in all their merges."""

_SHOWN: Final = (
    *("diff_pair", "current_mirror", "cascode_mirror", "cascode", "tail", "cross_coupled"),
    *("gilbert_cell", "common_source", "source_follower"),
)


def run(
    *,
    full: bool = False,
    seed: int = 0,
    data: Path | None = None,
    log: Callable[[str], object] = lambda _text: None,
) -> dict[str, Any]:
    """Measure structure recognition.

    Args:
        full: Whether every clean hand-drawn circuit is compared with VF2 (else a sample), and
            circuits of up to 100,000 devices and a static memory are timed.
        seed: Chooses the sample.
        data: Folder of the corpora; by default what ``EDA_DATA`` names. What needs a corpus
            that is not there is left out.
        log: Called with what is being done.
    """
    folder = data if data is not None else data_folder()
    tables = []
    if folder is not None and (folder / ANNOTATED / "structures.json").is_file():
        log("against the annotations")
        tables += list(recall_tables(folder / ANNOTATED))
    circuits = _drawn(folder)
    if circuits:
        log(f"what {len(circuits)} drawn circuits hold")
        tables.append(share_table(circuits))
        log("against VF2")
        tables.append(agreement_table(circuits, full=full, seed=seed))
    tables.append(rival_table(log))
    tables.append(growth_table(folder, log, full=full))
    return result_of("structures", tables, full=full, seed=seed)


def _drawn(folder: Path | None) -> list[CorpusCircuit]:
    at = folder / CORPORA["analoggenie"].folder if folder is not None else None
    if at is None or not at.is_dir():
        at = find_corpus("analoggenie")
    if at is None:
        return []
    return [item for item in read_corpus("analoggenie", at) if item.drawn and item.clean]


def recall_tables(folder: Path) -> Iterator[Table]:
    """Yield how much of what is annotated is found, and what is found besides.

    Args:
        folder: Netlists, and ``structures.json``: by name of a netlist, its ``structures``
            (``type``, ``devices``) and ``symmetric`` pairs.

    Raises:
        DatasetError: The annotations are not of that form.
    """
    rows: list[tuple[Cell, ...]] = []
    extra: dict[str, list[str]] = defaultdict(list)
    total = Counter[str]()
    try:
        annotated = json.loads((folder / "structures.json").read_text(encoding="utf-8"))
        for name, notes in annotated.items():
            found = find_structures(read_netlist(folder / f"{name}.sp"))
            have = {(item.kind, _set(item.device_names)) for item in found.items}
            want = {(note["type"], _set(note["devices"])) for note in notes["structures"]}
            pairs = {_set(pair) for pair in found.symmetric_pairs}
            symmetric = {_set(pair) for pair in notes.get("symmetric", ())}
            for item in found.items:
                if (item.kind, _set(item.device_names)) not in want:
                    extra[item.rule].append(f"{name}: {' '.join(item.device_names)}")
            counts = {
                "annotated": len(want),
                "found": len(want & have),
                "pairs": len(symmetric),
                "pairs found": len(symmetric & pairs),
                "more": len(found.items) - len(want & have),
                "pairs more": len(pairs - symmetric),
            }
            total.update(counts)
            rows.append((name, *counts.values()))
    except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise DatasetError(f"{folder}: not annotated netlists ({error})") from error
    rows.append(("all", *total.values()))
    yield Table(
        "Annotated circuits",
        ("circuit", "annotated", "found", "pairs", "found too", "others", "other pairs"),
        tuple(rows),
        ("pairs: of devices that a mirror symmetry exchanges",),
    )
    yield Table(
        "Found beyond the annotations",
        ("rule", "count", "where"),
        tuple((rule, len(where), "; ".join(where)) for rule, where in sorted(extra.items())),
    )


def _set(names: Any) -> frozenset[str]:
    return frozenset(str(name).lower() for name in names)


def share_table(circuits: list[CorpusCircuit]) -> Table:
    """Return in how many circuits of each category each kind of structure is found."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    totals = Counter[str]()
    none = Counter[str]()
    for item in circuits:
        kinds = set(find_structures(item.circuit).counts)
        totals[item.category] += 1
        counts[item.category].update(kinds)
        none[item.category] += not kinds
    rows: list[tuple[Cell, ...]] = [
        (
            category,
            total,
            *(f"{counts[category][kind] / total:.0%}" for kind in _SHOWN),
            f"{none[category] / total:.0%}",
        )
        for category, total in totals.most_common()
    ]
    return Table(
        "Share of clean hand-drawn circuits with a structure of each kind",
        ("category", "circuits", *(kind.replace("_", " ") for kind in _SHOWN), "nothing"),
        tuple(rows),
    )


def agreement_table(circuits: list[CorpusCircuit], *, full: bool, seed: int) -> Table:
    """Return whether joins and VF2 find the same matches of patterns of two devices."""
    chosen = circuits
    if not full:
        random = np.random.default_rng(seed)
        chosen = [circuits[at] for at in random.permutation(len(circuits))[:SAMPLE].tolist()]
    matches, differing = Counter[str](), Counter[str]()
    small = [
        pattern
        for pattern in PATTERNS.values()
        if len(pattern.slots) <= 2 and len(pattern.nets) <= SMALL_PATTERN
    ]
    for item in chosen:
        graph = circuit_graph(item.circuit)
        found = search(graph)
        oracle = Oracle(graph, found.facts)
        tables = Tables(found.units, found.facts)
        for pattern in small:
            rows = find_matches(pattern, tables)
            mine = set(
                zip(*(rows.devices[slot.role].tolist() for slot in pattern.slots), strict=True)
            )
            theirs = oracle.matches(pattern)
            matches[pattern.kind] += len(theirs)
            differing[pattern.kind] += len(mine ^ theirs)
    rows_: list[tuple[Cell, ...]] = [
        (kind, count, differing[kind]) for kind, count in matches.most_common()
    ]
    rows_.append(("all", sum(matches.values()), sum(differing.values())))
    return Table(
        f"Joins beside networkx's VF2, {len(chosen)} clean hand-drawn circuits",
        ("kind", "matches of VF2", "found by one only"),
        tuple(rows_),
        (
            f"{len(small)} patterns of one or two devices; a match and its mirror image are two",
            "both are given the same net classes; without them the question is another one",
        ),
    )
