"""How far the drawing of sizes lies inside its limits: what keeps a search where it may go.

Widths and the gaps of pairs are bounds of the sizes themselves. The footprint, and the space
between strips that must not couple, depend on several sizes at once; here they are distances in
millimetres that must not be negative, for many designs of one template at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.microstrip.limits import APART_HEIGHTS, FACING_HEIGHTS, MicrostripLimits
from eda.filters.microstrip.template import Template

Real = NDArray[np.float64]

_STEP: Final = 1e-4
_ROUNDED_STEPS: Final = 2.0
"""Sizes are rounded to the grid later: a footprint may grow by a step or two."""


@dataclass(frozen=True)
class Fences:
    """The limits of a template's drawings that are no bounds of single sizes.

    Attributes:
        template: What is drawn.
        limits: What the drawing must keep.
        spare_mm: Set aside for the rounding to the grid.
    """

    template: Template
    limits: MicrostripLimits
    spare_mm: float = 0.0

    @classmethod
    def free(cls, template: Template, limits: MicrostripLimits) -> Fences:
        """Return the fences of sizes that are not on the grid yet."""
        return cls(template, limits, _ROUNDED_STEPS * limits.grid_mm)

    def slack_mm(self, values_mm: Real, *, grid_mm: float = 0.0) -> Real:
        """Return the distances of designs, designs x fences; negative where one is broken.

        Args:
            values_mm: Designs x sizes.
            grid_mm: The grid that derived lengths are drawn on, too.
        """
        drawn = [self.template.draw(values, grid_mm) for values in values_mm]
        strips = drawn[0].strips
        boxes = np.array([[strip.box_mm for strip in layout.strips] for layout in drawn])
        wide = boxes[:, :, 2].max(1) - boxes[:, :, 0].min(1)
        high = boxes[:, :, 3].max(1) - boxes[:, :, 1].min(1)
        most = self.limits.footprint_mm
        ways = [np.stack([most[at] - wide, most[1 - at] - high], axis=1) for at in (0, 1)]
        turned = ways[1].min(1) > ways[0].min(1)
        footprint = np.where(turned[:, None], ways[1], ways[0]) - self.spare_mm
        a, b = np.triu_indices(len(strips), 1)
        nodes = [set(strip.nodes) for strip in strips]
        flat = np.array([strip.horizontal for strip in strips])
        declared = {frozenset(pair) for pair in drawn[0].coupled}
        joined = np.array([bool(nodes[i] & nodes[j]) for i, j in zip(a, b, strict=True)])
        paired = np.array(
            [
                frozenset((strips[i].name, strips[j].name)) in declared
                for i, j in zip(a, b, strict=True)
            ]
        )
        first, second = boxes[:, a], boxes[:, b]
        across = np.maximum(second[..., 0] - first[..., 2], first[..., 0] - second[..., 2])
        up = np.maximum(second[..., 1] - first[..., 3], first[..., 1] - second[..., 3])
        space = np.hypot(np.maximum(across, 0.0), np.maximum(up, 0.0))
        beside = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(
            first[..., :2], second[..., :2]
        )
        facing = np.where(flat[a], beside[..., 0], beside[..., 1])
        height = 1e3 * self.limits.substrate.height_m
        # Either far apart, or hardly beside each other.
        apart = np.maximum(space - APART_HEIGHTS * height, FACING_HEIGHTS * height - facing)
        parallel = (flat[a] == flat[b]) & ~paired
        gaps = ~joined & ~paired
        return np.concatenate(
            [footprint, apart[:, parallel], space[:, gaps] - self.limits.min_gap_mm], axis=1
        )

    def broken_mm(self, values_mm: Real, *, grid_mm: float = 0.0) -> Real:
        """Return by how much the worst fence of each design is broken; 0 where all stand."""
        least = self.slack_mm(values_mm, grid_mm=grid_mm).min(axis=1)
        return np.asarray(np.maximum(0.0, -least))

    def linearised(self, log_values: Real) -> tuple[Real, Real]:
        """Return the distances of one design, and their slopes by logarithms: fences x sizes."""
        around = np.concatenate([log_values[None], log_values + _STEP * np.eye(len(log_values))])
        slack = self.slack_mm(np.exp(around))
        return slack[0], ((slack[1:] - slack[0]) / _STEP).T
