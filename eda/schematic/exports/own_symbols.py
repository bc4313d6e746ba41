"""Our own symbols in another tool's library: one for each picture, and one for each box.

A box is as wide as the name in it; its library symbol is the narrowest one, and short wires lead
on to the pins of wider ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eda.schematic.exports.geometry import POSES, Seat, seat

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eda.schematic.exports.cards import Entry
    from eda.schematic.sheet import Cell
    from eda.schematic.symbols.symbol import Symbol


@dataclass(frozen=True, slots=True)
class OwnSymbol:
    """A symbol that is written to a file.

    Attributes:
        name: Of the file and the symbol.
        shape: Its picture.
        pins: Where its pins are in grid steps, by role, in the order of the card.
        cell: The subcircuit it stands for; empty for a device.
        letter: First letter of the names of such devices.
        sheet: Whether that subcircuit has a sheet of its own.
        picture: Whether it is only a picture, its device said as a text.
    """

    name: str
    shape: Symbol
    pins: dict[str, Cell]
    cell: str
    letter: str
    sheet: bool = False
    picture: bool = False

    def seat(self, entry: Entry, scale: int) -> Seat | None:
        """Return how it stands in the place of a device."""
        stock = {role: (x * scale, y * scale) for role, (x, y) in self.pins.items()}
        return seat(stock, pin_cells(entry, scale), box_of(entry, scale), POSES[:1])


def pin_cells(entry: Entry, scale: int) -> dict[str, Cell]:
    """Return where the pins of a device are drawn, by role, in a tool's units."""
    placed = entry.placed
    return {
        pin.role: ((placed.x + pin.x) * scale, (placed.y + pin.y) * scale)
        for pin in placed.symbol.pins
    }


def box_of(entry: Entry, scale: int) -> tuple[int, int, int, int]:
    """Return the box of a device, in a tool's units."""
    x0, y0, x1, y1 = entry.placed.symbol.box
    x, y = entry.placed.x, entry.placed.y
    return (x + x0) * scale, (y + y0) * scale, (x + x1) * scale, (y + y1) * scale


class OwnSymbols:
    """The symbols that a set of sheets needs."""

    def __init__(
        self,
        entries: Iterable[Entry],
        cells: Mapping[str, str],
        prefix: str,
        *,
        exact: bool = False,
    ) -> None:
        """Choose them.

        Args:
            entries: Devices without a stock symbol.
            cells: Names of symbols of subcircuits that have a sheet, by lower-case name.
            prefix: First part of the names of the others.
            exact: Whether boxes of different widths get symbols of their own.
        """
        self.exact = exact
        self.cells, self.prefix = dict(cells), prefix
        self.made: dict[tuple[object, ...], OwnSymbol] = {}
        self.names: set[str] = {name.lower() for name in cells.values()}
        for entry in sorted(entries, key=lambda item: sum(item.placed.symbol.extent)):
            key = _key(entry, exact)
            if key not in self.made:
                self.made[key] = self._symbol(entry)

    def of(self, entry: Entry) -> OwnSymbol:
        """Return the symbol of a device."""
        return self.made[_key(entry, self.exact)]

    def _symbol(self, entry: Entry) -> OwnSymbol:
        symbol = entry.placed.symbol
        where = {pin.role: (pin.x, pin.y) for pin in symbol.pins}
        pins = {role: where.get(role, (0, 0)) for role in entry.device.roles}
        letter = entry.name[:1]
        if entry.device.kind != "subcircuit":
            name = self._free(f"{self.prefix}{entry.device.kind}")
            return OwnSymbol(name, symbol, pins, "", letter, picture=bool(entry.card))
        cell = entry.device.model
        name = self.cells.pop(cell.lower(), "")
        if name:
            return OwnSymbol(name, symbol, pins, cell, letter, sheet=True)
        # The same cell with its pins elsewhere gets a symbol that only says its card.
        name = self._free(f"{self.prefix}{safe_name(cell)}")
        return OwnSymbol(name, symbol, pins, cell, letter)

    def _free(self, wanted: str) -> str:
        name, number = wanted, 2
        while name.lower() in self.names:
            name, number = f"{wanted}_{number}", number + 1
        self.names.add(name.lower())
        return name


def _key(entry: Entry, exact: bool) -> tuple[object, ...]:
    device, symbol = entry.device, entry.placed.symbol
    if device.kind == "subcircuit" and not exact:
        sides = tuple((pin.dx, pin.dy, pin.y if pin.dx else pin.x) for pin in symbol.pins)
        return device.model.lower(), device.roles, sides
    return (
        *(device.kind, device.roles, symbol.pins, symbol.strokes),
        *(device.name[:1].lower(), bool(entry.card)),
        device.model.lower() if device.kind == "subcircuit" else "",
    )


def safe_name(name: str) -> str:
    """Return a name as a file may be called; a name from a netlist is no path.

    Example:
        >>> safe_name("../a b"), safe_name("")
        ('___a_b', 'cell')
    """
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)[:60] or "cell"
