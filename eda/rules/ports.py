"""Rules on ports: those that nothing uses, outputs that nothing drives, circuits without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.circuit import ROLES, Circuit, Expression
from eda.rules.electrical import PROBE
from eda.rules.finding import Finding, Rule, listed
from eda.rules.floating import NO_CONNECT
from eda.rules.scopes import scopes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eda.circuit import Scope, Span, Subcircuit
    from eda.rules.electrical import Electrical


def unconnected_message(port: str, owner: str) -> str:
    """Return what is wrong with a port that no device is on."""
    where = f" of {owner}" if owner else ""
    return f"port {port}{where} is used nowhere"


def _find_unconnected(rule: Rule, view: Electrical) -> Iterator[Finding]:
    for scope, _ in scopes(view.circuit):
        ports = scope.ports
        if not ports or not scope.devices:
            # An empty definition is a black box: its ports are all there is of it.
            continue
        used = {net.lower() for device in scope.devices for net in device.nets}
        unused = [port for port in ports if port.lower() not in used]
        if not unused:
            continue
        probed = _probed(scope)
        for port in unused:
            if port.lower() in probed or NO_CONNECT.fullmatch(port):
                continue
            message = unconnected_message(port, scope.name)
            yield rule.finding(message, _span(scope), [port])


def _probed(scope: Scope) -> frozenset[str]:
    """Lower-case names of nets whose voltage an expression in the definition takes."""
    values = [item for device in scope.devices for item in device.parameters.values()]
    text = "\n".join(item.text for item in values if isinstance(item, Expression))
    found = PROBE.findall(text)
    return frozenset(name.strip().lower() for inside in found for name in inside.split(","))


def _span(scope: Circuit | Subcircuit) -> Span:
    return scope.devices[0].span if isinstance(scope, Circuit) else scope.span


UNCONNECTED_PORT: Final = Rule(
    "unconnected_port",
    "warning",
    "a port of a subcircuit that none of its devices is on",
    "Whoever wires the port expects something of it: a pin was renamed, or a device is missing.",
    "connect the port inside the subcircuit, or remove it",
    _find_unconnected,
)


def undriven_message(port: str, devices: Sequence[str]) -> str:
    """Return what is wrong with an output on which these devices only listen or load."""
    return f"nothing drives output {port}: only {listed(devices)} on it, by gates or capacitors"


def _find_undriven(rule: Rule, view: Electrical) -> Iterator[Finding]:
    outputs = view.graph.net_is_port & view.net_is("output") & (view.graph.net_degree > 0)
    if not outputs.any():
        return
    graph = view.graph
    control = np.isin(graph.edge_role, [ROLES.index("cp"), ROLES.index("cn")])
    passive = view.is_kind("capacitor")[graph.edge_device]
    silent = view.gate_pins | view.bulk_pins | control | passive
    listening = np.bincount(graph.edge_net[silent], minlength=graph.num_nets)
    for net in np.flatnonzero(outputs & (listening == graph.net_degree)).tolist():
        devices = view.devices_of_net(net)
        names = [device.name for device in devices]
        message = undriven_message(view.net_name(net), names)
        yield rule.finding(message, devices[0].span, [view.net_name(net)])


UNDRIVEN_OUTPUT: Final = Rule(
    "undriven_output",
    "warning",
    "an output on which there are only gates, capacitors, bulks and control inputs",
    "Nothing in the circuit sets the voltage of the output.",
    "connect the output to the net that drives it",
    _find_undriven,
)

MISSING_OUTPUT_MESSAGE: Final = "no port is an output"


def _find_missing(rule: Rule, view: Electrical) -> Iterator[Finding]:
    outputs = view.net_is("output") & (view.graph.net_is_port | (view.graph.net_degree > 0))
    if view.flat.devices and not outputs.any():
        first = view.flat.devices[0]
        yield rule.finding(MISSING_OUTPUT_MESSAGE, first.span, (), strict=rule.strict[0])


MISSING_OUTPUT: Final = Rule(
    "missing_output",
    "warning",
    "a circuit without any net that is an output by its name or direction",
    "A circuit whose result nobody can take is not finished.",
    "name the output net out, or make it a port",
    _find_missing,
    strict=("R12",),
    on=False,
)
