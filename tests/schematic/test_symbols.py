"""Symbols: pins on the grid and on the border of their bodies, mirrored and turned rightly."""

import pytest

from eda.circuit import Device
from eda.schematic.symbols import block, standing_symbol
from eda.schematic.symbols.symbol import Symbol, lying, shortened, text_width, upside_down

KINDS = [
    *(("resistor", ("p", "n")), ("capacitor", ("p", "n")), ("inductor", ("p", "n"))),
    *(("diode", ("a", "k")), ("vsource", ("p", "n")), ("isource", ("p", "n"))),
    *(("vcvs", ("p", "n", "cp", "cn")), ("vccs", ("p", "n")), ("switch", ("p", "n"))),
    *(("mosfet", ("d", "g", "s", "b")), ("bipolar", ("c", "b", "e", "s"))),
    *(("bipolar", ("c", "b", "e", "s", "t")), ("jfet", ("d", "g", "s"))),
]


def on_border(symbol: Symbol) -> bool:
    x0, y0, x1, y1 = symbol.box
    return all(
        pin.x in (x0, x1) or pin.y in (y0, y1)
        for pin in symbol.pins
        if x0 <= pin.x <= x1 and y0 <= pin.y <= y1
    )


@pytest.mark.parametrize(("kind", "roles"), KINDS)
@pytest.mark.parametrize("polarity", ["n", "p"])
def test_pins_are_all_there(kind: str, roles: tuple[str, ...], polarity: str) -> None:
    device = Device("D1", kind, roles, roles, polarity=polarity)
    symbol = standing_symbol(device, bulk=True)
    assert symbol is not None
    assert sorted(pin.role for pin in symbol.pins) == sorted(roles)
    for made in (symbol, symbol.mirrored(), upside_down(symbol), lying(symbol)):
        assert on_border(made)
        # A wire leaves away from the body, and every pin is where a line of it ends.
        ends = {(x, y) for stroke in made.strokes for x, y in stroke.points}
        assert {(pin.x, pin.y) for pin in made.pins} <= ends
        assert len({(pin.x, pin.y) for pin in made.pins}) == len(roles)


def test_current_flows_down() -> None:
    for polarity, top in (("n", "d"), ("p", "s")):
        device = Device(
            "M1", "mosfet", ("d", "g", "s", "b"), ("d", "g", "s", "b"), "", {}, polarity
        )
        symbol = standing_symbol(device, bulk=False)
        assert symbol is not None
        assert [pin.role for pin in symbol.pins if pin.dy < 0] == [top]


def test_mirrored_twice_is_itself() -> None:
    symbol = standing_symbol(Device("Q", "bipolar", ("c", "b", "e"), ("c", "b", "e")), bulk=False)
    assert symbol is not None
    assert symbol.mirrored().mirrored() == symbol
    assert upside_down(upside_down(symbol)) == symbol


def test_boxes_have_their_pins_on_the_sides_asked_for() -> None:
    device = Device("X1", "subcircuit", ("in", "out", "vdd", "vss", "in"), ("",) * 5, "amp")
    symbol = block(device, ("left", "right", "top", "bottom", "left"))
    assert [pin.role for pin in symbol.pins] == ["in", "out", "vdd", "vss", "in"]
    assert [(pin.dx, pin.dy) for pin in symbol.pins] == [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, 0)]
    assert on_border(symbol)


def test_unknown_pins_make_a_box() -> None:
    odd = Device("E1", "vcvs", ("p", "n", "cp", "cn", "cp2", "cn2"), ("a",) * 6)
    assert standing_symbol(odd, bulk=False) is None


def test_long_texts_are_shortened() -> None:
    assert shortened("abcdefghijklmnop", 6) == "abcde…"
    assert shortened("abcdefghijklmnop", 6, keep_end=True) == "…lmnop"
    assert text_width("MMM") > text_width("iii")
