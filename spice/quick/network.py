"""A case's circuit taken apart: what its values are in each design, and which parts hang together.

Values that depend on sizes are found by flattening the circuit at a few designs: nearly all of
them are products of powers of design parameters, which is checked; where one is not, the
circuit is flattened for every design.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.circuit import Circuit, Device, Expression, Value, number
from eda.spice.case_parts import Corner
from eda.spice.quick.table import Floats

if TYPE_CHECKING:
    from eda.spice.case import Case

SOLVED: Final = frozenset(
    ("resistor", "capacitor", "inductor", "vsource", "isource", "vcvs", "vccs", "mosfet")
)
GROUND: Final = "0"


class UnsupportedCircuitError(Exception):  # the caller learns from ngspice alone
    """The circuit has a device that is not solved here."""


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A subcircuit round one transistor: what each port is, in order, and the polarity."""

    terminals: str
    polarity: str


@dataclass(frozen=True)
class Part:
    """Devices that hang together, apart from ground."""

    devices: tuple[Device, ...]
    nets: tuple[str, ...]


class Network:
    """The flat circuit of a case at a corner, with transistors as leaves."""

    def __init__(self, case: Case, corner: Corner) -> None:
        """Take the circuit apart.

        Raises:
            UnsupportedCircuitError: A device of it is not solved here.
        """
        self.case = case
        self.corner = corner
        self.models = case.circuit(Corner(corner.process, corner.temperature_c))
        self.wrappers = _wrappers(self.models)
        outer = {k: v for k, v in self.models.subcircuits.items() if k not in self.wrappers}
        # Without their values, so that expressions are worked out anew for every design.
        devices = tuple(_unvalued(device) for device in self.models.devices)
        self._bare = replace(self.models, subcircuits=outer, devices=devices)
        self.flat = self._flat(case.nominal)
        for device in self.flat.devices:
            if not self.is_transistor(device) and device.kind not in SOLVED:
                raise UnsupportedCircuitError(f"{device.name} is a {device.kind}")
        self.parts = _parts(self.flat.devices)
        self._powers: dict[tuple[str, str, int], tuple[float, Floats]] = {}
        self._exact = False
        self._learn()

    def is_transistor(self, device: Device) -> bool:
        """Return whether a device is a transistor, or a subcircuit round one."""
        return device.kind == "mosfet" or device.model.lower() in self.wrappers

    def terminals(self, device: Device) -> str:
        """Return the terminal of each pin of a transistor, as letters of ``dgsb``."""
        wrapper = self.wrappers.get(device.model.lower())
        return wrapper.terminals if wrapper else "".join(device.roles)

    def polarity(self, device: Device) -> str:
        """Return ``n`` or ``p``."""
        wrapper = self.wrappers.get(device.model.lower())
        return wrapper.polarity if wrapper else device.polarity

    def values(self, designs: Sequence[Mapping[str, float]]) -> dict[tuple[str, str, int], Floats]:
        """Return every number of every device, [n] or [1], by device, parameter and place."""
        if self._exact:
            tables = [_numbers(self._flat(design).devices) for design in designs]
            return {key: np.array([table[key] for table in tables]) for key in tables[0]}
        names = [item.name for item in self.case.design_parameters]
        logs = np.log(np.array([[abs(d[name]) for name in names] for d in designs]))
        made = {}
        for key, (constant, powers) in self._powers.items():
            if not powers.any():
                made[key] = np.array([constant])
            else:
                made[key] = constant * np.exp(logs @ powers)
        return made

    def _flat(self, design: Mapping[str, float]) -> Circuit:
        given = {name: float(value) for name, value in design.items()}
        if self.corner.supply_v is not None:
            given["vdd"] = self.corner.supply_v
        return replace(self._bare, parameters={**self._bare.parameters, **given}).flatten()

    def _learn(self) -> None:
        parameters = self.case.design_parameters
        middle = {p.name: p.from_unit(0.5) for p in parameters}
        base = _numbers(self._flat(middle).devices)
        powers = {key: np.zeros(len(parameters)) for key in base}
        for at, item in enumerate(parameters):
            moved = {**middle, item.name: item.hi if item.hi != middle[item.name] else item.lo}
            if moved[item.name] <= 0 or middle[item.name] <= 0:
                self._exact = True
                return
            span = np.log(moved[item.name] / middle[item.name])
            for key, value in _numbers(self._flat(moved).devices).items():
                before = base.get(key, 0.0)
                if value != before and before and value / before > 0 and span:
                    powers[key][at] = round(float(np.log(value / before) / span), 6)
        logs = np.log([middle[p.name] for p in parameters])
        self._powers = {
            key: (value / float(np.exp(logs @ powers[key])), powers[key])
            for key, value in base.items()
        }
        rng = np.random.default_rng(0)
        for _ in range(3):
            design = {p.name: p.from_unit(float(rng.random())) for p in parameters}
            exact = _numbers(self._flat(design).devices)
            found = self.values([design])
            if any(abs(found[k][0] - v) > 1e-6 * abs(v) + 1e-30 for k, v in exact.items()):
                self._exact = True
                return


def _unvalued(device: Device) -> Device:
    """Return a device whose expressions have no value yet."""
    given = {
        name: tuple(_open(item) for item in value) if isinstance(value, tuple) else _open(value)
        for name, value in device.parameters.items()
    }
    return replace(device, parameters=given)


def _open(value: Value) -> Value:
    return Expression(value.text) if isinstance(value, Expression) else value


def _numbers(devices: Sequence[Device]) -> dict[tuple[str, str, int], float]:
    """Return every number of every device."""
    made: dict[tuple[str, str, int], float] = {}
    for device in devices:
        for name, value in device.parameters.items():
            items = value if isinstance(value, tuple) else (value,)
            for at, item in enumerate(items):
                found = number(item)
                if found is not None:
                    made[device.name, name, at] = float(found)
    return made


def _wrappers(circuit: Circuit) -> dict[str, Wrapper]:
    """Return the subcircuits that hold one transistor and nothing else."""
    found = {}
    for name, sub in circuit.subcircuits.items():
        transistors = [item for item in sub.devices if item.kind == "mosfet"]
        if len(sub.devices) != 1 or len(transistors) != 1 or not 3 <= len(sub.ports) <= 4:
            continue
        device = transistors[0]
        role = {net.lower(): r for r, net in zip(device.roles, device.nets, strict=True)}
        terminals = "".join(role.get(port.lower(), "?") for port in sub.ports)
        if sorted(terminals) == sorted("dgsb") and device.polarity in ("n", "p"):
            found[name] = Wrapper(terminals, device.polarity)
    return found


def _parts(devices: Sequence[Device]) -> tuple[Part, ...]:
    """Return the devices in groups that share no net but ground."""
    parent: dict[str, str] = {}

    def root(net: str) -> str:
        parent.setdefault(net, net)
        while parent[net] != net:
            parent[net] = parent[parent[net]]
            net = parent[net]
        return net

    for device in devices:
        nets = [net for net in device.nets if net != GROUND]
        for net in nets:
            parent[root(net)] = root(nets[0])
    groups: dict[str, list[Device]] = defaultdict(list)
    for device in devices:
        nets = [net for net in device.nets if net != GROUND]
        if nets:
            groups[root(nets[0])].append(device)
    return tuple(
        Part(
            tuple(group),
            tuple(dict.fromkeys(n for d in group for n in d.nets if n != GROUND)),
        )
        for group in groups.values()
    )
