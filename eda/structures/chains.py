"""Series chains of resistors and diodes: dividers, bias chains; and rings of inverters.

Such blocks have any length, so no pattern describes them. A chain is made of elements that each
join two nets (resistors, diodes, ideal current sources, diode-connected transistors); a net
inside a chain joins two elements and carries no other direct current: gates, capacitors and
ports may tap it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.graph.components import components
from eda.structures.group import Found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.graph import CircuitGraph
    from eda.structures.facts import NetFacts
    from eda.structures.units import Units

CHAIN_RULES: Final[dict[str, tuple[int, str]]] = {
    "divider/resistors": (38, "Resistors in series, an end on a rail, with taps between them."),
    "bias_chain/series": (39, "Diodes in series with resistors or a current source, on a rail."),
    "common_mode_sense/resistors": (43, "Two resistors between a pair of nets, tapped midway."),
    "ring_oscillator/inverters": (81, "An odd number of inverters in a ring."),
}
"""Rank and description of what this file finds, by rule."""

_INVERTERS: Final = ("inverter", "starved_inverter")


def find_chains(graph: CircuitGraph, units: Units, facts: NetFacts) -> list[Found]:
    """Return the dividers and bias chains of a circuit."""
    t = units.transistors
    diode = t.drain == t.gate
    parts = [
        (t.drain[diode], t.source[diode], t.first[diode], "diode"),
        *(
            (table.plus, table.minus, table.first, role)
            for kind, role in (("resistor", "resistor"), ("diode", "diode"), ("isource", "source"))
            for table in (units.two_terminals[kind],)
        ),
    ]
    one = np.concatenate([part[0] for part in parts])
    two = np.concatenate([part[1] for part in parts])
    device = np.concatenate([part[2] for part in parts])
    roles = [part[3] for part in parts for _ in range(len(part[0]))]
    if not len(one):
        return []
    rail = facts["rail"][0]
    ends = np.bincount(np.concatenate([one, two]), minlength=graph.num_nets)
    others = np.bincount(
        np.concatenate([t.drain[~diode], t.source[~diode]]), minlength=graph.num_nets
    )
    for kind in ("vsource", "inductor"):
        table = units.two_terminals[kind]
        others += np.bincount(np.concatenate([table.plus, table.minus]), minlength=len(others))
    inside = (ends == 2) & (others == 0) & ~rail
    # Elements are nodes here, and each inner net joins the two that stand on it.
    element = np.arange(len(one))
    stand = np.concatenate([one, two])
    who = np.concatenate([element, element])
    on_inside = inside[stand]
    sort = np.argsort(stand[on_inside], kind="stable")
    pairs = who[on_inside][sort].reshape(-1, 2)
    label = components(len(one), pairs[:, 0], pairs[:, 1])
    sizes = np.bincount(label, minlength=len(one))
    groups: dict[int, list[int]] = defaultdict(list)
    for at in np.flatnonzero(sizes[label] > 1).tolist():
        groups[int(label[at])].append(at)
    found = []
    first, second = one.tolist(), two.tolist()
    owner: list[int] = device.tolist()
    for members in groups.values():
        kinds = {roles[at] for at in members}
        nets = dict.fromkeys(net for at in members for net in (first[at], second[at]))
        taps = [net for net in nets if inside[net]]
        outer = [net for net in nets if not inside[net]]
        if not any(rail[net] for net in outer) or len(outer) < 2:
            continue
        if kinds == {"resistor"}:
            rule = "divider/resistors"
        elif "diode" in kinds:
            rule = "bias_chain/series"
        else:
            continue
        found.append(
            Found(
                rule,
                CHAIN_RULES[rule][0],
                tuple((roles[at], owner[at]) for at in members),
                (*(("end", net) for net in outer), *(("tap", net) for net in taps)),
            )
        )
    return found


def find_common_mode_sense(
    units: Units, facts: NetFacts, partner: Mapping[int, int]
) -> list[Found]:
    """Return pairs of resistors from the two nets of a symmetric pair to one net.

    Args:
        units: Of the circuit.
        facts: Of its nets.
        partner: Of each net of a symmetric pair, the other one.
    """
    table = units.two_terminals["resistor"]
    on: dict[int, list[tuple[int, int]]] = defaultdict(list)
    no_middle = facts["rail"][0] | facts["tail"].any(axis=0)
    for plus, minus, device in zip(
        table.plus.tolist(), table.minus.tolist(), table.first.tolist(), strict=True
    ):
        for end, other in ((plus, minus), (minus, plus)):
            if end in partner and not no_middle[other]:
                on[other].append((end, device))
    rule = "common_mode_sense/resistors"
    found = []
    for middle, ends in on.items():
        by_net = dict(ends)
        done = set()
        for end, device in ends:
            other = partner[end]
            if other in by_net and other not in done and other != middle:
                done.add(end)
                found.append(
                    Found(
                        rule,
                        CHAIN_RULES[rule][0],
                        (("resistor", device), ("resistor", by_net[other])),
                        (("net_a", end), ("net_b", other), ("middle", middle)),
                    )
                )
    return found


def find_rings(items: Sequence[Found]) -> list[Found]:
    """Return the rings of an odd number of inverters, three at least."""
    after: dict[int, list[int]] = defaultdict(list)
    before: dict[int, set[int]] = defaultdict(set)
    devices: dict[tuple[int, int], list[int]] = defaultdict(list)
    for item in items:
        if item.rule.partition("/")[0] not in _INVERTERS:
            continue
        nets = dict(item.nets)
        start, stop = nets["input"], nets["output"]
        if start not in before[stop]:
            before[stop].add(start)
            after[start].append(stop)
        devices[start, stop] += [at for _, at in item.devices]
    # Whatever leads into no ring, or out of none, is peeled off.
    waiting = [net for net in (*after, *before) if not after.get(net) or not before.get(net)]
    gone: set[int] = set()
    while waiting:
        net = waiting.pop()
        if net in gone:
            continue
        gone.add(net)
        for other in after.get(net, ()):
            before[other].discard(net)
            waiting += [other] if not before[other] else []
        for other in before.get(net, set()).copy():
            after[other].remove(net)
            waiting += [other] if not after[other] else []
    rule = "ring_oscillator/inverters"
    found = []
    seen: set[int] = set()
    for begin in after:
        ring: list[int] = []
        net = begin
        while net not in gone and net not in seen and len(after.get(net, ())) == 1:
            seen.add(net)
            ring.append(net)
            net = after[net][0]
        if net == begin and len(ring) > 2 and len(ring) % 2:
            stages = zip(ring, (*ring[1:], begin), strict=True)
            members = [("inverter", at) for stage in stages for at in devices[stage]]
            found.append(
                Found(
                    rule,
                    CHAIN_RULES[rule][0],
                    tuple(dict.fromkeys(members)),
                    tuple(("node", at) for at in ring),
                )
            )
    return found
