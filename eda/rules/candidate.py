"""What connecting one pin to one net would break: asked thousands of times, so no search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.graph import DEVICE_TYPES, NET_CLASSES
from eda.graph.circuit_graph import KIND_OF_TYPE
from eda.rules.finding import Finding

if TYPE_CHECKING:
    from eda.circuit import Severity
    from eda.rules.electrical import Electrical

_SUPPLY: Final = NET_CLASSES.index("supply")
_NMOS: Final = DEVICE_TYPES.index("nmos")
_PMOS: Final = DEVICE_TYPES.index("pmos")
_ENDS: Final = {"p": "n", "n": "p", "d": "s", "s": "d", "a": "k", "k": "a"}
_CHANNEL: Final = frozenset(("mosfet", "jfet", "mesfet"))
_TWO_TERMINAL: Final = frozenset(("resistor", "capacitor", "inductor", "diode", "vsource"))


def candidate_findings(view: Electrical, device: int, role: str, net: int) -> tuple[Finding, ...]:
    """Return the rules that putting this open pin on that net would break, the worst first.

    The answer takes a few array look-ups, after the first call has prepared the view. It looks
    at the one pin and what is already there, so it never complains of what is still open.

    Args:
        view: The circuit, with the pin on its open net.
        device: Index of the device in ``view.graph``.
        role: Role of the pin, as ``g``.
        net: Index of the net in ``view.graph``.

    Example:
        >>> from eda.circuit import Circuit, Device
        >>> from eda.rules import Electrical
        >>> m1 = Device("M1", "mosfet", ("d", "g", "s", "b"), ("y", "a", "vss", "?"), polarity="p")
        >>> view = Electrical.of(Circuit(devices=(m1,)))
        >>> [item.rule for item in candidate_findings(view, 0, "b", 2)]
        ['bulk_wrong_rail']
    """
    graph = view.graph
    kind = KIND_OF_TYPE[DEVICE_TYPES[graph.device_type[device]]]
    opposite = _opposite(view, device, role)
    found: list[tuple[str, Severity, str]] = []
    name, net_name = graph.device_names[device], graph.net_names[net]
    if opposite >= 0 and view.is_zero_ohm[device] and _shorts_rails(view, opposite, net):
        found.append(("supply_short", "error", f"{name} would join a supply to ground"))
    loop = view.voltage_component
    ideal = opposite >= 0 and view.is_ideal_voltage[device]
    if ideal and opposite != net and loop[opposite] == loop[net]:
        message = f"{name} would close a loop of voltage sources or inductors"
        found.append(("vsource_loop", "error", message))
    if role == "g" and kind == "mosfet" and _only_gates_besides(view, device, net):
        found.append(("floating_gate", "error", f"nothing drives {net_name}: only gates are on it"))
    found += _rail_findings(view, device, role, net)
    if opposite == net and (kind in _CHANNEL or kind in _TWO_TERMINAL):
        found.append(("shorted_device", "warning", f"both ends of {name} would be on {net_name}"))
    span = view.device(device).span
    return tuple(
        Finding(rule, severity, message, span, (name, net_name))
        for rule, severity, message in found
    )


def _opposite(view: Electrical, device: int, role: str) -> int:
    """Return the net at the other end of a channel or a two-terminal, or -1."""
    other = _ENDS.get(role)
    return -1 if other is None else int(view.net_of_role(other)[device])


def _shorts_rails(view: Electrical, first: int, second: int) -> bool:
    one, other = view.zero_rails[first], view.zero_rails[second]
    return bool((one[0] and other[1]) or (one[1] and other[0]))


def _only_gates_besides(view: Electrical, device: int, net: int) -> bool:
    """Return whether, this device's gate left aside, only other gates are on the net."""
    if view.is_outside[net] or view.is_ground[net]:
        return False
    pin = int(view.pin_of_role("g")[device])
    here = int(pin >= 0 and view.graph.edge_net[pin] == net)
    degree = int(view.graph.net_degree[net]) - here
    gates = int(view.gate_count[net]) - here
    return degree > 0 and gates == degree


def _rail_findings(
    view: Electrical, device: int, role: str, net: int
) -> list[tuple[str, Severity, str]]:
    kind = int(view.graph.device_type[device])
    high, low = bool(view.graph.net_class[net] == _SUPPLY), bool(view.is_low_bulk[net])
    name, net_name = view.graph.device_names[device], view.graph.net_names[net]
    wrong_bulk = (kind == _NMOS and high) or (kind == _PMOS and low)
    off_rail = view.is_low_gate if kind == _NMOS else view.is_high_gate
    always_off = kind in (_NMOS, _PMOS) and bool(off_rail[net])
    if role == "b" and wrong_bulk:
        message = f"the bulk junctions of {name} would conduct with the bulk on {net_name}"
        return [("bulk_wrong_rail", "error", message)]
    if role == "g" and always_off:
        return [("always_off", "warning", f"{name} never conducts with its gate on {net_name}")]
    return []
