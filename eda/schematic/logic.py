"""And-inverter graphs as sheets: inputs left, outputs right, ANDs by level between them.

A small circle is a complement. What has too many ANDs to be looked at is a profile: how many
there are on each level.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from eda.aig.aig import ROOT_KINDS
from eda.circuit import Device
from eda.schematic.drawing import Drawing
from eda.schematic.layers import Layering, arrange
from eda.schematic.sheet import Placed, Sheet, Tag, Wiring
from eda.schematic.symbols.gates import and_gate, bar, constant, half_width, sink, source
from eda.schematic.symbols.symbol import Text

if TYPE_CHECKING:
    from eda.aig import Aig
    from eda.schematic.sheet import Cell
    from eda.schematic.symbols.symbol import Symbol

MOST_ANDS: Final = 400
"""An AIG with more is drawn as its profile."""

_BETWEEN: Final = 5
_STEEP: Final = 4
_WIDEST: Final = 24
"""So many steps down ask for one more between columns, up to this."""


@dataclass(frozen=True, slots=True)
class _Node:
    """Something on the sheet.

    Attributes:
        variable: Whose value it makes; -1 for a root.
        reads: Literals.
        text: What is written on it.
    """

    name: str
    kind: str
    variable: int
    reads: tuple[int, ...]
    text: str


def draw_aig(aig: Aig, *, name: str = "") -> Drawing:
    """Draw an AIG: every AND on its level, complements as circles, latches at both ends.

    Args:
        aig: Up to `MOST_ANDS` ANDs are drawn as gates; a larger one is a profile of its levels.
        name: Title of the sheet.

    Example:
        >>> from eda.aig import Aig
        >>> both = Aig(2, fanins=[[4, 2]], outputs=[7])
        >>> draw_aig(both).measures[0].crossings
        0
    """
    if aig.num_ands > MOST_ANDS or aig.num_variables + len(aig.roots) > 4 * MOST_ANDS:
        return Drawing((_profile(aig, name),))
    nodes = _nodes(aig)
    at_variable = {node.variable: at for at, node in enumerate(nodes) if node.variable >= 0}
    sources = [[at_variable[literal >> 1] for literal in node.reads] for node in nodes]
    levels = _levels(aig, nodes, sources)
    half = half_width(str(aig.num_variables))
    symbols = [_symbol(node, half) for node in nodes]
    sizes = [symbol.box[3] - symbol.box[1] for symbol in symbols]
    found = arrange(sources, levels, sizes)
    places = found.places
    xs = _columns(found, half)
    placed: list[Placed] = []
    for at, node in enumerate(nodes):
        # The upper pin reads what comes from further above.
        swapped = len(node.reads) == 2 and _arrives(found.ways[at][0], places) > _arrives(
            found.ways[at][1], places
        )
        symbol = _symbol(node, half, swapped=swapped)
        nets = tuple(_net(aig, literal >> 1) for literal in node.reads)
        if node.variable >= 0:
            nets += (_net(aig, node.variable),)
        device = Device(node.name, node.kind, tuple(pin.role for pin in symbol.pins), nets)
        placed.append(Placed(device, symbol, xs[levels[at]], places[at], nets, levels[at]))
    return Drawing((Sheet(name, placed, _wires(aig, nodes, placed, found, xs, half)),))


def _arrives(way: tuple[int, ...], places: tuple[int, ...]) -> tuple[int, int]:
    """Return where a way comes from, for comparing the two of one gate."""
    return places[way[-2]], places[way[0]]


def _net(aig: Aig, variable: int) -> str:
    if variable == 0:
        return "const0"
    if variable <= aig.num_inputs:
        return f"i{variable - 1}"
    if variable < aig.first_and:
        return f"l{variable - 1 - aig.num_inputs}"
    return f"n{variable}"


def _nodes(aig: Aig) -> list[_Node]:
    nodes: list[_Node] = []
    used = {int(literal) >> 1 for literal in (*aig.fanins.ravel().tolist(), *aig.roots.tolist())}
    if 0 in used:
        nodes.append(_Node("const0", "constant", 0, (), "0"))
    for at in range(aig.num_inputs):
        nodes.append(_Node(f"i{at}", "input", 1 + at, (), aig.name_of("inputs", at)))
    for at in range(aig.num_latches):
        variable = 1 + aig.num_inputs + at
        nodes.append(_Node(f"l{at}", "latch", variable, (), aig.name_of("latches", at)))
    for at, (a, b) in enumerate(aig.fanins.tolist()):
        variable = aig.first_and + at
        nodes.append(_Node(f"n{variable}", "and", variable, (a, b), str(variable)))
    for kind in ROOT_KINDS:
        if kind == "justice":
            for group, items in enumerate(aig.justice):
                nodes += [
                    _Node(f"j{group}.{at}", "justice", -1, (int(literal),), f"justice {group}")
                    for at, literal in enumerate(items)
                ]
            continue
        named = "latches" if kind == "next_states" else kind
        for at, literal in enumerate(getattr(aig, kind).tolist()):
            text = aig.name_of(named, at)
            if kind == "next_states":
                text += "'"
            elif kind != "outputs":
                text = f"{kind}: {text}"
            nodes.append(_Node(f"{kind}.{at}", kind, -1, (literal,), text))
    return nodes


def _levels(aig: Aig, nodes: list[_Node], sources: list[list[int]]) -> list[int]:
    """Return a layer for each node: ANDs by level, roots behind everything."""
    last = aig.depth + 1
    depth = [int(level) for level in aig.levels]
    last = max(last, max(depth, default=0) + 1)
    return [last if node.variable < 0 else depth[node.variable] for node in nodes]


def _symbol(node: _Node, half: int, *, swapped: bool = False) -> Symbol:
    if node.kind == "and":
        a, b = (bool(literal & 1) for literal in node.reads)
        return and_gate(node.text, a, b, half=half, swapped=swapped)
    if node.kind == "constant":
        return constant(node.text)
    if node.variable >= 0:
        return source(node.text)
    return sink(node.text, complemented=bool(node.reads[0] & 1))


def _columns(found: Layering, half: int) -> list[int]:
    """Return the x of every layer: further apart where edges between them are steep."""
    layer_of = {node: at for at, layer in enumerate(found.layers) for node in layer}
    steepest = [0] * len(found.layers)
    for own in found.ways:
        for way in own:
            for a, b in pairwise(way):
                at = layer_of[b]
                steepest[at] = max(steepest[at], abs(found.places[a] - found.places[b]))
    xs = [0]
    for at in range(1, len(found.layers)):
        steps = _BETWEEN + min(steepest[at] // _STEEP, _WIDEST)
        # Flags of inputs and outputs have their pins on the column itself.
        xs.append(xs[-1] + steps + (half if at == 1 or at + 1 == len(xs) else 2 * half))
    return xs


def _wires(
    aig: Aig,
    nodes: list[_Node],
    placed: list[Placed],
    found: Layering,
    xs: list[int],
    half: int,
) -> list[Wiring]:
    by_name: dict[str, Wiring] = {}
    drawn: dict[str, dict[Cell, set[Cell]]] = {}
    for node in nodes:
        if node.variable >= 0:
            name = _net(aig, node.variable)
            by_name[name] = Wiring(name, pins=1)
            drawn[name] = {}
    for at, node in enumerate(nodes):
        for number, way in enumerate(found.ways[at]):
            name = _net(aig, node.reads[number] >> 1)
            start = placed[way[0]]
            points = [start.pin_cell(len(start.symbol.pins) - 1)]
            for step, waypoint in enumerate(way[1:-1], start.column + 1):
                # Level past the gates of its column, slanting only between columns.
                y = found.places[waypoint]
                points += [(xs[step] - half, y), (xs[step] + half, y)]
            points.append(placed[at].pin_cell(number))
            by_name[name].pins += 1
            fresh = _fresh(points, drawn[name])
            if fresh:
                by_name[name].paths.append(fresh)
    for at, node in enumerate(nodes):
        if node.variable >= 0 and not by_name[_net(aig, node.variable)].paths:
            by_name[_net(aig, node.variable)].tags.append(_unread(placed[at]))
    for name, wiring in by_name.items():
        wiring.dots = sorted(point for point, ends in drawn[name].items() if len(ends) > 2)
    return list(by_name.values())


def _unread(item: Placed) -> Tag:
    """Return what says on which net a pin is that has no wire; it is not to be seen."""
    x, y = item.pin_cell(len(item.symbol.pins) - 1)
    return Tag(x, y, (), Text("", x, y), (x, y, x, y))


def _fresh(points: list[Cell], drawn: dict[Cell, set[Cell]]) -> tuple[Cell, ...]:
    """Return the part of a way that is not drawn yet: wires of a source part on their way."""
    fresh: list[Cell] = []
    for a, b in pairwise(points):
        if b in drawn.get(a, ()):
            continue
        drawn.setdefault(a, set()).add(b)
        drawn.setdefault(b, set()).add(a)
        fresh += [b] if fresh else [a, b]
    return tuple(fresh)


def _profile(aig: Aig, name: str) -> Sheet:
    """Return how many ANDs there are on each level, as bars."""
    counts = [0] * (int(aig.levels.max(initial=0)) + 1)
    for level in aig.levels[aig.first_and :].tolist():
        counts[level] += 1
    per_bar = max(1, -(-(len(counts) - 1) // 60))
    bars = [
        (start, min(start + per_bar, len(counts)) - 1, sum(counts[start : start + per_bar]))
        for start in range(1, len(counts), per_bar)
    ]
    most = max((count for *_, count in bars), default=1)
    placed = []
    for row, (first, last, count) in enumerate(bars):
        label = str(first) if first == last else f"{first}-{last}"
        device = Device(f"level {label}", "level", (), ())
        placed.append(Placed(device, bar(label, count, 60 * count / most), 0, 2 * row, ()))
    notes = (
        f"{aig.num_inputs:,} inputs, {aig.num_latches:,} latches, {aig.num_ands:,} ANDs, "
        f"{aig.num_outputs:,} outputs, {aig.depth:,} levels: ANDs by level",
        f"more than the {MOST_ANDS:,} ANDs a sheet can show; draw a part of it",
    )
    return Sheet(name, placed, [], notes=notes)
