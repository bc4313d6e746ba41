"""# NetFacts: what patterns ask of a net, as one boolean array a question.

Net classes are part of every pattern: without them two current sources on a supply would be a
differential pair. A fact is one of

| fact | the net |
|---|---|
| `own` `far` `rail` | the rail at the transistor's source; the rail at the other end; any rail |
| `wide` | joins more channels than a block has: a virtual rail, a bit line |
| `input` `output` `port` | of that class; `port` leads outside, and no more is known |
| `sunk` | has a path for direct current to the transistor's own rail, a port or a black box |
| `foot` | is only sunk by transistors whose gates carry logic |
| `logic` | gates transistors of both polarities, one of them on its rail |
| `held` | a diode-connected transistor of this polarity, cascoded or not, holds it |
| `shared` | gates several transistors of this polarity whose sources are on their rail |
| `sole` | gates exactly one transistor of this polarity |
| `lone` `crowded` | exactly one source of this polarity stands on it; more than two do |
| `drained` | a drain of this polarity stands on it |
| `crossed` | the drain of one, and the gate of the other, of two cross-coupled transistors |
| `signal` | an input reaches it through gates, channels, R, L and C |
| `biased` | no input reaches it, and something sets its direct voltage |
| `joined` | direct current that comes in at it goes on somewhere |
| `series` | joins two two-terminal devices and nothing else |
| `tail` | the common source of a differential or cross-coupled pair (known after the pairs) |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.graph import NET_CLASSES
from eda.structures.rails import find_rails, held_by_source
from eda.structures.reach import Edges, reachable
from eda.structures.units import Units, devices_of_kind, find_units, net_of_role

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.graph import CircuitGraph

FACTS: Final = (
    *("own", "far", "rail", "wide", "input", "output", "port", "sunk", "foot", "logic", "held"),
    *(
        "shared",
        "sole",
        "lone",
        "crowded",
        "drained",
        "crossed",
        "signal",
        "biased",
        "joined",
        "series",
        "tail",
    ),
)
"""The names of the facts."""

MAX_CHANNELS: Final = 64
"""A net with more channel ends than this, and no rail's name, is `wide`."""

_BOXES: Final = ("subcircuit", "xspice", "osdi")
_TWO_TERMINALS: Final = ("resistor", "capacitor", "inductor", "diode", "isource", "vsource")
_CONTROLLED: Final = ("vcvs", "vccs")


@dataclass(frozen=True)
class NetFacts:
    """The facts of all nets.

    Attributes:
        table: bool [3, nets] by fact: one row for each polarity of the transistor that asks.
        active: Directed pairs of nets along which a signal passes through transistors and
            controlled sources.
        passive: The same through R, L and C, both ways.
        inputs: bool [nets], where signals come in.
        outputs: bool [nets], where they go out.
    """

    table: dict[str, NDArray[np.bool_]]
    active: Edges
    passive: Edges
    inputs: NDArray[np.bool_]
    outputs: NDArray[np.bool_]

    def __getitem__(self, name: str) -> NDArray[np.bool_]:
        """Return the table of a fact."""
        return self.table[name]


