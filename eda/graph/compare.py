"""# compare: are two circuits the same up to names and order, and if not, where do they differ?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.errors import UndecidedError
from eda.graph.build import circuit_graph, needs_flattening
from eda.graph.differences import Difference, Sides, differences
from eda.graph.match import find_isomorphism
from eda.graph.pairing import Pairing, pair_by_names, pair_by_structure
from eda.graph.parallel import merge_parallel
from eda.graph.refine import ColouredGraph, Ports, coloured_graph, mix
from eda.graph.sizes import size_hashes

if TYPE_CHECKING:
    from eda.circuit import Circuit

_SMALL: Final = 5000


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer of `compare`.

    Attributes:
        equal: Whether the circuits are the same up to names and order.
        differences: Where they differ; empty where they are equal.
    """

    equal: bool
    differences: tuple[Difference, ...] = ()


def compare(
    a: Circuit,
    b: Circuit,
    *,
    sizes: bool = False,
    parallel: bool = False,
    limit: int = 5_000_000,
) -> Comparison:
    """Return whether two circuits are the same up to names and order, else where they differ.

    Drain and source of a MOS transistor may be exchanged, and so may the two ends of a
    resistor, capacitor or inductor. Ports are told apart by their names where both circuits
    have the same ones. Hierarchy plays no part. Devices in series are never merged.

    Args:
        a: One circuit.
        b: The other circuit.
        sizes: Whether models and parameters count too.
        parallel: Whether devices of one type on the same nets count as one device.
        limit: How many steps to search for an exact match, as in `isomorphic`.

    Raises:
        UndecidedError: The circuits are too symmetric to be compared within the limit.

    Example:
        >>> from eda.circuit import Circuit, Device
        >>> def divider(top, middle):
        ...     return Circuit(devices=(Device("R1", "resistor", ("p", "n"), (top, middle)),
        ...                             Device("R2", "resistor", ("p", "n"), (middle, "0"))))
        >>> compare(divider("in", "out"), divider("x", "y")).equal
        True
    """
    flat = tuple(item.flatten() if needs_flattening(item) else item for item in (a, b))
    if parallel:
        flat = tuple(merge_parallel(item) for item in flat)
    graphs = circuit_graph(flat[0]), circuit_graph(flat[1])
    sides = Sides(flat[0], flat[1], graphs[0], graphs[1])
    named = pair_by_names(*graphs)
    by_name = differences(sides, named, sizes=sizes)
    if not by_name:
        return Comparison(equal=True)
    undecided = None
    try:
        found = _equal_pairing(sides, sizes=sizes, limit=limit)
        if found is not None:
            left = differences(sides, found, sizes=sizes)
            return Comparison(equal=not left, differences=tuple(_shorter(left, by_name)))
    except UndecidedError as error:
        undecided = error
    best = by_name
    if sides.num_nodes <= _SMALL or 100 * len(by_name) > graphs[0].num_pins or undecided:
        coloured = _coloured(sides, sizes=False)
        pairing = pair_by_structure(*graphs, *coloured)
        best = _shorter(differences(sides, pairing, sizes=sizes), by_name)
    if undecided is not None and best:
        raise undecided
    return Comparison(equal=not best, differences=tuple(best))


def _shorter(first: list[Difference], second: list[Difference]) -> list[Difference]:
    return first if len(first) < len(second) else second


def _equal_pairing(sides: Sides, *, sizes: bool, limit: int) -> Pairing | None:
    """Return an exact mapping, with sizes equal where possible and asked for."""
    if sizes:
        mapping = find_isomorphism(*_coloured(sides, sizes=True), limit=limit)
        if mapping is not None:
            return _pairing(sides, mapping)
    mapping = find_isomorphism(*_coloured(sides, sizes=False), limit=limit)
    return None if mapping is None else _pairing(sides, mapping)


def _pairing(sides: Sides, mapping: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Pairing:
    devices = sides.graph_a.num_devices
    return Pairing(mapping[:devices], mapping[devices:] - devices)


def _coloured(sides: Sides, *, sizes: bool) -> tuple[ColouredGraph, ColouredGraph]:
    ports: Ports = "named" if sides.same_ports else "classes"
    made = tuple(
        coloured_graph(graph, ports=ports, models=sizes) for graph in (sides.graph_a, sides.graph_b)
    )
    if not sizes:
        return made[0], made[1]
    with_sizes = []
    for coloured, circuit in zip(made, (sides.a, sides.b), strict=True):
        initial = coloured.initial.copy()
        initial[: coloured.num_devices] += mix(size_hashes(circuit))
        with_sizes.append(replace(coloured, initial=initial))
    return with_sizes[0], with_sizes[1]
