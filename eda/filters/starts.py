"""Starts: a circuit, values, and where they come from, the same for ladders and cascades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eda.filters.network import Topology
from eda.filters.spec import ActiveLimits, FilterSpec, LumpedLimits, PartRule

Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Start:
    """A design to begin from.

    Attributes:
        topology: The circuit.
        values: Of its parts, in SI units.
        origin: How it was made, for people.
    """

    topology: Topology
    values: tuple[float, ...]
    origin: str


def textbook(spec: FilterSpec, *, plain: bool = False) -> list[Start]:
    """Return what a handbook would try for a specification.

    Args:
        spec: A lumped or active one.
        plain: Whether to make one variant of each circuit only.
    """
    from eda.filters.candidates import all_choices, candidates, plain_choices
    from eda.filters.cascades import cascades
    from eda.filters.words import ladder

    if spec.technology == "active_rc":
        return cascades(spec, plain=plain)
    return [
        Start(ladder(item.ladder.word), item.ladder.values, item.origin)
        for item in candidates(spec, plain_choices(spec) if plain else all_choices(spec))
    ]


def rule_of(spec: FilterSpec, kind: str) -> PartRule:
    """Return which values a kind of part may have in a specification."""
    limits = spec.limits
    if isinstance(limits, LumpedLimits):
        return limits.inductor if kind == "inductor" else limits.capacitor
    if isinstance(limits, ActiveLimits):
        return limits.resistor if kind == "resistor" else limits.capacitor
    raise TypeError(f"{spec.technology} has no {kind}")


def rules_of(spec: FilterSpec, topology: Topology) -> list[PartRule]:
    """Return the rule of every part."""
    return [rule_of(spec, part.kind) for part in topology.parts]


def log_bounds(rules: Sequence[PartRule]) -> tuple[Real, Real]:
    """Return the smallest and largest logarithm of values under these rules."""
    return np.log([rule.low for rule in rules]), np.log([rule.high for rule in rules])
