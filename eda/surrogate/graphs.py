"""What the network reads: devices and nets of a case with sizes and bias, and its metrics.

Copies of the circuit in a test bench are read once; the metrics of all copies point to its nets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.spice.case_kinds import KINDS
from eda.surrogate.curves import EMBEDDING
from eda.surrogate.equations import GROUND, islands, network_at
from eda.surrogate.physics import Answer, Physics, copy_of
from eda.surrogate.readings import nets_of, signals_of
from eda.surrogate.scales import FLOOR
from eda.surrogate.wiring import SIZES, model_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.circuit import Device

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]

DEVICES: Final = ("resistor", "capacitor", "inductor", "vsource", "isource", "vcvs", "vccs")
TYPES: Final = ("n", "p", *DEVICES)
ROLES: Final = ("d", "g", "s", "b", "p", "n", "cp", "cn")
METRICS: Final = tuple(KINDS)
STAGES: Final = ("op", "ac", "noise", "tran")
DEVICE_WIDTH: Final = len(TYPES) + EMBEDDING + 8
NET_WIDTH: Final = 6

SPREADS: Final = {"dB": 20.0, "degree": 40.0, "1": 0.5, "Hz": 2.0, "V/s": 2.0, "s": 1.5}
"""What counts as one unit of a metric's learned value, by its unit; 1 for the others."""


@dataclass(frozen=True, eq=False)
class Graph:
    """The parts that every design of a case shares.

    Attributes:
        links: Which device is on which net in which role, [roles, nets, devices].
        device: Constant features, [devices, DEVICE_WIDTH]; the rest is filled in by design.
        net: Constant features, [nets, NET_WIDTH].
        kinds: Of the metrics, positions in `METRICS`, [metrics].
        stages: Of the metrics, positions in `STAGES`, [metrics].
        plus: The net a metric is read at, [metrics]; the last row stands for nothing.
        minus: The net it is read against, [metrics].
        centre: What is taken off the learned values, [metrics].
        spread: What they are divided by, [metrics].
    """

    links: Singles
    device: Singles
    net: Singles
    kinds: NDArray[np.int64]
    stages: NDArray[np.int64]
    plus: NDArray[np.int64]
    minus: NDArray[np.int64]
    centre: Singles
    spread: Singles


@dataclass(frozen=True, eq=False)
class Inputs:
    """A graph with the features of designs.

    Attributes:
        graph: What they share.
        device: [designs, devices, DEVICE_WIDTH].
        net: [designs, nets, NET_WIDTH].
        answer: First answers as the network sees them, [designs, metrics]; 0 where there is none.
        there: Whether there is one, [designs, metrics].
    """

    graph: Graph
    device: Singles
    net: Singles
    answer: Singles
    there: Singles

    def take(self, which: Any) -> Inputs:
        """Return some of the designs."""
        return Inputs(
            self.graph,
            self.device[which],
            self.net[which],
            self.answer[which],
            self.there[which],
        )


