"""The corrected circuit: bundles of coupled lines, of which two symmetric matrices say all.

A bundle of N strips side by side is a line with N modes. One real symmetric matrix holds its
impedances, another its phases; strips that couple have an entry beside the diagonal in both. Its
admittance is ``W coth(g) W'`` with real W and modes ``g`` of positive loss, so that it is passive
and reciprocal, and a set of single lines between ideal transformers is the same. A strip by itself
and a declared pair are bundles of one and two, and without corrections they are what
:mod:`eda.filters.microstrip.network` makes of them.

All of it runs on numpy arrays and on torch tensors with gradients.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from eda.filters.microstrip.arrays import functions_of
from eda.filters.microstrip.network import Scattering
from eda.filters.neural.closed import ClosedForms, couplings
from eda.filters.neural.corrections import Corrections
from eda.filters.neural.graph import FilterGraph

_SHORTEST: Final = 0.2
"""Below this share of its length a strip is shortened less and less, and never to nothing."""

_MOST_DECLARED: Final = 0.9
_MOST_ROW: Final = 0.97
"""Largest sum of the couplings of a strip: the matrices stay positive definite below 1."""

_ROUNDS: Final = 14
"""Of Newton's iteration for an inverse root: enough for couplings up to the largest."""


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """One bundle of coupled lines of every design.

    Attributes:
        low: Nodes where its strips begin.
        high: Nodes where they end.
        turn: W, ``(designs, strips, modes)``: voltages of the strips are those of the modes by the
            inverse of its transpose; modes have an impedance of 1 ohm.
        gamma: Nepers and radians of every mode, ``(designs, modes, points)``.
    """

    low: Any
    high: Any
    turn: Any
    gamma: Any


def corrected_scattering(
    graph: FilterGraph, closed: ClosedForms, corrections: Corrections
) -> Scattering:
    """Return the S-parameters of the corrected circuits, ``(designs, points)`` each.

    Args:
        graph: The topology.
        closed: Closed forms of the designs.
        corrections: Of every design.
    """
    matrix = admittances(graph, closed, corrections)
    xp = functions_of(matrix)
    # The ports are the first two nodes.
    reduced = matrix[:, :, :2, :2]
    if graph.nodes > 2:
        right = matrix[:, :, 2:, :2]
        solved = xp.linalg.solve(matrix[:, :, 2:, 2:], right)
        reduced = reduced - xp.swapaxes(right, -1, -2) @ solved
    zs, zl = (closed.port_ohm[:, at][:, None] for at in (0, 1))
    y21 = (reduced[..., 1, 0] + reduced[..., 0, 1]) / 2
    own, other = reduced[..., 0, 0] + 1 / zs, reduced[..., 1, 1] + 1 / zl
    determinant = own * other - y21 * y21
    return Scattering(
        2 / zs * other / determinant - 1,
        -2 / (zs * zl) ** 0.5 * y21 / determinant,
        2 / zl * own / determinant - 1,
    )


def admittances(graph: FilterGraph, closed: ClosedForms, corrections: Corrections) -> Any:
    """Return the nodal admittances, ``(designs, points, nodes, nodes)``."""
    xp = functions_of(corrections.length_m, corrections.ohm)
    designs, points = closed.frequency_hz.shape
    size = graph.nodes
    matrix = xp.zeros((designs, size * size, points), dtype=xp.complex128)
    for bundle in bundles(graph, closed, corrections):
        decay = xp.exp(-bundle.gamma)
        scale = 1 / (1 - decay**2)
        own = _turned(xp, bundle.turn, (1 + decay**2) * scale)
        along = _turned(xp, bundle.turn, -2 * decay * scale)
        low, high = bundle.low, bundle.high
        for rows, columns, block in (
            (low, low, own),
            (high, high, own),
            (low, high, along),
            (high, low, along),
        ):
            spots = (size * rows[:, None] + columns[None]).reshape(-1)
            matrix = _added(xp, matrix, spots, block)
    opened = list(graph.opened)
    if opened:
        at_end = np.array([graph.ends[at].node for at in opened])
        matrix = _added(xp, matrix, (size + 1) * at_end, 1j * closed.shunt[:, opened])
        if corrections.near:
            spots = (size * at_end[:, None] + at_end[None]).reshape(-1)
            leaving = radiation(graph, closed, corrections).reshape(designs, -1, points)
            matrix = _added(xp, matrix, spots, leaving + 0j)
    for at, node in enumerate(graph.vias):
        henry = closed.via_henry[:, at] * xp.exp(corrections.via[:, at])
        shunt = -1j / (2 * math.pi * closed.frequency_hz * henry[:, None])
        matrix = _added(xp, matrix, np.array([(size + 1) * node]), shunt[:, None])
    return xp.swapaxes(matrix, 1, 2).reshape(designs, points, size, size)


