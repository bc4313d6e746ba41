"""A filter as parts between nodes, without values: ladders, sections and read decks alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

PartKind = Literal["inductor", "capacitor", "resistor"]

GROUND: Final = 0
INPUT: Final = 1
OUTPUT: Final = 2


@dataclass(frozen=True, slots=True)
class Part:
    """An inductor, capacitor or resistor between two nodes."""

    name: str
    kind: PartKind
    a: int
    b: int


@dataclass(frozen=True, slots=True)
class OpAmpAt:
    """An op-amp between nodes."""

    plus: int
    minus: int
    out: int


@dataclass(frozen=True, slots=True)
class Topology:
    """Which parts are where.

    Attributes:
        name: What it is called, as ``cLcLc`` or ``sk_lp2+mfb_lp2``.
        parts: In the order of the values of a design.
        opamps: Op-amps.
        nodes: Number of nodes; 0 is ground, 1 the input, 2 the output.
    """

    name: str
    parts: tuple[Part, ...]
    nodes: int
    opamps: tuple[OpAmpAt, ...] = ()

    @property
    def size(self) -> int:
        """Number of parts."""
        return len(self.parts)
