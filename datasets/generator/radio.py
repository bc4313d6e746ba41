"""Radio circuits: low-noise amplifiers, mixers, transimpedance and power amplifiers."""

from __future__ import annotations

from eda.datasets.generator.bias import Bias
from eda.datasets.generator.opamps import gain_core, inverter
from eda.datasets.generator.sheet import OTHER, Sheet
from eda.datasets.generator.stages import follower, tail


def _gate_bias(sheet: Sheet, bias: Bias, side: str, gate: str) -> None:
    """A large resistor from a bias line to a gate that is driven through a capacitor."""
    sheet.r(gate, bias.gate(side), sheet.log(5e3, 1e5))


def _load(sheet: Sheet, bias: Bias, rail: str, out: str, *, i: float = 1.0) -> str:
    """A load between a rail and an output: tank, resistor, shunt peaking, current source."""
    kind = sheet.pick("tank", "resistor", "peaking", "inductor", "transformer")
    with sheet.block("load"):
        if kind == "resistor":
            sheet.r(rail, out, 0.4 / (i * sheet.unit_a))
        elif kind == "peaking":
            middle = sheet.net("pk")
            ends = (rail, middle, out) if sheet.chance(0.5) else (out, middle, rail)
            sheet.r(ends[0], middle, 0.4 / (i * sheet.unit_a))
            sheet.l(middle, ends[2], sheet.log(0.5e-9, 10e-9))
        else:
            sheet.l(rail, out, sheet.log(0.5e-9, 10e-9))
            if kind in ("tank", "transformer"):
                sheet.c(out, rail if sheet.chance(0.5) else sheet.vss, sheet.log(0.1e-12, 5e-12))
            if kind == "transformer":
                sheet.r(rail, out, sheet.log(200, 5e3))
    return kind


def lna(sheet: Sheet) -> None:
    """A low-noise amplifier, single-ended or differential."""
    bias = Bias(sheet)
    kind = sheet.pick(
        "source_degenerated", "common_gate", "feedback", "noise_cancelling", "inverter", "cross",
        weights=(4, 3, 2, 1.5, 1.5, 1.5),
    )  # fmt: skip
    differential = kind == "cross" or sheet.chance(0.25)
    sides = ("inp", "inn") if differential else ("in",)
    ends = {"inp": "outn", "inn": "outp", "in": "out"}
    cross: list[tuple[str, str]] = []
    for name in sides:
        data = sheet.port("input", name, volts=0.0)
        out = sheet.port("output", ends[name])
        _lna_half(sheet, bias, kind, data, out, cross)
    if len(cross) == 2:
        for at in (0, 1):
            sheet.c(cross[at][0], cross[1 - at][1], sheet.log(0.5e-12, 5e-12))


