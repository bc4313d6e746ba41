"""Sheets of circuits too large to be wired: a table of symbols, every pin with its net's name.

Beyond what anybody could look at, a sheet is one box that says how much there is.
"""

from __future__ import annotations

from collections import Counter
from math import ceil, sqrt
from typing import TYPE_CHECKING, Final

from eda.circuit import Device
from eda.schematic.dress import dressed
from eda.schematic.posture import postures
from eda.schematic.scene import guessed_sides, make_scene
from eda.schematic.sheet import Placed, Sheet
from eda.schematic.symbols import block
from eda.schematic.symbols.symbol import shortened, text_width
from eda.schematic.tags import LONGEST_NAME
from eda.schematic.wiring import Router

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.circuit import Circuit

MOST_SYMBOLS: Final = 1200
_MOST_PORTS: Final = 60


def plain_sheet(
    circuit: Circuit, *, name: str = "", sides: Mapping[str, tuple[str, ...]] | None = None
) -> Sheet:
    """Return the sheet of a large circuit, without wires."""
    if len(circuit.devices) > MOST_SYMBOLS:
        return _summary(circuit, name)
    scene = make_scene(circuit, sides)
    found, _ = postures(scene)
    symbols = [dressed(part, own)[0] for part, own in zip(scene.parts, found, strict=True)]
    tag = max((text_width(shortened(net.name, LONGEST_NAME)) for net in scene.nets), default=0)
    widths = [sum(symbol.extent) + 2 * tag + 8 for symbol in symbols]
    columns = max(1, ceil(sqrt(len(symbols) / 2)))
    across = max(4, ceil(max(widths)))
    placed: list[Placed] = []
    y = 0
    for start in range(0, len(symbols), columns):
        row = symbols[start : start + columns]
        y += ceil(max(symbol.height[0] for symbol in row)) + 4
        for place, symbol in enumerate(row):
            part = scene.parts[start + place]
            nets = tuple(scene.nets[net].name for net in part.nets)
            placed.append(Placed(part.device, symbol, place * across, y, nets, place, start))
        y += ceil(max(symbol.height[1] for symbol in row)) + 4
    outcome = Router(scene, placed, plain=True).run()
    assert outcome is not None
    note = f"{len(circuit.devices)} devices, not wired: every pin carries the name of its net"
    return Sheet(name, placed, outcome.wirings, notes=(note,))


def _summary(circuit: Circuit, name: str) -> Sheet:
    ports = circuit.ports if len(circuit.ports) <= _MOST_PORTS else ()
    box = Device(name or circuit.name or "circuit", "subcircuit", ports, ports)
    symbol = block(box, guessed_sides(box, ["signal"] * len(ports)))
    placed = [Placed(box, symbol, 0, 0, ports)]
    kinds = Counter(device.kind for device in circuit.devices)
    counts = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common(6))
    notes = (
        f"{len(circuit.devices):,} devices: more than the {MOST_SYMBOLS:,} a sheet can show",
        counts,
        "draw a part of it: a subcircuit, or fewer devices",
    )
    return Sheet(name, placed, [], notes=notes)
