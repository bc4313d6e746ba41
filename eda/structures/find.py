"""Which blocks a circuit is made of: `find_structures`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.graph import CircuitGraph, circuit_graph
from eda.structures.matched import equal_sets, ratio_sets, ratios
from eda.structures.paths import bias_path, signal_path
from eda.structures.search import Search, search
from eda.structures.structure import (
    MatchedSet,
    Member,
    Path,
    Structure,
    Structures,
    SymmetryAxis,
)
from eda.structures.units import POLARITIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eda.circuit import Circuit


def find_structures(
    circuit: Circuit | CircuitGraph, *, subcircuit: str | None = None
) -> Structures:
    """Return the blocks a circuit is made of, its matched devices, symmetries and paths.

    The answer depends on the wiring, the kinds of devices and the classes of the nets; on
    names only as far as net classes do, and on the order of devices only where two devices
    cannot be told apart otherwise.

    Args:
        circuit: Flat or hierarchical, as it was read; or its graph, whose devices have no
            sizes, so that matched sets come without ratios.
        subcircuit: Take this subcircuit; by default the top level, or in a file of only
            subcircuits the one that nobody instantiates.

    Raises:
        NetlistError: There is no such subcircuit, or the circuit cannot be flattened.

    Example:
        >>> import eda
        >>> mirror = eda.parse_netlist('''current mirror
        ... M1 bias bias 0 0 nch w=1u l=1u
        ... M2 out  bias 0 0 nch w=4u l=1u
        ... .model nch nmos
        ... ''')
        >>> found = find_structures(mirror)
        >>> found.items[0].rule, found.items[0].device("reference")
        ('current_mirror/simple', 'M1')
        >>> found.matched_sets[0].ratios
        (1.0, 4.0)
    """
    flat = None
    if isinstance(circuit, CircuitGraph):
        graph = circuit
    else:
        flat = circuit
        if subcircuit is not None or circuit.subcircuits:
            flat = circuit.flatten(subcircuit=subcircuit)
        graph = circuit_graph(flat)
    return _named(graph, search(graph), flat)


def _named(graph: CircuitGraph, found: Search, flat: Circuit | None) -> Structures:
    signal_devices, signal_nets = signal_path(found.units, found.facts)
    signal = {device for _, device in signal_devices}
    bias_devices, bias_nets = bias_path(found.items, signal, found.facts["biased"][0])
    names = _Names(graph, found)
    tails = _tails(found)
    return Structures(
        items=tuple(
            Structure(
                kind=item.rule.partition("/")[0],
                rule=item.rule,
                rank=item.rank,
                devices=names.members(item.devices),
                nets=tuple(Member(role, graph.net_names[at], at) for role, at in item.nets),
                polarity="" if item.polarity < 0 else POLARITIES[item.polarity],
            )
            for item in found.items
        ),
        matched_sets=_matched_sets(found, names, flat),
        axes=tuple(
            SymmetryAxis(
                seeds=tuple((rule, names.device(a), names.device(b)) for rule, a, b in axis.seeds),
                device_pairs=tuple(
                    pair for a, b in axis.device_pairs for pair in names.pairs(a, b)
                ),
                net_pairs=tuple(
                    (graph.net_names[a], graph.net_names[b]) for a, b in axis.net_pairs
                ),
                device_axis=names.devices(
                    [
                        *(at for at in axis.bridges if at not in axis.image),
                        *(
                            at
                            for net in axis.fixed_nets
                            for at in tails.get(net, ())
                            if at not in axis.image
                        ),
                    ]
                ),
                net_axis=tuple(graph.net_names[at] for at in axis.fixed_nets),
            )
            for axis in found.axes
        ),
        signal_path=Path(
            names.devices(names.ordered(signal_devices)),
            tuple(graph.net_names[at] for _, at in sorted(signal_nets)),
        ),
        bias_path=Path(names.devices(bias_devices), tuple(graph.net_names[at] for at in bias_nets)),
    )


def _tails(found: Search) -> dict[int, list[int]]:
    """Return the devices that feed each tail, by its net."""
    table: dict[int, list[int]] = {}
    for item in found.items:
        if item.rule.startswith("tail/"):
            net = next(at for role, at in item.nets if role == "tail")
            table.setdefault(net, []).extend(at for _, at in item.devices)
    return table


class _Names:
    """Names of devices; a unit of several devices is all of their names."""

    def __init__(self, graph: CircuitGraph, found: Search) -> None:
        self.names = graph.device_names
        self.unit = found.units.members
        self.order = found.order

    def device(self, at: int) -> str:
        return self.names[at]

    def devices(self, units: Iterable[int]) -> tuple[str, ...]:
        return tuple(
            self.names[at] for unit in dict.fromkeys(units) for at in self.unit.get(unit, (unit,))
        )

    def members(self, devices: Iterable[tuple[str, int]]) -> tuple[Member, ...]:
        return tuple(
            Member(role, self.names[at], at)
            for role, unit in devices
            for at in self.unit.get(unit, (unit,))
        )

    def pairs(self, a: int, b: int) -> list[tuple[str, str]]:
        """Return pairs of fingers, one of each side."""
        one, other = self.unit.get(a, (a,)), self.unit.get(b, (b,))
        return [(self.names[x], self.names[y]) for x, y in zip(one, other, strict=False)]

    def ordered(self, devices: list[tuple[int, int]]) -> list[int]:
        """Return devices by distance, then in canonical order."""
        return [at for _, _, at in sorted((far, self.order[at], at) for far, at in devices)]


def _matched_sets(found: Search, names: _Names, flat: Circuit | None) -> tuple[MatchedSet, ...]:
    """Return the sets; a ratio among devices that are all equal goes without saying."""
    place = found.order
    groups = [
        ("equal", sorted(group, key=place.__getitem__), rules)
        for group, rules in equal_sets(found.items, found.axes)
    ]
    home = {at: number for number, (_, group, _) in enumerate(groups) for at in group}
    for group, rules in ratio_sets(found.items):
        if len({home.get(at, -1 - at) for at in group}) > 1:
            groups.append(("ratio", group, rules))
    sets = []
    for kind, group, rules in groups:
        # Fingers are listed one by one, and so are their shares of the strength.
        fingers = [(at,) for unit in group for at in names.unit.get(unit, (unit,))]
        made = MatchedSet(kind, names.devices(group), tuple(rules), ratios(flat, fingers))
        sets.append((kind, -len(group), tuple(place[at] for at in group), made))
    sets.sort(key=lambda item: item[:3])
    return tuple(made for *_, made in sets)