def radiation(graph: FilterGraph, closed: ClosedForms, corrections: Corrections) -> Any:
    """Return the conductances between open ends, ``(designs, opened, opened, points)``."""
    xp = functions_of(corrections.radiated)
    factor = xp.exp(corrections.radiated[:, list(graph.opened)] / 2)
    return closed.radiated * (corrections.near * factor[:, :, None] * factor[:, None])[..., None]


def _added(xp: Any, matrix: Any, spots: Any, block: Any) -> Any:
    """Return a matrix with a block added at entries, none of which comes twice."""
    if xp is np:
        matrix[:, spots] += block
        return matrix
    return matrix.index_add_(1, xp.as_tensor(spots), block)


def _turned(xp: Any, turn: Any, modes: Any) -> Any:
    """Return W diag(modes) W', ``(designs, strips * strips, points)``."""
    designs, strips, count = turn.shape
    products = (turn[:, :, None] * turn[:, None]).reshape(designs, strips * strips, count)
    return products @ modes.real + 1j * (products @ modes.imag)


def bundles(graph: FilterGraph, closed: ClosedForms, corrections: Corrections) -> list[Bundle]:
    """Return the corrected bundles: what a deck would hold as lines between transformers."""
    xp = functions_of(corrections.length_m, corrections.ohm)
    ends = corrections.length_m
    share = 1 + (ends[:, 0::2] + ends[:, 1::2]) / closed.length_m
    # A where would give gradients of what it does not take: the exponent is kept small.
    small = xp.exp((xp.clip(share, -50.0, _SHORTEST) - _SHORTEST) / _SHORTEST) * _SHORTEST
    share = xp.where(share > _SHORTEST, share, small)
    length = closed.length_m * share
    ohm = closed.ohm * xp.exp(corrections.ohm)
    phase = closed.phase * length[..., None]
    loss = closed.loss * (length * xp.exp(corrections.loss))[..., None]
    index = closed.index * length
    links = _Links(graph, closed, corrections, length)
    nodes = np.array([end.node for end in graph.ends]).reshape(-1, 2)
    made = []
    for members in graph.bundles:
        at = list(members)
        low, high = nodes[at, 0], nodes[at, 1]
        if len(at) == 1:
            turn = ohm[:, at][..., None] ** -0.5
            made.append(Bundle(low, high, turn, loss[:, at] + 1j * phase[:, at]))
            continue
        inside = [number for number, link in enumerate(graph.links) if link.a in at]
        place = {strip: number for number, strip in enumerate(at)}
        left = np.array([place[graph.links[number].a] for number in inside])
        right = np.array([place[graph.links[number].b] for number in inside])
        spots = (left, right)
        coupling = _symmetric(xp, spots, links.coupling[:, inside], xp.ones_like(ohm[:, at]))
        root = _inverse_root(xp, coupling)
        indices = _symmetric(xp, spots, links.index[:, inside], index[:, at])
        modes = xp.linalg.eigh(indices)[1]
        turn = ohm[:, at][..., None] ** -0.5 * (root @ modes)
        squares = modes**2
        pairs = xp.swapaxes(2 * modes[:, left] * modes[:, right], 1, 2)
        # Losses of both strips of a pair are corrected by a factor each: so is what they share.
        factor = (share * xp.exp(corrections.loss))[:, at] ** 0.5
        heavier = links.loss[:, inside] * (factor[:, left] * factor[:, right])[..., None]
        turned = xp.swapaxes(squares, 1, 2)
        angle = turned @ phase[:, at] + pairs @ links.phase[:, inside]
        decay = turned @ loss[:, at] + pairs @ heavier
        made.append(Bundle(low, high, turn, decay + 1j * angle))
    return made


