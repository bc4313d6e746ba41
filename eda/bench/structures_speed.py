"""The speed tables of `eda bench structures`: beside networkx's VF2, and growth with size."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from eda.bench.links_decks import chain_text
from eda.bench.links_speed import MEMORY
from eda.bench.structures_vf2 import Oracle
from eda.bench.table import Cell, Table
from eda.circuit import Circuit
from eda.graph import CircuitGraph, circuit_graph
from eda.spice import parse_netlist, read_netlist
from eda.structures import PATTERNS, find_structures, structure_labels
from eda.structures.facts import find_facts
from eda.structures.join import Tables, find_matches

RIVAL_RULES: Final = (
    *("diff_pair/common_source", "current_mirror/simple", "cross_coupled/common_source"),
    *("cascode/stacked", "inverter/cmos"),
)
_RIVAL_STAGES: Final = (4, 8, 16, 32)
_STAGES: Final = (20, 200, 2_000)
_FULL_STAGES: Final = (20, 200, 2_000, 20_000)


def rival_table(log: Callable[[str], object]) -> Table:
    """Return CPU seconds of the joins and of VF2 for the same patterns, in both polarities."""
    rows: list[tuple[Cell, ...]] = []
    patterns = [PATTERNS[rule] for rule in RIVAL_RULES]
    # The first call of anything is slow.
    find_structures(circuit_graph(_chain(_RIVAL_STAGES[0])))
    for stages in _RIVAL_STAGES:
        graph = circuit_graph(parse_netlist(chain_text(stages)).flatten())
        log(f"VF2 on {graph.num_devices} devices")
        begun = time.process_time()
        units, facts = find_facts(graph)
        tables = Tables(units, facts)
        mine = sum(len(find_matches(pattern, tables)) for pattern in patterns)
        joins = time.process_time() - begun
        oracle = Oracle(graph, facts)
        begun = time.process_time()
        theirs = sum(len(oracle.matches(pattern, merged=False)) for pattern in patterns)
        rival = time.process_time() - begun
        rows.append(
            (graph.num_devices, mine, theirs, round(joins, 4), round(rival, 3), rival / joins)
        )
    return Table(
        "Five patterns, by joins and by networkx's VF2",
        ("devices", "matches", "of VF2", "CPU s, joins", "CPU s, VF2", "times"),
        tuple(rows),
        (
            "chains of differential stages; the joins' time counts the facts of the nets too,",
            "VF2's neither those nor the making of its graph; it searches different nets only",
        ),
    )


def growth_table(folder: Path | None, log: Callable[[str], object], *, full: bool) -> Table:
    """Return CPU seconds of everything `find_structures` does, from small to large circuits."""
    rows = []
    for stages in _FULL_STAGES if full else _STAGES:
        log(f"a chain of {stages} stages")
        rows.append(_timed("differential stages", circuit_graph(_chain(stages))))
    memory = folder / "spice" / "scale" / MEMORY if folder is not None else None
    if full and memory is not None and memory.is_file():
        log("a static memory")
        rows.append(_timed("static memory", circuit_graph(read_netlist(memory).flatten())))
    return Table(
        "Growth with size",
        ("circuit", "devices", "structures", "CPU s", "microseconds a device", "CPU s, labels"),
        tuple(rows),
        ("from the graph; CPU s: structures, matched sets, axes and paths",),
    )


def _chain(stages: int) -> Circuit:
    return parse_netlist(chain_text(stages)).flatten()


def _timed(name: str, graph: CircuitGraph) -> tuple[Cell, ...]:
    begun = time.process_time()
    found = find_structures(graph)
    seconds = time.process_time() - begun
    begun = time.process_time()
    structure_labels(graph)
    labels = time.process_time() - begun
    each = seconds / graph.num_devices * 1e6
    return (
        name,
        graph.num_devices,
        len(found.items),
        round(seconds, 2),
        round(each),
        round(labels, 2),
    )
