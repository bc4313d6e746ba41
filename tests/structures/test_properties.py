"""What holds of any circuit: names and order do not matter, joins agree with subgraph search."""

import random
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eda.bench.structures_vf2 import Oracle
from eda.circuit import Circuit, Device
from eda.graph import CircuitGraph, circuit_graph
from eda.structures import PATTERNS, find_structures, structure_labels
from eda.structures.join import Tables, find_matches
from eda.structures.search import search

NETS = ("vdd", "vss", "vin", "vb", "n1", "n2", "n3", "n4", "n5")
KINDS = {
    "nmos": ("mosfet", "n", ("d", "g", "s", "b")),
    "pmos": ("mosfet", "p", ("d", "g", "s", "b")),
    "npn": ("bipolar", "n", ("c", "b", "e")),
    "resistor": ("resistor", "", ("p", "n")),
    "capacitor": ("capacitor", "", ("p", "n")),
}
SMALL = [item for item in PATTERNS.values() if len(item.slots) <= 2 and len(item.nets) <= 6]


@st.composite
def circuits(draw: st.DrawFn, most: int = 9) -> Circuit:
    """Random circuits of few nets, so that blocks come up often."""
    devices = []
    for at in range(draw(st.integers(2, most))):
        kind, polarity, roles = KINDS[draw(st.sampled_from(["nmos", "pmos", *KINDS]))]
        nets = tuple(draw(st.sampled_from(NETS)) for _ in roles)
        devices.append(Device(f"X{at}", kind, roles, nets, "", {}, polarity))
    return Circuit(devices=tuple(devices), ports=("vin", "vb", "vdd", "vss"))


def shuffled(graph: CircuitGraph, seed: int) -> tuple[CircuitGraph, np.ndarray, np.ndarray]:
    """Return the graph in another order and with other names, and where devices and nets went."""
    rng = np.random.default_rng(seed)
    devices, nets = rng.permutation(graph.num_devices), rng.permutation(graph.num_nets)
    # New place of device d: devices[d]; its pins go with it.
    pins = np.argsort(devices[graph.edge_device], kind="stable")
    made = replace(
        graph,
        device_names=tuple(f"dev{at}" for at in range(graph.num_devices)),
        net_names=tuple(f"net{at}" for at in range(graph.num_nets)),
        device_type=graph.device_type[np.argsort(devices)],
        net_class=graph.net_class[np.argsort(nets)],
        net_is_port=graph.net_is_port[np.argsort(nets)],
        edge_device=devices[graph.edge_device][pins].astype(np.int32),
        edge_net=nets[graph.edge_net][pins].astype(np.int32),
        edge_role=graph.edge_role[pins],
        device_model=("",) * graph.num_devices,
    )
    return made, devices, nets


def picture(graph: CircuitGraph, devices: Iterable[int]) -> list[tuple[str, frozenset[int]]]:
    """Return the structures as rules and sets of devices, these renumbered."""
    place = list(devices)
    return sorted(
        (
            (item.rule, frozenset(place[member.index] for member in item.devices))
            for item in find_structures(graph).items
        ),
        key=lambda found: (found[0], sorted(found[1])),
    )


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(circuits(14), st.integers(0, 1000))
def test_names_and_order_do_not_matter(circuit: Circuit, seed: int) -> None:
    graph = circuit_graph(circuit)
    other, devices, nets = shuffled(graph, seed)
    assert picture(graph, devices.tolist()) == picture(other, range(graph.num_devices))
    # The order of what is found does not depend on names either.
    assert [item.rule for item in find_structures(graph).items] == [
        item.rule for item in find_structures(other).items
    ]
    one, two = structure_labels(graph), structure_labels(other)
    assert np.array_equal(one.devices, two.devices[devices])
    assert np.array_equal(one.nets, two.nets[nets])
    assert np.array_equal(one.device_label, two.device_label[devices])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(circuits(), st.randoms(use_true_random=False))
def test_joins_find_what_subgraph_search_finds(circuit: Circuit, draw: random.Random) -> None:
    graph = circuit_graph(circuit)
    found = search(graph)
    oracle, tables = Oracle(graph, found.facts), Tables(found.units, found.facts)
    for pattern in draw.sample(SMALL, 6):
        rows = find_matches(pattern, tables)
        mine = set(zip(*(rows.devices[slot.role].tolist() for slot in pattern.slots), strict=True))
        assert mine == oracle.matches(pattern), pattern.rule


@pytest.mark.parametrize("rule", ["diff_pair/common_source", "current_mirror/simple"])
def test_merging_letters_is_needed(rule: str) -> None:
    """A buffer's half has gate and drain on one net, which a search for all-different misses."""
    roles = ("d", "g", "s")
    devices = (
        Device("M1", "mosfet", roles, ("a", "vin", "t"), polarity="n"),
        Device("M2", "mosfet", roles, ("out", "out", "t"), polarity="n"),
        Device("M3", "mosfet", roles, ("t", "vb", "vss"), polarity="n"),
    )
    graph = circuit_graph(Circuit(devices=devices, ports=("vin", "vb", "vss")))
    oracle = Oracle(graph)
    pattern = PATTERNS[rule]
    assert oracle.matches(pattern, merged=False) == set()
    assert len(oracle.matches(pattern)) == (2 if rule.startswith("diff") else 0)


def test_a_thousand_sources_on_a_rail_do_not_blow_up() -> None:
    roles = ("d", "g", "s", "b")
    devices = [
        Device(f"M{at}", "mosfet", roles, (f"d{at}", f"g{at % 7}", "vss", "vss"), polarity="n")
        for at in range(1000)
    ]
    devices += [
        Device(f"P{at}", "mosfet", roles, (f"d{at}", f"h{at}", "virtual", "vdd"), polarity="p")
        for at in range(1000)
    ]
    found = search(circuit_graph(Circuit(devices=tuple(devices), ports=("vdd", "vss"))))
    assert len(found.items) < 20
