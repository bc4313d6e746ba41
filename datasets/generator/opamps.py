"""Operational amplifiers of transistors: one to three stages, single-ended or fully differential.

`gain_core` is the amplifier by itself, for other circuits to use; `opamp` and
`differential_opamp` draw it with ports.
"""

from __future__ import annotations

from dataclasses import dataclass

from eda.datasets.generator.bias import Bias
from eda.datasets.generator.sheet import OTHER, THRESHOLD_V, Polarity, Sheet
from eda.datasets.generator.stages import (
    compensate,
    follower,
    mirror,
    pair,
    second_stage,
    tail,
)

FIRST_STAGES = (
    *("mirror_load", "telescopic", "folded", "symmetrical", "rail_to_rail", "resistor_load"),
    *("recycling", "inverting_pair", "low_gain"),
)


@dataclass(frozen=True, slots=True)
class FirstStage:
    """What a first stage offers to the next.

    Attributes:
        out: Its output.
        driver: Polarity that a second stage's transistor should have.
        inner: A cascode's source, for compensation; None where there is none.
        rising: Which input makes the output rise: 0 the first, 1 the second.
    """

    out: str
    driver: Polarity
    inner: str | None
    rising: int


def first_stage(
    sheet: Sheet, bias: Bias, inputs: tuple[str, str], *, kinds: tuple[str, ...] = FIRST_STAGES
) -> FirstStage:
    """A differential pair with its load, single-ended at the output."""
    weights = {"mirror_load": 6, "telescopic": 2, "folded": 4, "symmetrical": 2, "low_gain": 1}
    kind = sheet.pick(*kinds, weights=[weights.get(name, 1.2) for name in kinds])
    side = sheet.polarity()
    with sheet.block(kind):
        return _FIRST[kind](sheet, bias, side, inputs)


def _mirror_load(sheet: Sheet, bias: Bias, side: Polarity, inputs: tuple[str, str]) -> FirstStage:
    out, diode = sheet.net("o1"), sheet.net("d1")
    pair(sheet, bias, side, inputs, (diode, out))
    mirror(sheet, bias, OTHER[side], diode, out, low=True)
    return FirstStage(out, OTHER[side], None, 0)


def _telescopic(sheet: Sheet, bias: Bias, side: Polarity, inputs: tuple[str, str]) -> FirstStage:
    out, diode = sheet.net("o1"), sheet.net("d1")
    inner = sheet.net("x1"), sheet.net("x2")
    pair(sheet, bias, side, inputs, inner, plain=sheet.chance(0.7))
    other = OTHER[side]
    gates = (
        bias.cascode(side)
        if sheet.chance(0.5)
        else sheet.port("bias", "vct", volts=sheet.level(side, min(sheet.supply_v * 0.7, 1.3)))
    )
    with sheet.block("cascode"):
        sheet.mos(side, diode, gates, inner[0], vov=0.12)
        sheet.mos(side, out, gates, inner[1], vov=0.12)
    mirror(sheet, bias, other, diode, out)
    return FirstStage(out, other, inner[1], 0)


def _folded(sheet: Sheet, bias: Bias, side: Polarity, inputs: tuple[str, str]) -> FirstStage:
    out, diode = sheet.net("o1"), sheet.net("d1")
    folds = sheet.net("f1"), sheet.net("f2")
    other = OTHER[side]
    pair(sheet, bias, side, inputs, folds)
    _fold(sheet, bias, other, folds, (diode, out), i=1)
    mirror(sheet, bias, side, diode, out)
    return FirstStage(out, side, folds[1], 0)


def _fold(
    sheet: Sheet,
    bias: Bias,
    side: Polarity,
    folds: tuple[str, str],
    outputs: tuple[str, str],
    *,
    i: float,
) -> None:
    """Current sources at the folding nodes, and the cascodes that take up what is left."""
    with sheet.block("fold"):
        boosted = sheet.chance(0.1)
        for fold, out in zip(folds, outputs, strict=True):
            sheet.mos(side, fold, bias.gate(side), sheet.rail(side), i=2 * i)
            if boosted:
                gate = sheet.net("gb")
                sheet.mos(side, gate, fold, sheet.rail(side))
                bias.source(OTHER[side], gate)
                sheet.mos(side, out, gate, fold, i=i)
            else:
                sheet.mos(side, out, bias.cascode(side), fold, i=i)


