"""Which parts move together: the mirror-symmetric groups of a circuit, and everything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eda.structures import find_structures

if TYPE_CHECKING:
    from eda.schematic.posture import Posture
    from eda.schematic.scene import Scene


@dataclass(frozen=True, slots=True)
class Group:
    """Parts round one vertical axis.

    Attributes:
        pairs: Parts that face each other across the axis.
        middle: Parts that stand on the axis.
        outward: Of each pair, whether gates should look away from the axis; None: it is open.
    """

    pairs: tuple[tuple[int, int], ...]
    middle: tuple[int, ...]
    outward: tuple[bool | None, ...]


def symmetric_groups(scene: Scene, found: list[Posture]) -> list[Group]:
    """Return the groups, the largest first; their pairs are put into one row.

    The postures of paired parts are made level in place.
    """
    structures = find_structures(scene.circuit)
    by_name: dict[str, int] = {}
    for at, part in enumerate(scene.parts):
        by_name.setdefault(part.device.name.lower(), at)
    roles = structures.roles
    used: set[int] = set()
    groups = []
    for axis in sorted(structures.axes, key=lambda item: -len(item.device_pairs)):
        pairs, outward = [], []
        for a_name, b_name in axis.device_pairs:
            a, b = by_name.get(a_name.lower(), -1), by_name.get(b_name.lower(), -1)
            if a == b or {a, b} & used or min(a, b) < 0 or not _alike(scene, found, a, b):
                continue
            used |= {a, b}
            row = max(found[a].row, found[b].row)
            fixed = found[a].fixed or found[b].fixed
            for at in (a, b):
                found[at].row, found[at].fixed = row, fixed
            pairs.append((a, b))
            kinds = {item.kind for item, _ in roles.get(a_name.lower(), ())}
            outward.append(True if "diff_pair" in kinds else _gates(scene, a, b))
        middle = []
        for name in axis.device_axis:
            at = by_name.get(name.lower(), -1)
            if at >= 0 and at not in used and scene.parts[at].form == "device":
                used.add(at)
                middle.append(at)
        # Several parts in the middle of one row would stand on one another.
        if pairs:
            taken: set[tuple[bool, int]] = set()
            kept = []
            for at in middle:
                place = found[at].stands, found[at].row
                if place in taken:
                    used.discard(at)
                else:
                    taken.add(place)
                    kept.append(at)
            groups.append(Group(tuple(pairs), tuple(kept), tuple(outward)))
        else:
            used -= set(middle)
    return groups


def _alike(scene: Scene, found: list[Posture], a: int, b: int) -> bool:
    one, other = scene.parts[a], scene.parts[b]
    return (
        one.form == other.form == "device"
        and found[a].stands == found[b].stands
        and found[a].inverted == found[b].inverted
        and one.device.kind == other.device.kind
    )


def _gates(scene: Scene, a: int, b: int) -> bool | None:
    """Return False where both gates are on one net: they face each other."""
    role = "b" if scene.parts[a].device.kind == "bipolar" else "g"
    gate = scene.parts[a].net(role)
    return False if gate >= 0 and gate == scene.parts[b].net(role) else None
