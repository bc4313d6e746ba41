"""Textbook layouts for a specification: every family, order and feed that its limits allow."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from eda.filters.microstrip.limits import MicrostripLimits
from eda.filters.microstrip.network import scattering, sizes_of
from eda.filters.microstrip.notches import notch_start, notch_template
from eda.filters.microstrip.open_loops import open_loop_start, open_loop_template
from eda.filters.microstrip.resonators import resonator_start, resonator_template
from eda.filters.microstrip.stubs import row_start, row_template, stub_start, stub_template
from eda.filters.microstrip.template import (
    Real,
    Template,
    line_permittivity_of,
    line_width_mm,
    quarter_mm,
)
from eda.filters.prototypes import chebyshev
from eda.filters.spec import FilterSpec

_RIPPLES_DB: Final = (0.05, 0.2)
_WIDER: Final = (1.1, 1.4)
"""Designed bandwidth over the one asked for: losses round the edges off."""

_RESONATOR_OHM: Final = (40.0, 55.0, 75.0)
_LOOP_OHM: Final = (45.0, 65.0)
_LOOPS_WIDER: Final = 1.2
_SIDES: Final = (0.25, 0.33)
"""Length of a loop's coupled sides, in half waves: squares, and taller ones."""

_STUB_OHM: Final = (30.0, 50.0, 80.0)
_NOTCH_OHM: Final = (60.0, 90.0, 120.0)
_NOTCH_GAPS: Final = (0.3, 0.6, 1.2)
_NOTCH_SHARES: Final = (0.25, 0.4, 0.5)
_MOST_NOTCHES: Final = 5
_SHORT_OHM: Final = (20.0, 35.0, 60.0, 100.0)
_LINE_OHM: Final = 90.0
_WIDE: Final = 1.12
"""Ratio of the edges from which on shorted stubs can make a pass band: below, none is as low."""

_RETUNINGS: Final = 2
_MOST_STUBS: Final = 6


@dataclass(frozen=True)
class Start:
    """Templates to begin with, and values for each.

    Attributes:
        template: The topology.
        values_mm: Textbook values, starts x sizes.
        origin: What they are, for people.
    """

    template: Template
    values_mm: Real
    origin: str


def textbook_layouts(spec: FilterSpec, limits: MicrostripLimits) -> list[Start]:
    """Return the textbook layouts of a specification; some may be larger than its footprint."""
    made = [start for make in _RESPONSES[spec.response] for start in make(spec, limits)]
    return made if made else reserve_layouts(spec, limits)


def reserve_layouts(spec: FilterSpec, limits: MicrostripLimits) -> list[Start]:
    """Return layouts to begin with where others fail: the closed forms are less sure of them."""
    return list(_open_loops(spec, limits)) if spec.response == "bandpass" else []


def _band_pass(spec: FilterSpec, limits: MicrostripLimits) -> Iterator[Start]:
    low, high = spec.passbands[0].f_lo_hz, spec.passbands[-1].f_hi_hz
    centre = math.sqrt(low * high)
    shapes = [
        (order, bent, tapped)
        for order in range(2, limits.max_order + 1)
        for bent in (False, True)
        for tapped in (False, True)
        if ("hairpin" if bent else "edge_coupled") in limits.families
    ]
    for order, bent, tapped in shapes:
        template = resonator_template(order, limits, centre, bent=bent, tapped=tapped)
        made = []
        for ripple in _RIPPLES_DB:
            g = (1.0, *chebyshev(order, ripple), 1.0)
            for wider in _WIDER:
                half = (high - low) * wider / 2
                middle = math.hypot(centre, half)
                band = (middle - half, middle + half)
                for ohm in _RESONATOR_OHM:
                    made.append(
                        resonator_start(
                            template, g, limits, band, width_ohm=ohm, port_ohm=limits.port_ohm
                        )
                    )
        values = _centred(template, np.array(made), limits, centre)
        feed = "tapped" if tapped else "coupled feeds"
        yield Start(template, values, f"{order} {'hairpins' if bent else 'resonators'}, {feed}")


