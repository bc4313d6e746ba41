"""Rules on names: references to nothing, two devices of one name, instances with wrong pins.

The reader reports the same problems where it meets them; these rules find them in circuits that
a program made, or edited after reading.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from eda.circuit import KINDS
from eda.rules.finding import Finding, Rule
from eda.rules.scopes import scopes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eda.circuit import Circuit, Device, Span, Subcircuit
    from eda.rules.electrical import Electrical


def _finding(rule: Rule, message: str, span: Span, *objects: str) -> Finding:
    return rule.finding(message, span, objects)


def _find_undefined(rule: Rule, view: Electrical) -> Iterator[Finding]:
    missing: dict[str, list[Device]] = {}
    for scope, visible in scopes(view.circuit):
        for device in scope.devices:
            if _is_open_instance(view.circuit, device, visible):
                missing.setdefault(device.model.lower(), []).append(device)
            for name in device.references:
                # A reference may lead into an instance (ngspice: v.x1.vs); leave those be.
                if "." not in name and name.lower() not in scope.device_by_name:
                    message = f"{device.name} refers to {name}, which is not defined"
                    yield _finding(rule, message, device.span, device.name, name)
    for devices in missing.values():
        first, more = devices[0], len(devices) - 1
        others = f" and {more} more" if more else ""
        message = f"subcircuit {first.model} of {first.name}{others} is not defined"
        yield _finding(rule, message, first.span, first.name, first.model)


def _is_open_instance(circuit: Circuit, device: Device, visible: Mapping[str, Subcircuit]) -> bool:
    if device.kind != "subcircuit" or device.model.lower() in visible:
        return False
    # A part of a KiCad schematic (U1, J1) need not have a model; an instance (X1) does.
    return circuit.dialect != "kicad" or device.name[:1].lower() == "x"


UNDEFINED_REFERENCE: Final = Rule(
    "undefined_reference",
    "error",
    "a subcircuit, model, parameter or device that is used and not defined",
    "The netlist uses a subcircuit, model, parameter or device that it does not define.",
    "define it, include the file that does, or correct the name",
    _find_undefined,
    simulator="unknown subckt",
)


def _find_duplicates(rule: Rule, view: Electrical) -> Iterator[Finding]:
    for scope, _ in scopes(view.circuit):
        if len(scope.device_by_name) == len(scope.devices):
            continue
        first: dict[str, Device] = {}
        for device in scope.devices:
            earlier = first.setdefault(device.name.lower(), device)
            if earlier is not device:
                message = f"{device.name} is the name of two devices, first at {earlier.span}"
                yield _finding(rule, message, device.span, device.name)


DUPLICATE_NAME: Final = Rule(
    "duplicate_name",
    "error",
    "two devices of one name",
    "Two devices of one name cannot be told apart; simulators refuse them or drop one.",
    "rename one of them",
    _find_duplicates,
    simulator="device already exists",
)


def _find_pin_counts(rule: Rule, view: Electrical) -> Iterator[Finding]:
    for scope, visible in scopes(view.circuit):
        for device in scope.devices:
            if device.kind != "subcircuit":
                missing = missing_roles(device.kind, device.roles)
                if missing:
                    yield rule.finding(
                        missing_pins_message(device.name, missing),
                        device.span,
                        [device.name],
                        strict=rule.strict[0],
                    )
                continue
            defined = visible.get(device.model.lower())
            if defined is not None and len(defined.ports) != len(device.nets):
                message = (
                    f"{device.name} has {len(device.nets)} nets; "
                    f"{defined.name} has {len(defined.ports)} ports ({' '.join(defined.ports)})"
                )
                yield _finding(rule, message, device.span, device.name, defined.name)


_OPTIONAL: Final = {"mosfet": 1, "bipolar": 2, "switch": 2, "vcvs": 2, "vccs": 2}
"""How many of the last roles of a kind may be absent: bulks, substrates, other ways of control."""
_UNTOLD: Final = frozenset(("tline",))
"""Kinds of which some forms have other roles."""


@lru_cache(maxsize=1000)
def missing_roles(kind: str, roles: tuple[str, ...]) -> tuple[str, ...]:
    """Return the pins that a device of this kind lacks.

    Example:
        >>> missing_roles("mosfet", ("d", "g")), missing_roles("resistor", ("p", "n"))
        (('s',), ())
    """
    known = () if kind in _UNTOLD else KINDS[kind].roles
    needed = known[: len(known) - _OPTIONAL.get(kind, 0)]
    return tuple(role for role in needed if role not in roles)


def missing_pins_message(device: str, missing: Sequence[str]) -> str:
    """Return what is wrong with a device without these pins."""
    pin = "pin" if len(missing) == 1 else "pins"
    return f"{device} has no {pin} {', '.join(missing)}"


PIN_COUNT: Final = Rule(
    "pin_count",
    "error",
    "an instance with more or fewer nets than its subcircuit has ports; a device without a pin "
    "that its kind needs",
    "Whatever is behind the pin that is missing is wired to something else, or to nothing.",
    "give one net for each port, in order",
    _find_pin_counts,
    strict=("R1",),
    simulator="too few parameters for subcircuit",
)
