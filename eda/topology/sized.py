"""Sizes and biases for a new circuit: from currents and voltages to a deck that ngspice runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.circuit import Card, Circuit, Device, ModelCard
from eda.topology.currents import FED, branch_currents
from eda.topology.naming import name_nets
from eda.topology.parts import (
    CAPACITOR,
    DIODE,
    INDUCTOR,
    INTERNAL,
    KINDS,
    NMOS,
    NPN,
    PMOS,
    PNP,
    RESISTOR,
    VB,
    VDD,
    VIN,
    VOUT,
    VSS,
)
from eda.topology.technology import (
    CAPACITANCE_F,
    GAIN_A_V2,
    JUNCTION_A,
    LAMBDA_1_V,
    LENGTH_M,
    LOAD_F,
    MODELS,
    NARROW_M,
    REACTANCES,
    RESISTANCE_OHM,
    SUPPLIES_V,
    THERMAL_V,
    THRESHOLD_V,
    UNIT_A,
    WIDE_M,
    WIDTH_M,
)
from eda.topology.voltages import net_voltages

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.topology.circuit import Topology

SHUNT: Final = ".option rshunt=1e12"
"""A teraohm from every net to ground: a net between capacitors has a voltage then."""
GOOD_V: Final = 0.03
"""Wishes missed by less than this count as met, and the lower supply is enough."""
_ZERO: Final = 0.02


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the devices of a circuit are to have, each in parts of the usual.

    Attributes:
        current: float64 [devices]: current of transistors.
        voltage: float64 [devices]: overdrive of transistors, drop over resistors.
        value: float64 [devices]: capacitance or inductance.
    """

    current: NDArray[np.float64]
    voltage: NDArray[np.float64]
    value: NDArray[np.float64]

    @classmethod
    def usual(cls, devices: int) -> Wishes:
        """Return wishes for nothing in particular."""
        return cls(*(np.ones(devices) for _ in range(3)))


@dataclass(frozen=True, slots=True)
class Design:
    """A new circuit with sizes and biases.

    Attributes:
        topology: The circuit.
        names: Names of its nets; the ground is ``0``.
        supply_v: Supply voltage.
        currents: Of the devices, in A.
        voltages: Of the nets, in V: where they are meant to lie.
        sizes: Of the devices: ``w l`` in m, ``area``, or ``value``.
        feeds: Current into each port that is fed, in A, by net.
        missed_v: How badly the wishes for voltages were missed.
    """

    topology: Topology
    names: tuple[str, ...]
    supply_v: float
    currents: tuple[float, ...]
    voltages: tuple[float, ...]
    sizes: tuple[Mapping[str, float], ...]
    feeds: Mapping[int, float]
    missed_v: float

    def bare(self) -> Circuit:
        """Return the circuit with sizes and models, with ports and without sources."""
        plain = self.topology.to_circuit(self.names)
        cards: dict[str, ModelCard] = {}
        devices = []
        for device, size in zip(plain.devices, self.sizes, strict=True):
            card = MODELS.get((device.kind, device.polarity))
            if card is not None:
                cards[card.name] = card
            devices.append(replace(device, model=card.name if card else "", parameters=dict(size)))
        return replace(plain, devices=tuple(devices), models=cards)

    def subcircuit(self, name: str) -> Circuit:
        """Return a file with the circuit as its only subcircuit, for a testbench."""
        from eda.circuit import Subcircuit

        bare = self.bare()
        ports = tuple("vss" if net == "0" else net for net in bare.ports)
        devices = tuple(
            replace(item, nets=tuple("vss" if net == "0" else net for net in item.nets))
            for item in bare.devices
        )
        inner = Subcircuit(name=name, ports=ports, devices=devices)
        return Circuit(title=name, models=bare.models, subcircuits={name.lower(): inner})

    def deck(self, *, ac: Mapping[int, float] | None = None, title: str = "") -> Circuit:
        """Return the circuit with its sources and loads, ready for ``.op``.

        Args:
            ac: Amplitude for ``.ac`` of the ports that a voltage is on, by net.
            title: First line.
        """
        bare = self.bare()
        sources = self.sources(ac or {})
        hints = " ".join(
            f"v({self.names[net]})={self.voltages[net]:.4g}"
            for net, own in enumerate(self.topology.net_class)
            if own in (INTERNAL, VOUT) or own in FED
        )
        return replace(
            bare,
            title=title or f"generated {self.topology.type}",
            devices=(*bare.devices, *sources),
            ports=(),
            directions={},
            cards=(Card(SHUNT), *((Card(f".nodeset {hints}"),) if hints else ())),
        )

    def sources(self, ac: Mapping[int, float]) -> list[Device]:
        """Return supplies, biases, inputs and loads, by port."""
        made = []
        for net, own in enumerate(self.topology.net_class):
            if own in (INTERNAL, VSS):
                continue
            name = self.names[net]
            if own in FED:
                # From ground through the source into the net.
                made.append(_source("I", "isource", name, ("0", name), {"dc": self.feeds[net]}))
            elif own == VOUT:
                made.append(
                    Device(f"CL{name}", "capacitor", ("p", "n"), (name, "0"), "", {"value": LOAD_F})
                )
            else:
                level = self.supply_v if own == VDD else self.voltages[net]
                nets, values = (name, "0"), {"dc": level}
                if own == VB and self._follows_supply(net):
                    supply = self.names[self.topology.net_class.index(VDD)]
                    nets, values = (supply, name), {"dc": round(self.supply_v - level, 9)}
                if net in ac:
                    values["ac"] = ac[net]
                made.append(_source("V", "vsource", name, nets, values))
        return made

    def _follows_supply(self, net: int) -> bool:
        """Return whether a bias port feeds nothing but gates of PMOS transistors.

        A designer would make such a bias from the supply: one that stands still while the supply
        moves turns the sources of current it is for into amplifiers.
        """
        on = [(kind, pins) for kind, pins in self.topology.devices if net in pins]
        gates = all(
            kind == PMOS and pins[1] == net and net not in (pins[0], *pins[2:]) for kind, pins in on
        )
        return gates and bool(on) and VDD in self.topology.net_class