def _recycling(sheet: Sheet, bias: Bias, side: Polarity, inputs: tuple[str, str]) -> FirstStage:
    """The folded cascode whose current sources are driven by half of the input pair."""
    out, diode, common = sheet.net("o1"), sheet.net("d1"), sheet.net("tail")
    folds = sheet.net("f1"), sheet.net("f2")
    diodes = sheet.net("e1"), sheet.net("e2")
    other = OTHER[side]
    with sheet.block("input_pair"):
        for at in (0, 1):
            sheet.mos(side, folds[at], inputs[at], common, i=0.5)
            sheet.mos(side, diodes[at], inputs[at], common, i=0.5)
    tail(sheet, bias, side, common)
    with sheet.block("fold"):
        for at in (0, 1):
            if sheet.chance(0.5):
                middle = sheet.net("e")
                sheet.mos(other, middle, diodes[at], sheet.rail(other), i=0.5)
                sheet.mos(other, diodes[at], bias.cascode(other), middle, i=0.5)
            else:
                sheet.mos(other, diodes[at], diodes[at], sheet.rail(other), i=0.5)
            sheet.mos(other, folds[1 - at], diodes[at], sheet.rail(other), i=1.5)
        for fold, end in zip(folds, (diode, out), strict=True):
            sheet.mos(other, end, bias.cascode(other), fold)
    mirror(sheet, bias, side, diode, out)
    return FirstStage(out, side, folds[1], 0)


def _symmetrical(sheet: Sheet, bias: Bias, side: Polarity, inputs: tuple[str, str]) -> FirstStage:
    """Both currents are mirrored to the output, one of them twice."""
    out, turn = sheet.net("o1"), sheet.net("tm")
    diodes = sheet.net("d1"), sheet.net("d2")
    other = OTHER[side]
    ratio = float(sheet.number(1, 4))
    pair(sheet, bias, side, inputs, diodes)
    mirror(sheet, bias, other, diodes[0], turn, gain=ratio)
    mirror(sheet, bias, other, diodes[1], out, gain=ratio)
    mirror(sheet, bias, side, turn, out, i=ratio)
    if sheet.chance(0.15):
        with sheet.block("cross_coupled"):
            for at in (0, 1):
                sheet.mos(other, diodes[at], diodes[1 - at], sheet.rail(other), i=0.3)
    return FirstStage(out, side, None, 1)


def _rail_to_rail(sheet: Sheet, bias: Bias, side: Polarity, inputs: tuple[str, str]) -> FirstStage:
    """Two complementary pairs, folded into one cascode stage."""
    out, diode = sheet.net("o1"), sheet.net("d1")
    upper = sheet.net("f1"), sheet.net("f2")
    lower = sheet.net("g1"), sheet.net("g2")
    other = OTHER[side]
    pair(sheet, bias, side, inputs, upper, plain=True)
    pair(sheet, bias, other, inputs, lower, plain=True)
    _fold(sheet, bias, other, upper, (diode, out), i=1)
    with sheet.block("mirror"):
        for fold, end in zip(lower, (diode, out), strict=True):
            sheet.mos(side, fold, diode, sheet.rail(side), i=2)
            sheet.mos(side, end, bias.cascode(side), fold)
    return FirstStage(out, side, upper[1], 0)


def _resistor_load(sheet: Sheet, bias: Bias, side: Polarity, inputs: tuple[str, str]) -> FirstStage:
    """A resistively loaded pair, then a second pair that makes it single-ended."""
    middle = sheet.net("r1"), sheet.net("r2")
    other = OTHER[side]
    pair(sheet, bias, side, inputs, middle)
    with sheet.block("load"):
        drop = min(0.45, sheet.supply_v / 4)
        for net in middle:
            sheet.r(sheet.rail(other), net, drop / sheet.unit_a)
    stage = _mirror_load(sheet, bias, side, middle)
    return FirstStage(stage.out, stage.driver, None, 1)


