"""Rule on loops of sources: voltages around a loop that nothing can reconcile."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.rules.finding import Finding, Rule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from eda.rules.electrical import Electrical

VOLTAGE_KINDS: Final = ("vsource", "vcvs", "ccvs", "inductor")
"""Kinds that fix the direct voltage between their ends."""

MOST_LOOPS: Final = 100
"""Loops that are told of one circuit; a mesh of inductors has thousands."""


def loop_message(closing: str, others: Sequence[str]) -> str:
    """Return what is wrong with a device that closes a loop with the others."""
    return f"{closing} closes a loop of voltage sources or inductors with {listed(others)}"


def _find_loops(rule: Rule, view: Electrical) -> Iterator[Finding]:
    devices, first, second = view.voltage_edges
    if len(devices):
        in_loop = _in_cyclic_part(view, first)
        devices, first, second = devices[in_loop], first[in_loop], second[in_loop]
    if not len(devices):
        return
    tree, closing = _spanning_forest(devices.tolist(), first.tolist(), second.tolist())
    above = _rooted(tree)
    for device, one, other in closing[:MOST_LOOPS]:
        names = [view.device(at).name for at in sorted(_path(above, one, other))]
        closer = view.device(device)
        yield rule.finding(
            loop_message(closer.name, names), closer.span, [closer.name, *names], strict=""
        )


def _in_cyclic_part(view: Electrical, first: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Bool [edges]: the edge is in a part with as many edges as nets, or more."""
    count = view.graph.num_nets
    parts = view.voltage_component
    nets = np.bincount(parts, minlength=count)
    edges = np.bincount(parts[first], minlength=count)
    cyclic: NDArray[np.bool_] = (edges >= nets)[parts[first]]
    return cyclic


_Edge = tuple[int, int, int]


def _spanning_forest(
    devices: list[int], first: list[int], second: list[int]
) -> tuple[list[_Edge], list[_Edge]]:
    """Return the edges that join two parts, in circuit order, and those that close a loop."""
    above: dict[int, int] = {}

    def top(net: int) -> int:
        while (higher := above.setdefault(net, net)) != net:
            above[net] = above[higher]
            net = higher
        return net

    tree: list[_Edge] = []
    closing: list[_Edge] = []
    for edge in zip(devices, first, second, strict=True):
        a, b = top(edge[1]), top(edge[2])
        if a == b:
            closing.append(edge)
        else:
            above[a] = b
            tree.append(edge)
    return tree, closing


def _rooted(tree: list[_Edge]) -> dict[int, tuple[int, int, int]]:
    """Return for each net the net above it, the device between, and its depth."""
    around: dict[int, list[tuple[int, int]]] = {}
    for device, one, other in tree:
        around.setdefault(one, []).append((other, device))
        around.setdefault(other, []).append((one, device))
    above: dict[int, tuple[int, int, int]] = {}
    for root in around:
        if root in above:
            continue
        above[root] = (-1, -1, 0)
        queue = deque([root])
        while queue:
            net = queue.popleft()
            for other, device in around[net]:
                if other not in above:
                    above[other] = (net, device, above[net][2] + 1)
                    queue.append(other)
    return above


def _path(above: dict[int, tuple[int, int, int]], one: int, other: int) -> list[int]:
    """Return the devices between two nets of one tree."""
    devices = []
    while one != other:
        if above[one][2] < above[other][2]:
            one, other = other, one
        devices.append(above[one][1])
        one = above[one][0]
    return devices


VSOURCE_LOOP: Final = Rule(
    "vsource_loop",
    "error",
    "a loop of voltage sources, controlled ones included, and inductors",
    "The voltages around a loop must add up to zero by themselves, and the current in it is "
    "undefined: the simulator's matrix is singular.",
    "put a small resistance into the loop, or remove one of its devices",
    _find_loops,
    simulator="singular matrix",
)
