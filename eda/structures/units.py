"""# Units: the devices of a graph as tables for joins: fingers merged, channels set upright.

A unit is one transistor or two-terminal device, or several of one type side by side on the same
nets (the fingers of a layout): a block is made of units. A transistor is set upright: where its
pins say that current would flow from the source, drain and source are exchanged, for a MOS
channel looks the same from both ends, and netlists from layouts write either first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.circuit import ROLES
from eda.graph import DEVICE_TYPES
from eda.graph.circuit_graph import KIND_OF_TYPE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.graph import CircuitGraph

POLARITIES: Final = ("n", "p", "")
"""Polarity of a transistor as an index; the last one is unknown."""

FAMILIES: Final = ("mosfet", "bipolar", "jfet", "mesfet")
"""Family of a transistor as an index."""

TWO_TERMINALS: Final[dict[str, tuple[str, str]]] = {
    "resistor": ("p", "n"),
    "capacitor": ("p", "n"),
    "inductor": ("p", "n"),
    "diode": ("a", "k"),
    "isource": ("p", "n"),
    "vsource": ("p", "n"),
    "vcvs": ("cp", "cn"),
}
"""Kinds that patterns see as two pins, and the roles of these; of a vcvs what controls it."""

_POLARITY_OF_TYPE: Final = {
    **dict.fromkeys(("nmos", "npn", "njf", "nmf"), 0),
    **dict.fromkeys(("pmos", "pnp", "pjf", "pmf"), 1),
}
# The roles of a transistor under the names that all patterns use for all families.
_CHANNEL: Final = {"bipolar": ("c", "b", "e")}
_INSULATED: Final = ("mosfet", "jfet", "mesfet")


@dataclass(frozen=True)
class Transistors:
    """The transistor units of a circuit, one row each.

    Attributes:
        family: int64 [units], index into ``FAMILIES``.
        polarity: int64 [units], index into ``POLARITIES``.
        drain: int64 [units], net of the drain or collector.
        gate: int64 [units], net of the gate or base.
        source: int64 [units], net of the source or emitter.
        first: int64 [units], the device that stands for the unit: the first in the circuit.
    """

    family: NDArray[np.int64]
    polarity: NDArray[np.int64]
    drain: NDArray[np.int64]
    gate: NDArray[np.int64]
    source: NDArray[np.int64]
    first: NDArray[np.int64]


@dataclass(frozen=True)
class TwoTerminals:
    """The units of one two-terminal kind, one row each.

    Attributes:
        plus: int64 [units], net of the first pin (of a diode, the anode).
        minus: int64 [units], net of the second pin.
        first: int64 [units], the device that stands for the unit.
    """

    plus: NDArray[np.int64]
    minus: NDArray[np.int64]
    first: NDArray[np.int64]


@dataclass(frozen=True)
class Units:
    """All units of a circuit.

    Attributes:
        transistors: Upright.
        two_terminals: By kind.
        members: Devices of the units that have several, by the device that stands for them.
    """

    transistors: Transistors
    two_terminals: dict[str, TwoTerminals]
    members: dict[int, tuple[int, ...]]


def device_kinds(graph: CircuitGraph) -> NDArray[np.int64]:
    """Return int64 [devices]: index of each device's kind in the order of ``KIND_OF_TYPE``."""
    kinds = list(dict.fromkeys(KIND_OF_TYPE.values()))
    table = np.array([kinds.index(KIND_OF_TYPE[name]) for name in DEVICE_TYPES], dtype=np.int64)
    return np.asarray(table[graph.device_type], dtype=np.int64)


def net_of_role(graph: CircuitGraph, role: str) -> NDArray[np.int64]:
    """Return int64 [devices]: the net on the pin of this role, or -1."""
    found = np.full(graph.num_devices, -1, dtype=np.int64)
    pins = np.flatnonzero(graph.edge_role == ROLES.index(role))
    found[graph.edge_device[pins]] = graph.edge_net[pins]
    return found


def devices_of_kind(graph: CircuitGraph, kind: str) -> NDArray[np.int64]:
    """Return the devices of a kind, in circuit order."""
    types = [at for at, name in enumerate(DEVICE_TYPES) if KIND_OF_TYPE[name] == kind]
    return np.flatnonzero(np.isin(graph.device_type, types)).astype(np.int64)


