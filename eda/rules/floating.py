"""Rules on nets that nothing drives: floating gates, dangling nets, no path for direct current."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.rules.finding import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eda.circuit import Device
    from eda.rules.electrical import Electrical

_NO_CONNECT: Final = re.compile(
    r"(.*[./])?(nc[-_]?\d*|nc_\w+|no_?connect\w*|unconnected(\W.*)?)", re.IGNORECASE
)
_SHOWN: Final = 20


def _names(names: Sequence[str]) -> str:
    """Return names for a message, not too many of them."""
    shown = ", ".join(names[:4])
    return shown if len(names) <= 4 else f"{shown} and {len(names) - 4} more"


def _finding(rule: Rule, message: str, device: Device, objects: Sequence[str]) -> Finding:
    return Finding(rule.id, rule.severity, message, device.span, tuple(objects[:_SHOWN]), rule.mend)


def _find_floating_gates(rule: Rule, view: Electrical) -> Iterator[Finding]:
    for net in np.flatnonzero(view.only_gates).tolist():
        devices = view.devices_of_net(net)
        names = [device.name for device in devices]
        gate = "gate" if len(names) == 1 else "gates"
        message = f"net {view.net_name(net)} reaches only the {gate} of {_names(names)}"
        yield _finding(rule, message, devices[0], [view.net_name(net), *names])


FLOATING_GATE: Final = Rule(
    "floating_gate",
    "error",
    "Nothing sets the voltage of the gate, so the transistor's state is undefined.",
    "connect the gate to the net that drives it, or the net to a driver",
    _find_floating_gates,
)


def _find_dangling_nets(rule: Rule, view: Electrical) -> Iterator[Finding]:
    dangling = (view.graph.net_degree == 1) & ~view.is_outside & ~view.is_ground
    dangling &= ~view.only_gates & view.has_dc_path
    if not dangling.any():
        return
    kept = {name.lower() for name in view.flat.globals} | view.probed_nets
    for net in np.flatnonzero(dangling).tolist():
        name = view.net_name(net)
        if name.lower() in kept or _NO_CONNECT.fullmatch(name):
            continue
        pin = int(view.pins_of_net(net)[0])
        device = view.device(int(view.graph.edge_device[pin]))
        role = view.graph.role_names[view.graph.edge_role[pin]]
        message = f"net {name} is only on pin {role} of {device.name}"
        yield _finding(rule, message, device, [name, device.name])


DANGLING_NET: Final = Rule(
    "dangling_net",
    "warning",
    "A net with a single pin carries no current: a wire is missing, or the name is misspelt.",
    "connect the net to a second pin, or remove the device",
    _find_dangling_nets,
)


def _find_no_dc_path(rule: Rule, view: Electrical) -> Iterator[Finding]:
    bad = ~view.has_dc_path & ~view.only_gates & (view.graph.net_degree > 0)
    nets = np.flatnonzero(bad)
    if not len(nets):
        return
    current = np.zeros(view.graph.num_nets, dtype=np.bool_)
    current[view.graph.edge_net[_current_pins(view)]] = True
    islands: dict[int, list[int]] = {}
    for net, island in zip(nets.tolist(), view.dc_component[nets].tolist(), strict=True):
        islands.setdefault(island, []).append(net)
    for members in islands.values():
        names = [view.net_name(net) for net in members]
        device = view.devices_of_net(members[0])[0]
        subject = f"net {names[0]} has" if len(names) == 1 else f"nets {_names(names)} have"
        if current[members].any():
            message = f"{subject} no path to ground for direct current but current sources"
            found = _finding(rule, message, device, names)
            yield replace(
                found, severity="info", fix="make sure that something takes up the current"
            )
        else:
            message = f"{subject} no path to ground for direct current"
            yield _finding(rule, message, device, names)


def _current_pins(view: Electrical) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    pins = [view.pin_of_role(role)[view.is_current_source] for role in ("p", "n")]
    found = np.concatenate(pins)
    return found[found >= 0]


NO_DC_PATH: Final = Rule(
    "no_dc_path",
    "error",
    "Capacitors, gates and control inputs pass no direct current, so the operating point of "
    "the net is undefined and the simulator's matrix is singular.",
    "give the net a path to ground: a resistor, a bias device, or the missing connection",
    _find_no_dc_path,
)