def _source(
    letter: str, kind: str, name: str, nets: tuple[str, str], values: dict[str, float]
) -> Device:
    return Device(f"{letter}{name}", kind, ("p", "n"), nets, "", dict(values))


def design(
    topology: Topology, *, supply_v: float | None = None, wishes: Wishes | None = None
) -> Design:
    """Return a circuit with sizes and biases: currents first, then voltages, then sizes.

    Args:
        topology: The circuit.
        supply_v: Supply voltage; None takes 1.8 V where that does, else 3.3 V.
        wishes: What the devices are to have; the usual by default.
    """
    wishes = wishes or Wishes.usual(len(topology))
    currents, into, _ = branch_currents(topology, wishes.current)
    tries = SUPPLIES_V if supply_v is None else (supply_v,)
    best: tuple[float, NDArray[np.float64], float] | None = None
    for level in tries:
        voltages, missed = net_voltages(topology, currents, level, wishes.voltage)
        if best is None or missed < 0.5 * best[2]:
            best = (level, voltages, missed)
        if missed < GOOD_V:
            break
    if best is None:  # there is always a supply to try
        best = (SUPPLIES_V[0], np.zeros(len(topology.net_class)), math.inf)
    level, voltages, missed = best
    inputs = [net for net, own in enumerate(topology.net_class) if own == VIN]
    if len(inputs) == 2:
        # Exactly alike, or a high gain would show the difference.
        voltages[inputs] = voltages[inputs].mean()
    sizes = tuple(
        _size(kind, pins, current, voltages) | _reactance(topology.type, kind, part)
        for (kind, pins), current, part in zip(
            topology.devices, currents.tolist(), wishes.value.tolist(), strict=True
        )
    )
    return Design(
        topology=topology,
        names=tuple(name_nets(topology)),
        supply_v=level,
        currents=tuple((currents * UNIT_A).tolist()),
        voltages=tuple(float(f"{value:.5g}") for value in voltages.tolist()),
        sizes=sizes,
        feeds={net: float(f"{value * UNIT_A:.4g}") for net, value in into.items()},
        missed_v=missed,
    )


def _size(
    kind: int, pins: tuple[int, ...], current: float, volts: NDArray[np.float64]
) -> dict[str, float]:
    """Return the size at which a device carries its current at the voltages of its nets."""
    amperes = abs(current) * UNIT_A
    if kind in (NMOS, PMOS):
        polarity = KINDS[kind].polarity
        if abs(current) < _ZERO:
            return {"w": WIDTH_M[polarity], "l": LENGTH_M}
        s = 1.0 if kind == NMOS else -1.0
        over = max(s * (volts[pins[1]] - volts[pins[2]]) - THRESHOLD_V, 0.05)
        drop = max(s * (volts[pins[0]] - volts[pins[2]]), 0.02)
        strength = over**2 / 2 if drop >= over else (over - drop / 2) * drop
        square = GAIN_A_V2[polarity] * strength * (1 + LAMBDA_1_V[polarity] * drop)
        width = min(max(amperes / square * LENGTH_M, NARROW_M), WIDE_M)
        return {"w": _rounded(width), "l": LENGTH_M}
    if kind in (NPN, PNP, DIODE):
        first, second = (1, 2) if kind != DIODE else (0, 1)
        s = -1.0 if kind == PNP else 1.0
        junction = s * (volts[pins[first]] - volts[pins[second]])
        if abs(current) < _ZERO:
            return {"area": 1.0}
        area = amperes / (JUNCTION_A * math.exp(min(max(junction, 0.3), 0.9) / THERMAL_V))
        return {"area": _rounded(min(max(area, 0.2), 50.0))}
    if kind == RESISTOR:
        drop = abs(volts[pins[0]] - volts[pins[1]])
        if abs(current) < _ZERO or drop < 1e-3:
            return {"value": RESISTANCE_OHM}
        return {"value": _rounded(min(max(drop / amperes, 10.0), 1e7))}
    return {"value": CAPACITANCE_F}


def _reactance(circuit_type: str, kind: int, part: float) -> dict[str, float]:
    """Return the value of a capacitor or an inductor, by what the circuit is for."""
    if kind not in (CAPACITOR, INDUCTOR):
        return {}
    return {
        "value": _rounded(part * REACTANCES.get(circuit_type, REACTANCES[""])[kind == INDUCTOR])
    }


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")
