"""Which device and net of one circuit stand for which of the other, where the two differ.

Two ways, tried by `compare`, which keeps the one that leaves fewer differences:

* by names: devices of one name are one device, and their pins vote on the nets;
* by structure: nodes whose surroundings are alike, and like no other's, are one node. Pairs
  that are found stay fixed, so a fault only disturbs what is near it, and the next round comes
  closer. What is left is paired by the neighbours that were.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.circuit import GROUND
from eda.graph.growth import Growth
from eda.graph.refine import ColouredGraph, mix, next_round, pin_labels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from eda.graph.circuit_graph import CircuitGraph

_DEPTH: Final = 6
_MAX_TURNS: Final = 300
_FEW_TURNS: Final = 12
_SMALL: Final = 20_000
_GROWTH_DEPTHS: Final = (6, 3, 1, 0)
_MAX_BUCKET: Final = 100


@dataclass(frozen=True)
class Pairing:
    """A mapping from circuit ``a`` to circuit ``b``.

    Attributes:
        device: int64 [devices of a], the device of ``b``, or -1.
        net: int64 [nets of a], the net of ``b``, or -1.
    """

    device: NDArray[np.int64]
    net: NDArray[np.int64]


def pair_by_names(a: CircuitGraph, b: CircuitGraph) -> Pairing:
    """Pair devices of the same name and shape, and nets by the votes of their pins."""
    device = np.full(a.num_devices, -1, dtype=np.int64)
    index: dict[str, int] = {}
    for at, name in enumerate(b.device_names):
        index.setdefault(name.lower(), at)
    sizes_a = np.bincount(a.edge_device, minlength=a.num_devices).tolist()
    sizes_b = np.bincount(b.edge_device, minlength=b.num_devices).tolist()
    taken: set[int] = set()
    for at, name in enumerate(a.device_names):
        other = index.get(name.lower(), -1)
        if other >= 0 and other not in taken and sizes_a[at] == sizes_b[other]:
            taken.add(other)
            device[at] = other
    net = np.full(a.num_nets, -1, dtype=np.int64)
    _fix_named_nets(a, b, net)
    _vote_on_nets(a, b, device, net)
    return Pairing(device, net)


def pair_by_structure(
    a: CircuitGraph, b: CircuitGraph, coloured_a: ColouredGraph, coloured_b: ColouredGraph
) -> Pairing:
    """Pair nodes whose surroundings are alike."""
    search = _StructureSearch(a, b, coloured_a, coloured_b)
    search.run()
    device, net = search.split()
    for _ in range(3):
        found = _pair_left_devices(a, b, device, net)
        _vote_on_nets(a, b, device, net)
        if not found:
            break
    return Pairing(device, net)


def _fix_named_nets(a: CircuitGraph, b: CircuitGraph, net: NDArray[np.int64]) -> None:
    """Pair ground with ground, and ports of one name."""
    index = {name.lower(): at for at, name in enumerate(b.net_names) if b.net_is_port[at]}
    index[GROUND] = _index_of(b.net_names, GROUND)
    for at in np.flatnonzero(a.net_is_port).tolist():
        net[at] = index.get(a.net_names[at].lower(), -1)
    if GROUND in a.net_names:
        net[a.net_names.index(GROUND)] = index[GROUND]


def _vote_on_nets(
    a: CircuitGraph, b: CircuitGraph, device: NDArray[np.int64], net: NDArray[np.int64]
) -> None:
    """Pair the nets still free, in place: most pins in common first, then the same name."""
    pairs = _pin_pairs(a, b, device)
    if not len(pairs):
        return
    taken = set(net[net >= 0].tolist())
    keys, counts = np.unique(pairs, return_counts=True)
    first, second = keys // b.num_nets, keys % b.num_nets
    same_name = np.array(
        [
            a.net_names[one].lower() == b.net_names[other].lower()
            for one, other in zip(first.tolist(), second.tolist(), strict=True)
        ]
    )
    # Ground is never called otherwise.
    grounds = _index_of(a.net_names, GROUND), _index_of(b.net_names, GROUND)
    for at in np.lexsort((keys, ~same_name, -counts)).tolist():
        one, other = int(first[at]), int(second[at])
        if net[one] < 0 and other not in taken and (one == grounds[0]) == (other == grounds[1]):
            taken.add(other)
            net[one] = other


def _index_of(names: tuple[str, ...], name: str) -> int:
    return names.index(name) if name in names else -1


def _pin_pairs(a: CircuitGraph, b: CircuitGraph, device: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return net of a times the nets of b plus net of b, of every pin that both devices have."""
    label_a, label_b = pin_labels(a, symmetric=False), pin_labels(b, symmetric=False)
    starts_a = np.searchsorted(a.edge_device, np.arange(a.num_devices))
    starts_b = np.searchsorted(b.edge_device, np.arange(b.num_devices))
    sizes = np.bincount(a.edge_device, minlength=a.num_devices)
    pins = np.flatnonzero(device[a.edge_device] >= 0)
    owner = a.edge_device[pins]
    within = pins - starts_a[owner]
    other_sizes = np.bincount(b.edge_device, minlength=b.num_devices)
    fits = sizes[owner] == other_sizes[device[owner]]
    pins, owner, within = pins[fits], owner[fits], within[fits]
    others = starts_b[device[owner]] + within
    # Pins in other order (an instance of a PDK primitive) do not vote.
    same = label_a[pins] == label_b[others] if len(pins) else np.zeros(0, dtype=np.bool_)
    found: NDArray[np.int64] = (
        a.edge_net[pins[same]].astype(np.int64) * b.num_nets + b.edge_net[others[same]]
    )
    return found


