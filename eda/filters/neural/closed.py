"""What the closed forms say of every piece of a layout, before anything is corrected.

Strips and links of one layout are computed at once; layouts of one topology are then stacked, on
whatever boards and at whatever frequencies (as many for each).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.microstrip.ends import open_end_m, step_m, via_henry
from eda.filters.microstrip.layout import Layout, Strip
from eda.filters.microstrip.line import line_permittivity, propagation, static_line
from eda.filters.microstrip.pair import pair_permittivity, static_pair
from eda.filters.microstrip.substrate import LIGHT_M_PER_S, Substrate
from eda.filters.neural.graph import FilterGraph
from eda.filters.neural.radiation import radiated_siemens

Real = NDArray[np.float64]

_WIDTHS: Final = (0.1, 10.0)
_GAPS: Final = (0.1, 10.0)
"""Of pairs, in heights: what their closed forms were made for. Beyond, a coupling falls with the
square of the gap, as that of two wires over a ground plane does."""


_CLOSEST: Final = 0.01
"""Links count as this far apart at least, in heights."""

_OPPOSITE: Final = -0.3
"""Stubs on both sides of a line couple by this share of what they would on one side: their currents
run away from each other. How much is left to the network."""


@dataclass(frozen=True, slots=True, eq=False)
class ClosedForms:
    """Closed forms of designs of one topology; all arrays begin with an axis of designs.

    Attributes:
        frequency_hz: ``(designs, points)``.
        ohm: Impedance of every strip, ``(designs, strips)``; in a pair, the mean of its modes.
        length_m: Length of every strip, steps of width included.
        phase: Radians per metre, ``(designs, strips, points)``.
        loss: Nepers per metre, alike.
        index: Root of the static permittivity, ``(designs, strips)``.
        link_ohm: Half the difference of the modes' impedances, ``(designs, links)``.
        link_phase: Half the difference of their radians per metre, ``(designs, links, points)``.
        link_loss: Half the difference of their nepers per metre, alike; 0 where not declared.
        link_index: Half the difference of their static indices, ``(designs, links)``.
        link_m: Over which length the strips face each other, ``(designs, links)``.
        shunt: Susceptance of the open ends, ``(designs, ends, points)``; 0 at other ends.
        radiated: Conductances between the open ends, ``(designs, opened, opened, points)``.
        via_henry: Of every via, ``(designs, vias)``.
        height_m: Of the board, ``(designs,)``.
        er: Permittivity of the board, ``(designs,)``.
        tan_delta: Its loss tangent, ``(designs,)``.
        width_m: Width of every strip, ``(designs, strips)``.
        gap_m: Space between linked strips, ``(designs, links)``.
        shift_m: By how much strip b of a link begins and ends after a, ``(designs, links, 2)``.
        port_ohm: Reference resistances, ``(designs, 2)``.
    """

    frequency_hz: Any
    ohm: Any
    length_m: Any
    phase: Any
    loss: Any
    index: Any
    link_ohm: Any
    link_phase: Any
    link_loss: Any
    link_index: Any
    link_m: Any
    shunt: Any
    radiated: Any
    via_henry: Any
    height_m: Any
    er: Any
    tan_delta: Any
    width_m: Any
    gap_m: Any
    shift_m: Any
    port_ohm: Any

    def picked(self, rows: Any) -> ClosedForms:
        """Return some of the designs."""
        return ClosedForms(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})


def stacked(parts: Sequence[ClosedForms]) -> ClosedForms:
    """Return designs of one topology behind each other."""
    return ClosedForms(
        **{
            one.name: np.concatenate([getattr(part, one.name) for part in parts])
            for one in fields(ClosedForms)
        }
    )


def couplings(graph: FilterGraph, closed: ClosedForms) -> Any:
    """Return what every link couples, over the impedances of its strips, ``(designs, links)``."""
    a = [link.a for link in graph.links]
    b = [link.b for link in graph.links]
    return closed.link_ohm / (closed.ohm[:, a] * closed.ohm[:, b]) ** 0.5


def closed_forms(
    layout: Layout,
    graph: FilterGraph,
    board: Substrate,
    frequency_hz: Real,
    *,
    zs_ohm: float = 50.0,
    zl_ohm: float = 50.0,
) -> ClosedForms:
    """Return the closed forms of one layout.

    Args:
        layout: The filter.
        graph: Of that layout.
        board: What it lies on.
        frequency_hz: ``(points,)``.
        zs_ohm: Reference resistance of port 1.
        zl_ohm: Reference resistance of port 2.
    """
    strips = layout.strips
    width = np.array([1e-3 * strip.width_mm for strip in strips])
    length = np.array([1e-3 * strip.length_mm for strip in strips])
    numbers = {strip.name: at for at, strip in enumerate(strips)}
    for wide, narrow in layout.steps:
        at, beside = numbers[wide.name], numbers[narrow.name]
        length[at] += step_m(width[at : at + 1], width[beside : beside + 1], board)[0]
    ohm, static = static_line(width, board)
    permittivity = line_permittivity(width, static, frequency_hz, board)
    gamma = propagation(width, ohm, permittivity, frequency_hz, board)
    index = np.sqrt(static)
    beta = 2 * math.pi / LIGHT_M_PER_S * frequency_hz * np.sqrt(permittivity)
    ends = np.array([end.opened for end in graph.ends]).reshape(-1, 2)
    reach = open_end_m(width, board)[:, None]
    radiated = radiated_siemens(strips, graph, ohm, static, frequency_hz, board)
    shunt = (np.tan(beta * reach) / ohm[:, None])[:, None, :] * ends[:, :, None]
    ohm, phase, loss = ohm.copy(), gamma.imag.copy(), gamma.real.copy()
    link = _links(strips, graph, width, board, frequency_hz)
    for at, one in enumerate(graph.links):
        if one.declared:
            for strip in (one.a, one.b):
                ohm[strip], index[strip] = link.mean_ohm[at], link.mean_index[at]
                phase[strip], loss[strip] = link.mean_gamma[at].imag, link.mean_gamma[at].real
    undeclared = np.array([not one.declared for one in graph.links], dtype=bool)
    both = np.array([(one.a, one.b) for one in graph.links], dtype=int).reshape(-1, 2)
    # Beside a strip of another impedance the share of the coupling is kept.
    scale = np.sqrt(ohm[both[:, 0]] * ohm[both[:, 1]]) / link.mean_ohm
    link_ohm = np.where(undeclared, link.half_ohm * scale, link.half_ohm)
    link_loss = np.where(undeclared[:, None], 0.0, link.half_gamma.real)
    whole = ClosedForms(
        frequency_hz=frequency_hz,
        ohm=ohm,
        length_m=length,
        phase=phase,
        loss=loss,
        index=index,
        link_ohm=link_ohm,
        link_phase=link.half_gamma.imag,
        link_loss=link_loss,
        link_index=link.half_index,
        link_m=link.length_m,
        shunt=shunt.reshape(-1, len(frequency_hz)),
        radiated=radiated,
        via_henry=np.array([via_henry(1e-3 * via.diameter_mm, board) for via in layout.vias]),
        height_m=np.array(board.height_m),
        er=np.array(board.er),
        tan_delta=np.array(board.tan_delta),
        width_m=width,
        gap_m=link.gap_m,
        shift_m=_shifts(strips, graph),
        port_ohm=np.array([zs_ohm, zl_ohm]),
    )
    return ClosedForms(**{one.name: getattr(whole, one.name)[None] for one in fields(whole)})


@dataclass(frozen=True, slots=True, eq=False)
class _Links:
    """Means and half differences of even and odd mode, of every link."""

    mean_ohm: Real
    half_ohm: Real
    mean_index: Real
    half_index: Real
    mean_gamma: NDArray[np.complex128]
    half_gamma: NDArray[np.complex128]
    length_m: Real
    gap_m: Real


def _links(
    strips: Sequence[Strip],
    graph: FilterGraph,
    width: Real,
    board: Substrate,
    frequency_hz: Real,
) -> _Links:
    pairs = [(strips[link.a], strips[link.b]) for link in graph.links]
    declared = np.array([link.declared for link in graph.links], dtype=bool)
    both = np.array([(link.a, link.b) for link in graph.links], dtype=int).reshape(-1, 2)
    gap, length = _gaps_and_faces(strips, graph, both)
    mean = np.sqrt(width[both[:, 0]] * width[both[:, 1]])
    high = board.height_m
    # Stubs on both sides of a line may be wider than they are apart.
    gap = np.maximum(gap, _CLOSEST * high)
    inside = np.where(declared, mean, np.clip(mean, _WIDTHS[0] * high, _WIDTHS[1] * high))
    apart = np.where(declared, gap, np.clip(gap, _GAPS[0] * high, _GAPS[1] * high))
    ohm, static = static_pair(inside, apart, board)
    permittivity = pair_permittivity(inside, apart, static, frequency_hz, board)
    far = np.where(declared, 1.0, np.minimum(1.0, apart / gap) ** 2)
    far = far * np.where([link.opposite for link in graph.links], _OPPOSITE, 1.0)
    even, odd = (
        propagation(inside, one, er, frequency_hz, board)
        for one, er in zip(ohm, permittivity, strict=True)
    )
    indices = np.sqrt(static.even), np.sqrt(static.odd)
    return _Links(
        mean_ohm=(ohm.even + ohm.odd) / 2,
        half_ohm=far * (ohm.even - ohm.odd) / 2,
        mean_index=(indices[0] + indices[1]) / 2,
        half_index=far * (indices[0] - indices[1]) / 2,
        mean_gamma=(even + odd) / 2,
        half_gamma=far[:, None] * (even - odd) / 2,
        length_m=np.where(declared, np.array([1e-3 * a.length_mm for a, _ in pairs]), length),
        gap_m=gap,
    )


def _gaps_and_faces(
    strips: Sequence[Strip], graph: FilterGraph, both: NDArray[np.int64]
) -> tuple[Real, Real]:
    """Return spaces between linked strips and over which length they face each other, in metres."""
    boxes = 1e-3 * np.array([strip.box_mm for strip in strips])
    level = np.array([strip.horizontal for strip in strips])[:, None]
    along = _spans_m(strips, graph)
    across = np.where(level, boxes[:, 1::2], boxes[:, 0::2])
    a, b = both[:, 0], both[:, 1]

    def apart(spans: Real) -> Real:
        return np.asarray(
            np.maximum(spans[a, 0], spans[b, 0]) - np.minimum(spans[a, 1], spans[b, 1])
        )

    return apart(across), -apart(along)


def _shifts(strips: Sequence[Strip], graph: FilterGraph) -> Real:
    spans = _spans_m(strips, graph)
    a = [link.a for link in graph.links]
    b = [link.b for link in graph.links]
    return np.asarray(spans[b] - spans[a])


def _spans_m(strips: Sequence[Strip], graph: FilterGraph) -> Real:
    """Return where strips begin and end along their axis, ``(strips, 2)``, ascending.

    One that begins at its larger coordinate is mirrored there.
    """
    axes = [0 if strip.horizontal else 1 for strip in strips]
    spans = 1e-3 * np.array(
        [
            sorted((strip.start_mm[axis], strip.end_mm[axis]))
            for strip, axis in zip(strips, axes, strict=True)
        ]
    )
    mirrored = 2 * spans[:, 1:] - spans[:, ::-1]
    return np.where(np.array(graph.turned)[:, None], mirrored, spans)
