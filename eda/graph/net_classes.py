"""What each net is for: ground, supply, bias, input, output, from names, sources and pins.

What decides, strongest first:

1. net ``0`` is ground;
2. the name of a top-level net (``vdd``, ``VSS!``, ``vbias``, ``vinp``, ``out``); short names
   such as ``a`` or ``y`` only count on ports;
3. ``.global`` nets without such a name are supplies;
4. the direction of a port, where the netlist states it;
5. sources to ground: a signal source drives an input, the highest direct voltage is the
   supply, the lowest negative one the negative supply, other direct voltages are biases;
6. the net that holds the bulks of transistors that do not touch it otherwise is a rail, where
   no rail of that sign was found.

Nets inside a flattened instance (``x1.vdd``) have no name in this sense: a real rail reaches
the top level and has a name there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.circuit import ROLES, number
from eda.graph.circuit_graph import DEVICE_TYPES, NET_CLASSES, CircuitGraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.circuit import Circuit, Device

_NAMES: Final = re.compile(
    r"""
      (?P<ground> 0 | [adps]?gnd[ad]? | ground )
    | (?P<supply> (?!vcc-?_?n?$) [adip]?v(?:dd|cc)\w* | vcc | vpwr\w* | vpb | vbat\w* | vsupply
                | pwr | v\+ | \+?\d+v\d* )
    | (?P<negative_supply> [adp]?v(?:ss|ee)\w* | vcc(?:_?n|-) | vgnd\w* | vnb | vneg | v-
                         | -\d+v\d* )
    | (?P<bias> v?b(?:ias)?[np]?\d* | v(?:b|cas|cm|ref)\w* | [inp]?bias\w* | i(?:b|bp|bn)\d*
              | iref\w* | nb\d* | pb\d* )
    | (?P<input> v?in[pnm+-]?\d* | v?in_?(?:p|n|m|plus|minus|pos|neg)\d* | vi[pnm+-]?\d*
               | v?[pnm]in | inplus | inminus | rf_?in\w* | v?clkb?\d* | clock | vsig )
    | (?P<output> v?out[pnm+-]?\d* | v?out_?(?:p|n|m|plus|minus|pos|neg|b)\d* | vo[pnm+-]?\d*
                | v?[pnm]out | rf_?out\w* )
    """,
    re.VERBOSE,
)
_PORT_NAMES: Final = re.compile(
    r"(?P<input>[a-e]\d{0,2}|[ab]_?n|te?|ck|cp|clk_?n|en|s\d?|set_?b?|reset_?b?|rn|sn|gate_?n?)"
    r"|(?P<output>[xyzq]\d?|y_?n|q_?n|zn|co(?:ut)?|sum|s_?out)"
)
_SIGNAL_KEYS: Final = frozenset(
    (
        *("ac", "acmag", "sin", "sine", "pulse", "pwl", "exp", "sffm", "am", "pat"),
        *("trnoise", "trrandom", "noise", "portnum"),
    )
)

GROUND: Final = NET_CLASSES.index("ground")
SUPPLY: Final = NET_CLASSES.index("supply")
NEGATIVE: Final = NET_CLASSES.index("negative_supply")
_BIAS = NET_CLASSES.index("bias")
_INPUT = NET_CLASSES.index("input")
_OUTPUT = NET_CLASSES.index("output")
_PORT = NET_CLASSES.index("port")
_INTERNAL = NET_CLASSES.index("internal")
_DIRECTIONS = {"input": _INPUT, "output": _OUTPUT}


def name_class(name: str, *, port: bool = False) -> str:
    """Return the class that a top-level net's name alone suggests, or ``internal``.

    Example:
        >>> name_class("AVDD!"), name_class("vinp"), name_class("a"), name_class("a", port=True)
        ('supply', 'input', 'internal', 'input')
    """
    found = _from_name(name.lower(), port=port)
    return NET_CLASSES[found]


def classify_nets(circuit: Circuit, graph: CircuitGraph) -> NDArray[np.int8]:
    """Return int8 [nets], an index into ``NET_CLASSES`` for each net of the circuit's graph."""
    classes = np.where(graph.net_is_port, _PORT, _INTERNAL).astype(np.int8)
    named = _classify_names(graph, classes)
    index = {graph.net_names[at].lower(): at for at in named}
    # Whatever follows only concerns nets that sources, globals or directions speak of.
    lookup = _Lookup(graph.net_names, index)
    _classify_globals(circuit.globals, lookup, classes)
    for port, direction in circuit.directions.items():
        at = lookup.find(port)
        if at is not None and classes[at] in (_PORT, _INTERNAL):
            classes[at] = _DIRECTIONS.get(direction, classes[at])
    _classify_sources(circuit.devices, graph, classes)
    _classify_bulks(graph, classes)
    return classes