def find_facts(graph: CircuitGraph) -> tuple[Units, NetFacts]:
    """Return the units of a graph and the facts of its nets."""
    high, low = find_rails(graph)
    units = find_units(graph, high, low)
    t = units.transistors
    nets = graph.num_nets
    rail = high | low
    own = np.stack([low, high, rail])
    far = np.stack([high, low, rail])
    count = _Counts(units, nets)

    on_own = own[t.polarity, t.source]
    diode = t.drain == t.gate
    gated = [count.of(t.gate[t.polarity == pole]) for pole in (0, 1)]
    on_rail = count.of(t.gate[on_own & (t.polarity < 2)]) > 0
    logic = (gated[0] > 0) & (gated[1] > 0) & on_rail & ~rail
    held = count.by_polarity(t.gate, where=diode | _diode_with_cascode(units, nets)) > 0
    crossed = _cross_coupled(units, nets)
    sources = count.by_polarity(t.source)
    lone = sources == 1
    shared = count.by_polarity(t.gate, where=on_own) > 1
    drained = count.by_polarity(t.drain) > 0
    channels = count.of(t.drain) + count.of(t.source)
    wide = (channels > MAX_CHANNELS) & ~rail

    klass = {
        name: graph.net_class == NET_CLASSES.index(name)
        for name in ("input", "output", "port", "bias")
    }
    boxed = _on_devices(graph, _BOXES)
    # Currents come in at ports and out of black boxes: nobody knows which way they flow there.
    outside = graph.net_is_port & ~klass["input"] & ~klass["output"]
    sunk = _sunk(units, own, rail, boxed | outside)
    awake = count.by_polarity(t.drain, where=~logic[t.gate]) > 0
    passive = count.passive > 0
    ends = channels + count.passive + count.two_terminal(("vsource",))
    joined = (ends > 1) | boxed | graph.net_is_port
    foot = ~(awake | (passive | boxed | graph.net_is_port)[None, :])

    # A name that says bias is not believed of a node that no gate and a source stands on.
    gates = count.of(t.gate)
    believed = graph.net_is_port | ((gates > 0) & (count.of(t.source) == 0))
    bias = klass["bias"] & believed & ~logic
    active = active_edges(graph, units, rail | bias, lone)
    passive_ways = passive_edges(units, rail | bias)
    inputs = _inputs(graph, count, klass, rail)
    signal = reachable(active.together(passive_ways), inputs)
    gate_only = (gates > 0) & (channels == 0)
    told = bias | held.any(axis=0) | held_by_source(graph) | (klass["port"] & gate_only)
    told |= count.two_terminal(("resistor",)) == 2
    biased = told & ~signal & ~rail
    series = (graph.net_degree == _two_terminal_pins(graph)) & (count.all_two_terminal == 2)
    series &= ~graph.net_is_port & ~rail

    flat = {
        **{"rail": rail, "wide": wide, "logic": logic, "signal": signal, "biased": biased},
        **{name: klass[name] for name in ("input", "output", "port")},
        **{"joined": joined, "series": series, "tail": np.zeros(nets, dtype=np.bool_)},
    }
    table = {name: np.broadcast_to(flag, (3, nets)) for name, flag in flat.items()}
    table |= {"own": own, "far": far, "sunk": sunk, "foot": foot}
    table |= {"held": held, "shared": shared, "lone": lone, "crowded": sources > 2}
    table |= {"drained": drained, "crossed": crossed, "sole": count.by_polarity(t.gate) == 1}
    outputs = _outputs(graph, count, klass, rail)
    return units, NetFacts(table, active, passive_ways, inputs, outputs)


def _diode_with_cascode(units: Units, nets: int) -> NDArray[np.bool_]:
    """Return bool [units]: the gate is on the drain of a transistor that stands on the drain."""
    t = units.transistors
    shift = t.polarity * nets
    below = (t.drain + shift) * nets + t.gate
    above = (t.source + shift) * nets + t.drain
    return np.isin(below, above)


def _cross_coupled(units: Units, nets: int) -> NDArray[np.bool_]:
    """Return bool [3, nets]: two transistors of one polarity have drain and gate exchanged."""
    t = units.transistors
    shift = t.polarity * nets
    one = (t.drain + shift) * nets + t.gate
    other = (t.gate + shift) * nets + t.drain
    both = np.isin(one, other) & (t.drain != t.gate)
    found = np.zeros((3, nets), dtype=np.bool_)
    found[t.polarity[both], t.drain[both]] = True
    return found


