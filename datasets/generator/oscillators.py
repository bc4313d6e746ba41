"""Oscillators: rings, controlled ones, LC and crystal ones, relaxation; charge pumps of loops."""

from __future__ import annotations

from eda.datasets.generator.bias import Bias
from eda.datasets.generator.comparators import schmitt
from eda.datasets.generator.gates import complex_gate
from eda.datasets.generator.opamps import gain_core, inverter
from eda.datasets.generator.sheet import OTHER, Sheet
from eda.datasets.generator.stages import mirror, tail


def ring_oscillator(sheet: Sheet) -> None:
    """A ring of inverting stages, plain or controlled."""
    kind = sheet.pick(
        *("plain", "starved", "half_starved", "supply", "differential", "gated", "pseudo"),
        weights=(1, 4, 1.5, 1.5, 3, 1, 1.5),
    )
    out = sheet.port("output", "out")
    if kind in ("differential", "pseudo"):
        _differential_ring(sheet, out, pseudo=kind == "pseudo")
        return
    count = 2 * sheet.number(1, 4) + 1
    nets = [sheet.net("r") for _ in range(count)]
    gates: dict[str, str] = {}
    top = sheet.vdd
    if kind in ("starved", "half_starved"):
        with sheet.block("control"):
            _controls(sheet, gates)
    elif kind == "supply":
        top = sheet.net("vr")
        control = sheet.port("input", "vctl", volts=sheet.supply_v * 0.7)
        with sheet.block("control"):
            style = sheet.pick("follower", "source", "amplifier")
            if style == "follower":
                sheet.mos("n", sheet.vdd, control, top, i=20)
            elif style == "source":
                sheet.mos("p", top, control, sheet.vdd, i=20)
            else:
                gate = sheet.net("g")
                gain_core(sheet, Bias(sheet), top, control, gate, stages=(1, 0, 0))
                sheet.mos("p", top, gate, sheet.vdd, i=20)
            sheet.c(top, sheet.vss, sheet.log(0.5e-12, 10e-12))
    loaded = sheet.chance(0.3)
    varactor = sheet.chance(0.15)
    with sheet.block("ring"):
        for at in range(count):
            into, net = nets[at], nets[(at + 1) % count]
            if kind == "gated" and at == 0:
                enable = sheet.port("input", "en", volts=sheet.supply_v)
                complex_gate(sheet, [into, enable], net, kind=sheet.pick("and", "or"))
                continue
            _stage(sheet, into, net, gates, top)
            if loaded:
                sheet.c(net, sheet.vss, sheet.log(2e-15, 100e-15))
            elif varactor:
                tune = next((n for n in sheet.ports if n.startswith("vtune")), None)
                tune = tune or sheet.port("input", "vtune", volts=sheet.supply_v / 2)
                sheet.add("mosfet", (tune, net, tune, sheet.vss), polarity="n", w=5e-6, l=0.5e-6)
    node = nets[0]
    with sheet.block("output_buffer"):
        extra = sheet.number(1, 3)
        for at in range(extra):
            following = out if at == extra - 1 else sheet.net("b")
            inverter(sheet, node, following)
            node = following


def _controls(sheet: Sheet, gates: dict[str, str]) -> None:
    """The gate voltages of starving transistors from one control voltage or current."""
    style = sheet.pick("voltage", "degenerated", "bias", "ports")
    if style == "bias":
        bias = Bias(sheet)
        gates["n"], gates["p"] = bias.gate("n"), bias.gate("p")
    elif style == "ports":
        gates["n"] = sheet.port("input", "vctl", volts=0.7)
        gates["p"] = sheet.port("bias", "vbp", volts=sheet.supply_v - 0.7)
    else:
        side = sheet.polarity()
        other = OTHER[side]
        control = sheet.port("input", "vctl", volts=sheet.level(side, 0.8))
        up = sheet.net("vp")
        if style == "degenerated":
            foot = sheet.net("vd")
            sheet.mos(side, up, control, foot)
            sheet.r(foot, sheet.rail(side), 0.15 / sheet.unit_a)
        else:
            sheet.mos(side, up, control, sheet.rail(side))
        sheet.mos(other, up, up, sheet.rail(other))
        gates[other] = up
        if style == "voltage" and sheet.chance(0.5):
            gates[side] = control
        else:
            copy = sheet.net("vn")
            sheet.mos(other, copy, up, sheet.rail(other))
            sheet.mos(side, copy, copy, sheet.rail(side))
            gates[side] = copy
    if sheet.chance(0.25):
        gates.pop("n" if sheet.chance(0.5) else "p")


