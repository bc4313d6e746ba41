"""Biases nobody gave: currents by the size of the diode they meet, voltages from replicas.

A replica is a copy of a transistor of the circuit as a diode, at a current of so much per square
of gate (W/L), with its source at the rail, or a little off it for a cascode. That holds for any
technology, because the simulator solves it; it is a beginning, no design.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from eda.circuit import GROUND, Device
from eda.circuit.polarity import TRANSISTORS
from eda.errors import InputError
from eda.numbers import parse_number
from eda.spice.analyses import Op
from eda.spice.testbenches import parts
from eda.spice.testbenches.facts import Facts, Port, drain_of, gate_of, source_of, square_count
from eda.spice.testbenches.result import Bias
from eda.spice.testbenches.setup import Run, Setup, Task

SQUARE_A: Final[Mapping[str, float]] = {"n": 5e-6, "p": 1.5e-6}
"""Current per square of gate, by polarity: about 0.2 V of overdrive in most CMOS technologies."""

BIPOLAR_A: Final = 50e-6
PLAIN_A: Final = 10e-6
"""Current of a port that shows neither a diode nor a gate."""

HIGH_SUPPLY_V: Final = 2.5
"""From this supply on a reference is taken as 1.2 V, below as 0.6 V."""

CASCODE_V: Final = 0.25
"""How far off the rail the source of a replica lies, where the transistor is a cascode."""


def find_bias(setup: Setup, given: Mapping[str, str | float], run: Run) -> Setup:
    """Return the setup with a bias for every port that takes one.

    Args:
        setup: Without biases.
        given: Values by port, in V or A; texts as ``10u``, ``10uA``, ``0.6V``.
        run: Runs the replicas.

    Raises:
        InputError: A port that is not there, or no number.
    """
    ports = setup.facts.ports
    asked = {name.lower(): value for name, value in given.items()}
    unknown = set(asked) - {name.lower() for name in ports}
    if unknown:
        raise InputError(
            f"--bias {min(unknown)}: there is no such port; the ports are {' '.join(ports)}"
        )
    made: list[Bias] = []
    wanted: list[str] = []
    for name in setup.roles.all("bias"):
        port = ports[name]
        if name.lower() in asked:
            made.append(_given(port, asked[name.lower()]))
        elif port.only_senses:
            wanted.append(name)
            made.append(Bias(name, setup.mid_v, "V", "assumed"))
        else:
            made.append(Bias(name, _current(port, setup.facts), "A", "assumed"))
    for name in setup.roles.all("ref"):
        if name.lower() in asked:
            made.append(_given(ports[name], asked[name.lower()]))
        else:
            level = setup.low_v + (1.2 if setup.conditions.supply_v >= HIGH_SUPPLY_V else 0.6)
            made.append(Bias(name, level, "V", "assumed"))
    setup = replace(setup, bias=tuple(made))
    return setup.with_bias(_replicas(setup, wanted, run), "assumed") if wanted else setup


def _given(port: Port, value: str | float) -> Bias:
    text = str(value).strip()
    unit = {"a": "A", "v": "V"}.get(text[-1:].lower(), "")
    number = parse_number(text[:-1] if unit and len(text) > 1 else text)
    if number is None or not math.isfinite(number):
        raise InputError(
            f"--bias {port.name}={text}: {text!r} is no number; write it as 10u, 10uA or 0.6V"
        )
    return Bias(port.name, number, unit or ("V" if port.only_senses else "A"), "given")


def _current(port: Port, facts: Facts) -> float:
    """Return the current into a port: up through p devices it is negative."""
    if port.diode:
        device = next(
            device
            for device in facts.flat.devices
            if device.kind in TRANSISTORS
            and gate_of(device).lower() == drain_of(device).lower() == port.name.lower()
        )
        return _sign(port.diode) * _density(device)
    n_side = port.pins.get("drain.n", 0) + port.pins.get("source.p", 0)
    p_side = port.pins.get("drain.p", 0) + port.pins.get("source.n", 0)
    return -PLAIN_A if p_side > n_side else PLAIN_A


def _sign(polarity: str) -> float:
    return -1.0 if polarity == "p" else 1.0


def _density(device: Device) -> float:
    if device.kind != "mosfet":
        return BIPOLAR_A
    amount = SQUARE_A[device.polarity or "n"] * square_count(device)
    return float(f"{min(max(amount, 1e-7), 1e-2):.2g}")


def _replicas(setup: Setup, ports: list[str], run: Run) -> dict[str, float]:
    """Return the voltage of each port, from one operating point of all replicas."""
    devices: list[Device] = [parts.vsource("dd", "tb_vdd", setup.high_v)]
    low = "tb_vss"
    devices.append(parts.vsource("ss", low, setup.low_v))
    there: list[str] = []
    for at, port in enumerate(ports):
        device = _told_by(setup, port)
        if device is None:
            continue
        there.append(port)
        up = device.polarity == "p"
        rail, other = ("tb_vdd", low) if up else (low, "tb_vdd")
        source = rail
        if not _at_rail(setup, device):
            source = f"tb_s{at}"
            lift = -CASCODE_V if up else CASCODE_V
            devices.append(parts.vsource(f"s{at}", source, lift, minus=rail))
        last = device.name.rpartition(".")[2]
        nets = {"d": f"tb_b{at}", "g": f"tb_b{at}", "s": source, "b": rail}
        nets |= {"c": f"tb_b{at}", "e": source}
        if device.kind == "bipolar":
            nets["b"] = f"tb_b{at}"
        devices.append(
            replace(
                device,
                name=f"{last[:1]}tb{at}",
                nets=tuple(nets.get(role, rail) for role in device.roles),
            )
        )
        ends = (f"tb_b{at}", other) if up else (other, f"tb_b{at}")
        devices.append(parts.isource(f"b{at}", ends[0], _density(device), minus=ends[1]))
    if not there:
        return {}
    circuit = setup.dut.circuit
    deck = replace(
        setup.dut.deck("replicas", tuple(devices)),
        models={**setup.dut.flat.models, **circuit.models},
    )
    result = run.one("bias replicas", Task(deck, (Op(),)))
    point = result.operating_point
    found = {
        port: point.get(f"v(tb_b{at})", math.nan) for at, port in enumerate(ports) if port in there
    }
    return {
        port: float(f"{min(max(value, setup.low_v), setup.high_v):.4g}")
        for port, value in found.items()
        if math.isfinite(value)
    }


def _told_by(setup: Setup, port: str) -> Device | None:
    """Return the transistor whose replica sets a port's voltage: one at a rail, if there is."""
    gates = [
        device
        for device in setup.dut.flat.devices
        if device.kind in TRANSISTORS and gate_of(device).lower() == port.lower()
    ]
    return next((item for item in gates if _at_rail(setup, item)), next(iter(gates), None))


def _at_rail(setup: Setup, device: Device) -> bool:
    rails = {net.lower() for net in (*setup.roles.all("vdd"), *setup.roles.all("vss"))} | {GROUND}
    return source_of(device).lower() in rails
