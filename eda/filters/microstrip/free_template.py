"""Any layout as a template: its widths, lengths and gaps are open, joints and pairs stay.

Where a strip lies follows from the sizes of those that lead to it, so every coordinate is a sum of
sizes. Round a loop the sums must meet, which makes some of the sizes follow from the others. What
a layout has twice, mirrored or turned around, it keeps alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.microstrip.layout import Layout, Strip, Via
from eda.filters.microstrip.limits import MicrostripLimits, counted_order, is_port_line
from eda.filters.microstrip.symmetry import NEAR_MM, mirrored
from eda.filters.microstrip.template import Real, Template, bounds_of

_LONGER: Final = 2.0
_ZERO: Final = 1e-9

Key = tuple[str, str]
"""Kind of a size, ``w``, ``l`` or ``g``, and the name of the strip that has it."""


def free_template(layout: Layout, limits: MicrostripLimits) -> tuple[Template, Real]:
    """Return the template of a layout, and the layout's own sizes within its bounds.

    Lines of the ports' impedance that end at a port stay as they are.

    Args:
        layout: Whose ends meet and whose pairs face each other.
        limits: Bounds and grid.
    """
    sizes = _Sizes.of(layout)
    lines = _Lines.of(layout, sizes)
    held = [
        at
        for at, (kind, name) in enumerate(sizes.keys)
        if kind != "g"
        and name not in layout.in_pair
        and is_port_line(layout.by_name[name], layout, limits)
    ]
    solved, free = _solved(lines.closing, sizes, held)
    names = [f"{kind}_{name}" for kind, name in (sizes.keys[at] for at in free)]
    low, high = bounds_of(names, limits, _LONGER * max(*limits.footprint_mm, 1.0))
    own = sizes.values_mm[free]
    short = np.array([name[0] == "l" for name in names])
    paired = np.array([sizes.keys[at][1] in layout.in_pair for at in free])
    low = np.where(short, np.minimum(low, np.maximum(own, limits.grid_mm)), low)
    # The closed forms of a single line hold for wider strips than those of pairs.
    high = np.where(short | ~paired, np.maximum(high, own), high)
    fixed = np.zeros(len(sizes.keys))
    for at in held:
        least = limits.min_width_mm if sizes.keys[at][0] == "w" else limits.grid_mm
        fixed[at] = max(round(sizes.values_mm[at] / limits.grid_mm) * limits.grid_mm, least)
    follows = np.array([at not in free and at not in held for at in range(len(sizes.keys))])
    drawn = _Drawing(layout, sizes, lines, free, solved, fixed, follows)
    template = Template(
        layout.family,
        counted_order(layout, limits),
        tuple(names),
        low,
        np.maximum(high, low),
        partial(_drawn, drawn),
    )
    return template, np.asarray(np.clip(own, template.low_mm, template.high_mm))


@dataclass(frozen=True)
class _Sizes:
    """The distinct sizes of a layout.

    Attributes:
        keys: What each is.
        values_mm: Each as the layout has it.
        at: Which one belongs to each key, also those that are kept alike with another.
    """

    keys: tuple[Key, ...]
    values_mm: Real
    at: dict[Key, int]

    @classmethod
    def of(cls, layout: Layout) -> _Sizes:
        same: dict[Key, Key] = {}

        def root(key: Key) -> Key:
            while same.setdefault(key, key) != key:
                key = same[key]
            return key

        def tie(one: Key, other: Key) -> None:
            first, second = sorted((root(one), root(other)))
            same[second] = first

        for a, b in layout.coupled:
            tie(("w", a), ("w", b))
            tie(("l", a), ("l", b))
        partner = {a: (a, b) for pair in layout.coupled for a, b in (pair, pair[::-1])}
        for a, b in mirrored(layout).items():
            tie(("w", a), ("w", b))
            tie(("l", a), ("l", b))
            if a in partner:
                tie(("g", _leader(layout, a)), ("g", _leader(layout, b)))
        keys: list[Key] = [(kind, s.name) for s in layout.strips for kind in ("w", "l")]
        keys += [("g", pair[0]) for pair in layout.coupled]
        roots = list(dict.fromkeys(root(key) for key in keys))
        number = {key: at for at, key in enumerate(roots)}
        gaps = {pair[0]: layout.gap_mm(pair) for pair in layout.coupled}
        values = [
            gaps[name]
            if kind == "g"
            else getattr(layout.by_name[name], "width_mm" if kind == "w" else "length_mm")
            for kind, name in roots
        ]
        return cls(tuple(roots), np.array(values), {key: number[root(key)] for key in keys})

    def unit(self, kind: str, name: str, times: float = 1.0) -> Real:
        """Return a size, times a number, as a sum of sizes."""
        made = np.zeros(len(self.keys))
        made[self.at[kind, name]] = times
        return made


def _leader(layout: Layout, name: str) -> str:
    return next(pair[0] for pair in layout.coupled if name in pair)


@dataclass(frozen=True)
class _Tie:
    """One end of a strip lies beside an end of another: by how much, as sums of sizes."""

    strip: int
    end: int
    other: int
    other_end: int
    offset: tuple[Real, Real]


@dataclass(frozen=True)
class _Lines:
    """Coordinates as sums of sizes.

    Attributes:
        starts: Of each strip's first end, strips x 2 x sizes, from that of the first strip.
        closing: Sums that are zero round loops, rows x sizes.
    """

    starts: Real
    closing: Real

    @classmethod
    def of(cls, layout: Layout, sizes: _Sizes) -> _Lines:
        strips = layout.strips
        along = [_along(strip, sizes) for strip in strips]
        ties = [*_joints(layout, sizes), *_facings(layout, sizes)]
        starts: dict[int, Real] = {0: np.zeros((2, len(sizes.keys)))}
        border, used = [0], set[int]()
        while border:
            here = border.pop(0)
            for number, tie in enumerate(ties):
                if number in used or here not in (tie.strip, tie.other):
                    continue
                offset = np.stack(tie.offset)
                # Where the end of the one is seen from the start of the other.
                apart = tie.end * along[tie.strip] + offset - tie.other_end * along[tie.other]
                there, sign = (tie.other, 1.0) if tie.strip == here else (tie.strip, -1.0)
                if there in starts:
                    continue
                used.add(number)
                starts[there] = starts[here] + sign * apart
                border.append(there)
        closing = []
        for number, tie in enumerate(ties):
            if number not in used:
                apart = tie.end * along[tie.strip] + np.stack(tie.offset)
                apart = apart - tie.other_end * along[tie.other]
                closing += list(starts[tie.strip] + apart - starts[tie.other])
        rows = [row for row in closing if np.abs(row).max() > _ZERO]
        return cls(
            np.stack([starts[at] for at in range(len(strips))]),
            np.array(rows).reshape(len(rows), len(sizes.keys)),
        )


def _along(strip: Strip, sizes: _Sizes) -> Real:
    """Return the way from a strip's first end to its second, 2 x sizes."""
    made = np.zeros((2, len(sizes.keys)))
    axis = 0 if strip.horizontal else 1
    made[axis] = sizes.unit("l", strip.name, np.sign(strip.end_mm[axis] - strip.start_mm[axis]))
    return made