def _stage(sheet: Sheet, into: str, out: str, gates: dict[str, str], top: str) -> None:
    rails = {"p": top, "n": sheet.vss}
    for polarity in ("p", "n"):
        rail = rails[polarity]
        if polarity in gates:
            middle = sheet.net("s")
            sheet.mos(polarity, middle, gates[polarity], rail)  # type: ignore[arg-type]
            rail = middle
        sheet.switch(polarity, out, into, rail)  # type: ignore[arg-type]


def _differential_ring(sheet: Sheet, out: str, *, pseudo: bool) -> None:
    count = sheet.number(2, 5)
    pairs = [(sheet.net("p"), sheet.net("m")) for _ in range(count)]
    load = sheet.pick("resistor", "symmetric", "triode", "cross", "source")
    side = sheet.polarity()
    other = OTHER[side]
    control = ""
    if load in ("symmetric", "triode") or pseudo:
        control = sheet.port("input", "vctl", volts=sheet.level(other, 0.9))
    bias = Bias(sheet)
    with sheet.block("ring"):
        for at in range(count):
            into = pairs[at]
            # One crossing makes the loop invert where the number of stages is even.
            if at == 0 and count % 2 == 0:
                into = into[::-1]
            outs = pairs[(at + 1) % count]
            with sheet.block("cell"):
                if pseudo:
                    for gate, net in zip(into, outs, strict=True):
                        inverter(sheet, gate, net)
                    for a, b in (outs, outs[::-1]):
                        if load in ("resistor", "cross"):
                            inverter(sheet, a, b)
                        else:
                            sheet.switch(other, b, a, sheet.rail(other))
                            sheet.mos(other, b, control, sheet.rail(other))
                    continue
                common = sheet.net("tail")
                for gate, net in zip(into, outs, strict=True):
                    sheet.mos(side, net, gate, common)
                tail(sheet, bias, side, common)
                for a, b in (outs, outs[::-1]):
                    rail = sheet.rail(other)
                    if load == "resistor":
                        sheet.r(rail, a, 0.4 / sheet.unit_a)
                    elif load == "symmetric":
                        sheet.mos(other, a, control, rail, i=0.5)
                        sheet.mos(other, a, a, rail, i=0.5)
                    elif load == "triode":
                        sheet.mos(other, a, control, rail)
                    elif load == "cross":
                        sheet.mos(other, a, a, rail, i=0.6)
                        sheet.mos(other, a, b, rail, i=0.4)
                    else:
                        sheet.mos(other, a, bias.gate(other), rail)
                        sheet.r(a, b, 0.8 / sheet.unit_a)
    with sheet.block("output_buffer"):
        if sheet.chance(0.5):
            node = sheet.net("b")
            inverter(sheet, pairs[0][0], node)
            inverter(sheet, node, out)
        else:
            diode, common = sheet.net("d"), sheet.net("tail")
            sheet.mos(side, diode, pairs[0][0], common)
            sheet.mos(side, out, pairs[0][1], common)
            tail(sheet, bias, side, common)
            mirror(sheet, bias, other, diode, out, low=True)


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
                        w=40e-6,
                        l=0.3e-6,
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
            rail = sheet.rail(polarity)  # type: ignore[arg-type]
            middle = sheet.net("m")
            side = polarity
            if kind == "drain":
                bias.source(side, middle)  # type: ignore[arg-type]
                sheet.switch(side, out, control, middle)  # type: ignore[arg-type]
            elif kind == "source":
                sheet.switch(side, middle, control, rail)  # type: ignore[arg-type]
                sheet.mos(side, out, bias.gate(side), middle)  # type: ignore[arg-type]
                if sheet.chance(0.3):
                    dummy = sheet.net("dm")
                    sheet.switch(side, dummy, sheet.rail(OTHER[side]), rail)  # type: ignore[arg-type]
                    sheet.mos(side, bias.gate(side), bias.gate(side), dummy)  # type: ignore[arg-type]
            elif kind == "gate":
                gate = sheet.net("g")
                sheet.mos(side, out, gate, rail)  # type: ignore[arg-type]
                bar = sheet.net("b")
                inverter(sheet, control, bar)
                sheet.switch(side, gate, control, bias.gate(side))  # type: ignore[arg-type]
                sheet.switch(side, gate, bar, rail)  # type: ignore[arg-type]
            else:
                bias.source(side, middle)  # type: ignore[arg-type]
                bar = sheet.net("b")
                inverter(sheet, control, bar)
                dump = next((p.nets[0] for p in sheet.parts if p.nets[0].startswith("dump")), None)
                dump = dump or sheet.net("dump")
                sheet.switch(side, out, control, middle)  # type: ignore[arg-type]
                sheet.switch(side, dump, bar, middle)  # type: ignore[arg-type]
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