def find_units(graph: CircuitGraph, high: NDArray[np.bool_], low: NDArray[np.bool_]) -> Units:
    """Return the units of a graph.

    Args:
        graph: The circuit.
        high: Bool [nets], the supplies.
        low: Bool [nets], ground and the negative supplies.
    """
    members: dict[int, tuple[int, ...]] = {}
    transistors = _transistors(graph, high, low, members)
    two_terminals = {}
    for kind, (plus_role, minus_role) in TWO_TERMINALS.items():
        at = devices_of_kind(graph, kind)
        plus = net_of_role(graph, plus_role)[at] if len(at) else at
        minus = net_of_role(graph, minus_role)[at] if len(at) else at
        whole = (plus >= 0) & (minus >= 0) & (plus != minus)
        at, plus, minus = at[whole], plus[whole], minus[whole]
        if kind in ("resistor", "capacitor", "inductor", "vcvs"):
            plus, minus = np.minimum(plus, minus), np.maximum(plus, minus)
        keep = _merge([plus, minus], at, members)
        two_terminals[kind] = TwoTerminals(plus[keep], minus[keep], at[keep])
    return Units(transistors, two_terminals, members)


def _transistors(
    graph: CircuitGraph,
    high: NDArray[np.bool_],
    low: NDArray[np.bool_],
    members: dict[int, tuple[int, ...]],
) -> Transistors:
    parts = []
    polarity_of_type = np.array(
        [_POLARITY_OF_TYPE.get(name, 2) for name in DEVICE_TYPES], dtype=np.int64
    )
    bulk = net_of_role(graph, "b")
    for family, kind in enumerate(FAMILIES):
        at = devices_of_kind(graph, kind)
        if not len(at):
            continue
        drain, gate, source = (
            net_of_role(graph, role)[at] for role in _CHANNEL.get(kind, ("d", "g", "s"))
        )
        whole = (drain >= 0) & (gate >= 0) & (source >= 0)
        at, drain, gate, source = at[whole], drain[whole], gate[whole], source[whole]
        polarity = polarity_of_type[graph.device_type[at]]
        if kind == "mosfet":
            polarity = _guess_polarity(polarity, bulk[at], source, high, low)
        if kind in _INSULATED:
            drain, source = _upright(polarity, drain, source, high, low)
        alive = drain != source
        parts.append([np.full(len(at), family), polarity, drain, gate, source, at])
        parts[-1] = [column[alive] for column in parts[-1]]
    if not parts:
        return Transistors(*(np.zeros(0, dtype=np.int64) for _ in range(6)))
    columns = [np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True)]
    keep = _merge(columns[:5], columns[5], members)
    return Transistors(*(column[keep] for column in columns))


def _guess_polarity(
    polarity: NDArray[np.int64],
    bulk: NDArray[np.int64],
    source: NDArray[np.int64],
    high: NDArray[np.bool_],
    low: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Return polarities, those that no model tells read off the rail of bulk or source."""
    for net in (bulk, source):
        known = net >= 0
        for value, rail in ((0, low), (1, high)):
            says = (polarity == 2) & known & rail[net]
            polarity = np.where(says, value, polarity)
    return polarity


def _upright(
    polarity: NDArray[np.int64],
    drain: NDArray[np.int64],
    source: NDArray[np.int64],
    high: NDArray[np.bool_],
    low: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return drain and source, exchanged where a rail stands at the wrong end."""
    own = np.where(polarity == 0, low[drain], (polarity == 1) & high[drain])
    far = np.where(polarity == 0, high[source], (polarity == 1) & low[source])
    own_source = np.where(polarity == 0, low[source], (polarity == 1) & high[source])
    far_drain = np.where(polarity == 0, high[drain], (polarity == 1) & low[drain])
    swap = (own & ~own_source) | (far & ~far_drain)
    return np.where(swap, source, drain), np.where(swap, drain, source)


def _merge(
    columns: list[NDArray[np.int64]],
    devices: NDArray[np.int64],
    members: dict[int, tuple[int, ...]],
) -> NDArray[np.int64]:
    """Return the row of the first device of each unit, and note units with several."""
    if not len(devices):
        return np.zeros(0, dtype=np.int64)
    order = np.lexsort((devices, *columns))
    new = np.zeros(len(order), dtype=np.bool_)
    new[0] = True
    for column in columns:
        new[1:] |= column[order][1:] != column[order][:-1]
    starts = np.flatnonzero(new)
    counts = np.diff(np.append(starts, len(order)))
    for start, count in zip(starts[counts > 1].tolist(), counts[counts > 1].tolist(), strict=True):
        group = devices[order[start : start + count]].tolist()
        members[group[0]] = tuple(group)
    return np.sort(order[starts])
