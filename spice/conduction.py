"""Which transistors of a circuit conduct at its operating point: MOS, bipolar, JFET, MESFET."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.circuit.polarity import TRANSISTORS
from eda.spice.measures.operating_point import mos_operating_points, mos_saves

if TYPE_CHECKING:
    from eda.circuit import Circuit, Device

CONDUCTS_A: Final = 10e-9
"""A transistor with less current than this counts as off."""
FORWARD_V: Final = 0.4
"""A junction with more than this across it counts as forward biased."""

_ASKED: Final = {
    "bipolar": ("ic", "vbe", "vbc"),
    "jfet": ("id",),
    "mesfet": ("id",),
}


@dataclass(frozen=True, slots=True)
class Conduction:
    """One transistor at rest.

    Attributes:
        device: Its name.
        current_a: Magnitude of its drain or collector current, in A; NaN where not known.
        region: For MOS see `eda.spice.measures.mos_region`; for bipolar ``active``,
            ``saturation``, ``reverse`` or ``off``; for the others ``on`` or ``off``; or
            ``unknown``.
        on: Whether it conducts; None where not known.
    """

    device: str
    current_a: float
    region: str
    on: bool | None


def conduction_saves(circuit: Circuit) -> tuple[str, ...]:
    """Return what a simulation must save for `conduction` to know every transistor.

    Transistors whose model card is not in the circuit are left out.
    """
    flat = circuit.flatten()
    known = {name.lower().split(".")[0] for name in flat.models}
    return (
        *mos_saves(circuit),
        *(
            f"@{device.name.lower()}[{name}]"
            for device in flat.devices
            if device.model.lower().split(".")[0] in known
            for name in _ASKED.get(device.kind, ())
        ),
    )


def conduction(circuit: Circuit, values: Mapping[str, float]) -> tuple[Conduction, ...]:
    """Return how each transistor of a circuit fares, in circuit order.

    Args:
        circuit: Flat or hierarchical.
        values: An operating point that holds what `conduction_saves` names.
    """
    points = mos_operating_points(values)
    made = []
    for device in circuit.flatten().devices:
        if device.kind not in TRANSISTORS:
            continue
        key = device.name.lower()
        if device.kind == "mosfet":
            point = points.get(key)
            current = abs(point.id_a) if point is not None else math.nan
            region: str = point.region if point is not None else "unknown"
            on = None if math.isnan(current) else current > CONDUCTS_A and region != "off"
            made.append(Conduction(device.name, current, region, on))
        else:
            made.append(_other(device, key, values))
    return tuple(made)


def _other(device: Device, key: str, values: Mapping[str, float]) -> Conduction:
    asked = _ASKED[device.kind]
    current = abs(values.get(f"@{key}[{asked[0]}]", math.nan))
    if math.isnan(current):
        return Conduction(device.name, current, "unknown", None)
    on = current > CONDUCTS_A
    if not on:
        return Conduction(device.name, current, "off", on)
    if device.kind != "bipolar":
        return Conduction(device.name, current, "on", on)
    emitter = values.get(f"@{key}[vbe]", math.nan) > FORWARD_V
    collector = values.get(f"@{key}[vbc]", math.nan) > FORWARD_V
    region = {
        (True, False): "active",
        (True, True): "saturation",
        (False, True): "reverse",
    }.get((emitter, collector), "off")
    return Conduction(device.name, current, region, on)
