"""Circuits around operational amplifiers that are black boxes, as application notes have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.datasets.generator.active_filters import (
    all_pass,
    biquad,
    multiple_feedback,
    sallen_key,
    twin_tee,
)
from eda.datasets.generator.amplifier_boxes import (
    Amplifiers,
    any_capacitance,
    any_resistance,
    reference_net,
)
from eda.datasets.generator.discrete import coupling, decoupling, output_pair
from eda.datasets.generator.nonlinear_sections import (
    hysteresis,
    logarithmic,
    oscillator,
    rectifier,
)
from eda.datasets.generator.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable


def inverting(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """An inverting amplifier, integrator or differentiator, by what is in its branches."""
    minus, reference = sheet.net("inv"), reference_net(sheet, amp)
    plus = reference
    if sheet.chance(0.25):
        plus = sheet.net("ni")
        sheet.r(plus, reference, any_resistance(sheet))
    amp.place(plus, minus, out)
    for a, b, feedback in ((node, minus, False), (out, minus, True)):
        kind = sheet.pick("r", "rc_parallel", "c", "rc_series", "diodes", weights=(6, 2, 1, 1, 0.5))
        if kind == "r" or (kind == "diodes" and not feedback):
            sheet.r(a, b, any_resistance(sheet))
        elif kind == "rc_parallel":
            sheet.r(a, b, any_resistance(sheet))
            sheet.c(a, b, any_capacitance(sheet))
        elif kind == "c":
            sheet.c(a, b, any_capacitance(sheet))
            if feedback:
                sheet.r(a, b, sheet.log(1e6, 1e7))
        elif kind == "rc_series":
            middle = sheet.net("z")
            sheet.r(a, middle, any_resistance(sheet))
            sheet.c(middle, b, any_capacitance(sheet))
            if feedback:
                sheet.r(a, b, sheet.log(1e6, 1e7))
        else:
            sheet.d(a, b)
            sheet.d(b, a)
            sheet.r(a, b, any_resistance(sheet))


def non_inverting(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A non-inverting amplifier or a follower."""
    if sheet.chance(0.3):
        if sheet.chance(0.3):
            minus = sheet.net("inv")
            sheet.r(out, minus, any_resistance(sheet))
            amp.place(node, minus, out)
        else:
            amp.place(node, out, out)
        return
    minus, reference = sheet.net("inv"), reference_net(sheet, amp)
    amp.place(node, minus, out)
    sheet.r(out, minus, any_resistance(sheet))
    if sheet.chance(0.3):
        sheet.c(out, minus, any_capacitance(sheet))
    foot = reference
    if sheet.chance(0.3):
        foot = sheet.net("f")
        sheet.c(foot, reference, any_capacitance(sheet) * 100)
    sheet.r(minus, foot, any_resistance(sheet))


