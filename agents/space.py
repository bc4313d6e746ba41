"""The design space of a case as a unit cube, in which agents move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from eda.spice.case import Case
    from eda.spice.case_parts import DesignParameter

Floats = NDArray[np.float64]
Design = dict[str, float]


@dataclass(frozen=True)
class DesignSpace:
    """Parameters with their ranges; a point of the cube is a design.

    Example:
        >>> from eda.spice import example_case
        >>> space = DesignSpace.of(example_case())
        >>> space.size, space.design([0.5] * 11)["m_out"]
        (11, 4.0)
    """

    parameters: tuple[DesignParameter, ...]

    @classmethod
    def of(cls, case: Case) -> DesignSpace:
        """Return the space of a case."""
        return cls(case.design_parameters)

    @property
    def size(self) -> int:
        """The number of parameters."""
        return len(self.parameters)

    def design(self, point: Sequence[float] | NDArray[Any]) -> Design:
        """Return the allowed design nearest to a point: whole numbers where they must be."""
        return {
            item.name: item.from_unit(float(min(max(value, 0.0), 1.0)))
            for item, value in zip(self.parameters, point, strict=True)
        }

    def designs(self, points: Floats) -> list[Design]:
        """Return the designs of points, [n, size]."""
        return [self.design(point) for point in points]

    def point(self, design: Mapping[str, float]) -> Floats:
        """Return the point of a design, [size]."""
        return np.array([min(max(p.to_unit(design[p.name]), 0.0), 1.0) for p in self.parameters])

    def points(self, designs: Sequence[Mapping[str, float]]) -> Floats:
        """Return the points of designs, [n, size]."""
        return np.array([self.point(design) for design in designs]).reshape(-1, self.size)

    def snapped(self, points: Floats) -> Floats:
        """Return points moved to where their designs lie, for whole numbers."""
        made = np.clip(points, 0.0, 1.0)
        for at, item in enumerate(self.parameters):
            if item.kind == "integer":
                made[:, at] = [item.to_unit(item.from_unit(float(value))) for value in made[:, at]]
        return made

    def spread(self, count: int, rng: np.random.Generator) -> Floats:
        """Return points that fill the cube evenly (Sobol's sequence, scrambled)."""
        from scipy.stats import qmc

        power = max(int(np.ceil(np.log2(max(count, 1)))), 0)
        made = qmc.Sobol(self.size, seed=int(rng.integers(2**31))).random_base2(power)
        return np.asarray(made[:count], dtype=np.float64)
