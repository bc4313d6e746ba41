"""Small changes of a finished sheet, each wired anew: wires know better than any estimate.

A part is mirrored, moved, exchanged with a neighbour or put into another lane; what makes the
drawing better is kept. The work is counted, not timed, so the same seed gives the same sheet.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from eda.schematic.layout import Spacing, lay_out
from eda.schematic.posture import LANES

if TYPE_CHECKING:
    from collections.abc import Callable

    from eda.schematic.outcome import Outcome
    from eda.schematic.placement import Placement, Unit
    from eda.schematic.sheet import Placed

    Wire = Callable[[list[Placed], float], tuple[Outcome | None, int]]

State = tuple[list[int], list[bool], list[int]]

WORK: Final = 20_000
"""Steps of wires that may be looked at for each part, all trials together."""
_MOST_WORK: Final = 800_000
_CALM: Final = 0.4
"""Share of the work that a sheet without crossings is worth."""
_OVERHEAD: Final = 2_500
"""What wiring a sheet costs however simple it is, in the same measure."""


def polish(
    placement: Placement,
    outcome: Outcome,
    placed: list[Placed],
    wire: Wire,
    *,
    seed: int,
) -> tuple[Outcome, list[Placed]]:
    """Return a drawing that is at least as good.

    Args:
        placement: Where everything is; it is left as the drawing returned has it.
        outcome: How its wires went.
        placed: Its parts.
        wire: Wires parts, and says how much work it was; None where it costs more than allowed.
        seed: Which changes are tried first.
    """
    random = Random(seed)
    spent = 0
    work = min(WORK * len(placed), _MOST_WORK)
    improved = True
    while improved and spent < work:
        improved = False
        trials = _trials(placement, _troubled(placement, outcome))
        random.shuffle(trials)
        for change in trials:
            if spent >= (work if outcome.crossed else work * _CALM):
                break
            before = placement.state()
            change(placement)
            # What follows from columns and levels follows anew.
            placement.restore(placement.state())
            if placement.crowded:
                placement.restore(before)
                continue
            parts = lay_out(placement, Spacing())
            made, effort = wire(parts, outcome.cost)
            spent += effort + _OVERHEAD
            if made is not None and made.cost < outcome.cost:
                outcome, placed, improved = made, parts, True
            else:
                placement.restore(before)
    return outcome, placed


def _troubled(placement: Placement, outcome: Outcome) -> list[int]:
    """Return the parts on nets that cross others, are in pieces, or have many corners."""
    scene = placement.scene
    nets = {
        at
        for at, wiring in enumerate(outcome.wirings)
        if not wiring.rail and (at in outcome.crossed or not wiring.wired)
    }
    if not nets:
        nets = {at for at, wiring in enumerate(outcome.wirings) if _corners(wiring.paths) > 2}
    return [at for at, part in enumerate(scene.parts) if nets.intersection(part.nets)]


def _corners(paths: list[tuple[tuple[int, int], ...]]) -> int:
    return sum(max(len(path) - 2, 0) for path in paths)


def _trials(placement: Placement, parts: list[int]) -> list[Callable[[Placement], None]]:
    """Return changes of these parts."""
    trials: list[Callable[[Placement], None]] = []
    units: list[Unit] = []
    for at in parts:
        unit = placement.unit_of[at]
        if unit not in units:
            units.append(unit)
        mate = placement.mate.get(at)
        if mate is None or at < mate:
            if mate is None or at not in placement.wanted:
                trials.append(_flip(at, mate))
            if not placement.postures[at].stands:
                trials += [_lane(placement, at, step) for step in (-2, -1, 1, 2)]
            if mate is not None:
                trials += [_widen(at, mate, step) for step in (-2, -1, 1, 2)]
                trials.append(_exchange(at, mate))
    for unit in units:
        trials += [_shift(unit, step) for step in (-4, -2, -1, 1, 2, 4)]
        if unit.pairs:
            trials.append(_mirror(unit))
        trials += [_trade(unit, other) for other in _neighbours(placement, unit)]
    return trials


def _neighbours(placement: Placement, unit: Unit) -> list[Unit]:
    """Return the units that stand next to one on some level."""
    found: list[Unit] = []
    for at in unit.parts:
        row = sorted(placement.on_level[placement.level[at]], key=placement.column.__getitem__)
        place = row.index(at)
        for other in row[max(place - 1, 0) : place + 2]:
            near = placement.unit_of[other]
            if near is not unit and near not in found:
                found.append(near)
    return found


def _flip(at: int, mate: int | None) -> Callable[[Placement], None]:
    def change(placement: Placement) -> None:
        for part in (at,) if mate is None else (at, mate):
            placement.flipped[part] = not placement.flipped[part]

    return change


def _lane(placement: Placement, at: int, step: int) -> Callable[[Placement], None]:
    level = placement.level[at] + step
    if level % (LANES + 1) == 0:
        level += 1 if step > 0 else -1
    moved = {at, *placement.chain_of.get(at, ())}
    moved |= {placement.mate[part] for part in moved if part in placement.mate}

    def change(placement: Placement) -> None:
        if placement.lowest_level <= level < placement.highest_level:
            for part in moved:
                placement.level[part] = level

    return change


def _widen(a: int, b: int, step: int) -> Callable[[Placement], None]:
    def change(placement: Placement) -> None:
        left, right = sorted((a, b), key=placement.column.__getitem__)
        if placement.column[right] - placement.column[left] + 2 * step > 0:
            placement.column[left] -= step
            placement.column[right] += step

    return change


def _exchange(a: int, b: int) -> Callable[[Placement], None]:
    def change(placement: Placement) -> None:
        column, flipped = placement.column, placement.flipped
        column[a], column[b] = column[b], column[a]
        flipped[a], flipped[b] = flipped[b], flipped[a]

    return change


def _shift(unit: Unit, step: int) -> Callable[[Placement], None]:
    def change(placement: Placement) -> None:
        for at in unit.parts:
            placement.column[at] += step

    return change


def _mirror(unit: Unit) -> Callable[[Placement], None]:
    def change(placement: Placement) -> None:
        for a, b in unit.pairs:
            _exchange(a, b)(placement)

    return change


def _trade(unit: Unit, other: Unit) -> Callable[[Placement], None]:
    def change(placement: Placement) -> None:
        step = round(other.axis(placement.column) - unit.axis(placement.column))
        for at in unit.parts:
            placement.column[at] += step
        for at in other.parts:
            placement.column[at] -= step

    return change