def _inverting_pair(
    sheet: Sheet, bias: Bias, side: Polarity, inputs: tuple[str, str]
) -> FirstStage:
    """Complementary pairs that share their drains: the load is a pair, too."""
    out, other_out = sheet.net("o1"), sheet.net("o2")
    top, bottom = sheet.net("tail"), sheet.net("tail")
    other = OTHER[side]
    with sheet.block("input_pair"):
        for at, drain in enumerate((other_out, out)):
            sheet.mos(side, drain, inputs[at], bottom)
            sheet.mos(other, drain, inputs[at], top)
    tail(sheet, bias, side, bottom)
    gate = other_out if sheet.chance(0.6) else bias.gate(other)
    sheet.mos(other, top, gate, sheet.rail(other), i=2)
    return FirstStage(out, other, None, 0)


def _low_gain(sheet: Sheet, bias: Bias, side: Polarity, inputs: tuple[str, str]) -> FirstStage:
    """Diode loads with current bleeding and cross coupling, then mirrors to one output."""
    out, turn = sheet.net("o1"), sheet.net("tm")
    drains = sheet.net("d1"), sheet.net("d2")
    other = OTHER[side]
    pair(sheet, bias, side, inputs, drains)
    with sheet.block("load"):
        for at, drain in enumerate(drains):
            sheet.mos(other, drain, drain, sheet.rail(other), i=0.6)
            if sheet.chance(0.6):
                sheet.mos(other, drain, bias.gate(other), sheet.rail(other), i=0.3)
            if sheet.chance(0.4):
                sheet.mos(other, drain, drains[1 - at], sheet.rail(other), i=0.3)
        sheet.mos(other, turn, drains[0], sheet.rail(other))
        sheet.mos(other, out, drains[1], sheet.rail(other))
    mirror(sheet, bias, side, turn, out)
    return FirstStage(out, side, None, 1)


_FIRST = {
    "mirror_load": _mirror_load,
    "telescopic": _telescopic,
    "folded": _folded,
    "recycling": _recycling,
    "symmetrical": _symmetrical,
    "rail_to_rail": _rail_to_rail,
    "resistor_load": _resistor_load,
    "inverting_pair": _inverting_pair,
    "low_gain": _low_gain,
}


def gain_core(
    sheet: Sheet,
    bias: Bias,
    plus: str,
    minus: str,
    out: str,
    *,
    stages: tuple[float, float, float] = (4, 5, 1),
) -> None:
    """An amplifier from two inputs to one output, with as many stages as chance has it.

    Args:
        sheet: Where to draw.
        bias: Its bias lines.
        plus: The input that the output follows.
        minus: The input that the output goes against.
        out: The output.
        stages: Weights of one, two and three stages.
    """
    count = sheet.pick("one_stage", "two_stage", "three_stage", weights=stages)
    three = count == "three_stage"
    inverting = sheet.net("ia"), sheet.net("ib")
    first_part = len(sheet.parts)
    stage = first_stage(sheet, bias, inverting)
    rising = stage.rising
    nodes = [stage.out]
    driver = stage.driver
    if count != "one_stage":
        last = sheet.net("o2") if three else out
        with sheet.block("second"):
            if three:
                # The middle stage of a nested amplifier does not invert: a mirror turns it.
                turn = sheet.net("tn")
                sheet.mos(driver, turn, stage.out, sheet.rail(driver))
                mirror(sheet, bias, OTHER[driver], turn, last, low=True)
                bias.source(driver, last)
                nodes.append(last)
                second_stage(sheet, bias, driver, last, out)
            else:
                second_stage(sheet, bias, driver, stage.out, out)
        compensate(sheet, bias, stage.out, out, inner=stage.inner)
        if three and sheet.chance(0.8):
            compensate(sheet, bias, nodes[-1], out)
            if sheet.chance(0.4):
                sheet.mos(stage.driver, out, stage.out, sheet.rail(stage.driver))
        rising = 1 - rising
    elif sheet.chance(0.25):
        follower(sheet, bias, stage.out, out)
    else:
        _rename(sheet, first_part, {stage.out: out})
    real = {inverting[rising]: plus, inverting[1 - rising]: minus}
    _rename(sheet, first_part, real)


