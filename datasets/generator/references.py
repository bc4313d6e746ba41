"""Voltage and current references: bandgaps, PTAT cores, threshold-based ones."""

from __future__ import annotations

from eda.datasets.generator.bias import Bias, beta_multiplier, start_up
from eda.datasets.generator.opamps import gain_core
from eda.datasets.generator.sheet import OTHER, THRESHOLD_V, Polarity, Sheet
from eda.datasets.generator.stages import follower, mirror

UPPER_V = 0.65
"""What a diode-connected bipolar transistor drops, roughly."""


def error_amplifier(
    sheet: Sheet, plus: str, minus: str, out: str, bias: Bias | None = None
) -> None:
    """An amplifier inside a loop; its bias is its own, or the one given."""
    with sheet.block("amplifier"):
        bias = bias or Bias(sheet, sheet.pick("resistor", "sink", "beta", "vth", "stack", "port"))
        gain_core(sheet, bias, plus, minus, out, stages=(8, 2, 0))


def junction(sheet: Sheet, top: str, *, area: float = 1.0) -> None:
    """A junction to the lower rail: a PNP or NPN tied as a diode, or a diode."""
    kind = sheet.choices[-1] if sheet.choices[-1] in ("pnp", "npn", "diode") else "pnp"
    if kind == "pnp":
        sheet.bjt("p", sheet.vss, sheet.vss, top, area=area)
    elif kind == "npn":
        sheet.bjt("n", top, top, sheet.vss, area=area)
    elif area > 1 and sheet.chance(0.3):
        for _ in range(2):
            sheet.d(top, sheet.vss)
    else:
        sheet.d(top, sheet.vss)


def bandgap(sheet: Sheet) -> None:
    """A bandgap reference; its core is one of six."""
    core = sheet.pick(
        "kuijk", "banba", "brokaw", "mirror", "ptat_bjt", "sub_volt", weights=(3, 3, 2, 3, 2, 1)
    )
    out = sheet.port("output", "vref")
    drop = 0.054 / sheet.unit_a
    ratio = float(sheet.pick("area8", "area4", "area24")[4:])
    if core == "brokaw":
        _brokaw(sheet, out, drop, ratio)
    elif core == "mirror":
        _self_biased(sheet, out, drop, ratio)
    elif core == "ptat_bjt":
        _widlar(sheet, out, drop, ratio)
    else:
        _with_amplifier(sheet, core, out, drop, ratio)
    if sheet.chance(0.3):
        with sheet.block("filter"):
            sheet.c(out, sheet.vss, sheet.log(1e-12, 20e-12))
    if sheet.chance(0.15):
        with sheet.block("buffer"):
            buffered = sheet.port("output", "vref")
            bias = Bias(sheet)
            gain_core(sheet, bias, out, buffered, buffered, stages=(3, 2, 0))


