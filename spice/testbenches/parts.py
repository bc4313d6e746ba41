"""Parts of a bench as devices of the data model: sources, loads, the instance under test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from eda.circuit import KINDS, Device, Subcircuit, Value

_TWO: Final = KINDS["resistor"].roles


def vsource(
    name: str,
    net: str,
    dc: float = 0.0,
    *,
    minus: str = "0",
    ac: float = 0.0,
    wave: Mapping[str, Sequence[float]] | None = None,
    port: int = 0,
    z0_ohm: float = 50.0,
) -> Device:
    """Return a voltage source, in V; ``wave`` as ``{"pulse": (...)}``; ``port`` for ``.sp``."""
    return _source("V", "vsource", name, (net, minus), dc, ac, wave, port, z0_ohm)


def isource(
    name: str,
    net: str,
    dc: float = 0.0,
    *,
    minus: str = "0",
    ac: float = 0.0,
    wave: Mapping[str, Sequence[float]] | None = None,
) -> Device:
    """Return a current source, in A, from ``net`` through itself to ``minus``."""
    return _source("I", "isource", name, (net, minus), dc, ac, wave, 0, 0.0)


def resistor(name: str, net: str, minus: str, ohm: float) -> Device:
    """Return a resistor."""
    return Device(f"R{name}", "resistor", _TWO, (net, minus), "", {"value": ohm})


def capacitor(name: str, net: str, minus: str, farad: float) -> Device:
    """Return a capacitor."""
    return Device(f"C{name}", "capacitor", _TWO, (net, minus), "", {"value": farad})


def inductor(name: str, net: str, minus: str, henry: float) -> Device:
    """Return an inductor."""
    return Device(f"L{name}", "inductor", _TWO, (net, minus), "", {"value": henry})


def vcvs(
    name: str, net: str, control: tuple[str, str], gain: float = 1.0, *, minus: str = "0"
) -> Device:
    """Return a voltage source of ``gain`` times the voltage between two nets."""
    roles = KINDS["vcvs"].roles
    return Device(f"E{name}", "vcvs", roles, (net, minus, *control), "", {"gain": gain})


def instance(name: str, of: Subcircuit, nets: Mapping[str, str]) -> Device:
    """Return an instance of a subcircuit.

    Args:
        name: Its name, without the X.
        of: The subcircuit.
        nets: The net outside by port, where it is not called as the port.
    """
    outside = tuple(nets.get(port, port) for port in of.ports)
    return Device(f"X{name}", "subcircuit", of.ports, outside, of.name)


def _source(
    letter: str,
    kind: str,
    name: str,
    nets: tuple[str, str],
    dc: float,
    ac: float,
    wave: Mapping[str, Sequence[float]] | None,
    port: int,
    z0_ohm: float,
) -> Device:
    made: dict[str, Value] = {"dc": float(dc)}
    if ac:
        made["ac"] = abs(float(ac))
        if ac < 0:
            made["ac_phase"] = 180.0
    for word, values in (wave or {}).items():
        made[word] = tuple(float(value) for value in values)
    if port:
        made |= {"portnum": float(port), "z0": z0_ohm}
    return Device(f"{letter}{name}", kind, _TWO, nets, "", made)