def _lna_half(
    sheet: Sheet, bias: Bias, kind: str, data: str, out: str, cross: list[tuple[str, str]]
) -> None:
    gate, node = sheet.net("g"), sheet.net("x")
    vdd, vss = sheet.vdd, sheet.vss
    cascoded = sheet.chance(0.6)
    drain = sheet.net("d") if cascoded else node
    inner = node
    with sheet.block("match"):
        if kind in ("common_gate", "cross"):
            source = sheet.net("s")
            sheet.c(data, source, sheet.log(1e-12, 20e-12))
            if sheet.chance(0.6):
                sheet.l(source, vss, sheet.log(2e-9, 20e-9))
            else:
                bias.source("n", source)
        else:
            source = vss
            if kind == "source_degenerated":
                source = sheet.net("s")
                sheet.l(source, vss, sheet.log(0.1e-9, 2e-9))
            if sheet.chance(0.6):
                middle = sheet.net("mt")
                sheet.c(data, middle, sheet.log(1e-12, 20e-12))
                sheet.l(middle, gate, sheet.log(1e-9, 20e-9))
            else:
                sheet.c(data, gate, sheet.log(1e-12, 20e-12))
            if sheet.chance(0.2):
                sheet.c(gate, source, sheet.log(20e-15, 500e-15))
    bipolar = sheet.chance(0.2) and kind in ("source_degenerated", "feedback")
    with sheet.block("core"):
        if kind in ("common_gate", "cross"):
            if kind == "cross":
                _gate_bias(sheet, bias, "n", gate)
                cross.append((gate, source))
            else:
                gate = bias.cascode("n")
            sheet.mos("n", drain, gate, source)
        elif kind == "inverter":
            sheet.mos("n", node, gate, vss)
            sheet.mos("p", node, gate, vdd)
            sheet.r(node, gate, sheet.log(5e3, 1e5))
            cascoded = False
        else:
            if bipolar:
                sheet.bjt("n", drain, gate, source)
            else:
                sheet.mos("n", drain, gate, source)
            if kind == "feedback":
                back = sheet.net("fb")
                sheet.c(gate, back, sheet.log(1e-12, 10e-12))
                sheet.r(back, node, sheet.log(300, 5e3))
            _gate_bias(sheet, bias, "n", gate)
        if cascoded:
            top = vdd if sheet.chance(0.4) else bias.cascode("n")
            sheet.mos("n", node, top, drain)
    if kind != "inverter":
        _load(sheet, bias, vdd, inner)
    if kind == "noise_cancelling":
        second = sheet.net("y")
        sheet.mos("n", second, gate, vss)
        sheet.mos("n", vdd, node, second)
        inner = second
    with sheet.block("output"):
        style = sheet.pick("capacitor", "follower", "direct", "divider")
        if style == "follower":
            follower(sheet, bias, inner, out)
        elif style == "divider":
            sheet.c(inner, out, sheet.log(0.1e-12, 5e-12))
            sheet.c(out, vss, sheet.log(0.1e-12, 5e-12))
            sheet.r(out, vss, 50)
        elif style == "direct":
            sheet.r(inner, out, sheet.log(1, 50))
        else:
            sheet.c(inner, out, sheet.log(0.5e-12, 20e-12))
            sheet.r(out, vss, sheet.log(50, 1e4))


