"""Oscillators with a tank, a crystal, or a capacitor that is charged and discharged."""

from __future__ import annotations

from eda.datasets.generator.bias import Bias
from eda.datasets.generator.comparators import schmitt
from eda.datasets.generator.gates import complex_gate
from eda.datasets.generator.opamps import gain_core, inverter
from eda.datasets.generator.sheet import OTHER, Sheet
from eda.datasets.generator.stages import tail


def lc_oscillator(sheet: Sheet) -> None:
    """Cross-coupled pairs with a tank, Colpitts and Hartley ones, crystals with an inverter."""
    kind = sheet.pick(
        "cross",
        "complementary",
        "colpitts",
        "crystal",
        "hartley",
        "top_cross",
        weights=(4, 3, 3, 3, 1.5, 2),
    )
    bias = Bias(sheet)
    if kind == "crystal":
        _crystal(sheet)
        return
    if kind in ("colpitts", "hartley"):
        _three_point(sheet, bias, inductive=kind == "hartley")
        return
    outs = sheet.port("output", "outp"), sheet.port("output", "outn")
    side = sheet.polarity()
    other = OTHER[side]
    common = sheet.net("tail")
    with sheet.block("pair"):
        coupled = sheet.chance(0.15)
        for a, b in (outs, outs[::-1]):
            if coupled:
                gate = sheet.net("g")
                sheet.c(b, gate, sheet.log(0.1e-12, 2e-12))
                sheet.r(gate, sheet.rail(other), 1e4)
                sheet.mos(side, a, gate, common)
            elif sheet.chance(0.08):
                sheet.bjt(side, a, b, common)
            else:
                sheet.mos(side, a, b, common)
        if sheet.chance(0.75):
            tail(sheet, bias, side, common)
            if sheet.chance(0.2):
                sheet.c(common, sheet.rail(side), sheet.log(1e-12, 20e-12))
        else:
            _rename_last(sheet, common, sheet.rail(side))
    if kind == "complementary":
        with sheet.block("pair"):
            for a, b in (outs, outs[::-1]):
                sheet.mos(other, a, b, sheet.rail(other))
    with sheet.block("tank"):
        henries = sheet.log(0.2e-9, 5e-9)
        centre = sheet.rail(other)
        if kind == "complementary":
            if sheet.chance(0.5):
                sheet.l(*outs, henries)
            else:
                middle = sheet.net("ct")
                sheet.l(outs[0], middle, henries)
                sheet.l(middle, outs[1], henries)
        else:
            if kind == "top_cross":
                centre = sheet.net("ct")
                bias.source(other, centre, i=2)
            for net in outs:
                if sheet.chance(0.15):
                    inner = sheet.net("rl")
                    sheet.r(centre, inner, sheet.log(0.5, 5))
                    sheet.l(inner, net, henries)
                else:
                    sheet.l(centre, net, henries)
        tune = sheet.pick("varactor", "mos", "fixed", "bank", "both")
        if tune in ("varactor", "mos", "both"):
            control = sheet.port("input", "vctl", volts=sheet.supply_v / 2)
            coupled = sheet.chance(0.3)
            for net in outs:
                end = net
                if coupled:
                    end = sheet.net("vc")
                    sheet.c(net, end, sheet.log(0.1e-12, 2e-12))
                    sheet.r(end, sheet.vss, 2e4)
                if tune == "varactor":
                    sheet.d(end, control) if sheet.chance(0.5) else sheet.d(control, end)
                else:
                    sheet.add(
                        "mosfet",
                        (control, end, control, sheet.vss),
                        polarity="n",
                        values={"w": 40e-6, "l": 0.3e-6},
                    )
        if tune in ("fixed", "both"):
            if sheet.chance(0.5):
                sheet.c(*outs, sheet.log(0.05e-12, 2e-12))
            else:
                for net in outs:
                    sheet.c(net, sheet.vss, sheet.log(0.05e-12, 2e-12))
        if tune == "bank":
            for _ in range(sheet.number(1, 3)):
                bit = sheet.port("input", "b", volts=sheet.supply_v)
                ends = sheet.net("k"), sheet.net("k")
                for net, end in zip(outs, ends, strict=True):
                    sheet.c(net, end, sheet.log(0.02e-12, 0.5e-12))
                    sheet.switch("n", end, bit, sheet.vss)
                if sheet.chance(0.5):
                    sheet.switch("n", ends[0], bit, ends[1])
    if sheet.chance(0.3):
        with sheet.block("output_buffer"):
            for net in outs:
                end = sheet.port("output", "out")
                if sheet.chance(0.5):
                    sheet.mos("n", sheet.vdd, net, end, i=2)
                    bias.source("n", end, i=2)
                else:
                    middle = sheet.net("bb")
                    sheet.c(net, middle, 1e-13)
                    sheet.r(middle, end, 5e4)
                    inverter(sheet, middle, end)