def _with_amplifier(sheet: Sheet, core: str, out: str, drop: float, ratio: float) -> None:
    """Two branches held at one voltage by an amplifier."""
    a, b, foot = sheet.net("va"), sheet.net("vb"), sheet.net("ve")
    control = sheet.net("ctl")
    with sheet.block("core"):
        sheet.pick("pnp", "npn", "diode", weights=(5, 2, 2))
        junction(sheet, a)
        sheet.r(b, foot, drop)
        junction(sheet, foot, area=ratio)
        if core == "kuijk" and sheet.chance(0.6):
            # The amplifier's output is the reference and feeds both resistors.
            sheet.r(out, a, 10 * drop)
            sheet.r(out, b, 10 * drop)
            control = out
        else:
            cascoded = sheet.chance(0.2)
            branches = [a, b] if core != "kuijk" else [a, b, out]
            for net in dict.fromkeys([*branches, out]):
                _feed(sheet, control, net, cascoded=cascoded)
            if core in ("banba", "sub_volt"):
                for net in (a, b):
                    tap = 12 * drop
                    if sheet.chance(0.3):
                        middle = sheet.net("rt")
                        sheet.r(net, middle, tap / 2)
                        sheet.r(middle, sheet.vss, tap / 2)
                    else:
                        sheet.r(net, sheet.vss, tap)
                sheet.r(out, sheet.vss, 8 * drop)
            elif sheet.chance(0.5):
                middle = sheet.net("vj")
                sheet.r(out, middle, 10 * drop)
                sheet.pick("pnp", "npn", "diode")
                junction(sheet, middle)
            else:
                sheet.r(out, sheet.vss, 10 * drop)
    if control == out:
        # The bare junction has the lower impedance: its branch is the weaker feedback.
        error_amplifier(sheet, a, b, control)
    else:
        error_amplifier(sheet, b, a, control)
    with sheet.block("start_up"):
        kind = sheet.pick("none", "pull", "sense", "capacitor")
        if kind == "pull":
            sheet.r(sheet.vdd, a, 40 * sheet.supply_v / sheet.unit_a)
        elif kind == "sense":
            inner = sheet.net("su")
            sheet.mos("n", inner, out, sheet.vss)
            sheet.mos("p", inner, sheet.vss, sheet.vdd, i=0.1, vov=sheet.supply_v - THRESHOLD_V)
            if control == out:
                sheet.mos("n", sheet.vdd, inner, out)
            else:
                sheet.mos("n", control, inner, sheet.vss)
        elif kind == "capacitor":
            sheet.c(sheet.vdd, a, sheet.log(0.5e-12, 3e-12))
    if sheet.chance(0.4):
        sheet.c(control, sheet.vdd if control != out else sheet.vss, sheet.log(1e-12, 10e-12))


def _feed(sheet: Sheet, control: str, net: str, *, cascoded: bool) -> None:
    if cascoded:
        middle = sheet.net("fc")
        line = next((n for n in sheet.ports if n.startswith("vcp#")), None)
        line = line or sheet.port("bias", "vcp", volts=sheet.supply_v - 0.9)
        sheet.mos("p", middle, control, sheet.vdd)
        sheet.mos("p", net, line, middle)
    else:
        sheet.mos("p", net, control, sheet.vdd)


def _self_biased(sheet: Sheet, out: str, drop: float, ratio: float) -> None:
    """Mirrors instead of an amplifier hold the two branches together."""
    a, b, foot = sheet.net("va"), sheet.net("vb"), sheet.net("ve")
    left, right = sheet.net("nl"), sheet.net("nr")
    with sheet.block("core"):
        sheet.pick("pnp", "npn", "diode")
        junction(sheet, a)
        sheet.r(b, foot, drop)
        junction(sheet, foot, area=ratio)
    sheet.mos("n", left, left, a)
    sheet.mos("n", right, left, b)
    kind = mirror(sheet, Bias(sheet, "port"), "p", right, left)
    start_up(sheet, "n", left, right)
    with sheet.block("output"):
        gate = right
        middle = sheet.net("vj")
        sheet.mos("p", out, gate, sheet.vdd)
        if sheet.chance(0.8):
            sheet.r(out, middle, 10 * drop)
            sheet.pick("pnp", "npn", "diode")
            junction(sheet, middle)
        else:
            sheet.r(out, sheet.vss, 20 * drop)
    del kind


def _brokaw(sheet: Sheet, out: str, drop: float, ratio: float) -> None:
    """Two NPN transistors of different area under one base voltage."""
    left, right, small, large = (sheet.net(n) for n in ("cl", "cr", "e1", "e2"))
    base = out
    with sheet.block("core"):
        if sheet.chance(0.3):
            base = sheet.net("vbg")
            sheet.r(out, base, sheet.log(1, 5) * drop)
            sheet.r(base, sheet.vss, 10 * drop)
        sheet.bjt("n", left, base, large, area=ratio)
        sheet.bjt("n", right, base, small)
        sheet.r(large, small, drop)
        sheet.r(small, sheet.vss, 5 * drop)
    kind = sheet.pick("resistors", "mirror")
    if kind == "resistors":
        for net in (left, right):
            sheet.r(sheet.vdd, net, 0.5 / sheet.unit_a)
        error_amplifier(sheet, left, right, out)
    else:
        with sheet.block("mirror"):
            sheet.mos("p", left, left, sheet.vdd)
            sheet.mos("p", right, left, sheet.vdd)
        drive = sheet.pick("follower", "stage")
        if drive == "follower":
            follower(sheet, Bias(sheet), right, out)
        else:
            sheet.mos("p", out, right, sheet.vdd, i=3)
            sheet.r(out, sheet.vss, 0.6 / sheet.unit_a)
    if sheet.chance(0.6):
        sheet.r(sheet.vdd, base, 40 * sheet.supply_v / sheet.unit_a)


