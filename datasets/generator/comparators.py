"""Comparators: continuous ones, with hysteresis, and clocked ones with their latches."""

from __future__ import annotations

from eda.datasets.generator.bias import Bias
from eda.datasets.generator.opamps import FIRST_STAGES, first_stage, inverter
from eda.datasets.generator.sheet import OTHER, Sheet
from eda.datasets.generator.stages import pair, second_stage


def comparator(sheet: Sheet) -> None:
    """A comparator without a clock: pair, decision, output stages."""
    bias = Bias(sheet)
    middle = sheet.supply_v * 0.55
    inputs = (
        sheet.port("input", "inp", volts=middle + 0.05),
        sheet.port("input", "inn", volts=middle),
    )
    out = sheet.net("out")
    kind = sheet.pick("opamp", "hysteresis", "preamplified", "self_biased", weights=(2, 3, 2, 1))
    if kind == "opamp":
        stage = first_stage(sheet, bias, inputs, kinds=FIRST_STAGES)
        node = stage.out
        for _ in range(sheet.number(0, 1)):
            following = sheet.net("o")
            second_stage(sheet, bias, stage.driver, node, following)
            node = following
    elif kind == "hysteresis":
        node = _decision(sheet, bias, inputs)
    elif kind == "preamplified":
        inner = inputs
        for _ in range(sheet.number(1, 2)):
            nets = sheet.net("a1"), sheet.net("a2")
            preamplifier(sheet, bias, inner, nets)
            inner = nets
        node = first_stage(sheet, bias, inner, kinds=("mirror_load", "symmetrical", "low_gain")).out
    else:
        node, shared = sheet.net("o1"), sheet.net("sb")
        top, bottom = sheet.net("t"), sheet.net("t")
        with sheet.block("self_biased"):
            for at, net in enumerate((shared, node)):
                sheet.mos("n", net, inputs[at], bottom)
                sheet.mos("p", net, inputs[at], top)
            sheet.mos("n", bottom, shared, sheet.vss, i=2)
            sheet.mos("p", top, shared, sheet.vdd, i=2)
    output_logic(sheet, node, out)
    sheet.port("output", "out", net=out)
    if sheet.chance(0.2):
        with sheet.block("feedback"):
            sheet.r(out, inputs[0], sheet.log(1e5, 1e7))


def output_logic(sheet: Sheet, node: str, out: str) -> None:
    """Inverters after a comparator; one of them a Schmitt trigger now and then."""
    with sheet.block("output_buffer"):
        count = sheet.number(1, 3)
        for at in range(count):
            following = out if at == count - 1 else sheet.net("b")
            if at == 0 and sheet.chance(0.15):
                schmitt(sheet, node, following)
            else:
                inverter(sheet, node, following)
            node = following


def schmitt(sheet: Sheet, into: str, out: str) -> None:
    """A CMOS Schmitt trigger of six transistors."""
    low, high = sheet.net("sl"), sheet.net("sh")
    with sheet.block("schmitt"):
        sheet.switch("n", low, into, sheet.vss)
        sheet.switch("n", out, into, low)
        sheet.switch("n", sheet.vdd, out, low)
        sheet.switch("p", high, into, sheet.vdd)
        sheet.switch("p", out, into, high)
        sheet.switch("p", sheet.vss, out, high)


def _decision(sheet: Sheet, bias: Bias, inputs: tuple[str, str]) -> str:
    """A pair whose diode loads are cross-coupled, then mirrored to one output."""
    side = sheet.polarity()
    other = OTHER[side]
    drains = sheet.net("d1"), sheet.net("d2")
    out, turn = sheet.net("o1"), sheet.net("tm")
    pair(sheet, bias, side, inputs, drains)
    with sheet.block("decision"):
        for at in (0, 1):
            sheet.mos(other, drains[at], drains[at], sheet.rail(other), i=0.5)
            sheet.mos(other, drains[at], drains[1 - at], sheet.rail(other), i=0.5)
        sheet.mos(other, turn, drains[0], sheet.rail(other))
        sheet.mos(other, out, drains[1], sheet.rail(other))
        sheet.mos(side, turn, turn, sheet.rail(side))
        sheet.mos(side, out, turn, sheet.rail(side))
    return out


