"""Printed filters drawn by chance, to be solved in full wave: textbook layouts, then jitter.

What is drawn depends on a seed, an index and :data:`VERSION` alone. Layouts are symmetric, so
that one simulation gives all their S-parameters, and keep the limits that a specification has.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from eda.datasets.printed_kinds import BOARDS, Kind, kinds_of
from eda.errors import DatasetError, InputError
from eda.filters.fullwave.copper import copper_of
from eda.filters.fullwave.mesh import MeshOptions, mesh_of
from eda.filters.fullwave.problem import plane_of
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.limits import MicrostripLimits, breaches
from eda.filters.microstrip.network import scattering, sizes_of
from eda.filters.microstrip.notches import notch_start, notch_template
from eda.filters.microstrip.open_loops import open_loop_start, open_loop_template
from eda.filters.microstrip.resonators import resonator_start, resonator_template
from eda.filters.microstrip.stubs import row_start, row_template, stub_start, stub_template
from eda.filters.microstrip.substrate import LIGHT_M_PER_S, Substrate
from eda.filters.microstrip.template import (
    Template,
    line_permittivity_of,
    line_width_mm,
    quarter_mm,
)
from eda.filters.prototypes import chebyshev

Real = NDArray[np.float64]
Part = Literal["train", "validation", "test"]

VERSION: Final = 1
"""Raised when the same seed and index would give another layout."""


_COMMON_SHARE: Final = 0.6
_FREQUENCY_HZ: Final = (0.8e9, 10e9)
_HEIGHTS: Final = (0.009, 0.05)
"""Height of the board in wavelengths in it, in the middle of the band."""
_SHARE: Final = (0.03, 0.2)
_GRID_MM: Final = 0.01
_LARGEST_MM: Final = 150.0
_RANGE: Final = {"bandpass": (0.5, 1.6), "bandstop": (0.4, 1.6), "lowpass": (0.1, 2.0)}
"""Frequencies that are solved, over the middle of the band or the edge."""

MESH: Final = MeshOptions(per_wavelength=15.0)
_CLOSER: Final = (20.0, 30.0, 45.0)
"""Cells in a wavelength that are tried where a thin board needs more."""

MOST_WORK: Final = 1.2e9
"""Cells times steps that a simulation may be expected to take: some 8 s on one core."""

_ATTEMPTS: Final = 400
_TEST, _VALIDATION = 0.2, 0.1


@dataclass(frozen=True)
class DrawnFilter:
    """A layout to be solved.

    Attributes:
        seed: Of the set.
        index: Number within it.
        kind: Family, response and order.
        part: What it is for. Orders that training must not see are for tests.
        layout: The copper.
        board: What it lies on.
        limits: What it keeps.
        centre_hz: Middle of the band it was designed for, or the edge of a low-pass.
        share: Relative bandwidth it was designed for; 0 for low-passes.
        low_hz: Lowest frequency to solve.
        high_hz: Highest.
        mesh: How fine it is to be solved.
    """

    seed: int
    index: int
    kind: Kind
    part: Part
    layout: Layout
    board: Substrate
    limits: MicrostripLimits
    centre_hz: float
    share: float
    low_hz: float
    high_hz: float
    mesh: MeshOptions = MESH


def draw_filter(seed: int, index: int, family: str | None = None) -> DrawnFilter:
    """Return the filter of an index.

    Args:
        seed: Of the set.
        index: Number within it.
        family: Draw filters of this family only; ``notch``: resonators beside a line.

    Raises:
        DatasetError: There is no such family, or none of it could be drawn.
    """
    kinds = kinds_of(family)
    rng = np.random.default_rng((VERSION, seed, index))
    weights = np.array([kind.weight for kind in kinds])
    kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
    for _ in range(_ATTEMPTS):
        made = _attempt(rng, seed, index, kind)
        if made is not None:
            return made
    raise DatasetError(
        f"printed filter {index} of seed {seed}: no {kind.family} of order {kind.order} "
        f"kept its limits in {_ATTEMPTS} draws; leave this index out"
    )


def part_of(seed: int, index: int) -> Part:
    """Return the part that a number belongs to, whatever is drawn for it."""
    digest = sha256(f"printed:{seed}:{index}".encode()).digest()
    at = int.from_bytes(digest[:8], "big") / 2**64
    if at < _TEST:
        return "test"
    return "validation" if at < _TEST + _VALIDATION else "train"


def _attempt(rng: np.random.Generator, seed: int, index: int, kind: Kind) -> DrawnFilter | None:
    """Return a filter of a kind, or nothing where what was drawn breaks a limit."""
    board = _board(rng)
    centre = _frequency(rng, board)
    if centre is None:
        return None
    limits = MicrostripLimits(
        substrate=board,
        min_width_mm=float(rng.choice((0.1, 0.12, 0.15))),
        min_gap_mm=float(rng.choice((0.1, 0.12, 0.15))),
        grid_mm=_GRID_MM,
        footprint_mm=(_LARGEST_MM, _LARGEST_MM),
        families=(kind.family,),
        max_order=kind.order,
        vias=False,
        lowpass=kind.response == "lowpass",
    )
    share = _log_uniform(rng, *_SHARE) if kind.response == "bandpass" else 0.0
    if kind.response == "bandpass":
        template, values = _band_pass(rng, kind, limits, centre, share)
    elif kind.family == "stepped_impedance":
        template, values = _row(rng, kind, limits, centre)
    elif kind.family == "edge_coupled":
        template, values = _beside(rng, kind, limits, centre)
    else:
        template, values = _stubs(rng, kind, limits, centre)
    values = _jittered(rng, template, values, share)
    layout = template.draw(template.snapped(values, _GRID_MM), _GRID_MM)
    layout = replace(layout, substrate=_mapping(board))
    below, above = _RANGE[kind.response]
    drawn = DrawnFilter(
        seed=seed,
        index=index,
        kind=kind,
        part="test" if kind.order_unseen else part_of(seed, index),
        layout=layout,
        board=board,
        limits=limits,
        centre_hz=centre,
        share=share,
        low_hz=below * centre,
        high_hz=above * centre,
    )
    mesh = _mesh(drawn)
    return replace(drawn, mesh=mesh) if mesh else None


def _board(rng: np.random.Generator) -> Substrate:
    if rng.random() < _COMMON_SHARE:
        name, er, height_mm, loss = BOARDS[int(rng.integers(len(BOARDS)))]
    else:
        name, er = "", round(_log_uniform(rng, 2.2, 10.2), 2)
        height_mm = round(_log_uniform(rng, 0.25, 1.6), 3)
        loss = round(_log_uniform(rng, 0.0005, 0.02), 4)
    return Substrate(er=er, height_m=1e-3 * height_mm, tan_delta=loss, name=name)


def _mapping(board: Substrate) -> dict[str, Any]:
    """Return a board as ``filter-spec/1`` writes it."""
    return {
        **({"name": board.name} if board.name else {}),
        "er": board.er,
        "tand": board.tan_delta,
        "h_mm": round(1e3 * board.height_m, 6),
        "t_um": round(1e6 * board.thickness_m, 6),
        "sigma_s_per_m": board.sigma_s_per_m,
    }


def _frequency(rng: np.random.Generator, board: Substrate) -> float | None:
    """Return a middle of the band at which the board is neither too thin nor too thick."""
    one = LIGHT_M_PER_S / (board.height_m * math.sqrt(board.er))
    low, high = max(_FREQUENCY_HZ[0], _HEIGHTS[0] * one), min(_FREQUENCY_HZ[1], _HEIGHTS[1] * one)
    return round(_log_uniform(rng, low, high), -6) if low < high else None


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(math.exp(rng.uniform(math.log(low), math.log(high))))


def _band_pass(
    rng: np.random.Generator, kind: Kind, limits: MicrostripLimits, centre_hz: float, share: float
) -> tuple[Template, Real]:
    tapped = bool(rng.random() < (0.25 if kind.family == "edge_coupled" else 0.6))
    if kind.family == "open_loop":
        template = open_loop_template(kind.order, limits, centre_hz, tapped=tapped)
        start = partial(open_loop_start, template, side=rng.uniform(0.2, 0.35))
    else:
        template = resonator_template(
            kind.order, limits, centre_hz, bent=kind.family == "hairpin", tapped=tapped
        )
        start = partial(resonator_start, template)
    g = (1.0, *chebyshev(kind.order, _log_uniform(rng, 0.01, 0.3)), 1.0)
    half = centre_hz * share / 2
    middle = math.hypot(centre_hz, half)
    values = start(
        g,
        limits,
        (middle - half, middle + half),
        width_ohm=_log_uniform(rng, 35.0, 80.0),
        port_ohm=limits.port_ohm,
    )
    return template, _centred(template, values, limits, centre_hz)


def _centred(
    template: Template, values_mm: Real, limits: MicrostripLimits, centre_hz: float
) -> Real:
    """Return values whose lengths are scaled until the closed forms pass what they should."""
    lengths = np.array([name[0] == "l" for name in template.names])
    frequency = np.linspace(0.6, 1.4, 161) * centre_hz
    for _ in range(2):
        layout = template.draw(values_mm, 0.0)
        found = scattering(layout, sizes_of(layout), frequency, limits.substrate)
        level = np.abs(np.asarray(found.s21)[0])
        passed = frequency[level > level.max() * math.sqrt(0.5)]
        scale = math.sqrt(passed[0] * passed[-1]) / centre_hz
        values_mm = np.where(lengths, values_mm * scale, values_mm)
        values_mm = np.clip(values_mm, template.low_mm, template.high_mm)
    return values_mm


def _row(
    rng: np.random.Generator, kind: Kind, limits: MicrostripLimits, edge_hz: float
) -> tuple[Template, Real]:
    template = row_template(kind.order, limits, edge_hz)
    return template, row_start(
        template,
        chebyshev(kind.order, _log_uniform(rng, 0.01, 0.3)),
        limits,
        edge_hz,
        narrow_first=bool(rng.random() < 0.5),
        port_ohm=limits.port_ohm,
    )


def _stubs(
    rng: np.random.Generator, kind: Kind, limits: MicrostripLimits, frequency_hz: float
) -> tuple[Template, Real]:
    """Return open stubs on a line: of a low-pass, or a quarter wave apart around a notch."""
    board = limits.substrate
    ends = bool(rng.random() < 0.5)
    if kind.response == "lowpass":
        # A low-pass counts stubs and lines, and one ends with either.
        stubs = (kind.order - 1) // 2 if ends else (kind.order + 1) // 2
        stub_ohm, line_ohm = _log_uniform(rng, 25.0, 80.0), rng.uniform(75.0, 115.0)
        notch, apart = rng.uniform(1.3, 2.2) * frequency_hz, rng.uniform(0.3, 0.6)
    else:
        stubs, ends = kind.order, ends or kind.order == 1
        stub_ohm, line_ohm = _log_uniform(rng, 50.0, 120.0), limits.port_ohm
        notch, apart = frequency_hz, 1.0
    template = stub_template(
        stubs, limits, frequency_hz, ends=ends, one_sided=bool(rng.random() < 0.3)
    )
    width = max(limits.min_width_mm, line_width_mm(stub_ohm, board))
    line = max(limits.min_width_mm, line_width_mm(line_ohm, board))
    stub = (width, 0.97 * quarter_mm(notch, line_permittivity_of(width, board)))
    length = apart * quarter_mm(frequency_hz, line_permittivity_of(line, board))
    return template, stub_start(template, limits, stub, (line, length))


def _beside(
    rng: np.random.Generator, kind: Kind, limits: MicrostripLimits, centre_hz: float
) -> tuple[Template, Real]:
    """Return resonators that couple to a line they stand beside."""
    template = notch_template(kind.order, limits, centre_hz)
    return template, notch_start(
        template,
        limits,
        centre_hz,
        gap_heights=_log_uniform(rng, 0.2, 1.5),
        share=rng.uniform(0.2, 0.55),
        port_ohm=limits.port_ohm,
    )


def _jittered(rng: np.random.Generator, template: Template, values_mm: Real, share: float) -> Real:
    """Return values moved by chance.

    Lengths of a band-pass move together, and against each other by parts of its bandwidth: more
    would leave resonators that have nothing to do with each other.
    """
    width, gap = rng.uniform(0.05, 0.15, 2)
    own = min(0.1, 0.4 * share) * rng.random() if share else rng.uniform(0.05, 0.15)
    spread = {"w": width, "g": gap, "l": own}
    moved = np.array([spread[name[0]] for name in template.names]) * rng.standard_normal(
        len(values_mm)
    )
    together = np.array([name[0] == "l" for name in template.names]) * rng.normal(0.0, 0.05)
    made = values_mm * np.exp(np.clip(moved, -0.35, 0.35) + together)
    return np.asarray(np.clip(made, template.low_mm, template.high_mm))


def _mesh(drawn: DrawnFilter) -> MeshOptions | None:
    """Return how fine a layout must be solved; nothing where it is not to be.

    It must keep its limits, be symmetric, alive and quick to solve. On a thin board more cells in
    a wavelength are needed for three lines of the mesh to cross a feed.
    """
    layout, board = drawn.layout, drawn.board
    if breaches(layout, drawn.limits):
        return None
    try:
        copper = copper_of(layout, board)
    except InputError:
        return None
    seconds = _ringing_s(drawn)
    if not copper.mirrored or seconds is None:
        return None
    for closer in (MESH.per_wavelength, *_CLOSER):
        options = replace(MESH, per_wavelength=closer)
        try:
            mesh = mesh_of(copper, board, drawn.high_hz, options)
            for feed in copper.feeds:
                plane_of(feed, 50.0, mesh)
        except InputError:
            continue
        return options if mesh.cells * seconds / mesh.step_s < MOST_WORK else None
    return None


def _ringing_s(drawn: DrawnFilter) -> float | None:
    """Return how long a filter must be simulated, by the closed forms; nothing where it is dead."""
    frequency = np.linspace(drawn.low_hz, drawn.high_hz, 601)
    found = scattering(drawn.layout, sizes_of(drawn.layout), frequency, drawn.board)
    level = np.abs(np.asarray(found.s21)[0])
    if level.max() < 10 ** (-6 / 20):
        return None
    passed = level > level.max() * math.sqrt(0.5)
    narrowest = float(passed.sum() * (frequency[1] - frequency[0]))
    return 1.2 / narrowest + 6 / drawn.centre_hz