def _widlar(sheet: Sheet, out: str, drop: float, ratio: float) -> None:
    """The bandgap of Widlar: three transistors and resistors, fed by a current."""
    a, b, foot, collector = (sheet.net(n) for n in ("b1", "c2", "e2", "c3"))
    with sheet.block("core"):
        sheet.bjt("n", a, a, sheet.vss)
        sheet.r(out, a, 8 * drop)
        sheet.bjt("n", b, a, foot, area=ratio)
        sheet.r(foot, sheet.vss, drop)
        sheet.r(out, b, 8 * drop)
        sheet.bjt("n", out, b, sheet.vss)
    with sheet.block("feed"):
        if sheet.chance(0.4):
            sheet.r(
                sheet.vdd,
                out,
                (sheet.supply_v - 1.2 if sheet.supply_v > 2 else 0.6) / 4 / sheet.unit_a,
            )
        else:
            Bias(sheet).source("p", out, i=4)
    if sheet.chance(0.3):
        sheet.c(b, out, sheet.log(1e-12, 10e-12))
    del collector


def current_reference(sheet: Sheet) -> None:
    """A reference current with several mirrored outputs."""
    kind = sheet.pick(
        "beta", "vbe", "amplifier", "bias", "widlar", "ptat", weights=(3, 2, 3, 2, 2, 2)
    )
    lines: dict[str, str] = {}
    if kind == "beta":
        beta_multiplier(sheet, lines)
    elif kind == "amplifier":
        reference = sheet.port("input", "vref", volts=0.6)
        sense, gate = sheet.net("vs"), sheet.net("vg")
        lines["p"] = sheet.net("vbp")
        with sheet.block("converter"):
            sheet.mos("n", lines["p"], gate, sense)
            sheet.r(sense, sheet.vss, 0.6 / sheet.unit_a)
            sheet.mos("p", lines["p"], lines["p"], sheet.vdd)
        error_amplifier(sheet, reference, sense, gate)
    elif kind in ("vbe", "ptat"):
        base, up, top = sheet.net("vbe"), sheet.net("vbp"), sheet.net("vt")
        lines["p"] = up
        with sheet.block("core"):
            if kind == "vbe":
                sheet.bjt("n", top, base, sheet.vss)
                sheet.mos("n", up, top, base)
                sheet.r(base, sheet.vss, UPPER_V / sheet.unit_a)
            else:
                foot = sheet.net("ve")
                sheet.bjt("n", top, top, sheet.vss)
                sheet.bjt("n", up, top, foot, area=8)
                sheet.r(foot, sheet.vss, 0.054 / sheet.unit_a)
            sheet.mos("p", up, up, sheet.vdd)
            sheet.mos("p", top, up, sheet.vdd)
        start_up(sheet, "n", top, up)
    elif kind == "widlar":
        base, foot = sheet.net("b"), sheet.net("e")
        side = sheet.polarity()
        drop = sheet.supply_v - UPPER_V
        with sheet.block("core"):
            lines[OTHER[side]] = line = sheet.net("vbm")
            sheet.r(sheet.rail(OTHER[side]), base, drop / sheet.unit_a / 10)
            sheet.bjt(side, base, base, sheet.rail(side))
            sheet.bjt(side, line, base, foot)
            sheet.r(foot, sheet.rail(side), 0.06 / sheet.unit_a)
            sheet.mos(OTHER[side], line, line, sheet.rail(OTHER[side]))
    bias = Bias(sheet) if kind == "bias" else Bias(sheet, "resistor")
    bias.share_ports = 0.0
    bias._lines.update(lines)
    for _ in range(sheet.number(2, 4)):
        side = sheet.polarity()
        if kind != "bias" and side not in lines and sheet.chance(0.5):
            side = next(iter(lines))
        out = sheet.port("output", "iout", volts=sheet.level(side, sheet.supply_v * 0.5))
        bias.source(side, out, i=float(sheet.number(1, 4)))