def _rename(sheet: Sheet, start: int, table: dict[str, str]) -> None:
    for part in sheet.parts[start:]:
        part.nets = [table.get(net, net) for net in part.nets]


def opamp(sheet: Sheet) -> None:
    """A single-ended operational amplifier with its ports."""
    bias = Bias(sheet)
    middle = sheet.supply_v * 0.55
    plus = sheet.port("input", "inp", volts=middle)
    out = sheet.net("out")
    minus = sheet.port("input", "inn", feedback=out)
    inner = out
    if sheet.chance(0.12):
        inner = sheet.net("pre")
    gain_core(sheet, bias, plus, minus, inner)
    if inner != out:
        follower(sheet, bias, inner, out)
    sheet.port("output", "out", net=out)
    _extras(sheet, bias, out)


def _extras(sheet: Sheet, bias: Bias, out: str) -> None:
    """What goes with an amplifier now and then: a load, power-down, decoupling."""
    if sheet.chance(0.25):
        with sheet.block("load"):
            sheet.c(out, sheet.vss, sheet.log(0.5e-12, 50e-12))
            if sheet.chance(0.3):
                sheet.r(out, sheet.vss, sheet.supply_v / sheet.unit_a)
    if sheet.chance(0.1):
        sheet.c(sheet.vdd, sheet.vss, sheet.log(1e-12, 100e-12))
    if sheet.chance(0.1):
        with sheet.block("power_down"):
            side = sheet.polarity()
            line = bias.gate(side)
            off = sheet.port("input", "pd", volts=sheet.level(side, 0.0))
            sheet.switch(side, line, off, sheet.rail(side))
            if sheet.chance(0.5):
                on = sheet.net("en")
                inverter(sheet, off, on)
                other = OTHER[side]
                sheet.switch(other, bias.gate(other), on, sheet.rail(other))


def inverter(sheet: Sheet, into: str, out: str) -> None:
    """A CMOS inverter."""
    sheet.switch("p", out, into, sheet.vdd)
    sheet.switch("n", out, into, sheet.vss)


