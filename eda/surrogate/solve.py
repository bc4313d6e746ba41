"""Batched circuit equations: the operating point and small signals of many designs at once.

Arrays have the designs last, so that every step of the elimination is one operation on vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.surrogate.curves import Curves
from eda.surrogate.wiring import NotSolvable, Wiring, groups

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from eda.circuit import Device

    Floats = NDArray[np.float64]

STIFF_S: Final = 10.0
"""Conductance that stands for a source without resistance between two free nets."""
GMIN_S: Final = 1e-12
STEP_V: Final = 0.3
"""Largest step of a node voltage, in V."""
LIMITS: Final = (*(1.0,) * 12, *(0.3,) * 8, *(0.1,) * 8, *(0.02,) * 6)
"""Shares of it in the last rounds."""
PSEUDO: Final = tuple(10.0 ** np.linspace(-4, -11, 45))
"""Conductances to the voltages of the round before, where the first attempt fails."""
SETTLED_V: Final = 1e-4
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


@dataclass(frozen=True, eq=False)
class OperatingPoint:
    """What the DC equations gave.

    Attributes:
        volts: [nodes, designs].
        solved: [designs]; the last step was smaller than a tenth of a millivolt.
    """

    volts: Floats
    solved: NDArray[np.bool_]


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


def solve_dc(
    network: Network, nodes: NDArray[np.int64], *, start: Floats | None = None
) -> OperatingPoint:
    """Return the operating point of an island; voltages of other free nodes stay as they are.

    Newton's method with a conductance to ground that is lowered step by step, and steps of
    limited size, which shrink where it does not settle.

    Args:
        network: The equations.
        nodes: The nodes of the island.
        start: Voltages to start from [nodes, designs], near the solution.
    """
    where, size = rows_of(network, nodes)
    top = np.abs(network.fixed_v).max(axis=0)
    volts = network.fixed_v.copy()
    if start is None:
        volts[nodes] = 0.5 * top
        falling = [(gmin, 0.0, STEP_V) for gmin in np.repeat(10.0 ** np.arange(-3, -12, -1.0), 2)]
    else:
        volts[nodes] = start[nodes]
        falling = []
    island = (network, nodes, where, size, *linear_dc(network, where, size), top)
    final = [(GMIN_S, 0.0, STEP_V * share) for share in LIMITS]
    solved = np.zeros(network.designs, dtype=bool)
    _iterate(island, volts, solved, falling, until=False)
    _iterate(island, volts, solved, final, until=True)
    if not solved.all():
        # As if every node had a capacitor, and the circuit were given time to find its rest.
        again = ~solved
        volts[np.ix_(nodes, again)] = 0.5 * top[again]
        _iterate(island, volts, solved, [(GMIN_S, g, STEP_V) for g in PSEUDO], until=False)
        _iterate(island, volts, solved, final, until=True)
    return OperatingPoint(volts, solved)


def _iterate(
    island: Any,
    volts: Floats,
    solved: NDArray[np.bool_],
    schedule: Sequence[tuple[float, float, float]],
    *,
    until: bool,
) -> None:
    """Do rounds of Newton's method on the designs that are not solved, in place.

    Args:
        island: Network, nodes, rows, their number, linear equations, highest voltage.
        volts: [nodes, designs].
        solved: [designs].
        schedule: Conductance to ground, conductance to the voltage before, and longest step.
        until: Whether a design that settles is solved.
    """
    network, nodes, where, size, static, constant, top = island
    active = np.flatnonzero(~solved)
    for gmin, pseudo, limit in schedule:
        if not len(active):
            return
        part = slice(None) if len(active) == network.designs else active
        now = volts[:, part]
        matrix, rest = newton(network, where, size, static, constant, now, part, gmin)
        if pseudo:
            matrix[np.arange(size), np.arange(size)] += pseudo
        step = -eliminate(matrix, rest[:, None])[:, 0]
        step = np.clip(np.nan_to_num(step), -limit, limit)
        reach = top[part]
        moved = now.copy()
        for node in nodes:
            moved[node] = np.clip(now[node] + step[where[node]], -0.5 * reach, 1.5 * reach)
        volts[:, part] = moved
        if until:
            done = np.abs(step).max(axis=0) < SETTLED_V
            solved[active[done]] = True
            active = active[~done]


def rows_of(network: Network, nodes: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Return the row of each node in the DC equations, -1 for those that have none."""
    merged = _merged(network)
    unique = sorted(set(merged[nodes].tolist()))
    rows = np.full(len(network.nodes), -1)
    rows[unique] = np.arange(len(unique))
    where = np.full(len(network.nodes), -1)
    where[nodes] = rows[merged[nodes]]
    return where, len(unique)


