"""The order in which parts are placed: by what they are in the circuit, not by where in the file.

Placement draws lots, part after part; with an order of its own, a circuit whose cards are
moved about or whose devices get other names is drawn the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eda.graph import circuit_graph
from eda.graph.refine import coloured_graph, refine

if TYPE_CHECKING:
    from eda.circuit import Circuit


def settled(circuit: Circuit) -> Circuit:
    r"""Return a circuit with its devices in an order that only structure decides.

    Devices that structure cannot tell apart stay in the order of their names.

    Example:
        >>> import eda
        >>> one = eda.parse_netlist("a\nR1 in out 1k\nC1 out 0 1p\n")
        >>> other = eda.parse_netlist("a\nC1 out 0 1p\nR1 in out 1k\n")
        >>> [item.name for item in settled(one).devices] == [
        ...     item.name for item in settled(other).devices
        ... ]
        True
    """
    graph = coloured_graph(circuit_graph(circuit), ports="classes")
    colours = refine(graph)[: graph.num_devices].tolist()
    if len(colours) != len(circuit.devices):
        return circuit
    order = sorted(
        zip(colours, circuit.devices, strict=True), key=lambda item: (item[0], item[1].name.lower())
    )
    return replace(circuit, devices=tuple(device for _, device in order))