def _open_loops(spec: FilterSpec, limits: MicrostripLimits) -> Iterator[Start]:
    if "open_loop" not in limits.families:
        return
    low, high = spec.passbands[0].f_lo_hz, spec.passbands[-1].f_hi_hz
    centre, half = math.sqrt(low * high), (high - low) * _LOOPS_WIDER / 2
    band = (math.hypot(centre, half) - half, math.hypot(centre, half) + half)
    for order in range(2, limits.max_order + 1):
        for tapped in (False, True):
            template = open_loop_template(order, limits, centre, tapped=tapped)
            made = [
                open_loop_start(
                    template,
                    (1.0, *chebyshev(order, ripple), 1.0),
                    limits,
                    band,
                    width_ohm=ohm,
                    port_ohm=limits.port_ohm,
                    side=side,
                )
                for ripple in _RIPPLES_DB
                for ohm in _LOOP_OHM
                for side in _SIDES
            ]
            values = _centred(template, np.array(made), limits, centre)
            feed = "tapped" if tapped else "coupled feeds"
            yield Start(template, values, f"{order} open loops, {feed}")


def _centred(
    template: Template, values_mm: Real, limits: MicrostripLimits, centre_hz: float
) -> Real:
    """Return values whose lengths are scaled until the response lies where it should."""
    lengths = np.array([name[0] == "l" for name in template.names])
    frequency = np.linspace(0.6, 1.4, 121) * centre_hz
    for _ in range(_RETUNINGS):
        layouts = [template.draw(values, 0.0) for values in values_mm]
        found = scattering(layouts[0], sizes_of(*layouts), frequency, limits.substrate)
        level = np.abs(np.asarray(found.s21))
        for at, row in enumerate(level):
            passed = frequency[row > row.max() * math.sqrt(0.5)]
            values_mm[at, lengths] *= math.sqrt(passed[0] * passed[-1]) / centre_hz
        values_mm = np.clip(values_mm, template.low_mm, template.high_mm)
    return values_mm


def _rows(spec: FilterSpec, limits: MicrostripLimits) -> Iterator[Start]:
    if "stepped_impedance" not in limits.families:
        return
    cutoff = spec.passbands[-1].f_hi_hz
    for order in range(3, limits.max_order + 1, 2):
        template = row_template(order, limits, cutoff)
        g = chebyshev(order, _RIPPLES_DB[0])
        made = [
            row_start(
                template, g, limits, cutoff * wider, narrow_first=narrow, port_ohm=limits.port_ohm
            )
            for narrow in (True, False)
            for wider in (1.05, 1.3)
        ]
        yield Start(template, np.array(made), f"{order} strips in a row")


def _stub_low_pass(spec: FilterSpec, limits: MicrostripLimits) -> Iterator[Start]:
    if not {"stub", "hybrid"} & set(limits.families):
        return
    board = limits.substrate
    cutoff = spec.passbands[-1].f_hi_hz
    first, last = spec.stopbands[0].f_lo_hz, spec.stopbands[-1].f_hi_hz
    line = max(limits.min_width_mm, line_width_mm(_LINE_OHM, board))
    length = 0.4 * quarter_mm(cutoff, line_permittivity_of(line, board))
    for stubs in range(1, _MOST_STUBS + 1):
        for ends in (False, True):
            for one_sided in (False, True):
                if stubs == 1 and (one_sided or not ends):
                    continue
                template = stub_template(stubs, limits, cutoff, ends=ends, one_sided=one_sided)
                if template.order > limits.max_order:
                    continue
                made = []
                for ohm in _STUB_OHM:
                    width = line_width_mm(ohm, board)
                    for notch in (1.1 * first, math.sqrt(first * last)):
                        stub = (width, quarter_mm(notch, line_permittivity_of(width, board)))
                        made.append(stub_start(template, limits, stub, (line, length)))
                yield Start(template, np.array(made), f"{stubs} open stubs on a line")