def newton(
    network: Network,
    where: NDArray[np.int64],
    size: int,
    static: Floats,
    constant: Floats,
    now: Floats,
    part: Any,
    gmin: float,
) -> tuple[Floats, Floats]:
    """Return the derivative of the currents into nothing, and these currents."""
    matrix = static[:, :, part].copy()
    rest = constant[:, part].copy()
    _multiply(network, rest, now, where, part)
    for group in network.transistors:
        _stamp_dc(group, now, where, matrix, rest, part)
    matrix[np.arange(size), np.arange(size)] += gmin
    rest += gmin * np.array([now[node] for node in _firsts(where, size)])
    return matrix, rest


def _firsts(where: NDArray[np.int64], size: int) -> list[int]:
    return [int(np.flatnonzero(where == row)[0]) for row in range(size)]


def _merged(network: Network) -> NDArray[np.int64]:
    """Return each node's representative, nets joined by inductors being one at DC."""
    parent = np.arange(len(network.nodes))

    def root(node: int) -> int:
        while parent[node] != node:
            node = int(parent[node])
        return node

    for plus, minus, _ in network.inductors:
        one, two = root(plus), root(minus)
        if network.free[one] and network.free[two] and one != two:
            parent[two] = one
    return np.array([root(node) for node in range(len(parent))])


def linear_dc(network: Network, where: NDArray[np.int64], size: int) -> tuple[Floats, Floats]:
    """Return what does not depend on the voltages: conductances, and currents of sources."""
    many = network.designs
    matrix = np.zeros((size, size, many))
    rest = np.zeros((size, many))
    for plus, minus, siemens in _dc_conductances(network):
        _stamp(matrix, where, plus, minus, plus, minus, siemens)
    for plus, minus, cp, cn, siemens in network.controlled:
        _stamp(matrix, where, plus, minus, cp, cn, siemens)
    for plus, minus, amps, _ in network.currents:
        if where[plus] >= 0:
            rest[where[plus]] += amps
        if where[minus] >= 0:
            rest[where[minus]] -= amps
    for plus, minus, volts, _ in network.stiff:
        if where[plus] >= 0:
            rest[where[plus]] -= STIFF_S * volts
        if where[minus] >= 0:
            rest[where[minus]] += STIFF_S * volts
    return matrix, rest


def _dc_conductances(network: Network) -> list[tuple[int, int, Floats]]:
    stiff = np.full(network.designs, STIFF_S)
    made = [*network.conductances, *((p, n, stiff) for p, n, _, _ in network.stiff)]
    for plus, minus, _ in network.inductors:
        if not (network.free[plus] and network.free[minus]):
            made.append((plus, minus, stiff))
    return made


def _multiply(
    network: Network, rest: Floats, volts: Floats, where: NDArray[np.int64], part: Any
) -> None:
    """Add the currents of what is linear at these voltages."""
    for plus, minus, siemens in _dc_conductances(network):
        _flow(rest, where, plus, minus, siemens[part] * (volts[plus] - volts[minus]))
    for plus, minus, cp, cn, siemens in network.controlled:
        _flow(rest, where, plus, minus, siemens[part] * (volts[cp] - volts[cn]))


def _flow(rest: Floats, where: NDArray[np.int64], plus: int, minus: int, amps: Floats) -> None:
    if where[plus] >= 0:
        rest[where[plus]] += amps
    if where[minus] >= 0:
        rest[where[minus]] -= amps


