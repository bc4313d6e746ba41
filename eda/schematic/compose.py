"""From a flat circuit to a sheet: several placements, each wired, the best of them taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.schematic.anneal import anneal
from eda.schematic.dress import dressed
from eda.schematic.grouping import symmetric_groups
from eda.schematic.layout import Spacing, lay_out
from eda.schematic.placement import Placement
from eda.schematic.posture import postures
from eda.schematic.scene import make_scene
from eda.schematic.sheet import Sheet
from eda.schematic.wiring import Outcome, Router

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.circuit import Circuit
    from eda.schematic.sheet import Placed

STARTS: Final = 4
ROUTED: Final = 2
"""Placements that are wired, of those that are made."""


def compose(
    circuit: Circuit,
    *,
    seed: int = 0,
    name: str = "",
    sides: Mapping[str, tuple[str, ...]] | None = None,
) -> Sheet:
    """Return the sheet of a circuit whose devices are drawn as they are.

    Args:
        circuit: Without hierarchy, or with instances that are to be boxes.
        seed: The same seed gives the same sheet.
        name: Of the sheet.
        sides: Of the pins of boxes, by lower-case name of the subcircuit.
    """
    scene = make_scene(circuit, sides)
    if not scene.parts:
        return Sheet(name, [], [])
    found, rows = postures(scene)
    groups = symmetric_groups(scene, found)
    symbols = [dressed(part, own) for part, own in zip(scene.parts, found, strict=True)]
    effort = min(1.0, 24 / len(scene.parts))
    tried = []
    for start in range(STARTS):
        placement = Placement(scene, found, groups, symbols, rows)
        cost = anneal(placement, seed=1000 * seed + start, effort=effort)
        tried.append((cost, start, placement))
    tried.sort(key=lambda item: item[:2])
    best: tuple[float, Outcome, list[Placed]] | None = None
    for _, _, placement in tried[:ROUTED]:
        placement.spread()
        spacing = Spacing()
        for _ in range(3):
            placed = lay_out(placement, spacing)
            outcome = Router(scene, placed).run()
            if best is None or outcome.cost < best[0]:
                best = outcome.cost, outcome, placed
            if not outcome.failed:
                break
            spacing = spacing.wider
    assert_best = best
    if assert_best is None:  # there is always a placement
        return Sheet(name, [], [])
    pairs = tuple(
        (scene.parts[a].device.name, scene.parts[b].device.name)
        for group in groups
        for a, b in group.pairs
    )
    return Sheet(name, assert_best[2], assert_best[1].wirings, pairs=pairs)