class _Counts:
    """Counts of pins on nets."""

    def __init__(self, units: Units, nets: int) -> None:
        self.units = units
        self.nets = nets
        self.passive = self.two_terminal(("resistor", "inductor", "isource", "diode"))
        self.all_two_terminal = self.two_terminal(_TWO_TERMINALS)

    def of(self, pins: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.bincount(pins, minlength=self.nets)

    def by_polarity(
        self, pins: NDArray[np.int64], *, where: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """Return int64 [3, nets]: pins on transistors of each polarity."""
        polarity = self.units.transistors.polarity
        chosen = np.ones(len(pins), dtype=np.bool_) if where is None else where
        return np.stack([self.of(pins[chosen & (polarity == pole)]) for pole in range(3)])

    def two_terminal(self, kinds: tuple[str, ...]) -> NDArray[np.int64]:
        total = np.zeros(self.nets, dtype=np.int64)
        for kind in kinds:
            table = self.units.two_terminals[kind]
            total += self.of(table.plus) + self.of(table.minus)
        return total


def _two_terminal_pins(graph: CircuitGraph) -> NDArray[np.int64]:
    """Return int64 [nets]: pins of two-terminal devices, those of every finger counted."""
    on = np.zeros(graph.num_devices, dtype=np.bool_)
    for kind in _TWO_TERMINALS:
        on[devices_of_kind(graph, kind)] = True
    return np.bincount(graph.edge_net[on[graph.edge_device]], minlength=graph.num_nets)


def _on_devices(graph: CircuitGraph, kinds: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return bool [nets]: a pin of such a device stands on the net."""
    found = np.zeros(graph.num_nets, dtype=np.bool_)
    for kind in kinds:
        on = np.isin(graph.edge_device, devices_of_kind(graph, kind))
        found[graph.edge_net[on]] = True
    return found


def _sunk(
    units: Units, own: NDArray[np.bool_], rail: NDArray[np.bool_], outside: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return bool [3, nets]: direct current finds a way from the net to the polarity's rail."""
    t = units.transistors
    found = np.zeros_like(own)
    passive = [units.two_terminals[kind] for kind in ("resistor", "inductor", "isource", "diode")]
    ends = [np.concatenate([table.plus for table in passive])]
    ends.append(np.concatenate([table.minus for table in passive]))
    for pole in range(3):
        mine = t.polarity == pole
        start = np.concatenate([t.source[mine], *ends])
        stop = np.concatenate([t.drain[mine], ends[1], ends[0]])
        passes = ~rail[stop]
        edges = Edges.of(start[passes], stop[passes], len(rail))
        found[pole] = reachable(edges, own[pole] | (outside & ~rail)) & ~rail
    return found


def active_edges(
    graph: CircuitGraph,
    units: Units,
    quiet: NDArray[np.bool_],
    lone: NDArray[np.bool_],
) -> Edges:
    """Return the pairs of nets along which a signal passes through something active.

    From gate to drain, from source to drain, to the source where the transistor follows (its
    source is not shared with another one, as in a pair, whose tail stands still), from the
    control pins of controlled sources to their outputs. Never through a rail or a net that is
    told to be a bias.
    """
    t = units.transistors
    follows = lone[t.polarity, t.source]
    start = [t.gate, t.source, t.gate[follows]]
    stop = [t.drain, t.drain, t.source[follows]]
    via = [t.first, t.first, t.first[follows]]
    for kind in _CONTROLLED:
        at = devices_of_kind(graph, kind)
        for control in ("cp", "cn"):
            for output in ("p", "n"):
                start.append(net_of_role(graph, control)[at])
                stop.append(net_of_role(graph, output)[at])
                via.append(at)
    return _edges(start, stop, via, quiet)


def passive_edges(units: Units, quiet: NDArray[np.bool_]) -> Edges:
    """Return the pairs of nets that R, L and C join, both ways, rails and biases left out."""
    tables = [units.two_terminals[kind] for kind in ("resistor", "capacitor", "inductor")]
    ends = [table.plus for table in tables], [table.minus for table in tables]
    via = [table.first for table in tables]
    return _edges([*ends[0], *ends[1]], [*ends[1], *ends[0]], via * 2, quiet)


def _edges(
    start: list[NDArray[np.int64]],
    stop: list[NDArray[np.int64]],
    via: list[NDArray[np.int64]],
    quiet: NDArray[np.bool_],
) -> Edges:
    from_, to = np.concatenate(start), np.concatenate(stop)
    known = (from_ >= 0) & (to >= 0)
    from_, to, devices = from_[known], to[known], np.concatenate(via)[known]
    passes = ~quiet[from_] & ~quiet[to] & (from_ != to)
    return Edges.of(from_[passes], to[passes], len(quiet), devices[passes])


def _inputs(
    graph: CircuitGraph,
    count: _Counts,
    klass: dict[str, NDArray[np.bool_]],
    rail: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Return the nets that signals come in at; where none is told, ports that only gate."""
    told = klass["input"] & ~rail
    if told.any():
        return told
    t = count.units.transistors
    channels = count.of(t.drain) + count.of(t.source)
    found: NDArray[np.bool_] = klass["port"] & (count.of(t.gate) > 0) & (channels == 0) & ~rail
    return found


def _outputs(
    graph: CircuitGraph,
    count: _Counts,
    klass: dict[str, NDArray[np.bool_]],
    rail: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Return the nets that signals go out at: ports that say so, ports with a channel, others.

    A net inside that is called an output does not count where a port can be one.
    """
    t = count.units.transistors
    channels = count.of(t.drain) + count.of(t.source)
    told = klass["output"] & ~rail
    for found in (told & graph.net_is_port, klass["port"] & (channels > 0) & ~rail):
        if found.any():
            return np.asarray(found, dtype=np.bool_)
    return np.asarray(told, dtype=np.bool_)
