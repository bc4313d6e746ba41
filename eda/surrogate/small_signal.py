"""Small signals of many designs at once: gains over frequency, transfers of noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eda.surrogate.equations import (
    GMIN_S,
    STIFF_S,
    Network,
    Transistors,
    bias_of,
    eliminate,
    flow,
    stamp,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.surrogate.operating_point import OperatingPoint

    Floats = NDArray[np.float64]


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
            flow(self._right_g, self._where, plus, minus, STIFF_S * amplitude)
        for plus, minus, cp, cn, siemens in network.controlled:
            self._add(self._g, self._right_g, plus, minus, cp, cn, siemens)
        for plus, minus, farads in network.capacitors:
            self._add(self._c, self._right_c, plus, minus, plus, minus, farads)
        for plus, minus, henries in network.inductors:
            inverse = 1.0 / np.maximum(henries, 1e-18)
            self._add(self._l, self._right_l, plus, minus, plus, minus, inverse)
        for plus, minus, _, amps in network.currents:
            flow(self._right_g, self._where, plus, minus, -amps)
        for group in network.transistors:
            self._transistors(group, point.volts)

    def _add(
        self, matrix: Floats, right: Floats, plus: int, minus: int, cp: int, cn: int, value: Floats
    ) -> None:
        stamp(matrix, self._where, plus, minus, cp, cn, value)
        ac = self._network.fixed_ac
        known = value * (ac[cp] - ac[cn])  # zero where both are free
        if known.any():
            flow(right, self._where, plus, minus, -known)

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
