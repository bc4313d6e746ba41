"""Larger circuits put together cleanly from whole ones: regulators, references, converters.

Every instance of a block gets fresh nets of its own; blocks meet at their ports only. (Where
circuits are merged by the names of their inner nets instead, unrelated nets are shorted.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.topology.circuit import Placed, Topology
from eda.topology.parts import (
    CAPACITOR,
    DIODE,
    IB,
    INDUCTOR,
    INTERNAL,
    NMOS,
    PMOS,
    PNP,
    PORTS,
    RESISTOR,
    VB,
    VCM,
    VCONT,
    VDD,
    VIN,
    VOUT,
    VREF,
    VSS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

MAX_BLOCK: Final = 26
"""Blocks of more devices are not built in."""


class Bench:
    """Nets and devices of a circuit that is being put together."""

    def __init__(self) -> None:
        """Begin with the rails."""
        self.net_class = [VDD, VSS]
        self.devices: list[Placed] = []
        self.vdd, self.vss = 0, 1

    def net(self, port: int = INTERNAL) -> int:
        """Return a new net, a port where a class is given."""
        self.net_class.append(port)
        return len(self.net_class) - 1

    def add(self, kind: int, *pins: int) -> None:
        """Place a device; the bulk of a transistor goes to its rail where it is not given."""
        if kind in (NMOS, PMOS) and len(pins) == 3:
            pins = (*pins, self.vss if kind == NMOS else self.vdd)
        self.devices.append((kind, pins))

    def build_in(self, block: Topology, ports: dict[int, list[int]]) -> None:
        """Place a whole circuit.

        Args:
            block: It.
            ports: By class, the nets that its ports go to, in order; bias ports stay ports.
        """
        left = {port: list(nets) for port, nets in ports.items()}
        number = []
        for item in block.net_class:
            if item == VDD:
                number.append(self.vdd)
            elif item == VSS:
                number.append(self.vss)
            elif left.get(item):
                number.append(left[item].pop(0))
            else:
                number.append(self.net(item if item in (VB, IB) else INTERNAL))
        for kind, pins in block.devices:
            self.devices.append((kind, tuple(number[net] for net in pins)))

    def topology(self, circuit_type: str) -> Topology:
        """Return the circuit; nets that nothing is on are left out."""
        used = sorted({net for _, pins in self.devices for net in pins})
        number = {net: at for at, net in enumerate(used)}
        return Topology(
            circuit_type,
            tuple(self.net_class[net] for net in used),
            tuple((kind, tuple(number[net] for net in pins)) for kind, pins in self.devices),
        )


def _inputs(first: int, second: int, rng: np.random.Generator) -> dict[int, list[int]]:
    return {VIN: [first, second] if rng.random() < 0.5 else [second, first]}


def _divider(bench: Bench, top: int, rng: np.random.Generator) -> int:
    """Place a divider of two or three resistors from a net to ground; return its tap."""
    tap = bench.net()
    if rng.random() < 0.25:
        middle = bench.net()
        bench.add(RESISTOR, top, middle)
        bench.add(RESISTOR, middle, tap)
    else:
        bench.add(RESISTOR, top, tap)
    bench.add(RESISTOR, tap, bench.vss)
    return tap


def ldo(bench: Bench, amplifier: Topology, _: Sequence[Topology], rng: np.random.Generator) -> None:
    """Error amplifier, pass transistor, divider; buffer and compensation now and then."""
    reference, out = bench.net(VREF), bench.net(VOUT)
    tap = _divider(bench, out, rng) if rng.random() < 0.85 else out
    drive = bench.net()
    bench.build_in(amplifier, {**_inputs(reference, tap, rng), VOUT: [drive]})
    gate = drive
    if rng.random() < 0.25:
        gate = bench.net()
        kind = NMOS if rng.random() < 0.5 else PMOS
        bench.add(kind, bench.vdd if kind == NMOS else bench.vss, drive, gate)
        line = bench.net(VB)
        if kind == NMOS:
            bench.add(NMOS, gate, line, bench.vss)
        else:
            bench.add(PMOS, gate, line, bench.vdd)
    if rng.random() < 0.8:
        bench.add(PMOS, out, gate, bench.vdd)
    else:
        bench.add(NMOS, bench.vdd, gate, out)
    draw = rng.random()
    if draw < 0.35:
        bench.add(CAPACITOR, out, drive)
    elif draw < 0.6:
        middle = bench.net()
        bench.add(RESISTOR, drive, middle)
        bench.add(CAPACITOR, middle, out)
    if rng.random() < 0.5:
        bench.add(CAPACITOR, out, bench.vss)
    if tap != out and rng.random() < 0.3:
        bench.add(CAPACITOR, out, tap)


def bandgap(
    bench: Bench, amplifier: Topology, _: Sequence[Topology], rng: np.random.Generator
) -> None:
    """Two junctions and resistors, an amplifier that makes two nets equal, current mirrors."""
    first, second, emitter = bench.net(), bench.net(), bench.net()
    if rng.random() < 0.35:
        # Resistors from the output itself.
        out = bench.net(VOUT)
        bench.build_in(amplifier, {**_inputs(first, second, rng), VOUT: [out]})
        bench.add(RESISTOR, out, first)
        bench.add(RESISTOR, out, second)
    else:
        gate, out = bench.net(), bench.net(VOUT)
        bench.build_in(amplifier, {**_inputs(first, second, rng), VOUT: [gate]})
        for net in (first, second, out):
            if rng.random() < 0.15:
                middle, line = bench.net(), bench.net(VB)
                bench.add(PMOS, middle, gate, bench.vdd)
                bench.add(PMOS, net, line, middle)
            else:
                bench.add(PMOS, net, gate, bench.vdd)
        if rng.random() < 0.5:
            third = bench.net()
            bench.add(RESISTOR, out, third)
            bench.add(PNP, bench.vss, bench.vss, third)
        else:
            bench.add(RESISTOR, first, bench.vss)
            bench.add(RESISTOR, second, bench.vss)
            bench.add(RESISTOR, out, bench.vss)
        if rng.random() < 0.4:
            bench.add(CAPACITOR, gate, bench.vdd if rng.random() < 0.5 else out)
    bench.add(RESISTOR, second, emitter)
    if rng.random() < 0.85:
        bench.add(PNP, bench.vss, bench.vss, first)
        bench.add(PNP, bench.vss, bench.vss, emitter)
    else:
        bench.add(DIODE, first, bench.vss)
        bench.add(DIODE, emitter, bench.vss)
    if rng.random() < 0.3:
        bench.add(CAPACITOR, out, bench.vss)


def power_converter(
    bench: Bench, amplifier: Topology, _: Sequence[Topology], rng: np.random.Generator
) -> None:
    """A switched stage of some kind with its filter, and an amplifier of the output's error."""
    out, tap_at = bench.net(VOUT), rng.random()
    node = bench.net()
    high, low = bench.net(VCONT), bench.net(VCONT)
    style = rng.random()
    if style < 0.4:  # down
        bench.add(PMOS, node, high, bench.vdd)
        if rng.random() < 0.7:
            bench.add(NMOS, node, low, bench.vss)
        else:
            bench.add(DIODE, bench.vss, node)
        bench.add(INDUCTOR, node, out)
    elif style < 0.7:  # up
        bench.add(INDUCTOR, bench.vdd, node)
        bench.add(NMOS, node, low, bench.vss)
        if rng.random() < 0.6:
            bench.add(DIODE, node, out)
        else:
            bench.devices.append((PMOS, (node, high, out, bench.vdd)))
    else:  # down and up
        other = bench.net()
        bench.add(PMOS, node, high, bench.vdd)
        bench.add(NMOS, node, low, bench.vss)
        bench.add(INDUCTOR, node, other)
        bench.add(NMOS, other, bench.net(VCONT), bench.vss)
        bench.add(DIODE, other, out)
    bench.add(CAPACITOR, out, bench.vss)
    if rng.random() < 0.3:
        middle = bench.net()
        bench.devices.pop()
        bench.add(RESISTOR, out, middle)
        bench.add(CAPACITOR, middle, bench.vss)
    if tap_at < 0.8:
        tap = _divider(bench, out, rng)
        error = bench.net(VCONT)
        reference = bench.net(VREF)
        bench.build_in(amplifier, {**_inputs(reference, tap, rng), VOUT: [error]})
        if rng.random() < 0.6:
            middle = bench.net()
            bench.add(RESISTOR, error, middle)
            bench.add(CAPACITOR, middle, bench.vss if rng.random() < 0.5 else tap)


