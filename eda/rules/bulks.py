"""Rules on the bulks of MOS transistors: on the wrong rail, on nothing, on a net that moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.rules.domains import known_voltages
from eda.rules.finding import Finding, Rule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from eda.rules.electrical import Electrical


def _classes(view: Electrical, role: str, *classes: str) -> NDArray[np.bool_]:
    """Bool [devices]: the pin of this role is on a net of one of the classes."""
    nets = view.net_of_role(role)
    found: NDArray[np.bool_] = (nets >= 0) & np.append(view.net_is(*classes), False)[nets]
    return found


def wrong_rail_message(device: str, polarity: str, net: str) -> str:
    """Return what is wrong with a bulk on the rail of the other type."""
    kind = "NMOS" if polarity == "n" else "PMOS"
    return f"the bulk of {kind} {device} is on {net}: its junctions conduct"


def _find_wrong_rail(rule: Rule, view: Electrical) -> Iterator[Finding]:
    high = _classes(view, "b", "supply")
    low = np.append(view.is_low_bulk, False)[view.net_of_role("b")]
    wrong = (view.is_type("nmos") & high) | (view.is_type("pmos") & low)
    if wrong.any():
        wrong &= ~_in_own_well(view)
    for at in np.flatnonzero(wrong).tolist():
        device = view.device(at)
        message = wrong_rail_message(device.name, device.polarity, device.net("b"))
        # The net tells nothing of which of its many devices is wrong, so it is no object.
        yield rule.finding(message, device.span, [device.name], strict=rule.strict[0])


def _in_own_well(view: Electrical) -> NDArray[np.bool_]:
    """Bool [devices]: the bulk is on the source, on a rail between others of known voltage.

    A level shifter has such transistors: an NMOS that pulls down to the lower supply.
    """
    volts = known_voltages(view)
    bulk, source = view.net_of_role("b"), view.net_of_role("s")
    known = volts[~np.isnan(volts)]
    if not len(known):
        return np.zeros(len(bulk), dtype=np.bool_)
    own = np.append(volts, np.nan)[bulk]
    between: NDArray[np.bool_] = (own > known.min()) & (own < known.max())
    tied: NDArray[np.bool_] = between & (bulk == source)
    return tied


BULK_WRONG_RAIL: Final = Rule(
    "bulk_wrong_rail",
    "error",
    "an NMOS with its bulk on a supply, a PMOS with its bulk on ground or below",
    "The junctions between bulk, source and drain are forward-biased and short the rails.",
    "put the bulk of an NMOS on the lowest rail and that of a PMOS on the highest, or on the "
    "source of the transistor",
    _find_wrong_rail,
    strict=("R9",),
)


def floating_bulk_message(net: str, devices: Sequence[str]) -> str:
    """Return what is wrong with a net that only the bulks of these devices are on."""
    bulk = "bulk" if len(devices) == 1 else "bulks"
    return f"net {net} reaches only the {bulk} of {listed(devices)}"


def _find_floating_bulks(rule: Rule, view: Electrical) -> Iterator[Finding]:
    for net in np.flatnonzero(view.only_bulks).tolist():
        devices = view.devices_of_net(net)
        names = [device.name for device in devices]
        message = floating_bulk_message(view.net_name(net), names)
        yield rule.finding(
            message, devices[0].span, [view.net_name(net), *names], strict=rule.strict[0]
        )


BULK_FLOATING: Final = Rule(
    "bulk_floating",
    "error",
    "a net that reaches nothing but bulks",
    "Leakage alone sets the voltage of the bulk, and with it the threshold of the transistor.",
    "tie the bulk to a rail, or to the source of its transistor",
    _find_floating_bulks,
    strict=("R6",),
)


def moving_bulk_message(device: str, net: str) -> str:
    """Return what is unusual about a bulk on a net that is neither rail nor own source."""
    return f"the bulk of {device} is on {net}, which is neither a rail nor its own source or drain"


def _find_moving_bulks(rule: Rule, view: Electrical) -> Iterator[Finding]:
    bulk, source, drain = (view.net_of_role(role) for role in "bsd")
    moving = view.is_kind("mosfet") & _classes(view, "b", "internal")
    moving &= (bulk != source) & (bulk != drain)
    moving &= ~np.append(view.only_bulks | view.is_outside, False)[bulk]
    for at in np.flatnonzero(moving).tolist():
        device = view.device(at)
        message = moving_bulk_message(device.name, device.net("b"))
        yield rule.finding(message, device.span, [device.name, device.net("b")])


BULK_NOT_RAIL: Final = Rule(
    "bulk_not_rail",
    "info",
    "a bulk on a net that is neither a rail nor the transistor's own source",
    "A bulk that moves with a signal modulates the threshold, and needs a well of its own.",
    "tie the bulk to a rail or to the source, unless the circuit drives its bulk on purpose",
    _find_moving_bulks,
)
