"""Random masks of printed filters: known kinds at other frequencies, on other boards.

A kind says what is asked for around one frequency on one board. It is moved to another frequency
and another board, its bandwidth and its transitions are stretched, and loss and footprint follow
from what a line of 55 ohm has there: a mask stays about as hard as it was. Nothing is designed
while a mask is drawn, so that not every mask can be met.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from eda.filters.microstrip.line import line_permittivity, propagation, static_line
from eda.filters.microstrip.substrate import LIGHT_M_PER_S, Substrate
from eda.filters.microstrip.template import line_width_mm
from eda.filters.spec import FilterSpec
from eda.filters.spec_reader import spec_of

_RESONATORS: Final = ("edge_coupled", "hairpin", "open_loop", "stub")
_LINES: Final = ("stepped_impedance", "stub")


@dataclass(frozen=True)
class Kind:
    """What is asked for, at one frequency on one board.

    Attributes:
        name: For tables.
        response: As in a specification.
        passed: Low and high edge in GHz, loss and return loss in dB.
        stopped: Low and high edge in GHz, and attenuation in dB.
        board: Index of the board it was written for.
        footprint_mm: Largest box there.
        order: Largest order.
        families: Which may be used.
    """

    name: str
    response: str
    passed: tuple[tuple[float, float, float, float], ...]
    stopped: tuple[tuple[float, float, float], ...]
    board: int
    footprint_mm: tuple[float, float]
    order: int
    families: tuple[str, ...] = _RESONATORS


@dataclass(frozen=True)
class _Board:
    """A laminate, and what is etched on it."""

    name: str
    er: float
    tan_delta: float
    height_mm: float
    least_mm: float

    @property
    def substrate(self) -> Substrate:
        return Substrate(self.er, 1e-3 * self.height_mm, self.tan_delta)


_BOARDS: Final = (
    _Board("RO4003C", 3.55, 0.0027, 0.813, 0.15),
    _Board("RO4350B", 3.66, 0.0037, 0.508, 0.15),
    _Board("FR-4", 4.4, 0.02, 1.6, 0.2),
    _Board("FR-4", 4.3, 0.018, 0.8, 0.2),
    _Board("RT/duroid 5880", 2.2, 0.0009, 0.254, 0.1),
    _Board("RO3003", 3.0, 0.001, 0.254, 0.1),
    _Board("RT/duroid 5880", 2.2, 0.0009, 0.787, 0.15),
    _Board("RO3003", 3.0, 0.001, 0.508, 0.12),
    _Board("RO4003C", 3.55, 0.0027, 0.305, 0.1),
    _Board("RO3006", 6.15, 0.002, 0.635, 0.15),
    _Board("RO3010", 10.2, 0.0022, 0.635, 0.1),
    _Board("alumina", 9.8, 0.0002, 0.381, 0.05),
    _Board("TLY-5", 2.2, 0.0009, 1.575, 0.2),
)

KINDS: Final = (
    Kind(
        "narrow band-pass",
        "bandpass",
        ((2.4, 2.4835, 3.0, 11),),
        ((0.5, 2.05, 28), (2.9, 4.2, 26)),
        0,
        (70, 30),
        4,
    ),
    Kind(
        "wide band-pass",
        "bandpass",
        ((5.15, 5.85, 1.86, 10),),
        ((1.0, 4.3, 28), (6.9, 9.0, 26)),
        1,
        (45, 20),
        5,
    ),
    Kind(
        "lossy band-pass",
        "bandpass",
        ((1.805, 1.88, 5.5, 9),),
        ((0.5, 1.45, 25), (2.3, 3.2, 24)),
        2,
        (80, 40),
        4,
    ),
    Kind(
        "narrow band-pass",
        "bandpass",
        ((5.725, 5.875, 3.0, 11),),
        ((1.5, 5.05, 24), (6.6, 9.5, 22)),
        1,
        (45, 20),
        4,
    ),
    Kind(
        "wide band-pass",
        "bandpass",
        ((3.3, 3.8, 1.6, 11),),
        ((0.8, 2.7, 30), (4.5, 6.2, 26)),
        1,
        (65, 25),
        5,
    ),
    Kind(
        "wide band-pass",
        "bandpass",
        ((3.7, 4.2, 2.2, 11),),
        ((1.0, 3.25, 26), (4.8, 6.8, 28)),
        0,
        (70, 25),
        6,
    ),
    Kind(
        "narrow band-pass",
        "bandpass",
        ((10.0, 10.5, 1.9, 11),),
        ((3.0, 8.7, 26), (11.9, 16.0, 24)),
        4,
        (45, 15),
        5,
    ),
    Kind(
        "narrow band-pass",
        "bandpass",
        ((23.95, 24.3, 3.6, 10),),
        ((10.0, 21.0, 22), (27.4, 34.0, 20)),
        5,
        (25, 12),
        4,
    ),
    Kind(
        "octave band-pass",
        "bandpass",
        ((3.0, 5.0, 1.5, 11),),
        ((0.3, 1.6, 20), (6.5, 7.4, 20)),
        0,
        (80, 60),
        5,
    ),
    Kind(
        "low-pass",
        "lowpass",
        ((0.1, 2.5, 0.8, 13),),
        ((4.8, 7.5, 22),),
        1,
        (35, 15),
        9,
        _LINES,
    ),
    Kind(
        "low-pass",
        "lowpass",
        ((0.05, 1.0, 0.8, 13),),
        ((2.0, 3.5, 26),),
        0,
        (75, 20),
        9,
        _LINES,
    ),
    Kind(
        "high-pass",
        "highpass",
        ((2.0, 5.0, 1.5, 11),),
        ((0.1, 1.0, 20),),
        0,
        (80, 40),
        7,
        _LINES,
    ),
    Kind(
        "band-stop",
        "bandstop",
        ((3.1, 4.4, 1.4, 9), (7.0, 9.0, 1.6, 8)),
        ((5.25, 5.75, 20),),
        6,
        (60, 30),
        4,
        ("stub",),
    ),
)
"""Kinds like those of common services; high-pass and octave band-pass are the project's own."""