def mixer(sheet: Sheet) -> None:
    """Gilbert cells, single-balanced and passive mixers, multipliers."""
    bias = Bias(sheet)
    kind = sheet.pick(
        "gilbert", "single", "passive", "folded", "dual_gate", weights=(4, 3, 2, 2, 1)
    )
    high = sheet.supply_v * 0.75
    lo = sheet.port("clock", "lop", volts=high), sheet.port("clock", "lon", volts=high)
    outs = sheet.port("output", "ifp"), sheet.port("output", "ifn")
    bipolar = sheet.chance(0.3) and kind in ("gilbert", "single")

    def device(d: str, g: str, s: str, *, i: float = 1.0) -> None:
        if bipolar:
            sheet.bjt("n", d, g, s)
        else:
            sheet.mos("n", d, g, s, i=i)

    if kind in ("passive", "dual_gate"):
        rf = sheet.port("input", "rfp", volts=0.6), sheet.port("input", "rfn", volts=0.6)
        with sheet.block("switches"):
            for at in (0, 1):
                for phase in (0, 1):
                    if kind == "passive":
                        sheet.switch("n", outs[at ^ phase], lo[phase], rf[at])
                    else:
                        middle = sheet.net("m")
                        device(outs[at ^ phase], lo[phase], middle)
                        device(middle, rf[at], sheet.vss)
        if kind == "dual_gate":
            for out in outs:
                _load(sheet, bias, sheet.vdd, out, i=2)
        elif sheet.chance(0.6):
            with sheet.block("transimpedance"):
                ends = sheet.port("output", "outp"), sheet.port("output", "outn")
                common = sheet.port("bias", "vcm", volts=0.6)
                for net, end in zip(outs, ends, strict=True):
                    gain_core(sheet, bias, common, net, end, stages=(2, 2, 0))
                    sheet.r(net, end, sheet.log(1e3, 2e4))
                    sheet.c(net, end, sheet.log(0.2e-12, 10e-12))
        else:
            sheet.c(*outs, sheet.log(0.2e-12, 10e-12))
            for out in outs:
                sheet.r(out, sheet.vss, 1e4)
        return
    count = 1 if kind == "single" else 2
    names = ("rf",) if count == 1 else ("rfp", "rfn")
    nodes = [sheet.net("c") for _ in range(count)]
    gates = [sheet.port("input", name, volts=1.0 if not sheet.chance(0) else 0.0) for name in names]
    with sheet.block("transconductor"):
        if count == 1:
            foot = sheet.net("s")
            device(nodes[0], gates[0], foot, i=2)
            tail(sheet, bias, "n", foot)
        else:
            style = sheet.pick("tail", "degenerated", "inductive", "grounded")
            common = sheet.net("tail")
            for node, gate in zip(nodes, gates, strict=True):
                if style == "degenerated":
                    foot = sheet.net("s")
                    device(node, gate, foot)
                    sheet.r(foot, common, 0.05 / sheet.unit_a)
                elif style == "inductive":
                    foot = sheet.net("s")
                    device(node, gate, foot)
                    sheet.l(foot, common, sheet.log(0.2e-9, 5e-9))
                else:
                    device(node, gate, sheet.vss if style == "grounded" else common)
            if style != "grounded":
                tail(sheet, bias, "n", common)
    quad = nodes
    if kind == "folded":
        quad = []
        for node in nodes:
            sheet.mos("p", node, bias.gate("p"), sheet.vdd, i=2)
            quad.append(node)
    with sheet.block("switches"):
        for at, node in enumerate(quad):
            for phase in (0, 1):
                out = outs[at ^ phase]
                if kind == "folded":
                    sheet.mos("p", out, lo[phase], node, i=0.5)
                else:
                    device(out, lo[phase], node, i=0.5)
        if sheet.chance(0.15) and kind == "gilbert":
            for node in quad:
                bias.source("p", node, i=0.3)
    load = sheet.pick("resistor", "rc", "tank", "mirror", "active")
    rail = sheet.vss if kind == "folded" else sheet.vdd
    side = "n" if kind == "folded" else "p"
    with sheet.block("load"):
        if load == "mirror":
            for out in outs:
                sheet.mos(side, out, outs[0], rail)
        elif load == "active":
            sense = sheet.net("cm")
            for out in outs:
                sheet.mos(side, out, sense, rail)
                sheet.r(out, sense, 4 / sheet.unit_a)
        else:
            for out in outs:
                if load == "tank":
                    sheet.l(rail, out, sheet.log(1e-9, 10e-9))
                    sheet.c(rail, out, sheet.log(0.1e-12, 5e-12))
                else:
                    sheet.r(rail, out, 0.4 / sheet.unit_a)
                    if load == "rc":
                        sheet.c(out, rail, sheet.log(0.1e-12, 10e-12))
    if sheet.chance(0.25):
        for out in outs:
            follower(sheet, bias, out, sheet.port("output", "out"))