def voltage_reference(sheet: Sheet) -> None:
    """A reference of few devices: stacked diodes, thresholds, a zener, two-transistor ones."""
    out = sheet.port("output", "vref")
    kind = sheet.pick("divider", "delta", "stacked", "self_cascode", "bjt_diodes", "bootstrapped")
    bias = Bias(sheet)
    with sheet.block(kind):
        if kind == "divider":
            count = sheet.number(2, 4)
            above = sheet.vdd
            tap = sheet.number(1, count - 1)
            for at in range(count):
                below = sheet.vss if at == count - 1 else out if at + 1 == tap else sheet.net("d")
                if sheet.chance(0.5):
                    sheet.r(above, below, sheet.supply_v / count / sheet.unit_a)
                elif sheet.chance(0.5):
                    sheet.mos("p", below, below, above)
                else:
                    sheet.mos("n", above, above, below)
                above = below
        elif kind in ("stacked", "bjt_diodes"):
            bias.source("p", out)
            above = out
            count = sheet.number(1, 3)
            for at in range(count):
                below = sheet.vss if at == count - 1 else sheet.net("d")
                choice = sheet.pick("mosn", "npn", "res", "dio")
                if choice == "mosn" and kind == "stacked":
                    sheet.mos("n", above, above, below)
                elif choice == "npn":
                    sheet.bjt("n", above, above, below)
                elif choice == "dio":
                    sheet.d(above, below)
                else:
                    sheet.r(above, below, 0.4 / sheet.unit_a)
                above = below
        elif kind == "self_cascode":
            stages = sheet.number(1, 3)
            foot = sheet.vss
            for at in range(stages):
                top = sheet.net("g")
                middle = out if at == stages - 1 else sheet.net("pt")
                bias.source("p", top)
                sheet.mos("n", top, top, middle)
                sheet.mos("n", middle, top, foot, vov=0.4)
                foot = middle
        elif kind == "delta":
            gate, sense = sheet.net("g"), sheet.net("s")
            bias.source("p", gate)
            sheet.mos("n", gate, gate, out)
            sheet.mos("n", out, sense, sheet.vss)
            bias.source("p", sense)
            sheet.mos("n", sense, sense, sheet.vss, vov=0.3)
        else:
            gate = sheet.net("g")
            sheet.mos("n", gate, out, sheet.vss)
            bias.source("p", gate)
            sheet.mos("n", sheet.vdd, gate, out)
            sheet.r(out, sheet.vss, 0.65 / sheet.unit_a)
    if sheet.chance(0.3):
        sheet.c(out, sheet.vss, sheet.log(0.5e-12, 20e-12))
    if sheet.chance(0.2):
        buffered = sheet.port("output", "out")
        follower(sheet, bias, out, buffered)