def differential_opamp(sheet: Sheet) -> None:
    """A fully differential amplifier with its common-mode feedback."""
    bias = Bias(sheet)
    side = sheet.polarity()
    other = OTHER[side]
    middle = sheet.supply_v * 0.55
    outs = sheet.net("outp"), sheet.net("outn")
    inputs = sheet.port("input", "inn", volts=middle), sheet.port("input", "inp", volts=middle)
    kind = sheet.pick(
        "simple", "telescopic", "folded", "resistor", "inverters", weights=(3, 2, 4, 2, 1)
    )
    two = kind != "inverters" and sheet.chance(0.4)
    firsts = (sheet.net("a1"), sheet.net("a2")) if two else outs
    control = sheet.net("vcmfb")
    common_target = THRESHOLD_V + 0.2
    if kind == "inverters":
        for into, out in zip(inputs, outs, strict=True):
            inverter(sheet, into, out)
            inverter(sheet, out, out)
        for a, b in (outs, outs[::-1]):
            inverter(sheet, a, b)
    elif kind == "simple":
        pair(sheet, bias, side, inputs, firsts)
        with sheet.block("load"):
            for net in firsts:
                sheet.mos(other, net, control, sheet.rail(other))
    elif kind == "telescopic":
        inner = sheet.net("x1"), sheet.net("x2")
        pair(sheet, bias, side, inputs, inner, plain=True)
        gates = sheet.port("bias", "vct", volts=sheet.level(side, min(sheet.supply_v * 0.7, 1.3)))
        with sheet.block("cascode"):
            for low, net in zip(inner, firsts, strict=True):
                high = sheet.net("y")
                sheet.mos(side, net, gates, low, vov=0.12)
                sheet.mos(other, net, bias.cascode(other), high)
                sheet.mos(other, high, control, sheet.rail(other))
    elif kind == "folded":
        folds = sheet.net("f1"), sheet.net("f2")
        pair(sheet, bias, side, inputs, folds)
        _fold(sheet, bias, other, folds, firsts, i=1)
        with sheet.block("load"):
            for net in firsts:
                low = sheet.net("y")
                sheet.mos(side, net, bias.cascode(side), low)
                sheet.mos(side, low, control, sheet.rail(side))
    else:
        pair(sheet, bias, side, inputs, firsts)
        sense = sheet.net("rc")
        with sheet.block("load"):
            for net in firsts:
                sheet.mos(other, net, sense, sheet.rail(other))
                sheet.r(net, sense, 4 / sheet.unit_a)
    driven = side if kind == "folded" else other
    if two:
        for into, out in zip(firsts, outs, strict=True):
            with sheet.block("second"):
                sheet.mos(driven, out, into, sheet.rail(driven), i=3)
                bias.source(OTHER[driven], out, i=3)
            compensate(sheet, bias, into, out)
    if kind not in ("inverters", "resistor"):
        common_mode_feedback(sheet, bias, outs, control, driven, turns=two)
    elif two:
        for out in outs:
            sheet.r(out, sheet.rail(driven), common_target / sheet.unit_a)
    for name, net in zip(("outp", "outn"), outs, strict=True):
        sheet.port("output", name, net=net)
    if sheet.chance(0.3):
        for out in outs:
            sheet.c(out, sheet.vss, sheet.log(0.5e-12, 10e-12))


def common_mode_feedback(
    sheet: Sheet,
    bias: Bias,
    outs: tuple[str, str],
    control: str,
    driven: Polarity,
    *,
    turns: bool,
) -> None:
    """Sense the mean of the outputs and compare it with a reference."""
    middle = sheet.supply_v / 2
    reference = sheet.port("bias", "vcm", volts=middle)
    sense = sheet.net("cm")
    kind = sheet.pick("resistors", "pairs", "switched", weights=(3, 2, 1))
    with sheet.block("cmfb"):
        side = OTHER[driven]
        if kind == "pairs":
            # Two pairs share their loads; they compare each output with the reference.
            dump, common = sheet.net("cd"), control
            for out in outs:
                foot = sheet.net("ct")
                to_out, to_ref = (common, dump) if not turns else (dump, common)
                sheet.mos(side, to_out, out, foot, i=0.5)
                sheet.mos(side, to_ref, reference, foot, i=0.5)
                bias.source(side, foot)
            for net in (dump, common):
                sheet.mos(driven, net, net, sheet.rail(driven))
            return
        if kind == "resistors":
            for out in outs:
                sheet.r(out, sense, 5 / sheet.unit_a)
                if sheet.chance(0.5):
                    sheet.c(out, sense, sheet.log(50e-15, 500e-15))
        else:
            clock = sheet.port("clock", "ck", volts=sheet.supply_v)
            for out in outs:
                side_net = sheet.net("cs")
                sheet.c(out, sense, sheet.log(50e-15, 500e-15))
                sheet.c(side_net, sheet.vss, sheet.log(50e-15, 500e-15))
                sheet.switch("n", out, clock, side_net)
                sheet.switch("n", side_net, clock, sense)
        dump, foot = sheet.net("cd"), sheet.net("ct")
        to_out, to_ref = (control, dump) if not turns else (dump, control)
        sheet.mos(side, to_out, sense, foot)
        sheet.mos(side, to_ref, reference, foot)
        bias.source(side, foot, i=2)
        for net in (dump, control):
            sheet.mos(driven, net, net, sheet.rail(driven))
