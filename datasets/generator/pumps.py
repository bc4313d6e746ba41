"""Charge pumps: of phase-locked loops with their filter, and of the kind that makes voltage."""

from __future__ import annotations

from eda.datasets.generator.bias import Bias
from eda.datasets.generator.opamps import gain_core, inverter
from eda.datasets.generator.sheet import OTHER, Sheet


def charge_pump(sheet: Sheet) -> None:
    """Charge pumps of phase-locked loops, with their loop filter; and Dickson pumps."""
    if sheet.chance(0.3):
        _dickson(sheet)
        return
    bias = Bias(sheet)
    out = sheet.port("output", "vctl", volts=sheet.supply_v / 2)
    up = sheet.port("input", "up", volts=0.0)
    down = sheet.port("input", "dn", volts=sheet.supply_v)
    kind = sheet.pick("drain", "source", "gate", "steering", "differential")
    with sheet.block("pump"):
        for polarity, control in (("p", up), ("n", down)):
            rail = sheet.rail(polarity)
            middle = sheet.net("m")
            side = polarity
            if kind == "drain":
                bias.source(side, middle)
                sheet.switch(side, out, control, middle)
            elif kind == "source":
                sheet.switch(side, middle, control, rail)
                sheet.mos(side, out, bias.gate(side), middle)
                if sheet.chance(0.3):
                    dummy = sheet.net("dm")
                    sheet.switch(side, dummy, sheet.rail(OTHER[side]), rail)
                    sheet.mos(side, bias.gate(side), bias.gate(side), dummy)
            elif kind == "gate":
                gate = sheet.net("g")
                sheet.mos(side, out, gate, rail)
                bar = sheet.net("b")
                inverter(sheet, control, bar)
                sheet.switch(side, gate, control, bias.gate(side))
                sheet.switch(side, gate, bar, rail)
            else:
                bias.source(side, middle)
                bar = sheet.net("b")
                inverter(sheet, control, bar)
                dump = next((p.nets[0] for p in sheet.parts if p.nets[0].startswith("dump")), None)
                dump = dump or sheet.net("dump")
                sheet.switch(side, out, control, middle)
                sheet.switch(side, dump, bar, middle)
                if side == "n":
                    if sheet.chance(0.5):
                        gain_core(sheet, bias, out, dump, dump, stages=(1, 0, 0))
                    else:
                        sheet.r(dump, out, 1e5)
    if sheet.chance(0.6):
        with sheet.block("loop_filter"):
            zero = sheet.net("z")
            sheet.r(out, zero, sheet.log(1e3, 1e5))
            sheet.c(zero, sheet.vss, sheet.log(1e-12, 200e-12))
            if sheet.chance(0.7):
                sheet.c(out, sheet.vss, sheet.log(0.1e-12, 20e-12))
            if sheet.chance(0.3):
                last = sheet.port("output", "vtune")
                sheet.r(out, last, sheet.log(1e3, 1e5))
                sheet.c(last, sheet.vss, sheet.log(0.1e-12, 5e-12))


def _dickson(sheet: Sheet) -> None:
    """A voltage multiplier of diodes or transistors and two clock phases."""
    clock = sheet.port("clock", "ck", volts=0.0)
    if sheet.chance(0.5):
        bar = sheet.net("ckb")
        inverter(sheet, clock, bar)
    else:
        bar = sheet.port("clock", "ckb", volts=sheet.supply_v)
    out = sheet.port("output", "vpp")
    count = sheet.number(2, 6)
    element = sheet.pick("diode", "nmos", "pmos", "cross")
    node = sheet.vdd
    for at in range(count + 1):
        following = out if at == count else sheet.net("c")
        if element == "diode":
            sheet.d(node, following)
        elif element == "pmos":
            sheet.switch("p", following, following, node, b=following)
        elif element == "cross" and at < count:
            twin = sheet.net("t")
            sheet.switch("n", node, twin, following)
            sheet.switch("n", node, following, twin)
            sheet.c(twin, bar if at % 2 == 0 else clock, sheet.log(0.2e-12, 5e-12))
        else:
            sheet.switch("n", node, node, following)
        if at < count:
            sheet.c(following, clock if at % 2 == 0 else bar, sheet.log(0.2e-12, 5e-12))
        node = following
    sheet.c(out, sheet.vss, sheet.log(1e-12, 100e-12))
    if sheet.chance(0.5):
        sheet.r(out, sheet.vss, 1e6)