def voltage_regulator(
    bench: Bench, amplifier: Topology, _: Sequence[Topology], rng: np.random.Generator
) -> None:
    """Series regulator with a reference of its own: junctions or a transistor as diode."""
    out, drive, reference = bench.net(VOUT), bench.net(), bench.net()
    tap = _divider(bench, out, rng)
    bench.build_in(amplifier, {**_inputs(reference, tap, rng), VOUT: [drive]})
    if rng.random() < 0.5:
        bench.add(RESISTOR, bench.vdd, reference)
    else:
        bench.add(PMOS, reference, bench.net(VB), bench.vdd)
    if rng.random() < 0.6:
        bench.add(PNP, bench.vss, bench.vss, reference)
    else:
        bench.add(NMOS, reference, reference, bench.vss)
    bench.add(PMOS, out, drive, bench.vdd)
    if rng.random() < 0.6:
        bench.add(CAPACITOR, out, bench.vss)
    if rng.random() < 0.4:
        bench.add(CAPACITOR, drive, out)


def _switch(bench: Bench, one: int, other: int, phase: int) -> None:
    bench.add(NMOS, one, phase, other)


def switched_capacitor(
    bench: Bench, amplifier: Topology, _: Sequence[Topology], rng: np.random.Generator
) -> None:
    """Integrator, amplifier or sample and hold of switches, capacitors and an amplifier."""
    signal, out = bench.net(VIN), bench.net(VOUT)
    one, two = bench.net(VCONT), bench.net(VCONT)
    ground = bench.net(VCM) if rng.random() < 0.5 else bench.vss
    virtual, left, right = bench.net(), bench.net(), bench.net()
    bench.build_in(amplifier, {**_inputs(virtual, ground, rng), VOUT: [out]})
    _switch(bench, signal, left, one)
    _switch(bench, left, ground, two)
    bench.add(CAPACITOR, left, right)
    _switch(bench, right, ground, one)
    _switch(bench, right, virtual, two)
    bench.add(CAPACITOR, virtual, out)
    if rng.random() < 0.5:
        _switch(bench, virtual, out, one if rng.random() < 0.5 else bench.net(VCONT))
    if rng.random() < 0.4:
        bench.add(CAPACITOR, out, bench.vss)


