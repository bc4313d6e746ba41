"""Rule on circuits that fall into parts which only the rails join."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.graph.components import components
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


def split_message(first: Sequence[str]) -> str:
    """Return what is wrong with a circuit in parts; ``first`` is the first device of each."""
    return f"only the rails join the parts of {listed(first)}"


def _find_split(rule: Rule, view: Electrical) -> Iterator[Finding]:
    part = device_parts(view)
    # Each part has the number of its first device.
    firsts = np.unique(part[part >= 0]).tolist()
    if len(firsts) < 2:
        return
    devices = [view.device(at) for at in firsts]
    names = [device.name for device in devices]
    yield rule.finding(split_message(names), devices[1].span, names, strict=rule.strict[0])


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
