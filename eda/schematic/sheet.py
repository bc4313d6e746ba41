"""# Sheet: a finished schematic as geometry: symbols, wires, dots and tags, in grid steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eda.circuit import Device
    from eda.schematic.symbols.symbol import Stroke, Symbol, Text

Cell = tuple[int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Placed:
    """A symbol in its place.

    Attributes:
        symbol: Turned and mirrored as it is drawn, with name and value.
        nets: Name of the net on each pin of the symbol.
        column, row: Where it stands among the others, in half columns and in levels.
        band: Of a long sheet, which is cut into bands, the one it is in.
    """

    device: Device
    symbol: Symbol
    x: int
    y: int
    nets: tuple[str, ...]
    column: int = 0
    row: int = 0
    band: int = 0

    def pin_cell(self, pin: int) -> Cell:
        """Return where a pin is on the sheet."""
        own = self.symbol.pins[pin]
        return self.x + own.x, self.y + own.y

    @property
    def box(self) -> Box:
        """Left, top, right and bottom of all that belongs to it, names and pins included."""
        left, right = self.symbol.extent
        top, bottom = self.symbol.height
        return self.x - left, self.y - top, self.x + right, self.y + bottom


@dataclass(frozen=True, slots=True)
class Tag:
    """A name on a net: a rail symbol, a port flag, or just the name at the end of a wire.

    Attributes:
        x, y: The point of the net that it names.
        strokes: Its lines, at their place on the sheet.
        text: What is written.
    """

    x: int
    y: int
    strokes: tuple[Stroke, ...]
    text: Text
    box: Box


@dataclass
class Wiring:
    """What is drawn of one net.

    Attributes:
        name: As in the netlist.
        paths: Polylines through grid points, corners and ends only.
        dots: Where wires join.
        tags: Its names.
        rail: Whether it is a supply or ground, which is no signal.
        pins: Number of its pins that are drawn.
        wired: Whether its pins are joined by wires alone.
    """

    name: str
    paths: list[tuple[Cell, ...]] = field(default_factory=list)
    dots: list[Cell] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    rail: bool = False
    pins: int = 0
    wired: bool = True


@dataclass(frozen=True, slots=True)
class Guess:
    """A connection that is predicted, not there: drawn dashed, its colour by its probability."""

    device: str
    pin: str
    net: str
    probability: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to be said about devices and nets, under a number.

    Attributes:
        objects: Names of devices and nets, as in the circuit.
        severity: ``error``, ``warning`` or ``info``: its colour.
        text: What is said; shown when the pointer is on the mark.
        file, line: Where the device stands that is meant where no name is known.
    """

    number: int
    objects: tuple[str, ...]
    severity: str
    text: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark on a sheet: frames round devices, wires of nets, and where its number stands."""

    mark: Mark
    boxes: tuple[Box, ...]
    paths: tuple[tuple[Cell, ...], ...]
    place: tuple[float, float]


@dataclass
class Sheet:
    """One page.

    Attributes:
        name: Of the subcircuit it shows, empty for the top.
        notes: What the reader of the picture should know, for example that nothing is wired.
        pairs: Names of devices that stand level and mirrored.
        guesses: Points of the sheet joined by a predicted link, with its probability.
        marks: What is pointed at.
    """

    name: str
    placed: list[Placed]
    wirings: list[Wiring]
    notes: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    guesses: tuple[tuple[Guess, tuple[Cell, ...]], ...] = ()
    marks: tuple[Marked, ...] = ()

    @property
    def box(self) -> Box:
        """Left, top, right and bottom of everything, in grid steps."""
        xs: list[float] = [0.0, 1.0] if not self.placed else []
        ys: list[float] = list(xs)
        for item in self.placed:
            left, top, right, bottom = item.box
            xs += [left, right]
            ys += [top, bottom]
        for wiring in self.wirings:
            for path in wiring.paths:
                xs += [x for x, _ in path]
                ys += [y for _, y in path]
            for tag in wiring.tags:
                xs += [tag.box[0], tag.box[2]]
                ys += [tag.box[1], tag.box[3]]
        for marked in self.marks:
            xs += [marked.place[0] - 1, marked.place[0] + 1]
            ys += [marked.place[1] - 1, marked.place[1] + 1]
        return min(xs), min(ys), max(xs), max(ys)