def data_converter(
    bench: Bench, amplifier: Topology, comparators: Sequence[Topology], rng: np.random.Generator
) -> None:
    """A ladder with switches and a buffer, or slices of a flash converter."""
    small = [item for item in comparators if len(item) <= 14]
    if small and rng.random() < 0.4:
        signal, reference = bench.net(VIN), bench.net(VREF)
        slices = int(rng.integers(2, 4))
        block = small[int(rng.integers(len(small)))]
        tap = reference
        for _number in range(slices):
            lower = bench.net()
            bench.add(RESISTOR, tap, lower)
            tap = lower
            # The biases are common to all slices.
            bench.build_in(block, {VIN: [signal, tap], VOUT: [bench.net(VOUT)]})
        bench.add(RESISTOR, tap, bench.vss)
        return
    bits = int(rng.integers(2, 5))
    reference = bench.net(VREF)
    node = bench.net()
    bench.add(RESISTOR, node, bench.vss)
    for number in range(bits):
        bit, leg = bench.net(VIN), bench.net()
        bench.add(RESISTOR, node, leg)
        bench.add(NMOS, leg, bit, bench.vss)
        bench.add(PMOS, leg, bit, reference)
        if number < bits - 1:
            following = bench.net()
            bench.add(RESISTOR, node, following)
            node = following
    out = bench.net(VOUT)
    bench.build_in(amplifier, {**_inputs(node, out, rng), VOUT: [out]})


def pll(
    bench: Bench, oscillator: Topology, _: Sequence[Topology], rng: np.random.Generator
) -> None:
    """Charge pump, loop filter and an oscillator that its voltage controls."""
    up, down, control = bench.net(VIN), bench.net(VIN), bench.net()
    high, low = bench.net(), bench.net()
    if rng.random() < 0.5:  # switches at the drains
        bench.add(PMOS, high, bench.net(VB), bench.vdd)
        bench.add(PMOS, control, up, high)
        bench.add(NMOS, control, down, low)
        bench.add(NMOS, low, bench.net(VB), bench.vss)
    else:  # at the sources
        bench.add(PMOS, high, up, bench.vdd)
        bench.add(PMOS, control, bench.net(VB), high)
        bench.add(NMOS, control, bench.net(VB), low)
        bench.add(NMOS, low, down, bench.vss)
    middle = bench.net()
    bench.add(RESISTOR, control, middle)
    bench.add(CAPACITOR, middle, bench.vss)
    if rng.random() < 0.6:
        bench.add(CAPACITOR, control, bench.vss)
    outputs = [bench.net(VOUT) for _ in range(oscillator.net_class.count(VOUT))]
    bench.build_in(oscillator, {VCONT: [control], VOUT: outputs})


COMPOSERS: Final = {
    "ldo": ldo,
    "bandgap": bandgap,
    "power_converter": power_converter,
    "voltage_regulator": voltage_regulator,
    "switched_capacitor": switched_capacitor,
    "data_converter": data_converter,
    "pll": pll,
}
"""What draws each type that is composed."""


def compose(
    circuit_type: str, blocks: Sequence[Topology], rng: np.random.Generator
) -> Topology | None:
    """Return a circuit of a type put together from others; None where the draw does not fit.

    Args:
        circuit_type: One of ``COMPOSERS``.
        blocks: Circuits to choose from: op-amps, oscillators, comparators.
        rng: Draws.
    """
    wanted = "oscillator" if circuit_type == "pll" else "opamp"
    fitting = [
        item
        for item in blocks
        if item.type == wanted
        and len(item) <= MAX_BLOCK
        and (item.net_class.count(VOUT) == 1 or wanted == "oscillator")
        and (wanted == "opamp" or item.net_class.count(VCONT) == 1)
        and not any(
            PORTS[own] in ("vcm", "vref", "vcont") and wanted == "opamp"
            for own in item.net_class
            if own != INTERNAL
        )
    ]
    if not fitting:
        return None
    bench = Bench()
    others = [item for item in blocks if item.type == "comparator"]
    COMPOSERS[circuit_type](bench, fitting[int(rng.integers(len(fitting)))], others, rng)
    return bench.topology(circuit_type)