_FACTORS: Final = (0.45, 2.2)
_LOWEST_HZ, _HIGHEST_HZ = 0.7e9, 30e9
_THIN, _THICK = 0.7, 8.0
"""Boards are as thick, in mm times GHz, as those that filters are built on."""

_STRETCHED: Final = (0.75, 1.5)


@dataclass(frozen=True)
class _Tier:
    """How a mask differs from its kind, in ranges that chance draws from."""

    loss: tuple[float, float]
    more_db: tuple[int, int]
    softer: tuple[float, float]
    room: tuple[float, float]


_TIERS: Final = {
    "standard": _Tier((0.95, 1.2), (-3, 0), (0.95, 1.2), (0.9, 1.3)),
    "hard": _Tier((0.75, 0.9), (1, 5), (0.9, 1.05), (0.55, 0.9)),
}
_RESONATOR_OHM: Final = 55.0


def printed_spec(
    random: np.random.Generator, kind: Kind, *, tier: str = "standard", name: str = "random"
) -> FilterSpec:
    """Return a mask of a kind at another frequency, on another board.

    Args:
        random: Where chance comes from.
        kind: One of `KINDS`.
        tier: ``standard`` masks are about as hard as their kind; ``hard`` ones have a tenth to a
            quarter less loss, 1 to 5 dB more attenuation and half to nine tenths of the footprint.
        name: The specification's id.
    """
    by = _TIERS[tier]
    old = _BOARDS[kind.board]
    edges = [edge for band in (kind.passed[0], kind.passed[-1]) for edge in band[:2]]
    centre = 1e9 * (edges[-1] if kind.response == "lowpass" else math.sqrt(edges[0] * edges[-1]))
    factor = math.exp(random.uniform(*np.log(_FACTORS)))
    to = min(max(centre * factor, _LOWEST_HZ), _HIGHEST_HZ)
    able = [board for board in _BOARDS if _THIN < board.height_mm * to / 1e9 < _THICK]
    board = able[int(random.integers(len(able)))]
    wider = random.uniform(*_STRETCHED) if kind.response == "bandpass" else 1.0
    softer = wider * random.uniform(*by.softer)
    passed, stopped = _moved(kind, centre / 1e9, to, wider, softer)
    wave, loss = _wave_and_loss(old.substrate, centre)
    new_wave, new_loss = _wave_and_loss(board.substrate, to)
    lossier = new_loss / loss / wider * random.uniform(*by.loss)
    room = random.uniform(*by.room)
    least = board.least_mm * float(random.choice([1.0, 1.0, 1.5]))
    data: dict[str, Any] = {
        "schema": "filter-spec/1",
        "id": name,
        "title": f"random {kind.name}",
        "response": kind.response,
        "technology": "microstrip",
        "tier": tier,
        "ports": {"zs_ohm": 50, "zl_ohm": 50},
        "passbands": [
            {
                "f_lo_hz": low,
                "f_hi_hz": high,
                "il_max_db": round(min(max(0.3 + (il - 0.3) * lossier, 0.5), 7.0), 2),
                "rl_min_db": rl - int(random.integers(0, 3)) * (tier == "standard"),
            }
            for (low, high), (_, _, il, rl) in zip(passed, kind.passed, strict=True)
        ],
        "stopbands": [
            {
                "f_lo_hz": low,
                "f_hi_hz": high,
                "atten_min_db": level + int(random.integers(*by.more_db)),
            }
            for (low, high), (_, _, level) in zip(stopped, kind.stopped, strict=True)
        ],
        "limits": {
            "substrate": {
                **{"name": board.name, "er": board.er, "tand": board.tan_delta},
                "h_mm": board.height_mm,
            },
            "min_width_mm": round(least, 3),
            "min_gap_mm": round(least, 3),
            "dimension_grid_mm": 0.01 if board.height_mm > 0.3 else 0.005,
            "max_footprint_mm": [
                round(side * new_wave / wave * room, 1) for side in kind.footprint_mm
            ],
            "families_allowed": list(kind.families),
            "max_order": kind.order,
            "ground_vias_allowed": True,
        },
    }
    return spec_of(data, where=name)


