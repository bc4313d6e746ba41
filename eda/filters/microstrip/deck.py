"""``filter.cir`` of a layout: modal lines with loss resistors, which ngspice simulates as they are.

A lossless line (``T``) holds its permittivity at one frequency. Its losses stand as resistors at
both ends, half each: in series those of the copper, which grow with the root of the frequency,
across those of the dielectric, which grow with the frequency. For a quarter of a wavelength, and
for all that is short beside it, this equals spread losses. A coupled pair is an even and an odd
line between ideal transformers made of controlled sources.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from eda.filters.microstrip.ends import open_end_m, step_m, via_henry
from eda.filters.microstrip.layout import Layout, Strip
from eda.filters.microstrip.line import CROWDING, filling, line_permittivity, static_line
from eda.filters.microstrip.pair import pair_permittivity, static_pair
from eda.filters.microstrip.substrate import LIGHT_M_PER_S, Substrate

_HALF_ROOT: Final = "0.707106781186548"


@dataclass(frozen=True, slots=True)
class _Mode:
    """A mode of a line at one frequency: what its ``T`` card and its resistors hold."""

    impedance_ohm: float
    delay_s: float
    series_ohm: float
    """Half of the copper's resistance, divided by the root of the frequency."""
    shunt_ohm: float
    """Resistance across one end for the dielectric, times the frequency."""


def deck_head(title: str, nets: tuple[str, str], ohms: tuple[float, float]) -> list[str]:
    """Return the first lines of a deck with two ports.

    Args:
        title: The first line; what is not plain ASCII becomes a space.
        nets: Of port 1 and port 2.
        ohms: Their resistances.
    """
    plain = "".join(char if " " <= char <= "~" else " " for char in title)
    return [
        f"* {plain}",
        f"V1 {nets[0]} 0 dc 0 ac 1 portnum 1 z0 {ohms[0]:.12g}",
        f"V2 {nets[1]} 0 dc 0 ac 0 portnum 2 z0 {ohms[1]:.12g}",
    ]


def layout_deck(
    layout: Layout,
    board: Substrate,
    frequency_hz: float,
    *,
    zs_ohm: float = 50.0,
    zl_ohm: float = 50.0,
    title: str = "",
) -> str:
    """Return the deck of a layout.

    Args:
        layout: What is printed.
        board: On what.
        frequency_hz: Where the permittivities are taken: the middle of the pass band.
        zs_ohm: Resistance at port 1.
        zl_ohm: Resistance at port 2.
        title: The deck's first line.
    """
    lines = deck_head(title or layout.family, ("n_in", "n_out"), (zs_ohm, zl_ohm))
    names = {layout.ports[0]: "n_in", layout.ports[1]: "n_out"}
    # A user's own node may be named as the nets of the ports.
    reserved = ("in", "out")
    names |= {
        node: f"m_{node}" if node.lower() in reserved else f"n_{node}"
        for node in layout.touches
        if node not in names
    }
    longer: dict[str, float] = {}
    for wide, narrow in layout.steps:
        extra = step_m(np.array([1e-3 * wide.width_mm]), np.array([1e-3 * narrow.width_mm]), board)
        longer[wide.name] = longer.get(wide.name, 0.0) + float(extra[0])
    for strip in layout.strips:
        if strip.name not in layout.in_pair:
            mode = _single(strip, longer.get(strip.name, 0.0), board, frequency_hz)
            ends = (names[strip.nodes[0]], names[strip.nodes[1]])
            lines += _line(strip.name, ends, mode)
    for at, pair in enumerate(layout.coupled, 1):
        a, b = layout.facing(pair)
        ends4 = " ".join(names[node] for node in (a[0], b[0], a[1], b[1]))
        lines.append(f"XP{at} {ends4} pair{at}")
    for at, (strip, node) in enumerate(layout.open_ends, 1):
        lines.append(f"C{at} {names[node]} 0 {_open_farad(strip, board, frequency_hz):.9g}")
    for at, via in enumerate(layout.vias, 1):
        lines.append(f"L{at} {names[via.node]} 0 {via_henry(1e-3 * via.diameter_mm, board):.9g}")
    for at, pair in enumerate(layout.coupled, 1):
        lines += _pair(f"pair{at}", *_modes(layout, pair, board, frequency_hz))
    return "\n".join([*lines, ".end"]) + "\n"