def regulator(sheet: Sheet) -> None:
    """A linear regulator: amplifier, pass device, divider, compensation."""
    reference = sheet.port("input", "vref", volts=0.6 if sheet.supply_v < 3 else 1.2)
    out = sheet.port("output", "out")
    back, gate = sheet.net("fb"), sheet.net("gate")
    target = min(
        sheet.supply_v - 0.3,
        (0.6 if sheet.supply_v < 3 else 1.2) * float(sheet.rng.uniform(1.2, 2)),
    )
    level = 0.6 if sheet.supply_v < 3 else 1.2
    kind = sheet.pick(
        "pmos", "nmos", "pnp", "npn", "darlington", "cascoded", weights=(6, 2, 1, 1, 0.7, 0.7)
    )
    if kind in ("nmos", "npn", "darlington"):
        target = min(target, sheet.supply_v - 0.9)
    inverting = kind in ("pmos", "pnp", "cascoded")
    with sheet.block("pass_device"):
        if kind in ("pmos", "nmos"):
            side: Polarity = "p" if kind == "pmos" else "n"
            ends = (out, gate, sheet.vdd) if kind == "pmos" else (sheet.vdd, gate, out)
            sheet.mos(side, *ends, i=100)
        elif kind == "cascoded":
            middle = sheet.net("pc")
            sheet.mos("p", middle, gate, sheet.vdd, i=100)
            sheet.mos("p", out, sheet.port("bias", "vcp", volts=0.2), middle, i=100)
        elif kind == "pnp":
            sheet.bjt("p", out, gate, sheet.vdd, area=20)
        elif kind == "npn":
            sheet.bjt("n", sheet.vdd, gate, out, area=20)
        else:
            middle = sheet.net("dl")
            sheet.bjt("n", sheet.vdd, gate, middle)
            sheet.bjt("n", sheet.vdd, middle, out, area=20)
    with sheet.block("divider"):
        if sheet.chance(0.15):
            sheet.r(out, back, 1.0)
            sheet.r(back, sheet.vss, target / sheet.unit_a)
        else:
            lower = level / sheet.unit_a
            sheet.r(out, back, max(target - level, 0.05) / sheet.unit_a)
            if sheet.chance(0.25):
                tap = sheet.net("tr")
                sheet.r(back, tap, lower * 0.8)
                sheet.r(tap, sheet.vss, lower * 0.2)
            else:
                sheet.r(back, sheet.vss, lower)
        if sheet.chance(0.25):
            sheet.c(out, back, sheet.log(0.5e-12, 10e-12))
    drive = gate
    bias: Bias | None = None
    if sheet.chance(0.3):
        drive = sheet.net("pre")
        with sheet.block("driver"):
            bias = Bias(sheet)
            follower(sheet, bias, drive, gate)
    plus, minus = (back, reference) if inverting else (reference, back)
    error_amplifier(sheet, plus, minus, drive, bias)
    with sheet.block("load"):
        style = sheet.pick("cap", "esr", "none", "both")
        if style in ("cap", "both"):
            sheet.c(out, sheet.vss, sheet.log(10e-12, 1e-6))
        if style in ("esr", "both"):
            middle = sheet.net("esr")
            sheet.c(out, middle, sheet.log(0.1e-6, 10e-6))
            sheet.r(middle, sheet.vss, sheet.log(0.01, 1))
        if sheet.chance(0.4):
            if sheet.chance(0.5):
                sheet.r(out, sheet.vss, target / (20 * sheet.unit_a))
            else:
                sheet.i(out, sheet.vss, 20 * sheet.unit_a)
    with sheet.block("compensation"):
        if sheet.chance(0.4):
            if sheet.chance(0.5):
                sheet.c(gate, out, sheet.log(0.5e-12, 10e-12))
            else:
                middle = sheet.net("cz")
                sheet.r(gate, middle, sheet.log(1e3, 50e3))
                sheet.c(middle, out, sheet.log(0.5e-12, 10e-12))
    if sheet.chance(0.2) and kind == "pmos":
        with sheet.block("limiter"):
            sense = sheet.net("sn")
            sheet.mos("p", sense, gate, sheet.vdd)
            sheet.r(sense, sheet.vss, 0.3 / sheet.unit_a)
            if sheet.chance(0.6):
                trip = sheet.net("tp")
                sheet.mos("n", trip, sense, sheet.vss)
                sheet.r(sheet.vdd, trip, sheet.supply_v / sheet.unit_a)
                sheet.mos("p", gate, trip, sheet.vdd)
    if sheet.chance(0.15):
        with sheet.block("enable"):
            enable = sheet.port("input", "pd", volts=sheet.supply_v)
            sheet.switch("p", gate if inverting else sheet.vdd, enable, sheet.vdd)
            if not inverting:
                sheet.parts.pop()
                sheet.switch("n", sheet.vdd, enable, out)
