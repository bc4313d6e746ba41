"""# Grammar: which decision may come next, so that every circuit ends strictly valid.

The rules are those of `eda.rules.PartialCircuit`. What they call broken for good is never
offered; what they leave open (a net with one pin, a port without any) is counted, and as soon as
the devices that are left are just enough to settle it, only moves are offered that settle
something: a resistor, or a transistor wired as a diode. So nothing ever has to be thrown away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.rules import PartialCircuit
from eda.topology.parts import (
    CAPACITOR,
    DIODE,
    HELD_PORTS,
    IB,
    INDUCTOR,
    INTERNAL,
    KINDS,
    MAX_DEVICES,
    MAX_PORTS,
    NMOS,
    NPN,
    PMOS,
    PNP,
    PORTS,
    RAILS,
    RESISTOR,
    RULE_CLASS,
    VDD,
    VIN,
    VOUT,
    VSS,
)
from eda.topology.types import type_named
from eda.topology.walk import (
    BULK_RAIL,
    BULK_SLOT,
    BULK_SOURCE,
    DEVICE_SLOT,
    END,
    FRESH_PORT,
    KIND_WORD,
    NEW,
    NUM_WORDS,
    PORT_SLOT,
    PORTS_DONE,
    Walk,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.rules.partial_debts import Debts
    from eda.topology.circuit import Placed, Topology

_OFF_RAIL: Final = {NMOS: VSS, PMOS: VDD, NPN: VSS, PNP: VDD}
"""The rail that switches a transistor off for good."""
_MOVES: Final = frozenset((INTERNAL, VOUT, IB))
"""Nets that are held by nothing outside, so that a signal may move them."""
_TWO_ENDS: Final = frozenset((RESISTOR, CAPACITOR, INDUCTOR, DIODE))


class Grammar:
    """A circuit that grows by decisions, with the decisions that may come next.

    Args:
        circuit_type: One of `eda.topology.TYPES`.
        budget: Number of devices to end at; what is open then is settled with a few more.
        ports: Classes of the ports, where they are given; else they are decided too.
        polarity: ``n`` or ``p`` for that of the input pair, where the type begins with one.

    Example:
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> grammar = Grammar("mirror", budget=20)
        >>> while not grammar.done:
        ...     grammar.take(int(rng.choice(np.flatnonzero(grammar.allowed()))))
        >>> grammar.complete()
        True
    """

    def __init__(
        self,
        circuit_type: str,
        *,
        budget: int = MAX_DEVICES,
        ports: tuple[int, ...] | None = None,
        polarity: str = "",
    ) -> None:
        """Begin an empty circuit."""
        self.polarity = polarity
        self.type = type_named(circuit_type)
        self.walk = Walk.begin(circuit_type)
        # Ports alone may owe so much.
        self.budget = max(budget, MAX_PORTS + 8)
        self.wish = budget
        self.circuit = PartialCircuit()
        self._names: list[str] = []
        self._waiting: dict[int, list[str]] = {}
        self._debts: Debts | None = None
        self._deaf: list[int] | None = None
        self._twins: set[tuple[int, tuple[int, ...]]] = set()
        self._fresh = 0
        self._had = 0
        for port in ports or ():
            self.take(port)
        if ports is not None:
            self.take(PORTS_DONE)

    @property
    def done(self) -> bool:
        """Whether the circuit is finished."""
        return self.walk.done

    def complete(self) -> bool:
        """Return whether the rules find nothing in it."""
        return self.circuit.complete()

    def topology(self) -> Topology:
        """Return the circuit."""
        return self.walk.topology()

    # Decisions ------------------------------------------------------------------------------

    def take(self, word: int) -> None:
        """Take a decision, one of those allowed."""
        walk = self.walk
        slot, had = walk.slot, len(walk.devices)
        if slot >= BULK_SLOT and slot != BULK_SLOT and word == NEW:
            self._fresh += 1
        walk.take(word)
        while len(self._names) < len(walk.net_class):
            own = walk.net_class[len(self._names)]
            if own == INTERNAL:
                self._names.append(f"n{len(self._names)}")
            else:
                self._names.append(self._waiting[own].pop(0))
        if slot == PORT_SLOT and word == PORTS_DONE:
            self._declare()
        if len(walk.devices) > had:
            kind, pins = walk.devices[-1]
            roles = KINDS[kind].roles
            self.circuit.add_device(
                KINDS[kind].name,
                {role: self._names[net] for role, net in zip(roles, pins, strict=True)},
            )
            self._twins.add(twin(kind, pins))
            self._debts = self._deaf = None
            self._fresh = 0

    def _declare(self) -> None:
        for at, port in enumerate(self.walk.port_list):
            name = f"{PORTS[port]}_{at}"
            self._waiting.setdefault(port, []).append(name)
            self.circuit.add_port(name, RULE_CLASS[port])

    # What may come next ---------------------------------------------------------------------

    def allowed(self) -> NDArray[np.bool_]:
        """Return bool [words and nets]: the decisions that may be taken; one at least."""
        walk = self.walk
        allowed = np.zeros(NUM_WORDS + len(walk.net_class), dtype=np.bool_)
        if walk.slot == PORT_SLOT:
            self._ports(allowed)
        elif walk.slot == DEVICE_SLOT:
            self._kinds(allowed)
        elif walk.slot == BULK_SLOT:
            allowed[BULK_RAIL] = True
            # Settling moves hold the net by the junction to the rail.
            allowed[BULK_SOURCE] = not self._tight
        else:
            self._pin(allowed)
        begun = [kind for kind, _ in walk.devices]
        pairing = self.type.paired and len(begun) < 2 and walk.slot != PORT_SLOT
        if pairing and all(kind in _OFF_RAIL for kind in begun):
            paired = allowed & self._pair()
            if paired.any():
                return paired
        return allowed

    def _pair(self) -> NDArray[np.bool_]:
        """Return what makes the first two devices a pair: gates on the inputs, a common source."""
        walk = self.walk
        fits = np.zeros(NUM_WORDS + len(walk.net_class), dtype=np.bool_)
        first = walk.devices[0] if walk.devices else None
        if walk.slot == DEVICE_SLOT:
            kinds: tuple[int, ...] = (NMOS, PMOS, NPN, PNP)
            if first is not None:
                kinds = (first[0],)
            if self.polarity and first is None:
                kinds = tuple(kind for kind in kinds if KINDS[kind].polarity == self.polarity)
            fits[[KIND_WORD + kind for kind in kinds]] = True
        elif walk.slot == BULK_SLOT:
            fits[[BULK_RAIL, BULK_SOURCE]] = True
        elif len(walk.pins) == 1:
            fits[FRESH_PORT + VIN] = True
        elif len(walk.pins) == 2 and first is not None:
            fits[NUM_WORDS + first[1][2]] = True
        else:
            fits[NEW] = True
            for word, net, own in self._options():
                taken = first is not None and net in (first[1][0], first[1][2])
                # The common source is no output: that would be a follower.
                common = own == VOUT and len(walk.pins) == 2
                fits[word] = own != VIN and own not in RAILS and not taken and not common
        return fits

    def _ports(self, allowed: NDArray[np.bool_]) -> None:
        taken = self.walk.port_list
        last = taken[-1] if taken else 0
        missing = [
            port for port in range(len(PORTS)) if taken.count(port) < self.type.limits(port)[0]
        ]
        needed = sum(self.type.limits(port)[0] - taken.count(port) for port in missing)
        highest = min(missing, default=len(PORTS) - 1)
        either = [PORTS.index(name) for name in self.type.either]
        wants = bool(either) and not any(port in taken for port in either)
        if wants:
            highest = min(highest, max(either))
            needed += 1
        for port in range(last, highest + 1):
            room = len(taken) + needed < MAX_PORTS or port in missing or (wants and port in either)
            allowed[port] = room and taken.count(port) < self.type.limits(port)[1]
        allowed[PORTS_DONE] = not missing and not wants

    @property
    def debts(self) -> Debts:
        """What the circuit owes before the device under way."""
        if self._debts is None:
            self._debts = self.circuit.debts()
        return self._debts

    @property
    def owed(self) -> int:
        """So many devices are enough to settle all that is open."""
        return self.debts.most + len(self.deaf)

    @property
    def deaf(self) -> list[int]:
        """Outputs that no signal of the inputs comes to; only asked of what has an input pair.

        Net numbers; -1 for an output that no pin is on.
        """
        if not self.type.paired:
            return []
        if self._deaf is None:
            walk = self.walk
            reached = signal_nets(walk.net_class, walk.devices)
            self._deaf = [
                net for net, own in enumerate(walk.net_class) if own == VOUT and net not in reached
            ] + [-1] * walk.unused[VOUT]
        return self._deaf

    @property
    def _left(self) -> int:
        """Devices that may still come after the one under way."""
        return self.budget - len(self.walk.devices) - 1

    @property
    def _tight(self) -> bool:
        """Whether the device under way must settle something."""
        owed = self.owed
        if owed > self._left:
            return True
        # Near the size that was asked for, go for the end; a device settles up to three things.
        return owed > 0 and len(self.walk.devices) + (owed + 2) // 3 >= self.wish

    def _kinds(self, allowed: NDArray[np.bool_]) -> None:
        walk, owed = self.walk, self.owed
        if not owed and walk.devices:
            allowed[END] = True
            if len(walk.devices) >= self.wish or self._left < 0:
                return
        ports = walk.port_list
        if self._tight:
            plain = self.debts.most > 0
            allowed[KIND_WORD + RESISTOR] = plain
            if self.debts.nets or not plain:
                allowed[KIND_WORD + NMOS] = True
                allowed[KIND_WORD + PMOS] = VDD in ports
            return
        kinds = [RESISTOR, CAPACITOR, DIODE]
        if len(set(ports)) + sum(item == INTERNAL for item in walk.net_class) > 2:
            kinds += [NMOS, NPN, PNP]
            if VDD in ports:
                kinds.append(PMOS)
        if owed + 4 <= min(self._left, self.wish - len(walk.devices) - 1):
            # Its far end can always be a new net, so that it closes no loop.
            kinds.append(INDUCTOR)
        for kind in kinds:
            allowed[KIND_WORD + kind] = True

    def _options(self) -> list[tuple[int, int, int]]:
        """Return (word, net or -1, class) of everything that a pin could lie on but a new net."""
        walk = self.walk
        found = [(NUM_WORDS + net, net, own) for net, own in enumerate(walk.net_class)]
        found += [(FRESH_PORT + port, -1, port) for port, left in enumerate(walk.unused) if left]
        return found

    def _pin(self, allowed: NDArray[np.bool_]) -> None:
        walk = self.walk
        if self._tight:
            self._settle(allowed)
            return
        kind, at = walk.kind, len(walk.pins)
        # Towards the size that was asked for, what is open is joined with what is there.
        left = min(self._left, max(self.wish - len(walk.devices) - 1, 0))
        may_new = self.owed + self._fresh + 2 <= left
        options = self._options()
        barred = {net for net in walk.pins if self._bars(kind, at, walk.pins.index(net))}
        hard = [item for item in options if item[1] not in barred or item[1] < 0]
        classes = [walk.net_class[net] for net in walk.pins]
        if kind in _TWO_ENDS:
            if at and classes[0] in RAILS:
                hard = [item for item in hard if item[2] not in RAILS]
            if at and kind == INDUCTOR and classes[0] in HELD_PORTS:
                # Two voltages that are held outside must not be joined by a wire.
                hard = [item for item in hard if item[2] not in HELD_PORTS]
            if at and kind == INDUCTOR:
                hard = [item for item in hard if self._sound_inductor(item)]
            if not at and not may_new:
                # The other end needs a place that is no rail.
                pass
        elif at == 1:
            hard = [item for item in hard if item[2] != _OFF_RAIL[kind]]
            if not may_new:
                hard = [item for item in hard if self._leaves_end(item, options)]
        soft = hard
        if at == 2 and classes[0] in RAILS:
            soft = [item for item in soft if item[2] not in RAILS]
        if at == 2 and kind in (NPN, PNP) and classes[1] in RAILS:
            soft = [item for item in soft if item[2] not in RAILS]
        if at == KINDS[kind].asked - 1:
            soft = [item for item in soft if item[1] < 0 or not self._is_twin(kind, item[1])]
        for word, _, _ in soft or hard:
            allowed[word] = True
        allowed[NEW] = may_new
        if not allowed.any():
            # Nothing but what is silly is left; it breaks no rule.
            for word, net, _ in options:
                allowed[word] = net != walk.pins[0] if walk.pins else True

    @staticmethod
    def _bars(kind: int, at: int, earlier: int) -> bool:
        """Return whether two pins of a device must not lie on one net."""
        if kind in _TWO_ENDS:
            return True
        # Gate on drain is a diode; anything on the source is a short or off for good.
        return at == 2

    def _leaves_end(self, item: tuple[int, int, int], options: list[tuple[int, int, int]]) -> bool:
        """Return whether a source is left to choose after this gate."""
        drain = self.walk.pins[0]
        return any(word != item[0] and net != drain for word, net, own in options) or (
            item[1] < 0 and self.walk.unused[item[2]] > 1
        )

    def _sound_inductor(self, item: tuple[int, int, int]) -> bool:
        word, net, _ = item
        other = self._names[net] if net >= 0 else self._waiting[word - FRESH_PORT][0]
        pins = {"p": self._names[self.walk.pins[0]], "n": other}
        return self.circuit.sound("inductor", pins)

    def _is_twin(self, kind: int, net: int) -> bool:
        pins = (*self.walk.pins, net)
        return twin(kind, pins) in self._twins

    # Settling -------------------------------------------------------------------------------

    def _settle(self, allowed: NDArray[np.bool_]) -> None:
        """Offer only what makes the device under way settle something."""
        walk, owed = self.walk, self.debts
        bad, silent, unused = set(owed.nets), set(owed.silent), set(owed.unused)
        names = {name: NUM_WORDS + net for net, name in enumerate(self._names)}
        fresh = {queue[0]: FRESH_PORT + port for port, queue in self._waiting.items() if queue}
        word_of = {**names, **fresh}
        rails = {
            name
            for name, word in word_of.items()
            if (walk.net_class[word - NUM_WORDS] if word >= NUM_WORDS else word - FRESH_PORT)
            in RAILS
        }
        if not owed.most:
            self._hear(allowed)
            return
        good = set(word_of) - bad
        if not walk.pins:
            first = bad or silent or (unused & set(fresh)) or set(owed.parts[1:])
            if not bad and not silent and unused and walk.devices and not (unused - rails):
                first = unused & set(fresh)
            allowed[[word_of[name] for name in first]] = True
            return
        chosen = self._names[walk.pins[0]]
        if walk.kind in (NMOS, PMOS) and len(walk.pins) == 1:
            allowed[word_of[chosen]] = True  # a diode
            return
        rest = good - {chosen}
        part = self._part_of
        if chosen in bad or chosen in silent:
            pass
        elif chosen in unused:
            # Joined to what is there, or else it would be a part of its own.
            inside = {name for name in rest if name in names and name not in rails}
            rest = inside or (rest - rails if chosen in rails else rest & rails) or rest
        else:
            own = part(chosen)
            rest = {
                name for name in rest if name in names and name not in rails and part(name) != own
            }
        allowed[[word_of[name] for name in rest]] = True

    def _hear(self, allowed: NDArray[np.bool_]) -> None:
        """Offer a transistor that brings a signal to an output: all else is settled."""
        walk = self.walk
        reached = signal_nets(walk.net_class, walk.devices)
        if not walk.pins:
            allowed[[NUM_WORDS + net for net in self.deaf]] = True
        elif len(walk.pins) == 1:
            allowed[[NUM_WORDS + net for net in reached if net != walk.pins[0]]] = True
        else:
            for net in range(len(walk.net_class)):
                allowed[NUM_WORDS + net] = net not in walk.pins

    def _part_of(self, name: str) -> int:
        return self.circuit.part_of(name)


def signal_nets(net_class: list[int], devices: list[Placed]) -> set[int]:
    """Return the nets that a signal on the inputs comes to.

    It goes from a gate to drain and source, from a source to the drain, through passive parts
    both ways; never through rails, and not into what is held from outside.
    """
    reached = {net for net, own in enumerate(net_class) if own == VIN}
    ways = []
    for kind, pins in devices:
        if kind in _OFF_RAIL:
            drain, gate, source = pins[:3]
            ways += [(gate, drain), (gate, source), (source, drain)]
        else:
            ways += [(pins[0], pins[1]), (pins[1], pins[0])]
    open_ = [(one, other) for one, other in ways if net_class[other] in _MOVES]
    while True:
        more = {other for one, other in open_ if one in reached} - reached
        if not more:
            return reached
        reached |= more


def twin(kind: int, pins: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    """Return what parallel devices share: bulks left aside, ends exchangeable."""
    asked = pins[: KINDS[kind].asked]
    if kind in (NMOS, PMOS):
        return kind, (asked[1], *sorted((asked[0], asked[2])))
    if kind in (RESISTOR, CAPACITOR, INDUCTOR):
        return kind, tuple(sorted(asked))
    return kind, tuple(asked)