def _stub_notch(spec: FilterSpec, limits: MicrostripLimits) -> Iterator[Start]:
    if "stub" not in limits.families:
        return
    board = limits.substrate
    band = spec.stopbands[0]
    centre = math.sqrt(band.f_lo_hz * band.f_hi_hz)
    line = max(limits.min_width_mm, line_width_mm(limits.port_ohm, board))
    length = quarter_mm(centre, line_permittivity_of(line, board))
    for stubs in range(1, min(limits.max_order, _MOST_STUBS) + 1):
        for ends in (True,) if stubs == 1 else (False, True):
            template = stub_template(stubs, limits, centre, ends=ends)
            made = []
            for ohm in _NOTCH_OHM:
                width = max(limits.min_width_mm, line_width_mm(ohm, board))
                stub = (width, 0.97 * quarter_mm(centre, line_permittivity_of(width, board)))
                made.append(stub_start(template, limits, stub, (line, length)))
            yield Start(template, np.array(made), f"{stubs} open stubs a quarter wave apart")


def _coupled_notch(spec: FilterSpec, limits: MicrostripLimits) -> Iterator[Start]:
    if "edge_coupled" not in limits.families:
        return
    band = spec.stopbands[0]
    centre = math.sqrt(band.f_lo_hz * band.f_hi_hz)
    for order in range(1, min(limits.max_order, _MOST_NOTCHES) + 1):
        template = notch_template(order, limits, centre)
        made = [
            notch_start(
                template, limits, centre, gap_heights=gap, share=share, port_ohm=limits.port_ohm
            )
            for gap in _NOTCH_GAPS
            for share in _NOTCH_SHARES
        ]
        beside = "resonator" if order == 1 else "resonators"
        yield Start(template, np.array(made), f"{order} {beside} beside a line")


def _shorted(spec: FilterSpec, limits: MicrostripLimits) -> Iterator[Start]:
    """Yield shorted stubs on a line, a quarter of a wave long in the middle of the pass band.

    Source: J.-S. Hong and M. J. Lancaster, Microstrip Filters for RF/Microwave Applications,
    sections 6.1 and 5.2: lines between them of one such length, or of two.
    """
    if "stub" not in limits.families or not limits.vias:
        return
    low, high = spec.passbands[0].f_lo_hz, spec.passbands[-1].f_hi_hz
    if high / low < _WIDE:
        return
    board = limits.substrate
    line = max(limits.min_width_mm, line_width_mm(limits.port_ohm, board))
    # A high-pass that has to pass more than 3 to 1 passes all that its period allows.
    middles = [(low + high) / 2] if high / low < 3 else [(low + high) / 2, 1.2 * high]
    for stubs in range(2, min(limits.max_order, _MOST_STUBS) + 1):
        for one_sided in (False, True):
            template = stub_template(
                stubs, limits, middles[0] / 2, ends=False, one_sided=one_sided, shorted=True
            )
            made = []
            for middle in middles:
                whole = quarter_mm(middle, line_permittivity_of(line, board))
                for ohm in _SHORT_OHM:
                    width = line_width_mm(ohm, board)
                    stub = (width, quarter_mm(middle, line_permittivity_of(width, board)))
                    for length in (1.0, 1.9):
                        made.append(stub_start(template, limits, stub, (line, length * whole)))
            side = "on one side" if one_sided else "on both sides"
            yield Start(template, np.array(made), f"{stubs} shorted stubs {side}")


_RESPONSES: Final[dict[str, tuple[Callable[..., Iterator[Start]], ...]]] = {
    "lowpass": (_rows, _stub_low_pass),
    "highpass": (_shorted,),
    "bandpass": (_band_pass, _shorted),
    "bandstop": (_stub_notch, _coupled_notch),
}
