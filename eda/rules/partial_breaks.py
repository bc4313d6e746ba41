"""What one device of a growing circuit breaks for good, whatever is added later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from eda.circuit.device import NOWHERE
from eda.rules.bulks import BULK_NOT_RAIL, BULK_WRONG_RAIL, moving_bulk_message, wrong_rail_message
from eda.rules.gates import ALWAYS_OFF, ALWAYS_ON, always_off_message, always_on_message
from eda.rules.partial_state import GROUND_CLASS, INTERNAL, NEGATIVE, SUPPLY, TYPES, top
from eda.rules.references import PIN_COUNT, missing_pins_message, missing_roles
from eda.rules.shorted import SHORTED_DEVICE, shorted_finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eda.rules.finding import Finding
    from eda.rules.partial_state import PartialState

ALWAYS: Final = ""
"""The finding holds whatever else the circuit has."""
LOW_GATE: Final = "gate"
"""It holds while the net is the lowest rail, and not between two supplies."""
LOW_BULK: Final = "bulk"
"""It holds unless the net is the highest rail, above negative supplies only."""
MOVING: Final = "moving"
"""It holds while something else than bulks is on the net."""


class Lasting(NamedTuple):
    """A finding on a device that further devices do not mend.

    Attributes:
        finding: As the rule tells it.
        condition: What must hold for it, one of the four above.
        net: The net that the condition speaks of.
    """

    finding: Finding
    condition: str = ALWAYS
    net: int = -1


def lasting(state: PartialState, name: str, kind: str, nets: Mapping[str, int]) -> list[Lasting]:
    """Return what a device of this type on these nets breaks by itself."""
    facts = TYPES[kind]
    found: list[Lasting] = []
    if not facts.needed <= nets.keys():
        missing = missing_roles(facts.kind, tuple(nets))
        message = missing_pins_message(name, missing)
        finding = PIN_COUNT.finding(message, NOWHERE, [name], strict=PIN_COUNT.strict[0])
        found.append(Lasting(finding))
    ends = facts.ends
    shorted = ends is not None and nets.get(ends[0], -1) == nets.get(ends[1], -2)
    if shorted:
        net = nets[ends[0]]  # type: ignore[index]
        control = {"mosfet": "g", "jfet": "g", "mesfet": "g", "bipolar": "b"}.get(facts.kind)
        found.append(
            Lasting(
                shorted_finding(
                    SHORTED_DEVICE,
                    name,
                    facts.kind,
                    NOWHERE,
                    net=state.names[net],
                    all_pins=control is None or nets.get(control) == net,
                )
            )
        )
    if facts.kind == "mosfet":
        found += _bulk(state, name, facts.polarity, nets)
        found += _gate(state, name, facts.polarity, nets)
    return found


def _bulk(
    state: PartialState, name: str, polarity: str, nets: Mapping[str, int]
) -> Iterator[Lasting]:
    bulk = nets.get("b")
    if bulk is None:
        return
    rail = state.classes[bulk]
    wrong = (SUPPLY,) if polarity == "n" else (GROUND_CLASS, NEGATIVE)
    if rail in wrong:
        message = wrong_rail_message(name, polarity, state.names[bulk])
        finding = BULK_WRONG_RAIL.finding(
            message, NOWHERE, [name], strict=BULK_WRONG_RAIL.strict[0]
        )
        yield Lasting(finding, ALWAYS if rail == SUPPLY else LOW_BULK, bulk)
    elif rail == INTERNAL and bulk not in (nets.get("s"), nets.get("d")):
        message = moving_bulk_message(name, state.names[bulk])
        yield Lasting(
            BULK_NOT_RAIL.finding(message, NOWHERE, [name, state.names[bulk]]), MOVING, bulk
        )


def _gate(
    state: PartialState, name: str, polarity: str, nets: Mapping[str, int]
) -> Iterator[Lasting]:
    gate, drain, source = nets.get("g"), nets.get("d", -1), nets.get("s", -1)
    if gate is None or drain == source:
        return
    rail = state.classes[gate]
    if rail not in (SUPPLY, GROUND_CLASS, NEGATIVE):
        return
    condition = ALWAYS if rail == SUPPLY else LOW_GATE
    if (rail == SUPPLY) == (polarity == "p"):
        message = always_off_message(name, state.names[gate])
        yield Lasting(ALWAYS_OFF.finding(message, NOWHERE, [name]), condition, gate)
    elif gate not in (drain, source):
        message = always_on_message(name, state.names[gate])
        yield Lasting(ALWAYS_ON.finding(message, NOWHERE, [name]), condition, gate)


def holds(state: PartialState, item: Lasting) -> bool:
    """Return whether a lasting finding is one in the circuit as it is now."""
    net = item.net
    if item.condition == ALWAYS:
        return True
    if item.condition == MOVING:
        return not state.is_port[net] and state.pins[net].bulks < state.pins[net].degree
    if state.classes[net] == NEGATIVE:
        return True
    between = _ground_between(state)
    if item.condition == LOW_GATE:
        return not between
    return not (between and SUPPLY not in state.classes)


def _ground_between(state: PartialState) -> bool:
    """Return whether a negative supply is not joined to ground."""
    if NEGATIVE not in state.classes:
        return False
    grounds = {
        top(state.zero, net) for net, rail in enumerate(state.classes) if rail == GROUND_CLASS
    }
    return any(
        top(state.zero, net) not in grounds
        for net, rail in enumerate(state.classes)
        if rail == NEGATIVE
    )
