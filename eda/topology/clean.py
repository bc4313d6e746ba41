"""From a drawn or composed circuit to one to learn from: mended where that is safe, else refused.

What is mended: bulks onto the rail or the own source, drain and source the right way round,
parallel twins and shorted parts merged away, gates that nothing drives made bias ports, an output
named where none is. What is left must keep every strict rule.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eda.rules import PartialCircuit, check
from eda.topology.circuit import Placed, Topology, kind_number
from eda.topology.grammar import twin
from eda.topology.parts import (
    CAPACITOR,
    IB,
    INTERNAL,
    KINDS,
    MAX_DEVICES,
    MAX_PORTS,
    NMOS,
    NPN,
    OUTPUTS,
    PMOS,
    PNP,
    PORTS,
    RULE_CLASS,
    VB,
    VDD,
    VOUT,
    VSS,
)
from eda.topology.types import type_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.circuit import Circuit, Severity

FALLBACK: Final = {
    **{"vcont": "vb", "vref": "vb", "vcm": "vb", "vif": "vout", "vrf": "vin", "iin": "ib"},
    **{"vlo": "vcont", "iout": "vout", "ib": "vb"},
}
"""What a port counts as where the type knows none of its class."""


@dataclass(slots=True)
class Cleaned:
    """What came of a circuit.

    Attributes:
        topology: The circuit; None where it was refused.
        mended: What was changed, as short names.
        reason: Why it was refused; empty where it was not.
    """

    topology: Topology | None = None
    mended: list[str] = field(default_factory=list)
    reason: str = ""


def clean(circuit: Circuit, circuit_type: str, classes: Mapping[str, str]) -> Cleaned:
    """Return a circuit as one to learn from.

    Args:
        circuit: Flat, with ports.
        circuit_type: One of `eda.topology.TYPES`; a circuit whose ports do not fit is refused.
        classes: Class of each port (one of ``PORTS``) by lower-case net.
    """
    return _Cleaner(circuit, circuit_type, classes).run()


class _RefusedError(Exception):
    """The circuit cannot be mended; the text says why."""


class _Cleaner:
    def __init__(self, circuit: Circuit, circuit_type: str, classes: Mapping[str, str]) -> None:
        self.circuit = circuit
        self.type = type_named(circuit_type)
        self.given = dict(classes)
        self.made = Cleaned()
        self.numbers: dict[str, int] = {}
        self.net_class: list[int] = []
        self.devices: list[Placed] = []

    def run(self) -> Cleaned:
        try:
            self._read()
            self._straighten()
            self._prune()
            self._gates()
            self._output()
            self.made.topology = self._finish()
        except _RefusedError as refused:
            self.made.reason = str(refused)
        return self.made

    def _mend(self, what: str) -> None:
        if what not in self.made.mended:
            self.made.mended.append(what)

    # Reading --------------------------------------------------------------------------------

    def _net(self, name: str) -> int:
        key = name.lower()
        if key not in self.numbers:
            port = self.given.get(key)
            number = INTERNAL
            if port is not None:
                port = self._fitting(port)
                number = PORTS.index(port)
                if number in (VDD, VSS) and number in self.net_class:
                    # Two supplies are tied together.
                    self._mend("supplies tied")
                    self.numbers[key] = self.net_class.index(number)
                    return self.numbers[key]
            self.numbers[key] = len(self.net_class)
            self.net_class.append(number)
        return self.numbers[key]

    def _fitting(self, port: str) -> str:
        for _ in range(3):
            if self.type.limits(PORTS.index(port))[1] or port not in FALLBACK:
                return port
            port = FALLBACK[port]
        return port

    def _read(self) -> None:
        for device in self.circuit.devices:
            if device.kind in ("isource", "vsource"):
                self._source(device.kind, *device.nets[:2])
                continue
            number = kind_number(device)
            if number is None:
                raise _RefusedError(f"has a {device.kind}")
            roles = KINDS[number].roles
            missing = [role for role in roles if role not in device.roles and role != "b"]
            if missing:
                raise _RefusedError("a pin is missing")
            pins = [self._net(device.net(role)) if role in device.roles else -1 for role in roles]
            if pins[-1] < 0:
                pins[-1] = pins[2]
            self.devices.append((number, tuple(pins)))

    def _source(self, kind: str, plus: str, minus: str) -> None:
        ends = [self._net(plus), self._net(minus)]
        inner = [net for net in ends if self.net_class[net] not in (VDD, VSS)]
        if kind == "vsource":
            # It stands for what drives a port.
            if any(self.net_class[net] == INTERNAL for net in ends):
                raise _RefusedError("a voltage source inside")
            return
        if len(inner) != 1:
            raise _RefusedError("a current source inside")
        net = inner[0]
        if self.net_class[net] == INTERNAL:
            self.net_class[net] = IB if self.type.limits(IB)[1] else INTERNAL
            self._mend("current source made a port")
            if self.net_class[net] == INTERNAL:
                raise _RefusedError("a current source inside")

    # Mending --------------------------------------------------------------------------------

    def _rail(self, rail: int) -> int:
        return self.net_class.index(rail) if rail in self.net_class else -1

    def _straighten(self) -> None:
        low, high = self._rail(VSS), self._rail(VDD)
        if low < 0:
            raise _RefusedError("no ground")
        made: list[Placed] = []
        seen = set()
        for number, pins in self.devices:
            if number in (NMOS, PMOS):
                straight = self._mos(number, pins, low, high)
                if straight is None:
                    continue
                number, pins = straight
            elif number in (NPN, PNP):
                if pins[0] == pins[2] or pins[1] == pins[2]:
                    self._mend("shorted part left out")
                    continue
            elif pins[0] == pins[1] or {pins[0], pins[1]} == {low, high}:
                self._mend("shorted part left out")
                continue
            key = twin(number, pins)
            if key in seen:
                self._mend("parallel twins merged")
                continue
            seen.add(key)
            made.append((number, pins))
        self.devices = made

    def _mos(self, number: int, pins: tuple[int, ...], low: int, high: int) -> Placed | None:
        drain, gate, source, bulk = pins
        own, other = (low, high) if number == NMOS else (high, low)
        if drain == source:
            self._mend("transistor as capacitor")
            if gate == drain or {gate, drain} == {low, high}:
                return None
            return CAPACITOR, (gate, drain)
        if (other >= 0 and source == other) or (own >= 0 and drain == own) or gate == source:
            drain, source = source, drain
            self._mend("drain and source exchanged")
        if gate in (source, own):
            if gate == own:
                self._mend("transistor that is off left out")
            return None
        if own < 0:
            raise _RefusedError("a transistor without its rail")
        if bulk != own and bulk != source:
            bulk = own
            self._mend("bulk tied")
        if source in (low, high):
            bulk = own
        return number, (drain, gate, source, bulk)

    def _pins_on(self) -> list[list[tuple[int, int]]]:
        on: list[list[tuple[int, int]]] = [[] for _ in self.net_class]
        for at, (_, pins) in enumerate(self.devices):
            for role, net in enumerate(pins):
                on[net].append((at, role))
        return on

    def _prune(self) -> None:
        """Leave out two-terminal parts with a loose end."""
        while True:
            on = self._pins_on()
            loose = {
                at
                for net, pins in enumerate(on)
                if self.net_class[net] == INTERNAL and len({at for at, _ in pins}) == 1
                for at, _ in pins
                if KINDS[self.devices[at][0]].asked == 2
            }
            if not loose:
                return
            self._mend("loose part left out")
            self.devices = [item for at, item in enumerate(self.devices) if at not in loose]

    def _gates(self) -> None:
        """Make inner nets that only gates are on, and bases alone, bias ports."""
        limit = self.type.limits(VB)[1]
        for net, pins in enumerate(self._pins_on()):
            if self.net_class[net] != INTERNAL or not pins:
                continue
            kinds = [(self.devices[at][0], role) for at, role in pins]
            only = all(kind in (NMOS, PMOS) and role == 1 for kind, role in kinds)
            lone = len(kinds) == 1 and kinds[0][0] in (NPN, PNP) and kinds[0][1] == 1
            if (only or lone) and self.net_class.count(VB) < limit:
                self.net_class[net] = VB
                self._mend("undriven gate made a bias port")

    def _output(self) -> None:
        if any(item in OUTPUTS for item in self._used()):
            return
        on = self._pins_on()
        scores = []
        for net, pins in enumerate(on):
            if self.net_class[net] not in (INTERNAL, IB, VB):
                continue
            roles = Counter(KINDS[self.devices[at][0]].roles[role] for at, role in pins)
            driven = roles["d"] + roles["c"] + 0.5 * (roles["s"] + roles["e"])
            if not driven:
                continue
            passive = 0.4 * (roles["p"] + roles["n"])
            # A net that goes on to gates inside is less likely the end of the circuit.
            score = driven + passive - 0.6 * (roles["g"] + roles["b"])
            score -= 1.5 * (self.net_class[net] != INTERNAL)
            scores.append((score, -net))
        if not scores:
            raise _RefusedError("no output")
        self.net_class[-max(scores)[1]] = VOUT if self.type.limits(VOUT)[1] else PORTS.index("iout")
        self._mend("output named")

    def _used(self) -> set[int]:
        nets = {net for _, pins in self.devices for net in pins}
        return {self.net_class[net] for net in nets}

    def _finish(self) -> Topology:
        used = sorted({net for _, pins in self.devices for net in pins})
        number = {net: at for at, net in enumerate(used)}
        topology = Topology(
            self.type.name,
            tuple(self.net_class[net] for net in used),
            tuple((kind, tuple(number[net] for net in pins)) for kind, pins in self.devices),
        )
        if not 2 <= len(topology) <= MAX_DEVICES - 8:
            raise _RefusedError("too small" if len(topology) < 2 else "too large")
        if len(topology.ports) > MAX_PORTS:
            raise _RefusedError("too many ports")
        if self.type.lacks(topology.ports):
            raise _RefusedError("ports of another type")
        broken = broken_rules(topology)
        if broken:
            raise _RefusedError(f"breaks {broken[0]}")
        return topology


STRICT: Final[dict[str, Severity]] = {"missing_output": "warning", "split_circuit": "info"}
"""Rules of strict validity that `eda.check` leaves out unless it is asked for them."""


def strict_findings(topology: Topology) -> list[str]:
    """Return the ids of the rules that the batch form of the rules finds broken.

    Errors count, and all of R1 to R13.
    """
    found = check(topology.to_circuit(), severities=STRICT)
    return sorted({item.rule for item in found if item.severity == "error" or item.strict})


def broken_rules(topology: Topology) -> list[str]:
    """Return the ids of the rules that a circuit breaks: errors and those of strict validity."""
    names = topology.net_names()
    circuit = PartialCircuit(
        {
            names[net]: RULE_CLASS[item]
            for net, item in enumerate(topology.net_class)
            if item != INTERNAL
        }
    )
    for number, pins in topology.devices:
        roles = KINDS[number].roles
        nets = {role: names[net] for role, net in zip(roles, pins, strict=True)}
        circuit.add_device(KINDS[number].name, nets)
    if circuit.complete():
        return []
    return [item.rule for item in circuit.findings() if item.severity == "error" or item.strict]
