"""``filter.cir`` of a corrected circuit: bundles of lines as modes between ideal transformers.

As the decks of the closed forms (:mod:`eda.filters.microstrip.deck`): a mode is a lossless line
(``T``), with its losses as resistors at both ends; lengths hold at one frequency, and resistors
grow with the root of the frequency in series and with the frequency across. A mode has 1 ohm.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eda.filters.microstrip.deck import deck_head
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.substrate import Substrate
from eda.filters.neural.circuit import bundles, radiation
from eda.filters.neural.closed import closed_forms
from eda.filters.neural.corrections import Corrections
from eda.filters.neural.graph import FilterGraph, graph_of
from eda.filters.neural.simulator import corrections_of
from eda.filters.neural.weights import NeuralWeights

Real = NDArray[np.float64]


def neural_deck(
    layout: Layout,
    board: Substrate,
    frequency_hz: float,
    *,
    zs_ohm: float = 50.0,
    zl_ohm: float = 50.0,
    title: str = "",
    weights: NeuralWeights | None = None,
) -> str:
    """Return the deck of the neural simulator's circuit of a layout.

    Args:
        layout: What is printed.
        board: On what.
        frequency_hz: Where lengths and losses are taken: the middle of the pass band.
        zs_ohm: Resistance at port 1.
        zl_ohm: Resistance at port 2.
        title: The deck's first line.
        weights: Other weights than the shipped ones.

    Raises:
        WeightsError: There are no shipped weights.
    """
    graph = graph_of(layout, 1e3 * board.height_m)
    closed = closed_forms(layout, graph, board, np.array([frequency_hz]))
    corrections = corrections_of(graph, closed, weights)
    nets = (f"n{graph.ports[0]}", f"n{graph.ports[1]}")
    lines = [
        *deck_head(title or layout.family, nets, (zs_ohm, zl_ohm)),
        *circuit_cards(graph, closed, corrections, frequency_hz),
        ".end",
    ]
    return "\n".join(lines) + "\n"


def circuit_cards(
    graph: FilterGraph, closed: Any, corrections: Corrections, frequency_hz: float
) -> Iterator[str]:
    """Yield the cards of a corrected circuit between nodes ``n0``, ``n1``, and so on.

    Args:
        graph: The topology.
        closed: Closed forms of one design at one frequency.
        corrections: Of that design.
        frequency_hz: That frequency.
    """
    for at, bundle in enumerate(bundles(graph, closed, corrections)):
        turn, gamma = bundle.turn[0], bundle.gamma[0, :, 0]
        # Voltages of the strips are those of the modes by the inverse of W's transpose; currents
        # of the strips are those of the modes by W.
        share = np.linalg.inv(turn)
        for side, nodes in (("a", bundle.low), ("b", bundle.high)):
            yield from _transformer(f"{at}{side}", nodes, share)
        for mode, value in enumerate(gamma):
            yield from _line(
                f"{at}_{mode}", f"v{at}a_{mode}", f"v{at}b_{mode}", value, frequency_hz
            )
    wave = 2 * math.pi * frequency_hz
    for at, end in enumerate(graph.ends):
        if end.opened:
            yield f"CO{at} n{end.node} 0 {closed.shunt[0, at, 0] / wave:.9g}"
    yield from _radiation(graph, radiation(graph, closed, corrections)[0, ..., 0], frequency_hz)
    for at, node in enumerate(graph.vias):
        henry = float(closed.via_henry[0, at] * np.exp(corrections.via[0, at]))
        yield f"LV{at} n{node} 0 {henry:.9g}"


def _radiation(graph: FilterGraph, siemens: Real, frequency_hz: float) -> Iterator[str]:
    """Yield resistors that fall with the square of the frequency, between open ends and to ground.

    Some between two ends are negative; all together take power only.
    """
    for row, end in enumerate(graph.opened):
        node = graph.ends[end].node
        for column, other in enumerate(graph.opened[: row + 1]):
            to = "0" if row == column else f"n{graph.ends[other].node}"
            value = siemens[row].sum() if row == column else -siemens[row, column]
            if value:
                square = f"({frequency_hz:.12g}/(hertz+1e-3))**2"
                yield f"RA{row}_{column} n{node} {to} r='{1 / value:.9g}*{square}'"


def _transformer(name: str, nodes: Any, share: Real) -> Iterator[str]:
    """Yield sources that set strips' voltages by modes' and modes' currents by strips'."""
    modes = range(len(share))
    for strip, node in enumerate(nodes):
        own = f"{name}_{strip}"
        at = f"s{own}"
        yield f"VS{own} n{node} {at} 0"
        for mode in modes:
            after = "0" if mode == modes[-1] else f"s{own}_{mode}"
            factor = f"{share[mode, strip]:.12g}"
            yield f"ES{own}_{mode} {at} {after} v{name}_{mode} 0 {factor}"
            yield f"FS{own}_{mode} 0 v{name}_{mode} VS{own} {factor}"
            at = after


def _line(name: str, a: str, b: str, gamma: complex, frequency_hz: float) -> Iterator[str]:
    """Yield a mode of 1 ohm, its losses half in series and half across, half at either end."""
    loss = float(gamma.real)
    delay = float(gamma.imag) / (2 * math.pi * frequency_hz)
    series = f"r='1e-9+{loss / 2:.9g}*sqrt(hertz/{frequency_hz:.12g})'"
    for end, node in (("1", a), ("2", b)):
        inner = f"{node}_i"
        yield f"RC{name}_{end} {node} {inner} {series}"
        if loss > 0:
            across = f"r='{2 * frequency_hz / loss:.9g}/(hertz+1e-3)'"
            yield f"RD{name}_{end} {inner} 0 {across}"
    yield f"T{name} {a}_i 0 {b}_i 0 z0=1 td={delay:.12g}"
