"""From matches to structures: exchanges reported once, many outputs gathered, all in order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.structures.join import Matches
from eda.structures.pattern import Pattern

if TYPE_CHECKING:
    from numpy.typing import NDArray

NET_ROLES: Final = {
    **{"t": "tail", "da": "drain_a", "db": "drain_b", "ga": "gate_a", "gb": "gate_b"},
    **{"sa": "source_a", "sb": "source_b", "o": "output", "i": "input", "r": "rail"},
    **{"v": "other_rail", "m": "joint", "s": "source", "gu": "upper_gate", "gl": "lower_gate"},
    **{"o1": "output_a", "o2": "output_b", "lp": "switch_a", "ln": "switch_b"},
    **{"t1": "tail_a", "t2": "tail_b", "rp": "gate_a", "rn": "gate_b", "vb": "cascode_gate"},
    **{
        "x": "joint",
        "jo": "output_joint",
        "k": "loop",
        "so": "output_source",
        "sr": "reference_source",
        "n": "gate",
    },
    **{"y": "output", "a": "input", "p": "net_a", "q": "net_b", "z": "joint", "g": "gate"},
    **{"gi": "input", "gn": "n_gate", "gp": "p_gate", "sn": "n_source", "sp": "p_source"},
}
"""What the letters of patterns are called in structures, where it is the same in all of them."""


@dataclass(frozen=True, slots=True)
class Found:
    """A structure before it has names.

    Attributes:
        rule: The pattern.
        rank: Its specificity.
        devices: (role, index) of the units, context left out.
        nets: (role, index).
        polarity: Index into ``POLARITIES``, or -1 without a transistor.
    """

    rule: str
    rank: int
    devices: tuple[tuple[str, int], ...]
    nets: tuple[tuple[str, int], ...]
    polarity: int = -1


def gather(pattern: Pattern, matches: Matches, order: NDArray[np.int64]) -> list[Found]:
    """Return the structures that the matches of a pattern make.

    Args:
        pattern: What was looked for.
        matches: All of its matches.
        order: int64 [devices], the place of each device in an order that names play no part
            in: of the ways to assign roles to the same devices, the first one stays.
    """
    if not len(matches):
        return []
    if pattern.many:
        return _gather_many(pattern, matches, order)
    roles = [slot.role for slot in pattern.slots if not slot.context]
    devices = np.stack([matches.devices[role] for role in roles], axis=1)
    ranks = order[devices]
    same = np.sort(ranks, axis=1)
    rows = np.lexsort((*ranks.T[::-1], *same.T[::-1]))
    fresh = np.ones(len(rows), dtype=np.bool_)
    fresh[1:] = (same[rows][1:] != same[rows][:-1]).any(axis=1)
    rows = rows[fresh]
    polar = any(slot.letter in "XY" for slot in pattern.slots)
    names = [_net_role(pattern, net) for net in pattern.nets]
    nets = np.stack([matches.nets[net] for net in pattern.nets], axis=1)[rows].tolist()
    poles = matches.polarity[rows].tolist()
    return [
        Found(
            pattern.rule,
            pattern.rank,
            tuple(zip(roles, row, strict=True)),
            tuple(zip(names, own_nets, strict=True)),
            pole if polar else -1,
        )
        for row, own_nets, pole in zip(devices[rows].tolist(), nets, poles, strict=True)
    ]


def _gather_many(pattern: Pattern, matches: Matches, order: NDArray[np.int64]) -> list[Found]:
    """Return one structure for all matches that share the nets of `by`."""
    roles = [slot.role for slot in pattern.slots if not slot.context]
    single = [slot.role for slot in pattern.slots if slot.role not in pattern.many]
    columns = [matches.nets[net] for net in pattern.by.split()] + [matches.polarity]
    columns += [matches.devices[role] for role in single]
    # Last, so that the members of a group come in canonical order.
    inner = [order[matches.devices[role]] for role in reversed(roles)]
    rows = np.lexsort((*inner, *columns))
    new = np.zeros(len(rows), dtype=np.bool_)
    new[0] = True
    for column in columns:
        new[1:] |= column[rows][1:] != column[rows][:-1]
    starts = np.append(np.flatnonzero(new), len(rows)).tolist()
    devices = {role: matches.devices[role][rows].tolist() for role in roles}
    nets = {net: matches.nets[net][rows].tolist() for net in pattern.nets}
    poles = matches.polarity[rows].tolist()
    many = [role for role in roles if role in pattern.many]
    best: dict[tuple[int, ...], Found] = {}
    for begin, end in pairwise(starts):
        members: list[tuple[str, int]] = []
        for role in roles:
            members += [(role, at) for at in dict.fromkeys(devices[role][begin:end])]
        if any(len(dict.fromkeys(devices[role][begin:end])) < pattern.least for role in many):
            continue
        found_nets: list[tuple[str, int]] = []
        for net in pattern.nets:
            role = _net_role(pattern, net)
            found_nets += [(role, at) for at in dict.fromkeys(nets[net][begin:end])]
        found = Found(pattern.rule, pattern.rank, tuple(members), tuple(found_nets), poles[begin])
        # A resistor that fits either way round makes the same structure twice.
        best.setdefault(tuple(sorted({at for _, at in members})), found)
    return list(best.values())


def _net_role(pattern: Pattern, net: str) -> str:
    if net in ("a", "b") and pattern.kind in ("series_rc", "lc_tank", "ptat_core"):
        return f"net_{net}"
    return {"b": "gate"}.get(net, NET_ROLES.get(net, net))