class _Links:
    """Corrected links: the entries beside the diagonals of all bundles."""

    def __init__(
        self, graph: FilterGraph, closed: ClosedForms, corrections: Corrections, length: Any
    ) -> None:
        xp = functions_of(corrections.length_m, corrections.ohm)
        a = [link.a for link in graph.links]
        b = [link.b for link in graph.links]
        declared = np.array([link.declared for link in graph.links], dtype=float)
        weight = declared + (1 - declared) * corrections.near
        if xp is not np:
            weight = xp.as_tensor(weight)
        # Where strips face each other over a part, that part of their length couples.
        part = closed.link_m / (closed.length_m[:, a] * closed.length_m[:, b]) ** 0.5
        coupling = couplings(graph, closed) * part * xp.exp(corrections.coupling) * weight
        index = (closed.index[:, a] * closed.index[:, b]) ** 0.5
        phase = (closed.phase[:, a] * closed.phase[:, b]) ** 0.5
        extra = corrections.link_m * weight
        over = closed.link_m * weight
        self.loss = closed.link_loss * over[..., None]
        self.index = closed.link_index * over + index * extra
        self.phase = closed.link_phase * over[..., None] + phase * extra[..., None]
        own = (closed.index * length)[:, a] * (closed.index * length)[:, b]
        fits = _fitting(xp, graph, self.index / own**0.5)
        self.index, self.phase = self.index * fits, self.phase * fits[..., None]
        self.coupling = coupling * _fitting(xp, graph, coupling)


def _fitting(xp: Any, graph: FilterGraph, shares: Any) -> Any:
    """Return factors on links under which all their sums at a strip are below 1."""
    size = abs(shares)
    near = [not link.declared for link in graph.links]
    at = np.array([(link.a, link.b) for link in graph.links], dtype=int).reshape(-1, 2)
    meets = np.zeros((len(near), graph.strips))
    for side in (0, 1):
        meets[np.arange(len(near)), at[:, side]] = 1.0
    masks = [np.array(near, dtype=float), meets]
    if xp is not np:
        masks = [xp.as_tensor(mask) for mask in masks]
    kept = xp.clip(_MOST_DECLARED / (size + 1e-12), None, 1.0)
    room = _MOST_ROW - (size * kept * (1 - masks[0])) @ masks[1]
    wanted = (size * masks[0]) @ masks[1] + 1e-12
    share = xp.clip(room / wanted, None, 1.0)
    least = xp.minimum(share[:, at[:, 0]], share[:, at[:, 1]])
    return masks[0] * least + (1 - masks[0]) * kept


def _symmetric(xp: Any, spots: Any, beside: Any, diagonal: Any) -> Any:
    """Return symmetric matrices, ``(designs, size, size)``."""
    size = diagonal.shape[1]
    matrix = xp.zeros((len(diagonal), size, size), dtype=diagonal.dtype)
    every = np.arange(size)
    matrix[:, every, every] = diagonal
    matrix[:, spots[0], spots[1]] = beside
    matrix[:, spots[1], spots[0]] = beside
    return matrix


def _inverse_root(xp: Any, matrix: Any) -> Any:
    """Return the inverse root of symmetric matrices near 1, by Newton's iteration."""
    one = xp.eye(matrix.shape[-1], dtype=matrix.dtype)
    y, z = matrix, one
    for _ in range(_ROUNDS):
        step = (3 * one - z @ y) / 2
        y, z = y @ step, step @ z
    return z
