"""The board a microstrip circuit lies on, and the constants of free space."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

LIGHT_M_PER_S: Final = 299_792_458.0
MU0_H_PER_M: Final = 4e-7 * math.pi
ETA0_OHM: Final = MU0_H_PER_M * LIGHT_M_PER_S


@dataclass(frozen=True, slots=True)
class Substrate:
    """A dielectric on a ground plane, with copper on it.

    Attributes:
        er: Relative permittivity of the dielectric.
        height_m: Its thickness.
        tan_delta: Its loss tangent.
        sigma_s_per_m: Conductivity of the copper.
        thickness_m: Thickness of the copper; the closed forms take it as zero.
        roughness_m: Roughness of the copper, for the record.
        name: What the maker calls it.
    """

    er: float
    height_m: float
    tan_delta: float = 0.0
    sigma_s_per_m: float = 5.8e7
    thickness_m: float = 35e-6
    roughness_m: float = 0.0
    name: str = ""

    def surface_ohm(self, frequency_hz: float) -> float:
        """Return the surface resistance of the copper, in ohm per square."""
        return math.sqrt(math.pi * frequency_hz * MU0_H_PER_M / self.sigma_s_per_m)
