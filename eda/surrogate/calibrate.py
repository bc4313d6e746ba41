"""How wide intervals must be for circuits that a network never saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eda.surrogate.ensemble import LEAST_SPREAD, MOST_SPREAD, SPREAD_SHIFT
from eda.surrogate.forward import run_network
from eda.surrogate.heads import margin_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from eda.surrogate.samples import Sample
    from eda.surrogate.weights import Weights


def calibrate(
    samples: Sequence[Sample], members: Sequence[Weights], groups: Sequence[set[str]]
) -> dict[str, Any]:
    """Return what covers 90 % of the errors on topologies that a member never saw.

    The margin of a kind of metric is in the spreads that the network states. Coverage is measured
    with margins of the other topologies only.
    """
    scores: dict[str, dict[str, list[NDArray[Any]]]] = {}
    for item in samples:
        outside = [m for m, g in zip(members, groups, strict=True) if item.topology in g]
        for member in outside or members:
            zero = np.zeros_like(item.inputs.answer)
            value, log_spread, _, _ = run_network(member, item.inputs, zero, zero)
            spread = np.clip(log_spread + SPREAD_SHIFT, LEAST_SPREAD, MOST_SPREAD)
            error = np.abs(value - item.target) * np.exp(-spread)
            for at, kind in enumerate(item.kinds):
                live = (item.defined[:, at] * item.alive) > 0
                scores.setdefault(kind, {}).setdefault(item.case, []).append(error[live, at])
    margins = {kind: _margin(found) for kind, found in scores.items()}
    held: list[float] = []
    for found in scores.values():
        for case, errors in found.items():
            others = {name: value for name, value in found.items() if name != case}
            if others:
                margin = _margin(others)
                held.append(float((np.concatenate(errors) <= margin).mean()))
    everything = [m for m in margins.values()]
    return {
        "margins": {kind: round(value, 4) for kind, value in margins.items()},
        "other": round(float(np.max(everything)), 4) if everything else 10.0,
        "coverage_unseen": round(float(np.mean(held)), 4) if held else None,
    }


def _margin(found: Mapping[str, Sequence[NDArray[Any]]]) -> float:
    """Return the margin over cases, each of which counts the same."""
    rng = np.random.default_rng(0)
    parts = []
    for errors in found.values():
        joined = np.concatenate(errors)
        if len(joined):
            parts.append(rng.choice(joined, 400))
    return margin_of(np.concatenate(parts)) if parts else 10.0
