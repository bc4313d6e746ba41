"""# Electrical: a flat circuit with what rules ask of it worked out once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.circuit import GROUND, KINDS, ROLES, Circuit, Device, Expression, number
from eda.graph import DEVICE_TYPES, NET_CLASSES, CircuitGraph, circuit_graph
from eda.graph.circuit_graph import KIND_OF_TYPE
from eda.graph.components import components
from eda.graph.net_classes import dc_value, is_signal_source
from eda.rules.scopes import scopes

if TYPE_CHECKING:
    from numpy.typing import NDArray

ZERO_OHM: Final = 1e-3
"""Resistances below this, in ohm, count as a wire."""

_TYPES_OF_KIND: Final = {
    "bipolar": ("npn", "pnp", "bipolar"),
    "mosfet": ("nmos", "pmos", "mosfet"),
    "jfet": ("njf", "pjf", "jfet"),
    "mesfet": ("nmf", "pmf", "mesfet"),
}
# Junctions that carry direct current besides the paths in the table of kinds.
JUNCTIONS: Final = {"mosfet": (("b", "d"), ("b", "s")), "bipolar": (("s", "c"),)}
_WITH_EXPRESSIONS: Final = frozenset(
    ("behavioral", "vcvs", "vccs", "resistor", "capacitor", "inductor", "switch")
)
PROBE: Final = re.compile(r"\bv\w{0,2}\(([^()]*)\)", re.IGNORECASE)
"""The nets in ``v(a, b)``, ``vdb(a)``, ..."""
_CURRENT_SOURCES: Final = ("isource", "vccs", "cccs")
_SOURCES: Final = ("vsource", "isource", "behavioral")
_BLACK_BOXES: Final = ("subcircuit", "xspice", "osdi")


@dataclass(frozen=True)
class Electrical:
    """A flat circuit prepared for the rules; each part is worked out when first asked for.

    Nothing is known of the inside of a black box, so it counts as joining and driving all its
    pins; so does whatever is outside the ports of a subcircuit.

    Attributes:
        circuit: As it was read, with its hierarchy.
        flat: The same, flattened: the circuit that is checked.
        graph: Its graph; devices and nets are indices into it.
    """

    circuit: Circuit
    flat: Circuit
    graph: CircuitGraph

    @classmethod
    def of(cls, circuit: Circuit, *, subcircuit: str | None = None) -> Electrical:
        """Return the view of a circuit, or of one of its subcircuits."""
        if subcircuit is not None or circuit.subcircuits:
            flat = circuit.flatten(subcircuit=subcircuit)
        else:
            flat = circuit
        return cls(circuit, flat, circuit_graph(flat))

    # Devices --------------------------------------------------------------------------------

    def is_kind(self, *kinds: str) -> NDArray[np.bool_]:
        """Return bool [devices]: the devices of these kinds."""
        types = [
            DEVICE_TYPES.index(name) for kind in kinds for name in _TYPES_OF_KIND.get(kind, (kind,))
        ]
        return np.isin(self.graph.device_type, types)

    def is_type(self, name: str) -> NDArray[np.bool_]:
        """Return bool [devices]: the devices of this one of ``DEVICE_TYPES``, as ``nmos``."""
        return np.asarray(self.graph.device_type == DEVICE_TYPES.index(name), dtype=np.bool_)

    def pin_of_role(self, role: str) -> NDArray[np.int64]:
        """Return int64 [devices]: the pin (edge) of this role on each device, or -1."""
        found = self._pins_by_role.get(role)
        if found is None:
            found = np.full(self.graph.num_devices, -1, dtype=np.int64)
            if role in ROLES:
                # The pins of a black box may bear any name; they are not these roles.
                known = ~self._pin_of_black_box
                pins = np.flatnonzero((self.graph.edge_role == ROLES.index(role)) & known)
                found[self.graph.edge_device[pins]] = pins
            self._pins_by_role[role] = found
        return found

    def net_of_role(self, role: str) -> NDArray[np.int64]:
        """Return int64 [devices]: the net on the pin of this role of each device, or -1."""
        pins = self.pin_of_role(role)
        if not self.graph.num_pins:
            return pins
        return np.where(pins >= 0, self.graph.edge_net[pins], -1)

    def device(self, index: int) -> Device:
        """Return the flat device with this index."""
        return self.flat.devices[index]

    @cached_property
    def _pins_by_role(self) -> dict[str, NDArray[np.int64]]:
        return {}

    @cached_property
    def _pin_of_black_box(self) -> NDArray[np.bool_]:
        return self.is_kind(*_BLACK_BOXES)[self.graph.edge_device]

    @cached_property
    def _extra_pins(self) -> NDArray[np.bool_]:
        """Bool [pins]: pins beyond those of the kind, as the temperature of a transistor.

        The device itself drives them, or they are something that we know nothing of.
        """
        roles = len(self.graph.role_names)
        code = self.graph.device_type[self.graph.edge_device].astype(np.int64) * roles
        codes, inverse = np.unique(code + self.graph.edge_role, return_inverse=True)
        extra = np.zeros(len(codes), dtype=np.bool_)
        for at, value in enumerate(codes.tolist()):
            role = self.graph.role_names[value % roles]
            known = KINDS[KIND_OF_TYPE[DEVICE_TYPES[value // roles]]].roles
            extra[at] = role == "t" or role not in known
        found: NDArray[np.bool_] = extra[inverse]
        return found

    @cached_property
    def is_current_source(self) -> NDArray[np.bool_]:
        """Bool [devices]: the output sets a current and carries no other direct current."""
        found = self.is_kind(*_CURRENT_SOURCES)
        for at in np.flatnonzero(self.is_kind("behavioral")).tolist():
            found[at] = not {"i", "q"}.isdisjoint(self.device(at).parameters)
        return found

    @cached_property
    def is_ideal_voltage(self) -> NDArray[np.bool_]:
        """Bool [devices]: fixes the direct voltage between its ends, with no resistance."""
        found = self.is_kind("vsource", "vcvs", "ccvs")
        # LTspice gives every inductor a milliohm.
        if self.circuit.dialect != "ltspice":
            found |= self.is_kind("inductor")
        for at in np.flatnonzero(found).tolist():
            found[at] = is_ideal(self.device(at))
        return found

    @cached_property
    def is_zero_ohm(self) -> NDArray[np.bool_]:
        """Bool [devices]: a wire for direct current: tiny resistor, inductor, source of 0 V."""
        found = self.is_kind("inductor")
        for at in np.flatnonzero(self.is_kind("resistor")).tolist():
            ohm = resistance(self.device(at))
            found[at] = ohm is not None and abs(ohm) < ZERO_OHM
        for at in np.flatnonzero(self.is_kind("vsource")).tolist():
            device = self.device(at)
            found[at] = dc_value(device) == 0 and not is_signal_source(device)
            found[at] &= device.name.lower() not in self._card_words
        return found

    @cached_property
    def probed_nets(self) -> frozenset[str]:
        """Lower-case names of nets that an expression, analysis or script takes the voltage of."""
        texts = [*(card.text for card in self.circuit.cards), *self.circuit.control]
        for device in self.flat.devices:
            if device.kind in _WITH_EXPRESSIONS or not device.nets:
                values = device.parameters.values()
                texts += [item.text for item in values if isinstance(item, Expression)]
        found = PROBE.findall("\n".join(texts))
        return frozenset(name.strip().lower() for inside in found for name in inside.split(","))

    @cached_property
    def _card_words(self) -> frozenset[str]:
        """Words of analyses and scripts: a source named there may be swept or altered."""
        text = "\n".join([*(card.text for card in self.circuit.cards), *self.circuit.control])
        for mark in "(),=@[]":
            text = text.replace(mark, " ")
        return frozenset(text.lower().split())

    # Nets -----------------------------------------------------------------------------------

    def net_is(self, *classes: str) -> NDArray[np.bool_]:
        """Return bool [nets]: the nets of these classes."""
        return np.isin(self.graph.net_class, [NET_CLASSES.index(name) for name in classes])

    def net_name(self, index: int) -> str:
        """Return the name of a net."""
        return self.graph.net_names[index]

    def pins_of_net(self, net: int) -> NDArray[np.int64]:
        """Return the pins (edges) on a net, in circuit order."""
        order, starts = self._pins_by_net
        return order[starts[net] : starts[net + 1]]

    def devices_of_net(self, net: int) -> list[Device]:
        """Return the devices on a net, each once, in circuit order."""
        devices = self.graph.edge_device[self.pins_of_net(net)]
        return [self.device(at) for at in dict.fromkeys(devices.tolist())]

    @cached_property
    def _pins_by_net(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = np.argsort(self.graph.edge_net, kind="stable")
        starts = np.concatenate([[0], np.cumsum(self.graph.net_degree)])
        return order, starts

    @cached_property
    def is_ground(self) -> NDArray[np.bool_]:
        """Bool [nets]: the reference node of the simulator, ``0`` or ``gnd``."""
        found = np.zeros(self.graph.num_nets, dtype=np.bool_)
        for at in np.flatnonzero(self.net_is("ground")).tolist():
            name = self.net_name(at).lower()
            found[at] = name in (GROUND, "gnd", "gnd!")
        return found

    @cached_property
    def is_outside(self) -> NDArray[np.bool_]:
        """Bool [nets]: leads outside or into a black box, so anything may drive it."""
        found = self.graph.net_is_port.copy()
        found[self.graph.edge_net[self._extra_pins]] = True
        found |= self._unbound
        if not self.flat.ports and not self.is_kind(*_SOURCES).any():
            # A netlist without any source is a schematic to be put into a testbench: nets
            # that are named like inputs, biases or rails are driven there.
            found |= self.net_is("input", "output", "bias", "supply", "negative_supply")
        return found

    @cached_property
    def _unbound(self) -> NDArray[np.bool_]:
        """Bool [nets]: ports inside an instance that was given too few nets.

        The instance is wrong, and told of; what its inner nets lack follows from that.
        """
        found = np.zeros(self.graph.num_nets, dtype=np.bool_)
        short = {
            f"{device.name}.{port}".lower()
            for scope, visible in scopes(self.circuit)
            for device in scope.devices
            if device.kind == "subcircuit" and (inner := visible.get(device.model.lower()))
            for port in inner.ports[len(device.nets) :]
        }
        if short:
            for at, name in enumerate(self.graph.net_names):
                if ".".join(name.lower().rsplit(".", 2)[-2:]) in short:
                    found[at] = True
        return found

    @cached_property
    def gate_pins(self) -> NDArray[np.bool_]:
        """Bool [pins]: the pin is the insulated gate of a transistor."""
        role = self.graph.edge_role == ROLES.index("g")
        gates: NDArray[np.bool_] = role & self.is_kind("mosfet")[self.graph.edge_device]
        return gates

    @cached_property
    def gate_count(self) -> NDArray[np.int64]:
        """int64 [nets]: how many gates are on the net."""
        return np.bincount(self.graph.edge_net[self.gate_pins], minlength=self.graph.num_nets)

    @cached_property
    def only_gates(self) -> NDArray[np.bool_]:
        """Bool [nets]: touches gates, nothing but gates, and leads nowhere else."""
        degree = self.graph.net_degree
        found: NDArray[np.bool_] = (self.gate_count == degree) & (degree > 0)
        return found & ~self.is_outside & ~self.is_ground

    @cached_property
    def bulk_pins(self) -> NDArray[np.bool_]:
        """Bool [pins]: the pin is the bulk of a MOS transistor."""
        role = self.graph.edge_role == ROLES.index("b")
        bulks: NDArray[np.bool_] = role & self.is_kind("mosfet")[self.graph.edge_device]
        return bulks

    @cached_property
    def only_bulks(self) -> NDArray[np.bool_]:
        """Bool [nets]: touches bulks, nothing but bulks, and leads nowhere else."""
        bulks = np.bincount(self.graph.edge_net[self.bulk_pins], minlength=self.graph.num_nets)
        found: NDArray[np.bool_] = (bulks == self.graph.net_degree) & (bulks > 0)
        return found & ~self.is_outside & ~self.is_ground

    @cached_property
    def device_count(self) -> NDArray[np.int64]:
        """int64 [nets]: how many devices are on the net, each counted once."""
        keys = self.graph.edge_net.astype(np.int64) * self.graph.num_devices
        keys = np.sort(keys + self.graph.edge_device)
        first = np.diff(keys, prepend=-1) != 0
        nets = keys[first] // max(self.graph.num_devices, 1)
        return np.bincount(nets, minlength=self.graph.num_nets)

    @cached_property
    def is_rail(self) -> NDArray[np.bool_]:
        """Bool [nets]: ground or a supply of either sign."""
        return self.net_is("supply", "ground", "negative_supply")

    @cached_property
    def is_low_gate(self) -> NDArray[np.bool_]:
        """Bool [nets]: a rail that switches an NMOS off and a PMOS on.

        Between two supplies, ground is in the middle, and does neither.
        """
        low = self.net_is("negative_supply") & ~self.is_swept
        return low if self.ground_between else low | self.net_is("ground")

    @cached_property
    def is_high_gate(self) -> NDArray[np.bool_]:
        """Bool [nets]: a rail that switches an NMOS on and a PMOS off."""
        return self.net_is("supply") & ~self.is_swept

    @cached_property
    def ground_between(self) -> bool:
        """Whether a negative supply is not joined to ground, so that ground is not the lowest."""
        parts = self.zero_component
        low, ground = parts[self.net_is("negative_supply")], parts[self.net_is("ground")]
        return bool((~np.isin(low, ground)).any())

    @cached_property
    def is_low_bulk(self) -> NDArray[np.bool_]:
        """Bool [nets]: a rail that the bulk of a PMOS must not be on.

        Ground is not one where there are negative supplies only: it is the highest rail then.
        """
        low = self.net_is("negative_supply")
        if low.any() and self.ground_between and not self.net_is("supply").any():
            return low
        return low | self.net_is("ground")

    @cached_property
    def is_swept(self) -> NDArray[np.bool_]:
        """Bool [nets]: an analysis or a script changes the source that is on the net."""
        found = np.zeros(self.graph.num_nets, dtype=np.bool_)
        if self._card_words:
            for at in np.flatnonzero(self.is_kind("vsource")).tolist():
                if self.device(at).name.lower() in self._card_words:
                    found[self.net_of_role("p")[at]] = True
                    found[self.net_of_role("n")[at]] = True
        return found & ~self.is_ground

    @cached_property
    def has_dc_path(self) -> NDArray[np.bool_]:
        """Bool [nets]: joined for direct current to ground, to a port or to a black box.

        Where there is no ground at all, the largest part of the circuit counts as grounded:
        that ground is missing is another rule's finding.
        """
        held = self.is_ground | self.is_outside
        parts = self.dc_component
        if not held.any() and len(parts):
            return np.asarray(parts == np.bincount(parts).argmax(), dtype=np.bool_)
        return np.isin(parts, parts[held])

    # Who is joined to whom ------------------------------------------------------------------

    @cached_property
    def dc_component(self) -> NDArray[np.int64]:
        """int64 [nets]: nets with the same number are joined by paths for direct current."""
        first, second = [], []
        for name, kind in KINDS.items():
            devices = self.is_kind(name)
            if name == "behavioral":
                devices &= ~self.is_current_source
            if not devices.any():
                continue
            for one, other in (*kind.dc_paths, *JUNCTIONS.get(name, ())):
                a, b = self.net_of_role(one), self.net_of_role(other)
                both = devices & (a >= 0) & (b >= 0)
                first.append(a[both])
                second.append(b[both])
        # Of lines with other roles (lossy, coupled), all pins count as joined.
        odd_line = self.is_kind("tline") & (self.net_of_role("p1") < 0)
        boxed = np.flatnonzero(self._pin_of_black_box | odd_line[self.graph.edge_device])
        if len(boxed):
            owner = self.graph.edge_device[boxed]
            lead = np.searchsorted(self.graph.edge_device, owner)
            first.append(self.graph.edge_net[lead].astype(np.int64))
            second.append(self.graph.edge_net[boxed].astype(np.int64))
        return self._join(first, second)

    @cached_property
    def zero_component(self) -> NDArray[np.int64]:
        """int64 [nets]: nets with the same number are one node for direct current."""
        return self._join_terminals(self.is_zero_ohm)

    @cached_property
    def zero_rails(self) -> NDArray[np.bool_]:
        """Bool [nets, 2]: a wire leads from the net to a supply; to ground or below."""
        parts = self.zero_component
        rails = self.net_is("supply"), self.net_is("ground", "negative_supply")
        return np.stack([np.isin(parts, parts[rail]) for rail in rails], axis=1)

    @cached_property
    def voltage_component(self) -> NDArray[np.int64]:
        """int64 [nets]: nets with the same number have their voltage difference fixed."""
        return self._join_terminals(self.is_ideal_voltage)

    @cached_property
    def voltage_edges(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Devices that fix the voltage between two nets, and these nets: int64 [edges] each."""
        plus, minus = self.net_of_role("p"), self.net_of_role("n")
        both = self.is_ideal_voltage & (plus >= 0) & (minus >= 0)
        devices = np.flatnonzero(both & (plus != minus))
        return devices, plus[devices], minus[devices]

    def _join_terminals(self, devices: NDArray[np.bool_]) -> NDArray[np.int64]:
        both = devices & (self.net_of_role("p") >= 0) & (self.net_of_role("n") >= 0)
        return self._join([self.net_of_role("p")[both]], [self.net_of_role("n")[both]])

    def _join(
        self, first: list[NDArray[np.int64]], second: list[NDArray[np.int64]]
    ) -> NDArray[np.int64]:
        none = np.zeros(0, dtype=np.int64)
        return components(
            self.graph.num_nets, np.concatenate([none, *first]), np.concatenate([none, *second])
        )


def is_ideal(device: Device) -> bool:
    """Return whether a source or an inductor has no resistance of its own.

    A source that is a port (``portnum``) has one, and so has whatever is given ``rser``.
    """
    if "portnum" in device.parameters:
        return False
    return number(device.parameters.get("rser")) in (None, 0.0)


def resistance(device: Device) -> float | None:
    """Return the resistance of a resistor in ohm, where it is known."""
    for key in ("r", "value", "resistance"):
        if key in device.parameters:
            return number(device.parameters[key])
    return None
