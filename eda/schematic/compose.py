"""From a flat circuit to a sheet: several placements, each wired, the best of them taken."""

from __future__ import annotations

from functools import partial
from math import inf
from typing import TYPE_CHECKING, Final

from eda.schematic.anneal import anneal
from eda.schematic.dress import dressed
from eda.schematic.grouping import symmetric_groups
from eda.schematic.layout import Spacing, lay_out
from eda.schematic.order import settled
from eda.schematic.outcome import Outcome
from eda.schematic.placement import Placement
from eda.schematic.polish import polish
from eda.schematic.posture import postures
from eda.schematic.scene import make_scene
from eda.schematic.sheet import Sheet
from eda.schematic.spread import spread
from eda.schematic.wiring import Router

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.circuit import Circuit
    from eda.schematic.scene import Scene
    from eda.schematic.sheet import Placed

STARTS: Final = 6
ROUTED: Final = 5
"""Placements that are wired, of those that are made."""
ROOMS: Final = 4
"""So often a layout is made wider before what cannot be named is given up."""


def compose(
    circuit: Circuit,
    *,
    seed: int = 0,
    name: str = "",
    sides: Mapping[str, tuple[str, ...]] | None = None,
) -> Sheet | None:
    """Return the sheet of a circuit whose devices are drawn as they are.

    None stands for a sheet on which there is no room for all names, however wide it is made.

    Args:
        circuit: Without hierarchy, or with instances that are to be boxes.
        seed: The same seed gives the same sheet.
        name: Of the sheet.
        sides: Of the pins of boxes, by lower-case name of the subcircuit.
    """
    scene = make_scene(settled(circuit), sides)
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
    wired = [(*_wired(scene, placement), placement) for _, _, placement in tried[:ROUTED]]
    outcome, placed, placement = min(wired, key=lambda item: item[0].cost)
    if not outcome.failed:
        outcome, placed = polish(placement, outcome, placed, partial(_wire, scene), seed=seed)
    if outcome.failed:
        return None
    pairs = tuple(
        (scene.parts[a].device.name, scene.parts[b].device.name)
        for group in groups
        for a, b in group.pairs
    )
    in_file = {id(device): at for at, device in enumerate(circuit.devices)}
    placed.sort(key=lambda item: in_file[id(item.device)])
    return Sheet(name, placed, outcome.wirings, pairs=pairs)


def _wired(scene: Scene, placement: Placement) -> tuple[Outcome, list[Placed]]:
    """Return a placement with its wires, on more room where the first does not do."""
    spread(placement)
    spacing = Spacing()
    best: tuple[Outcome, list[Placed]] | None = None
    for _ in range(ROOMS):
        placed = lay_out(placement, spacing)
        outcome, _ = _wire(scene, placed)
        assert outcome is not None
        if best is None or outcome.cost < best[0].cost:
            best = outcome, placed
        if not outcome.failed:
            break
        spacing = spacing.wider
    assert best is not None
    return best


def _wire(scene: Scene, placed: list[Placed], most: float = inf) -> tuple[Outcome | None, int]:
    """Wire with all pins on their rails, and with own symbols where a wire has to pass.

    Returns:
        How it went, None where it costs more than ``most``; and how much work it was.
    """
    router = Router(scene, placed)
    outcome = router.run(most=most)
    work = router.grid.looked
    crossed = router.crossed_stubs()
    if crossed:
        router = Router(scene, placed, own_symbols=crossed)
        other = router.run(most=most if outcome is None else min(most, outcome.cost))
        work += router.grid.looked
        if other is not None and (outcome is None or other.cost < outcome.cost):
            outcome = other
    return outcome, work
