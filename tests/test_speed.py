"""What reading, flattening, graphs, rules and predictions cost (pytest-benchmark; no bounds).

``pytest tests/test_speed.py --benchmark-only`` prints the table; ``eda bench spice`` and
``eda bench links`` measure at full size, beside the alternatives.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

import eda
from eda.bench.rules_speed import grown

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

ROWS, COLUMNS = 16, 16


def memory_lines() -> Iterator[str]:
    """A static memory of six-transistor cells: two levels of hierarchy, shared word lines."""
    yield "* memory"
    yield ".subckt cell bl br wl vdd vss"
    for name, nets, model in (
        ("1", "q wl bl vss", "nch"),
        ("2", "qb wl br vss", "nch"),
        ("3", "q qb vss vss", "nch"),
        ("4", "qb q vss vss", "nch"),
        ("5", "q qb vdd vdd", "pch"),
        ("6", "qb q vdd vdd", "pch"),
    ):
        yield f"M{name} {nets} {model} w=0.2u l=0.1u"
    yield ".ends"
    bits = " ".join(f"bl{i} br{i}" for i in range(COLUMNS))
    yield f".subckt row {bits} wl vdd vss"
    for i in range(COLUMNS):
        yield f"X{i} bl{i} br{i} wl vdd vss cell"
    yield ".ends"
    yield "V1 vdd 0 1.2"
    for i in range(ROWS):
        yield f"X{i} {bits} wl{i} vdd 0 row"
    yield ".end"


TEXT = "\n".join(memory_lines()) + "\n"
FLAT_TEXT = "* ladder\n" + "".join(
    f"R{i} n{i} n{i + 1} 1.5k\nC{i} n{i + 1} 0 2p\n" for i in range(2000)
)


@pytest.mark.benchmark(group="read")
def test_read_a_hierarchical_netlist(benchmark: BenchmarkFixture) -> None:
    circuit = benchmark(eda.parse_netlist, TEXT)
    assert len(circuit.subcircuits) == 2


@pytest.mark.benchmark(group="read")
def test_read_a_flat_netlist(benchmark: BenchmarkFixture) -> None:
    circuit = benchmark(eda.parse_netlist, FLAT_TEXT)
    assert len(circuit.devices) == 4000


@pytest.mark.benchmark(group="flat")
def test_flatten(benchmark: BenchmarkFixture) -> None:
    flat = benchmark(eda.parse_netlist(TEXT).flatten)
    assert len(flat.devices) == 6 * ROWS * COLUMNS + 1


@pytest.mark.benchmark(group="flat")
def test_graph(benchmark: BenchmarkFixture) -> None:
    graph = benchmark(eda.circuit_graph, eda.parse_netlist(TEXT).flatten())
    assert graph.num_pins == 4 * 6 * ROWS * COLUMNS + 2


@pytest.mark.benchmark(group="flat")
def test_hash(benchmark: BenchmarkFixture) -> None:
    graph = eda.circuit_graph(eda.parse_netlist(TEXT).flatten())
    assert len(benchmark(eda.graph_hash, graph)) >= 20


@pytest.mark.benchmark(group="answers")
def test_check(benchmark: BenchmarkFixture) -> None:
    findings = benchmark(eda.check, eda.parse_netlist(TEXT))
    # The word lines drive gates, and nothing drives them.
    errors = [item.rule for item in findings if item.severity == "error"]
    assert errors == ["floating_gate"] * ROWS


@pytest.mark.benchmark(group="growing")
@pytest.mark.parametrize("devices", [10, 50, 200])
def test_a_step_of_a_growing_circuit(benchmark: BenchmarkFixture, devices: int) -> None:
    circuit = grown(devices)

    def step() -> int:
        circuit.add_device("nmos", {"d": "out", "g": "x0", "s": "new", "b": "vss"})
        found = len(circuit.obligations())
        circuit.undo()
        return found

    # The new source has no second device yet.
    assert benchmark(step) == 1
    assert len(circuit) == devices


@pytest.mark.benchmark(group="growing")
def test_is_a_move_sound(benchmark: BenchmarkFixture) -> None:
    circuit = grown(50)
    assert benchmark(circuit.sound, "nmos", {"d": "out", "g": "x0", "s": "t0", "b": "vss"})


@pytest.mark.benchmark(group="answers")
def test_predict_links(benchmark: BenchmarkFixture) -> None:
    flat = eda.parse_netlist(TEXT).flatten()
    pins = [(f"X{i}.X0.M1", "g") for i in range(2)]
    predictions = benchmark(eda.predict_links, flat, pins=pins, top=3)
    assert len(predictions) == 2
