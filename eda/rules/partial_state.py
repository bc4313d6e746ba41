"""# PartialState: what is known of a circuit while it grows, each change undone at will.

Plain lists with one entry a net, and a log of what each step overwrote. Joined nets are kept
in forests without path compression, so that a step back is a few assignments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from eda.circuit import KINDS
from eda.circuit.polarity import TRANSISTORS
from eda.graph import NET_CLASSES
from eda.graph.circuit_graph import KIND_OF_TYPE
from eda.rules.electrical import JUNCTIONS
from eda.rules.references import missing_roles
from eda.rules.shorted import ENDS

INTERNAL: Final = NET_CLASSES.index("internal")
GROUND_CLASS: Final = NET_CLASSES.index("ground")
SUPPLY: Final = NET_CLASSES.index("supply")
NEGATIVE: Final = NET_CLASSES.index("negative_supply")
OUTPUT: Final = NET_CLASSES.index("output")
RAILS: Final = frozenset((GROUND_CLASS, SUPPLY, NEGATIVE))

_TYPES: Final = (
    *("resistor", "capacitor", "inductor", "diode", "npn", "pnp", "nmos", "pmos"),
    *("njf", "pjf", "nmf", "pmf", "vsource", "isource", "vcvs", "vccs"),
)


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """What the rules ask of a type of device.

    Attributes:
        kind: One of ``eda.circuit.KINDS``.
        polarity: ``n``, ``p`` or empty.
        roles: Every role that it may have.
        needed: Those that it must have.
        counted: By role, the counts of `Pins` that a pin of it adds to, but for the degree.
        dc_paths: Pairs of roles that direct current joins, junctions included.
        ends: The two roles between which its current flows.
        is_voltage: Whether it fixes the voltage between its ends.
    """

    kind: str
    polarity: str
    roles: tuple[str, ...]
    needed: frozenset[str]
    counted: dict[str, tuple[str, ...]]
    dc_paths: tuple[tuple[str, str], ...]
    ends: tuple[str, str] | None
    is_voltage: bool


_COUNTED: Final = {
    ("mosfet", "g"): ("gates", "silent"),
    ("mosfet", "b"): ("bulks", "silent"),
    ("capacitor", "p"): ("plates", "silent"),
    ("capacitor", "n"): ("plates", "silent"),
    ("isource", "p"): ("charges",),
    ("isource", "n"): ("charges",),
    ("", "cp"): ("silent",),
    ("", "cn"): ("silent",),
}


def _facts(name: str) -> TypeFacts:
    kind = KIND_OF_TYPE[name]
    roles = KINDS[kind].roles
    return TypeFacts(
        kind=kind,
        polarity=name[0] if kind in TRANSISTORS else "",
        roles=roles,
        needed=frozenset(missing_roles(kind, ())),
        counted={role: _COUNTED.get((kind, role), _COUNTED.get(("", role), ())) for role in roles},
        dc_paths=(*KINDS[kind].dc_paths, *JUNCTIONS.get(kind, ())),
        ends=ENDS.get(kind),
        is_voltage=kind in ("vsource", "vcvs", "inductor"),
    )


TYPES: Final[dict[str, TypeFacts]] = {name: _facts(name) for name in _TYPES}
"""The types of device that a growing circuit may have."""


class Pins(NamedTuple):
    """What is on a net.

    Attributes:
        degree: Number of pins.
        gates: Gates among them.
        bulks: Bulks among them.
        silent: Pins among them that set no voltage.
        charges: Pins of independent current sources among them.
        plates: Pins of capacitors among them.
        devices: Numbers of the devices, each once.
    """

    degree: int = 0
    gates: int = 0
    bulks: int = 0
    silent: int = 0
    charges: int = 0
    plates: int = 0
    devices: tuple[int, ...] = ()

    @property
    def floats(self) -> bool:
        """Whether nothing but gates, or nothing but bulks, is on it."""
        return self.degree in (self.gates, self.bulks)


NO_PINS: Final = Pins()


@dataclass(slots=True)
class GrowingDevice:
    """A device of a growing circuit: its nets are numbers."""

    name: str
    type: str
    nets: dict[str, int]
    value: float | None


_NEW: Final = object()
_LISTS: Final = (
    *("names", "classes", "is_port", "is_ground", "pins"),
    *("dc", "dc_size", "dc_held", "dc_members"),
    *("zero", "zero_size", "zero_high", "zero_low"),
    *("volt", "volt_size", "part", "part_size"),
)
_TABLES: Final = (
    "index",
    "devices",
    "watch",
    "loose",
    "shorted",
    "firsts",
    "broken",
    "counts",
    "ports",
)


class PartialState:
    """The lists, and what changes them.

    Attributes:
        index: Number of each net, by lower-case name.
        devices: In order.
        names: Names of the nets; the lists below have an entry for each.
        classes: Index into ``NET_CLASSES``.
        is_port: Whether it leads outside.
        is_ground: Whether it is the reference node.
        pins: What is on it.
        dc: The net above it, of those that direct current joins; roots are their own.
        dc_size: Of roots: number of nets.
        dc_held: Of roots: whether ground or a port is among the nets.
        dc_members: Of roots: the nets.
        zero: The net above it, of those that wires join; ``zero_size``, ``volt_size`` and
            ``part_size`` are the numbers of nets below roots.
        zero_high: Of roots: whether a supply is among them.
        zero_low: Of roots: whether ground or a negative supply is among them.
        volt: The net above it, of those between which the voltage is fixed.
        part: The net above it, of those that devices join, rails left out.
        ports: Nets that lead outside, in the order in which they were declared.
        watch: Nets that may be floating or dangling.
        loose: Roots of ``dc`` that nothing holds.
        shorted: Roots of ``zero`` with rails of both signs.
        firsts: Of roots of ``part``: the first device.
        broken: By device, what it breaks for good: (finding, under which condition).
        log: What was overwritten, the last thing last.
        marks: Length of the log where each step began.
        rows: The lists, in one tuple.
        counts: ``held``: nets that hold others; ``loops``: loops of sources.
    """

    def __init__(self) -> None:
        """Make the state of a circuit with neither nets nor devices."""
        self.index: dict[str, int] = {}
        self.devices: list[GrowingDevice] = []
        for name in _LISTS:
            setattr(self, name, [])
        self.rows: tuple[list[Any], ...] = tuple(getattr(self, name) for name in _LISTS)
        self.ports: dict[int, bool] = {}
        self.watch: dict[int, bool] = {}
        self.loose: dict[int, bool] = {}
        self.shorted: dict[int, bool] = {}
        self.firsts: dict[int, int] = {}
        self.broken: dict[int, list[Any]] = {}
        self.counts: dict[str, int] = {"held": 0, "loops": 0}
        self.log: list[tuple[Any, Any, Any]] = []
        self.marks: list[int] = []

    names: list[str]
    classes: list[int]
    is_port: list[bool]
    is_ground: list[bool]
    pins: list[Pins]
    dc: list[int]
    dc_size: list[int]
    dc_held: list[bool]
    dc_members: list[tuple[int, ...]]
    zero: list[int]
    zero_size: list[int]
    zero_high: list[bool]
    zero_low: list[bool]
    volt: list[int]
    volt_size: list[int]
    part: list[int]
    part_size: list[int]

    def copy(self) -> PartialState:
        """Return a state that grows on its own, and knows nothing of the steps before."""
        made = PartialState.__new__(PartialState)
        made.rows = tuple([row.copy() for row in self.rows])
        for name, row in zip(_LISTS, made.rows, strict=True):
            setattr(made, name, row)
        for name in _TABLES:
            setattr(made, name, getattr(self, name).copy())
        made.log = []
        made.marks = []
        return made

    # Steps ----------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a step."""
        self.marks.append(len(self.log))

    def undo(self) -> None:
        """Take the last step back."""
        log, mark = self.log, self.marks.pop()
        while len(log) > mark:
            where, key, old = log.pop()
            if where is None:
                for row in self.rows:
                    del row[old:]
            elif key is _NEW:
                del where[old:]
            elif old is _NEW:
                del where[key]
            else:
                where[key] = old

    def put(self, where: list[Any], at: int, value: Any) -> None:
        """Set an entry of a list, and remember what was there."""
        self.log.append((where, at, where[at]))
        where[at] = value

    def enter(self, where: dict[Any, Any], key: Any, value: Any) -> None:
        """Set an entry of a table, and remember what was there."""
        self.log.append((where, key, where.get(key, _NEW)))
        where[key] = value

    def drop(self, where: dict[int, Any], key: int) -> None:
        """Remove an entry of a table, where it is there."""
        if key in where:
            self.log.append((where, key, where[key]))
            del where[key]

    def append_device(self, device: GrowingDevice) -> int:
        """Append a device and return its number."""
        self.log.append((self.devices, _NEW, len(self.devices)))
        self.devices.append(device)
        return len(self.devices) - 1

    def new_net(self, name: str, net_class: int, *, port: bool, ground: bool) -> int:
        """Append a net and return its number."""
        at = len(self.names)
        held = port or ground
        high, low = net_class == SUPPLY, net_class in (GROUND_CLASS, NEGATIVE)
        values: tuple[Any, ...] = (
            *(name, net_class, port, ground, NO_PINS),
            *(at, 1, held, (at,)),
            *(at, 1, high, low),
            *(at, 1, at, 1),
        )
        self.log.append((None, _NEW, at))
        for row, value in zip(self.rows, values, strict=True):
            row.append(value)
        self.enter(self.index, name.lower(), at)
        if held:
            self.enter(self.counts, "held", self.counts["held"] + 1)
        if port:
            self.enter(self.ports, at, True)
        return at

    # Who is joined to whom ------------------------------------------------------------------

    def join_dc(self, one: int, other: int) -> None:
        """Join two nets for direct current."""
        a, b = top(self.dc, one), top(self.dc, other)
        if a == b:
            return
        if self.dc_size[a] < self.dc_size[b]:
            a, b = b, a
        put = self.put
        put(self.dc, b, a)
        put(self.dc_size, a, self.dc_size[a] + self.dc_size[b])
        put(self.dc_members, a, self.dc_members[a] + self.dc_members[b])
        self.drop(self.loose, b)
        if self.dc_held[b] and not self.dc_held[a]:
            put(self.dc_held, a, True)
            self.drop(self.loose, a)

    def join_zero(self, one: int, other: int) -> None:
        """Join two nets by a wire."""
        a, b = top(self.zero, one), top(self.zero, other)
        if a == b:
            return
        if self.zero_size[a] < self.zero_size[b]:
            a, b = b, a
        self.put(self.zero, b, a)
        self.put(self.zero_size, a, self.zero_size[a] + self.zero_size[b])
        self.mark_zero(a, high=self.zero_high[b], low=self.zero_low[b])
        self.drop(self.shorted, b)

    def mark_zero(self, root: int, *, high: bool, low: bool) -> None:
        """Note that rails are among the nets below a root of ``zero``."""
        if high and not self.zero_high[root]:
            self.put(self.zero_high, root, True)
        if low and not self.zero_low[root]:
            self.put(self.zero_low, root, True)
        if self.zero_high[root] and self.zero_low[root] and root not in self.shorted:
            self.enter(self.shorted, root, True)

    def join_volt(self, one: int, other: int) -> None:
        """Fix the voltage between two nets; one more loop where it was fixed before."""
        a, b = top(self.volt, one), top(self.volt, other)
        if a == b:
            self.enter(self.counts, "loops", self.counts["loops"] + 1)
            return
        if self.volt_size[a] < self.volt_size[b]:
            a, b = b, a
        self.put(self.volt, b, a)
        self.put(self.volt_size, a, self.volt_size[a] + self.volt_size[b])

    def join_parts(self, nets: list[int], device: int) -> None:
        """Join the nets of one device that are no rails."""
        roots = {top(self.part, net) for net in nets}
        first = min((self.firsts[root] for root in roots if root in self.firsts), default=device)
        lead = max(roots, key=self.part_size.__getitem__)
        for root in roots - {lead}:
            self.put(self.part, root, lead)
            self.put(self.part_size, lead, self.part_size[lead] + self.part_size[root])
            self.drop(self.firsts, root)
        if self.firsts.get(lead) != first:
            self.enter(self.firsts, lead, first)


def top(forest: list[int], net: int) -> int:
    """Return the root of the tree that the net is in."""
    while (above := forest[net]) != net:
        net = above
    return net
