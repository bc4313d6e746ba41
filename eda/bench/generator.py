"""The circuits of the generator, type by type: do they solve, are they different, how large.

Every started circuit counts. "Solved" means that ngspice finds an operating point of the circuit
with sources around it; black boxes have a simple behaviour for that.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.bench.table import Table
from eda.datasets.generator import TYPES, GeneratedCircuit, generate_circuits
from eda.graph import circuit_graph, graph_hash
from eda.rules import check
from eda.spice import Op, parse_netlist, simulate_many

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CIRCUITS: Final = 1000
SIMULATED: Final = 20
SIMULATED_FULL: Final = 200


def run(*, full: bool, seed: int, log: Callable[[str], None]) -> dict[str, Any]:
    """Generate 1,000 circuits of each type; simulate 20 of them, or 200."""
    rows = []
    for name in TYPES:
        rows.append(measure(name, CIRCUITS, SIMULATED_FULL if full else SIMULATED, seed=seed))
        log(f"{name}: {rows[-1]['distinct']:.3f} distinct, {rows[-1]['solved']} solve")
    return {"seed": seed, "circuits": CIRCUITS, "types": rows}


def measure(name: str, count: int, simulated: int, *, seed: int) -> dict[str, Any]:
    """Return the figures of one type."""
    began = time.perf_counter()
    circuits = list(generate_circuits(count, seed=seed, types=[name]))
    seconds = time.perf_counter() - began
    graphs = [circuit_graph(item.circuit) for item in circuits]
    hashes = {graph_hash(graph, symmetric=True, ports="classes") for graph in graphs}
    sizes = np.array([graph.num_devices for graph in graphs])
    sample = circuits[:simulated]
    return {
        "type": name,
        "distinct": len(hashes) / count,
        "solved": solved(sample),
        "simulated": len(sample),
        "errors": sum(rule_errors(item) for item in sample),
        "devices": [int(sizes.min()), int(np.median(sizes)), int(sizes.max())],
        "per_minute": round(60 * count / seconds),
    }


def solved(circuits: Sequence[GeneratedCircuit]) -> int:
    """Return how many of the circuits have an operating point."""
    decks = [parse_netlist(item.deck, dialect="ngspice", name=item.name) for item in circuits]
    results = simulate_many(decks, Op(), cache=False)
    return sum(result.status == "ok" for result in results)


def rule_errors(made: GeneratedCircuit) -> int:
    """Return how many errors the electrical rules find in a circuit with its sources."""
    deck = parse_netlist(made.deck, dialect="ngspice", name=made.name)
    return sum(finding.severity == "error" for finding in check(deck))


def render(result: Mapping[str, Any]) -> str:
    """Return the table as text."""
    return Table(
        f"Circuits of the generator, {result['circuits']:,} of each type, seed {result['seed']}",
        ("type", "distinct", "solved", "of", "rule errors", "devices", "a minute"),
        tuple(
            (
                row["type"],
                round(row["distinct"], 3),
                row["solved"],
                row["simulated"],
                row["errors"],
                "{}-{}-{}".format(*row["devices"]),
                row["per_minute"],
            )
            for row in result["types"]
        ),
        notes=(
            "distinct: different canonical hashes (ports by class, drain and source exchangeable)"
            " per circuit",
            "devices: least, median, most; a minute: on one core, reading the netlist included",
        ),
    ).to_text()