def transimpedance(sheet: Sheet) -> None:
    """Amplifiers for photodiodes and the stages that follow them."""
    bias = Bias(sheet)
    data = sheet.port("input", "iin", amperes=sheet.unit_a / 10)
    out = sheet.port("output", "out")
    kind = sheet.pick("inverter", "common_source", "regulated", "common_gate", "opamp", "bjt")
    inner = sheet.net("t")
    if sheet.chance(0.4):
        with sheet.block("photodiode"):
            sheet.d(data, sheet.vdd)
            sheet.c(data, sheet.vss, sheet.log(50e-15, 1e-12))
    with sheet.block("core"):
        if kind in ("inverter", "common_source", "bjt", "opamp"):
            if kind == "inverter":
                count = 1 if sheet.chance(0.6) else 3
                node = data
                for at in range(count):
                    following = inner if at == count - 1 else sheet.net("i")
                    inverter(sheet, node, following)
                    if count == 3 and sheet.chance(0.4):
                        inverter(sheet, following, following)
                    node = following
            elif kind == "common_source":
                node = inner if sheet.chance(0.4) else sheet.net("d")
                sheet.mos("n", node, data, sheet.vss)
                _load_or_source(sheet, bias, node)
                if node != inner:
                    follower(sheet, bias, node, inner)
            elif kind == "bjt":
                node = sheet.net("d")
                sheet.bjt("n", node, data, sheet.vss)
                sheet.r(sheet.vdd, node, 0.5 / sheet.unit_a)
                sheet.bjt("n", sheet.vdd, node, inner)
                sheet.r(inner, sheet.vss, 0.6 / sheet.unit_a)
            else:
                reference = sheet.port("bias", "vref", volts=sheet.supply_v / 2)
                gain_core(sheet, bias, reference, data, inner)
            sheet.r(data, inner, sheet.log(1e3, 1e5))
            if sheet.chance(0.4):
                sheet.c(data, inner, sheet.log(2e-15, 200e-15))
        else:
            gate = bias.cascode("n")
            if kind == "regulated":
                gate = sheet.net("g")
                sheet.mos("n", gate, data, sheet.vss)
                _load_or_source(sheet, bias, gate)
            sheet.mos("n", inner, gate, data)
            bias.source("n", data)
            sheet.r(sheet.vdd, inner, 0.4 / sheet.unit_a)
    node = inner
    for at in range(sheet.number(0, 3)):
        following = sheet.net("l")
        with sheet.block("limiting_amplifier"):
            sheet.mos("n", following, node, sheet.vss)
            if at % 2:
                sheet.mos("p", following, following, sheet.vdd)
            else:
                _load(sheet, bias, sheet.vdd, following)
        node = following
    with sheet.block("output"):
        follower(sheet, bias, node, out)


def _load_or_source(sheet: Sheet, bias: Bias, node: str) -> None:
    if sheet.chance(0.5):
        sheet.r(sheet.vdd, node, (sheet.supply_v - 0.65) / sheet.unit_a)
    else:
        bias.source("p", node)


def power_amplifier(sheet: Sheet) -> None:
    """Radio power amplifiers of one to three stages, and switching ones."""
    bias = Bias(sheet)
    node = sheet.port("input", "in", volts=0.0)
    out = sheet.port("output", "out")
    stages = sheet.number(1, 3)
    for at in range(stages):
        gate, drain = sheet.net("g"), sheet.net("d")
        last = at == stages - 1
        with sheet.block("stage"):
            match = sheet.pick("c", "lc", "cl")
            if match == "c":
                sheet.c(node, gate, sheet.log(1e-12, 20e-12))
            elif match == "lc":
                middle = sheet.net("m")
                sheet.c(node, middle, sheet.log(1e-12, 20e-12))
                sheet.l(middle, gate, sheet.log(0.2e-9, 5e-9))
            else:
                middle = sheet.net("m")
                sheet.c(node, middle, sheet.log(1e-12, 20e-12))
                sheet.l(middle, sheet.vss, sheet.log(0.2e-9, 5e-9))
                sheet.c(middle, gate, sheet.log(1e-12, 20e-12))
            if sheet.chance(0.25):
                sheet.bjt("n", drain, gate, sheet.vss, area=float(4 ** (at + 1)))
            elif sheet.chance(0.4):
                middle = sheet.net("cs")
                sheet.mos("n", middle, gate, sheet.vss, i=float(4 ** (at + 1)))
                top = sheet.vdd if sheet.chance(0.5) else bias.cascode("n")
                sheet.mos("n", drain, top, middle, i=float(4 ** (at + 1)))
            else:
                sheet.mos("n", drain, gate, sheet.vss, i=float(4 ** (at + 1)))
            _gate_bias(sheet, bias, "n", gate)
            if last:
                sheet.l(sheet.vdd, drain, sheet.log(1e-9, 50e-9))
                if sheet.chance(0.5):
                    sheet.c(drain, sheet.vss, sheet.log(0.5e-12, 10e-12))
            else:
                _load(sheet, bias, sheet.vdd, drain, i=float(4 ** (at + 1)))
        node = drain
    with sheet.block("output_match"):
        series = sheet.net("o")
        sheet.c(node, series, sheet.log(1e-12, 50e-12))
        if sheet.chance(0.6):
            sheet.l(series, out, sheet.log(0.2e-9, 5e-9))
            sheet.c(out, sheet.vss, sheet.log(0.5e-12, 10e-12))
        else:
            sheet.l(series, sheet.vss, sheet.log(0.2e-9, 5e-9))
            sheet.c(series, out, sheet.log(1e-12, 20e-12))
        sheet.r(out, sheet.vss, 50)