class GraphReader:
    """Makes the network's inputs from designs of one case and what the equations say of them."""

    def __init__(self, physics: Physics) -> None:
        """Find the devices and nets that are read."""
        self._physics = physics
        case, wiring = physics.case, physics.wiring
        network = network_at(wiring, physics.curves, wiring.base[None])
        same = np.arange(len(physics.nets))
        kept: list[NDArray[np.int64]] = []
        for nodes in islands(network):
            start = copy_of(physics.nets, kept, nodes)
            if start is None:
                kept.append(nodes)
            else:
                same[nodes] = start[nodes]
        inside = set(np.concatenate(kept).tolist()) if kept else set()
        number = {net: at for at, net in enumerate(physics.nets)}
        self._devices = [
            device
            for device in wiring.devices
            if device.kind == "vsource" or any(number[n.lower()] in inside for n in device.nets)
        ]
        wanted = sorted(
            {number[net.lower()] for device in self._devices for net in device.nets} | inside
        )
        row = {node: at for at, node in enumerate(wanted)}
        self._nodes = np.array(wanted)
        links = np.zeros((len(ROLES), len(wanted), len(self._devices)), dtype=np.float32)
        for at, device in enumerate(self._devices):
            for role, net in device.pins:
                if role in ROLES:
                    links[ROLES.index(role), row[number[net.lower()]], at] = 1.0
        degree = links.sum(axis=(0, 2))
        fixed = np.zeros((len(wanted), NET_WIDTH), dtype=np.float32)
        fixed[:, 0] = [physics.nets[node] == GROUND for node in wanted]
        fixed[:, 1] = [not network.free[node] for node in wanted]
        fixed[:, 2] = np.abs(network.fixed_ac[wanted, 0]) > 0
        fixed[:, 3] = np.log1p(degree) / 2
        top = float(np.abs(network.fixed_v).max()) or 1.0
        self._top = top
        fixed[:, 4] = math.log(top)
        nothing = len(wanted)

        def place(name: str) -> int:
            node = number.get(name)
            return nothing if node is None else row.get(int(same[node]), nothing)

        plus, minus = [], []
        for metric in case.metrics:
            measure = case.measures[metric]
            names = signals_of(measure)
            read = nets_of(names[0]) if names and names[0] else []
            if not read and "source" in measure.fields:
                feeds = [d for d in wiring.devices if d.name.lower() == measure.fields["source"]]
                read = [n.lower() for d in feeds for n in d.nets if n != GROUND][:1]
            plus.append(place(read[0]) if read else nothing)
            minus.append(place(read[1]) if len(read) > 1 else nothing)
        centres, spreads = [], []
        for metric in case.metrics:
            kind = case.measures[metric].kind
            floor = FLOOR.get(kind)
            centres.append(0.0 if floor is None else math.log(TYPICAL.get(kind, floor) / floor))
            spreads.append(SPREADS.get(KINDS[kind].unit, 1.0))
        self.graph = Graph(
            links,
            self._constant(),
            fixed,
            np.array([METRICS.index(case.measures[m].kind) for m in case.metrics]),
            np.array([STAGES.index(case.measures[m].analysis) for m in case.metrics]),
            np.array(plus),
            np.array(minus),
            np.array(centres, dtype=np.float32),
            np.array(spreads, dtype=np.float32),
        )

    def _constant(self) -> Singles:
        made = np.zeros((len(self._devices), DEVICE_WIDTH), dtype=np.float32)
        for at, device in enumerate(self._devices):
            kind = device.kind if device.kind != "mosfet" else device.polarity or "n"
            made[at, TYPES.index(kind)] = 1.0
            if device.kind == "mosfet":
                curves = self._physics.curves[model_name(device), device.polarity or "n"]
                made[at, len(TYPES) : len(TYPES) + EMBEDDING] = curves.embedding()
        return made

    def read(self, designs: Floats, answer: Answer) -> Inputs:
        """Return the inputs of designs [designs, parameters]."""
        many = len(designs)
        device = np.broadcast_to(self.graph.device, (many, *self.graph.device.shape)).copy()
        first = len(TYPES) + EMBEDDING
        points = {name: at for at, name in enumerate(self._physics.transistors)}
        for at, item in enumerate(self._devices):
            device[:, at, first:] = self._sized(item, designs, answer, points)
        net = np.broadcast_to(self.graph.net, (many, *self.graph.net.shape)).copy()
        if answer.volts.shape[1]:
            net[:, :, 5] = answer.volts[:, self._nodes] / self._top
        there = np.isfinite(answer.metrics)
        scaled = (answer.metrics - self.graph.centre) / self.graph.spread
        return Inputs(
            self.graph,
            device,
            net,
            np.clip(np.where(there, scaled, 0.0), -8.0, 8.0).astype(np.float32),
            there.astype(np.float32),
        )

    def _sized(
        self, device: Device, designs: Floats, answer: Answer, points: dict[str, int]
    ) -> Floats:
        wiring = self._physics.wiring
        made = np.zeros((len(designs), 8))
        if device.kind == "mosfet":
            width, length, many, fingers = (
                wiring.value(device, size, designs, 1.0) for size in SIZES
            )
            made[:, 0] = (np.log(width * many) + 11.5) / 2
            made[:, 1] = (np.log(length) + 14.5) / 1.5
            made[:, 2] = np.log(fingers) / 2
            if device.name in points:
                point = answer.points[:, points[device.name]]
                made[:, 3] = (np.maximum(point[:, 0], -35.0) + 12.0) / 4
                made[:, 4] = (point[:, 1] - 2.3) / 1.0
                made[:, 5] = (np.clip(point[:, 2], -5.0, 10.0) - 3.0) / 2
                made[:, 6] = np.tanh(point[:, 3] / 0.1)
                made[:, 7] = answer.solved
            return made
        value = wiring.value(device, "value", designs, 0.0)
        value = value + wiring.value(device, "dc", designs, 0.0)
        centre = {"resistor": 8.0, "capacitor": -28.0, "isource": -11.0}.get(device.kind, 0.0)
        size = np.log(np.maximum(np.abs(value), 1e-18))
        made[:, 0] = np.where(value == 0.0, 0.0, np.clip((size - centre) / 4, -5.0, 5.0))
        return made


TYPICAL: Final = {
    "supply_power": 1e-4,
    "supply_current": 1e-4,
    "dc_offset": 1e-3,
    "magnitude": 1e3,
    "unity_gain_hz": 1e7,
    "bandwidth_hz": 1e8,
    "noise_total": 1e-6,
    "noise_density": 1e-8,
    "slew_rate": 1e7,
    "settling_s": 1e-7,
    "delay_s": 1e-9,
    "energy_j": 1e-12,
    "undershoot": 1e-2,
    "peak_to_peak": 1e-1,
}
"""Usual sizes of metrics that are learned as logarithms, so that inputs are near 0."""
