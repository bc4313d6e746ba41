"""# PartialCircuit: the rules on a circuit that is being made, device by device.

Two questions, answered in microseconds whatever the size of the circuit: would this device break
a rule for good, and which rules are broken until something else is added? The rules are those of
`eda.check`, and what is told of the circuit at any time is what they find in it.
"""

from __future__ import annotations

from difflib import get_close_matches
from itertools import chain
from typing import TYPE_CHECKING, Final

from eda.circuit import GROUND, Circuit, Device
from eda.circuit.device import NOWHERE
from eda.errors import InputError
from eda.graph import NET_CLASSES
from eda.rules.bulks import BULK_FLOATING, BULK_NOT_RAIL, BULK_WRONG_RAIL
from eda.rules.dc_paths import ISOURCE_CUTSET, NO_DC_PATH
from eda.rules.electrical import ZERO_OHM, Electrical
from eda.rules.floating import DANGLING_NET, FLOATING_GATE
from eda.rules.gates import ALWAYS_OFF, ALWAYS_ON
from eda.rules.loops import VSOURCE_LOOP
from eda.rules.partial_breaks import holds, lasting
from eda.rules.partial_debts import Debts, debts
from eda.rules.partial_open import Obligation, finding_of, open_items
from eda.rules.partial_state import (
    GROUND_CLASS,
    INTERNAL,
    NEGATIVE,
    RAILS,
    SUPPLY,
    TYPES,
    GrowingDevice,
    PartialState,
    Pins,
    top,
)
from eda.rules.parts import SPLIT_CIRCUIT
from eda.rules.ports import MISSING_OUTPUT, UNCONNECTED_PORT, UNDRIVEN_OUTPUT
from eda.rules.references import PIN_COUNT
from eda.rules.shorted import SHORTED_DEVICE
from eda.rules.supplies import MISSING_GROUND, SUPPLY_SHORT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eda.rules.finding import Finding, Rule
    from eda.rules.partial_state import TypeFacts

PARTIAL_RULES: Final[tuple[Rule, ...]] = (
    *(PIN_COUNT, SHORTED_DEVICE, SUPPLY_SHORT, VSOURCE_LOOP, BULK_WRONG_RAIL, BULK_NOT_RAIL),
    *(ALWAYS_OFF, ALWAYS_ON, FLOATING_GATE, BULK_FLOATING, DANGLING_NET, NO_DC_PATH),
    *(ISOURCE_CUTSET, UNCONNECTED_PORT, UNDRIVEN_OUTPUT, MISSING_OUTPUT, SPLIT_CIRCUIT),
    MISSING_GROUND,
)
"""The rules that a growing circuit is asked about: those on wiring, without sizes and names."""

PORT_CLASSES: Final = tuple(name for name in NET_CLASSES if name != "internal")
"""What a port may be for."""

_GROUND_NAMES: Final = (GROUND, "gnd", "gnd!")


