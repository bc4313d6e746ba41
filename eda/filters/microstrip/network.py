"""T1, the evaluator of layouts: S-parameters of strips, pairs, open ends, steps and vias.

Every strip is a line between two nodes, every coupled pair four; admittances are summed and the
inner nodes eliminated. Many designs of one topology are computed at once: they differ in widths,
gaps and lengths only. Runs on numpy arrays and on torch tensors with gradients.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eda.filters.microstrip.arrays import column, functions_of
from eda.filters.microstrip.ends import open_end_m, step_m, via_henry
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.line import line_permittivity, propagation, static_line
from eda.filters.microstrip.pair import pair_permittivity, static_pair
from eda.filters.microstrip.substrate import LIGHT_M_PER_S, Substrate


class Scattering(NamedTuple):
    """S-parameters as power waves, each ``(designs, points)``; a passive circuit: S12 = S21."""

    s11: Any
    s21: Any
    s22: Any

    def matrix(self, row: int = 0) -> NDArray[np.complex128]:
        """Return the S-parameters of one design, points x 2 x 2."""
        s21 = self.s21[row]
        made = np.stack([[self.s11[row], s21], [s21, self.s22[row]]])
        return np.asarray(made.transpose(2, 0, 1), np.complex128)


@dataclass(frozen=True, slots=True)
class Sizes:
    """What tells designs of one topology apart, in metres, each ``(designs,)``.

    Attributes:
        width_m: Width by strip.
        length_m: Length by strip.
        gap_m: Gap by coupled pair.
    """

    width_m: Mapping[str, Any]
    length_m: Mapping[str, Any]
    gap_m: Mapping[tuple[str, str], Any]


def sizes_of(*layouts: Layout) -> Sizes:
    """Return the sizes of layouts of one topology, as numpy arrays."""
    first = layouts[0]
    return Sizes(
        {s.name: _metres(one.by_name[s.name].width_mm for one in layouts) for s in first.strips},
        {s.name: _metres(one.by_name[s.name].length_mm for one in layouts) for s in first.strips},
        {pair: _metres(one.gap_mm(pair) for one in layouts) for pair in first.coupled},
    )


def _metres(values_mm: Any) -> Any:
    return np.array([1e-3 * value for value in values_mm])


def scattering(
    layout: Layout,
    sizes: Sizes,
    frequency_hz: Any,
    board: Substrate,
    *,
    zs_ohm: float = 50.0,
    zl_ohm: float = 50.0,
) -> Scattering:
    """Return the S-parameters of designs that share a layout's topology.

    Args:
        layout: The topology: which ends meet, which strips couple, where vias and ports are.
        sizes: Widths, lengths and gaps, ``(designs,)`` each; see :func:`sizes_of`.
        frequency_hz: ``(points,)``, ascending or not, above zero.
        board: The substrate.
        zs_ohm: Reference resistance of port 1.
        zl_ohm: Reference resistance of port 2.
    """
    terms = _admittances(layout, sizes, frequency_hz, board)
    y11, y21, y22 = _eliminated(terms, layout.ports)
    own, other = y11 + 1 / zs_ohm, y22 + 1 / zl_ohm
    determinant = own * other - y21 * y21
    return Scattering(
        2 / zs_ohm * other / determinant - 1,
        -2 / math.sqrt(zs_ohm * zl_ohm) * y21 / determinant,
        2 / zl_ohm * own / determinant - 1,
    )


Term = tuple[str, str, Any]


def _admittances(layout: Layout, sizes: Sizes, frequency_hz: Any, board: Substrate) -> list[Term]:
    """Return what every piece of copper adds to the admittance matrix: row, column, value."""
    longer: dict[str, Any] = {}
    for wide, narrow in layout.steps:
        extra = step_m(sizes.width_m[wide.name], sizes.width_m[narrow.name], board)
        longer[wide.name] = longer.get(wide.name, 0.0) + extra
    terms: list[Term] = []
    for strip in layout.strips:
        if strip.name not in layout.in_pair:
            width = sizes.width_m[strip.name]
            length = sizes.length_m[strip.name] + longer.get(strip.name, 0.0)
            impedance, static = static_line(width, board)
            permittivity = line_permittivity(width, static, frequency_hz, board)
            gamma = propagation(width, impedance, permittivity, frequency_hz, board)
            self_y, cross_y = _line(gamma * column(length), impedance)
            a, b = strip.nodes
            terms += [(a, a, self_y), (b, b, self_y), (a, b, cross_y), (b, a, cross_y)]
    for pair in layout.coupled:
        terms += _pair_terms(layout, pair, sizes, frequency_hz, board)
    for strip, node in layout.open_ends:
        width = sizes.width_m[strip.name]
        impedance, static = static_line(width, board)
        permittivity = line_permittivity(width, static, frequency_hz, board)
        xp = functions_of(permittivity)
        beta = 2 * math.pi / LIGHT_M_PER_S * frequency_hz * xp.sqrt(permittivity)
        shunt = xp.tan(beta * column(open_end_m(width, board))) / column(impedance)
        terms.append((node, node, 1j * shunt))
    for via in layout.vias:
        henry = via_henry(1e-3 * via.diameter_mm, board)
        terms.append((via.node, via.node, -1j / (2 * math.pi * henry * frequency_hz)))
    return terms


def _line(angle: Any, impedance_ohm: Any) -> tuple[Any, Any]:
    """Return Y11 and Y21 of a line of complex electrical length gamma l."""
    xp = functions_of(angle)
    decay = xp.exp(-angle)
    scale = 1 / (column(impedance_ohm) * (1 - decay**2))
    return (1 + decay**2) * scale, -2 * decay * scale


def _pair_terms(
    layout: Layout, pair: tuple[str, str], sizes: Sizes, frequency_hz: Any, board: Substrate
) -> list[Term]:
    width, length, gap = sizes.width_m[pair[0]], sizes.length_m[pair[0]], sizes.gap_m[pair]
    impedances, static = static_pair(width, gap, board)
    permittivities = pair_permittivity(width, gap, static, frequency_hz, board)
    modes = []
    for impedance, permittivity in zip(impedances, permittivities, strict=True):
        gamma = propagation(width, impedance, permittivity, frequency_hz, board)
        modes.append(_line(gamma * column(length), impedance))
    (even_self, even_cross), (odd_self, odd_cross) = modes
    own, beside = (even_self + odd_self) / 2, (even_self - odd_self) / 2
    along, across = (even_cross + odd_cross) / 2, (even_cross - odd_cross) / 2
    a, b = layout.facing(pair)
    terms: list[Term] = []
    for mine, other in ((a, b), (b, a)):
        for end in (0, 1):
            terms += [
                (mine[end], mine[end], own),
                (mine[end], other[end], beside),
                (mine[end], mine[1 - end], along),
                (mine[end], other[1 - end], across),
            ]
    return terms


def _eliminated(terms: list[Term], ports: tuple[str, str]) -> tuple[Any, Any, Any]:
    """Return Y11, Y21 and Y22 at the ports, the other nodes eliminated.

    Nodes with the fewest neighbours go first: a chain of sections then costs a few products of
    arrays per node, where a solver of full matrices pays for all the zeros.
    """
    rows: dict[str, dict[str, Any]] = {}
    for row, col, value in terms:
        line = rows.setdefault(row, {})
        line[col] = line[col] + value if col in line else value
    left = set(rows) - set(ports)
    while left:
        node = min(left, key=lambda name: (len(rows[name]), name))
        left.remove(node)
        own = rows.pop(node)
        pivot = own.pop(node)
        beside = sorted(own)
        for at, a in enumerate(beside):
            share = rows[a].pop(node) / pivot
            for b in beside[at:]:
                drop = share * own[b]
                for row, col in {(a, b), (b, a)}:
                    line = rows[row]
                    line[col] = line[col] - drop if col in line else -drop
    one, two = ports
    return rows[one][one], rows[one].get(two, 0.0), rows[two][two]
