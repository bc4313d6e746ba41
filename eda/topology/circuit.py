"""# Topology: a new circuit in numbers: devices with a net per pin, a class per net."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.circuit import Circuit, Device
from eda.graph import DEVICE_TYPES, NET_CLASSES, CircuitGraph, circuit_graph, graph_hash
from eda.topology.parts import INTERNAL, KINDS, PORTS, RULE_CLASS

if TYPE_CHECKING:
    from collections.abc import Sequence

Placed = tuple[int, tuple[int, ...]]
"""A device: its kind, and the net of each of its pins, bulk included."""

LETTERS: Final = {"mosfet": "M", "bipolar": "Q", "diode": "D"}


@dataclass(frozen=True, slots=True)
class Topology:
    """A circuit without sizes.

    Attributes:
        type: One of `eda.topology.TYPES`.
        net_class: Of each net: index into ``PORTS``, or -1 inside.
        devices: In the order in which they were placed.
    """

    type: str
    net_class: tuple[int, ...]
    devices: tuple[Placed, ...]

    def __len__(self) -> int:
        """Return the number of devices."""
        return len(self.devices)

    @property
    def ports(self) -> tuple[int, ...]:
        """Classes of the ports, sorted."""
        return tuple(sorted(item for item in self.net_class if item != INTERNAL))

    def net_names(self) -> list[str]:
        """Return plain names: ``vdd``, ``vin1``, ``n3``.

        Ports of one class are numbered where there are several.
        """
        totals = [self.net_class.count(port) for port in range(len(PORTS))]
        seen = [0] * len(PORTS)
        names = []
        inside = 0
        for item in self.net_class:
            if item == INTERNAL:
                inside += 1
                names.append(f"n{inside}")
                continue
            seen[item] += 1
            names.append(PORTS[item] if totals[item] == 1 else f"{PORTS[item]}{seen[item]}")
        return names

    def to_circuit(self, names: Sequence[str] | None = None, *, name: str = "") -> Circuit:
        """Return the bare circuit, with ports and without sizes.

        Args:
            names: Of the nets; `net_names` where None.
            name: Of the circuit as a subcircuit.
        """
        nets = list(names) if names is not None else self.net_names()
        made = []
        counts: dict[str, int] = {}
        for number, pins in self.devices:
            kind = KINDS[number]
            letter = LETTERS.get(kind.kind, kind.kind[0].upper())
            counts[letter] = counts.get(letter, 0) + 1
            made.append(
                Device(
                    name=f"{letter}{counts[letter]}",
                    kind=kind.kind,
                    roles=kind.roles,
                    nets=tuple(nets[net] for net in pins),
                    polarity=kind.polarity,
                )
            )
        order = sorted((item, at) for at, item in enumerate(self.net_class) if item != INTERNAL)
        return Circuit(
            title=name or f"generated {self.type}",
            devices=tuple(made),
            ports=tuple(nets[at] for _, at in order),
            directions={
                nets[at]: RULE_CLASS[item]
                for item, at in order
                if RULE_CLASS[item] in ("input", "output")
            },
            name=name,
        )

    def graph(self) -> CircuitGraph:
        """Return its graph; nets have the classes they have here, whatever their names say."""
        from dataclasses import replace

        graph = circuit_graph(self.to_circuit())
        known = dict(zip(self.net_names(), self.net_class, strict=True))
        classes = [
            NET_CLASSES.index(RULE_CLASS[known[name]]) if known[name] != INTERNAL else 0
            for name in graph.net_names
        ]
        return replace(graph, net_class=np.array(classes, dtype=np.int8))

    def key(self) -> str:
        """Return the hash that tells strictly new circuits: only the rails keep a meaning.

        Circuits that differ only in the names or classes of other ports share it.
        """
        return graph_hash(self.graph(), ports="rails")


def kind_number(device: Device) -> int | None:
    """Return the number of a device's kind; None where new circuits have none of it."""
    for number, kind in enumerate(KINDS):
        if kind.kind == device.kind and kind.polarity == device.polarity:
            return number
    return None


def device_type(number: int) -> int:
    """Return the index into ``DEVICE_TYPES`` of a kind."""
    return DEVICE_TYPES.index(KINDS[number].name)
