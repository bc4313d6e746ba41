"""Run all patterns over a graph: structures by index, before anything has a name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eda.graph.refine import coloured_graph, refine
from eda.structures.catalogue import PATTERNS
from eda.structures.chains import find_chains, find_common_mode_sense, find_rings
from eda.structures.facts import NetFacts, find_facts
from eda.structures.group import Found, gather
from eda.structures.join import Tables, find_matches
from eda.structures.symmetry import Axis, find_axes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.graph import CircuitGraph
    from eda.structures.units import Units

_TAIL_ROLES = {
    "diff_pair/coupled": ("source_a", "source_b"),
    "cross_coupled/common_source": ("source",),
}
_PAIRS = ("diff_pair", "cross_coupled/")


@dataclass(frozen=True)
class Search:
    """What was found, by index.

    Attributes:
        items: The structures, the most specific first.
        axes: Mirror symmetries.
        units: Of the circuit.
        facts: Of its nets.
        order: The canonical place of each device: by colour, then as they come.
    """

    items: tuple[Found, ...]
    axes: tuple[Axis, ...]
    units: Units
    facts: NetFacts
    order: tuple[int, ...]


def search(graph: CircuitGraph) -> Search:
    """Return the structures of a graph."""
    units, facts = find_facts(graph)
    order = canonical_order(graph)
    items: list[Found] = []
    for stage in (1, 2):
        if stage == 2:
            facts = with_tails(facts, items)
        tables = Tables(units, facts)
        for pattern in PATTERNS.values():
            if pattern.stage == stage:
                items += gather(pattern, find_matches(pattern, tables), order)
        items = without_excluded(items)
    items += find_chains(graph, units, facts)
    items += find_rings(items)
    place: list[int] = order.tolist()
    axes = find_axes(items, units, facts, place)
    partner: dict[int, int] = {}
    for axis in axes:
        for a, b in axis.net_pairs:
            partner.setdefault(a, b)
            partner.setdefault(b, a)
    items += find_common_mode_sense(units, facts, partner)
    items.sort(key=lambda item: (-item.rank, item.rule, tuple(place[at] for _, at in item.devices)))
    return Search(tuple(items), tuple(axes), units, facts, tuple(place))


def without_excluded(items: list[Found]) -> list[Found]:
    """Return the structures less those that share a device with one their rule gives way to."""
    taken: dict[str, set[int]] = {rule: set() for p in PATTERNS.values() for rule in p.unless}
    for item in items:
        if item.rule in taken:
            taken[item.rule].update(at for _, at in item.devices)
    return [
        item
        for item in items
        if not any(
            at in taken[rule] for rule in PATTERNS[item.rule].unless for _, at in item.devices
        )
    ]


def canonical_order(graph: CircuitGraph) -> NDArray[np.int64]:
    """Return int64 [devices]: each device's place in an order that names play no part in.

    Devices that colour refinement tells apart are ordered by what it says of them; those that
    look the same from everywhere keep the order of the circuit.
    """
    colours = refine(coloured_graph(graph, ports="classes"))[: graph.num_devices]
    place = np.empty(graph.num_devices, dtype=np.int64)
    place[np.argsort(colours, kind="stable")] = np.arange(graph.num_devices)
    return place


def with_tails(facts: NetFacts, items: list[Found]) -> NetFacts:
    """Return the facts, with `tail` known from differential and cross-coupled pairs."""
    tail = np.zeros(facts["rail"].shape, dtype=np.bool_)
    for item in items:
        if item.rule.startswith(_PAIRS):
            for role, net in item.nets:
                tail[item.polarity, net] |= role in _TAIL_ROLES.get(item.rule, ("tail",))
    tail &= ~facts["rail"]
    return replace(facts, table={**facts.table, "tail": tail})
