"""Band-stops of half-wave resonators that couple side by side to a line that passes by.

Such a notch is as narrow as its gaps are wide, where a stub on the line would have to be of an
impedance that cannot be etched. A resonator couples over one part; the rest of it leads away at a
right angle. A filter is symmetric.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np

from eda.filters.microstrip.layout import Layout, Strip
from eda.filters.microstrip.limits import MicrostripLimits
from eda.filters.microstrip.template import (
    Real,
    Template,
    bounds_of,
    line_permittivity_of,
    line_width_mm,
    quarter_mm,
)

_SIZES: Final = 5
"""Sizes of a resonator: pair width, gap, coupled length, width and length of what leads away."""


def notch_template(order: int, limits: MicrostripLimits, centre_hz: float) -> Template:
    """Return the template of a band-stop of some resonators beside a line.

    Args:
        order: How many resonators.
        limits: Bounds and board.
        centre_hz: Middle of the stop band.
    """
    names = [
        name
        for k in range(1, (order + 1) // 2 + 1)
        for name in (f"w{k}", f"g{k}", f"l{k}", f"w{k}u", f"l{k}u")
    ]
    names += [name for k in range(1, order // 2 + 1) for name in (f"w{k}m", f"l{k}m")]
    low, high = bounds_of(names, limits, 1.5 * quarter_mm(centre_hz, 1.0))
    drawn = partial(_draw, order)
    return Template("edge_coupled", order, tuple(names), low, high, drawn)


def notch_start(
    template: Template,
    limits: MicrostripLimits,
    centre_hz: float,
    *,
    gap_heights: float,
    share: float,
    port_ohm: float,
) -> Real:
    """Return values with all resonators alike: half a wave long, a quarter wave from the next.

    Args:
        template: From :func:`notch_template`.
        limits: Board and bounds.
        centre_hz: Middle of the stop band.
        gap_heights: The gap, in heights of the board.
        share: Part of a resonator that couples.
        port_ohm: Impedance at the ports.
    """
    board = limits.substrate
    width = max(line_width_mm(port_ohm, board), limits.min_width_mm)
    quarter = quarter_mm(centre_hz, line_permittivity_of(width, board))
    # Both open ends lengthen a resonator by some four tenths of the height each.
    whole = 2 * quarter - 0.8e3 * board.height_m
    values = {
        "w": width,
        "g": gap_heights * 1e3 * board.height_m,
        "l": share * whole,
        "u": (1 - share) * whole,
        "m": max(quarter - share * whole, 0.2 * quarter),
    }
    made = [
        values[name[-1] if name[0] == "l" and name[-1] in "um" else name[0]]
        for name in template.names
    ]
    return np.asarray(np.clip(np.array(made), template.low_mm, template.high_mm))


def _draw(order: int, values: Sequence[float], grid_mm: float) -> Layout:
    """Draw the line to the right, resonators above it and below it in turn.

    ```
                  |
               u1 |
        ----------+
            c1
        ===========-----===========
     p1     m1      n1      m2     p2
                            c2
                        +----------
                        | u2
                        |
    ```
    """
    half = (order + 1) // 2
    strips: list[Strip] = []
    coupled: list[tuple[str, str]] = []
    x = 0.0
    for k in range(order):
        own = min(k, order - 1 - k)
        width, gap, length, thin, away = values[_SIZES * own : _SIZES * (own + 1)]
        node = "p1" if k == 0 else f"n{k}b"
        to = "p2" if k == order - 1 else f"n{k + 1}a"
        up = 1.0 if k % 2 == 0 else -1.0
        # The second half is the first turned around, so that the ports see the same.
        turned = k >= half
        y = up * (width + gap)
        strips.append(Strip(f"m{k + 1}", (x, 0.0), (x + length, 0.0), width, (node, to)))
        ends = (f"b{k + 1}", f"o{k + 1}") if turned else (f"o{k + 1}", f"b{k + 1}")
        strips.append(Strip(f"c{k + 1}", (x, y), (x + length, y), width, ends))
        coupled.append((f"m{k + 1}", f"c{k + 1}"))
        corner = x if turned else x + length
        tip = (corner, y + up * away)
        strips.append(Strip(f"u{k + 1}", (corner, y), tip, thin, (f"b{k + 1}", f"t{k + 1}")))
        x += length
        if k < order - 1:
            at = _SIZES * half + 2 * min(k, order - 2 - k)
            thick, between = values[at], values[at + 1]
            line = (f"n{k + 1}a", f"n{k + 1}b")
            strips.append(Strip(f"n{k + 1}", (x, 0.0), (x + between, 0.0), thick, line))
            x += between
    return Layout("edge_coupled", order, tuple(strips), tuple(coupled), ("p1", "p2"))
