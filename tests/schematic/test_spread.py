"""spread: whatever the columns, nothing overlaps afterwards, groups are symmetric, gaps closed."""

from random import Random

import pytest

from eda.circuit import Circuit
from eda.schematic.dress import dressed
from eda.schematic.grouping import symmetric_groups
from eda.schematic.placement import HALF_COLUMN, Placement
from eda.schematic.posture import postures
from eda.schematic.scene import make_scene
from eda.schematic.spread import spread


def placement_of(circuit: Circuit) -> Placement:
    scene = make_scene(circuit)
    found, rows = postures(scene)
    groups = symmetric_groups(scene, found)
    symbols = [dressed(part, own) for part, own in zip(scene.parts, found, strict=True)]
    return Placement(scene, found, groups, symbols, rows)


def scatter(placement: Placement, seed: int, wide: int) -> None:
    """Put every unit anywhere, its pairs round its axis."""
    random = Random(seed)
    for unit in placement.units:
        axis = random.randint(-wide, wide)
        for at in unit.middle:
            placement.column[at] = axis
        for a, b in unit.pairs:
            out = random.choice((-1, 1)) * random.randint(1, 6)
            placement.column[a], placement.column[b] = axis - out, axis + out
    placement.restore(placement.state())


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("wide", [0, 6, 400])
def test_nothing_overlaps_and_groups_are_symmetric(miller: Circuit, seed: int, wide: int) -> None:
    placement = placement_of(miller)
    assert any(unit.pairs for unit in placement.units)
    scatter(placement, seed, wide)
    spread(placement)
    assert not placement.crowded
    for unit in placement.units:
        axes = {float(placement.column[at]) for at in unit.middle}
        axes |= {(placement.column[a] + placement.column[b]) / 2 for a, b in unit.pairs}
        assert len(axes) == 1


def test_far_parts_come_nearer(miller: Circuit) -> None:
    placement = placement_of(miller)
    scatter(placement, 1, 0)
    spread(placement)
    far = next(unit for unit in placement.units if not unit.pairs)
    (at,) = far.parts
    others = max(column for part, column in enumerate(placement.column) if part != at)
    placement.column[at] = others + 300
    placement.restore(placement.state())
    spread(placement)
    assert placement.column[at] - others < 60 / HALF_COLUMN
    assert not placement.crowded
