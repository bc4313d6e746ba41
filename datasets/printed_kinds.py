"""Which printed filters are drawn how often, and the common boards they are drawn for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from eda.errors import DatasetError


@dataclass(frozen=True, slots=True)
class Kind:
    """What is drawn how often.

    Attributes:
        family: As layouts name it.
        response: ``bandpass``, ``lowpass`` or ``bandstop``.
        order: As the limits count it.
        weight: How often, relative to the others.
        order_unseen: Whether this order is kept out of training.
        apart: Name that it has to be asked for by; other sets are drawn without it.
    """

    family: str
    response: str
    order: int
    weight: float
    order_unseen: bool = False
    apart: str = ""

    @property
    def name(self) -> str:
        """What it is asked for by."""
        return self.apart or self.family


KINDS: Final[tuple[Kind, ...]] = (
    *(Kind("hairpin", "bandpass", order, weight) for order, weight in ((2, 16), (3, 16), (4, 13))),
    Kind("hairpin", "bandpass", 5, 5, True),
    *(Kind("edge_coupled", "bandpass", order, w) for order, w in ((2, 8), (3, 8), (4, 5))),
    Kind("edge_coupled", "bandpass", 5, 2, True),
    *(Kind("stub", "lowpass", order, 5) for order in (3, 5, 7)),
    Kind("stub", "lowpass", 9, 3, True),
    *(Kind("stub", "bandstop", order, 2) for order in (1, 2, 3)),
    *(Kind("stepped_impedance", "lowpass", order, 2) for order in (3, 5)),
    *(Kind("open_loop", "bandpass", order, 5, apart="open_loop") for order in (2, 3)),
    Kind("open_loop", "bandpass", 4, 2, True, apart="open_loop"),
    Kind("edge_coupled", "bandstop", 2, 1, apart="notch"),
)
FAMILIES: Final = tuple(dict.fromkeys(kind.name for kind in KINDS))

BOARDS: Final[tuple[tuple[str, float, float, float], ...]] = (
    ("FR-4", 4.4, 1.6, 0.02),
    ("FR-4", 4.4, 0.8, 0.02),
    ("RO4350B", 3.66, 0.508, 0.0037),
    ("RO4350B", 3.66, 0.762, 0.0037),
    ("RO4003C", 3.55, 0.508, 0.0027),
    ("RO4003C", 3.55, 0.813, 0.0027),
    ("RT5880", 2.2, 0.508, 0.0009),
    ("RT5880", 2.2, 0.787, 0.0009),
    ("alumina", 9.8, 0.254, 0.0002),
    ("alumina", 9.8, 0.635, 0.0002),
)
"""Name, permittivity, height in mm and loss tangent of common boards."""


def kinds_of(family: str | None) -> tuple[Kind, ...]:
    """Return the kinds that are drawn for a family, or where none is asked for.

    Raises:
        DatasetError: There is no such family.
    """
    if family not in (None, *FAMILIES):
        raise DatasetError(
            f"no printed filter is of family {family!r}; there are {', '.join(FAMILIES)}"
        )
    return tuple(k for k in KINDS if (not k.apart if family is None else k.name == family))
