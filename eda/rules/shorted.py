"""Rules on devices that do nothing or stand twice: shorted ones, identical ones side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.circuit import KINDS
from eda.rules.finding import Finding, Rule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.circuit import Device, Severity, Span
    from eda.rules.electrical import Electrical

ENDS: Final[dict[str, tuple[str, str]]] = {
    **dict.fromkeys(("resistor", "capacitor", "inductor", "vsource", "isource"), ("p", "n")),
    **dict.fromkeys(("vcvs", "ccvs"), ("p", "n")),
    **dict.fromkeys(("mosfet", "jfet", "mesfet"), ("d", "s")),
    "diode": ("a", "k"),
    "bipolar": ("c", "e"),
}
"""Kinds of device, and the two roles between which their current flows."""

_PASSIVE: Final = frozenset(("resistor", "capacitor", "inductor"))
_UNSOLVABLE: Final = frozenset(("vsource", "vcvs", "ccvs", "inductor"))


def shorted_finding(
    rule: Rule, device: str, kind: str, span: Span, *, net: str, all_pins: bool
) -> Finding:
    """Return the finding on a device with both ends on one net.

    Args:
        rule: `SHORTED_DEVICE`.
        device: Its name.
        kind: Its kind.
        span: Where it is.
        net: The net.
        all_pins: Whether the gate or base is there too.
    """
    what = "all pins" if all_pins and kind not in _PASSIVE else "both ends"
    message = f"{what} of {device} are on {net}"
    if kind == "mosfet" and not all_pins:
        message += ": at best it is a capacitor"
    strict = "R2" if kind in _PASSIVE else "R4" if kind == "mosfet" and all_pins else ""
    severity: Severity = "error" if kind in _UNSOLVABLE else "warning"
    return rule.finding(message, span, [device], severity=severity, strict=strict)


def _find_shorted(rule: Rule, view: Electrical) -> Iterator[Finding]:
    found: list[int] = []
    for ends in sorted(set(ENDS.values())):
        one, other = (view.net_of_role(role) for role in ends)
        kinds = [kind for kind, roles in ENDS.items() if roles == ends]
        shorted = view.is_kind(*kinds) & (one == other) & (one >= 0)
        found += np.flatnonzero(shorted).tolist()
    control = {"mosfet": "g", "jfet": "g", "mesfet": "g", "bipolar": "b"}
    for at in sorted(found):
        device = view.device(at)
        net = int(view.net_of_role(ENDS[device.kind][0])[at])
        role = control.get(device.kind)
        all_pins = role is None or int(view.net_of_role(role)[at]) == net
        yield shorted_finding(
            rule,
            device.name,
            device.kind,
            device.span,
            net=device.net(ENDS[device.kind][0]),
            all_pins=all_pins,
        )


SHORTED_DEVICE: Final = Rule(
    "shorted_device",
    "warning",
    "a device with both ends on one net; an error for sources of voltage and inductors",
    "No current flows through it, so it does nothing, or is at best a capacitor to its gate.",
    "move one end to the net it was meant for, or remove the device",
    _find_shorted,
    strict=("R2", "R4"),
)

_MERGEABLE: Final = frozenset(
    ("mosfet", "bipolar", "diode", "jfet", "mesfet", "resistor", "capacitor")
)


def _find_parallel(rule: Rule, view: Electrical) -> Iterator[Finding]:
    for group in _same_nets(view):
        alike: dict[tuple[object, ...], list[Device]] = {}
        for at in group:
            device = view.device(at)
            alike.setdefault(_description(device), []).append(device)
        for devices in alike.values():
            if len(devices) > 1:
                names = [device.name for device in devices]
                message = f"{listed(names)} are alike and in parallel"
                yield rule.finding(message, devices[0].span, names)


def _same_nets(view: Electrical) -> Iterator[list[int]]:
    """Yield devices of one type whose pins are on the same nets, ends swapped or not."""
    graph = view.graph
    for name in sorted(_MERGEABLE):
        devices = np.flatnonzero(view.is_kind(name))
        if len(devices) < 2:
            continue
        columns = [view.net_of_role(role)[devices] for role in KINDS[name].roles]
        swap = [KINDS[name].roles.index(role) for role in KINDS[name].swappable]
        if swap:
            low, high = (pick(columns[swap[0]], columns[swap[1]]) for pick in _MIN_MAX)
            columns[swap[0]], columns[swap[1]] = low, high
        keys = np.stack([graph.device_type[devices].astype(np.int64), *columns])
        order = np.lexsort(keys)
        sorted_keys = keys[:, order]
        new = np.append(True, (sorted_keys[:, 1:] != sorted_keys[:, :-1]).any(axis=0))
        starts = np.append(np.flatnonzero(new), len(order))
        sizes = np.diff(starts)
        for at in np.flatnonzero(sizes > 1).tolist():
            yield sorted(devices[order[starts[at] : starts[at + 1]]].tolist())


_MIN_MAX: Final = (np.minimum, np.maximum)


def _description(device: Device) -> tuple[object, ...]:
    return device.model.lower(), *sorted(
        (key, repr(value)) for key, value in device.parameters.items()
    )


PARALLEL_IDENTICAL: Final = Rule(
    "parallel_identical",
    "info",
    "devices of one model and one size with their pins on the same nets",
    "One device with a multiplier (m=) says the same, simulates faster and is laid out as one.",
    "write one of them with m=, and remove the others",
    _find_parallel,
)
