"""What may be asked of a new circuit beside its type: bins of size, polarity, supply, figures.

A condition is an option: the model has learned with any of them left out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import SpecError
from eda.topology.parts import KINDS, NMOS, NPN, PMOS, PNP, VIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.topology.circuit import Topology

POLARITIES: Final = ("n", "p", "both")
BINS: Final[dict[str, tuple[float, ...]]] = {
    "devices": (5, 9, 13, 17, 25, 33, 49),
    "polarity": (1, 2),
    "supply_v": (2.5,),
    "gain_db": (20, 40, 60, 80),
    "unity_gain_hz": (1e6, 1e7, 1e8),
    "power_w": (1e-4, 1e-3),
    "works": (1,),
}
"""Conditions, and where one bin ends and the next begins."""

UNITS: Final = {
    **{"devices": "", "polarity": "", "supply_v": "V", "gain_db": "dB"},
    **{"unity_gain_hz": "Hz", "power_w": "W", "works": ""},
}

OFFSETS: Final = dict(
    zip(BINS, np.cumsum([0, *(len(edges) + 1 for edges in BINS.values())]).tolist(), strict=False)
)
NUM_BINS: Final = sum(len(edges) + 1 for edges in BINS.values())


def bins_of(values: Mapping[str, float]) -> list[int]:
    """Return the numbers of the bins that values fall into; unknown (NaN) ones have none.

    Example:
        >>> bins_of({"devices": 12, "gain_db": 47.0})
        [2, 15]
    """
    return [
        OFFSETS[name] + int(np.searchsorted(BINS[name], value, side="right"))
        for name, value in values.items()
        if name in BINS and not math.isnan(value)
    ]


def bin_vector(values: Mapping[str, float]) -> NDArray[np.float32]:
    """Return float32 [`NUM_BINS`]: 1 for each bin that a value falls into."""
    made = np.zeros(NUM_BINS, dtype=np.float32)
    made[bins_of(values)] = 1
    return made


def structure_of(topology: Topology) -> dict[str, float]:
    """Return the conditions that the circuit itself tells: its size, its inputs' polarity."""
    found = {"devices": float(len(topology))}
    inputs = {net for net, own in enumerate(topology.net_class) if own == VIN}
    seen = set()
    for kind, pins in topology.devices:
        if kind in (NMOS, PMOS, NPN, PNP) and pins[1] in inputs:
            seen.add(KINDS[kind].polarity)
    if seen:
        found["polarity"] = 2.0 if len(seen) == 2 else float("np".index(seen.pop()))
    return found


def conditions_of(spec: Mapping[str, Any], *, where: str = "the spec") -> dict[str, float]:
    """Return conditions from what a user wrote.

    Args:
        spec: Values by name of the condition; ``polarity`` is ``n``, ``p`` or ``both``.
        where: What it is called in messages.

    Raises:
        SpecError: There is no such condition, or the value makes no sense.

    Example:
        >>> conditions_of({"gain_db": 60, "polarity": "p"})
        {'gain_db': 60.0, 'polarity': 1.0}
    """
    made: dict[str, float] = {}
    for name, value in spec.items():
        if name not in BINS or name == "works":
            known = ", ".join(item for item in BINS if item != "works")
            raise SpecError(f"{where}: there is no condition {name!r}; there are {known}")
        if name == "polarity":
            if value not in POLARITIES:
                raise SpecError(f"{where}: polarity is {value!r}; it is one of n, p, both")
            made[name] = float(POLARITIES.index(value))
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise SpecError(f"{where}: {name} is {value!r}; it must be a number")
        if not math.isfinite(value):
            raise SpecError(f"{where}: {name} is {value!r}; it must be a finite number")
        made[name] = float(value)
    return made
