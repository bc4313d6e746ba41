"""Rules on gates at a rail: transistors that never conduct, or always do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.circuit import number
from eda.rules.finding import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from eda.circuit import Device
    from eda.rules.electrical import Electrical

RESISTOR_SQUARES: Final = 5.0
"""A channel so many times longer than wide is meant as a resistor."""

_NATIVE: Final = re.compile(r"nat(ive)?(?![a-z])|_nvt|zvt|dep(l|\b|_|\d)|ndep|pdep", re.IGNORECASE)


def is_enhancement(view: Electrical, device: Device) -> bool:
    """Return whether a transistor is off at zero gate voltage, as far as its model says."""
    card = view.flat.models.get(device.model.lower())
    if card is not None:
        for key in ("vto", "vt0", "vth0"):
            threshold = number(card.parameters.get(key))
            if threshold is not None:
                return threshold > 0 if device.polarity == "n" else threshold < 0
    return _NATIVE.search(device.model) is None


def _gates(view: Electrical, *, off: bool) -> NDArray[np.int64]:
    """Return the transistors whose gate is on the rail that turns them off, or on."""
    gate, drain, source = (view.net_of_role(role) for role in "gds")
    high = np.append(view.is_high_gate, False)[gate]
    low = np.append(view.is_low_gate, False)[gate]
    nmos, pmos = view.is_type("nmos"), view.is_type("pmos")
    found = (nmos & low) | (pmos & high) if off else (nmos & high) | (pmos & low)
    # With both ends on one net it is a capacitor.
    found &= drain != source
    if not off:
        # Diode-connected to the rail, it follows: it is no switch.
        found &= (gate != drain) & (gate != source)
    return np.flatnonzero(found)


def always_off_message(device: str, net: str) -> str:
    """Return what is wrong with a transistor whose gate is on its own rail."""
    return f"{device} never conducts: its gate is on {net}"


def _find_always_off(rule: Rule, view: Electrical) -> Iterator[Finding]:
    for at in _gates(view, off=True).tolist():
        device = view.device(at)
        if is_enhancement(view, device):
            message = always_off_message(device.name, device.net("g"))
            yield rule.finding(message, device.span, [device.name])


ALWAYS_OFF: Final = Rule(
    "always_off",
    "warning",
    "an NMOS with its gate on the lowest rail, a PMOS with its gate on the highest",
    "The transistor never conducts: it is dead weight, or its gate was meant for another net.",
    "connect the gate to the net that drives it, or remove the transistor",
    _find_always_off,
)


def always_on_message(device: str, net: str) -> str:
    """Return what is wrong with a transistor whose gate is on the other rail."""
    return f"{device} always conducts: its gate is on {net}"


def resistive(view: Electrical) -> Iterator[int]:
    """Yield the transistors that always conduct, and are drawn as a resistor."""
    for at in _gates(view, off=False).tolist():
        if _is_long(view.device(at)):
            yield at


def _is_long(device: Device) -> bool:
    width, length = (number(device.parameters.get(key)) for key in "wl")
    return width is not None and length is not None and length >= RESISTOR_SQUARES * width


def _find_always_on(rule: Rule, view: Electrical) -> Iterator[Finding]:
    for at in _gates(view, off=False).tolist():
        device = view.device(at)
        if _is_long(device):
            continue
        message = always_on_message(device.name, device.net("g"))
        yield rule.finding(message, device.span, [device.name])


ALWAYS_ON: Final = Rule(
    "always_on",
    "warning",
    "an NMOS with its gate on a supply, a PMOS with its gate on the lowest rail; none that is "
    "drawn as a resistor, five times longer than wide",
    "The transistor is never switched or biased: a resistor whose value nobody chose.",
    "connect the gate to the net that drives it; waive the rule where a switch is meant to be on",
    _find_always_on,
)
