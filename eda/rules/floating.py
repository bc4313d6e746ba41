"""Rules on nets that lead nowhere: floating gates, dangling nets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.rules.finding import Finding, Rule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eda.rules.electrical import Electrical

NO_CONNECT: Final = re.compile(
    r"(.*[./])?(nc[-_]?\d*|nc_\w+|no_?connect\w*|unconnected(\W.*)?)", re.IGNORECASE
)
"""Names of nets that are meant to be open."""


def floating_gate_message(net: str, devices: Sequence[str]) -> str:
    """Return what is wrong with a net that only the gates of these devices are on."""
    gate = "gate" if len(devices) == 1 else "gates"
    return f"net {net} reaches only the {gate} of {listed(devices)}"


def _find_floating_gates(rule: Rule, view: Electrical) -> Iterator[Finding]:
    for net in np.flatnonzero(view.only_gates).tolist():
        devices = view.devices_of_net(net)
        names = [device.name for device in devices]
        message = floating_gate_message(view.net_name(net), names)
        yield rule.finding(
            message, devices[0].span, [view.net_name(net), *names], strict=rule.strict[0]
        )


FLOATING_GATE: Final = Rule(
    "floating_gate",
    "error",
    "a net that reaches nothing but gates",
    "Nothing sets the voltage of the gate, so the transistor's state is undefined.",
    "connect the gate to the net that drives it, or the net to a driver",
    _find_floating_gates,
    strict=("R5",),
    simulator="singular matrix",
)


def dangling_message(net: str, roles: Sequence[str], device: str) -> str:
    """Return what is wrong with a net that only these pins of one device are on."""
    pin = "pin" if len(roles) == 1 else "pins"
    return f"net {net} is only on {pin} {', '.join(roles)} of {device}"


def _find_dangling_nets(rule: Rule, view: Electrical) -> Iterator[Finding]:
    dangling = (view.device_count == 1) & ~view.is_outside & ~view.is_ground
    dangling &= ~view.only_gates & ~view.only_bulks & view.has_dc_path
    if not dangling.any():
        return
    kept = {name.lower() for name in view.flat.globals} | view.probed_nets
    for net in np.flatnonzero(dangling).tolist():
        name = view.net_name(net)
        if name.lower() in kept or NO_CONNECT.fullmatch(name):
            continue
        pins = view.pins_of_net(net).tolist()
        device = view.device(int(view.graph.edge_device[pins[0]]))
        roles = [view.graph.role_names[view.graph.edge_role[pin]] for pin in pins]
        message = dangling_message(name, roles, device.name)
        yield rule.finding(message, device.span, [name, device.name], strict=rule.strict[0])


DANGLING_NET: Final = Rule(
    "dangling_net",
    "warning",
    "a net that reaches one device only",
    "A net on a single device carries no current: a wire is missing, or the name is misspelt.",
    "connect the net to a second device, or remove the device",
    _find_dangling_nets,
    strict=("R3",),
)