def _stamp(
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


def _stamp_dc(
    group: Transistors,
    volts: Floats,
    where: NDArray[np.int64],
    matrix: Floats,
    rest: Floats,
    part: Any,
) -> None:
    inside = np.flatnonzero((where[group.pins] >= 0).any(axis=0))
    if not len(inside):
        return
    group = group.take(inside)
    found, turned = bias_of(group, volts, part)
    current = np.exp(np.minimum(found[0], 20.0))
    gm, gds, gmb = (current * np.exp(item) for item in found[1:])
    for at, (d, g, s, b) in enumerate(group.pins.T):
        swap = turned[at]
        flow = group.sign * np.where(swap, -current[at], current[at])
        _flow(rest, where, d, s, flow)
        for drain, source, share in ((d, s, ~swap), (s, d, swap)):
            if not share.any():
                continue
            _stamp(matrix, where, drain, source, g, source, gm[at] * share)
            _stamp(matrix, where, drain, source, drain, source, gds[at] * share)
            _stamp(matrix, where, drain, source, b, source, gmb[at] * share)


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


class SmallSignal:
    """The small-signal equations of an island around its operating point."""

    def __init__(self, network: Network, nodes: NDArray[np.int64], point: OperatingPoint) -> None:
        """Stamp conductances, capacitances and inductances once."""
        self._where = np.full(len(network.nodes), -1)
        self._where[nodes] = np.arange(len(nodes))
        self._nodes = nodes
        size, many = len(nodes), network.designs
        self._g = np.zeros((size, size, many))
        self._c = np.zeros((size, size, many))
        self._l = np.zeros((size, size, many))
        self._right_g = np.zeros((size, many))
        self._right_c = np.zeros((size, many))
        self._right_l = np.zeros((size, many))
        self._network = network
        stiff = np.full(many, STIFF_S)
        self._g[np.arange(size), np.arange(size)] += GMIN_S
        for plus, minus, siemens in network.conductances:
            self._add(self._g, self._right_g, plus, minus, plus, minus, siemens)
        for plus, minus, _, amplitude in network.stiff:
            self._add(self._g, self._right_g, plus, minus, plus, minus, stiff)
            _flow(self._right_g, self._where, plus, minus, STIFF_S * amplitude)
        for plus, minus, cp, cn, siemens in network.controlled:
            self._add(self._g, self._right_g, plus, minus, cp, cn, siemens)
        for plus, minus, farads in network.capacitors:
            self._add(self._c, self._right_c, plus, minus, plus, minus, farads)
        for plus, minus, henries in network.inductors:
            inverse = 1.0 / np.maximum(henries, 1e-18)
            self._add(self._l, self._right_l, plus, minus, plus, minus, inverse)
        for plus, minus, _, amps in network.currents:
            _flow(self._right_g, self._where, plus, minus, -amps)
        for group in network.transistors:
            self._transistors(group, point.volts)

    def _add(
        self, matrix: Floats, right: Floats, plus: int, minus: int, cp: int, cn: int, value: Floats
    ) -> None:
        _stamp(matrix, self._where, plus, minus, cp, cn, value)
        ac = self._network.fixed_ac
        known = value * (ac[cp] - ac[cn])  # zero where both are free
        if known.any():
            _flow(right, self._where, plus, minus, -known)

    def _transistors(self, group: Transistors, volts: Floats) -> None:
        found, turned = bias_of(group, volts)
        current = np.exp(np.minimum(found[0], 20.0))
        gm, gds, gmb = (current * np.exp(item) for item in found[1:])
        farads = group.curves.capacitances(group.place) * np.exp(group.log_scale)
        for at, (d, g, s, b) in enumerate(group.pins.T):
            if all(self._where[pin] < 0 for pin in (d, g, s, b)):
                continue
            swap = turned[at]
            for drain, source, share in ((d, s, ~swap), (s, d, swap)):
                if not share.any():
                    continue
                for control, value in ((g, gm), (drain, gds), (b, gmb)):
                    self._add(
                        self._g, self._right_g, drain, source, control, source, value[at] * share
                    )
                for one, two, value in (
                    (g, source, farads[0, at]),
                    (g, drain, farads[1, at]),
                    (drain, b, farads[2, at]),
                    (source, b, farads[3, at]),
                ):
                    self._add(self._c, self._right_c, one, two, one, two, value * share)

    def at(self, frequency_hz: Any, outputs: Sequence[tuple[int, int]]) -> Any:
        """Return voltages between pairs of nodes [outputs, designs], complex.

        Args:
            frequency_hz: A number, or [designs].
            outputs: (plus, minus) node numbers.
        """
        omega = 2 * np.pi * np.asarray(frequency_hz)
        matrix = self._g + 1j * (omega * self._c - self._l / omega)
        right = self._right_g + 1j * (omega * self._right_c - self._right_l / omega)
        answer = eliminate(matrix, right[:, None].copy())[:, 0]

        def volt(node: int) -> Any:
            if self._where[node] >= 0:
                return answer[self._where[node]]
            return self._network.fixed_ac[node]

        return np.array([volt(plus) - volt(minus) for plus, minus in outputs])

    def transfer(self, frequency_hz: float, output: tuple[int, int]) -> Any:
        """Return what 1 A into each node does to the output (ohm), [nodes, designs], complex."""
        omega = 2 * np.pi * frequency_hz
        matrix = self._g + 1j * (omega * self._c - self._l / omega)
        right = np.zeros((len(self._nodes), self._network.designs), dtype=complex)
        for node, sign in ((output[0], 1.0), (output[1], -1.0)):
            if self._where[node] >= 0:
                right[self._where[node]] += sign
        answer = eliminate(matrix.transpose(1, 0, 2).copy(), right[:, None])[:, 0]
        made = np.zeros((len(self._network.nodes), self._network.designs), dtype=complex)
        made[self._nodes] = answer
        return made
