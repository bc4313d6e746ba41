"""A deck as node equations of many designs at once: nodes, elements, their stamps.

Arrays have the designs last, so that every step of a solution is one operation on vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.surrogate.curves import Curves
from eda.surrogate.wiring import NotSolvable, Wiring, groups

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.circuit import Device

    Floats = NDArray[np.float64]

STIFF_S: Final = 10.0
"""Conductance that stands for a source without resistance between two free nets."""
GMIN_S: Final = 1e-12
GROUND: Final = "0"


@dataclass(frozen=True, eq=False)
class Transistors:
    """The transistors of one model in a part of the circuit, at designs.

    Attributes:
        names: Of the devices.
        curves: Of their model.
        sign: 1 for n-channel, -1 for p-channel.
        pins: Node numbers of d, g, s and b, [4, transistors].
        log_scale: Logarithm of how many reference sizes each is, [transistors, designs].
        place: Where its length lies in the curves, [transistors, designs] each.
    """

    names: tuple[str, ...]
    curves: Curves
    sign: float
    pins: NDArray[np.int64]
    log_scale: Floats
    place: tuple[NDArray[np.int64], Floats]

    def take(self, which: NDArray[np.int64]) -> Transistors:
        """Return some of the transistors."""
        return Transistors(
            tuple(self.names[at] for at in which),
            self.curves,
            self.sign,
            self.pins[:, which],
            self.log_scale[which],
            (self.place[0][which], self.place[1][which]),
        )


@dataclass(frozen=True, eq=False)
class Network:
    """A deck as node equations, at designs.

    Attributes:
        nodes: Number of each net, by name.
        free: Which nodes are no ground and have no grounded source, [nodes].
        fixed_v: DC voltages of the others, [nodes, designs].
        fixed_ac: Their AC amplitudes, [nodes, designs].
        conductances: (node, node, S [designs]).
        capacitors: (node, node, F [designs]).
        inductors: (node, node, H [designs]).
        stiff: (node, node, DC volts, AC volts): sources between two free nodes.
        controlled: (p, n, cp, cn, S [designs]).
        currents: (p, n, DC A [designs], AC A [designs]): from p through the source to n.
        transistors: By model.
    """

    nodes: dict[str, int]
    free: NDArray[np.bool_]
    fixed_v: Floats
    fixed_ac: Floats
    conductances: list[tuple[int, int, Floats]]
    capacitors: list[tuple[int, int, Floats]]
    inductors: list[tuple[int, int, Floats]]
    stiff: list[tuple[int, int, Floats, Floats]]
    controlled: list[tuple[int, int, int, int, Floats]]
    currents: list[tuple[int, int, Floats, Floats]]
    transistors: list[Transistors]

    @property
    def designs(self) -> int:
        """How many designs there are."""
        return int(self.fixed_v.shape[1])


def network_at(
    wiring: Wiring, curves: Mapping[tuple[str, str], Curves], designs: Floats
) -> Network:
    """Return the equations at designs [designs, parameters].

    Raises:
        NotSolvable: A source is controlled by a current, or the like.
    """
    nodes: dict[str, int] = {GROUND: 0}
    for device in wiring.devices:
        for net in device.nets:
            nodes.setdefault(net.lower(), len(nodes))
    count, many = len(nodes), len(designs)
    made = Network(
        nodes,
        np.ones(count, dtype=bool),
        np.zeros((count, many)),
        np.zeros((count, many)),
        [],
        [],
        [],
        [],
        [],
        [],
        [],
    )
    made.free[0] = False

    def value(device: Device, name: str, default: float = 0.0) -> Floats:
        return wiring.value(device, name, designs, default)

    for device in wiring.devices:
        at = [nodes[net.lower()] for net in device.nets]
        if device.kind == "vsource":
            _add_source(made, at, value(device, "dc"), value(device, "ac"))
    for device in wiring.devices:
        at = [nodes[net.lower()] for net in device.nets]
        if device.kind == "resistor":
            siemens = value(device, "m", 1.0) / np.maximum(np.abs(value(device, "value")), 1e-3)
            made.conductances.append((at[0], at[1], siemens))
        elif device.kind == "capacitor":
            made.capacitors.append((at[0], at[1], value(device, "value") * value(device, "m", 1.0)))
        elif device.kind == "inductor":
            made.inductors.append((at[0], at[1], value(device, "value")))
        elif device.kind == "isource":
            times = value(device, "m", 1.0)
            made.currents.append(
                (at[0], at[1], value(device, "dc") * times, value(device, "ac") * times)
            )
        elif device.kind == "vccs":
            made.controlled.append((at[0], at[1], at[2], at[3], value(device, "value")))
        elif device.kind == "vcvs":
            made.controlled.append((at[0], at[1], at[2], at[3], -STIFF_S * value(device, "value")))
            made.conductances.append((at[0], at[1], np.full(many, STIFF_S)))
    for key, devices in groups(wiring).items():
        table = curves[key]
        pins = np.array([[nodes[d.net(role).lower()] for d in devices] for role in "dgsb"])
        sizes = [{n: value(d, n, 1.0) for n in ("w", "m", "nf")} for d in devices]
        scale = np.array([table.scale(item) for item in sizes])
        length = np.array([value(d, "l") for d in devices])
        made.transistors.append(
            Transistors(
                tuple(device.name for device in devices),
                table,
                1.0 if key[1] == "n" else -1.0,
                pins,
                np.log(np.maximum(np.broadcast_to(scale, length.shape), 1e-12)),
                table.place(length),
            )
        )
    return made


def _add_source(made: Network, at: list[int], dc: Floats, ac: Floats) -> None:
    plus, minus = at[0], at[1]
    if minus == 0 and made.free[plus]:
        made.free[plus], made.fixed_v[plus], made.fixed_ac[plus] = False, dc, ac
    elif plus == 0 and made.free[minus]:
        made.free[minus], made.fixed_v[minus], made.fixed_ac[minus] = False, -dc, -ac
    elif plus == minus == 0 or not (made.free[plus] or made.free[minus]):
        raise NotSolvable("two sources hold one net")
    else:
        made.stiff.append((plus, minus, dc, ac))


def islands(network: Network) -> list[NDArray[np.int64]]:
    """Return the free nodes in groups that are joined through devices, largest first."""
    parent = list(range(len(network.nodes)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def join(*given: int) -> None:
        free = [node for node in given if network.free[node]]
        for node in free[1:]:
            parent[root(node)] = root(free[0])

    for two in (*network.conductances, *network.capacitors, *network.inductors):
        join(two[0], two[1])
    for current in network.currents:
        join(current[0], current[1])
    for stiff in network.stiff:
        join(stiff[0], stiff[1])
    for one in network.controlled:
        join(*one[:4])
    for group in network.transistors:
        for pins in group.pins.T:
            join(*map(int, pins))
    found: dict[int, list[int]] = {}
    for node in np.flatnonzero(network.free):
        found.setdefault(root(int(node)), []).append(int(node))
    return sorted((np.array(nodes) for nodes in found.values()), key=len, reverse=True)


def flow(rest: Floats, where: NDArray[np.int64], plus: int, minus: int, amps: Floats) -> None:
    """Add a current that leaves node plus and enters node minus."""
    if where[plus] >= 0:
        rest[where[plus]] += amps
    if where[minus] >= 0:
        rest[where[minus]] -= amps


def stamp(
    matrix: Any, where: NDArray[np.int64], plus: int, minus: int, cp: int, cn: int, value: Any
) -> None:
    """Add a current from plus to minus of ``value`` times the voltage from cp to cn."""
    for node, sign in ((plus, 1.0), (minus, -1.0)):
        if where[node] < 0:
            continue
        for control, other in ((cp, sign), (cn, -sign)):
            if where[control] >= 0:
                matrix[where[node], where[control]] += other * value


def bias_of(
    group: Transistors, volts: Floats, part: Any = slice(None)
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the logarithms of current, gm/ID, gds/ID, gmb/ID [.., transistors, designs].

    Beside them, which transistors have drain and source exchanged.
    """
    drain, gate, source, bulk = (group.sign * volts[pins] for pins in group.pins)
    turned = drain < source
    low, high = np.where(turned, drain, source), np.where(turned, source, drain)
    place = (group.place[0][:, part], group.place[1][:, part])
    vgs = gate - low
    found = group.curves.at(place, vgs, high - low, np.maximum(low - bulk, 0.0))
    # Below the tables the current goes on falling, or Newton's method would see no slope.
    found[0] += group.log_scale[:, part] + np.minimum(vgs, 0.0) / 0.04
    return found, turned


def eliminate(matrix: Any, right: Any) -> Any:
    """Solve matrix [n, n, designs] x = right [n, k, designs] without pivoting; in place.

    Node equations have what flows through a node on the diagonal, and a conductance to ground.
    """
    size = len(matrix)
    for at in range(size):
        pivot = matrix[at, at]
        pivot = np.where(np.abs(pivot) < 1e-18, 1e-18, pivot)
        for row in range(at + 1, size):
            factor = matrix[row, at]
            if not factor.any():
                continue
            factor = factor / pivot
            matrix[row, at + 1 :] -= factor * matrix[at, at + 1 :]
            right[row] -= factor * right[at]
        matrix[at, at] = pivot
    for at in range(size - 1, -1, -1):
        for column in range(at + 1, size):
            right[at] -= matrix[at, column] * right[column]
        right[at] /= matrix[at, at]
    return right