class PartialCircuit:
    """A circuit that grows, with the rules that it breaks kept up to date.

    Nets are named by whoever adds devices; a net that is no port is internal, and ``0`` is ground.
    A step (`add_device`, `add_port`) costs tens of microseconds however large the circuit is,
    and is taken back by `undo`; `copy` lets a decoder follow several branches.

    Args:
        ports: Names of nets that lead outside, each with its class: ``supply``, ``ground``,
            ``negative_supply``, ``bias``, ``input``, ``output``, or ``port`` for any other.

    Example:
        >>> from eda.rules import PartialCircuit
        >>> stage = PartialCircuit({"vdd": "supply", "vss": "ground", "out": "output"})
        >>> stage.add_device("nmos", {"d": "out", "g": "x", "s": "vss", "b": "vss"})
        'M1'
        >>> [(item.rule.id, item.nets) for item in stage.obligations()]
        [('floating_gate', ('x',)), ('unconnected_port', ('vdd',))]
        >>> stage.sound("pmos", {"d": "out", "g": "x", "s": "vdd", "b": "vss"})
        False
        >>> stage.add_device("pmos", {"d": "out", "g": "x", "s": "vdd", "b": "vdd"})
        'M2'
        >>> stage.add_device("resistor", {"p": "x", "n": "out"})
        'R1'
        >>> stage.obligations(), stage.complete()
        ((), True)
    """

    def __init__(self, ports: Mapping[str, str] | None = None) -> None:
        """Make a circuit with these ports and no devices."""
        self._state = PartialState()
        for name, net_class in (ports or {}).items():
            self.add_port(name, net_class)
        self._state.log.clear()
        self._state.marks.clear()

    def __len__(self) -> int:
        """Return the number of devices."""
        return len(self._state.devices)

    @property
    def nets(self) -> tuple[str, ...]:
        """Names of the nets so far: those of the ports, then the others in order of first use."""
        return tuple(self._state.names)

    # Steps ----------------------------------------------------------------------------------

    def add_device(
        self,
        kind: str,
        pins: Mapping[str, str],
        *,
        name: str = "",
        value: float | None = None,
    ) -> str:
        """Add a device and return its name.

        Args:
            kind: Its type, as ``nmos``, ``pmos``, ``npn``, ``resistor``, ``isource``.
            pins: The net of each pin by role, as ``{"d": "out", "g": "in", ...}``; a name that
                is new makes a net.
            name: Its name; by default its letter and the next number.
            value: Resistance in ohm, or direct value of a source, where it is known: a
                resistor of 0 ohm and a source of 0 V are wires.

        Raises:
            InputError: There is no such type, or it has no such pin.
        """
        facts = _facts(kind, pins)
        state = self._state
        state.begin()
        nets = {role: self._net(pins[role]) for role in facts.roles if role in pins}
        name = name or f"{_LETTERS[facts.kind]}{self._next_number(facts.kind)}"
        at = state.append_device(GrowingDevice(name, kind, nets, value))
        found = lasting(state, name, kind, nets)
        if found:
            state.enter(state.broken, at, found)
        self._count(at, facts, nets, value)
        self._join(at, facts, nets, value)
        return name

    def add_port(self, name: str, net_class: str = "port") -> None:
        """Make a net a port of this class: a new net, or one that is there.

        Raises:
            InputError: There is no such class, or the net is a port already.
        """
        if net_class not in PORT_CLASSES:
            raise InputError(
                f"no class of ports {net_class!r}; there are {', '.join(PORT_CLASSES)}"
            )
        state = self._state
        known = state.index.get(name.lower())
        if known is not None and state.is_port[known]:
            raise InputError(f"{name} is a port already")
        state.begin()
        number = NET_CLASSES.index(net_class)
        if known is None:
            ground = number == GROUND_CLASS and name.lower() in _GROUND_NAMES
            state.new_net(name, number, port=True, ground=ground)
        else:
            self._turn_into_port(known, number)

    def undo(self) -> None:
        """Take the last step back.

        Raises:
            InputError: There is none, since this circuit or this copy was made.
        """
        if not self._state.marks:
            raise InputError("there is no step to undo since this circuit was made or copied")
        self._state.undo()

    def copy(self) -> PartialCircuit:
        """Return a circuit that grows on its own from here; what was before is not undone in it."""
        made = PartialCircuit.__new__(PartialCircuit)
        made._state = self._state.copy()
        return made

    # Questions ------------------------------------------------------------------------------

    def breaks(
        self, kind: str, pins: Mapping[str, str], *, value: float | None = None
    ) -> tuple[Finding, ...]:
        """Return what adding this device would break, and no later device would mend.

        Args:
            kind: As for `add_device`.
            pins: As for `add_device`; nothing is added.
            value: As for `add_device`.

        Raises:
            InputError: There is no such type, or it has no such pin.
        """
        facts = _facts(kind, pins)
        state = self._state
        new = {net for net in pins.values() if net.lower() not in state.index}
        if new:
            # Rare among the moves of a generator, and quick enough.
            state.begin()
        nets = {role: self._net(pins[role]) for role in facts.roles if role in pins}
        name = f"the new {kind}"
        found = [item.finding for item in lasting(state, name, kind, nets) if holds(state, item)]
        found += self._loops_and_shorts(name, facts, nets, value)
        if new:
            state.undo()
        return tuple(found)

    def sound(self, kind: str, pins: Mapping[str, str], *, value: float | None = None) -> bool:
        """Return whether a device breaks no rule for good: none that is an error, none of R1-R13.

        Raises:
            InputError: There is no such type, or it has no such pin.
        """
        found = self.breaks(kind, pins, value=value)
        return not any(item.severity == "error" or item.strict for item in found)

    def obligations(self) -> tuple[Obligation, ...]:
        """Return the rules that are broken until a device or a port is added, with the nets."""
        names = self._state.names
        return tuple(
            [
                Obligation(rule, tuple([names[net] for net in nets]))
                for rule, nets in open_items(self._state)
            ]
        )

    def debts(self) -> Debts:
        """Return what is left to do, in nets: what a generator looks at between two devices.

        A resistor from any of ``nets`` to a net that is none of them settles it; one from an
        unconnected port to a net inside settles that; and so on, so `Debts.most` resistors are
        enough for a circuit that is `complete`.
        """
        return debts(self._state)

    def part_of(self, net: str) -> int:
        """Return a number that nets share which devices join, rails left aside."""
        state = self._state
        return top(state.part, state.index[net.lower()])

    def complete(self) -> bool:
        """Return whether nothing is open, and no error and none of R1-R13 is broken for good."""
        if not self._state.devices or next(open_items(self._state), None) is not None:
            return False
        return not any(item.severity == "error" or item.strict for item in self._lasting())

    def findings(self) -> tuple[Finding, ...]:
        """Return what the rules find in the circuit as it is now, open or for good.

        They are what `eda.rules.check` finds with ``PARTIAL_RULES`` in `to_circuit`, where the
        names of the ports say the same as their classes.
        """
        state = self._state
        open_now = (finding_of(state, item) for item in open_items(state))
        return tuple(chain(self._lasting(), open_now))

    def to_circuit(self) -> Circuit:
        """Return the circuit as it is now."""
        state = self._state
        devices = []
        for device in state.devices:
            facts = TYPES[device.type]
            parameters = {}
            if facts.kind in ("vsource", "isource"):
                # Nobody knows yet: no number is not 0.
                parameters["dc"] = device.value if device.value is not None else "unknown"
            elif device.value is not None:
                parameters["value"] = device.value
            devices.append(
                Device(
                    name=device.name,
                    kind=facts.kind,
                    roles=tuple(device.nets),
                    nets=tuple(state.names[net] for net in device.nets.values()),
                    parameters=parameters,
                    polarity=facts.polarity,
                )
            )
        ports = list(state.ports)
        directions = {
            state.names[at]: NET_CLASSES[state.classes[at]]
            for at in ports
            if NET_CLASSES[state.classes[at]] in ("input", "output")
        }
        return Circuit(
            devices=tuple(devices),
            ports=tuple(state.names[at] for at in ports),
            directions=directions,
        )

    def view(self) -> Electrical:
        """Return the circuit prepared for the rules, each net of the class it was given."""
        from dataclasses import replace

        import numpy as np

        view = Electrical.of(self.to_circuit())
        state = self._state
        classes = [state.classes[state.index[name.lower()]] for name in view.graph.net_names]
        graph = replace(view.graph, net_class=np.array(classes, dtype=np.int8))
        return Electrical(view.circuit, view.flat, graph)

    # How a step is taken --------------------------------------------------------------------

    def _net(self, name: str) -> int:
        state = self._state
        known = state.index.get(name)
        if known is None:
            known = state.index.get(name.lower())
        if known is not None:
            return known
        ground = name.lower() in _GROUND_NAMES
        return state.new_net(name, GROUND_CLASS if ground else INTERNAL, port=False, ground=ground)

    def _next_number(self, kind: str) -> int:
        taken = self._state.counts.get(kind, 0) + 1
        self._state.enter(self._state.counts, kind, taken)
        return taken

    def _count(
        self, at: int, facts: TypeFacts, nets: Mapping[str, int], value: float | None
    ) -> None:
        state = self._state
        on_net: dict[int, list[str]] = {}
        for role, net in nets.items():
            on_net.setdefault(net, []).append(role)
        for net, roles in on_net.items():
            degree, gates, bulks, silent, charges, plates, devices = state.pins[net]
            for role in roles:
                degree += 1
                for count in facts.counted[role]:
                    if count == "silent":
                        silent += 1
                    elif count == "gates":
                        gates += 1
                    elif count == "bulks":
                        bulks += 1
                    elif count == "plates":
                        plates += 1
                    elif value != 0 and len(nets) == 2:
                        # An open end, or a source of 0 A, charges nothing.
                        charges += 1
            now = Pins(degree, gates, bulks, silent, charges, plates, (*devices, at))
            state.put(state.pins, net, now)
            if degree == len(roles) and not (state.is_port[net] or state.is_ground[net]):
                # The net's first device: nothing holds it yet.
                state.enter(state.loose, net, True)
            self._look_again(net)

    def _look_again(self, net: int) -> None:
        """Keep the nets in view that may be floating or dangling."""
        state = self._state
        pins = state.pins[net]
        watched = (
            not (state.is_port[net] or state.is_ground[net])
            and pins.degree > 0
            and (len(pins.devices) == 1 or pins.degree in (pins.gates, pins.bulks))
        )
        if watched != (net in state.watch):
            if watched:
                state.enter(state.watch, net, True)
            else:
                state.drop(state.watch, net)

    def _join(
        self, at: int, facts: TypeFacts, nets: Mapping[str, int], value: float | None
    ) -> None:
        state = self._state
        for one, other in facts.dc_paths:
            if one in nets and other in nets:
                state.join_dc(nets[one], nets[other])
        if "p" in nets and "n" in nets:
            plus, minus = nets["p"], nets["n"]
            if _is_wire(facts, value):
                state.join_zero(plus, minus)
            if facts.is_voltage and plus != minus:
                state.join_volt(plus, minus)
        inner = [net for net in nets.values() if state.classes[net] not in RAILS]
        if inner:
            state.join_parts(inner, at)

    def _turn_into_port(self, net: int, net_class: int) -> None:
        state = self._state
        put = state.put
        put(state.is_port, net, True)
        state.enter(state.ports, net, True)
        put(state.classes, net, net_class)
        root = top(state.dc, net)
        if not state.is_ground[net]:
            state.enter(state.counts, "held", state.counts["held"] + 1)
        if not state.dc_held[root]:
            put(state.dc_held, root, True)
            state.drop(state.loose, root)
        low = net_class in (GROUND_CLASS, NEGATIVE)
        state.mark_zero(top(state.zero, net), high=net_class == SUPPLY, low=low)
        self._look_again(net)
        for at in state.pins[net].devices:
            device = state.devices[at]
            state.enter(state.broken, at, lasting(state, device.name, device.type, device.nets))
        if net_class in RAILS:
            self._join_parts_anew()

    def _join_parts_anew(self) -> None:
        """Join the parts again without a net that has become a rail."""
        state = self._state
        for net in range(len(state.names)):
            state.put(state.part, net, net)
            state.put(state.part_size, net, 1)
        for root in tuple(state.firsts):
            state.drop(state.firsts, root)
        for at, device in enumerate(state.devices):
            inner = [net for net in device.nets.values() if state.classes[net] not in RAILS]
            if inner:
                state.join_parts(inner, at)

    # What is broken for good ----------------------------------------------------------------

    def _loops_and_shorts(
        self, name: str, facts: TypeFacts, nets: Mapping[str, int], value: float | None
    ) -> Iterator[Finding]:
        if "p" not in nets or "n" not in nets:
            return
        state, plus, minus = self._state, nets["p"], nets["n"]
        if _is_wire(facts, value):
            a, b = top(state.zero, plus), top(state.zero, minus)
            high, low = state.zero_high, state.zero_low
            if a != b and ((high[a] and low[b]) or (low[a] and high[b])):
                strict = SUPPLY_SHORT.strict[0] if facts.kind == "inductor" else ""
                message = f"{name} joins a supply to ground"
                yield SUPPLY_SHORT.finding(message, NOWHERE, [name], strict=strict)
        fixed = facts.is_voltage and plus != minus
        if fixed and top(state.volt, plus) == top(state.volt, minus):
            message = f"{name} closes a loop of voltage sources or inductors"
            yield VSOURCE_LOOP.finding(message, NOWHERE, [name])

    def _lasting(self) -> Iterator[Finding]:
        state = self._state
        for items in state.broken.values():
            for item in items:
                if holds(state, item):
                    yield item.finding
        if state.shorted or state.counts["loops"]:
            # Seldom, and the batch form tells it best.
            view = self.view()
            for rule, broken in ((SUPPLY_SHORT, state.shorted), (VSOURCE_LOOP, True)):
                if broken and rule.find is not None:
                    yield from rule.find(rule, view)


_LETTERS: Final = {
    **{"resistor": "R", "capacitor": "C", "inductor": "L", "diode": "D", "bipolar": "Q"},
    **{"mosfet": "M", "jfet": "J", "mesfet": "Z", "vsource": "V", "isource": "I"},
    **{"vcvs": "E", "vccs": "G"},
}


def _facts(kind: str, pins: Mapping[str, str]) -> TypeFacts:
    facts = TYPES.get(kind)
    if facts is None:
        close = get_close_matches(kind, TYPES, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(TYPES)}"
        raise InputError(f"no type of device {kind!r}; {hint}")
    for role in pins:
        if role not in facts.roles:
            raise InputError(f"{kind} has no pin {role!r}; its pins are {', '.join(facts.roles)}")
    return facts


def _is_wire(facts: TypeFacts, value: float | None) -> bool:
    if facts.kind == "inductor":
        return True
    if facts.kind == "resistor":
        return value is not None and abs(value) < ZERO_OHM
    return facts.kind == "vsource" and value == 0
