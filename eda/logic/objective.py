"""What is to become small: ANDs, levels, or their product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.errors import InputError

if TYPE_CHECKING:
    from eda.aig import Aig

OBJECTIVES: Final = ("ands", "levels", "product")


@dataclass(frozen=True, slots=True)
class Objective:
    """One of `OBJECTIVES`.

    Raises:
        InputError: There is none of this name.
    """

    name: str

    def __post_init__(self) -> None:
        """Check the name."""
        if self.name not in OBJECTIVES:
            raise InputError(
                f"there is no objective {self.name!r}; there are: {', '.join(OBJECTIVES)}"
            )

    def key(self, aig: Aig) -> tuple[int, int]:
        """Return what is compared: less is better; the second decides where the first ties."""
        ands, levels = aig.num_ands, aig.depth
        if self.name == "ands":
            return ands, levels
        if self.name == "levels":
            return levels, ands
        return ands * levels, ands

    def gain(self, before: Aig, after: Aig) -> float:
        """Return by which share the first figure became smaller, 0 where it did not."""
        old, new = self.key(before)[0], self.key(after)[0]
        return max(0.0, (old - new) / old) if old else 0.0