def _moved(
    kind: Kind, centre_ghz: float, to_hz: float, wider: float, softer: float
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Return pass and stop bands around another centre.

    Edges next to the centre are stretched by ratio; the far edges of stop bands stay where they
    are beside the centre, as the next pass band of printed lines does.
    """

    def at(edge_ghz: float, stretch: float) -> float:
        return float(f"{to_hz * (edge_ghz / centre_ghz) ** stretch:.5g}")

    if kind.response != "bandpass":
        near = softer if kind.response == "lowpass" else 1.0
        return (
            [(at(low, 1.0), at(high, 1.0)) for low, high, *_ in kind.passed],
            [(at(low, near), at(high, 1.0)) for low, high, _ in kind.stopped],
        )
    passed = [(at(low, wider), at(high, wider)) for low, high, *_ in kind.passed]
    stopped = []
    for low, high, _ in kind.stopped:
        if high < centre_ghz:
            stopped.append((at(low, 1.0), at(high, softer)))
        else:
            stopped.append((at(low, softer), max(at(high, 1.0), 1.05 * at(low, softer))))
    return passed, stopped


def _wave_and_loss(board: Substrate, frequency_hz: float) -> tuple[float, float]:
    """Return the wavelength in metres and the losses (1/Q) of a resonator's line."""
    width = np.array([1e-3 * line_width_mm(_RESONATOR_OHM, board)])
    at = np.array([frequency_hz])
    impedance, static = static_line(width, board)
    permittivity = line_permittivity(width, static, at, board)
    gamma = propagation(width, impedance, permittivity, at, board)[0, 0]
    wave = LIGHT_M_PER_S / frequency_hz / math.sqrt(float(permittivity[0, 0]))
    return wave, 2 * float(gamma.real) / float(gamma.imag)