class _Lookup:
    """Nets by name; the full table is only built when a name is not among the classified."""

    def __init__(self, names: Sequence[str], known: dict[str, int]) -> None:
        self._names = names
        self._known = known
        self._complete = False

    def find(self, name: str) -> int | None:
        key = name.lower()
        if key not in self._known and not self._complete:
            self._known = {net.lower(): at for at, net in enumerate(self._names)}
            self._complete = True
        return self._known.get(key)


def _from_name(name: str, *, port: bool) -> int:
    bare = name.removeprefix("/").removesuffix("!")
    match = _NAMES.fullmatch(bare) or (_PORT_NAMES.fullmatch(bare) if port else None)
    if match is None or match.lastgroup is None:
        return _PORT if port else _INTERNAL
    return NET_CLASSES.index(match.lastgroup)


def _classify_names(graph: CircuitGraph, classes: NDArray[np.int8]) -> list[int]:
    """Classify by name in place; return the nets concerned."""
    ports = int(graph.net_is_port.sum())
    done: list[int] = []
    for at, name in enumerate(graph.net_names):
        if "." in name:
            continue
        found = _from_name(name.lower(), port=at < ports)
        if found not in (_PORT, _INTERNAL):
            classes[at] = found
            done.append(at)
    return done


def _classify_globals(names: Sequence[str], lookup: _Lookup, classes: NDArray[np.int8]) -> None:
    for name in names:
        at = lookup.find(name)
        if at is not None and classes[at] in (_PORT, _INTERNAL):
            classes[at] = SUPPLY


def _classify_sources(
    devices: Sequence[Device], graph: CircuitGraph, classes: NDArray[np.int8]
) -> None:
    sources = np.flatnonzero(graph.device_type == DEVICE_TYPES.index("vsource"))
    # A circuit that a program is still making may have a source with one end.
    pins = np.bincount(graph.edge_device, minlength=graph.num_devices)
    sources = sources[pins[sources] == 2]
    if not len(sources):
        return
    first_pin = np.searchsorted(graph.edge_device, sources)
    ground = classes == GROUND
    constant: dict[int, float] = {}
    for source, pin in zip(sources.tolist(), first_pin.tolist(), strict=True):
        plus, minus = graph.edge_net[pin : pin + 2].tolist()
        if ground[plus] == ground[minus]:
            continue
        hot, sign = (minus, -1.0) if ground[plus] else (plus, 1.0)
        device = devices[source]
        if is_signal_source(device):
            if classes[hot] in (_PORT, _INTERNAL):
                classes[hot] = _INPUT
            continue
        voltage = dc_value(device)
        if voltage is not None:
            constant[hot] = sign * voltage
    highest = max(constant.values(), default=0.0)
    lowest = min(constant.values(), default=0.0)
    for net, voltage in constant.items():
        if classes[net] not in (_PORT, _INTERNAL):
            continue
        if voltage == highest > 0:
            classes[net] = SUPPLY
        elif voltage == lowest < 0:
            classes[net] = NEGATIVE
        elif voltage != 0:
            classes[net] = _BIAS


def is_signal_source(device: Device) -> bool:
    """Return whether a source does more than hold a direct voltage or current."""
    return not _SIGNAL_KEYS.isdisjoint(device.parameters)


def dc_value(device: Device) -> float | None:
    """Return the direct value of a source, where it is known; 0 where none is written."""
    for key in ("dc", "value"):
        if key in device.parameters:
            return number(device.parameters[key])
    return None if is_signal_source(device) else 0.0


def _classify_bulks(graph: CircuitGraph, classes: NDArray[np.int8]) -> None:
    """Find the rails of a circuit with other names by the bulks that they hold."""
    lowest = bool(np.isin(classes, (GROUND, NEGATIVE)).any())
    for polarity, rail, missing in (
        ("pmos", SUPPLY, not (classes == SUPPLY).any()),
        ("nmos", NEGATIVE, not lowest),
    ):
        if not missing:
            continue
        is_type = graph.device_type[graph.edge_device] == DEVICE_TYPES.index(polarity)
        bulk = is_type & (graph.edge_role == ROLES.index("b"))
        channel = is_type & np.isin(graph.edge_role, (ROLES.index("d"), ROLES.index("s")))
        # A bulk tied to its own source says nothing: so do the wells of input pairs.
        own = np.isin(_pairs(graph, bulk), _pairs(graph, channel))
        nets = graph.edge_net[bulk][~own]
        if len(nets):
            net = int(np.bincount(nets).argmax())
            if classes[net] in (_PORT, _INTERNAL):
                classes[net] = rail


def _pairs(graph: CircuitGraph, pins: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return one number for the device and the net of each of these pins."""
    return graph.edge_device[pins].astype(np.int64) * graph.num_nets + graph.edge_net[pins]
