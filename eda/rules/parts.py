"""Rule on circuits that fall into parts which only the rails join."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.rules.components import components
from eda.rules.finding import Finding, Rule, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from eda.rules.electrical import Electrical


def device_parts(view: Electrical) -> NDArray[np.int64]:
    """int64 [devices]: devices with the same number are joined by nets other than rails.

    A device with all pins on rails (a decoupling capacitor) is joined to nothing; it gets -1.
    """
    graph = view.graph
    inner = ~view.is_rail[graph.edge_net]
    devices, nets = graph.edge_device[inner], graph.edge_net[inner]
    total = graph.num_devices + graph.num_nets
    label = components(total, devices, nets.astype(np.int64) + graph.num_devices)
    found = label[: graph.num_devices]
    alone = np.ones(graph.num_devices, dtype=np.bool_)
    alone[devices] = False
    return np.where(alone, -1, found)


def split_message(parts: int, first: Sequence[str]) -> str:
    """Return what is wrong with a circuit in parts; ``first`` are devices of the second one."""
    return f"the circuit falls into {parts} parts; {listed(first)} are joined to the rest by rails"


def _find_split(rule: Rule, view: Electrical) -> Iterator[Finding]:
    part = device_parts(view)
    kinds = np.unique(part[part >= 0])
    if len(kinds) < 2:
        return
    members = np.flatnonzero(part == kinds[1]).tolist()
    devices = [view.device(at) for at in members]
    names = [device.name for device in devices]
    message = split_message(len(kinds), names)
    yield rule.finding(message, devices[0].span, names, strict=rule.strict[0])


SPLIT_CIRCUIT: Final = Rule(
    "split_circuit",
    "info",
    "a circuit whose parts only the rails join",
    "Two circuits side by side are two circuits, or a wire between them is missing.",
    "connect the parts, or put each into a subcircuit of its own",
    _find_split,
    strict=("R13",),
    on=False,
)