def preamplifier(sheet: Sheet, bias: Bias, inputs: tuple[str, str], outs: tuple[str, str]) -> None:
    """A fast differential gain stage."""
    side = sheet.polarity()
    other = OTHER[side]
    with sheet.block("preamplifier"):
        pair(sheet, bias, side, inputs, outs, plain=sheet.chance(0.6))
        kind = sheet.pick("resistors", "diodes", "cross", "sources")
        for at, net in enumerate(outs):
            if kind == "resistors":
                sheet.r(sheet.rail(other), net, min(0.5, sheet.supply_v / 4) / sheet.unit_a)
            elif kind == "diodes":
                sheet.mos(other, net, net, sheet.rail(other))
            elif kind == "cross":
                sheet.mos(other, net, net, sheet.rail(other), i=0.6)
                sheet.mos(other, net, outs[1 - at], sheet.rail(other), i=0.4)
            else:
                sheet.mos(other, net, bias.gate(other), sheet.rail(other))
        if kind == "sources":
            sheet.r(*outs, 0.4 / sheet.unit_a)


def clocked_comparator(sheet: Sheet) -> None:
    """A dynamic comparator: StrongARM, double-tail and their like, with latch and buffers."""
    high = sheet.supply_v
    clock = sheet.port("clock", "ck", volts=high)
    middle = sheet.supply_v * 0.55
    inputs = (
        sheet.port("input", "inp", volts=middle + 0.02),
        sheet.port("input", "inn", volts=middle),
    )
    kind = sheet.pick(
        "strongarm",
        "double_tail",
        "current_latch",
        "resistive",
        "preamp_latch",
        weights=(4, 3, 1, 1, 2),
    )
    outs = sheet.net("op"), sheet.net("on")
    if kind == "preamp_latch":
        bias = Bias(sheet)
        inner = sheet.net("a1"), sheet.net("a2")
        preamplifier(sheet, bias, inputs, inner)
        inputs = inner
        kind = sheet.pick("strongarm", "double_tail", "current_latch")
    {"strongarm": _strongarm, "double_tail": _double_tail, "current_latch": _current_latch,
     "resistive": _resistive}[kind](sheet, clock, inputs, outs)  # fmt: skip
    finish = sheet.pick(
        "bare", "buffers", "nand_latch", "nor_latch", "cross", weights=(1, 3, 3, 2, 1)
    )
    ends = outs
    if finish == "bare":
        pass
    elif finish == "buffers":
        ends = sheet.net("q"), sheet.net("qb")
        for into, out in zip(outs, ends, strict=True):
            inverter(sheet, into, out)
    else:
        ends = sheet.net("q"), sheet.net("qb")
        start = outs
        if sheet.chance(0.4):
            start = sheet.net("i"), sheet.net("i")
            for into, out in zip(outs, start, strict=True):
                inverter(sheet, into, out)
        with sheet.block("sr_latch"):
            for at in (0, 1):
                gate = {"nand_latch": _nand, "nor_latch": _nor}.get(finish)
                if gate:
                    gate(sheet, start[at], ends[1 - at], ends[at])
                else:
                    sheet.switch("n", ends[at], start[at], sheet.vss)
                    sheet.switch("p", ends[at], ends[1 - at], sheet.vdd)
    for name, net in zip(("outp", "outn"), ends, strict=True):
        sheet.port("output", name, net=net)


def _nand(sheet: Sheet, a: str, b: str, out: str) -> None:
    middle = sheet.net("nn")
    sheet.switch("n", out, a, middle)
    sheet.switch("n", middle, b, sheet.vss)
    for net in (a, b):
        sheet.switch("p", out, net, sheet.vdd)


def _nor(sheet: Sheet, a: str, b: str, out: str) -> None:
    middle = sheet.net("pp")
    sheet.switch("p", out, a, middle)
    sheet.switch("p", middle, b, sheet.vdd)
    for net in (a, b):
        sheet.switch("n", out, net, sheet.vss)


