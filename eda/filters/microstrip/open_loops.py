"""Band-passes of open loops: half-wave resonators bent to squares that couple side by side.

A loop is a line of four sides with an opening in the last, here the lower or the upper one in turn.
Neighbours couple over the full length of the sides that face each other. A loop takes less
height than a hairpin, and more width. The ends are fed by a further strip beside the
first and the last loop, or by a line that taps them. A filter is symmetric.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np

from eda.filters.microstrip.layout import Layout, Strip
from eda.filters.microstrip.limits import APART_HEIGHTS, MicrostripLimits
from eda.filters.microstrip.resonators import Section, coupled_feed, feed_width_mm, tapped_arm
from eda.filters.microstrip.template import (
    Real,
    Template,
    bounds_of,
    gap_mm,
    line_permittivity_of,
    line_width_mm,
    quarter_mm,
)

OPENING_HEIGHTS: Final = 1.5
"""The opening of a loop: the closed forms know no coupling across it."""

_MOST_COUPLING: Final = 0.45


def open_loop_template(
    order: int, limits: MicrostripLimits, centre_hz: float, *, tapped: bool
) -> Template:
    """Return the template of a filter of some open loops.

    Args:
        order: How many loops.
        limits: Bounds and board.
        centre_hz: Middle of the pass band.
        tapped: Fed by a tap instead of by a coupled strip.
    """
    names = [f"l{r}a" for r in range(1, (order + 1) // 2 + 1)]
    if tapped:
        names += ["w0", "l0", "l0t"]
    for k in range(1 if tapped else 0, order // 2 + 1):
        names += [f"w{k}", f"g{k}", f"l{k}"]
    low, high = bounds_of(names, limits, 2 * quarter_mm(centre_hz, 1.0))
    across = np.array([name[-1] == "a" for name in names])
    least = APART_HEIGHTS * 1e3 * limits.substrate.height_m + limits.min_width_mm
    low = np.where(across, np.maximum(low, least), low)
    drawn = partial(_draw, order, tapped, limits)
    return Template("open_loop", order, tuple(names), low, np.maximum(low, high), drawn)


def open_loop_start(
    template: Template,
    g: Sequence[float],
    limits: MicrostripLimits,
    band_hz: tuple[float, float],
    *,
    width_ohm: float,
    port_ohm: float,
    side: float,
) -> Real:
    """Return textbook values for a template.

    Two half-wave lines that face each other over a part of their length couple by the sine of that
    part: what they have in common of charge and of current, summed along the sides. For a quarter
    of a wave it is what straight resonators have.

    Source: J.-S. Hong and M. J. Lancaster, "Couplings of microstrip square open-loop resonators for
    cross-coupled planar microwave filters", IEEE Trans. MTT 44 (1996), for the shape; J. S. Wong
    (1979) for the tap.

    Args:
        template: From :func:`open_loop_template`.
        g: The prototype's values g0 to g(n+1).
        limits: Board and bounds.
        band_hz: The equal-ripple band.
        width_ohm: Impedance of a loop's line.
        port_ohm: Impedance at the ports.
        side: Length of a coupled side in half waves; 0.25 makes squares.
    """
    board = limits.substrate
    centre = math.sqrt(band_hz[0] * band_hz[1])
    share = (band_hz[1] - band_hz[0]) / centre
    width = max(line_width_mm(width_ohm, board), limits.min_width_mm)
    whole = 2 * quarter_mm(centre, line_permittivity_of(width, board))
    length = side * whole
    across = (whole + _opening_mm(limits, 0.0) - 2 * length) / 2
    values = {f"l{r}a": across for r in range(1, (template.order + 1) // 2 + 1)}
    if "l0t" in template.names:
        values["l1a"] += width / 4
    if "l0t" in template.names:
        quality = g[0] * g[1] / share
        reach = min(1.0, math.sqrt(math.pi * port_ohm / (2 * width_ohm * quality)))
        tap = math.asin(reach) / math.pi * whole - across / 2
        tap = min(max(tap, 0.1 * length), 0.9 * length)
        values |= {"w0": width, "l0": length - tap, "l0t": tap}
    for k in range(template.order // 2 + 1):
        if f"g{k}" not in template.names:
            continue
        if k == 0:
            inverter = math.sqrt(math.pi * share / (2 * g[0] * g[1]))
        else:
            inverter = math.pi * share / (2 * math.sqrt(g[k] * g[k + 1]))
        coupling = inverter / (1 + inverter**2) / math.sin(math.pi * side)
        gap = gap_mm(min(coupling, _MOST_COUPLING), width, board)
        values |= {f"w{k}": width, f"g{k}": gap, f"l{k}": length}
    made = np.array([values[name] for name in template.names])
    return np.asarray(np.clip(made, template.low_mm, template.high_mm))


def _opening_mm(limits: MicrostripLimits, grid_mm: float) -> float:
    wanted = max(limits.min_gap_mm, OPENING_HEIGHTS * 1e3 * limits.substrate.height_m)
    return math.ceil(wanted / grid_mm - 1e-6) * grid_mm if grid_mm else wanted


def _draw(
    order: int, tapped: bool, limits: MicrostripLimits, values: Sequence[float], grid_mm: float
) -> Layout:
    """Draw loops side by side, open downwards and upwards in turn.

    A loop that is tapped is open beside the side that couples: two open ends would count as two
    stubs on fed copper, and so as two of the order.

    ```
           c1                 d2    e2                   c3
       +--------+           +---  ---+              +--------+
       |        |           |        |              |        |
     --+ tap    | a1     b1 |        | a2        b2 |    tap +--
       |                    |        |                       |
       +-----               +--------+                  -----+
          d1                    c2                        e3
    ```
    """
    acrosses = list(values[: (order + 1) // 2])
    at = list(values[len(acrosses) :])
    tap: Section | None = (at[0], at[1], at[2]) if tapped else None
    at = at[3:] if tapped else at
    first = 1 if tapped else 0
    half = [(at[i], at[i + 1], at[i + 2]) for i in range(0, len(at), 3)]
    sections: dict[int, Section] = {first + i: section for i, section in enumerate(half)}
    sections |= {order - k: section for k, section in sections.items()}
    feed_mm = feed_width_mm(limits, grid_mm)
    opening = _opening_mm(limits, grid_mm)
    strips: list[Strip] = []
    coupled: list[tuple[str, str]] = []
    x = y = 0.0
    down = -1.0
    if tap:
        arm = tap[0]
        strips += tapped_arm(1, (x, y), down, tap, feed_mm, ("r1a", "q1a"))
        left = strips[1].end_mm[1]
    else:
        arm, gap, length = sections[0]
        left = y + down * length
        strips += coupled_feed((x, y), down, sections[0], ("q1a", "r1a"))
        x += arm + gap
        coupled.append(("a0", "b0"))
    for r in range(1, order + 1):
        across = acrosses[min(r, order + 1 - r) - 1]
        begun, ended = tap is not None and r == 1, tap is not None and r == order
        width, gap, length = (tap[0], 0.0, tap[1] + tap[2]) if ended and tap else sections[r]
        thin = min(arm, width)
        bend = (f"r{r}a", f"r{r}b")
        right, end = x + across, y + down * length
        strips.append(Strip(f"c{r}", (x, y), (right, y), thin, bend))
        single = begun or ended
        open_mm = across - opening - (width if begun else arm) / 2 if single else across - opening
        short = _on_grid(open_mm if single else open_mm / 2, grid_mm)
        if not ended:
            strips.append(Strip(f"d{r}", (x, left), (x + short, left), thin, (f"q{r}a", f"o{r}a")))
        if not begun:
            strips.append(
                Strip(f"e{r}", (right - short, end), (right, end), thin, (f"o{r}b", f"q{r}b"))
            )
        if ended and tap:
            strips += tapped_arm(2, (right, y), down, tap, feed_mm, (bend[1], f"q{r}b"))
            break
        strips.append(Strip(f"a{r}", (right, y), (right, end), width, (bend[1], f"q{r}b")))
        x = right + width + gap
        # The next loop is open where this one is closed; the last strip is the feed.
        upper = ("f2", "p2") if r == order else (f"q{r + 1}a", f"r{r + 1}a")
        strips.append(Strip(f"b{r}", (x, y), (x, end), width, upper))
        coupled.append((f"a{r}", f"b{r}"))
        left, y, down, arm = y, end, -down, width
    return Layout("open_loop", order, tuple(strips), tuple(coupled), ("p1", "p2"))


def _on_grid(length_mm: float, grid_mm: float) -> float:
    """Return a length that follows from others, on the grid where there is one."""
    return max(round(length_mm / grid_mm), 1) * grid_mm if grid_mm else length_mm
