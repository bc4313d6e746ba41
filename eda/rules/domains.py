"""Rule on voltage domains: transistors with a thin oxide on a supply that is too high for it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.graph.net_classes import dc_value, is_signal_source
from eda.rules.finding import Finding, Rule
from eda.spice.primitives import primitive_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from eda.rules.electrical import Electrical

TOLERANCE: Final = 1.1
"""Supplies may be a tenth above what a device is rated for."""


def _find_too_high(rule: Rule, view: Electrical) -> Iterator[Finding]:
    devices, ratings = _rated(view)
    if not len(devices):
        return
    volts = known_voltages(view)
    known = volts[~np.isnan(volts)]
    lowest = float(known.min()) if len(known) else 0.0
    padded = np.append(volts, np.nan)
    pins = np.stack([padded[view.net_of_role(role)[devices]] for role in "gdsb"])
    # Across the oxide: between the gate and any other pin, where both are known.
    stress = np.nan_to_num(np.abs(pins[1:] - pins[0])).max(axis=0)
    # A PMOS in a well at the supply sees all of it when its gate goes to the lowest rail.
    well = np.where(view.is_type("pmos")[devices], np.nan_to_num(pins[3] - lowest), 0.0)
    stress = np.maximum(stress, well)
    for at in np.flatnonzero(stress > ratings * TOLERANCE).tolist():
        device = view.device(int(devices[at]))
        message = (
            f"{device.name} ({device.model}) is made for {ratings[at]:g} V "
            f"and stands across {stress[at]:g} V"
        )
        yield rule.finding(message, device.span, [device.name])


def _rated(view: Electrical) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the transistors whose primitive has a rated voltage, and that voltage."""
    table = primitive_table()
    found = np.flatnonzero(view.is_kind("mosfet"))
    models = [view.graph.device_model[at] for at in found.tolist()]
    rating = {
        model: primitive.rated_v if (primitive := table.find(model)) is not None else 0.0
        for model in dict.fromkeys(models)
    }
    ratings = np.array([rating[model] for model in models], dtype=np.float64)
    return found[ratings > 0], ratings[ratings > 0]


def known_voltages(view: Electrical) -> NDArray[np.float64]:
    """float64 [nets]: the voltage where constant sources tie the net to ground, else NaN."""
    around: dict[int, list[tuple[int, float]]] = {}
    plus, minus = view.net_of_role("p"), view.net_of_role("n")
    for at in np.flatnonzero(view.is_kind("vsource")).tolist():
        device = view.device(at)
        volts = None if is_signal_source(device) else dc_value(device)
        if volts is not None:
            around.setdefault(int(minus[at]), []).append((int(plus[at]), volts))
            around.setdefault(int(plus[at]), []).append((int(minus[at]), -volts))
    found = np.full(view.graph.num_nets, np.nan)
    queue = deque(np.flatnonzero(view.is_ground).tolist())
    found[list(queue)] = 0.0
    while queue:
        net = queue.popleft()
        for other, volts in around.get(net, ()):
            if np.isnan(found[other]):
                found[other] = found[net] + volts
                queue.append(other)
    return found


VOLTAGE_DOMAIN: Final = Rule(
    "voltage_domain",
    "warning",
    "a transistor of a known process kit on a direct supply above what its oxide is made for; "
    "silent where neither the kit nor the supply is known",
    "The oxide wears out or breaks, and the model knows nothing of it.",
    "take the transistor with the thicker oxide, or the lower supply",
    _find_too_high,
)
