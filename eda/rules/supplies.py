"""Rules on supplies and ground: rails shorted to one another, no ground at all."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.rules.finding import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.rules.electrical import Electrical


def _find_supply_shorts(rule: Rule, view: Electrical) -> Iterator[Finding]:
    # Two rails of one sign joined by a wire (analog and digital ground) are no short.
    high, low = view.net_is("supply"), view.net_is("ground", "negative_supply")
    parts = view.zero_component
    shorted = np.intersect1d(parts[high], parts[low])
    for part in shorted.tolist():
        starts = np.flatnonzero(high & (parts == part)).tolist()
        path = _shortest_path(view, starts, low)
        if path is None:
            continue
        devices, first, last = path
        names = [view.device(at).name for at in devices]
        message = (
            f"{view.net_name(first)} and {view.net_name(last)} are joined without resistance "
            f"through {', '.join(names)}"
        )
        inductor = any(view.device(at).kind == "inductor" for at in devices)
        yield rule.finding(
            message,
            view.device(devices[0]).span,
            (*names, view.net_name(first), view.net_name(last)),
            strict=rule.strict[0] if inductor else "",
        )


def _shortest_path(
    view: Electrical, starts: list[int], goals: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> tuple[list[int], int, int] | None:
    """Return the wire-like devices from a start to a goal, and both nets."""
    came: dict[int, tuple[int, int]] = {}
    seen = set(starts)
    queue = deque(starts)
    zero = view.is_zero_ohm
    plus, minus = view.net_of_role("p"), view.net_of_role("n")
    while queue:
        net = queue.popleft()
        if goals[net]:
            path, last = [], net
            while net in came:
                device, net = came[net]
                path.append(device)
            return path[::-1], net, last
        for pin in view.pins_of_net(net).tolist():
            device = int(view.graph.edge_device[pin])
            if not zero[device]:
                continue
            other = int(minus[device] if plus[device] == net else plus[device])
            if other >= 0 and other not in seen:
                seen.add(other)
                came[other] = (device, net)
                queue.append(other)
    return None


SUPPLY_SHORT: Final = Rule(
    "supply_short",
    "error",
    "a supply joined to ground by less than 1 mOhm, inductors, or sources of 0 V",
    "A supply is joined to ground by a wire, an inductor or a source of 0 V.",
    "remove the device, or move one of its pins",
    _find_supply_shorts,
    strict=("R10",),
)


MISSING_GROUND_MESSAGE: Final = "no net is ground: the circuit has no net 0"


def _find_missing_ground(rule: Rule, view: Electrical) -> Iterator[Finding]:
    devices = view.flat.devices
    if not devices or view.flat.ports or view.is_ground.any():
        return
    yield rule.finding(MISSING_GROUND_MESSAGE, devices[0].span, ())


MISSING_GROUND: Final = Rule(
    "missing_ground",
    "error",
    "a deck without net 0",
    "Voltages are only defined relative to ground; a simulator needs a net 0.",
    "name the reference net 0 (or gnd)",
    _find_missing_ground,
    simulator="singular matrix",
)