def gm_filter(sheet: Sheet) -> None:
    """Filters of transconductors and capacitors, and source-follower ones."""
    bias = Bias(sheet)
    node = sheet.port("input", "in", volts=sheet.supply_v * 0.55)
    kind = sheet.pick("biquad", "ladder", "first", "gyrator", "follower")
    order = sheet.number(1, 3)

    cell = sheet.pick("ota", "inverters", "symmetrical", "pair")

    def gm(plus: str, minus: str, out: str) -> None:
        with sheet.block("transconductor"):
            if cell == "inverters":
                middle = sheet.net("i")
                inverter(sheet, plus, middle)
                inverter(sheet, middle, out)
                inverter(sheet, minus, out)
            elif cell == "ota":
                gain_core(sheet, bias, plus, minus, out, stages=(1, 0, 0))
            else:
                side = sheet.polarity()
                common, diode = sheet.net("tail"), sheet.net("d")
                sheet.mos(side, diode, plus, common)
                sheet.mos(side, out, minus, common)
                tail(sheet, bias, side, common)
                other = OTHER[side]
                sheet.mos(other, diode, diode, sheet.rail(other))
                sheet.mos(other, out, diode, sheet.rail(other))

    for at in range(order if kind != "gyrator" else 1):
        out = (
            sheet.port("output", "out") if at == order - 1 or kind == "gyrator" else sheet.net("v")
        )
        if kind == "first":
            gm(node, out, out)
            sheet.c(out, sheet.vss, sheet.log(0.1e-12, 10e-12))
        elif kind == "follower":
            side = sheet.polarity()
            sheet.mos(side, sheet.rail(OTHER[side]), node, out)
            bias.source(side, out)
            sheet.c(out, sheet.vss, sheet.log(0.1e-12, 10e-12))
        elif kind == "gyrator":
            common = sheet.port("bias", "vcm", volts=sheet.supply_v * 0.55)
            inner = sheet.net("g")
            sheet.r(node, out, sheet.log(1e4, 1e6))
            gm(out, common, inner)
            gm(common, inner, out)
            sheet.c(inner, sheet.vss, sheet.log(0.1e-12, 10e-12))
            sheet.c(out, sheet.vss, sheet.log(0.1e-12, 10e-12))
        else:
            inner = sheet.net("x")
            gm(node, out, inner)
            sheet.c(inner, sheet.vss, sheet.log(0.1e-12, 10e-12))
            gm(inner, out if kind == "biquad" else inner, out)
            sheet.c(out, sheet.vss, sheet.log(0.1e-12, 10e-12))
            if sheet.chance(0.3):
                sheet.c(node, out, sheet.log(0.1e-12, 10e-12))
        node = out