def _joints(layout: Layout, sizes: _Sizes) -> Iterator[_Tie]:
    ends: dict[str, list[tuple[int, int]]] = {}
    for at, strip in enumerate(layout.strips):
        for end, node in enumerate(strip.nodes):
            ends.setdefault(node, []).append((at, end))
    for meeting in ends.values():
        around = [layout.strips[at] for at, _ in meeting]
        for (a, a_end), (b, b_end) in pairwise(meeting):
            one, other = layout.strips[a], layout.strips[b]
            here = (one.start_mm, one.end_mm)[a_end]
            there = (other.start_mm, other.end_mm)[b_end]
            x, y = (_in_widths(there[axis] - here[axis], around, sizes) for axis in (0, 1))
            yield _Tie(a, a_end, b, b_end, (x, y))


def _in_widths(distance_mm: float, around: Sequence[Strip], sizes: _Sizes) -> Real:
    """Return a distance at a joint as a sum of the widths that meet there."""
    if abs(distance_mm) < NEAR_MM:
        return np.zeros(len(sizes.keys))
    sign = float(np.sign(distance_mm))
    for strip in around:
        if abs(abs(distance_mm) - strip.width_mm / 2) < NEAR_MM:
            return sizes.unit("w", strip.name, sign / 2)
    for one in around:
        for other in around:
            if abs(distance_mm - (one.width_mm - other.width_mm) / 2) < NEAR_MM:
                return sizes.unit("w", one.name, 0.5) - sizes.unit("w", other.name, 0.5)
    widest = max(around, key=lambda strip: strip.width_mm)
    return sizes.unit("w", widest.name, distance_mm / widest.width_mm)


