"""Stages of amplifiers: input pairs, tails, loads, output stages, compensation.

Every block is written for one polarity and takes the other by argument: a ``n`` pair has NMOS
inputs and its tail at the lower rail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.datasets.generator.sheet import OTHER, THRESHOLD_V, Polarity, Sheet

if TYPE_CHECKING:
    from eda.datasets.generator.bias import Bias


def tail(sheet: Sheet, bias: Bias, side: Polarity, node: str, *, i: float = 2.0) -> None:
    """The current source of a pair; seldom a resistor."""
    with sheet.block("tail"):
        if sheet.chance(0.05):
            drop = max(sheet.supply_v / 2 - THRESHOLD_V - 0.2, 0.15)
            sheet.r(node, sheet.rail(side), drop / (i * sheet.unit_a))
        else:
            bias.source(side, node, i=i)


def pair(
    sheet: Sheet,
    bias: Bias,
    side: Polarity,
    inputs: tuple[str, str],
    outputs: tuple[str, str],
    *,
    i: float = 1.0,
    plain: bool = False,
) -> str:
    """A differential pair with its tail; returns the name of its kind.

    ``outputs[0]`` is the drain under ``inputs[0]``.
    """
    kinds = ("mos", "well", "bjt", "degenerated", "split_tail", "cascoded", "doubled", "bulk")
    kind = "mos" if plain else sheet.pick(*kinds, weights=(8, 2, 2, 1, 1, 1.5, 0.7, 0.3))
    common = sheet.net("tail")
    with sheet.block("input_pair"):
        if kind == "bjt":
            for gate, drain in zip(inputs, outputs, strict=True):
                sheet.bjt(side, drain, gate, common)
        elif kind in ("degenerated", "split_tail"):
            feet = sheet.net("s1"), sheet.net("s2")
            ohms = 0.05 / (i * sheet.unit_a)
            for gate, drain, foot in zip(inputs, outputs, feet, strict=True):
                sheet.mos(side, drain, gate, foot, i=i)
                if kind == "degenerated":
                    sheet.r(foot, common, ohms)
                else:
                    bias.source(side, foot, i=i)
            if kind == "split_tail":
                sheet.r(*feet, ohms)
                return kind
        elif kind == "cascoded":
            gate_line = bias.cascode(side)
            for gate, drain in zip(inputs, outputs, strict=True):
                middle = sheet.net("pc")
                sheet.mos(side, middle, gate, common, i=i, vov=0.12)
                sheet.mos(side, drain, gate_line, middle, i=i, vov=0.12)
        elif kind == "doubled":
            for gate, drain in zip(inputs, outputs, strict=True):
                sheet.mos(side, drain, gate, common, i=i / 2)
                sheet.mos(side, drain, gate, common, i=i / 2)
        elif kind == "bulk":
            for gate, drain in zip(inputs, outputs, strict=True):
                sheet.mos(side, drain, sheet.rail(OTHER[side]), common, b=gate, i=i)
        else:
            bulk = common if kind == "well" else None
            for gate, drain in zip(inputs, outputs, strict=True):
                sheet.mos(side, drain, gate, common, b=bulk, i=i, vov=0.15)
    tail(sheet, bias, side, common, i=2 * i)
    return kind


def mirror(
    sheet: Sheet,
    bias: Bias,
    side: Polarity,
    into: str,
    out: str,
    *,
    i: float = 1.0,
    gain: float = 1.0,
    low: bool = False,
) -> str:
    """A current mirror at the rail of its polarity, in one of eight ways; returns which."""
    rail = sheet.rail(side)
    kinds = ("simple", "wide_swing", "degenerated", "bjt", "wilson", "cascode", "buffered", "self")
    weights = (8, 2, 1, 0.7, 0.6, 0, 0.6, 0.8) if low else (6, 2, 1, 0.7, 0.8, 1.2, 0.6, 0.8)
    kind = sheet.pick(*kinds, weights=weights)
    two = i, i * gain
    with sheet.block("mirror"):
        if kind in ("wide_swing", "self"):
            for drain, share in zip((into, out), two, strict=True):
                middle = sheet.net("m")
                top = bias.cascode(side) if kind == "wide_swing" else into
                sheet.mos(side, middle, into, rail, i=share)
                sheet.mos(side, drain, top, middle, i=share, vov=0.1)
        elif kind == "degenerated":
            for drain, share in zip((into, out), two, strict=True):
                foot = sheet.net("md")
                sheet.r(foot, rail, 0.05 / (share * sheet.unit_a))
                sheet.mos(side, drain, into, foot, i=share)
        elif kind == "bjt":
            for drain in (into, out):
                sheet.bjt(side, drain, into, rail, area=1.0 if drain == into else gain)
        elif kind == "wilson":
            low_net = sheet.net("wi")
            sheet.mos(side, into, low_net, rail, i=two[0])
            sheet.mos(side, low_net, low_net, rail, i=two[1])
            sheet.mos(side, out, into, low_net, i=two[1])
        elif kind == "cascode":
            diode = sheet.net("mc")
            middle = sheet.net("m")
            sheet.mos(side, diode, diode, rail, i=two[0])
            sheet.mos(side, into, into, diode, i=two[0])
            sheet.mos(side, middle, diode, rail, i=two[1])
            sheet.mos(side, out, into, middle, i=two[1])
        elif kind == "buffered":
            gates = sheet.net("mg")
            sheet.mos(side, into, gates, rail, i=two[0])
            sheet.mos(side, out, gates, rail, i=two[1])
            sheet.mos(side, sheet.rail(OTHER[side]), into, gates, i=0.5)
            bias.source(side, gates, i=0.5)
        else:
            sheet.mos(side, into, into, rail, i=two[0])
            sheet.mos(side, out, into, rail, i=two[1])
    return kind


def second_stage(
    sheet: Sheet, bias: Bias, driver: Polarity, into: str, out: str, *, i: float = 4.0
) -> str:
    """An inverting stage; its driver is of the given polarity. Returns its kind."""
    load = OTHER[driver]
    kind = sheet.pick(
        "source_load", "cascoded", "class_ab", "push_pull", "resistor", "diode", "bjt",
        weights=(6, 1, 2, 1, 0.6, 0.4, 0.7),
    )  # fmt: skip
    with sheet.block("output_stage"):
        if kind == "class_ab":
            upper = sheet.net("ab")
            monticelli(sheet, bias, driver, into, upper)
            sheet.mos(driver, out, into, sheet.rail(driver), i=i)
            sheet.mos(load, out, upper, sheet.rail(load), i=i)
        elif kind == "push_pull":
            # A follower shifts the level for the other transistor.
            shifted = sheet.net("ls")
            sheet.mos(driver, out, into, sheet.rail(driver), i=i)
            sheet.mos(load, out, shifted, sheet.rail(load), i=i)
            sheet.mos(load, sheet.rail(driver), into, shifted)
            bias.source(load, shifted)
        elif kind == "bjt":
            sheet.bjt(driver, out, into, sheet.rail(driver), area=2)
            bias.source(load, out, i=i)
        else:
            if kind == "cascoded":
                middle = sheet.net("oc")
                sheet.mos(driver, middle, into, sheet.rail(driver), i=i)
                sheet.mos(driver, out, bias.cascode(driver), middle, i=i)
            else:
                sheet.mos(driver, out, into, sheet.rail(driver), i=i)
            if kind == "resistor":
                sheet.r(out, sheet.rail(load), sheet.supply_v / 2 / (i * sheet.unit_a))
            elif kind == "diode":
                sheet.mos(load, out, out, sheet.rail(load), i=i, vov=sheet.supply_v / 2 - 0.3)
            else:
                bias.source(load, out, i=i)
    return kind


def monticelli(sheet: Sheet, bias: Bias, side: Polarity, lower: str, upper: str) -> None:
    """The floating class AB control between two gates, with its two chains of diodes."""
    other = OTHER[side]
    bias.source(other, upper)
    bias.source(side, lower)
    for polarity, drain, source in ((side, upper, lower), (other, lower, upper)):
        gate = sheet.net("abg")
        middle = sheet.net("abd")
        sheet.mos(polarity, drain, gate, source, i=0.5)
        sheet.mos(polarity, middle, middle, sheet.rail(polarity))
        sheet.mos(polarity, gate, gate, middle)
        bias.source(OTHER[polarity], gate)


def follower(sheet: Sheet, bias: Bias, into: str, out: str) -> str:
    """A unity-gain buffer: source follower, push-pull or emitter followers."""
    kind = sheet.pick("source", "push_pull", "emitter", "diamond", "super", weights=(4, 2, 2, 1, 1))
    side = sheet.polarity()
    other = OTHER[side]
    with sheet.block("follower"):
        if kind == "source":
            bulk = out if sheet.chance(0.3) else None
            sheet.mos(side, sheet.rail(other), into, out, b=bulk, i=4)
            bias.source(side, out, i=4)
        elif kind == "push_pull":
            up, down = sheet.net("fu"), sheet.net("fd")
            bias.source("p", up)
            bias.source("n", down)
            if sheet.chance(0.5):
                sheet.mos("n", up, up, into)
                sheet.mos("p", down, down, into)
            else:
                sheet.d(up, into)
                sheet.d(into, down)
            sheet.mos("n", sheet.vdd, up, out, i=4)
            sheet.mos("p", sheet.vss, down, out, i=4)
        elif kind == "emitter":
            sheet.bjt(side, sheet.rail(other), into, out, area=2)
            bias.source(side, out, i=4)
        elif kind == "diamond":
            up, down = sheet.net("fu"), sheet.net("fd")
            bias.source("p", up)
            bias.source("n", down)
            sheet.bjt("p", sheet.vss, into, up)
            sheet.bjt("n", sheet.vdd, into, down)
            sheet.bjt("n", sheet.vdd, up, out, area=2)
            sheet.bjt("p", sheet.vss, down, out, area=2)
        else:
            gate = sheet.net("sf")
            sheet.mos(side, gate, into, out)
            bias.source(other, gate)
            sheet.mos(other, out, gate, sheet.rail(other), i=3)
            bias.source(side, out, i=3)
    return kind


def compensate(sheet: Sheet, bias: Bias, into: str, out: str, *, inner: str | None = None) -> str:
    """A Miller capacitance from the output back to the first stage, in one of its ways."""
    farads = sheet.log(0.2e-12, 8e-12)
    kinds = ["miller", "zero", "mos_zero", "follower", "load"]
    weights = [3.0, 4.0, 1.0, 0.6, 0.8]
    if inner is not None:
        kinds.append("cascode")
        weights.append(3.0)
    kind = sheet.pick(*kinds, weights=weights)
    with sheet.block("compensation"):
        if kind == "miller":
            sheet.c(into, out, farads)
        elif kind == "zero":
            middle = sheet.net("cz")
            sheet.r(into, middle, sheet.log(300, 20e3))
            sheet.c(middle, out, farads)
        elif kind == "mos_zero":
            middle = sheet.net("cz")
            side = sheet.polarity()
            if sheet.chance(0.6):
                gate = sheet.rail(OTHER[side])
            else:
                gate = sheet.port("bias", "vz", volts=sheet.level(side, sheet.supply_v * 0.8))
            sheet.mos(side, into, gate, middle)
            sheet.c(middle, out, farads)
        elif kind == "follower":
            middle = sheet.net("cf")
            side = sheet.polarity()
            sheet.mos(side, sheet.rail(OTHER[side]), out, middle)
            bias.source(side, middle)
            sheet.c(into, middle, farads)
        elif kind == "cascode":
            sheet.c(inner or into, out, farads)
        else:
            sheet.c(out, sheet.vss, farads * 4)
    return kind
