"""Predicted links on a drawing: dashed lines from a pin to the net it may belong on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eda.schematic.drawing import Drawing
    from eda.schematic.sheet import Cell, Guess, Sheet


def with_guesses(drawing: Drawing, guesses: Iterable[Guess]) -> Drawing:
    """Return a drawing with predicted links on its first sheet.

    A link whose pin or net is not on the sheet is left out.
    """
    first, *others = drawing.sheets
    shown = []
    for guess in guesses:
        path = _path(first, guess)
        if path is not None:
            shown.append((guess, path))
    return replace(drawing, sheets=(replace(first, guesses=tuple(shown)), *others))


def _path(sheet: Sheet, guess: Guess) -> tuple[Cell, ...] | None:
    start = None
    goals: list[Cell] = []
    for item in sheet.placed:
        for at, (pin, net) in enumerate(zip(item.symbol.pins, item.nets, strict=True)):
            if (item.device.name.lower(), pin.role) == (guess.device.lower(), guess.pin.lower()):
                start = item.pin_cell(at)
            elif net.lower() == guess.net.lower():
                goals.append(item.pin_cell(at))
    for wiring in sheet.wirings:
        if wiring.name.lower() == guess.net.lower():
            goals += [cell for path in wiring.paths for cell in path]
    if start is None or not goals:
        return None
    x, y = start
    return start, min(goals, key=lambda cell: (abs(cell[0] - x) + abs(cell[1] - y), cell))
