"""Between domains: level shifters, Schmitt triggers, pads, delays, pulses, power-on reset."""

from __future__ import annotations

from eda.datasets.generator.comparators import schmitt
from eda.datasets.generator.gates import complex_gate, drive, inverted
from eda.datasets.generator.opamps import inverter
from eda.datasets.generator.sheet import Sheet


def interface(sheet: Sheet) -> None:
    """Level shifters, Schmitt triggers, pads, delay and pulse cells, power-on reset."""
    kind = sheet.pick(
        "level",
        "schmitt",
        "pad",
        "delay",
        "pulse",
        "reset",
        "latch_level",
        weights=(3, 2, 2, 2, 1, 2, 2),
    )
    data = sheet.port("input", "in", volts=0.0)
    out = sheet.port("output", "out")
    if kind in ("level", "latch_level"):
        _level_shifter(sheet, data, out, mirror_type=sheet.chance(0.3))
    elif kind == "schmitt":
        inner = sheet.net("s")
        schmitt(sheet, data, inner)
        drive(sheet, inner, out)
        if sheet.chance(0.4):
            sheet.r(data, sheet.rail(sheet.polarity()), 1e5)
    elif kind == "pad":
        pad = sheet.net("pad")
        sheet.r(data, pad, sheet.log(50, 500))
        sheet.d(pad, sheet.vdd)
        sheet.d(sheet.vss, pad)
        if sheet.chance(0.5):
            sheet.switch("n", pad, sheet.vss, sheet.vss)
        node = sheet.net("i")
        (schmitt if sheet.chance(0.4) else inverter)(sheet, pad, node)
        drive(sheet, node, out)
    elif kind == "delay":
        node = data
        count = sheet.number(2, 5)
        loaded = sheet.pick("cap", "starved", "rc")
        for at in range(count):
            following = out if at == count - 1 else sheet.net("d")
            if loaded == "starved":
                high, low = sheet.net("h"), sheet.net("l")
                sheet.switch("p", following, node, high)
                sheet.switch("n", following, node, low)
                sheet.switch("p", high, sheet.vss, sheet.vdd)
                sheet.switch("n", low, sheet.vdd, sheet.vss)
            elif loaded == "rc":
                middle = sheet.net("r")
                inverter(sheet, node, middle)
                sheet.r(middle, following, sheet.log(1e3, 1e5))
            else:
                inverter(sheet, node, following)
            if loaded != "starved" or sheet.chance(0.4):
                sheet.c(following, sheet.vss, sheet.log(5e-15, 200e-15))
            node = following
    elif kind == "pulse":
        node = data
        for _ in range(2 * sheet.number(0, 2) + 1):
            node = inverted(sheet, node)
            if sheet.chance(0.3):
                sheet.c(node, sheet.vss, 10e-15)
        inner = sheet.net("p")
        complex_gate(sheet, [data, node], inner, kind=sheet.pick("and", "or"))
        inverter(sheet, inner, out)
    else:
        del sheet.ports[data]
        slow, sense = sheet.net("slow"), sheet.net("s")
        style = sheet.pick("r", "mos")
        if style == "r":
            sheet.r(sheet.vdd, slow, sheet.log(1e5, 5e6))
        else:
            sheet.mos("p", slow, sheet.vss, sheet.vdd, i=0.01, vov=1.0)
        sheet.c(slow, sheet.vss, sheet.log(0.5e-12, 10e-12))
        if sheet.chance(0.5):
            sheet.mos("p", slow, slow, sheet.vdd) if sheet.chance(0.5) else sheet.d(slow, sheet.vdd)
        (schmitt if sheet.chance(0.5) else inverter)(sheet, slow, sense)
        node = sense
        for _ in range(sheet.number(0, 2)):
            node = inverted(sheet, node)
        inverter(sheet, node, out)


def _level_shifter(sheet: Sheet, data: str, out: str, *, mirror_type: bool) -> None:
    low = sheet.port("bias", "vddl", volts=sheet.supply_v * 0.7)
    with sheet.supplied(vdd=low):
        bar = inverted(sheet, data)
        direct = inverted(sheet, bar) if sheet.chance(0.5) else data
    left, right = sheet.net("a"), sheet.net("b")
    with sheet.block("level_shifter"):
        sheet.switch("n", left, direct, sheet.vss)
        sheet.switch("n", right, bar, sheet.vss)
        gates = (left, left) if mirror_type else (right, left)
        limited = sheet.chance(0.3)
        for net, gate, into in zip((left, right), gates, (direct, bar), strict=True):
            if limited:
                middle = sheet.net("p")
                sheet.switch("p", middle, gate, sheet.vdd)
                sheet.switch("p", net, into, middle)
            else:
                sheet.switch("p", net, gate, sheet.vdd)
    drive(sheet, right, out)
    if sheet.chance(0.3):
        inverter(sheet, left, sheet.port("output", "outn"))
