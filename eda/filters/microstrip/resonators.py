"""Band-passes of half-wave resonators that couple side by side: straight, and bent to hairpins.

Resonator k couples over one of its halves to the resonator before, over the other to the one
after. The ends are fed by a further strip beside the first and the last resonator, or by a line
that taps them. A filter is symmetric: sections from both ends share their sizes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np

from eda.filters.microstrip.layout import Layout, Point, Strip
from eda.filters.microstrip.limits import MicrostripLimits
from eda.filters.microstrip.template import (
    Real,
    Template,
    apart_mm,
    bounds_of,
    gap_mm,
    line_permittivity_of,
    line_width_mm,
    quarter_mm,
)

FEED_MM: Final = 1.0
"""Length of the line that taps a resonator."""

Section = tuple[float, float, float]
"""Width, gap and length of a coupled section, in mm."""


def resonator_template(
    order: int, limits: MicrostripLimits, centre_hz: float, *, bent: bool, tapped: bool
) -> Template:
    """Return the template of a filter of some resonators.

    Args:
        order: How many resonators.
        limits: Bounds and board.
        centre_hz: Middle of the pass band.
        bent: Hairpins instead of straight resonators.
        tapped: Fed by a tap instead of by a coupled strip.
    """
    names: list[str] = []
    if tapped:
        names += ["w0", "l0", "l0t"]
    for k in range(1 if tapped else 0, order // 2 + 1):
        names += [f"w{k}", f"g{k}", f"l{k}"]
    low, high = bounds_of(names, limits, 2 * quarter_mm(centre_hz, 1.0))
    drawn = _bent if bent else _straight
    return Template(
        "hairpin" if bent else "edge_coupled",
        order,
        tuple(names),
        low,
        high,
        partial(_draw, drawn, order, tapped, limits),
    )


def resonator_start(
    template: Template,
    g: Sequence[float],
    limits: MicrostripLimits,
    band_hz: tuple[float, float],
    *,
    width_ohm: float,
    port_ohm: float,
) -> Real:
    """Return textbook values for a template.

    Source: S. B. Cohn, "Parallel-coupled transmission-line-resonator filters", IRE Trans. MTT 6
    (1958), for sections; J. S. Wong, "Microstrip tapped-line filter design", IEEE Trans. MTT 27
    (1979), for the tap.

    Args:
        template: From :func:`resonator_template`.
        g: The prototype's values g0 to g(n+1).
        limits: Board and bounds.
        band_hz: The equal-ripple band.
        width_ohm: Impedance of a resonator's line.
        port_ohm: Impedance at the ports.
    """
    board = limits.substrate
    centre = math.sqrt(band_hz[0] * band_hz[1])
    share = (band_hz[1] - band_hz[0]) / centre
    width = max(line_width_mm(width_ohm, board), limits.min_width_mm)
    half = quarter_mm(centre, line_permittivity_of(width, board))
    if template.family == "hairpin":
        half -= apart_mm(width, width, board, 0.0) / 2
    half = max(half, 0.1)
    values: dict[str, float] = {}
    if "l0t" in template.names:
        quality = g[0] * g[1] / share
        reach = min(1.0, math.sqrt(math.pi * port_ohm / (2 * width_ohm * quality)))
        whole = quarter_mm(centre, line_permittivity_of(width, board))
        tap = min(max(2 / math.pi * math.asin(reach) * whole - (whole - half), 0.05 * half), half)
        values |= {"w0": width, "l0": max(half - tap, 0.1), "l0t": tap}
    for k in range(template.order // 2 + 1):
        if f"g{k}" not in template.names:
            continue
        if k == 0:
            inverter = math.sqrt(math.pi * share / (2 * g[0] * g[1]))
        else:
            inverter = math.pi * share / (2 * math.sqrt(g[k] * g[k + 1]))
        coupling = min(inverter / (1 + inverter**2), 0.45)
        values |= {f"w{k}": width, f"g{k}": gap_mm(coupling, width, board), f"l{k}": half}
    made = np.array([values[name] for name in template.names])
    return np.asarray(np.clip(made, template.low_mm, template.high_mm))


def _draw(
    drawn: object,
    order: int,
    tapped: bool,
    limits: MicrostripLimits,
    values: Sequence[float],
    grid_mm: float,
) -> Layout:
    at = list(values)
    tap = (at[0], at[1], at[2]) if tapped else None
    at = at[3:] if tapped else at
    half = [(at[i], at[i + 1], at[i + 2]) for i in range(0, len(at), 3)]
    first = 1 if tapped else 0
    sections = {first + i: section for i, section in enumerate(half)}
    sections |= {order - k: section for k, section in sections.items()}
    assert callable(drawn)
    made: Layout = drawn(order, tap, sections, limits, grid_mm)
    return made


def _straight(
    order: int,
    tap: Section | None,
    sections: dict[int, Section],
    limits: MicrostripLimits,
    grid_mm: float,
) -> Layout:
    """Draw resonators one above the other, each half a length further to the right."""
    strips: list[Strip] = []
    coupled: list[tuple[str, str]] = []
    feed_mm = feed_width_mm(limits, grid_mm)
    x = y = before = 0.0
    if tap:
        before, outer, inner = tap
        strips += [
            Strip("t1o", (x, y), (x + outer, y), before, ("o1a", "tap1")),
            Strip("t1i", (x + outer, y), (x + outer + inner, y), before, ("tap1", "r1")),
        ]
        edge = y - before / 2
        strips.append(
            Strip("f1", (x + outer, edge - FEED_MM), (x + outer, edge), feed_mm, ("p1", "tap1"))
        )
        x += outer + inner
    for k in sorted(sections):
        width, gap, length = sections[k]
        # A wider strip is shifted outwards, so that no corner comes closer than the gap.
        y += abs(width - before) / 2 if before else 0.0
        lower = ("p1", "f1") if k == 0 else (f"r{k}", f"o{k}b")
        upper = ("f2", "p2") if k == order else (f"o{k + 1}a", f"r{k + 1}")
        strips.append(Strip(f"a{k}", (x, y), (x + length, y), width, lower))
        y += width + gap
        strips.append(Strip(f"b{k}", (x, y), (x + length, y), width, upper))
        coupled.append((f"a{k}", f"b{k}"))
        x, before = x + length, width
    if tap:
        width, outer, inner = tap
        y += abs(width - before) / 2
        joint = f"r{order}"
        strips += [
            Strip("t2i", (x, y), (x + inner, y), width, (joint, "tap2")),
            Strip("t2o", (x + inner, y), (x + inner + outer, y), width, ("tap2", "o2z")),
        ]
        edge = y + width / 2
        strips.append(
            Strip("f2", (x + inner, edge), (x + inner, edge + FEED_MM), feed_mm, ("tap2", "p2"))
        )
    return Layout("edge_coupled", order, tuple(strips), tuple(coupled), ("p1", "p2"))


def _bent(
    order: int,
    tap: Section | None,
    sections: dict[int, Section],
    limits: MicrostripLimits,
    grid_mm: float,
) -> Layout:
    """Draw hairpins side by side, open upwards and downwards in turn."""
    board = limits.substrate
    strips: list[Strip] = []
    coupled: list[tuple[str, str]] = []
    feed_mm = feed_width_mm(limits, grid_mm)
    x = y = 0.0
    down = -1.0
    if tap:
        arm = tap[0]
        strips += tapped_arm(1, (x, y), down, tap, feed_mm, ("r1a", "o1a"))
    else:
        arm, gap, length = sections[0]
        strips += coupled_feed((x, y), down, sections[0], ("o1a", "r1a"))
        x += arm + gap
        coupled.append(("a0", "b0"))
    for r in range(1, order + 1):
        last = r == order
        width, gap, length = (
            sections[r] if r in sections else (tap[0], 0.0, 0.0) if tap else (arm, 0.0, 0.0)
        )
        across = apart_mm(arm, width, board, grid_mm)
        bend = (f"r{r}a", f"r{r}b")
        strips.append(Strip(f"c{r}", (x, y), (x + across, y), min(arm, width), bend))
        x += across
        if last and tap:
            strips += tapped_arm(2, (x, y), down, tap, feed_mm, (bend[1], "o2z"))
            break
        end = y + down * length
        strips.append(Strip(f"a{r}", (x, y), (x, end), width, (bend[1], f"o{r}b")))
        x += width + gap
        upper = ("f2", "p2") if last else (f"o{r + 1}a", f"r{r + 1}a")
        strips.append(Strip(f"b{r}", (x, y), (x, end), width, upper))
        coupled.append((f"a{r}", f"b{r}"))
        y, down, arm = end, -down, width
    return Layout("hairpin", order, tuple(strips), tuple(coupled), ("p1", "p2"))


def tapped_arm(
    port: int,
    at_mm: Point,
    down: float,
    tap: Section,
    feed_mm: float,
    nodes: tuple[str, str],
) -> list[Strip]:
    """Return an arm along y with the line that feeds it, on its left for port 1, else right.

    Args:
        port: 1 or 2.
        at_mm: Where the arm begins.
        down: Sign of the direction in which it goes along y.
        tap: Width of the arm; from the tap to its end, and to its beginning.
        feed_mm: Width of the feed.
        nodes: At the arm's beginning and end.
    """
    (x, y), (width, outer, inner) = at_mm, tap
    low = y + down * inner
    if port == 1:
        edge = x - width / 2
        feed = Strip("f1", (edge - FEED_MM, low), (edge, low), feed_mm, ("p1", "tap1"))
    else:
        edge = x + width / 2
        feed = Strip("f2", (edge, low), (edge + FEED_MM, low), feed_mm, ("tap2", "p2"))
    name = f"tap{port}"
    return [
        Strip(f"t{port}i", (x, y), (x, low), width, (nodes[0], name)),
        Strip(f"t{port}o", (x, low), (x, low + down * outer), width, (name, nodes[1])),
        feed,
    ]


def coupled_feed(
    at_mm: Point, down: float, section: Section, nodes: tuple[str, str]
) -> list[Strip]:
    """Return the strip of port 1 and the one beside it that it couples to, along y.

    Args:
        at_mm: Where the first strip ends.
        down: Sign of the direction in which both begin from there.
        section: Width, gap and length.
        nodes: Where the second strip begins and ends.
    """
    (x, y), (width, gap, length) = at_mm, section
    begin, beside = y + down * length, x + width + gap
    return [
        Strip("a0", (x, begin), (x, y), width, ("p1", "f1")),
        Strip("b0", (beside, begin), (beside, y), width, nodes),
    ]


def feed_width_mm(limits: MicrostripLimits, grid_mm: float) -> float:
    """Return the width of a line of the ports' impedance, on the grid where there is one."""
    width = max(line_width_mm(limits.port_ohm, limits.substrate), limits.min_width_mm)
    return round(width / grid_mm) * grid_mm if grid_mm else width
