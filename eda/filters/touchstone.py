"""``filter.s2p``: the simulated S-parameters as a Touchstone file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eda.filters.spec import FilterSpec


def touchstone_text(
    spec: FilterSpec, frequency_hz: NDArray[np.float64], s: NDArray[np.complex128]
) -> str:
    """Return a Touchstone 1 file of power waves.

    Args:
        spec: Its ports; the option line names the source's resistance, a comment names both.
        frequency_hz: Ascending.
        s: Points x 2 x 2.
    """
    lines = [
        f"! {spec.id}",
        f"! z0 {spec.zs_ohm:.12g} {spec.zl_ohm:.12g}",
        f"# Hz S RI R {spec.zs_ohm:.12g}",
    ]
    # Version 1 writes the columns of a two-port first: S11 S21 S12 S22.
    ordered = s.transpose(0, 2, 1).reshape(len(s), 4)
    for at, row in zip(frequency_hz, ordered, strict=True):
        numbers = " ".join(f"{value.real:.12g} {value.imag:.12g}" for value in row)
        lines.append(f"{at:.15g} {numbers}")
    return "\n".join(lines) + "\n"
