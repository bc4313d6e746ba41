"""Symbols of a tool's own library: which one a device gets, and what is written beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eda.schematic.exports.geometry import POSES, Pose, Seat, seat
from eda.schematic.exports.own_symbols import box_of, pin_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.schematic.exports.cards import Entry
    from eda.schematic.sheet import Cell

Props = dict[str, str]


@dataclass(frozen=True, slots=True)
class Stock:
    """A symbol of the library.

    Attributes:
        name: As instances call it.
        pins: Where its pins are round its origin, by role.
        props: What a device says in its properties; None where it cannot be said with them.
    """

    name: str
    pins: Mapping[str, Cell]
    props: Callable[[Entry], Props | None]


@dataclass(frozen=True, slots=True)
class Seated:
    """A device with the symbol that stands for it, and its properties."""

    entry: Entry
    symbol: str
    seat: Seat
    props: Props


Library = Mapping[tuple[str, str, int], Stock]
"""Symbols by kind, polarity and number of pins."""


def stock_symbol(
    entry: Entry, library: Library, scale: int, poses: Sequence[Pose] = POSES
) -> Seated | None:
    """Return a device with a symbol of a library, or None where none fits."""
    device = entry.device
    polarity = device.polarity if device.kind in ("mosfet", "bipolar", "jfet") else ""
    stock = library.get((device.kind, polarity, len(device.roles)))
    if stock is None or entry.card or set(stock.pins) != set(device.roles):
        return None
    props = stock.props(entry)
    if props is None:
        return None
    where = seat(stock.pins, pin_cells(entry, scale), box_of(entry, scale), poses)
    return None if where is None else Seated(entry, stock.name, where, props)