class _StructureSearch:
    """Pairs found so far over the nodes (devices, then nets) of both circuits."""

    def __init__(
        self, a: CircuitGraph, b: CircuitGraph, coloured_a: ColouredGraph, coloured_b: ColouredGraph
    ) -> None:
        self.names = (
            [name.lower() for name in (*a.device_names, *a.net_names)],
            [name.lower() for name in (*b.device_names, *b.net_names)],
        )
        self.graphs = (coloured_a, coloured_b)
        self.paired = np.full(coloured_a.num_nodes, -1, dtype=np.int64)
        self.back = np.full(coloured_b.num_nodes, -1, dtype=np.int64)
        net = np.full(a.num_nets, -1, dtype=np.int64)
        _fix_named_nets(a, b, net)
        fixed = np.flatnonzero(net >= 0)
        self.pair(fixed + a.num_devices, net[fixed] + b.num_devices)

    def split(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the pairs as devices and nets."""
        devices_a, devices_b = self.graphs[0].num_devices, self.graphs[1].num_devices
        device, net = self.paired[:devices_a].copy(), self.paired[devices_a:].copy()
        # A device never has the colour of a net, so no pair mixes the two.
        net[net >= 0] -= devices_b
        return device, net

    def run(self) -> None:
        """Pair what has a unique counterpart; where all is symmetric, grow from one pair."""
        # Small circuits get all the turns they can use; large ones go on growing pairs.
        small = len(self.paired) <= _SMALL
        for _ in range(_MAX_TURNS if small else _FEW_TURNS):
            rounds = self._rounds()
            if self._pair_unique(rounds):
                continue
            alike = small and any(map(self._pair_one_of_many, reversed(rounds[1:])))
            if not alike:
                break
        # From strong evidence to weak: the surroundings at some depth, and who is paired.
        for depth in _GROWTH_DEPTHS:
            colours = self._rounds()[depth]
            found = Growth(self.graphs, colours, (self.paired, self.back)).run()
            fixed = np.flatnonzero(found >= 0)
            self.pair(fixed, found[fixed])

    def pair(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> None:
        """Keep pairs of nodes."""
        self.paired[first] = second
        self.back[second] = first

    def _rounds(self) -> list[tuple[NDArray[np.uint64], NDArray[np.uint64]]]:
        """Return the colours of both circuits, round by round; pairs keep theirs."""
        fixed_a, fixed_b = self.paired >= 0, self.back >= 0
        own_a = mix(np.arange(len(self.paired), dtype=np.uint64) + np.uint64(1 << 40))[fixed_a]
        numbers_b = self.back[fixed_b].astype(np.uint64)
        own_b = mix(numbers_b + np.uint64(1 << 40))
        colours_a, colours_b = mix(self.graphs[0].initial), mix(self.graphs[1].initial)
        rounds = []
        for _ in range(_DEPTH + 1):
            colours_a[fixed_a], colours_b[fixed_b] = own_a, own_b
            rounds.append((colours_a, colours_b))
            colours_a = next_round(self.graphs[0], colours_a)
            colours_b = next_round(self.graphs[1], colours_b)
        return rounds

    def _pair_unique(self, rounds: list[tuple[NDArray[np.uint64], NDArray[np.uint64]]]) -> bool:
        free_a, free_b = np.flatnonzero(self.paired < 0), np.flatnonzero(self.back < 0)
        for colours_a, colours_b in reversed(rounds):
            first, at_a = _unique(colours_a[free_a])
            second, at_b = _unique(colours_b[free_b])
            _, in_a, in_b = np.intersect1d(first, second, assume_unique=True, return_indices=True)
            if len(in_a):
                self.pair(free_a[at_a[in_a]], free_b[at_b[in_b]])
                return True
        return False

    def _pair_one_of_many(self, colours: tuple[NDArray[np.uint64], NDArray[np.uint64]]) -> bool:
        """Pair nodes of a colour that as many nodes of either circuit have."""
        free_a, free_b = np.flatnonzero(self.paired < 0), np.flatnonzero(self.back < 0)
        first, counts_a = np.unique(colours[0][free_a], return_counts=True)
        second, counts_b = np.unique(colours[1][free_b], return_counts=True)
        both, in_a, in_b = np.intersect1d(first, second, assume_unique=True, return_indices=True)
        equal = counts_a[in_a] == counts_b[in_b]
        if not equal.any():
            return False
        smallest = np.argmin(np.where(equal, counts_a[in_a], np.iinfo(np.int64).max))
        nodes_a = free_a[colours[0][free_a] == both[smallest]].tolist()
        nodes_b = free_b[colours[1][free_b] == both[smallest]].tolist()
        names_b = {self.names[1][node]: node for node in nodes_b}
        named = [
            (node, names_b[self.names[0][node]])
            for node in nodes_a
            if self.names[0][node] in names_b
        ]
        chosen = named or [(nodes_a[0], nodes_b[0])]
        self.pair(np.array([one for one, _ in chosen]), np.array([other for _, other in chosen]))
        return True


def _unique(values: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the values that occur once, and where."""
    found, where, counts = np.unique(values, return_index=True, return_counts=True)
    return found[counts == 1], where[counts == 1]


def _pair_left_devices(
    a: CircuitGraph, b: CircuitGraph, device: NDArray[np.int64], net: NDArray[np.int64]
) -> bool:
    """Pair devices still free by the neighbours they share, in place; return whether any was."""
    taken = np.zeros(b.num_devices, dtype=np.bool_)
    taken[device[device >= 0]] = True
    labels_a, labels_b = pin_labels(a, symmetric=True), pin_labels(b, symmetric=True)
    holders: dict[tuple[int, int], list[int]] = defaultdict(list)
    for pin in np.flatnonzero(~taken[b.edge_device]).tolist():
        key = int(labels_b[pin]), int(b.edge_net[pin])
        holders[key].append(int(b.edge_device[pin]))
    scores: dict[int, Counter[int]] = defaultdict(Counter)
    free = (device < 0)[a.edge_device] & (net[a.edge_net] >= 0)
    for pin in np.flatnonzero(free).tolist():
        owner = int(a.edge_device[pin])
        rivals = holders.get((int(labels_a[pin]), int(net[a.edge_net[pin]])), ())
        if len(rivals) <= _MAX_BUCKET:
            scores[owner].update(
                rival for rival in rivals if a.device_type[owner] == b.device_type[rival]
            )
    ranked = sorted(_ranked(a, b, scores))
    found = False
    for _, _, one, other in ranked:
        if device[one] < 0 and not taken[other]:
            device[one], taken[other] = other, True
            found = True
    return found


def _ranked(
    a: CircuitGraph, b: CircuitGraph, scores: dict[int, Counter[int]]
) -> Iterable[tuple[int, bool, int, int]]:
    for one, rivals in scores.items():
        for other, score in rivals.items():
            other_name = a.device_names[one].lower() != b.device_names[other].lower()
            yield -score, other_name, one, other