def _rename_last(sheet: Sheet, old: str, new: str) -> None:
    for part in sheet.parts:
        part.nets = [new if net == old else net for net in part.nets]


def _three_point(sheet: Sheet, bias: Bias, *, inductive: bool) -> None:
    """Colpitts or Hartley: one transistor and a tapped tank."""
    out = sheet.port("output", "out")
    side = sheet.polarity()
    other = OTHER[side]
    rail, far = sheet.rail(side), sheet.rail(other)
    emitter = sheet.net("e")
    base = sheet.net("b")
    bipolar = sheet.chance(0.5)
    collector_tank = sheet.chance(0.6)
    drain = out if collector_tank else far
    with sheet.block("core"):
        if bipolar:
            sheet.bjt(side, drain, base, emitter)
        else:
            sheet.mos(side, drain, base, emitter, i=2)
        if sheet.chance(0.5):
            sheet.r(emitter, rail, 0.6 / (2 * sheet.unit_a))
        else:
            bias.source(side, emitter, i=2)
        if sheet.chance(0.6):
            high = sheet.supply_v * 0.4 / sheet.unit_a
            sheet.r(far, base, high)
            sheet.r(base, rail, high * 1.2)
        else:
            sheet.r(base, sheet.port("bias", "vb", volts=sheet.level(side, 1.3)), 1e4)
    with sheet.block("tank"):
        henries, farads = sheet.log(1e-9, 10e-6), sheet.log(1e-12, 200e-12)
        if collector_tank:
            sheet.c(base, rail, farads * 20)
            if inductive:
                sheet.l(far, out, henries)
                sheet.c(out, emitter, farads)
                block = sheet.net("t")
                sheet.l(emitter, block, henries)
                sheet.c(block, rail, farads * 10)
            else:
                sheet.l(far, out, henries)
                sheet.c(out, emitter, farads)
                sheet.c(emitter, rail if sheet.chance(0.6) else far, farads * 3)
        else:
            node = base
            if sheet.chance(0.5):
                node = sheet.net("t")
                sheet.c(base, node, farads * 10)
            if inductive:
                sheet.l(node, emitter, henries)
                sheet.c(node, rail, farads)
                sheet.r(node, rail, 1e5)
            else:
                series = sheet.chance(0.35)
                if series:
                    clapp = sheet.net("cl")
                    sheet.l(node, clapp, henries)
                    sheet.c(clapp, rail, farads)
                    sheet.r(clapp, rail, 1e6)
                elif node == base:
                    # The base keeps its own direct voltage: the coil ends on a capacitor.
                    middle = sheet.net("bl")
                    sheet.l(node, middle, henries)
                    sheet.c(middle, rail, farads * 20)
                else:
                    sheet.l(node, rail, henries)
                sheet.c(base, emitter, farads)
                sheet.c(emitter, rail, farads)
            sheet.c(emitter, out, farads)
            sheet.r(out, rail, sheet.log(50, 1e4))
    if collector_tank and sheet.chance(0.3):
        load = sheet.port("output", "rf")
        sheet.c(out, load, 1e-12)
        sheet.r(load, sheet.vss, 50)


def _crystal(sheet: Sheet) -> None:
    """A crystal (as its equivalent circuit, or a two-pole) around an inverting stage."""
    x1, x2 = sheet.net("xin"), sheet.net("xout")
    out = sheet.port("output", "out")
    kind = sheet.pick("inverter", "nmos", "bjt")
    far = x2
    if sheet.chance(0.4):
        far = sheet.net("x")
        sheet.r(x2, far, sheet.log(100, 5e3))
    with sheet.block("gain"):
        if kind == "inverter":
            inverter(sheet, x1, x2)
        elif kind == "nmos":
            sheet.mos("n", x2, x1, sheet.vss)
            Bias(sheet).source("p", x2)
        else:
            sheet.bjt("n", x2, x1, sheet.vss)
            sheet.r(sheet.vdd, x2, (sheet.supply_v - 0.7) / sheet.unit_a)
        sheet.r(x1, x2, sheet.log(1e5, 1e7))
    with sheet.block("crystal"):
        mid, mid2 = sheet.net("q"), sheet.net("q")
        sheet.l(x1, mid, sheet.log(1e-3, 1e-1))
        sheet.c(mid, mid2, sheet.log(1e-15, 50e-15))
        sheet.r(mid2, far, sheet.log(10, 500))
        sheet.c(x1, far, sheet.log(1e-12, 7e-12))
        sheet.r(mid, mid2, 1e12)
    for net in (x1, far):
        sheet.c(net, sheet.vss, sheet.log(5e-12, 30e-12))
    node = x2
    extra = sheet.number(1, 3)
    for at in range(extra):
        following = out if at == extra - 1 else sheet.net("b")
        (schmitt if sheet.chance(0.2) else inverter)(sheet, node, following)
        node = following


