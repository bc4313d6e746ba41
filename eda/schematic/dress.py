"""Finished symbols: turned as their posture says, with name and value beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eda.schematic.symbols.symbol import Symbol, Text, lying, shortened, upside_down
from eda.schematic.values import value_text

if TYPE_CHECKING:
    from eda.schematic.posture import Posture
    from eda.schematic.scene import Part


def dressed(part: Part, own: Posture) -> tuple[Symbol, Symbol]:
    """Return the symbol of a part as it is drawn, plain and mirrored."""
    if part.form != "device":
        return part.symbol, _mirrored_block(part.symbol)
    name = shortened(part.device.name, keep_end=True)
    value = shortened(value_text(part.device))
    symbol = upside_down(part.symbol) if own.inverted else part.symbol
    if own.stands:
        dressed_ = replace(symbol, texts=_beside(symbol, name, value))
    else:
        turned = lying(symbol)
        dressed_ = replace(turned, texts=_above(turned, name, value))
    return dressed_, dressed_.mirrored()


def _beside(symbol: Symbol, name: str, value: str) -> tuple[Text, ...]:
    widest = max(x for item in symbol.strokes for x, _ in item.points)
    sideways = any(pin.dx > 0 for pin in symbol.pins)
    x = (0.0 if sideways else widest) + 0.6
    if sideways:
        return _texts((name, x, -0.7, "name"), (value, x, 1.6, "value"), anchor="start")
    if not value:
        return _texts((name, x, 0.3, "name"), anchor="start")
    return _texts((name, x, -0.2, "name"), (value, x, 1.0, "value"), anchor="start")


def _above(symbol: Symbol, name: str, value: str) -> tuple[Text, ...]:
    ys = [y for item in symbol.strokes for _, y in item.points]
    texts = (name, 0.0, min(ys) - 0.5, "name"), (value, 0.0, max(ys) + 1.2, "value")
    return _texts(*texts, anchor="middle")


def _texts(*texts: tuple[str, float, float, str], anchor: str) -> tuple[Text, ...]:
    return tuple(Text(text, x, y, anchor, role) for text, x, y, role in texts if text)


def _mirrored_block(symbol: Symbol) -> Symbol:
    """Return a box mirrored; its pins keep their sides, as inputs belong on the left."""
    return symbol
