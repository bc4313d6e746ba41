"""Which nets are rails: by their class, and where names say nothing by what hangs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.graph import DEVICE_TYPES, NET_CLASSES
from eda.structures.units import FAMILIES, devices_of_kind, net_of_role

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.graph import CircuitGraph

_LOW: Final = tuple(NET_CLASSES.index(name) for name in ("ground", "negative_supply"))
_HIGH: Final = NET_CLASSES.index("supply")
_UNTOLD: Final = tuple(NET_CLASSES.index(name) for name in ("internal", "port", "bias"))
_ENOUGH: Final = 3
"""So many sources, and no gate and no drain, make a port a rail; two may be a pair's tail."""

_POLES: Final = {
    **{name: 0 for name in ("nmos", "npn", "njf", "nmf")},
    **{name: 1 for name in ("pmos", "pnp", "pjf", "pmf")},
}


def find_rails(graph: CircuitGraph) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return bool [nets] twice: the supplies; ground and the negative supplies.

    Besides the nets that the graph's classes name, a net with another name is a rail where it
    leads outside or a voltage source holds it, and only sources of one polarity stand on it:
    three of them at a port, one at a voltage source.
    """
    high = graph.net_class == _HIGH
    low = np.isin(graph.net_class, _LOW)
    gates = np.zeros(graph.num_nets, dtype=np.int64)
    drains = np.zeros((2, graph.num_nets), dtype=np.int64)
    sources = np.zeros((2, graph.num_nets), dtype=np.int64)
    pole_of_type = np.array([_POLES.get(name, 2) for name in DEVICE_TYPES])
    for kind in FAMILIES:
        at = devices_of_kind(graph, kind)
        roles = ("c", "b", "e") if kind == "bipolar" else ("d", "g", "s")
        drain, gate, source = (net_of_role(graph, role)[at] for role in roles)
        whole = (drain >= 0) & (gate >= 0) & (source >= 0)
        gates += np.bincount(gate[whole], minlength=graph.num_nets)
        for pole in (0, 1):
            mine = whole & (pole_of_type[graph.device_type[at]] == pole)
            drains[pole] += np.bincount(drain[mine], minlength=graph.num_nets)
            sources[pole] += np.bincount(source[mine], minlength=graph.num_nets)
    held = held_by_source(graph)
    open_ = (graph.net_is_port | held) & np.isin(graph.net_class, _UNTOLD) & (gates == 0)
    for pole, rail in ((0, low), (1, high)):
        enough = np.where(held, 1, _ENOUGH)
        alone = (drains[pole] == 0) & (sources[1 - pole] == 0)
        rail |= open_ & alone & (sources[pole] >= enough)
    return high & ~low, low


def held_by_source(graph: CircuitGraph) -> NDArray[np.bool_]:
    """Return bool [nets]: a voltage source stands on the net."""
    found = np.zeros(graph.num_nets, dtype=np.bool_)
    at = devices_of_kind(graph, "vsource")
    for role in ("p", "n"):
        nets = net_of_role(graph, role)[at]
        found[nets[nets >= 0]] = True
    return found