def _facings(layout: Layout, sizes: _Sizes) -> Iterator[_Tie]:
    number = {strip.name: at for at, strip in enumerate(layout.strips)}
    for pair in layout.coupled:
        a, b = (layout.by_name[name] for name in pair)
        axis = 1 if a.horizontal else 0
        side = np.sign(b.start_mm[axis] - a.start_mm[axis])
        across = side * (sizes.unit("g", pair[0]) + sizes.unit("w", a.name))
        offset = (across, np.zeros_like(across))
        near = layout.facing(pair)[1] == b.nodes
        yield _Tie(
            *(number[a.name], 0, number[b.name], 0 if near else 1),
            offset if axis == 0 else offset[::-1],
        )


def _solved(closing: Real, sizes: _Sizes, held: Sequence[int]) -> tuple[Real, list[int]]:
    """Return all sizes as sums of all (those that follow have no part), and which are free.

    Long lengths give way first, then gaps, then widths; sizes that are held only at last.
    """
    kinds = {"l": 0, "g": 1, "w": 2}

    def rank(at: int) -> tuple[bool, int, float]:
        return at in held, kinds[sizes.keys[at][0]], -float(sizes.values_mm[at])

    rows, pivots = closing.copy(), list[int]()
    for at in sorted(range(len(sizes.keys)), key=rank):
        left = rows[len(pivots) :, at]
        if not len(left) or np.abs(left).max() < _ZERO:
            continue
        own = len(pivots)
        best = own + int(np.abs(left).argmax())
        rows[[own, best]] = rows[[best, own]]
        rows[own] /= rows[own, at]
        for other in range(len(rows)):
            if other != own:
                rows[other] -= rows[other, at] * rows[own]
        pivots.append(at)
    made = np.eye(len(sizes.keys))
    for own, at in enumerate(pivots):
        made[at] = -rows[own]
        made[at, at] = 0.0
    free = [at for at in range(len(sizes.keys)) if at not in pivots and at not in held]
    return made, free


@dataclass(frozen=True)
class _Drawing:
    """What is needed to draw a layout of other sizes.

    Attributes:
        layout: Joints, pairs, ports and directions.
        sizes: Its sizes.
        lines: Coordinates as sums of them.
        free: Which of them are open.
        solved: Those that follow as sums of the others, sizes x sizes.
        fixed: Values of those that are held, 0 elsewhere.
        follows: Which of them follow.
    """

    layout: Layout
    sizes: _Sizes
    lines: _Lines
    free: list[int]
    solved: Real
    fixed: Real
    follows: NDArray[np.bool_]


def _drawn(drawing: _Drawing, values: Sequence[float], grid_mm: float) -> Layout:
    layout, sizes = drawing.layout, drawing.sizes
    given = drawing.fixed.copy()
    given[drawing.free] = values
    all_mm = drawing.solved @ given
    if grid_mm:
        all_mm = np.where(drawing.follows, np.round(all_mm / grid_mm) * grid_mm, all_mm)
    # A size that follows may not turn around; the joint is then open, which the limits notice.
    all_mm = np.where(drawing.follows, np.maximum(all_mm, grid_mm or _ZERO), all_mm)
    origin = np.array(layout.strips[0].start_mm)
    starts = drawing.lines.starts @ all_mm + origin
    strips = []
    for strip, (x, y) in zip(layout.strips, starts, strict=True):
        length = float(all_mm[sizes.at["l", strip.name]])
        dx, dy = (np.sign(b - a) for a, b in zip(strip.start_mm, strip.end_mm, strict=True))
        strips.append(
            replace(
                strip,
                start_mm=(float(x), float(y)),
                end_mm=(float(x + dx * length), float(y + dy * length)),
                width_mm=float(all_mm[sizes.at["w", strip.name]]),
            )
        )
    return replace(
        layout, strips=tuple(strips), vias=_moved_vias(layout, strips), design_model="closed_form"
    )


def _moved_vias(layout: Layout, strips: Sequence[Strip]) -> tuple[Via, ...]:
    """Return the vias, as far from the ends of their strips as they were."""
    made = []
    for via in layout.vias:
        before, after, end = next(
            (old, new, strip.nodes.index(via.node))
            for strip, old, new in (
                (strip, (strip.start_mm, strip.end_mm), (new.start_mm, new.end_mm))
                for strip, new in zip(layout.strips, strips, strict=True)
            )
            if via.node in strip.nodes
        )
        at = tuple(v + b - a for v, a, b in zip(via.at_mm, before[end], after[end], strict=True))
        made.append(replace(via, at_mm=(at[0], at[1])))
    return tuple(made)