def _mode(
    width_m: float,
    length_m: float,
    impedance_ohm: float,
    permittivity: float,
    board: Substrate,
) -> _Mode:
    copper = CROWDING * board.surface_ohm(1.0) / (width_m * impedance_ohm)
    wave = 2 * math.pi / LIGHT_M_PER_S * math.sqrt(permittivity)
    dielectric = wave * float(filling(permittivity, board)) * board.tan_delta / 2
    across = impedance_ohm / (dielectric * length_m) if dielectric else math.inf
    return _Mode(
        impedance_ohm,
        length_m * math.sqrt(permittivity) / LIGHT_M_PER_S,
        copper * length_m * impedance_ohm,
        across,
    )


def _single(strip: Strip, longer_m: float, board: Substrate, frequency_hz: float) -> _Mode:
    width = np.array([1e-3 * strip.width_mm])
    impedance, static = static_line(width, board)
    permittivity = line_permittivity(width, static, np.array([frequency_hz]), board)
    length = 1e-3 * strip.length_mm + longer_m
    return _mode(float(width[0]), length, float(impedance[0]), float(permittivity[0, 0]), board)


def _modes(
    layout: Layout, pair: tuple[str, str], board: Substrate, frequency_hz: float
) -> tuple[_Mode, _Mode]:
    strip = layout.by_name[pair[0]]
    width, gap = np.array([1e-3 * strip.width_mm]), np.array([1e-3 * layout.gap_mm(pair)])
    impedance, static = static_pair(width, gap, board)
    permittivity = pair_permittivity(width, gap, static, np.array([frequency_hz]), board)
    even, odd = (
        _mode(float(width[0]), 1e-3 * strip.length_mm, float(ohm[0]), float(er[0, 0]), board)
        for ohm, er in zip(impedance, permittivity, strict=True)
    )
    return even, odd


def _open_farad(strip: Strip, board: Substrate, frequency_hz: float) -> float:
    width = np.array([1e-3 * strip.width_mm])
    impedance, static = static_line(width, board)
    permittivity = line_permittivity(width, static, np.array([frequency_hz]), board)[0, 0]
    angle = 2 * math.pi * frequency_hz / LIGHT_M_PER_S * math.sqrt(permittivity)
    angle *= float(open_end_m(width, board)[0])
    return float(math.tan(angle) / (2 * math.pi * frequency_hz * impedance[0]))


def _line(name: str, ends: tuple[str, str], mode: _Mode) -> Iterator[str]:
    """Yield a line between two nodes to ground, with its losses at both ends."""
    a, b = f"t_{name}_1", f"t_{name}_2"
    series = f"r='1e-9+{mode.series_ohm:.9g}*sqrt(hertz)'"
    yield f"RC_{a} {ends[0]} {a} {series}"
    yield f"RC_{b} {ends[1]} {b} {series}"
    if math.isfinite(mode.shunt_ohm):
        across = f"r='{mode.shunt_ohm:.9g}/(hertz+1e-3)'"
        yield f"RD_{a} {a} 0 {across}"
        yield f"RD_{b} {b} 0 {across}"
    yield f"T_{name} {a} 0 {b} 0 z0={mode.impedance_ohm:.9g} td={mode.delay_s:.12g}"


def _pair(name: str, even: _Mode, odd: _Mode) -> Iterator[str]:
    """Yield a coupled pair as a subcircuit: two modes between transformers.

    At each end the strips' voltages are (even + odd) / root 2 and (even - odd) / root 2, and the
    currents of the modes follow in the same way from those of the strips.
    """
    yield f".subckt {name} a1 b1 a2 b2"
    for end in ("1", "2"):
        for strip, sign in (("a", ""), ("b", "-")):
            own = f"{strip}{end}"
            yield f"VS_{own} {own} s_{own} 0"
            yield f"EE_{own} s_{own} m_{own} e{end} 0 {_HALF_ROOT}"
            yield f"EO_{own} m_{own} 0 o{end} 0 {sign}{_HALF_ROOT}"
            yield f"FE_{own} 0 e{end} VS_{own} {_HALF_ROOT}"
            yield f"FO_{own} 0 o{end} VS_{own} {sign}{_HALF_ROOT}"
    yield from _line("even", ("e1", "e2"), even)
    yield from _line("odd", ("o1", "o2"), odd)
    yield f".ends {name}"
