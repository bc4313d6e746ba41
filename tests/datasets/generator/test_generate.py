"""The generator: the same circuit from the same seed, labels that fit, every type sound."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.bench.generator import rule_errors
from eda.circuit import Circuit
from eda.datasets.generator import TYPES, GeneratedCircuit, generate_circuit, generate_circuits
from eda.errors import DatasetError
from eda.graph import circuit_graph, graph_hash
from eda.spice import Op, parse_netlist, simulate, simulate_many

PER_TYPE = 2


@pytest.fixture(scope="module")
def sample() -> list[GeneratedCircuit]:
    """A few circuits of every type."""
    return [
        generate_circuit(name, seed=11, index=index) for name in TYPES for index in range(PER_TYPE)
    ]


def test_a_circuit_follows_from_its_seed_and_number_alone() -> None:
    several = list(generate_circuits(6, seed=4))
    (alone,) = generate_circuits(1, seed=4, start=5)
    assert alone.netlist == several[5].netlist
    assert alone.name == several[5].name
    assert generate_circuit(alone.type, seed=4, index=5).deck == alone.deck
    assert next(generate_circuits(1, seed=5, types=[alone.type], start=5)).deck != alone.deck


def test_an_unknown_type_is_refused() -> None:
    message = f"there is no circuit type 'opamps'; there are: {', '.join(TYPES)}"
    with pytest.raises(DatasetError, match=f"^{re.escape(message)}$"):
        list(generate_circuits(1, types=["opamps"]))


def test_every_circuit_has_an_operating_point(sample: list[GeneratedCircuit]) -> None:
    decks = [parse_netlist(item.deck, dialect="ngspice", name=item.name) for item in sample]
    results = simulate_many(decks, Op(), cache=False)
    failed = [
        item.name for item, found in zip(sample, results, strict=True) if found.status != "ok"
    ]
    assert failed == []


def test_the_rules_find_no_error(sample: list[GeneratedCircuit]) -> None:
    assert {item.name: found for item in sample if (found := rule_errors(item))} == {}


def test_labels_name_every_device_and_port(sample: list[GeneratedCircuit]) -> None:
    for made in sample:
        flat = made.circuit.flatten()
        named = {device.name.lower() for device in flat.devices}
        assert named <= set(made.blocks), made.name
        nets = {net.lower() for net in (*flat.nets, "0")}
        assert {net.lower() for net in made.ports} <= nets, made.name
        assert set(made.ports.values()) <= {
            *("supply", "ground", "input", "output", "bias", "clock")
        }
        assert made.structure or made.type in ("storage", "timer"), made.name


def test_input_pairs_of_amplifiers_conduct() -> None:
    amplifiers = [generate_circuit("opamp", seed=2, index=index) for index in range(6)]
    asked = conducting = 0
    for made in amplifiers:
        pair = [name for name, block in made.blocks.items() if block.endswith("input_pair")]
        mos = [name for name in pair if name.rpartition(".")[2].startswith("m")]
        # The deck of a subcircuit holds it as instance x1.
        prefix = "x1." if "\nx1 " in made.deck else ""
        vectors = tuple(f"@{prefix}{name}[id]" for name in mos)
        deck = parse_netlist(made.deck, dialect="ngspice")
        result = simulate(deck, Op(), save=vectors, cache=False)
        assert result.status == "ok", made.name
        for vector in vectors:
            asked += 1
            conducting += abs(result.operating_point[vector]) > 1e-9
    assert asked > 8
    assert conducting >= 0.95 * asked


@pytest.mark.parametrize("name", ["opamp", "regulator", "logic_gate", "opamp_application"])
def test_circuits_of_large_types_are_different(name: str) -> None:
    made = list(generate_circuits(60, seed=9, types=[name]))
    hashes = {graph_hash(circuit_graph(item.circuit), ports="classes") for item in made}
    assert len(hashes) >= 55


def kinds(circuit: Circuit) -> Counter[tuple[str, str]]:
    return Counter((device.kind, device.polarity) for device in circuit.flatten().devices)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(sorted(TYPES)), st.integers(0, 10_000))
def test_any_circuit_reads_back_flat_and_hierarchical(name: str, index: int) -> None:
    made = generate_circuit(name, seed=1, index=index)
    again = parse_netlist(made.netlist, dialect="ngspice")
    assert again.errors == ()
    assert kinds(again) == kinds(made.circuit)
    assert sum(made.block_counts.values()) == len(made.blocks)