def _strongarm(sheet: Sheet, clock: str, inputs: tuple[str, str], outs: tuple[str, str]) -> None:
    tail = sheet.net("tail")
    inner = sheet.net("x"), sheet.net("y")
    with sheet.block("strongarm"):
        sheet.switch("n", tail, clock, sheet.vss)
        calibrated = sheet.chance(0.15)
        for at in (0, 1):
            sheet.mos("n", inner[at], inputs[at], tail, short=True)
            sheet.switch("n", outs[at], outs[1 - at], inner[at])
            sheet.switch("p", outs[at], outs[1 - at], sheet.vdd)
            sheet.switch("p", outs[at], clock, sheet.vdd)
        if sheet.chance(0.6):
            for net in inner:
                sheet.switch("p", net, clock, sheet.vdd)
        if sheet.chance(0.25):
            sheet.switch("p", inner[0], clock, inner[1])
        if sheet.chance(0.15):
            sheet.switch("p", outs[0], clock, outs[1])
        if sheet.chance(0.1):
            sheet.c(inner[0], sheet.vss, 20e-15)
            sheet.c(inner[1], sheet.vss, 20e-15)
        if calibrated:
            for at in (0, 1):
                trim = sheet.port("bias", "vtrim", volts=sheet.supply_v / 2)
                sheet.mos("n", inner[at], trim, tail, short=True, i=0.3)


def _double_tail(sheet: Sheet, clock: str, inputs: tuple[str, str], outs: tuple[str, str]) -> None:
    tail, top = sheet.net("tail"), sheet.net("top")
    first = sheet.net("fp"), sheet.net("fn")
    inverted = sheet.net("ckb")
    with sheet.block("input_stage"):
        sheet.switch("n", tail, clock, sheet.vss)
        for at in (0, 1):
            sheet.mos("n", first[at], inputs[at], tail, short=True)
            sheet.switch("p", first[at], clock, sheet.vdd)
        if sheet.chance(0.3):
            for at in (0, 1):
                sheet.switch("p", first[at], first[1 - at], sheet.vdd)
    with sheet.block("latch"):
        simple = sheet.chance(0.3)
        if not simple:
            if sheet.chance(0.7):
                inverter(sheet, clock, inverted)
            else:
                sheet.port("clock", "ckb", volts=0.0, net=inverted)
            sheet.switch("p", top, inverted, sheet.vdd)
        supply = sheet.vdd if simple else top
        for at in (0, 1):
            sheet.switch("p", outs[at], outs[1 - at], supply)
            sheet.switch("n", outs[at], outs[1 - at], sheet.vss)
            sheet.switch("n", outs[at], first[at], sheet.vss)


def _current_latch(
    sheet: Sheet, clock: str, inputs: tuple[str, str], outs: tuple[str, str]
) -> None:
    bias = Bias(sheet)
    tail, follow, hold = sheet.net("tail"), sheet.net("tr"), sheet.net("lt")
    inverted = sheet.net("ckb")
    inverter(sheet, clock, inverted)
    with sheet.block("current_latch"):
        for at in (0, 1):
            sheet.mos("n", outs[at], inputs[at], follow)
            sheet.mos("n", outs[at], outs[1 - at], hold)
            sheet.r(sheet.vdd, outs[at], 0.5 / sheet.unit_a)
        sheet.switch("n", follow, inverted, tail)
        sheet.switch("n", hold, clock, tail)
        bias.source("n", tail, i=2)


def _resistive(sheet: Sheet, clock: str, inputs: tuple[str, str], outs: tuple[str, str]) -> None:
    """The resistive divider comparator: inputs in triode under a clocked latch."""
    reference = (
        sheet.port("bias", "vrp", volts=sheet.supply_v * 0.5),
        sheet.port("bias", "vrn", volts=sheet.supply_v * 0.5),
    )
    with sheet.block("latch"):
        for at in (0, 1):
            foot, mid = sheet.net("f"), sheet.net("m")
            sheet.mos("n", foot, inputs[at], sheet.vss, short=True)
            sheet.mos("n", foot, reference[at], sheet.vss, short=True, i=0.25)
            sheet.switch("n", mid, clock, foot)
            sheet.switch("n", outs[at], outs[1 - at], mid)
            sheet.switch("p", outs[at], outs[1 - at], sheet.vdd)
            sheet.switch("p", outs[at], clock, sheet.vdd)