def relaxation_oscillator(sheet: Sheet) -> None:
    """A capacitor charged and discharged between two levels."""
    out = sheet.port("output", "out")
    ramp = sheet.net("ramp")
    kind = sheet.pick(
        "schmitt",
        "comparator",
        "two_comparators",
        "emitter_coupled",
        "window",
        weights=(2, 2, 2, 2, 2),
    )
    bias = Bias(sheet)
    if kind == "emitter_coupled":
        _emitter_coupled(sheet, bias, out)
        return
    sheet.c(ramp, sheet.vss, sheet.log(0.1e-12, 100e-12))
    if kind in ("schmitt", "comparator"):
        inner = sheet.net("s")
        if kind == "schmitt":
            schmitt(sheet, ramp, inner)
        else:
            level = sheet.net("lv")
            for rail in (sheet.vdd, sheet.vss):
                sheet.r(rail, level, sheet.supply_v / 2 / sheet.unit_a)
            sheet.r(inner, level, sheet.supply_v / sheet.unit_a)
            gain_core(sheet, bias, level, ramp, inner, stages=(1, 2, 0))
        back = inner
        if sheet.chance(0.5):
            back = sheet.net("b")
            inverter(sheet, inner, back)
            again = sheet.net("b")
            inverter(sheet, back, again)
            back = again
        if sheet.chance(0.5):
            sheet.r(back, ramp, sheet.log(1e4, 1e6))
        else:
            high, low = sheet.net("h"), sheet.net("l")
            bias.source("p", high)
            bias.source("n", low)
            gate = sheet.net("g")
            inverter(sheet, back, gate)
            sheet.switch("p", ramp, gate, high)
            sheet.switch("n", ramp, gate, low)
        inverter(sheet, inner, out)
        return
    high, low = sheet.net("vh"), sheet.net("vl")
    set_net, reset = sheet.net("st"), sheet.net("rt")
    with sheet.block("levels"):
        third = sheet.supply_v / 3 / sheet.unit_a
        sheet.r(sheet.vdd, high, third)
        sheet.r(high, low, third)
        sheet.r(low, sheet.vss, third)
    for plus, minus, net in ((ramp, high, reset), (low, ramp, set_net)):
        with sheet.block("comparator"):
            gain_core(sheet, bias, plus, minus, net, stages=(2, 2, 0))
    q, qn = sheet.net("q"), sheet.net("qn")
    with sheet.block("sr_latch"):
        complex_gate(sheet, [set_net, qn], q, kind="or")
        complex_gate(sheet, [reset, q], qn, kind="or")
    if kind == "window":
        bias.source("p", ramp)
        sheet.switch("n", ramp, q, sheet.vss)
    else:
        up, down = sheet.net("u"), sheet.net("d")
        bias.source("p", up)
        bias.source("n", down)
        sheet.switch("p", ramp, q, up)
        sheet.switch("n", ramp, q, down)
    inverter(sheet, q, out)


def _emitter_coupled(sheet: Sheet, bias: Bias, out: str) -> None:
    nets = out, sheet.port("output", "outn")
    feet = sheet.net("e"), sheet.net("e")
    side = sheet.polarity()
    other = OTHER[side]
    bipolar = sheet.chance(0.5)
    buffered = sheet.chance(0.5)
    for at in (0, 1):
        gate = nets[1 - at]
        if buffered:
            driven = sheet.net("f")
            sheet.mos(side, sheet.rail(other), gate, driven)
            bias.source(side, driven)
            gate = driven
        if bipolar:
            sheet.bjt(side, nets[at], gate, feet[at])
        else:
            sheet.mos(side, nets[at], gate, feet[at])
        bias.source(side, feet[at])
        sheet.r(sheet.rail(other), nets[at], 0.4 / sheet.unit_a)
        if sheet.chance(0.3):
            sheet.d(
                *((sheet.rail(other), nets[at]) if side == "n" else (nets[at], sheet.rail(other)))
            )
    sheet.c(*feet, sheet.log(0.1e-12, 100e-12))