def difference(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A difference amplifier, with input buffers (an instrumentation amplifier) or without."""
    other = sheet.port("input", "inn", volts=sheet.supply_v / 2)
    reference = reference_net(sheet, amp)
    nets = [node, other]
    if sheet.chance(0.6):
        feet = sheet.net("ga"), sheet.net("gb")
        buffered = []
        shared = sheet.chance(0.85)
        for net, foot in zip((node, other), feet, strict=True):
            end = sheet.net("bo")
            if shared:
                amp.place(net, foot, end)
                sheet.r(end, foot, any_resistance(sheet))
            else:
                amp.place(net, end, end)
            buffered.append(end)
        if shared:
            sheet.r(*feet, any_resistance(sheet))
        nets = buffered
    minus, plus = sheet.net("inv"), sheet.net("ni")
    sheet.r(nets[0], plus, any_resistance(sheet))
    sheet.r(plus, reference, any_resistance(sheet))
    sheet.r(nets[1], minus, any_resistance(sheet))
    sheet.r(minus, out, any_resistance(sheet))
    if sheet.chance(0.2):
        sheet.c(minus, out, any_capacitance(sheet))
        sheet.c(plus, reference, any_capacitance(sheet))
    amp.place(plus, minus, out)


def summing(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A summing amplifier."""
    minus = sheet.net("inv")
    nets = [node] + [
        sheet.port("input", "in", volts=sheet.supply_v / 2) for _ in range(sheet.number(1, 3))
    ]
    for net in nets:
        source = net
        if sheet.chance(0.2):
            source = sheet.net("cc")
            coupling(sheet, net, source)
        sheet.r(source, minus, any_resistance(sheet))
    sheet.r(minus, out, any_resistance(sheet))
    amp.place(reference_net(sheet, amp), minus, out)


def current_source(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """Voltage to current converters and power drivers with a transistor in the loop."""
    kind = sheet.pick("sink", "howland", "boosted", "high_side", "mosfet")
    reference = reference_net(sheet, amp)
    if kind == "howland":
        minus, plus = sheet.net("inv"), sheet.net("ni")
        inner = sheet.net("h")
        sheet.r(node, plus, 10e3)
        sheet.r(minus, reference, 10e3)
        sheet.r(minus, inner, 10e3)
        sheet.r(inner, out, 1e3)
        sheet.r(out, plus, 10e3)
        amp.place(plus, minus, inner)
        sheet.r(out, reference, 1e3)
    elif kind == "boosted":
        inner, minus = sheet.net("h"), sheet.net("inv")
        amp.place(node, minus, inner)
        end = output_pair(sheet, inner)
        sheet.r(end, minus, any_resistance(sheet))
        sheet.r(minus, reference, any_resistance(sheet))
        sheet.r(end, out, 0.1)
    else:
        gate, sense = sheet.net("g"), sheet.net("sn")
        side = "p" if kind == "high_side" else "n"
        far = sheet.vdd if side == "p" else sheet.vss
        if sheet.chance(0.5):
            inner = sheet.net("h")
            amp.place(node, sense, inner)
            sheet.r(inner, gate, sheet.log(10, 1e3))
        else:
            amp.place(node, sense, gate)
        if kind == "mosfet":
            sheet.mos("n", out, gate, sense, b=sense, i=100)
        else:
            sheet.bjt(side, out, gate, sense)
        sheet.r(sense, far, sheet.log(1, 1e3))
        sheet.r(out, sheet.vdd if side == "n" else sheet.vss, sheet.log(100, 1e4))


def photodiode(sheet: Sheet, amp: Amplifiers, node: str, out: str) -> None:
    """A transimpedance amplifier for a photodiode."""
    minus, reference = sheet.net("inv"), reference_net(sheet, amp)
    sheet.d(*((minus, reference) if sheet.chance(0.5) else (reference, minus)))
    sheet.r(minus, out, sheet.log(1e5, 1e7))
    if sheet.chance(0.7):
        sheet.c(minus, out, sheet.log(1e-12, 100e-12))
    sheet.r(node, minus, 1e6)
    amp.place(reference, minus, out)


SECTIONS: Final[dict[str, tuple[Callable[[Sheet, Amplifiers, str, str], None], float]]] = {
    "inverting": (inverting, 4),
    "non_inverting": (non_inverting, 4),
    "difference": (difference, 2),
    "summing": (summing, 1.5),
    "sallen_key": (sallen_key, 3),
    "multiple_feedback": (multiple_feedback, 2),
    "biquad": (biquad, 1.5),
    "twin_tee": (twin_tee, 1),
    "rectifier": (rectifier, 2),
    "hysteresis": (hysteresis, 1.5),
    "oscillator": (oscillator, 1.5),
    "current_source": (current_source, 1.5),
    "logarithmic": (logarithmic, 0.7),
    "all_pass": (all_pass, 1),
    "photodiode": (photodiode, 1),
}


def opamp_application(sheet: Sheet) -> None:
    """One to four sections around operational amplifiers, one after the other."""
    amp = Amplifiers(sheet)
    node = sheet.port("input", "in", volts=sheet.supply_v / 2)
    if sheet.chance(0.3):
        with sheet.block("input"):
            inner = sheet.net("ci")
            coupling(sheet, node, inner)
            sheet.r(inner, reference_net(sheet, amp), any_resistance(sheet))
            if sheet.chance(0.3):
                sheet.d(inner, sheet.vdd)
                sheet.d(sheet.vss, inner)
        node = inner
    count = int(sheet.pick("1", "2", "3", "4", weights=(3, 3, 2, 1)))
    out = sheet.port("output", "out")
    names = tuple(SECTIONS)
    for at in range(count):
        following = out if at == count - 1 else sheet.net("v")
        name = sheet.pick(*names, weights=[SECTIONS[item][1] for item in names])
        with sheet.block(name):
            SECTIONS[name][0](sheet, amp, node, following)
        if at < count - 1 and sheet.chance(0.2):
            inner = sheet.net("cc")
            coupling(sheet, following, inner)
            sheet.r(inner, reference_net(sheet, amp), any_resistance(sheet))
            following = inner
        node = following
    with sheet.block("output"):
        style = sheet.pick("none", "resistor", "coupled", "rc")
        if style == "resistor":
            sheet.r(out, sheet.ground, any_resistance(sheet))
        elif style == "coupled":
            end = sheet.port("output", "out")
            coupling(sheet, out, end)
            sheet.r(end, sheet.ground, any_resistance(sheet))
        elif style == "rc":
            end = sheet.port("output", "out")
            sheet.r(out, end, sheet.log(10, 1e3))
            sheet.c(end, sheet.ground, any_capacitance(sheet))
    decoupling(sheet)
