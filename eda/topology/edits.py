"""Random edits of a known circuit that keep the rules: what a generator must do better than."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.topology.circuit import Topology
from eda.topology.clean import broken_rules
from eda.topology.parts import CAPACITOR, INTERNAL, KINDS, NMOS, PMOS, RESISTOR, VDD, VSS
from eda.topology.types import type_named

if TYPE_CHECKING:
    import numpy as np

TRIES: Final = 60


def edited(topology: Topology, rng: np.random.Generator, *, edits: int = 2) -> Topology:
    """Return a circuit with some pins moved, devices added or taken away, all rules kept.

    Where nothing that was tried keeps the rules, what came of the edits before is returned.
    """
    for _ in range(edits):
        for _try in range(TRIES):
            made = _edit(topology, rng)
            if made is not None and _sound(made):
                topology = made
                break
    return topology


def _sound(topology: Topology) -> bool:
    if len(topology) < 2 or type_named(topology.type).lacks(topology.ports):
        return False
    return not broken_rules(topology)


def _edit(topology: Topology, rng: np.random.Generator) -> Topology | None:
    devices = list(topology.devices)
    nets = len(topology.net_class)
    draw = rng.random()
    at = int(rng.integers(len(devices)))
    if draw < 0.5:
        kind, pins = devices[at]
        place = int(rng.integers(KINDS[kind].asked))
        moved = list(pins)
        moved[place] = int(rng.integers(nets))
        if kind in (NMOS, PMOS):
            rail = VSS if kind == NMOS else VDD
            if rail not in topology.net_class:
                return None
            moved[3] = topology.net_class.index(rail)
        first, last = KINDS[kind].ends
        if moved[first] == moved[last]:
            return None
        devices[at] = (kind, tuple(moved))
    elif draw < 0.8:
        kind = int(rng.choice([RESISTOR, CAPACITOR, NMOS, PMOS]))
        chosen = rng.choice(nets, size=min(3, nets), replace=False).tolist()
        if kind in (RESISTOR, CAPACITOR):
            devices.append((kind, tuple(chosen[:2])))
        else:
            rail = VSS if kind == NMOS else VDD
            if rail not in topology.net_class or len(chosen) < 3:
                return None
            devices.append((kind, (*chosen, topology.net_class.index(rail))))
    else:
        devices.pop(at)
    used = sorted({net for _, pins in devices for net in pins})
    lost = [net for net in range(nets) if net not in used]
    if any(topology.net_class[net] != INTERNAL for net in lost):
        return None
    number = {net: new for new, net in enumerate(used)}
    return Topology(
        topology.type,
        tuple(topology.net_class[net] for net in used),
        tuple((kind, tuple(number[net] for net in pins)) for kind, pins in devices),
    )
